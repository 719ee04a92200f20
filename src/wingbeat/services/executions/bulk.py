"""The same for many executions, one after the other: one that it cannot be done with keeps no other from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from wingbeat.core.errors import DatabaseUnavailable, WingbeatError
from wingbeat.services.executions.forks import ForkRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence
    from uuid import UUID

    from wingbeat.core.access import Principal
    from wingbeat.services.executions.executions import Executions
    from wingbeat.services.executions.forks import Forks
    from wingbeat.services.executions.removals import Removals

Action: TypeAlias = Literal["cancel", "pause", "resume", "retry", "delete"]


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What came of it for one execution."""

    execution_id: UUID
    done: bool
    status: str | None = None
    new_execution_id: UUID | None = None
    stay: int = 0
    error_code: str | None = None
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class BulkActions:
    """The use case."""

    executions: Executions
    forks: Forks
    removals: Removals

    async def act(
        self, principal: Principal, action: Action, ids: Sequence[UUID], idempotency_key: str | None = None
    ) -> list[BulkResult]:
        """A result for each, in their order, or the newest first if they are deleted; each is acted on once.

        What is deleted says how many runs of sub-workflows stay, which are not the caller's to delete.

        Raises:
            DatabaseUnavailable: before it was through; what was done is done.
        """
        wanted = newest_first(ids) if action == "delete" else list(dict.fromkeys(ids))
        return [
            await result_of(execution_id, self._act(principal, action, execution_id, idempotency_key))
            for execution_id in wanted
        ]

    async def preview_deletion(self, principal: Principal, ids: Sequence[UUID]) -> list[BulkResult]:
        """The results that deleting these would have; nothing is done.

        Raises:
            DatabaseUnavailable: before it was through.
        """
        gone: set[UUID] = set()

        async def look(execution_id: UUID) -> BulkResult:
            extent = await self.removals.preview(principal, execution_id, gone)
            # Under one that went before, it has been counted.
            stay = sum(1 for one in extent.stays if one not in gone)
            gone.update(extent.goes, extent.stays)
            return BulkResult(execution_id, done=True, stay=stay)

        return [await result_of(execution_id, look(execution_id)) for execution_id in newest_first(ids)]

    async def _act(self, principal: Principal, action: Action, execution_id: UUID, key: str | None) -> BulkResult:
        if action == "retry":
            own_key = None if key is None else f"{key[:200]}/{execution_id}"
            started = await self.forks.fork(principal, ForkRequest(execution_id, idempotency_key=own_key))
            return BulkResult(
                execution_id, done=True, status=started.status.value, new_execution_id=started.execution_id
            )
        if action == "delete":
            extent = await self.removals.remove(principal, execution_id)
            return BulkResult(execution_id, done=True, stay=len(extent.stays))
        if action == "cancel":
            header = await self.executions.cancel(principal, execution_id)
        elif action == "pause":
            header = await self.executions.pause(principal, execution_id)
        else:
            header = await self.executions.resume(principal, execution_id)
        return BulkResult(execution_id, done=True, status=header.status)


def newest_first(ids: Sequence[UUID]) -> list[UUID]:
    """The order in which they are deleted: what was forked from others goes before them."""
    return sorted(set(ids), reverse=True)


async def result_of(execution_id: UUID, acting: Awaitable[BulkResult]) -> BulkResult:
    """What came of it, or why nothing did.

    Raises:
        DatabaseUnavailable: it is not known.
    """
    try:
        return await acting
    except DatabaseUnavailable:
        raise
    except WingbeatError as error:
        return BulkResult(execution_id, done=False, error_code=error.code, message=error.message, remedy=error.remedy)
