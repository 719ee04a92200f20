"""What can be done with executions that are there: read, cancel, pause, go on. Starting them is in start.py."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from wingbeat.core.access import Permission
from wingbeat.core.errors import Conflict
from wingbeat.core.status import ExecutionStatus
from wingbeat.services.executions.hidden_addresses import hide_in_execution, hide_in_header, hide_in_step
from wingbeat.services.permissions import access
from wingbeat.storage import audit, control
from wingbeat.storage import executions as rows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.children import list_children, list_pausable, list_resting
from wingbeat.storage.executions import ExecutionHeader, StoredExecution, StoredStep, Wanted
from wingbeat.storage.paging import Page
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.storage.children import ListedChild
    from wingbeat.storage.control import Answer, Going
    from wingbeat.storage.paging import Paging
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
    """The use cases of executions.

    All raise NotFound for an id that there is not or that the caller may not see, Forbidden for what the caller may not
    do with what it sees, and DatabaseUnavailable.
    """

    database: Database

    async def get(
        self,
        principal: Principal,
        execution_id: UUID,
        *,
        progress: bool = False,
        steps: bool = False,
        after_sequence: int = 0,
    ) -> ExecutionDetails:
        """The execution, and with `steps` up to 1,000 rows of its journal after a sequence number.

        With `progress`, one that has not ended comes with what its nodes have done so far. Who may not run the workflow
        does not see the addresses by which its waits are ended and its questions decided.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                allowed = await access.require_execution(connection, principal, execution_id, Permission.VIEW)
                looks_on = Permission.EXECUTE not in allowed.permissions
                execution = await find(connection, execution_id)
                if progress:
                    execution = await rows.with_progress(connection, execution)
                if looks_on:
                    execution = hide_in_execution(execution)
                children = tuple(await list_children(connection, principal, execution_id))
                if not steps:
                    return ExecutionDetails(execution, None, more_steps=False, children=children)
                found = await rows.list_steps(
                    connection, execution_id, after_sequence=after_sequence, maximum=MAX_STEPS + 1
                )
        if looks_on:
            found = [hide_in_step(step) for step in found]
        return ExecutionDetails(execution, found[:MAX_STEPS], more_steps=len(found) > MAX_STEPS, children=children)

    async def list(self, principal: Principal, wanted: Wanted, paging: Paging) -> Page[ExecutionHeader]:
        """One page of the executions that are wanted and that the caller may see."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                if wanted.workflow_id is not None:
                    await access.require(connection, principal, wanted.workflow_id, Permission.VIEW)
                page = await rows.list_page(connection, principal, wanted, paging)
        # A list shows them to nobody, so that it need not ask about each line.
        return Page([hide_in_header(header) for header in page.items], page.more)

    async def count(self, principal: Principal, wanted: Wanted) -> int:
        """How many of them there are."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                return await rows.count(connection, principal, wanted)

    async def cancel(self, principal: Principal, execution_id: UUID) -> ExecutionHeader:
        """End the execution as cancelled; a running one stops within a second.

        Raises:
            Conflict: `EXECUTION_ENDED`.
        """
        return await self._decide(principal, control.cancel, execution_id, "cancel")

    async def pause(self, principal: Principal, execution_id: UUID) -> ExecutionHeader:
        """Let the execution rest: a running one after the steps that are under way. Doing it again changes nothing.

        The sub-workflows that it waits for are paused with it, however deep.

        Raises:
            Conflict: `EXECUTION_ENDED`.
        """
        header = await self._decide(principal, control.pause, execution_id, "pause")
        await self._decide_below(execution_id, list_pausable, control.pause)
        return header

    async def resume(
        self, principal: Principal, execution_id: UUID, answer: Answer | Going | None = None
    ) -> ExecutionHeader:
        """Let a paused execution go on, or one that was asked to pause and still runs.

        `answer` is for one that rests because the outcome of a step is not known, or because it came to a breakpoint.
        One that asks about several steps stays paused until all are answered, unless it stopped at breakpoints.
        Without an answer, the paused sub-workflows that it waits for go on with it, but for those that ask something.

        Raises:
            Conflict: `EXECUTION_NOT_PAUSED`, `DECISION_NEEDED` or `NOTHING_TO_DECIDE`.
            NotFound, InvalidInput: `STEP_NOT_ASKED_ABOUT`, `STEP_NEEDED`.
        """
        header = await self._decide(principal, partial(control.resume, answer=answer), execution_id, "resume")
        if answer is None:
            await self._decide_below(execution_id, list_resting, control.resume)
        return header

    async def _decide_below(self, root: UUID, find_children: Finder, decision: Decision) -> None:
        """The same for what it waits for, level by level, each in a transaction of its own: the engine's doing."""
        parents = [root]
        while parents:
            with translate_errors():
                async with self.database.pool.acquire() as connection:
                    parents = await find_children(connection, parents)
                    for child in parents:
                        with suppress(Conflict):  # it has ended meanwhile, or somebody else decided
                            await decision(connection, child)

    async def _decide(
        self, principal: Principal, decision: Decision, execution_id: UUID, action: str
    ) -> ExecutionHeader:
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await steer(connection, principal, execution_id)
                async with as_engine(connection):
                    await decision(connection, execution_id)
                header = (await find(connection, execution_id)).header
                await note(connection, principal, execution_id, f"execution.{action}")
                return header


async def steer(connection: asyncpg.Connection, principal: Principal, execution_id: UUID) -> None:
    """Make sure that the caller may decide about the execution, and keep others from deciding meanwhile.

    Raises:
        NotFound, Forbidden: see `access.require_execution`.
    """
    await access.require_execution(connection, principal, execution_id, Permission.EXECUTE)
    if await load("executions").hold_execution(connection, execution_id=execution_id) is None:
        raise access.missing(access.EXECUTION, execution_id, Permission.EXECUTE)


async def note(connection: asyncpg.Connection, principal: Principal, execution_id: UUID, action: str) -> None:
    """Record that somebody decided about an execution, with the decision."""
    event = AuditEvent(
        Category.AUDIT,
        action,
        "execution",
        str(execution_id),
        actor=principal.name,
        execution_id=execution_id,
    )
    await audit.write(connection, event)


async def find(connection: asyncpg.Connection, execution_id: UUID) -> StoredExecution:
    """The execution; whether somebody may see it, `services.permissions.access` says.

    Raises:
        NotFound: there is none with this id.
    """
    execution = await rows.get(connection, execution_id)
    if execution is None:
        raise access.missing(access.EXECUTION, execution_id)
    return execution
