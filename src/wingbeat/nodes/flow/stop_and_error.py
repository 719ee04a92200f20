"""End the execution as failed, with an error of one's own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from wingbeat.sdk import Context, End, Example, Json, JsonObject, NodeType, Parameters, Role, Template

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=64)]
Message = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class Stop(Parameters):
    """The error."""

    message: Template[Message] = Field(
        description="What went wrong, for whoever reads it.", examples=["Order {{ trigger.id }} has no lines."]
    )
    code: Code = Field(
        default="STOPPED",
        description="A name for this error that programs can rely on: capital letters, digits and `_`.",
        examples=["ORDER_EMPTY"],
    )
    details: Template[dict[str, Json]] = Field(
        default={}, description="More about it, as an object.", examples=[{"order": "{{ trigger.id }}"}]
    )


def run(parameters: Stop, context: Context) -> End:
    """End here and now."""
    del context
    error: JsonObject = {"code": parameters.code, "message": parameters.message}
    if parameters.details:
        error["details"] = dict(parameters.details)
    return End(None, failed=True, message=parameters.message, error=error)


NODE = NodeType(
    type="flow.stop_and_error",
    title="Stop and error",
    help=(
        "Ends the execution at once as failed, with a code, a message and details of your own; branches that still run "
        "are cancelled. It ends the whole execution from inside of loops as well, and no handler and no `on_error` "
        "keeps it from that. Use it when going on would do harm. To end with an output, or as completed, use "
        "`flow.end`."
    ),
    parameters=Stop,
    run=run,
    role=Role.END,
    outputs=(),
    examples=(
        Example(
            "an order without lines",
            {
                "code": "ORDER_EMPTY",
                "message": "Order {{ input.id }} has no lines.",
                "details": {"id": "{{ input.id }}"},
            },
            input={"id": 7},
            expect={"end": {"code": "ORDER_EMPTY", "message": "Order 7 has no lines.", "details": {"id": 7}}},
        ),
        Example("only a message", {"message": "Enough."}, expect={"end": {"code": "STOPPED", "message": "Enough."}}),
        Example(
            "a message that turns out empty", {"message": "{{ input }}"}, input="", expect_error="PARAMETER_INVALID"
        ),
    ),
)
