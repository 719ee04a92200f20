"""Check a value against a JSON Schema."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Literal

from pydantic import Field, field_validator

from wingbeat.sdk import (
    Carries,
    Context,
    Example,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    StepError,
    Template,
)
from wingbeat.sdk.aside import aside
from wingbeat.sdk.schema_check import Verdict, read_schema
from wingbeat.sdk.values import kind

VALID, INVALID = "valid", "invalid"


class Validate(Parameters):
    """The value, the schema, and what becomes of a value that does not fit."""

    value: Template[Json] = Field(description="The value to check.", examples=["{{ input }}", "{{ trigger.body }}"])
    json_schema: Template[Json] = Field(
        alias="schema",
        description=(
            "The JSON Schema (draft 4 to 2020-12; the latest without `$schema`). It is checked when the workflow is "
            "saved, unless it is made by a template. References lead inside of it only (`#/$defs/...`)."
        ),
        examples=[{"type": "object", "required": ["id"]}],
    )
    on_invalid: Literal["port", "fail"] = Field(
        default="port",
        description="`port`: go on through `invalid`. `fail`: the step fails with VALUE_INVALID.",
        examples=["fail"],
    )
    most_errors: int = Field(default=100, ge=1, le=1000, description="How many errors to list at most.", examples=[10])

    @field_validator("json_schema")
    @classmethod
    def _can_be_used(cls, schema: Json) -> Json:
        """A schema that stands there is checked before anything runs; one that is known later, when it is."""
        if kind(schema) not in {"object", "boolean"}:
            return schema
        try:
            read_schema(schema)
        except StepError as error:
            raise ValueError(f"{error.message.rstrip('.')}. {error.remedy}") from error
        return schema


def run(parameters: Validate, context: Context) -> Outcome | Awaitable[Outcome]:
    """Check; raises `StepError` for a schema that cannot be used, and, where wanted, for a value that does not fit."""
    del context
    nested = kind(parameters.value) in {"list", "object"}
    return aside(lambda: _outcome(parameters), big=nested and _is_big(parameters.value))


def _is_big(value: Json) -> bool:
    """Guessed from its first levels: most values are small, and then a thread would cost more than the check."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(1 + (len(part) if isinstance(part, list | dict | str) else 0) for part in parts) > 1_000  # noqa: PLR2004


def _outcome(parameters: Validate) -> Outcome:
    verdict = read_schema(parameters.json_schema).check(parameters.value, parameters.most_errors)
    if verdict.valid:
        return Outcome.to(VALID, parameters.value)
    errors: list[Json] = [dict(fault._asdict()) for fault in verdict.faults]
    if parameters.on_invalid == "fail":
        raise _failure(verdict, errors)
    return Outcome.to(INVALID, {"value": parameters.value, "errors": errors, "complete": verdict.complete})


def _failure(verdict: Verdict, errors: list[Json]) -> StepError:
    first = verdict.faults[0]
    where = f"at {first.path}" if first.path else "as a whole"
    more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
    details: JsonObject = {"errors": errors, "complete": verdict.complete}
    return StepError(
        f"The value does not fit the schema {where}: {first.message}{more}.",
        code="VALUE_INVALID",
        remedy="Look at where the value comes from, or take the port 'invalid' with `on_invalid: port`.",
        details=details,
    )


PERSON: JsonObject = {
    "type": "object",
    "required": ["name", "age"],
    "properties": {"name": {"type": "string", "minLength": 1}, "age": {"type": "integer", "minimum": 0}},
}

NODE = NodeType(
    type="data.validate",
    title="Validate",
    help=(
        "Checks a value against a JSON Schema and goes on through `valid`, with the value, or through `invalid`, with "
        "the value and every error: `path` (as `lines[0].price`), `message` and `keyword`. Use it at the beginning, "
        "for what strangers send. Formats such as `email` and `date-time` are checked. Of a value with more than "
        "20,000 parts only the first error is listed, and `complete` is then false. Nothing is fetched, and a schema "
        "that could run for ever is refused (SCHEMA_TOO_COSTLY)."
    ),
    parameters=Validate,
    run=run,
    outputs=(
        Port(VALID, "Taken when the value fits; carries the value.", carries=(Carries("parameter", "value"),)),
        Port(
            INVALID,
            "Taken when it does not; carries the value, the errors, and whether the list of errors is complete.",
            {
                "type": "object",
                "required": ["value", "errors", "complete"],
                "properties": {"errors": {"type": "array"}, "complete": {"type": "boolean"}},
            },
        ),
    ),
    examples=(
        Example(
            "a person",
            {"value": "{{ input }}", "schema": PERSON},
            input={"name": "Ann", "age": 30},
            expect={"valid": {"name": "Ann", "age": 30}},
        ),
        Example(
            "every fault of another",
            {"value": "{{ input }}", "schema": PERSON},
            input={"name": "", "age": -1},
            expect={
                "invalid": {
                    "value": {"name": "", "age": -1},
                    "errors": [
                        {"path": "name", "message": '"" is shorter than 1 character', "keyword": "minLength"},
                        {"path": "age", "message": "-1 is less than the minimum of 0", "keyword": "minimum"},
                    ],
                    "complete": True,
                }
            },
        ),
        Example(
            "go no further",
            {"value": "{{ input }}", "schema": PERSON, "on_invalid": "fail"},
            input=[],
            expect_error="VALUE_INVALID",
        ),
        Example(
            "a schema that comes in, and is none",
            {"value": 1, "schema": "{{ input }}"},
            input={"type": "numbr"},
            expect_error="PARAMETER_INVALID",
        ),
    ),
)
