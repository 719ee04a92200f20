"""Begin when a program asks for it over the API, and check what it sends."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from pydantic import Field, field_validator

from wingbeat.sdk import Context, Example, Json, JsonObject, NodeType, Outcome, Parameters, Port, Role, StepError
from wingbeat.sdk.aside import aside
from wingbeat.sdk.schema_check import read_schema

MOST_ERRORS = 100


class Api(Parameters):
    """What the program has to send."""

    json_schema: dict[str, Any] | None = Field(
        default=None,
        alias="schema",
        description=(
            "A JSON Schema of the data, checked before anything else runs. References lead inside of it only "
            "(`#/$defs/...`). Without it, any data will do."
        ),
        examples=[{"type": "object", "required": ["id"]}],
    )

    @field_validator("json_schema")
    @classmethod
    def _can_be_used(cls, schema: dict[str, Any] | None) -> dict[str, Any] | None:
        if schema is not None:
            try:
                read_schema(schema)
            except StepError as error:
                raise ValueError(f"{error.message.rstrip('.')}. {error.remedy}") from error
        return schema


def run(parameters: Api, context: Context) -> Outcome | Awaitable[Outcome]:
    """Give the data, or raise `StepError` (`API_DATA_INVALID`) with all that does not fit."""
    schema, data = parameters.json_schema, context.input
    if schema is None:
        return Outcome.of(data)
    return aside(lambda: _checked(schema, data), big=isinstance(data, list | dict) and len(data) > MOST_ERRORS)


def _checked(schema: JsonObject, data: Json) -> Outcome:
    verdict = read_schema(schema).check(data, MOST_ERRORS)
    if verdict.valid:
        return Outcome.of(data)
    first = verdict.faults[0]
    errors: list[Json] = [dict(fault._asdict()) for fault in verdict.faults]
    raise StepError(
        f"The data does not fit{f' at {first.path}' if first.path else ''}: {first.message}.",
        code="API_DATA_INVALID",
        remedy="Send data that fits the schema of the workflow's trigger; the details list every error.",
        details={"errors": errors, "complete": verdict.complete},
    )


ORDER: JsonObject = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}

NODE = NodeType(
    type="trigger.api",
    title="API call",
    help=(
        "Begins the workflow when a program starts it over REST or gRPC. With a JSON Schema it says what data the "
        "program has to send: data that does not fit fails the execution with API_DATA_INVALID before anything else "
        "runs, and the details list every error. The data comes out as it is."
    ),
    parameters=Api,
    run=run,
    role=Role.TRIGGER,
    outputs=(Port(help="The data that was sent."),),
    examples=(
        Example("any data", {}, input={"id": 7}, expect={"out": {"id": 7}}),
        Example("an order", {"schema": ORDER}, input={"id": 7}, expect={"out": {"id": 7}}),
        Example("an order without its number", {"schema": ORDER}, input={}, expect_error="API_DATA_INVALID"),
    ),
)
