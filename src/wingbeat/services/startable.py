"""Which workflows can be started now: the look before each start, one statement for all who ask at the same moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.core.errors import Conflict, NotFound
from wingbeat.storage import audit
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    import asyncpg

    from wingbeat.storage.pool import Database


class Startable(NamedTuple):
    """What a start needs to know of a workflow; `limited` if it limits itself."""

    revision: int
    limited: bool


class Asked(NamedTuple):
    """A workflow, and the execution whose step would start it, if one would."""

    workflow_id: UUID
    caller: UUID | None


class StartableWorkflows:
    """Looks workflows up. Nobody is answered with what was read before the question came, so a change shows at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: dict[Asked, asyncio.Future[asyncpg.Record | None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def find(self, workflow_id: UUID, *, caller: UUID | None = None) -> Startable:
        """The workflow as it can be started; by a step of the execution `caller`, if that is given.

        Raises:
            NotFound, Conflict: there is no such workflow, or it is none that the caller's owner may start, or it cannot
                be started as it stands.
            DatabaseUnavailable: nothing is known.
        """
        asked = Asked(workflow_id, caller)
        answer = self._asked.get(asked)
        if answer is None:
            answer = self._asked[asked] = asyncio.get_running_loop().create_future()
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

    async def _read(self, asked: dict[Asked, asyncio.Future[asyncpg.Record | None]]) -> None:
        found: dict[Asked, asyncpg.Record] = {}
        by_steps = [one for one in asked if one.caller is not None]
        try:
            with translate_errors():
                if len(by_steps) < len(asked):
                    ids = [one.workflow_id for one in asked if one.caller is None]
                    rows = await load("starts").find_startable(self._database.pool, ids=ids)
                    found |= {Asked(row["workflow_id"], None): row for row in rows}
                if by_steps:
                    found |= await self._find_callable(by_steps)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            for answer in asked.values():
                answer.set_exception(error)
            return
        for one, answer in asked.items():
            answer.set_result(found.get(one))

    async def _find_callable(self, asked: list[Asked]) -> dict[Asked, asyncpg.Record]:
        """Those that the steps may start. What is not for them is as if it were not there, but is written down."""
        pool = self._database.pool
        rows = await load("starts").find_callable(
            pool, ids=[one.workflow_id for one in asked], callers=[one.caller for one in asked]
        )
        for row in rows:
            if not row["admitted"]:
                await audit.write(pool, foreign_start(row))
        return {Asked(row["workflow_id"], row["caller"]): row for row in rows if row["admitted"]}


def foreign_start(row: asyncpg.Record) -> AuditEvent:
    """What is written down when a step asks for a workflow that its own workflow's owner may not start."""
    return AuditEvent(
        Category.AUTHZ,
        "workflow.start",
        "workflow",
        str(row["workflow_id"]),
        actor=f"workflow {row['calling']}",
        community_id=row["community_id"],
        execution_id=row["caller"],
        result="SUBWORKFLOW_NOT_FOUND",
    )


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
