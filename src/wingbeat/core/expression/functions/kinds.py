"""What kind of value something is."""

from __future__ import annotations

from wingbeat.core.expression.function import Function
from wingbeat.core.expression.values import NUMBERS, kind

# fmt: off
FUNCTIONS = (
    Function(
        "type", "any", "", "The kind of a value: null, boolean, number, text, list or object.",
        example="type([1])", result="list", run=kind,
    ),
    Function(
        "is_null", "any", "", "Whether the value is null.",
        example="is_null(null)", result=True, run=lambda value: value is None,
    ),
    Function(
        "is_boolean", "any", "", "Whether the value is true or false.",
        example="is_boolean(0)", result=False, run=lambda value: type(value) is bool,
    ),
    Function(
        "is_number", "any", "", "Whether the value is a number.",
        example="is_number(1.5)", result=True, run=lambda value: type(value) in NUMBERS,
    ),
    Function(
        "is_integer", "any", "", "Whether the value is a whole number without decimals.",
        example="is_integer(1.5)", result=False, run=lambda value: type(value) is int,
    ),
    Function(
        "is_text", "any", "", "Whether the value is text.",
        example='is_text("a")', result=True, run=lambda value: type(value) is str,
    ),
    Function(
        "is_list", "any", "", "Whether the value is a list.",
        example="is_list([])", result=True, run=lambda value: type(value) is list,
    ),
    Function(
        "is_object", "any", "", "Whether the value is an object.",
        example="is_object({})", result=True, run=lambda value: type(value) is dict,
    ),
    Function(
        "is_empty", "any", "", "Whether the value is null, or a text, list or object with nothing in it.",
        example='is_empty("")', result=True, run=lambda value: value is None or value in ("", [], {}),
    ),
    Function(
        "bool", "any", "", "False for null, 0, and empty texts, lists and objects; true for all else.",
        example="bool([])", result=False, run=bool,
    ),
)
# fmt: on
