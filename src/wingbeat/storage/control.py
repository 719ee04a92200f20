"""What is decided about an execution from outside: cancel, pause, resume, give up. Each is one transaction.

How executions come to workers by themselves is in `storage.dispatch`.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from wingbeat.core.errors import Conflict, NotFound
from wingbeat.core.outcome import OUT
from wingbeat.core.status import ExecutionStatus, StepStatus
from wingbeat.storage.dispatch import enqueue, release_parked
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.executions import read_progress
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject

CHANNEL = "wingbeat_control"
OUTCOME_UNKNOWN = "STEP_OUTCOME_UNKNOWN"


class Decision(StrEnum):
    """What a person decides about a step whose worker died: run it again, count it as failed, or as done."""

    RETRY = "retry"
    FAIL = "fail"
    COMPLETE = "complete"


class Answer(NamedTuple):
    """A decision; with `complete`, what the step gave, and the port that it leaves by."""

    decision: Decision
    output: Json = None
    port: str = OUT


class Control(StrEnum):
    """What a running worker is told over the channel."""

    STOP = "stop"
    PAUSE = "pause"
    SIGNAL = "signal"


async def end(
    connection: asyncpg.Connection,
    execution_id: UUID,
    status: ExecutionStatus,
    error: JsonObject | None = None,
    *,
    epoch: int | None = None,
) -> ExecutionStatus:
    """End an execution, whatever it is at; with `epoch`, only while that lease holds. Returns the status that it had.

    Raises:
        NotFound: there is no such execution.
        Conflict: it has ended already, and that stays; or the lease is another one.
    """
    async with connection.transaction():
        row = await _lock(connection, execution_id)
        before = ExecutionStatus(row["status"])
        if before.terminal:
            raise Conflict(
                f"The execution {execution_id} is already {before.value}.",
                code="EXECUTION_ENDED",
                remedy="A final status never changes; start a new execution instead.",
            )
        if epoch is not None and row["epoch"] != epoch:
            raise Conflict(f"The execution {execution_id} is another worker's by now.", code="LEASE_LOST")
        progress = await read_progress(connection, execution_id)
        await load("endings").end_execution(
            connection,
            execution_id=execution_id,
            status=status.value,
            error=None if error is None else encode_json(error),
            executed=progress.nodes_executed,
            path=encode_json(progress.execution_path),
            states=encode_json(progress.node_states),
        )
        if row["worker_id"] is not None:
            await tell(connection, execution_id, Control.STOP)
        if row["limited"]:
            await release_parked(connection, [row["workflow_id"]], 1)
    return before


async def cancel(connection: asyncpg.Connection, execution_id: UUID) -> ExecutionStatus:
    """Cancel an execution; what its worker still does is refused from now on. See `end`."""
    return await end(connection, execution_id, ExecutionStatus.CANCELLED)


async def pause(connection: asyncpg.Connection, execution_id: UUID) -> ExecutionStatus:
    """Pause: at once where nobody runs it, else after the steps under way. Returns the status that it has now."""
    async with connection.transaction():
        row = await _lock(connection, execution_id)
        before = ExecutionStatus(row["status"])
        if before is ExecutionStatus.PAUSED:
            return before
        if before.terminal:
            raise Conflict(
                f"The execution {execution_id} is {before.value}, so it cannot pause.",
                code="EXECUTION_ENDED",
                remedy="A final status never changes; start a new execution instead.",
            )
        statements = load("endings")
        if row["worker_id"] is None:
            await statements.pause_idle(connection, execution_id=execution_id)
            return ExecutionStatus.PAUSED
        await statements.request_pause(connection, execution_id=execution_id)
        await tell(connection, execution_id, Control.PAUSE)
    return before


async def resume(connection: asyncpg.Connection, execution_id: UUID, answer: Answer | None = None) -> ExecutionStatus:
    """Let a paused execution go on. Returns the status that it has now.

    Raises:
        Conflict: it is not paused, or rests until somebody answers what became of a step, and `answer` is missing.
    """
    async with connection.transaction():
        row = await _lock(connection, execution_id)
        before = ExecutionStatus(row["status"])
        statements = load("endings")
        if before is ExecutionStatus.RUNNING:
            await statements.withdraw_pause(connection, execution_id=execution_id)
            return before
        if before is not ExecutionStatus.PAUSED:
            raise Conflict(
                f"The execution {execution_id} is {before.value}, not paused.",
                code="EXECUTION_NOT_PAUSED",
                remedy="Only a paused execution can be resumed.",
            )
        await _answer(connection, execution_id, row["error"], answer)
        priority = await statements.resume(connection, execution_id=execution_id)
        await enqueue(connection, [(execution_id, priority)])
    return ExecutionStatus.PENDING


async def _answer(
    connection: asyncpg.Connection, execution_id: UUID, question: JsonObject | None, answer: Answer | None
) -> None:
    """Write what a person decided about the steps whose outcome was not known."""
    asked = question is not None and question.get("code") == OUTCOME_UNKNOWN
    if not asked and answer is None:
        return
    if question is None or not asked:
        raise Conflict(
            f"The execution {execution_id} has no question open.",
            code="NOTHING_TO_DECIDE",
            remedy="Resume it without a decision.",
        )
    if answer is None:
        raise Conflict(
            f"The execution {execution_id} rests because the outcome of a step is not known.",
            code="DECISION_NEEDED",
            remedy="Look at the other system, then resume with the decision 'retry', 'fail' or 'complete'.",
            details={"question": question},
        )
    for step in cast("list[dict[str, Any]]", question["steps"]):
        await load("endings").answer(
            connection,
            execution_id=execution_id,
            node_id=step["node"],
            scope=step["scope"],
            attempt=step["attempt"],
            status=_ANSWERS[answer.decision].value,
            ports=answer.port if answer.decision is Decision.COMPLETE else None,
            output=encode_json(answer.output) if answer.decision is Decision.COMPLETE else None,
            error=encode_json({**question, **step}) if answer.decision is Decision.FAIL else None,
        )


_ANSWERS = {
    Decision.RETRY: StepStatus.CLEARED,
    Decision.FAIL: StepStatus.FAILED,
    Decision.COMPLETE: StepStatus.COMPLETED,
}


async def _lock(connection: asyncpg.Connection, execution_id: UUID) -> asyncpg.Record:
    row = await load("endings").lock_execution(connection, execution_id=execution_id)
    if row is None:
        raise NotFound(f"There is no execution {execution_id}.", remedy="Check the id.")
    return row


async def tell(connection: asyncpg.Connection, execution_id: UUID, control: Control, **more: str) -> None:
    """Tell the worker that runs an execution, once the transaction is committed."""
    message = json.dumps({"execution_id": str(execution_id), "kind": control.value, **more})
    await load("endings").notify_control(connection, message=message)
