"""What is decided about an execution from outside: cancel, pause, resume, give up. Each is one transaction.

How executions come to workers by themselves is in `storage.dispatch`.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from wingbeat.core.errors import Conflict, NotFound
from wingbeat.core.status import ExecutionStatus
from wingbeat.storage import answers
from wingbeat.storage.answers import BREAKPOINT, OUTCOME_UNKNOWN, Answer, Decision, Going, Place
from wingbeat.storage.dispatch import enqueue, release_parked
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.executions import read_progress
from wingbeat.storage.live import tell_decided
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject

__all__ = ["BREAKPOINT", "OUTCOME_UNKNOWN", "Answer", "Decision", "Going", "Place"]

CHANNEL = "wingbeat_control"


class Control(StrEnum):
    """What a running worker is told over the channel."""

    STOP = "stop"
    PAUSE = "pause"
    SIGNAL = "signal"
    BREAKPOINTS = "breakpoints"


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
        await tell_decided(connection, execution_id, row["workflow_id"])
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
            await tell_decided(connection, execution_id, row["workflow_id"])
            return ExecutionStatus.PAUSED
        await statements.request_pause(connection, execution_id=execution_id)
        await tell(connection, execution_id, Control.PAUSE)
    return before


async def resume(
    connection: asyncpg.Connection, execution_id: UUID, answer: Answer | Going | None = None
) -> ExecutionStatus:
    """Let a paused execution go on, once all that it asks is answered. Returns the status that it has now.

    Raises:
        Conflict: it is not paused, or `answer` does not fit what it asks.
        NotFound, InvalidInput: `answer` is about another step than those that it asks about.
    """
    async with connection.transaction():
        row = await _lock(connection, execution_id)
        before = ExecutionStatus(row["status"])
        statements = load("endings")
        if before is ExecutionStatus.RUNNING and answer is None:
            await statements.withdraw_pause(connection, execution_id=execution_id)
            return before
        if before is not ExecutionStatus.PAUSED:
            raise Conflict(
                f"The execution {execution_id} is {before.value}, not paused.",
                code="EXECUTION_NOT_PAUSED",
                remedy="Only a paused execution can be resumed.",
            )
        left = await answers.answer(connection, execution_id, row["error"], answer)
        if left is not None:
            await statements.ask_again(connection, execution_id=execution_id, question=encode_json(left))
            return before
        stepping = isinstance(answer, Going) and answer.stepping
        priority = await statements.resume(connection, execution_id=execution_id, stepping=stepping)
        await enqueue(connection, [(execution_id, priority)])
        await tell_decided(connection, execution_id, row["workflow_id"])
    return ExecutionStatus.PENDING


async def set_breakpoints(connection: asyncpg.Connection, execution_id: UUID, breakpoints: list[JsonObject]) -> None:
    """Let the execution stop at these, and at no others.

    Raises:
        NotFound, Conflict: there is no such execution, or it has ended.
    """
    async with connection.transaction():
        row = await _lock(connection, execution_id)
        status = ExecutionStatus(row["status"])
        if status.terminal:
            raise Conflict(
                f"The execution {execution_id} is {status.value}, so it stops nowhere any more.",
                code="EXECUTION_ENDED",
                remedy="Fork it, and give breakpoints to the fork.",
            )
        await load("endings").set_breakpoints(
            connection,
            execution_ids=[execution_id],
            breakpoints=[encode_json(cast("Json", breakpoints)) if breakpoints else None],
        )
        if row["worker_id"] is not None:
            await tell(connection, execution_id, Control.BREAKPOINTS)


async def read_breakpoints(connection: asyncpg.Connection, ids: Sequence[UUID]) -> dict[UUID, list[JsonObject]]:
    """The breakpoints of those among these executions that have any."""
    rows = await load("endings").read_breakpoints(connection, ids=list(ids))
    return {row["execution_id"]: row["breakpoints"] for row in rows}


async def _lock(connection: asyncpg.Connection, execution_id: UUID) -> asyncpg.Record:
    row = await load("endings").lock_execution(connection, execution_id=execution_id)
    if row is None:
        raise NotFound(f"There is no execution {execution_id}.", remedy="Check the id.")
    return row


async def tell(connection: asyncpg.Connection, execution_id: UUID, control: Control, **more: str) -> None:
    """Tell the worker that runs an execution, once the transaction is committed."""
    await load("endings").notify_control(connection, message=message_to(execution_id, control, **more))


def message_to(execution_id: UUID, control: Control, **more: str) -> str:
    """What goes over the channel to the worker that runs an execution."""
    return json.dumps({"execution_id": str(execution_id), "kind": control.value, **more})
