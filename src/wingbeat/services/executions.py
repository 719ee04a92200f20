"""What can be done with executions that are there: read, cancel, pause, go on. Starting them is in start.py."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from wingbeat.core.errors import Conflict, NotFound
from wingbeat.core.status import ExecutionStatus
from wingbeat.services.workflows import find as find_workflow
from wingbeat.storage import control
from wingbeat.storage import executions as rows
from wingbeat.storage.children import list_children, list_pausable, list_resting
from wingbeat.storage.executions import ExecutionHeader, StoredExecution, StoredStep, Wanted
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
Finder: TypeAlias = "Callable[[asyncpg.Connection, Sequence[UUID]], Awaitable[list[UUID]]]"


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

    async def list(self, wanted: Wanted, paging: Paging) -> Page[ExecutionHeader]:
        """One page of the executions that are wanted."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                if wanted.workflow_id is not None:
                    await find_workflow(connection, wanted.workflow_id)
                return await rows.list_page(connection, wanted, paging)

    async def count(self, wanted: Wanted) -> int:
        """How many of them there are."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                return await rows.count(connection, wanted)

    async def cancel(self, execution_id: UUID) -> ExecutionHeader:
        """End the execution as cancelled; a running one stops within a second.

        Raises:
            Conflict: `EXECUTION_ENDED`.
        """
        return await self._decide(control.cancel, execution_id)

    async def pause(self, execution_id: UUID) -> ExecutionHeader:
        """Let the execution rest: a running one after the steps that are under way. Doing it again changes nothing.

        The sub-workflows that it waits for are paused with it, however deep.

        Raises:
            Conflict: `EXECUTION_ENDED`.
        """
        header = await self._decide(control.pause, execution_id)
        await self._decide_below(execution_id, list_pausable, control.pause)
        return header

    async def resume(self, execution_id: UUID, answer: Answer | Going | None = None) -> ExecutionHeader:
        """Let a paused execution go on, or one that was asked to pause and still runs.

        `answer` is for one that rests because the outcome of a step is not known, or because it came to a breakpoint.
        One that asks about several steps stays paused until all are answered, unless it stopped at breakpoints.
        Without an answer, the paused sub-workflows that it waits for go on with it, but for those that ask something.

        Raises:
            Conflict: `EXECUTION_NOT_PAUSED`, `DECISION_NEEDED` or `NOTHING_TO_DECIDE`.
            NotFound, InvalidInput: `STEP_NOT_ASKED_ABOUT`, `STEP_NEEDED`.
        """
        header = await self._decide(partial(control.resume, answer=answer), execution_id)
        if answer is None:
            await self._decide_below(execution_id, list_resting, control.resume)
        return header

    async def _decide_below(self, root: UUID, find_children: Finder, decision: Decision) -> None:
        """The same for what it waits for, level by level, each in a transaction of its own."""
        parents = [root]
        while parents:
            with translate_errors():
                async with self.database.pool.acquire() as connection:
                    parents = await find_children(connection, parents)
                    for child in parents:
                        with suppress(Conflict):  # it has ended meanwhile, or somebody else decided
                            await decision(connection, child)

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
