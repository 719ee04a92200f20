"""How a node's parameter names a stored connection: always by its id, never by a template, never by its secrets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, get_args
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import PydanticCustomError, core_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

    from wingbeat.core.json_value import Json


@dataclass(frozen=True, slots=True)
class ConnectionMarker:
    """Marks a field that holds a connection's id: `Annotated[str, ConnectionMarker("smtp")]`.

    `kinds` are the kinds of connection that fit; a form offers those only, and saving a workflow checks it.
    """

    kinds: tuple[str, ...]

    def __init__(self, *kinds: str) -> None:
        object.__setattr__(self, "kinds", kinds)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Accept a UUID in its usual spelling."""
        return core_schema.no_info_after_validator_function(_connection_id, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Tell the form which connections to offer."""
        return {
            **handler(schema),
            "format": "uuid",
            "x-wingbeat": "connection",
            "x-wingbeat-kinds": list(self.kinds),
        }


def _connection_id(value: object) -> object:
    if value is None:
        return None
    try:
        return str(UUID(str(value)))
    except ValueError as error:
        raise PydanticCustomError(
            "connection_id",
            "'{value}' is no id of a connection; choose one of the stored connections",
            {"value": str(value)[:80].encode("utf-8", "replace").decode()},
        ) from error


class NamedConnection(NamedTuple):
    """A connection that a node's parameters name: where, as `steps.0.connection`, and what kinds would fit."""

    path: str
    connection_id: str
    kinds: tuple[str, ...]


class _Field(NamedTuple):
    name: str
    kinds: tuple[str, ...] | None
    model: type[BaseModel] | None


def named_connections(model: type[BaseModel], value: Json, path: tuple[str, ...] = ()) -> Iterator[NamedConnection]:
    """The connections in the raw parameters of a node, those of nested fields too."""
    if not isinstance(value, dict):
        return
    for field in _fields_with_connections(model):
        yield from _in_value(field, value.get(field.name), (*path, field.name))


def _in_value(field: _Field, value: Json, path: tuple[str, ...]) -> Iterator[NamedConnection]:
    if field.kinds is not None and isinstance(value, str):
        yield NamedConnection(".".join(path), value, field.kinds)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _in_value(field, item, (*path, str(index)))
    elif field.model is not None:
        yield from named_connections(field.model, value, path)


@cache
def _fields_with_connections(model: type[BaseModel]) -> tuple[_Field, ...]:
    """The fields that name a connection or hold a model with one. A model that holds itself is looked into once."""
    return tuple(_find_fields(model, frozenset()))


def _find_fields(model: type[BaseModel], around: frozenset[type[BaseModel]]) -> Iterator[_Field]:
    for name, info in model.model_fields.items():
        parts = [*info.metadata, *_parts(info.annotation)]
        marker = next((part for part in parts if isinstance(part, ConnectionMarker)), None)
        inner = next((part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)), None)
        if marker is not None:
            yield _Field(info.alias or name, marker.kinds, None)
        elif (
            inner is not None and inner not in around and (inner is model or any(_find_fields(inner, around | {model})))
        ):
            yield _Field(info.alias or name, None, inner)


def _parts(annotation: object) -> list[object]:
    metadata = getattr(annotation, "__metadata__", ())
    return [annotation, *metadata, *(inner for part in get_args(annotation) for inner in _parts(part))]
