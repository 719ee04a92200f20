"""What a workflow listens to, as whoever may see it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.core.access import Permission
from wingbeat.services.permissions.access import require
from wingbeat.storage import subscriptions as rows
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.core.access import Principal
    from wingbeat.storage.pool import Database
    from wingbeat.storage.subscriptions import Listens

# What a trigger started is looked for among so many: one that never did must not cost a walk through all of them.
LATEST = 1_000


@dataclass(frozen=True)
class Listeners:
    """The use case."""

    database: Database

    async def list(self, principal: Principal, workflow_id: UUID) -> list[Listens]:
        """What each trigger of the published revision listens to, and what it started last.

        Raises:
            NotFound: there is no such workflow, or the caller may not see it.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await require(connection, principal, workflow_id, Permission.VIEW)
                # What listens is the engine's to keep; the workflow is the caller's to see, which holds for both.
                async with as_engine(connection):
                    return await rows.list_of_workflow(connection, workflow_id, LATEST)
