"""Looking things up: names, fields, places in lists, slices. Each maker takes closures and returns one closure.

With `guarded`, what is missing raises the cheap Absent for the default around it, instead of an error that explains.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from wingbeat.core.errors import ExpressionError
from wingbeat.core.expression.names import Absent, State
from wingbeat.core.expression.table import OVERLOADS
from wingbeat.core.expression.values import JSON_TYPES, closest, described, kind, not_json
from wingbeat.core.json_value import Json

Closure: TypeAlias = Callable[[State], Json]


def constant(value: Json) -> Closure:
    """Always the same value."""
    return lambda _: value


def name(wanted: str, position: int, *, guarded: bool) -> Closure:
    """A top-level name."""

    def look_up(state: State) -> Json:
        try:
            found = state.names.name(wanted)
        except KeyError:
            if guarded:
                raise Absent from None
            raise state.missing_name(wanted, position) from None
        if type(found) not in JSON_TYPES:
            raise not_json(found)
        return found

    return look_up


def node(node_id: str, position: int, *, guarded: bool) -> Closure:
    """The output of a node."""

    def look_up(state: State) -> Json:
        try:
            found = state.names.node(node_id)
        except KeyError:
            if guarded:
                raise Absent from None
            raise state.missing_node(node_id, position) from None
        if type(found) not in JSON_TYPES:
            raise not_json(found)
        return found

    return look_up


def slot(place: int) -> Closure:
    """What a comprehension has bound."""
    return lambda state: state.slots[place]


def field(value: Closure, key: str, position: int, *, guarded: bool) -> Closure:
    """`value.key`: a key of an object, never anything else."""

    def look_up(state: State) -> Json:
        found = value(state)
        if type(found) is dict and key in found:
            return found[key]
        if guarded and (found is None or type(found) is dict):
            raise Absent
        raise no_field(found, key, position)

    return look_up


def field_of_name(wanted: str, key: str, positions: tuple[int, int], *, guarded: bool) -> Closure:
    """`name.key` in one step, since most look-ups are of this form; the long way says what is missing."""

    def look_up(state: State) -> Json:
        try:
            found = state.names.name(wanted)
        except KeyError:
            found = None
        if type(found) is dict and key in found:
            return found[key]
        return field(name(wanted, positions[0], guarded=guarded), key, positions[1], guarded=guarded)(state)

    return look_up


def field_of_slot(place: int, key: str, position: int, *, guarded: bool) -> Closure:
    """`x.key` in one step, for the name of a comprehension; the long way says what is missing."""

    def look_up(state: State) -> Json:
        found = state.slots[place]
        if type(found) is dict and key in found:
            return found[key]
        return field(slot(place), key, position, guarded=guarded)(state)

    return look_up


def no_field(value: Json, key: str, position: int) -> ExpressionError:
    """Why `value` has no `key`, and what was perhaps meant."""
    if type(value) is dict:
        remedy = f"{closest(key, value)} Where it may be missing, give a default with `??`.".strip()
        if dict in OVERLOADS.get(key, {}):
            remedy = f"To call the function, write `.{key}()`. {remedy}".strip()
        return ExpressionError(
            f"The object has no key {key[:100]!r}.", code="EXPRESSION_KEY_MISSING", remedy=remedy, position=position
        )
    if value is None:
        return ExpressionError(
            f"Cannot take {key[:100]!r} of null.",
            code="EXPRESSION_NULL_VALUE",
            remedy="Give a default with `??`, or see why the value before it is null.",
            position=position,
        )
    remedy = "Only objects have fields."
    if type(value) in OVERLOADS.get(key, {}):
        remedy = f"To call the function, write `.{key}()`."
    elif type(value) is list:
        remedy = f"Take one element, `[0].{key}`, or this field of all: `| pluck('{key}')`."
    return ExpressionError(
        f"There is no field {key[:100]!r} in {described(value)}.",
        code="EXPRESSION_TYPE",
        remedy=remedy,
        position=position,
    )


def subscript(value: Closure, index: Closure, position: int, *, guarded: bool) -> Closure:
    """`value[index]`: a key of an object, or a place in a list or text, counted from the end when negative."""

    def look_up(state: State) -> Json:
        found = value(state)
        key = index(state)
        if type(key) is str and type(found) is dict and key in found:
            return found[key]
        if type(key) is int and (type(found) is list or type(found) is str) and -len(found) <= key < len(found):
            return found[key]
        if guarded and (found is None or (type(found), type(key)) in _MISSABLE):
            raise Absent
        raise _no_element(found, key, position)

    return look_up


# What may lack an element of that kind; every other pair is a mistake that no default hides.
_MISSABLE = frozenset(((dict, str), (list, int), (str, int)))


def _no_element(value: Json, key: Json, position: int) -> ExpressionError:
    if type(key) is str:
        return no_field(value, key, position)
    if type(key) is int and (type(value) is list or type(value) is str):
        return ExpressionError(
            f"There is no place {key}: the {kind(value)} has {len(value)}.",
            code="EXPRESSION_INDEX_OUT_OF_RANGE",
            remedy="Places are counted from 0; `first()` and `last()` give null for an empty list.",
            position=position,
        )
    return ExpressionError(
        f"Cannot take {described(value)} at an index of kind {kind(key)}.",
        code="EXPRESSION_NULL_VALUE" if value is None else "EXPRESSION_TYPE",
        remedy="Objects take a text, lists and texts a whole number.",
        position=position,
    )


def piece(value: Closure, bounds: tuple[Closure, Closure, Closure], position: int, *, guarded: bool) -> Closure:
    """`value[start:stop:step]` of a list or text."""
    start, stop, step = bounds

    def look_up(state: State) -> Json:
        found = value(state)
        limits: tuple[Any, ...] = (start(state), stop(state), step(state))
        if found is None and guarded:
            raise Absent
        if type(found) is not list and type(found) is not str:
            raise ExpressionError(
                f"Cannot take a part of {described(found)}.",
                code="EXPRESSION_TYPE",
                remedy="Only lists and texts have parts.",
                position=position,
            )
        if any(limit is not None and type(limit) is not int for limit in limits) or limits[2] == 0:
            raise ExpressionError(
                "The bounds of a part must be whole numbers, and its step not 0.",
                code="EXPRESSION_TYPE",
                remedy="Write them as `list[1:5]` or `list[::2]`.",
                position=position,
            )
        part = found[limits[0] : limits[1] : limits[2]]
        state.make(len(part))
        return part

    return look_up


def default(value: Closure, other: Closure) -> Closure:
    """`value ?? other`: the other when something looked up in the value is missing, or it is null."""

    def choose(state: State) -> Json:
        try:
            found = value(state)
        except Absent:
            return other(state)
        return other(state) if found is None else found

    return choose
