"""Begin when somebody sends a form. Only the definition and the check: others show the form and receive it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Self

from pydantic import Field, model_validator

from wingbeat.sdk import Context, Example, Json, NodeType, Outcome, Parameters, Port, Role, StepError, drawn_as
from wingbeat.sdk.aside import aside
from wingbeat.sdk.form_fields import FormField, check_form
from wingbeat.sdk.typed_fields import check_fields
from wingbeat.sdk.values import described

LONG = 100_000


class Form(Parameters):
    """The form."""

    title: str = Field(default="", max_length=200, description="Shown above the form.", examples=["Order"])
    description: str = Field(
        json_schema_extra=drawn_as("long-text"),
        default="",
        max_length=5000,
        description="Shown below the title.",
        examples=["We answer within a day."],
    )
    submit: str = Field(default="Send", max_length=50, description="On the button.", examples=["Order now"])
    fields: list[FormField] = Field(
        min_length=1,
        max_length=200,
        description="The fields in their order.",
        examples=[[{"name": "email", "type": "email", "required": True}]],
    )

    @model_validator(mode="after")
    def _fields_fit(self) -> Self:
        check_form(self.fields)
        return self


def run(parameters: Form, context: Context) -> Outcome | Awaitable[Outcome]:
    """Give the values with their types; raises `StepError` (`FORM_INVALID`) with all that does not fit."""
    given = context.input
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise _invalid(f"A form is sent as an object of its fields, and got {described(given)}.", {})
    fields = given
    big = sum(len(value) for value in fields.values() if isinstance(value, str | list)) > LONG

    def check() -> Outcome:
        values, faults = check_fields(parameters.fields, fields)
        if faults:
            first, why = next(iter(faults.items()))
            more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
            raise _invalid(f"The form does not fit: '{first}' {why}{more}.", faults)
        return Outcome.of(values)

    return aside(check, big=big)


def _invalid(message: str, faults: dict[str, str]) -> StepError:
    errors: list[Json] = [{"field": name, "message": why} for name, why in faults.items()]
    return StepError(
        message,
        code="FORM_INVALID",
        remedy="Send every required field, each with a value of its type, and no others.",
        details={"errors": errors},
    )


ORDER: list[Json] = [
    {"name": "email", "label": "Your address", "type": "email", "required": True},
    {"name": "quantity", "type": "integer", "default": 1, "minimum": 1, "maximum": 10},
    {"name": "size", "type": "select", "choices": ["small", "large"], "required": True},
    {"name": "gift", "type": "boolean", "default": False},
]

NODE = NodeType(
    type="trigger.form",
    title="Form",
    help=(
        "Begins the workflow when somebody sends a form. It says which fields the form has, what each asks for, and "
        "what is checked. What comes out is an object with a value of the right type for each field, or null where it "
        "was left empty; a form that does not fit is the error FORM_INVALID, whose details list every field at fault. "
        "Texts that a browser sends are read as numbers, dates and booleans; fields that the form does not have are "
        "refused."
    ),
    parameters=Form,
    run=run,
    role=Role.TRIGGER,
    outputs=(Port(help="An object with the fields' values.", schema={"type": "object"}),),
    examples=(
        Example(
            "an order, as a browser sends it",
            {"title": "Order", "fields": ORDER},
            input={"email": " ann@example.com ", "quantity": "3", "size": "large", "gift": "on"},
            expect={"out": {"email": "ann@example.com", "quantity": 3, "size": "large", "gift": True}},
        ),
        Example(
            "what is left empty",
            {"fields": ORDER},
            input={"email": "ann@example.com", "size": "small"},
            expect={"out": {"email": "ann@example.com", "quantity": 1, "size": "small", "gift": False}},
        ),
        Example("nothing fits", {"fields": ORDER}, input={"email": "ann", "quantity": 99}, expect_error="FORM_INVALID"),
    ),
)
