"""What can be done with schedules: make, read, change, pause, resume, delete, run now, and see their times ahead."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, NamedTuple, cast

from wingbeat.core.access import Permission
from wingbeat.core.errors import Conflict, InvalidInput, NotFound, PreconditionFailed, RateLimited
from wingbeat.core.licence import Feature
from wingbeat.core.schedule import Misfire
from wingbeat.sdk.cron import Cron, read_zone
from wingbeat.services.executions.firing import Firing
from wingbeat.services.executions.overflow import Refused
from wingbeat.services.licence import Unlimited
from wingbeat.services.permissions.access import require
from wingbeat.services.schedules.times import NO_DEFAULTS, ScheduleDefaults, data_for, make_schedule, schedule_of
from wingbeat.services.workflow_rules import NO_REVISION
from wingbeat.storage import audit, idempotency
from wingbeat.storage import schedules as rows
from wingbeat.storage import workflows as workflow_rows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.decisions import Outcome, TriggerKind
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import despite_collisions, translate_errors
from wingbeat.storage.schedules import ScheduleFields
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.schedule import Next
    from wingbeat.services.executions.firing import Fired, Firings
    from wingbeat.services.licence import Gate
    from wingbeat.storage.paging import Page, Paging
    from wingbeat.storage.pool import Database
    from wingbeat.storage.schedules import ListedSchedule, StoredSchedule

API = "api"
NODE = "node"
CREATE = "schedule.create"
RUN = "schedule.run"
MOST_OF_A_WORKFLOW = 100
MOST_PREVIEWED = 100
# What changes when a schedule runs; all else leaves its next time as it is.


class CreatedSchedule(NamedTuple):
    """A schedule that a request led to; `replayed` if the same request came before and led to it then."""

    schedule: StoredSchedule
    replayed: bool


class RunNow(NamedTuple):
    """The execution that running a schedule now led to; `coalesced` if it is one that was waiting already."""

    execution_id: UUID
    coalesced: bool = False
    replayed: bool = False


class _Replayed(Exception):
    def __init__(self, execution_id: UUID) -> None:
        self.execution_id = execution_id


@dataclass(frozen=True)
class Schedules:
    """The use cases of schedules. All raise NotFound for what there is not or is not the caller's, and Forbidden."""

    database: Database
    firings: Firings
    defaults: ScheduleDefaults = NO_DEFAULTS
    gate: Gate = field(default_factory=Unlimited)

    async def create(
        self, principal: Principal, workflow_id: UUID, given: ScheduleFields, *, idempotency_key: str | None = None
    ) -> CreatedSchedule:
        """Make a schedule of a workflow; what it leaves open is what the installation says now.

        Raises:
            InvalidInput: `SCHEDULE_INVALID`, with all that is wrong.
            Conflict: `WORKFLOW_ARCHIVED`, `TOO_MANY_SCHEDULES` or `IDEMPOTENCY_KEY_REUSED`.
        """
        check_fields(given)
        schedule_id = new_id()
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await require(connection, principal, workflow_id, Permission.EDIT)
                if idempotency_key is not None:
                    digest = idempotency.hash_request(workflow_id.bytes, encode_json(_as_json(given)))
                    earlier = await idempotency.remember(
                        connection, CREATE, idempotency_key, digest, schedule_id, owner=principal.key
                    )
                    if earlier is not None:
                        return CreatedSchedule(await find(connection, workflow_id, earlier), replayed=True)
                community_id = await self._check_workflow(connection, workflow_id, given)
                await self.gate.require(community_id, [Feature.WORKFLOW_SCHEDULES])
                stored = await rows.insert(connection, schedule_id, workflow_id, API, self._completed(given))
                stored = await self._begin(connection, stored)
                await _note(connection, principal, stored, "create")
        return CreatedSchedule(stored, replayed=False)

    async def get(self, principal: Principal, workflow_id: UUID, schedule_id: UUID) -> StoredSchedule:
        """One of a workflow."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await require(connection, principal, workflow_id, Permission.VIEW)
                return await find(connection, workflow_id, schedule_id)

    async def list(
        self, principal: Principal, paging: Paging, *, workflow_id: UUID | None = None
    ) -> tuple[Page[ListedSchedule], int | None]:
        """One page of those of a workflow, or of all that the caller may see, and how many if asked by page number."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                if workflow_id is not None:
                    await require(connection, principal, workflow_id, Permission.VIEW)
                page = await rows.list_page(connection, principal, workflow_id, paging)
                total = await rows.count(connection, principal, workflow_id) if paging.cursor is None else None
        return page, total

    async def update(
        self,
        principal: Principal,
        workflow_id: UUID,
        schedule_id: UUID,
        given: ScheduleFields,
        *,
        expected_revision: int | None = None,
    ) -> StoredSchedule:
        """Replace what it says. Its next time changes only if what says when it runs does.

        Raises:
            InvalidInput: `SCHEDULE_INVALID`, with all that is wrong.
            Conflict: `SCHEDULE_OF_NODE`, `WORKFLOW_ARCHIVED`.
            PreconditionFailed: it was changed meanwhile.
        """
        check_fields(given)
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await require(connection, principal, workflow_id, Permission.EDIT)
                before = await _lock_own(connection, workflow_id, schedule_id, expected_revision)
                await self._check_workflow(connection, workflow_id, given, new=False)
                stored = await rows.update(connection, schedule_id, self._completed(given))
                if not before.fields.runs_as(stored.fields):
                    anchored = before.fields.interval_seconds == stored.fields.interval_seconds
                    stored = await self._begin(connection, stored, anchored=anchored)
                await _note(connection, principal, stored, "update")
        return stored

    async def delete(
        self, principal: Principal, workflow_id: UUID, schedule_id: UUID, *, expected_revision: int | None = None
    ) -> StoredSchedule:
        """Remove it; its executions and the decisions about it stay.

        Raises:
            Conflict: `SCHEDULE_OF_NODE`.
            PreconditionFailed: it was changed meanwhile.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await require(connection, principal, workflow_id, Permission.EDIT)
                stored = await _lock_own(connection, workflow_id, schedule_id, expected_revision)
                await rows.delete(connection, schedule_id)
                await _note(connection, principal, stored, "delete")
        return stored

    async def set_paused(
        self, principal: Principal, workflow_id: UUID, schedule_id: UUID, *, paused: bool
    ) -> StoredSchedule:
        """Pause it, or let it go on from now: what it would have fired meanwhile is not made up for."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await require(connection, principal, workflow_id, Permission.EDIT)
                stored = await find(connection, workflow_id, schedule_id, lock=True)
                if stored.paused == paused:
                    return stored
                stored = await rows.set_paused(connection, schedule_id, paused=paused)
                stored = await self._begin(connection, stored, anchored=True)
                await _note(connection, principal, stored, "pause" if paused else "resume")
        return stored

    async def run(
        self, principal: Principal, workflow_id: UUID, schedule_id: UUID, *, idempotency_key: str | None = None
    ) -> RunNow:
        """Start an execution as the schedule would, now, whether it is paused or not. Its times stay as they are.

        Raises:
            Conflict: the workflow cannot be started as it stands.
            RateLimited: a limit of the workflow stands against it.
        """

        async def once() -> Fired:
            async with self.database.scoped(principal) as connection:
                await require(connection, principal, workflow_id, Permission.EXECUTE)
                stored = await find(connection, workflow_id, schedule_id)
                return await self._run_once(connection, principal, stored, idempotency_key)

        try:
            fired = await despite_collisions(once)
        except _Replayed as replayed:
            return RunNow(replayed.execution_id, replayed=True)
        # After the transaction, so that the decision stays.
        if fired.execution_id is None:
            raise refusal(fired)
        return RunNow(fired.execution_id, coalesced=fired.outcome is Outcome.COALESCED)

    async def _run_once(
        self, connection: asyncpg.Connection, principal: Principal, stored: StoredSchedule, key: str | None
    ) -> Fired:
        """Run it, unless the same request did before; one that came at the same moment undoes this one."""
        digest = idempotency.hash_request(stored.workflow_id.bytes, stored.schedule_id.bytes)
        if key is not None:
            earlier = await idempotency.recall(connection, RUN, key, digest, owner=principal.key)
            if earlier is not None:
                raise _Replayed(earlier)
        async with as_engine(connection):
            fired = await self._fire(connection, principal, stored)
        if fired.execution_id is not None and key is not None:
            earlier = await idempotency.remember(connection, RUN, key, digest, fired.execution_id, owner=principal.key)
            if earlier is not None:
                raise _Replayed(earlier)
        await _note(connection, principal, stored, "run")
        return fired

    async def preview(
        self, principal: Principal, workflow_id: UUID, schedule_id: UUID, most: int
    ) -> tuple[str, Sequence[Next]]:
        """The next times of a schedule, as if it were not paused, and its time zone."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await require(connection, principal, workflow_id, Permission.VIEW)
                stored = await find(connection, workflow_id, schedule_id)
                now = await rows.read_now(connection)
        zone = stored.fields.timezone or self.defaults.timezone
        return zone, schedule_of(stored, self.defaults).upcoming(now, most)

    async def preview_unsaved(self, given: ScheduleFields, most: int) -> tuple[str, Sequence[Next]]:
        """The times that a schedule would have, and their time zone.

        Raises:
            InvalidInput: `SCHEDULE_INVALID`, with all that is wrong.
        """
        check_fields(given)
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                now = await rows.read_now(connection)
        schedule = make_schedule(new_id(), given, now, self.defaults)
        return given.timezone or self.defaults.timezone, schedule.upcoming(now, most)

    def show(self, stored: StoredSchedule) -> JsonObject:
        """A schedule as sent to callers; what it leaves open is shown as it holds now."""
        given = self._completed(stored.fields)
        shown = {name: getattr(given, name) for name in rows.FIELD_NAMES if name != "coalesce_runs"}
        own = {name: getattr(stored, name) for name in stored.__slots__ if name not in {"fields", "anchor"}}
        own.pop("decided_until")
        return cast("JsonObject", {**own, **shown, "coalesce": given.coalesce_runs})

    def _completed(self, given: ScheduleFields) -> ScheduleFields:
        coalesce = self.defaults.coalesce and given.misfire_policy != Misfire.ALL
        return replace(
            given,
            timezone=given.timezone or self.defaults.timezone,
            max_instances=given.max_instances or self.defaults.max_instances,
            coalesce_runs=coalesce if given.coalesce_runs is None else given.coalesce_runs,
        )

    async def _begin(
        self, connection: asyncpg.Connection, stored: StoredSchedule, *, anchored: bool = False
    ) -> StoredSchedule:
        stored = await rows.begin_anew(connection, stored.schedule_id, anchored=anchored)
        if stored.next_run_at is None:
            return stored
        first = schedule_of(stored, self.defaults).next_after(stored.decided_until)
        planned, due = first if first is not None else (None, None)
        return await rows.plan_next(connection, stored.schedule_id, planned, due)

    async def _fire(self, connection: asyncpg.Connection, principal: Principal, stored: StoredSchedule) -> Fired:
        now = await rows.read_now(connection)
        firing = Firing(
            stored.workflow_id,
            TriggerKind.SCHEDULE,
            data_for(stored, now),
            node_id=stored.fields.trigger_node_id,
            trigger_id=stored.schedule_id,
            priority=stored.fields.priority,
            actor=principal.user_id,
            detail={"run_now": True},
        )
        return (await self.firings.fire(connection, [firing]))[0]

    @staticmethod
    async def _check_workflow(
        connection: asyncpg.Connection, workflow_id: UUID, given: ScheduleFields, *, new: bool = True
    ) -> int:
        """Make sure that the workflow may have this schedule; returns its community."""
        workflow = await workflow_rows.get(connection, workflow_id)
        if workflow is None or workflow.header.status == "archived":
            raise Conflict(
                f"The workflow {workflow_id} is archived; nothing was changed.",
                code="WORKFLOW_ARCHIVED",
                remedy="Create a new workflow from its definition.",
            )
        nodes = cast("list[JsonObject]", workflow.definition["nodes"])
        if given.trigger_node_id is not None and given.trigger_node_id not in {node["id"] for node in nodes}:
            raise _invalid({"trigger_node_id": f"the workflow has no node {given.trigger_node_id!r}"})
        if new and await rows.count_of_workflow(connection, workflow_id) >= MOST_OF_A_WORKFLOW:
            raise Conflict(
                f"The workflow has {MOST_OF_A_WORKFLOW} schedules; that is as many as one may have.",
                code="TOO_MANY_SCHEDULES",
                remedy="Delete one, or let one fire at several times: lists and ranges fit into one expression.",
            )
        return workflow.header.community_id


async def find(
    connection: asyncpg.Connection, workflow_id: UUID, schedule_id: UUID, *, lock: bool = False
) -> StoredSchedule:
    """A workflow's schedule; raises NotFound if there is none."""
    stored = await rows.get(connection, workflow_id, schedule_id, lock=lock)
    if stored is None:
        raise NotFound(
            f"There is no schedule {schedule_id}.",
            code="SCHEDULE_NOT_FOUND",
            remedy="List the schedules of the workflow to find its id.",
        )
    return stored


def check_fields(given: ScheduleFields) -> None:
    """Raise InvalidInput (`SCHEDULE_INVALID`) with all that is wrong, by field."""
    wrong: dict[str, str] = {}
    if (given.cron_expression is None) == (given.interval_seconds is None):
        wrong["cron_expression"] = "give either cron_expression or interval_seconds"
    elif given.cron_expression is not None:
        _try(wrong, "cron_expression", lambda: Cron.read(str(given.cron_expression)))
    if given.timezone is not None:
        _try(wrong, "timezone", lambda: read_zone(str(given.timezone)))
    if given.misfire_policy == Misfire.ALL and given.coalesce_runs:
        wrong["coalesce"] = "with the misfire policy 'all' each time has its own execution"
    if given.start_at is not None and given.end_at is not None and given.end_at < given.start_at:
        wrong["end_at"] = "it is before start_at"
    if wrong:
        raise _invalid(wrong)


def refusal(fired: Fired) -> Conflict | RateLimited:
    """What a caller hears whose start came to nothing."""
    if fired.outcome in {Outcome.LIMITED, Outcome.OVERFLOW}:
        return Refused(fired.outcome, fired.reason).as_error()
    return Conflict(
        "The workflow cannot be started as it stands.",
        code=fired.reason or "NOT_STARTED",
        remedy="See the decisions of the workflow for why.",
    )


async def _lock_own(
    connection: asyncpg.Connection, workflow_id: UUID, schedule_id: UUID, expected_revision: int | None
) -> StoredSchedule:
    """The schedule, to be changed: if no node stands for it, and nobody was faster."""
    stored = await find(connection, workflow_id, schedule_id, lock=True)
    if stored.source == NODE:
        raise Conflict(
            f"The schedule is the trigger {stored.fields.trigger_node_id!r} of the workflow; nothing was changed.",
            code="SCHEDULE_OF_NODE",
            remedy="Change that node and publish the workflow. Pausing and resuming is possible here.",
        )
    if expected_revision is not None and expected_revision != stored.revision:
        code = "ETAG_UNKNOWN" if expected_revision == NO_REVISION else "REVISION_STALE"
        raise PreconditionFailed(
            f"The schedule is at revision {stored.revision} by now; nothing was changed.",
            code=code,
            remedy="Read it again, and send your change with its ETag.",
            details={"current_revision": stored.revision},
        )
    return stored


async def _note(connection: asyncpg.Connection, principal: Principal, stored: StoredSchedule, what: str) -> None:
    event = AuditEvent(
        Category.AUDIT,
        f"schedule.{what}",
        "schedule",
        str(stored.schedule_id),
        actor=principal.name,
        detail={"workflow_id": str(stored.workflow_id), "name": stored.fields.name},
    )
    await audit.write(connection, event)


def _try(wrong: dict[str, str], field: str, read: object) -> None:
    try:
        read()  # type: ignore[operator] # a function without arguments
    except ValueError as error:
        wrong[field] = str(error)


def _invalid(wrong: dict[str, str]) -> InvalidInput:
    problems: list[Json] = [{"field": field, "message": message} for field, message in wrong.items()]
    return InvalidInput(
        "The schedule cannot be: " + "; ".join(f"{field}: {message}" for field, message in wrong.items()) + ".",
        code="SCHEDULE_INVALID",
        remedy="POST /api/v1/schedules/preview shows the times that a schedule would have.",
        details={"problems": problems},
    )


def _as_json(given: ScheduleFields) -> Json:
    def plain(value: object) -> Json:
        moment = cast("datetime", value)
        return moment.isoformat() if hasattr(value, "isoformat") else cast("Json", value)

    return [plain(getattr(given, one.name)) for one in fields(given)]
