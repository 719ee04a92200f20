"""Keeps plans ready: a revision is read and planned once, however many executions it has."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

from wingbeat.core.document import parse_workflow
from wingbeat.core.errors import PlatformError
from wingbeat.core.part import plan_part
from wingbeat.services.catalog import bring_up_to_date
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.core.limits import Limits
    from wingbeat.core.node_kind import Catalog
    from wingbeat.core.part import Part
    from wingbeat.core.plan import Plan
    from wingbeat.storage.pool import Database

MOST_PLANS = 256


class Plans:
    """Plans by workflow and revision, the least recently used dropped first."""

    def __init__(self, database: Database, catalog: Catalog, caps: Limits) -> None:
        self._database = database
        self._catalog = catalog
        self._caps = caps
        self._kept: OrderedDict[tuple[UUID, int, Part | None], Plan] = OrderedDict()
        self._lock = asyncio.Lock()
        self._expired = False

    def expire(self) -> None:
        """Node types may have changed: make every plan anew when it is next asked for."""
        self._expired = True

    async def get(self, workflow_id: UUID, revision: int, part: Part | None = None) -> Plan:
        """The plan of a revision, or of a part of it.

        Raises:
            InvalidWorkflow: it cannot run any more, as when a node type is not installed here.
            NotFound, Conflict: there is no such part, see `plan_part`.
            PlatformError: there is no such revision.
            DatabaseUnavailable: the database cannot be reached.
        """
        key = (workflow_id, revision, part)
        plan = self._kept.get(key)
        if plan is not None and not self._expired:
            self._kept.move_to_end(key)
            return plan
        async with self._lock:
            if self._expired:
                self._expired = False
                self._kept.clear()
            if key not in self._kept:
                self._kept[key] = await self._make(workflow_id, revision, part)
                if len(self._kept) > MOST_PLANS:
                    self._kept.popitem(last=False)
            return self._kept[key]

    async def fresh(self, workflow_id: UUID, revision: int, part: Part | None = None) -> Plan:
        """A plan of the caller's own, which it may change; raises as `get`."""
        return await self._make(workflow_id, revision, part)

    async def _make(self, workflow_id: UUID, revision: int, part: Part | None) -> Plan:
        # Whoever starts or explores executions asks in the middle of a transaction.
        with translate_errors():
            async with self._database.spare() as connection:
                definition = await connection.fetchval(
                    "SELECT definition FROM workflow_revisions WHERE workflow_id = $1 AND revision = $2",
                    workflow_id,
                    revision,
                )
        if definition is None:
            raise PlatformError(
                f"Revision {revision} of the workflow {workflow_id} is gone.",
                code="REVISION_MISSING",
                remedy="Revisions are never deleted by Wingbeat; look for what else writes to its database.",
            )
        await bring_up_to_date(self._catalog)
        return plan_part(parse_workflow(definition), self._catalog, part, self._caps)
