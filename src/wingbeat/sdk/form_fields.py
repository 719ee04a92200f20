"""Fields of forms as node types declare them: what people are asked for. How values are checked is in typed_fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from pydantic import Field

from wingbeat.sdk.parameters import Parameters
from wingbeat.sdk.relevance import matters, needed
from wingbeat.sdk.typed_fields import check_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.json_value import Json

SIZED = ("text", "long_text", "integer", "number", "email", "url", "multi_select")
TYPED = ("text", "long_text", "integer", "number", "email", "url")


class FormField(Parameters):
    """One field of the form."""

    name: str = Field(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$",
        description="The name under which the value comes out: letters, digits and `_`.",
        examples=["quantity"],
    )
    label: str = Field(default="", max_length=500, description="What people read beside it.", examples=["How many?"])
    type: Literal[
        "text",
        "long_text",
        "integer",
        "number",
        "boolean",
        "date",
        "time",
        "datetime",
        "email",
        "url",
        "select",
        "multi_select",
        "file",
    ] = Field(
        default="text",
        description=(
            "What it asks for, and the type of the value: numbers and booleans come out as such, `date`, `time` and "
            "`datetime` as ISO 8601, `multi_select` as a list, `file` as a file reference, the others as text."
        ),
        examples=["integer"],
    )
    required: bool = Field(default=False, description="Whether it must be filled in.")
    default: str | float | bool | list[str] | None = Field(
        default=None, description="The value if it is left empty, shown in the form; without one, null.", examples=[1]
    )
    choices: list[str] = Field(
        json_schema_extra=needed(type=("select", "multi_select")),
        default=[],
        max_length=1000,
        description="For `select` and `multi_select`: what there is to choose from.",
        examples=[["small", "large"]],
    )
    minimum: float | None = Field(
        json_schema_extra=matters(type=SIZED),
        default=None,
        allow_inf_nan=False,
        description="The least number; of a text its characters, of a `multi_select` its choices.",
        examples=[1],
    )
    maximum: float | None = Field(
        json_schema_extra=matters(type=SIZED),
        default=None,
        allow_inf_nan=False,
        description="The most, likewise.",
        examples=[10],
    )
    pattern: str = Field(
        json_schema_extra=matters(type=("text", "long_text")),
        default="",
        max_length=1000,
        description="For `text`: a regular expression (RE2) for the whole text.",
        examples=["[A-Z]{2}[0-9]{4}"],
    )
    help: str = Field(default="", max_length=2000, description="Shown below the field.", examples=["At most ten."])
    placeholder: str = Field(
        json_schema_extra=matters(type=TYPED),
        default="",
        max_length=200,
        description="Shown in the empty field.",
        examples=["3"],
    )


def check_form(fields: Sequence[FormField]) -> None:
    """Check that the fields make sense together; raises `ValueError`."""
    names = [field.name for field in fields]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"there are two fields '{twice}'")
    for field in fields:
        check_rule(field)


def write_form(fields: Sequence[FormField]) -> list[Json]:
    """The fields as JSON, to be kept."""
    return [cast("Json", field.model_dump(mode="json", exclude_defaults=True)) for field in fields]


def read_form(kept: Json) -> list[FormField]:
    """The fields that were kept."""
    return [FormField.model_validate(field) for field in kept] if isinstance(kept, list) else []
