"""End the execution, with a status and an output."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wingbeat.sdk import Context, End, Example, Json, NodeType, Parameters, Role, Template


class Finish(Parameters):
    """How the execution ends."""

    output: Template[Json] = Field(
        default=None,
        description="What the execution gives back; the input, if it is left out.",
        examples=["{{ input.report }}", {"total": "{{ total }}"}],
    )
    status: Literal["completed", "failed"] = Field(
        default="completed", description="Whether the execution did what it was for.", examples=["failed"]
    )
    message: Template[str] = Field(
        default="",
        description="A sentence for whoever reads the result; with `failed`, the reason.",
        examples=["Order {{ trigger.id }} has no lines."],
    )


def run(parameters: Finish, context: Context) -> End:
    """End here and now."""
    output = parameters.output if "output" in parameters.model_fields_set else context.input
    return End(output, failed=parameters.status == "failed", message=parameters.message)


NODE = NodeType(
    type="flow.end",
    title="End",
    help=(
        "Ends the execution at once, completed or failed, with an output and a message; branches that still run are "
        "cancelled. A workflow needs none: without it, an execution ends when nothing is left to do. Use it to choose "
        "the output, to stop early, or to fail on purpose."
    ),
    parameters=Finish,
    run=run,
    role=Role.END,
    outputs=(),
    examples=(
        Example(
            "choose the output",
            {"output": {"count": "{{ input | length }}"}},
            input=[1, 2],
            expect={"end": {"count": 2}},
        ),
        Example("the input, if nothing is chosen", {}, input={"ok": True}, expect={"end": {"ok": True}}),
        Example(
            "fail on purpose",
            {"status": "failed", "message": "Order {{ input.id }} has no lines.", "output": None},
            input={"id": 7},
            expect={"end": None},
        ),
    ),
)
