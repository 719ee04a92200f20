"""Parameters of node types that are made of schemas: models whose fields are checked by a schema, not by a type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, cast

from pydantic import Field, create_model
from pydantic_core import PydanticCustomError, core_schema

from wingbeat.connectors.schema_check import SchemaCheck
from wingbeat.sdk import Json, JsonObject, Parameters, Template
from wingbeat.sdk.parameters import TEMPLATE_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


class SchemaField(NamedTuple):
    """One parameter: its name in JSON, its schema, and what a person reads about it."""

    name: str
    schema: Json
    help: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Checked:
    """Marks a field whose value a schema checks, when it is known: at save where it is written out, else in the run."""

    check: SchemaCheck

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Let through what fits; null stands for a parameter that is not given."""
        del source, handler
        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Nothing yet: pydantic would look for the definitions that the schema refers to; see `_with_schemas`."""
        del schema, handler
        return {}

    def _validate(self, value: object) -> object:
        if isinstance(value, int | float) and not isinstance(value, bool) and _is_text(self.check.schema):
            # As everywhere: a number passes where text is asked for.
            value = str(value)
        fault = None if value is None else self.check.fault(value)
        if fault is not None:
            raise PydanticCustomError("schema", "{fault}", {"fault": fault})
        return value


def _is_text(schema: Json) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "string"


class SchemaParameters(Parameters):
    """Base of the models made here: `given()` are the values by their names in JSON."""

    def given(self, name: str) -> Json:
        """The value of a parameter, null where it is not given."""
        for attribute, info in type(self).model_fields.items():
            if (info.alias or attribute) == name:
                return cast("Json", getattr(self, attribute))
        raise KeyError(name)


def make_parameters(
    title: str,
    fields: Sequence[SchemaField],
    definitions: JsonObject,
    others: Mapping[str, Any],
) -> type[SchemaParameters]:
    """A model with a template for each field, and `others` as pydantic takes them (a type and a default)."""
    made: dict[str, Any] = {}
    for place, field in enumerate(fields):
        checked = Template[Annotated[Any, _Checked(SchemaCheck(field.schema, definitions))]]
        default: Any = ... if field.required else None
        made[f"given_{place}"] = (checked, Field(default=default, alias=field.name, description=field.help))
    return _with_schemas(create_model(title, __base__=SchemaParameters, **made, **others), fields, definitions)


def _with_schemas(
    model: type[SchemaParameters], fields: Sequence[SchemaField], definitions: JsonObject
) -> type[SchemaParameters]:
    """The model, with the schemas of its fields in its own, and the definitions where those look for them."""

    class Described(model):  # type: ignore[misc, valid-type] # a class made a moment ago
        @classmethod
        def model_json_schema(cls, *args: Any, **options: Any) -> JsonSchemaValue:  # noqa: ANN401 - pydantic's own
            """As pydantic gives it, completed."""
            written: JsonSchemaValue = super().model_json_schema(*args, **options)
            known = {**definitions, **written.pop("$defs", {})}
            written["properties"].update({field.name: _property(field) for field in fields})
            return {**written, "title": model.__name__, **({"$defs": known} if known else {})}

    Described.__name__ = model.__name__
    return Described


def _property(field: SchemaField) -> JsonSchemaValue:
    """As `TemplateMarker` writes it: a text is a template as it is, anything else is that or a text with braces."""
    schema = field.schema if isinstance(field.schema, dict) else {}
    about = {"description": field.help} if field.help else {}
    if not schema or schema.get("type") == "string":
        return {**schema, **about, "x-wingbeat": "template"}
    return {"anyOf": [schema, TEMPLATE_TEXT], **about, "x-wingbeat": "template"}
