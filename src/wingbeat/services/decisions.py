"""Why did it (not) run? What became of each time that something was to start a workflow, for whoever may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.core.access import Permission
from wingbeat.services.permissions.access import require
from wingbeat.storage import decision_lists as rows
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.storage.decision_lists import DecisionFilter, StoredDecision
    from wingbeat.storage.paging import Page, Paging
    from wingbeat.storage.pool import Database


@dataclass(frozen=True)
class Decisions:
    """The use cases of decisions. All raise DatabaseUnavailable, and NotFound for a workflow that there is not."""

    database: Database

    async def list(self, principal: Principal, wanted: DecisionFilter, paging: Paging) -> Page[StoredDecision]:
        """One page of those that the caller may see."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await _require(connection, principal, wanted)
                return await rows.list_page(connection, principal, wanted, paging)

    async def count(self, principal: Principal, wanted: DecisionFilter) -> int:
        """How many of them there are."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await _require(connection, principal, wanted)
                return await rows.count(connection, principal, wanted)


async def _require(connection: asyncpg.Connection, principal: Principal, wanted: DecisionFilter) -> None:
    if wanted.workflow_id is not None:
        await require(connection, principal, wanted.workflow_id, Permission.VIEW)
