"""Which workflows can be started now: the look before each start, one statement for all who ask at the same moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.errors import Conflict, NotFound
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from wingbeat.storage.pool import Database


class Startable(NamedTuple):
    """What a start needs to know of a workflow; `limited` if it limits itself."""

    revision: int
    limited: bool


class StartableWorkflows:
    """Looks workflows up. Nobody is answered with what was read before the question came, so a change shows at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: dict[UUID, asyncio.Future[asyncpg.Record | None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def find(self, workflow_id: UUID) -> Startable:
        """The workflow as it can be started.

        Raises:
            NotFound, Conflict: there is no such workflow, or it cannot be started as it stands.
            DatabaseUnavailable: nothing is known.
        """
        answer = self._asked.get(workflow_id)
        if answer is None:
            answer = self._asked[workflow_id] = asyncio.get_running_loop().create_future()
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_all(), name="startable")
        # Others wait for the same answer, so one who gives up must not cancel it.
        return judge(workflow_id, await asyncio.shield(answer))

    async def _read_all(self) -> None:
        """One round after another, each for those who asked during the one before."""
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                await self._read(asked)
        finally:
            self._reading = None

    async def _read(self, asked: dict[UUID, asyncio.Future[asyncpg.Record | None]]) -> None:
        try:
            with translate_errors():
                rows = await load("starts").find_startable(self._database.pool, ids=list(asked))
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            for answer in asked.values():
                answer.set_exception(error)
            return
        found = {row["workflow_id"]: row for row in rows}
        for workflow_id, answer in asked.items():
            answer.set_result(found.get(workflow_id))


def judge(workflow_id: UUID, row: asyncpg.Record | None) -> Startable:
    """What a row of `find_startable` says; raises as `StartableWorkflows.find`."""
    if row is None:
        raise NotFound(f"There is no workflow {workflow_id}.", remedy="Check the id.")
    if row["status"] == "archived":
        raise Conflict("The workflow is archived.", code="WORKFLOW_ARCHIVED", remedy="Create a new workflow from it.")
    if row["published_revision"] is None:
        raise Conflict("The workflow is not published.", code="WORKFLOW_NOT_PUBLISHED", remedy="Publish it first.")
    if not row["enabled"]:
        raise Conflict("The workflow is disabled.", code="WORKFLOW_DISABLED", remedy="Enable it first.")
    return Startable(row["published_revision"], row["limited"])
