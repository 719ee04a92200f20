"""Begin when an execution of another workflow failed."""

from __future__ import annotations

from wingbeat.sdk import Context, Example, NodeType, Outcome, Parameters, Port, Role

FAILED = {
    "error": {"code": "HTTP_STATUS", "message": "The server answered 503.", "node": "send"},
    "execution": {
        "id": "019a0000-0000-7000-8000-000000000001",
        "start_time": "2026-05-01T07:00:00+00:00",
        "end_time": "2026-05-01T07:00:02+00:00",
    },
    "workflow": {"id": "019a0000-0000-7000-8000-000000000002", "name": "Ship orders", "revision": 3},
    "trigger": {"node": "start", "data": {"order_id": 7}},
}


class Failed(Parameters):
    """Takes no parameters."""


def run(parameters: Failed, context: Context) -> Outcome:
    """Give what is known of the failure."""
    del parameters
    return Outcome.of(context.input)


NODE = NodeType(
    type="trigger.error",
    title="Another workflow failed",
    help=(
        "Begins the workflow when an execution fails whose workflow names this one in its setting `error_workflow`: "
        "once for each, however it failed. What comes out says what happened: `error` (with code, message and node), "
        "`execution` (id, start_time, end_time), `workflow` (id, name, revision) and `trigger` (node, data). If the "
        "error workflow itself fails, no further one begins."
    ),
    parameters=Failed,
    run=run,
    role=Role.TRIGGER,
    outputs=(Port(help="The error, the execution, its workflow, and what triggered it."),),
    examples=(
        Example("an execution failed", {}, input=FAILED, expect={"out": FAILED}),
        Example("tried out by hand, without data", {}, input=None, expect={"out": None}),
    ),
)
