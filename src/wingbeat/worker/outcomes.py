"""What the results and errors of nodes mean to the state machine, wherever nodes are run."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from wingbeat.core.commands import Run
from wingbeat.core.endings import COMPLETED_PORT, FAILED_PORT, STOPPED_PORT
from wingbeat.core.errors import Fault, InvalidInput, PlatformError, StepError, WingbeatError
from wingbeat.core.node_kind import Effect
from wingbeat.core.outcome import End, Outcome
from wingbeat.storage.control import OUTCOME_UNKNOWN
from wingbeat.storage.encoding import encode_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wingbeat.core.commands import OpenCommand
    from wingbeat.core.events import StepKey
    from wingbeat.core.json_value import JsonObject

LONGEST_MESSAGE = 2_000


def ending_as_outcome(result: object) -> Outcome:
    """The outcome of a node that ends the execution.

    Raises:
        StepError: `result` is not what a node may return.
    """
    if not isinstance(result, End):
        raise StepError(
            f"The node returned {type(result).__name__}, which is no result.",
            code="NODE_TYPE_BROKEN",
            remedy="A node's run returns Outcome, Wait, Await, OpenLoop or End.",
        )
    if result.error is not None:
        return Outcome(result.error, (STOPPED_PORT,))
    value = {"message": result.message, "output": result.output} if result.failed and result.message else result.output
    return Outcome(value, (FAILED_PORT if result.failed else COMPLETED_PORT,))


def describe_error(error: BaseException, key: StepKey) -> tuple[JsonObject, bool]:
    """The error as the journal keeps it, and whether trying again may help."""
    if isinstance(error, WingbeatError):
        described = error.to_json()
        retryable = error.retryable if isinstance(error, StepError) else False
    else:
        text = _readable(f"The node type failed unexpectedly: {type(error).__name__}: {error}")
        described = {
            "code": "NODE_TYPE_BROKEN",
            "message": text,
            "fault": Fault.PLATFORM.value,
            "remedy": "This is a fault of the node type; report it to its author.",
        }
        retryable = False
    described.update({"node": key.node_id, "scope": key.scope, "attempt": key.attempt})
    return storable(described), retryable


def describe_breakdown(error: Exception) -> JsonObject:
    """The error of an execution that could not go on, as the journal keeps it."""
    if isinstance(error, WingbeatError):
        return storable(error.to_json())
    return storable(PlatformError(f"The execution broke down: {type(error).__name__}: {error}").to_json())


def storable(described: JsonObject) -> JsonObject:
    """The error in words that the database can keep: it may quote a text that was the trouble in the first place."""
    try:
        encode_json(described)
    except InvalidInput:
        return {
            name: _readable(value) if isinstance(value, str) else value
            for name, value in described.items()
            if name != "details"
        }
    return described


def _readable(text: str) -> str:
    return text[:LONGEST_MESSAGE].encode("utf-8", "replace").decode().replace("\0", "")


def timed_out(command: OpenCommand) -> StepError:
    """The failure of a step that did not end within its node's time. One that waited is not tried again."""
    seconds = command.node.node.timeout_seconds
    ran = isinstance(command, Run)
    return StepError(
        f"The step did not end within its {seconds:g} seconds.",
        code="STEP_TIMEOUT",
        remedy="Raise the node's timeout_seconds, or find out why it takes so long.",
        retryable=ran,
        uncertain=ran,
    )


def may_have_happened(error: BaseException, command: OpenCommand) -> TypeGuard[StepError]:
    """Whether a step that must not be repeated failed in such a way that it may have had its effect."""
    return (
        isinstance(error, StepError)
        and error.uncertain
        and isinstance(command, Run)
        and command.node.effect is Effect.UNSAFE
    )


def outcome_unknown(key: StepKey, cause: StepError | None = None) -> StepError:
    """The failure of a step that may have had its effect: its worker died, or it failed with `cause`."""
    happened = f"The worker died while {key.node_id!r} ran" if cause is None else f"{key.node_id!r} failed"
    why = "" if cause is None else f" ({cause.message.rstrip('.')})"
    return StepError(
        f"{happened}{why}, so whether it had its effect is not known.",
        code=OUTCOME_UNKNOWN,
        remedy="Check the other system. Where repeating is harmless, set the node's on_unknown to 'retry'.",
        details=None if cause is None else {**cause.details, "cause": cause.to_json()},
    )


def question_about(doubts: Mapping[StepKey, StepError]) -> JsonObject:
    """What a person is asked about steps with unknown outcomes; kept as the error of the paused execution."""
    return {
        "code": OUTCOME_UNKNOWN,
        "message": " ".join(_readable(error.message) for error in doubts.values())[:LONGEST_MESSAGE],
        "fault": Fault.PLATFORM.value,
        "remedy": "Look at the other system, then `retry` it, or count it as failed (`fail`) or done (`complete`).",
        "steps": [{"node": key.node_id, "scope": key.scope, "attempt": key.attempt} for key in doubts],
    }
