"""Which workflows can be started now: the look before each start, one statement for all who ask at the same moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, cast
from uuid import UUID

from wingbeat.core.access import Denied, Hidden, Ownership, Permission, granted_to, permissions_on
from wingbeat.core.errors import Conflict
from wingbeat.core.overflow import Guard
from wingbeat.services.permissions import access
from wingbeat.storage import audit
from wingbeat.storage.access import as_grant
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.storage.pool import Database


class Startable(NamedTuple):
    """What a start needs to know of a workflow; `limited` if it limits itself, `guard` if it says how.

    It needs a licence for `features`.
    """

    revision: int
    limited: bool
    community_id: int = 0
    features: tuple[str, ...] = ()
    guard: Guard | None = None


class Asked(NamedTuple):
    """A workflow, and the execution whose step would start it, if one would."""

    workflow_id: UUID
    caller: UUID | None


class StartableWorkflows:
    """Looks workflows up. Nobody is answered with what was read before the question came, so a change shows at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: dict[Asked, asyncio.Future[asyncpg.Record | None]] = {}
        self._askers: list[Principal] = []
        self._reading: asyncio.Task[None] | None = None

    async def find(self, principal: Principal, workflow_id: UUID, *, caller: UUID | None = None) -> Startable:
        """The workflow as the principal can start it; by a step of the execution `caller`, if that is given.

        Raises:
            NotFound: there is no such workflow, or the principal may not even see it; or it is none that the owner of
                the caller's workflow may start.
            Forbidden: the principal may see it, but not run it.
            Conflict: it cannot be started as it stands.
            DatabaseUnavailable: nothing is known.
        """
        asked = Asked(workflow_id, caller)
        answer = self._asked.get(asked)
        if answer is None:
            answer = self._asked[asked] = asyncio.get_running_loop().create_future()
        if not principal.unrestricted:
            self._askers.append(principal)
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_all(), name="startable")
        # Others wait for the same answer, so one who gives up must not cancel it.
        row = await asyncio.shield(answer)
        try:
            check_may_start(principal, workflow_id, row)
        except (Hidden, Denied) as refused:
            await self._database.record(principal, refused)
            raise
        return judge(workflow_id, row)

    async def _read_all(self) -> None:
        """One round after another, each for those who asked during the one before."""
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                askers, self._askers = self._askers, []
                await self._read(asked, askers)
        finally:
            self._reading = None

    async def _read(
        self, asked: dict[Asked, asyncio.Future[asyncpg.Record | None]], askers: Sequence[Principal]
    ) -> None:
        found: dict[Asked, asyncpg.Record] = {}
        by_steps = [one for one in asked if one.caller is not None]
        try:
            with translate_errors():
                if len(by_steps) < len(asked):
                    rows = await self._find([one.workflow_id for one in asked if one.caller is None], askers)
                    found |= {Asked(row["workflow_id"], None): row for row in rows}
                if by_steps:
                    found |= await self._find_callable(by_steps)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            for answer in asked.values():
                answer.set_exception(error)
            return
        for one, answer in asked.items():
            answer.set_result(found.get(one))

    async def _find(self, ids: list[UUID], askers: Sequence[Principal]) -> list[asyncpg.Record]:
        queries, pool = load("starts"), self._database.pool
        if not askers:
            return cast("list[asyncpg.Record]", await queries.find_startable(pool, ids=ids))
        found = await queries.find_startable_by(
            pool,
            ids=ids,
            users=list({one.user_id for one in askers}),
            roles=list({role for one in askers for role in one.roles}),
            communities=list({community for one in askers for community in one.member_of()}),
        )
        return cast("list[asyncpg.Record]", found)

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


def check_may_start(principal: Principal, workflow_id: UUID, row: asyncpg.Record | None) -> None:
    """Raise if the caller may not run the workflow of a row of `find_startable_by`; as `StartableWorkflows.find`.

    Starting it is all that somebody can do with a workflow who may run it and not see it.
    """
    allowed: frozenset[Permission] = frozenset()
    if row is not None:
        grants = () if principal.unrestricted else map(as_grant, row["grants"] or ())
        community, author = (0, 0) if principal.unrestricted else (row["community_id"], row["author_id"])
        allowed = permissions_on(principal, Ownership(author, community, granted_to(principal, grants)))
    if Permission.EXECUTE not in allowed:
        access.decide(allowed, Permission.EXECUTE, access.WORKFLOW, workflow_id)


def judge(workflow_id: UUID, row: asyncpg.Record | None) -> Startable:
    """What a row of `find_startable` says; raises as `StartableWorkflows.find`."""
    if row is None:
        raise access.workflow_not_found(workflow_id)
    if row["status"] == "archived":
        raise Conflict("The workflow is archived.", code="WORKFLOW_ARCHIVED", remedy="Create a new workflow from it.")
    if row["published_revision"] is None:
        raise Conflict("The workflow is not published.", code="WORKFLOW_NOT_PUBLISHED", remedy="Publish it first.")
    if not row["enabled"]:
        raise Conflict("The workflow is disabled.", code="WORKFLOW_DISABLED", remedy="Enable it first.")
    guard = row.get("guard")
    return Startable(
        row["published_revision"],
        row["limited"],
        row["community_id"],
        tuple(row["licence_features"]),
        None if guard is None else Guard.read(guard),
    )
