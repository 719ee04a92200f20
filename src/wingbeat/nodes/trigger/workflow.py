"""Begin when another workflow calls this one."""

from __future__ import annotations

from pydantic import Field

from wingbeat.sdk import Context, Example, NodeType, Outcome, Parameters, Port, Role
from wingbeat.sdk.declared_inputs import DeclaredInput, check_inputs


class Called(Parameters):
    """The inputs that a caller gives."""

    inputs: list[DeclaredInput] = Field(
        default=[],
        max_length=200,
        description="What a caller has to give, as the fields of one object. Without any, anything is accepted.",
        examples=[[{"name": "order_id", "type": "integer"}]],
    )


def run(parameters: Called, context: Context) -> Outcome:
    """Check the inputs, fill in what was left out, and give them."""
    return Outcome.of(check_inputs(parameters.inputs, context.input))


SHIP = [
    {"name": "order_id", "type": "integer"},
    {"name": "currency", "type": "text", "required": False, "default": "EUR"},
]
NODE = NodeType(
    type="trigger.workflow",
    title="Called by a workflow",
    help=(
        "Begins the workflow when another one calls it with a sub-workflow node, and says which inputs it takes. A "
        "call that does not fit is refused before anything is started. What comes out is an object with every declared "
        "input, those that were left out with their defaults. Started in another way, as over the API, the workflow "
        "checks its data here too, and fails with SUBWORKFLOW_INPUT_INVALID where they do not fit."
    ),
    parameters=Called,
    run=run,
    role=Role.TRIGGER,
    outputs=(Port(help="The inputs, checked and complete."),),
    examples=(
        Example(
            "one input is left out",
            {"inputs": SHIP},
            input={"order_id": 7},
            expect={"out": {"order_id": 7, "currency": "EUR"}},
        ),
        Example("nothing is declared", {}, input=[1, 2], expect={"out": [1, 2]}),
        Example(
            "the wrong kind of value",
            {"inputs": SHIP},
            input={"order_id": "7"},
            expect_error="SUBWORKFLOW_INPUT_INVALID",
        ),
    ),
)
