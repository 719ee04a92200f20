"""What kind of value something is."""

from __future__ import annotations

from wingbeat.core.expression.function import Function
from wingbeat.core.expression.values import NUMBERS, kind

FUNCTIONS = (
    Function("type", "any", "", "The kind of a value: null, boolean, number, text, list or object.", "type([1])", "list", kind),
    Function("is_null", "any", "", "Whether the value is null.", "is_null(null)", True, lambda value: value is None),  # noqa: FBT003
    Function("is_boolean", "any", "", "Whether the value is true or false.", "is_boolean(0)", False, lambda value: type(value) is bool),  # noqa: FBT003
    Function("is_number", "any", "", "Whether the value is a number.", "is_number(1.5)", True, lambda value: type(value) in NUMBERS),  # noqa: FBT003
    Function("is_integer", "any", "", "Whether the value is a whole number without decimals.", "is_integer(1.5)", False, lambda value: type(value) is int),  # noqa: FBT003
    Function("is_text", "any", "", "Whether the value is text.", 'is_text("a")', True, lambda value: type(value) is str),  # noqa: FBT003
    Function("is_list", "any", "", "Whether the value is a list.", "is_list([])", True, lambda value: type(value) is list),  # noqa: FBT003
    Function("is_object", "any", "", "Whether the value is an object.", "is_object({})", True, lambda value: type(value) is dict),  # noqa: FBT003
    Function("is_empty", "any", "", "Whether the value is null, or a text, list or object with nothing in it.", 'is_empty("")', True, lambda value: value is None or value in ("", [], {})),  # noqa: FBT003
    Function("bool", "any", "", "False for null, 0, and empty texts, lists and objects; true for all else.", "bool([])", False, bool),  # noqa: FBT003
)
