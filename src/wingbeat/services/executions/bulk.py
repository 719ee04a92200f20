"""The same for many executions, one after the other: one that it cannot be done with keeps no other from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from wingbeat.core.errors import DatabaseUnavailable, WingbeatError
from wingbeat.services.executions.forks import ForkRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
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

        Raises:
            DatabaseUnavailable: before it was through; what was done is done.
        """
        results: list[BulkResult] = []
        # The newest first where they are deleted: what was forked from others goes before them.
        wanted = sorted(set(ids), reverse=True) if action == "delete" else dict.fromkeys(ids)
        for execution_id in wanted:
            try:
                results.append(await self._act(principal, action, execution_id, idempotency_key))
            except DatabaseUnavailable:
                raise
            except WingbeatError as error:
                refused = BulkResult(
                    execution_id, done=False, error_code=error.code, message=error.message, remedy=error.remedy
                )
                results.append(refused)
        return results

    async def _act(self, principal: Principal, action: Action, execution_id: UUID, key: str | None) -> BulkResult:
        if action == "retry":
            own_key = None if key is None else f"{key[:200]}/{execution_id}"
            started = await self.forks.fork(principal, ForkRequest(execution_id, idempotency_key=own_key))
            return BulkResult(
                execution_id, done=True, status=started.status.value, new_execution_id=started.execution_id
            )
        if action == "delete":
            await self.removals.remove(principal, execution_id)
            return BulkResult(execution_id, done=True)
        if action == "cancel":
            header = await self.executions.cancel(principal, execution_id)
        elif action == "pause":
            header = await self.executions.pause(principal, execution_id)
        else:
            header = await self.executions.resume(principal, execution_id)
        return BulkResult(execution_id, done=True, status=header.status)
