"""How a node's parameter names a stored connection: always by its id, never by a template, never by its secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic_core import PydanticCustomError, core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


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
            {"value": str(value)[:80]},
        ) from error
