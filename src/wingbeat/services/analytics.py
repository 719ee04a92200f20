"""How the workflows do: what became of executions in a range of time, beside the range before, and what is slow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

import asyncpg

from wingbeat.core.access import Permission
from wingbeat.core.errors import InvalidInput
from wingbeat.sdk.cron import read_zone
from wingbeat.services.executions.hidden_addresses import hide_addresses
from wingbeat.services.permissions import access
from wingbeat.storage import analytics as rows
from wingbeat.storage import workflow_lists
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.workflow_lists import WorkflowFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from uuid import UUID

    from wingbeat.core.access import Principal
    from wingbeat.storage.analytics import Count, Failure, NodeTime, Percentiles, Present, Tally, Wanted
    from wingbeat.storage.pool import Database

BUCKETS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
MOST_BUCKETS = 800
LONGEST = timedelta(days=400)
USUAL = timedelta(days=7)
MOST_RANKED = 10
# Which workflow, its name, how many executions, how many completed and failed, and the share of the completed.
Figures: TypeAlias = "tuple[UUID, str | None, int, int, int, float | None]"


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of executions; `success_rate` is the share of the completed among the completed and the failed.

    `active` have not ended yet. `duration` is of those that completed or failed, their waiting included.
    """

    executions: int
    completed: int
    failed: int
    cancelled: int
    active: int
    success_rate: float | None
    duration: Percentiles | None


class Bucket(NamedTuple):
    """What became of the executions that began in a unit of time."""

    start: datetime
    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class WorkflowFigures:
    """How one workflow did; without a name for a workflow of which the caller sees only what it started itself."""

    workflow_id: UUID
    name: str | None
    executions: int
    completed: int
    failed: int
    success_rate: float | None


@dataclass(frozen=True, slots=True)
class FailingWorkflow(WorkflowFigures):
    """One that failed, and its last failure."""

    last_execution_id: UUID
    last_failed_at: datetime | None
    last_error_code: str | None
    last_error_message: str | None
    last_error_node_id: str | None


@dataclass(frozen=True, slots=True)
class SlowNode:
    """How long a node took, in seconds."""

    workflow_id: UUID
    workflow_name: str | None
    node_id: str
    node_name: str
    node_type: str | None
    runs: int
    p50: float
    p95: float
    longest: float


@dataclass(frozen=True, slots=True)
class SlowNodes:
    """The slowest first, found among the steps of so many executions, the latest that ended."""

    executions: int
    steps: int
    nodes: list[SlowNode]


@dataclass(frozen=True, slots=True)
class Overview:
    """What a dashboard shows."""

    since: datetime
    until: datetime
    bucket: str
    timezone: str
    totals: Outcomes
    before: Outcomes
    now: Present
    timeline: list[Bucket]
    active_workflows: list[WorkflowFigures]
    failing_workflows: list[FailingWorkflow]
    slow_nodes: SlowNodes


@dataclass(frozen=True, slots=True)
class Statistics:
    """The workflows by status, and their executions of the last thirty days."""

    workflows: dict[str, int]
    since: datetime
    executions: Outcomes
    now: Present


class Range(NamedTuple):
    """What somebody asks about; what is left out is chosen."""

    since: datetime | None = None
    until: datetime | None = None
    bucket: str | None = None
    timezone: str = "UTC"
    workflow_id: UUID | None = None
    community_id: int | None = None


def clock() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Analytics:
    """The use cases. They show what the caller may see, and raise DatabaseUnavailable."""

    database: Database
    now: Callable[[], datetime] = clock

    async def overview(self, principal: Principal, asked: Range) -> Overview:
        """The figures of a range of time, the last seven days if none is named.

        Raises:
            InvalidInput: `RANGE_INVALID`, `TOO_MANY_BUCKETS` or `TIMEZONE_UNKNOWN`.
            NotFound: the caller may not see the workflow.
        """
        wanted = read_range(asked, self.now())
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                if wanted.workflow_id is not None:
                    await access.require(connection, principal, wanted.workflow_id, Permission.VIEW)
                return await _overview(connection, principal, wanted)

    async def statistics(self, principal: Principal) -> Statistics:
        """What there is, and how it did in the last thirty days."""
        until = self.now()
        wanted = read_range(Range(until - timedelta(days=30), until, "month"), until)
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                counted = {
                    status: await workflow_lists.count(connection, principal, WorkflowFilter([status]))
                    for status in ("draft", "published", "archived")
                }
                found = await rows.tally(connection, principal, wanted)
                present = await rows.count_present(connection, principal, wanted)
        return Statistics(counted, wanted.since, total_of(found), present)


def read_range(asked: Range, now: datetime) -> Wanted:
    """What is asked for, with what was left out.

    Raises:
        InvalidInput: `RANGE_INVALID`, `TOO_MANY_BUCKETS` or `TIMEZONE_UNKNOWN`.
    """
    until = asked.until or now
    try:
        since = asked.since or until - USUAL
        length = until - since
        before = since - length
    except OverflowError:
        raise _bad_range("A time is too far away.") from None
    if not timedelta() < length <= LONGEST:
        raise _bad_range(f"`since` has to be before `until`, by {LONGEST.days} days at most.")
    try:
        read_zone(asked.timezone)
    except ValueError as error:
        raise _unknown_zone(str(error)) from None
    bucket = asked.bucket or choose_bucket(length)
    if length / BUCKETS[bucket] > MOST_BUCKETS:
        raise InvalidInput(
            f"So many times a {bucket} would be more than {MOST_BUCKETS} buckets.",
            code="TOO_MANY_BUCKETS",
            remedy="Ask for a shorter range or a longer bucket, or leave `bucket` out.",
        )
    return rows.Wanted(before, since, until, bucket, asked.timezone, asked.workflow_id, asked.community_id)


def choose_bucket(length: timedelta) -> str:
    """The unit of time that gives a range a readable number of buckets."""
    if length <= timedelta(hours=2):
        return "minute"
    if length <= timedelta(days=3):
        return "hour"
    return "day" if length <= timedelta(days=100) else "week"


async def _overview(connection: asyncpg.Connection, principal: Principal, wanted: Wanted) -> Overview:
    try:
        found = await rows.tally(connection, principal, wanted)
    except asyncpg.InvalidParameterValueError:  # One that Python has, and the database has not.
        raise _unknown_zone(f"the database knows no time zone '{wanted.timezone}'") from None
    failing, active = _rank(found.by_workflow, "failed"), _rank(found.by_workflow)
    slow = await rows.slowest_nodes(connection, principal, wanted, MOST_RANKED)
    names = await rows.read_names(connection, {*failing, *active, *(one.workflow_id for one in slow.nodes)})
    failures = await rows.last_failures(connection, principal, wanted, failing)
    nodes = await rows.read_node_names(connection, {one.workflow_id for one in slow.nodes})
    return Overview(
        since=wanted.since,
        until=wanted.until,
        bucket=wanted.bucket,
        timezone=wanted.timezone,
        totals=total_of(found),
        before=outcomes_of(found.before, found.duration_before),
        now=await rows.count_present(connection, principal, wanted),
        timeline=[_bucket_of(found, start) for start in found.buckets],
        active_workflows=[WorkflowFigures(*_figures(one, names, found)) for one in active],
        failing_workflows=[_failing(_figures(one, names, found), failures[one]) for one in failing if one in failures],
        slow_nodes=SlowNodes(slow.executions, slow.steps, [_slow_node(one, names, nodes) for one in slow.nodes]),
    )


def total_of(found: Tally) -> Outcomes:
    """All buckets together."""
    return outcomes_of((count for counts in found.by_bucket.values() for count in counts), found.duration)


def outcomes_of(counts: Iterable[Count], duration: Percentiles | None) -> Outcomes:
    """What counts come to."""
    by_status: dict[str, int] = {}
    for count in counts:
        by_status[count.status] = by_status.get(count.status, 0) + count.number
    completed, failed = by_status.get("completed", 0), by_status.get("failed", 0)
    return Outcomes(
        sum(by_status.values()),
        completed,
        failed,
        by_status.get("cancelled", 0),
        by_status.get("active", 0),
        rate(completed, failed),
        duration,
    )


def rate(completed: int, failed: int) -> float | None:
    """The share of the completed; None where nothing ended by itself."""
    return completed / (completed + failed) if completed + failed else None


def number_of(counts: Iterable[Count], status: str | None = None) -> int:
    """How many executions there are with a status, or with any."""
    return sum(count.number for count in counts if status is None or count.status == status)


def _rank(by_workflow: Mapping[UUID, list[Count]], status: str | None = None) -> list[UUID]:
    """The workflows that have most of a status, or most executions; those that have none do not count."""
    numbers = {one: number_of(counts, status) for one, counts in by_workflow.items()}
    return sorted((one for one in numbers if numbers[one]), key=lambda one: (-numbers[one], one))[:MOST_RANKED]


def _bucket_of(found: Tally, start: datetime) -> Bucket:
    return Bucket(start, outcomes_of(found.by_bucket.get(start, ()), found.durations.get(start)))


def _figures(workflow_id: UUID, names: dict[UUID, str], found: Tally) -> Figures:
    counts = found.by_workflow[workflow_id]
    completed, failed = number_of(counts, "completed"), number_of(counts, "failed")
    return workflow_id, names.get(workflow_id), number_of(counts), completed, failed, rate(completed, failed)


def _failing(figures: Figures, last: Failure) -> FailingWorkflow:
    message = None if last.message is None else cast("str", hide_addresses(last.message))
    return FailingWorkflow(*figures, last.execution_id, last.failed_at, last.code, message, last.node_id)


def _slow_node(one: NodeTime, names: dict[UUID, str], nodes: dict[UUID, dict[str, tuple[str, str]]]) -> SlowNode:
    name, kind = nodes.get(one.workflow_id, {}).get(one.node_id, ("", None))
    return SlowNode(one.workflow_id, names.get(one.workflow_id), one.node_id, name, kind, *one[2:])


def _bad_range(message: str) -> InvalidInput:
    remedy = "Send ISO 8601 times with an offset, as 2030-01-01T00:00:00Z."
    return InvalidInput(message, code="RANGE_INVALID", remedy=remedy)


def _unknown_zone(why: str) -> InvalidInput:
    return InvalidInput(f"{why[0].upper()}{why[1:]}.", code="TIMEZONE_UNKNOWN", remedy="Send a name as Europe/Zurich.")
