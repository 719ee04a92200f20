"""The shape of what comes out of a port in words, read off its JSON Schema. How it is shown is not decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema: TypeAlias = "Mapping[str, Any]"

# What is nested deeper is for the schema itself to tell.
DEEPEST = 2
WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "array": "list",
    "object": "object",
}


def describe_shape(schema: Schema | None) -> str:
    """For example "object: `rows` (list of objects), `affected` (whole number)"; empty where nothing is known."""
    return "" if schema is None else _describe(schema, DEEPEST)


def _describe(schema: Schema, deeper: int) -> str:
    if "anyOf" in schema:
        return ", or ".join(_describe(part, deeper) for part in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    kinds = schema.get("type", ())
    names = [kinds] if isinstance(kinds, str) else list(kinds)
    if "array" in names and "items" in schema:
        items = _describe(schema["items"], deeper)
        return _with_null(f"list of {_plural(items)}" if items else "list", names)
    if "object" in names and deeper:
        return _with_null(_describe_object(schema, deeper), names)
    return " or ".join(WORDS[name] for name in names)


def _describe_object(schema: Schema, deeper: int) -> str:
    properties = {**{name: {} for name in schema.get("required", ())}, **schema.get("properties", {})}
    fields = [_field(name, inner, deeper - 1) for name, inner in properties.items()]
    return f"object: {', '.join(fields)}" if fields else "object"


def _field(name: str, schema: Schema, deeper: int) -> str:
    shape = _describe(schema, deeper)
    return f"`{name}` ({shape})" if shape else f"`{name}`"


def _with_null(shape: str, names: list[str]) -> str:
    return f"null or {shape}" if "null" in names else shape


def _plural(items: str) -> str:
    plural = {"object": "objects", "text": "texts", "whole number": "whole numbers", "number": "numbers"}
    head, colon, rest = items.partition(":")
    return plural.get(head, head) + colon + rest
