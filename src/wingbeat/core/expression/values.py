"""What expressions know about JSON values: their kinds, their size, when two are equal, and how they read as text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TypeAlias

from wingbeat.core.errors import ExpressionError
from wingbeat.core.expression.budget import Meter
from wingbeat.core.json_value import Json

KIND_OF_TYPE: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "text",
    list: "list",
    dict: "object",
}
JSON_TYPES = frozenset(KIND_OF_TYPE)
NUMBERS = frozenset((int, float))
CONTAINERS = frozenset((list, dict))
INFINITY = float("inf")
CHOICES_TRIED = 2_000
CHOICES_SHOWN = 8

Sizes: TypeAlias = dict[int, int]


def kind(value: object) -> str:
    """The name of a value's kind as users know it."""
    return KIND_OF_TYPE.get(type(value), f"{type(value).__name__}, which is no JSON value")


def described(value: object) -> str:
    """A value's kind as it reads in a sentence: a text, an object, null."""
    name = kind(value)
    if name == "null":
        return name
    return f"an {name}" if name == "object" else f"a {name}"


def closest(name: str, known: Iterable[str], *, quote: str = "'") -> str:
    """A sentence that names the closest match, or the first few of `known`; empty when nothing is known."""
    choices = [choice for choice, _ in zip(known, range(CHOICES_TRIED), strict=False) if type(choice) is str]
    matches = get_close_matches(name[:100], [choice for choice in choices if len(choice) <= len(name) * 3 + 3], 1, 0.6)
    if matches:
        return f"Did you mean {quote}{matches[0]}{quote}?"
    shown = ", ".join(choice[:60] for choice in sorted(choices)[:CHOICES_SHOWN])
    return f"There is: {shown}{', ...' if len(choices) > CHOICES_SHOWN else ''}." if shown else ""


def check_number(value: float, meter: Meter) -> None:
    """Refuse a number that JSON cannot hold (infinite, not a number) or that is too long."""
    if type(value) is int:
        meter.integer(value.bit_length())
    elif not -INFINITY < value < INFINITY:
        raise ExpressionError(
            "The result is too large for a decimal number.",
            code="EXPRESSION_NUMBER_OUT_OF_RANGE",
            remedy="Use smaller numbers.",
        )


def measure(value: Json, meter: Meter) -> int:
    """The size of a value as it would be written: every character and element, shared parts as often as they occur.

    Raises LimitReached when it nests too deep or is larger than the whole budget, ExpressionError for what is no JSON.
    Shared parts are looked at once, so a value that repeats itself exponentially is measured in no time.
    """
    size = _measure(value, meter, 0, {})
    if size > meter.budget.output_size:
        meter.make(size)
    return size


def _measure(value: Json, meter: Meter, depth: int, seen: Sizes) -> int:
    value_type = type(value)
    if value_type is str:
        return len(value) + 1  # type: ignore[arg-type]
    if value_type is list or value_type is dict:
        known = seen.get(id(value))
        if known is None:
            known = _measure_container(value, meter, depth + 1, seen)  # type: ignore[arg-type]
            seen[id(value)] = known
        return known
    if value_type not in JSON_TYPES:
        raise not_json(value)
    if value_type is float or value_type is int:
        check_number(value, meter)  # type: ignore[arg-type]
    return 1


def _measure_container(value: list[Json] | dict[str, Json], meter: Meter, depth: int, seen: Sizes) -> int:
    meter.deeper(depth)
    size = 1
    if type(value) is dict:
        for key in value:
            if type(key) is not str:
                raise not_json(key)
            size += len(key)
        parts: Iterable[Json] = value.values()
    else:
        parts = value
    for part in parts:
        size += _measure(part, meter, depth, seen)
    return size


def not_json(value: object) -> ExpressionError:
    """The refusal of a value that is none of the JSON kinds."""
    return ExpressionError(
        f"Got a value of kind {kind(value)}.",
        code="EXPRESSION_NOT_JSON",
        remedy="Only null, booleans, numbers, texts, lists and objects can be used.",
    )


def equal(left: Json, right: Json, meter: Meter) -> bool:
    """Whether two values are equal, as in Python (1 == 1.0, and true == 1), with every walk through them counted."""
    left_type = type(left)
    if left_type is not type(right) or left_type not in CONTAINERS:
        return left == right
    meter.charge(1 + len(left) // 16)  # type: ignore[arg-type]
    if len(left) != len(right):  # type: ignore[arg-type]
        return False
    if left_type is list:
        return all(equal(one, other, meter) for one, other in zip(left, right, strict=True))  # type: ignore[arg-type]
    return _equal_objects(left, right, meter)  # type: ignore[arg-type]


def _equal_objects(left: dict[str, Json], right: dict[str, Json], meter: Meter) -> bool:
    return all(key in right and equal(value, right[key], meter) for key, value in left.items())


def index_of(values: list[Json], wanted: Json, meter: Meter) -> int:
    """The place of the first element that equals `wanted`, or -1."""
    meter.walk(len(values))
    if type(wanted) in CONTAINERS:
        return next((place for place, value in enumerate(values) if equal(value, wanted, meter)), -1)
    return values.index(wanted) if wanted in values else -1


def to_json(value: Json, meter: Meter, indent: int | None = None, *, sort_keys: bool = False) -> str:
    """A value as JSON text, measured before it is written."""
    meter.make(measure(value, meter))
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, separators=separators, indent=indent, sort_keys=sort_keys
    )
    meter.make(len(text))
    return text


def to_text(value: Json, meter: Meter) -> str:
    """How a value reads within a text: itself when it is text, nothing for null, JSON otherwise."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    return to_json(value, meter)
