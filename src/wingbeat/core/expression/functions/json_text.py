"""JSON text to values and back."""

from __future__ import annotations

import json
from typing import NoReturn

from wingbeat.core.expression.budget import Meter
from wingbeat.core.expression.function import Function, bad_value
from wingbeat.core.expression.values import measure, to_json
from wingbeat.core.json_value import Json

MAX_INDENT = 8
MAX_DIGITS = 4_000


def _no_constant(name: str) -> NoReturn:
    raise bad_value(f"The text holds {name}, which is no JSON.", "Write null.")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise bad_value(f"The text holds a number of {len(digits)} digits.", f"{MAX_DIGITS} are the most.")
    return int(digits)


def _from_json(meter: Meter, text: str) -> Json:
    try:
        value: Json = json.loads(text, parse_constant=_no_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise bad_value(
            f"The text is no JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            "See where it comes from.",
        ) from None
    except RecursionError:
        meter.deeper(meter.budget.depth + 1)
        raise
    meter.make(measure(value, meter))
    return value


def _to_json(meter: Meter, value: Json, indent: int | None = None) -> str:
    if indent is not None and not 0 <= indent <= MAX_INDENT:
        raise bad_value(f"Cannot indent by {indent} spaces.", f"Give a number between 0 and {MAX_INDENT}.")
    return to_json(value, meter, indent)


# fmt: off
FUNCTIONS = (
    Function(
        "to_json", "any", "indent?: integer", "The value as JSON text, on one line unless indented.",
        example='{"a": [1, null]}.to_json()', result='{"a":[1,null]}', run=_to_json, aliases=("json",), metered=True,
    ),
    Function(
        "from_json", "text", "", "The value that a JSON text says.",
        example='"[1, 2]".from_json()', result=[1, 2], run=_from_json, aliases=("parse_json",), metered=True,
    ),
)
# fmt: on
