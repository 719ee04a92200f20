"""What can be done with executions that are there: read, cancel, pause, go on. Starting them is in start.py."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from wingbeat.core.errors import NotFound
from wingbeat.core.status import ExecutionStatus
from wingbeat.services.workflows import find as find_workflow
from wingbeat.storage import control
from wingbeat.storage import executions as rows
from wingbeat.storage.children import list_children
from wingbeat.storage.executions import ExecutionHeader, StoredExecution, StoredStep
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.storage.children import ListedChild
    from wingbeat.storage.control import Answer, Going
    from wingbeat.storage.paging import Page, Paging
    from wingbeat.storage.pool import Database

STATUSES = tuple(status.value for status in ExecutionStatus)
MAX_STEPS = 1000


class ExecutionDetails(NamedTuple):
    """An execution, with a part of its journal if that was asked for; `more_steps` if there is more of it.

    `children` are the executions that it started, the first thousand.
    """

    execution: StoredExecution
    steps: list[StoredStep] | None
    more_steps: bool
    children: tuple[ListedChild, ...] = ()


Decision: TypeAlias = "Callable[[asyncpg.Connection, UUID], Awaitable[ExecutionStatus]]"


@dataclass(frozen=True)
class Executions:
    """The use cases of executions. All raise NotFound for an id that there is not, and DatabaseUnavailable."""

    database: Database

    async def get(
        self, execution_id: UUID, *, progress: bool = False, steps: bool = False, after_sequence: int = 0
    ) -> ExecutionDetails:
        """The execution, and with `steps` up to 1,000 rows of its journal after a sequence number.

        With `progress`, one that has not ended comes with what its nodes have done so far.
        """
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                execution = await find(connection, execution_id)
                if progress:
                    execution = await rows.with_progress(connection, execution)
                children = tuple(await list_children(connection, execution_id))
                if not steps:
                    return ExecutionDetails(execution, None, more_steps=False, children=children)
                found = await rows.list_steps(
                    connection, execution_id, after_sequence=after_sequence, maximum=MAX_STEPS + 1
                )
        return ExecutionDetails(execution, found[:MAX_STEPS], more_steps=len(found) > MAX_STEPS, children=children)

    async def list(self, workflow_id: UUID | None, statuses: Sequence[str], paging: Paging) -> Page[ExecutionHeader]:
        """One page of the executions of a workflow (or of all) that have one of the statuses."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                if workflow_id is not None:
                    await find_workflow(connection, workflow_id)
                return await rows.list_page(connection, workflow_id, statuses, paging)

    async def count(self, workflow_id: UUID | None, statuses: Sequence[str]) -> int:
        """How many executions of a workflow (or of all) have one of the statuses."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                return await rows.count(connection, workflow_id, statuses)

    async def cancel(self, execution_id: UUID) -> ExecutionHeader:
        """End the execution as cancelled; a running one stops within a second.

        Raises:
            Conflict: `EXECUTION_ENDED`.
        """
        return await self._decide(control.cancel, execution_id)

    async def pause(self, execution_id: UUID) -> ExecutionHeader:
        """Let the execution rest: a running one after the steps that are under way. Doing it again changes nothing.

        Raises:
            Conflict: `EXECUTION_ENDED`.
        """
        return await self._decide(control.pause, execution_id)

    async def resume(self, execution_id: UUID, answer: Answer | Going | None = None) -> ExecutionHeader:
        """Let a paused execution go on, or one that was asked to pause and still runs.

        `answer` is for one that rests because the outcome of a step is not known, or because it came to a breakpoint.
        One that asks about several steps stays paused until all are answered, unless it stopped at breakpoints.

        Raises:
            Conflict: `EXECUTION_NOT_PAUSED`, `DECISION_NEEDED` or `NOTHING_TO_DECIDE`.
            NotFound, InvalidInput: `STEP_NOT_ASKED_ABOUT`, `STEP_NEEDED`.
        """
        return await self._decide(partial(control.resume, answer=answer), execution_id)

    async def _decide(self, decision: Decision, execution_id: UUID) -> ExecutionHeader:
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                await decision(connection, execution_id)
                return (await find(connection, execution_id)).header


async def find(connection: asyncpg.Connection, execution_id: UUID) -> StoredExecution:
    """The execution.

    Raises:
        NotFound: there is none with this id.
    """
    execution = await rows.get(connection, execution_id)
    if execution is None:
        raise NotFound(
            f"There is no execution {execution_id}.",
            code="EXECUTION_NOT_FOUND",
            remedy="List the executions of its workflow to find its id.",
        )
    return execution
