"""Values checked against schemas that other people wrote, as far as these can be used at all."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from wingbeat.core.errors import StepError
from wingbeat.sdk.schema_check import Schema, read_schema

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject


class SchemaCheck:
    """One schema with the definitions that it refers to; read when it is first used."""

    def __init__(self, schema: Json, definitions: JsonObject) -> None:
        self.schema = schema
        self._definitions = definitions

    def fault(self, value: object) -> str | None:
        """What is wrong with a value, with where in it; None if it fits, or cannot be checked in reasonable time."""
        schema = self._read
        if schema is None:
            return None
        try:
            verdict = schema.check(cast("Json", value), most_faults=1)
        except StepError:
            return None
        if verdict.valid:
            return None
        fault = verdict.faults[0]
        return f"{fault.path}: {fault.message}" if fault.path else fault.message

    @cached_property
    def _read(self) -> Schema | None:
        """None for a schema that cannot be used: then the API itself has to say what it thinks of a value."""
        whole: Json = {**self.schema, "$defs": self._definitions} if isinstance(self.schema, dict) else self.schema
        for schema in (whole, without_patterns(whole)):
            try:
                return read_schema(schema)
            except StepError:
                continue
        return None


def without_patterns(schema: Json) -> Json:
    """The schema without its regular expressions, some of which are not of the kind that takes linear time."""
    if isinstance(schema, list):
        return [without_patterns(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: without_patterns(inner)
        for name, inner in schema.items()
        if not (name == "pattern" and isinstance(inner, str)) and name != "patternProperties"
    }
