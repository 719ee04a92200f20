"""Go on here when one of a set of nodes has failed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from wingbeat.sdk import (
    ERROR,
    Arrival,
    Context,
    Example,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    Role,
)

NodeId = Annotated[
    str, StringConstraints(min_length=1, max_length=200), Field(json_schema_extra={"x-wingbeat": "node"})
]


class Handle(Parameters):
    """Whose errors."""

    nodes: list[NodeId] = Field(
        default=[],
        max_length=10_000,
        description=(
            "The ids of the nodes whose errors are handled here, all in the same loop's body as this node, or all "
            "outside of every loop. Empty: every node there that does not come after this one and has no handler that "
            "names it."
        ),
        examples=[["charge", "ship"]],
    )


def run(parameters: Handle, context: Context) -> Outcome:
    """Gather the errors that came, in the order in which the nodes are handled."""
    del parameters
    errors = [_error_of(arrival) for arrival in context.arrivals]
    return Outcome.of({"error": errors[0] if errors else None, "errors": errors})


def _error_of(arrival: Arrival) -> Json:
    value = arrival.value
    return value[ERROR] if isinstance(value, dict) and ERROR in value else value


def handles(parameters: JsonObject) -> tuple[str, ...]:
    """The ids, as far as they are some."""
    nodes = parameters.get("nodes")
    # A number passes for a text; left out, it would make a handler of all nodes of one that names some.
    return tuple(str(name) for name in nodes if isinstance(name, str | int | float)) if isinstance(nodes, list) else ()


DECLINED: JsonObject = {"code": "CARD_DECLINED", "message": "No.", "fault": "workflow", "node": "charge", "attempt": 3}
BUSY: JsonObject = {"code": "HTTP_STATUS", "message": "503", "fault": "workflow", "node": "ship", "attempt": 1}

NODE = NodeType(
    type="flow.error_handler",
    title="Error handler",
    help=(
        "Handles the errors of the nodes that it names, or of all around it. Nothing needs to be connected to it: it "
        "is as if each of these nodes led here when it fails for good and its `on_error` is `stop`. Such a failure "
        "does not end the execution, or the loop; the other ways out of the failed node die. The handler runs once, "
        "when all of these nodes are decided and at least one has failed, and gives the list of their errors; if none "
        "has failed, it is skipped. A loop that it handles covers what fails inside of it. A node whose `on_error` is "
        "`continue` or `branch` takes care of itself; its port `error` may be connected to the handler. Any other "
        "connection into a handler carries nothing and only says where it is, as in which loop's body."
    ),
    parameters=Handle,
    run=run,
    handles=handles,
    role=Role.HANDLER,
    outputs=(
        Port(
            help=(
                "`errors`: each with its code, message, fault, node, scope and attempt, and the `cause` where a loop "
                "has failed because of what happened in it. `error`: the first of them."
            ),
            schema={
                "type": "object",
                "properties": {"error": {"type": "object"}, "errors": {"type": "array", "items": {"type": "object"}}},
            },
        ),
    ),
    examples=(
        Example(
            "one of two nodes has failed",
            {"nodes": ["charge", "ship"]},
            arrivals=(Arrival("charge", "error", {"error": DECLINED}, failed=True),),
            expect={"out": {"error": DECLINED, "errors": [DECLINED]}},
        ),
        Example(
            "both have failed",
            {"nodes": ["charge", "ship"]},
            arrivals=(
                Arrival("charge", "error", {"error": DECLINED}, failed=True),
                Arrival("ship", "error", {"error": BUSY}, failed=True),
            ),
            expect={"out": {"error": DECLINED, "errors": [DECLINED, BUSY]}},
        ),
        Example(
            "whatever fails around it",
            {},
            arrivals=(Arrival("ship", "error", {"error": BUSY}, failed=True),),
            expect={"out": {"error": BUSY, "errors": [BUSY]}},
        ),
    ),
)
