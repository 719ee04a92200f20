"""Schemas of OpenAPI 3.0 and 3.1 as JSON Schema 2020-12, with exactly the definitions that they need."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from wingbeat.connectors.documents import Document, fields_of, list_of
from wingbeat.core.errors import InvalidInput
from wingbeat.sdk.files import REFERENCE_SCHEMA

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject

TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
# Keywords by what stands under them: one schema, a list of schemas, or schemas by name.
ONE = ("items", "not", "additionalProperties", "propertyNames", "contains", "if", "then", "else",
       "unevaluatedProperties", "unevaluatedItems")  # fmt: skip
SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED = ("properties", "patternProperties", "dependentSchemas")
# A file is given by its reference, or as the text that is in it.
REFERENCE_OR_TEXT: JsonObject = {"anyOf": [cast("Json", REFERENCE_SCHEMA), {"type": "string"}]}
# What only OpenAPI knows, or what would make a validator look for other documents.
DROPPED = frozenset(
    {"nullable", "example", "discriminator", "xml", "externalDocs", "$ref", "$id", "$schema", "$anchor", "$defs",
     "$dynamicRef", "$dynamicAnchor", "definitions", "$recursiveRef", "$recursiveAnchor"}
)  # fmt: skip


class SchemaWriter:
    """Writes schemas that share `definitions`. What only an answer has (`readOnly`) is left out."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._names: dict[str, str] = {}
        self._faults: dict[str, InvalidInput] = {}
        self._old = document.version.startswith("3.0")
        self.definitions: JsonObject = {}

    def write(self, schema: Json) -> Json:
        """The schema; what it refers to goes to `definitions`, so that it may refer to itself."""
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            return True
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return self._convert(schema)
        referring: JsonObject = {"$ref": f"#/$defs/{self._define(reference)}"}
        if not self._old:
            beside = self._convert({name: value for name, value in schema.items() if name != "$ref"})
            referring = {**beside, **referring}
        elif schema.get("nullable") is True:
            referring = {"anyOf": [referring, {"type": "null"}]}
        return referring

    def _define(self, reference: str) -> str:
        if reference in self._faults:
            raise self._faults[reference]
        known = self._names.get(reference)
        if known is not None:
            return known
        stem = re.sub(r"[^A-Za-z0-9_.-]", "_", reference.rpartition("/")[2]) or "schema"
        name, count = stem, 1
        while name in self.definitions:
            count += 1
            name = f"{stem}_{count}"
        self._names[reference] = name
        self.definitions[name] = True
        try:
            self.definitions[name] = self.write(self._document.follow(reference, reference))
        except InvalidInput as error:
            self._faults[reference] = error
            raise
        return name

    def _convert(self, schema: JsonObject) -> JsonObject:
        written: JsonObject = {}
        for keyword, value in schema.items():
            if keyword in DROPPED or keyword.startswith("x-"):
                continue
            if keyword in ONE:
                written[keyword] = self.write(value)
            elif keyword in SEVERAL:
                written[keyword] = [self.write(inner) for inner in list_of(value)]
            elif keyword in NAMED:
                written[keyword] = self._properties(fields_of(value), of_request=keyword == "properties")
            else:
                written[keyword] = value
        self._mend(schema, written)
        return written

    def _properties(self, properties: JsonObject, *, of_request: bool) -> JsonObject:
        return {
            name: self.write(inner)
            for name, inner in properties.items()
            if not (of_request and isinstance(inner, dict) and inner.get("readOnly") is True)
        }

    def _mend(self, schema: JsonObject, written: JsonObject) -> None:
        """What 3.0 writes in its own way, and what no validator would take."""
        if _is_binary(written):
            written.update(REFERENCE_OR_TEXT)
            written.pop("type", None)
        _mend_types(written)
        _mend_bounds(written)
        for name in SEVERAL:
            if written.get(name) == []:
                del written[name]
        if "required" in written:
            hidden = fields_of(schema.get("properties")).keys() - fields_of(written.get("properties")).keys()
            written["required"] = [
                name for name in list_of(written["required"]) if isinstance(name, str) and name not in hidden
            ]
        if "example" in schema and "examples" not in written:
            written["examples"] = [schema["example"]]
        if not isinstance(written.get("examples", []), list):
            del written["examples"]
        if schema.get("nullable") is True and self._old:
            _allow_null(written)


def _is_binary(written: JsonObject) -> bool:
    """A file: 3.0 has a format for it, 3.1 a media type without an encoding."""
    if written.get("type") != "string":
        return False
    return written.get("format") == "binary" or ("contentMediaType" in written and "contentEncoding" not in written)


def _mend_bounds(written: JsonObject) -> None:
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if written.get(exclusive) is True and bound in written:
            written[exclusive] = written.pop(bound)
        elif isinstance(written.get(exclusive), bool):
            del written[exclusive]


def _mend_types(written: JsonObject) -> None:
    given = written.get("type")
    named = given if isinstance(given, list) else [given]
    known: list[Json] = [name for name in named if isinstance(name, str) and name in TYPES]
    if "type" in written and not known:
        # As `file` or `any`: it says nothing that could be checked.
        del written["type"]
    elif isinstance(given, list):
        written["type"] = known


def _allow_null(written: JsonObject) -> None:
    kind = written.get("type")
    if isinstance(kind, str):
        written["type"] = [kind, "null"]
    choices = written.get("enum")
    if isinstance(choices, list) and None not in choices:
        written["enum"] = [*choices, None]
    if "type" not in written and ("allOf" in written or "anyOf" in written or "oneOf" in written):
        inner = dict(written)
        written.clear()
        written["anyOf"] = [inner, {"type": "null"}]
