"""Rows of schedules, and what was decided about their times: written and read. What is due is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.storage.access import allowed_workflows
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.paging import Order, Page, Paging, page_clause
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import JsonObject

# What a list may be sorted by; the first is the default. A cursor needs a value that is always there and never moves.
SCHEDULE_ORDERS = {
    "-created_at": Order("created_at", descending=True),
    "created_at": Order("created_at"),
    "name": Order("name"),
    "-name": Order("name", descending=True),
}
# Told whenever a schedule has changed.
CHANNEL = "wingbeat_schedules"
NO_OFFSET = timedelta()


@dataclass(frozen=True, slots=True)
class ScheduleFields:
    """What a save writes. Exactly one of `cron_expression` and `interval_seconds` is there.

    Where `timezone`, `max_instances` or `coalesce_runs` is None, the installation's setting holds.
    """

    name: str
    description: str = ""
    cron_expression: str | None = None
    interval_seconds: float | None = None
    timezone: str | None = None
    trigger_node_id: str | None = None
    data: JsonObject | None = None
    priority: int | None = None
    max_instances: int | None = None
    coalesce_runs: bool | None = None
    misfire_policy: str = "skip"
    misfire_grace_seconds: float = 60.0
    misfire_window_seconds: float = 86_400.0
    misfire_max: int = 100
    jitter_seconds: float = 0.0
    start_at: datetime | None = None
    end_at: datetime | None = None
    enabled: bool = True

    def runs_as(self, other: ScheduleFields) -> bool:
        """Whether both say the same about when it runs; then its next time stays, even one that is due just now."""
        return all(getattr(self, name) == getattr(other, name) for name in TIMING)


# What says when a schedule runs.
TIMING = (
    "cron_expression", "interval_seconds", "timezone", "start_at", "end_at", "jitter_seconds", "enabled",
)  # fmt: skip
FIELD_NAMES = tuple(one.name for one in fields(ScheduleFields))


@dataclass(frozen=True, slots=True)
class StoredSchedule:
    """A schedule. `revision` rises with every change that somebody makes; `next_run_at` is None if it does not run."""

    schedule_id: UUID
    workflow_id: UUID
    source: str
    fields: ScheduleFields
    paused: bool
    revision: int
    anchor: datetime
    decided_until: datetime
    next_planned_for: datetime | None
    next_run_at: datetime | None
    last_run_at: datetime | None
    last_execution_id: UUID | None
    last_outcome: str | None
    last_error: str | None
    run_count: int
    created_at: datetime
    updated_at: datetime


class ListedSchedule(NamedTuple):
    """A schedule as lists show it: with the name of its workflow, and what became of its last execution."""

    schedule: StoredSchedule
    workflow_name: str
    last_execution_status: str | None


class Looked(NamedTuple):
    """What a look at a schedule came to: the next time, how many fired, the last execution and the last outcome."""

    schedule_id: UUID
    next_planned_for: datetime | None
    next_run_at: datetime | None
    fired: int
    execution_id: UUID | None
    outcome: str | None


class Ahead(NamedTuple):
    """In how many seconds a schedule is due, None if none will be; and whether the clock was `set_back`."""

    seconds_to_next: float | None
    set_back: bool

    @property
    def wanted(self) -> bool:
        """Whether there is something to decide now."""
        return self.set_back or (self.seconds_to_next is not None and self.seconds_to_next <= 0)


class Run(NamedTuple):
    """A planned time that was decided, with its execution unless a limit stood against it."""

    schedule_id: UUID
    planned_for: datetime
    execution_id: UUID | None = None


async def insert(
    connection: asyncpg.Connection, schedule_id: UUID, workflow_id: UUID, source: str, given: ScheduleFields
) -> StoredSchedule:
    """A new schedule, not planned yet. Within a transaction of the caller's."""
    row = await load("schedules").insert_schedule(
        connection, schedule_id=schedule_id, workflow_id=workflow_id, source=source, **columns(given)
    )
    return as_stored(row)


async def update(connection: asyncpg.Connection, schedule_id: UUID, given: ScheduleFields) -> StoredSchedule:
    """Replace what it says; when it runs next is not changed by that."""
    return as_stored(await load("schedules").update_schedule(connection, schedule_id=schedule_id, **columns(given)))


async def begin_anew(connection: asyncpg.Connection, schedule_id: UUID, *, anchored: bool = False) -> StoredSchedule:
    """Let its times count from now on; an interval that is `anchored` keeps its places."""
    row = await load("schedules").begin_anew(connection, schedule_id=schedule_id, anchored=anchored)
    await load("schedules").tell_changed(connection)
    return as_stored(row)


async def set_paused(connection: asyncpg.Connection, schedule_id: UUID, *, paused: bool) -> StoredSchedule:
    """Pause it, or let it go on."""
    return as_stored(await load("schedules").set_paused(connection, schedule_id=schedule_id, paused=paused))


async def plan_next(
    connection: asyncpg.Connection, schedule_id: UUID, planned: datetime | None, due: datetime | None
) -> StoredSchedule:
    """Note its next time."""
    row = await load("schedules").plan_next(
        connection, schedule_id=schedule_id, next_planned_for=planned, next_run_at=due
    )
    return as_stored(row)


async def get(
    connection: asyncpg.Connection, workflow_id: UUID, schedule_id: UUID, *, lock: bool = False
) -> StoredSchedule | None:
    """A workflow's schedule, or None; with `lock`, kept from changing until the caller's transaction ends."""
    query = load("schedules").lock_schedule if lock else load("schedules").get_schedule
    row = await query(connection, workflow_id=workflow_id, schedule_id=schedule_id)
    return as_stored(row) if row is not None else None


async def find(connection: asyncpg.Connection, schedule_id: UUID) -> StoredSchedule | None:
    """The schedule with this id, of whichever workflow."""
    row = await load("schedules").find_schedule(connection, schedule_id=schedule_id)
    return as_stored(row) if row is not None else None


async def list_page(
    connection: asyncpg.Connection, principal: Principal, workflow_id: UUID | None, paging: Paging
) -> Page[ListedSchedule]:
    """One page of those that the caller may see: of one workflow, or of all."""
    order = SCHEDULE_ORDERS[paging.sort]
    allowed = allowed_workflows(principal, first_argument=4, table="w")
    visible = (
        "($1::uuid IS NULL OR workflow_id = $1)"  # noqa: S608 -- as below
        f" AND workflow_id IN (SELECT workflow_id FROM workflows w WHERE {allowed.sql})"
    )
    clause, more = page_clause("workflow_schedules", "schedule_id", order, paging, first_argument=2, visible=visible)
    direction = "DESC" if order.descending else "ASC"
    rows = await connection.fetch(
        f"""
        SELECT s.*, w.name AS workflow_name, e.status AS last_execution_status
        FROM (
            SELECT * FROM workflow_schedules WHERE {visible} {clause}
        ) s
        JOIN workflows w USING (workflow_id)
        LEFT JOIN workflow_executions e ON e.execution_id = s.last_execution_id
        ORDER BY s.{order.column} {direction}, s.schedule_id {direction}
        """,  # noqa: S608 -- constants of this module and of storage.access
        workflow_id,
        *more,
        *allowed.arguments,
    )
    listed = [ListedSchedule(as_stored(row), row["workflow_name"], row["last_execution_status"]) for row in rows]
    return Page.of(listed, paging.per_page)


async def count(connection: asyncpg.Connection, principal: Principal, workflow_id: UUID | None) -> int:
    """How many there are of those that the caller may see."""
    allowed = allowed_workflows(principal, first_argument=2, table="w")
    return int(
        await connection.fetchval(
            "SELECT count(*) FROM workflow_schedules s JOIN workflows w USING (workflow_id)"  # noqa: S608 -- as above
            f" WHERE ($1::uuid IS NULL OR s.workflow_id = $1) AND {allowed.sql}",
            workflow_id,
            *allowed.arguments,
        )
    )


async def count_of_workflow(connection: asyncpg.Connection, workflow_id: UUID) -> int:
    """How many a workflow has."""
    return int(await load("schedules").count_of_workflow(connection, workflow_id=workflow_id))


async def delete(connection: asyncpg.Connection, schedule_id: UUID) -> None:
    """Remove it."""
    await load("schedules").delete_schedule(connection, schedule_id=schedule_id)


async def lock_of_nodes(connection: asyncpg.Connection, workflow_id: UUID) -> dict[str, StoredSchedule]:
    """Those that nodes of a workflow stand for, by the nodes' ids, kept from changing."""
    rows = await load("schedules").lock_of_nodes(connection, workflow_id=workflow_id)
    return {row["trigger_node_id"]: as_stored(row) for row in rows}


async def stop_all(connection: asyncpg.Connection, workflow_id: UUID) -> None:
    """Let none of a workflow's schedules run any more."""
    await load("schedules").stop_all(connection, workflow_id=workflow_id)


# What whoever fires them needs.


async def read_now(connection: asyncpg.Connection, offset: timedelta = NO_OFFSET) -> datetime:
    """The database's time; what tests add to it is `offset`."""
    now: datetime = await load("schedules").now_with(connection, offset=offset)
    return now


async def lock_due(
    connection: asyncpg.Connection, now: datetime, *, most: int, only: UUID | None = None
) -> list[StoredSchedule]:
    """Due schedules that nobody else is at, kept until the caller's transaction ends; `only` this one, if it is due."""
    statements = load("schedules")
    if only is not None:
        rows = await statements.lock_one_due(connection, now=now, schedule_id=only)
    else:
        rows = await statements.lock_due(connection, now=now, most=most)
    return [as_stored(row) for row in rows]


async def turn_back(connection: asyncpg.Connection, now: datetime) -> None:
    """Plan those anew that were decided at a time that has not come yet: the clock was set back."""
    await load("schedules").turn_back(connection, now=now)


async def look_ahead(connection: asyncpg.Connection, offset: timedelta = NO_OFFSET) -> Ahead:
    """What there is to do for whoever goes by the clock; changes nothing."""
    return Ahead(*await load("schedules").look_ahead(connection, offset=offset))


async def find_runs(
    connection: asyncpg.Connection, since: Mapping[UUID, datetime], now: datetime
) -> dict[UUID, set[datetime]]:
    """The times of each schedule, from a moment on up to now, that ran before; those of none are not there."""
    found: dict[UUID, set[datetime]] = {}
    rows = await load("schedules").find_runs(connection, schedule_ids=list(since), since=list(since.values()), now=now)
    for row in rows:
        found.setdefault(row["schedule_id"], set()).add(row["planned_for"])
    return found


async def count_open(connection: asyncpg.Connection, schedule_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many executions of each schedule go on; those of none are not there."""
    rows = await load("schedules").count_open(connection, schedule_ids=list(schedule_ids))
    return {row["schedule_id"]: row["number"] for row in rows}


async def insert_runs(connection: asyncpg.Connection, runs: Sequence[Run]) -> None:
    """Note that these times were decided. One that was, by whomever, breaks the caller's transaction."""
    await load("schedules").insert_runs(
        connection,
        schedule_ids=[run.schedule_id for run in runs],
        planned=[run.planned_for for run in runs],
        execution_ids=[run.execution_id for run in runs],
    )


async def note_looks(connection: asyncpg.Connection, now: datetime, looks: Sequence[Looked]) -> None:
    """Note what looks at schedules came to."""
    names = ("schedule_ids", "planned", "due", "fired", "executions", "outcomes")
    found = {name: list(values) for name, values in zip(names, zip(*looks, strict=True), strict=True)}
    await load("schedules").note_looks(connection, now=now, **found)


async def set_aside(connection: asyncpg.Connection, schedule_id: UUID, now: datetime, seconds: float, why: str) -> None:
    """Look at it again in a while, since it cannot be looked at as it is."""
    await load("schedules").set_aside(connection, schedule_id=schedule_id, now=now, seconds=seconds, error=why)


async def forget_runs(connection: asyncpg.Connection, days: int) -> None:
    """Forget times that were decided longer ago, unless their executions go on."""
    await load("schedules").forget_runs(connection, days=days)


def columns(given: ScheduleFields) -> dict[str, Any]:
    """The columns that a save writes."""
    values = {name: getattr(given, name) for name in FIELD_NAMES}
    values["data"] = None if given.data is None else encode_json(given.data)
    return values


def as_stored(row: Mapping[str, Any]) -> StoredSchedule:
    """A row as a value."""
    own = (name for name in StoredSchedule.__slots__ if name != "fields")
    return StoredSchedule(
        fields=ScheduleFields(**{name: row[name] for name in FIELD_NAMES}), **{name: row[name] for name in own}
    )
