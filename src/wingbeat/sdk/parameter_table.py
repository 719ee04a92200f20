"""What a node type's parameters are, one by one, read off its JSON Schema. How they are shown is not decided here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wingbeat.core.json_value import Json

Schema: TypeAlias = "Mapping[str, Any]"

KINDS = {
    "literal": "taken as it stands",
    "template": "a value, or text with `{{ }}` that is worked out before the node runs",
    "expression": "one expression without braces, worked out by the node itself",
    "connection": "the id of a stored connection, of which docs/connections.md tells; never its secrets",
    "fields": "an object, or a list of them, whose fields are listed after it",
}
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter. `path` is dotted, with `[]` for each item of a list; `kind` is one of `KINDS`.

    `type` says in words what fits. `names` are those that the node itself gives to an expression. A parameter that is
    not `required` has a `default`.
    """

    path: str
    kind: str
    type: str
    required: bool
    default: Json
    help: str
    names: Sequence[str]
    examples: Sequence[Json]


def list_parameters(schema: Schema) -> list[ParameterRow]:
    """The parameters of a node type, those inside of others right after them; `schema` is that of `describe()`."""
    definitions = schema.get("$defs", {})
    return list(_rows(schema, {name: inner for name, inner in definitions.items() if inner}, ""))


def _rows(model: Schema, definitions: Schema, prefix: str) -> Iterator[ParameterRow]:
    for name, field in model.get("properties", {}).items():
        path = f"{prefix}{name}"
        if field.get("$ref", "").rsplit("/", 1)[-1] not in {"", *definitions}:
            # It leads to a schema that says nothing: any JSON.
            field = {key: value for key, value in field.items() if key != "$ref"}  # noqa: PLW2901 - the same field
        inner = list(_inner_models(field))
        yield ParameterRow(
            path=path,
            kind=_mark(field, "x-wingbeat") or ("fields" if inner else "literal"),
            type=describe_type(field),
            required=name in model.get("required", ()),
            default=field.get("default"),
            help=field.get("description", ""),
            names=tuple(_mark(field, "x-wingbeat-names") or ()),
            examples=tuple(field.get("examples", ())),
        )
        for model_name, suffix in inner:
            yield from _rows(definitions[model_name], definitions, f"{path}{suffix}.")


def _parts(field: Schema) -> Sequence[Schema]:
    """What a field may be, instead of the text with braces that any template may be."""
    parts = [part for part in field.get("anyOf", ()) if "{{" not in part.get("pattern", "").replace("\\", "")]
    return [inner for part in parts for inner in (_parts(part) or [part])]


def _mark(field: Schema, name: str) -> Any:  # noqa: ANN401 - text or a list of texts
    return next((part[name] for part in (field, *_parts(field)) if name in part), None)


def _inner_models(field: Schema) -> Iterator[tuple[str, str]]:
    for part in _parts(field) or [field]:
        for found, suffix in ((part, ""), (part.get("items", {}), "[]")):
            if "$ref" in found:
                yield found["$ref"].rsplit("/", 1)[-1], suffix


def describe_type(field: Schema) -> str:
    """What fits, in words."""
    if parts := _parts(field):
        return " or ".join(describe_type(part) for part in parts)
    if "enum" in field or "const" in field:
        return " or ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    kind = field.get("type")
    if kind == "array":
        return f"list of {_plural(field['items'])}" + _bounds(field, "minItems", "maxItems", "items")
    if kind == "string":
        return "text" + _bounds(field, "minLength", "maxLength", "characters")
    if kind is None or kind == "object":
        return _describe_object(field)
    return _TYPES[kind] + _range(field)


def _describe_object(field: Schema) -> str:
    if "type" not in field and "$ref" not in field:
        return "any JSON"
    values = _values(field)
    return f"object of {_plural(values)}" if values else "object"


def _values(field: Schema) -> Schema | None:
    values = field.get("additionalProperties")
    return values if isinstance(values, dict) else None


def _plural(inner: Schema) -> str:
    described = describe_type(inner)
    plural = {"object": "objects", "text": "texts", "whole number": "whole numbers"}
    head, bounds, rest = described.partition(" (")
    return plural.get(head, head) + bounds + rest


def _bounds(field: Schema, lowest: str, highest: str, unit: str) -> str:
    low, high = field.get(lowest), field.get(highest)
    match low, high:
        case None, None:
            return ""
        case None, _:
            return f" (at most {high} {unit})"
        case _, None:
            return f" (at least {low} {unit if low != 1 else unit.removesuffix('s')})"
        case _:
            return f" ({low} to {high} {unit})"


def _range(field: Schema) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    words = [
        "" if low is None else f"at least {low:g}",
        f"more than {field['exclusiveMinimum']:g}" if "exclusiveMinimum" in field else "",
        "" if high is None else f"at most {high:,.0f}",
    ]
    said = ", ".join(word for word in words if word)
    return f" ({said})" if said else ""
