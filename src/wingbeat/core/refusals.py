"""What the state machine refuses, and the errors with which it ends an execution of its own accord."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wingbeat.core.errors import PlatformError, StepError

if TYPE_CHECKING:
    from wingbeat.core.events import StepKey
    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.outcome import Outcome
    from wingbeat.core.plan import PlannedNode


class JournalMismatch(PlatformError):
    """The journal tells of a step that this workflow could not have been at."""

    default_code = "JOURNAL_MISMATCH"


def mismatch(key: StepKey) -> JournalMismatch:
    """What to raise for an event of that step."""
    return JournalMismatch(
        f"The journal tells of {key.node_id!r} (scope {key.scope!r}, attempt {key.attempt}), which is not under way.",
        remedy="This is a fault of Wingbeat; the execution is left as it is. Please report it with its journal.",
    )


def check_outcome(node: PlannedNode, outcome: Outcome) -> None:
    """Raise `StepError` for an outcome that the node cannot have."""
    ports, output = outcome.ports, outcome.output
    for port in ports:
        if port not in node.ports:
            raise _broken(node, f"took the port {port!r:.120}, which it does not have")
    if outcome.split and not (isinstance(output, dict) and output.keys() >= {*ports}):
        raise _broken(node, "gave no value for one of the ports that it took")


def _broken(node: PlannedNode, why: str) -> StepError:
    return StepError(
        f"The node {node.id!r} {why}.",
        code="NODE_TYPE_BROKEN",
        remedy=f"This is a fault of the node type {node.node.type!r:.120}; report it to its author.",
    )


def answer_unfit(key: StepKey, why: str) -> JsonObject:
    """The error of a step for which a person gave an outcome that its node cannot have."""
    return {
        "code": "ANSWER_UNFIT",
        "message": f"The answer to what became of {key.node_id!r} does not fit. {why}",
        "fault": "caller",
        "remedy": "Name a port of the node when you answer; start the execution anew if it has ended.",
        "node": key.node_id,
        "scope": key.scope,
        "attempt": key.attempt,
    }


def limit_reached(what: str, happened: str, limit: int, node_id: str | None) -> JsonObject:
    """The error of an execution that wants more than it may; `what` is the setting's name in capitals."""
    error: dict[str, Any] = {
        "code": f"LIMIT_{what}",
        "message": f"The execution was stopped: {happened}, and the limit is {limit}.",
        "fault": "workflow",
        "remedy": f"Raise settings.{what.lower()} of the workflow if this is intended.",
    }
    if node_id is not None:
        error["node"] = node_id
    return error


def loop_failed(cause: JsonObject) -> JsonObject:
    """The error of a loop that failed because of what happened in it: that of the step, and the whole of it."""
    told = ("code", "message", "fault", "remedy", "node", "scope", "attempt")
    return {**{name: cause[name] for name in told if name in cause}, "cause": cause}


def asked_for(error: JsonObject) -> float:
    """The seconds after which the other side wants to be asked again, where the error says so."""
    details = error.get("details")
    seconds = details.get("retry_after_seconds") if isinstance(details, dict) else None
    return seconds if isinstance(seconds, int | float) and not isinstance(seconds, bool) else 0.0
