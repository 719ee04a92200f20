"""How a node that ends the execution says in what status, and what the execution's end then is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wingbeat.core.commands import Finish
from wingbeat.core.status import ExecutionStatus

if TYPE_CHECKING:
    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.outcome import Outcome
    from wingbeat.core.plan import PlannedNode

FAILED_PORT = "failed"
STOPPED_PORT = "stopped"
COMPLETED_PORT = "completed"


def ended_by(node: PlannedNode, outcome: Outcome) -> Finish:
    """The end of an execution that one of its own nodes ended."""
    if STOPPED_PORT in outcome.ports:
        return Finish(ExecutionStatus.FAILED, None, _ended_as_failed(node, outcome))
    if FAILED_PORT in outcome.ports:
        return Finish(ExecutionStatus.FAILED, outcome.output, _ended_as_failed(node, outcome))
    return Finish(ExecutionStatus.COMPLETED, outcome.output)


def _ended_as_failed(node: PlannedNode, outcome: Outcome) -> JsonObject:
    """The error of an execution that one of its own nodes ended as failed."""
    if STOPPED_PORT in outcome.ports and type(outcome.output) is dict:
        return {"fault": "workflow", **outcome.output, "node": node.id}
    error: dict[str, Any] = {
        "code": "ENDED_AS_FAILED",
        "message": "The workflow ended itself as failed.",
        "fault": "workflow",
        "node": node.id,
    }
    if type(outcome.output) is dict and type(outcome.output.get("message")) is str:
        error["message"] = outcome.output["message"]
    return error
