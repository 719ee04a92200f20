"""Comprehensions and displays: the closures that make lists and objects. Every turn of a loop is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from wingbeat.core.errors import ExpressionError
from wingbeat.core.expression.lookups import Closure
from wingbeat.core.expression.names import State
from wingbeat.core.expression.values import described
from wingbeat.core.json_value import Json

Turn: TypeAlias = Callable[[State], None]


@dataclass(frozen=True, slots=True)
class Loop:
    """One `for targets in values if conditions`; several slots take a list apart."""

    values: Closure
    slots: tuple[int, ...]
    unpack: bool
    conditions: tuple[Closure, ...]
    position: int


def make_list(elements: list[Closure]) -> Closure:
    """`[a, b]`."""

    def run(state: State) -> Json:
        state.make(len(elements))
        return [element(state) for element in elements]

    return run


def make_object(pairs: list[tuple[Closure, Closure]], position: int) -> Closure:
    """`{"a": b}`."""

    def run(state: State) -> Json:
        state.make(len(pairs))
        return {_key(key(state), position): value(state) for key, value in pairs}

    return run


def list_of(element: Closure, loops: list[Loop]) -> Closure:
    """`[element for ...]`."""
    place = loops[0].slots[0]

    def turn(state: State, made: list[Json]) -> None:
        state.make(1)
        made.append(element(state))

    if len(loops) == 1 and not loops[0].unpack:
        return _simple_list(element, loops[0], place)

    def run(state: State) -> Json:
        made: list[Json] = []
        _turns(loops, 0, state, lambda inner: turn(inner, made))
        return made

    return run


def _simple_list(element: Closure, loop: Loop, place: int) -> Closure:
    """The usual comprehension, with one loop and one name, without the cost of the general case."""
    values, conditions, position = loop.values, loop.conditions, loop.position

    def run(state: State) -> Json:
        made: list[Json] = []
        slots = state.slots
        for value in iterate(values(state), position):
            state.steps -= 1
            if state.steps < 0:
                state.exhausted()
            slots[place] = value
            for condition in conditions:
                if not condition(state):
                    break
            else:
                made.append(element(state))
        # Counted afterwards: the steps of the loop have bounded it so far.
        state.make(len(made))
        return made

    return run


def object_of(key: Closure, value: Closure, loops: list[Loop], position: int) -> Closure:
    """`{key: value for ...}`."""

    def run(state: State) -> Json:
        made: dict[str, Json] = {}

        def turn(inner: State) -> None:
            inner.make(1)
            made[_key(key(inner), position)] = value(inner)

        _turns(loops, 0, state, turn)
        return made

    return run


def _turns(loops: list[Loop], place: int, state: State, turn: Turn) -> None:
    if place == len(loops):
        turn(state)
        return
    loop = loops[place]
    for value in iterate(loop.values(state), loop.position):
        state.charge(1)
        _bind(loop, value, state)
        if all(condition(state) for condition in loop.conditions):
            _turns(loops, place + 1, state, turn)


def _bind(loop: Loop, value: Json, state: State) -> None:
    if not loop.unpack:
        state.slots[loop.slots[0]] = value
        return
    if type(value) is not list or len(value) != len(loop.slots):
        held = f"a list of {len(value)}" if type(value) is list else f"{described(value)}"
        raise ExpressionError(
            f"Cannot take {held} apart into {len(loop.slots)} names.",
            code="EXPRESSION_TYPE",
            remedy="Every element must be a list of that length; for an object go through `.items()`.",
            position=loop.position,
        )
    for slot, part in zip(loop.slots, value, strict=True):
        state.slots[slot] = part


def iterate(values: Json, position: int) -> Iterable[Json]:
    """The elements of a list or the keys of an object. Raises ExpressionError for anything else."""
    if type(values) is list or type(values) is dict:
        return values
    remedy = (
        "Use `.characters()`, `.lines()` or `.split()` for the parts of a text."
        if type(values) is str
        else "Only lists and objects hold parts."
    )
    raise ExpressionError(
        f"Cannot go through {described(values)}.", code="EXPRESSION_TYPE", remedy=remedy, position=position
    )


def _key(key: Json, position: int) -> str:
    if type(key) is not str:
        raise ExpressionError(
            f"The key of an object must be text, not {described(key)}.",
            code="EXPRESSION_TYPE",
            remedy="Write `text(x)`.",
            position=position,
        )
    return key
