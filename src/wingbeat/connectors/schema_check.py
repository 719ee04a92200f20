"""Values checked against schemas that other people wrote: bounded, and without ever fetching another document."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import jsonschema_rs

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject

LONGEST_FAULT = 300


class SchemaCheck:
    """One schema with the definitions that it refers to; compiled when it is first used."""

    def __init__(self, schema: Json, definitions: JsonObject) -> None:
        self.schema = schema
        self._definitions = definitions

    def fault(self, value: object) -> str | None:
        """What is wrong with a value, with where in it; None if it fits."""
        checker = self._checker
        if checker is None:
            return None
        error = next(checker.iter_errors(value), None)
        if error is None:
            return None
        where = ".".join(str(part) for part in error.instance_path)
        said = error.message if len(error.message) <= LONGEST_FAULT else error.message[:LONGEST_FAULT] + "..."
        return f"{where}: {said}" if where else said

    @cached_property
    def _checker(self) -> jsonschema_rs.Draft202012Validator | None:
        """None for a schema that no validator takes: then the API itself has to say what it thinks of a value."""
        for schema in (self.schema, without_patterns(self.schema)):
            known = self._definitions if schema is self.schema else without_patterns(self._definitions)
            whole: dict[str, Any] | bool = (
                {**schema, "$defs": known} if isinstance(schema, dict) else schema is not False
            )
            try:
                return jsonschema_rs.Draft202012Validator(
                    whole, pattern_options=jsonschema_rs.RegexOptions(), offline=True
                )
            except (ValueError, jsonschema_rs.ReferencingError):
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
