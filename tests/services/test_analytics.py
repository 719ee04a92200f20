"""Figures over time: what is counted, for whom, and by which clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from tests.rig.ownership import put_workflow

from wingbeat.core.access import SYSTEM, Principal, PrincipalKind
from wingbeat.core.errors import InvalidInput, NotFound
from wingbeat.services.analytics import Analytics, Range, read_range
from wingbeat.storage.analytics import Present
from wingbeat.storage.identifiers import new_id

if TYPE_CHECKING:
    from wingbeat.storage.pool import Database

NOW = datetime(2030, 4, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


async def put(  # noqa: PLR0913 - the columns
    database: Database,
    workflow_id: UUID,
    at: datetime,
    status: str,
    seconds: float | None = None,
    *,
    started_by: int = 0,
    parked: bool = False,
) -> UUID:
    """An execution that began and ended so."""
    execution_id = new_id()
    error = b'{"code": "HTTP_500"}' if status == "failed" else None
    await database.pool.execute(
        "INSERT INTO workflow_executions (execution_id, workflow_id, revision, status, trigger_node_id, start_time,"
        " end_time, execution_time_seconds, started_by, parked, error, error_message)"
        " VALUES ($1, $2, 1, $3, 'start', $4, $5, $6::float8::numeric, $7, $8, $9, $10)",
        execution_id,
        workflow_id,
        status,
        at,
        None if seconds is None else at + timedelta(seconds=seconds),
        seconds,
        started_by,
        parked,
        error,
        "It is down." if error else None,
    )
    return execution_id


async def put_steps(database: Database, execution_id: UUID, *steps: tuple[str, str, float]) -> None:
    """Rows of its journal: node, status and seconds."""
    for number, (node_id, status, seconds) in enumerate(steps, 1):
        await database.pool.execute(
            "INSERT INTO workflow_execution_steps (execution_id, sequence, node_id, scope, attempt, status, started_at,"
            " ended_at, epoch) VALUES ($1, $2, $3, '', 1, $4, $5, $6, 1)",
            execution_id,
            number,
            node_id,
            status,
            NOW,
            NOW + timedelta(seconds=seconds),
        )


def analytics(database: Database) -> Analytics:
    """The use cases, at a moment of our own."""
    return Analytics(database, lambda: NOW)


async def test_executions_are_counted_by_time_and_outcome(database: Database) -> None:
    """In the range and in the one before it, with durations to one per cent; what goes on is counted by itself."""
    one, other = await put_workflow(database), await put_workflow(database)
    for seconds in range(1, 101):
        await put(database, one, NOW - DAY, "completed", seconds)
    last = await put(database, one, NOW - timedelta(hours=1), "failed", 0)
    await put(database, other, NOW - timedelta(hours=1), "cancelled", 3)
    await put(database, other, NOW - timedelta(hours=1), "pending", parked=True)
    await put(database, other, NOW - 9 * DAY, "completed", 2)
    await put(database, other, NOW - 20 * DAY, "running")
    await put(database, other, NOW, "completed", 2)

    found = await analytics(database).overview(SYSTEM, Range())

    assert (103, 100, 1, 1, 1) == (
        found.totals.executions,
        found.totals.completed,
        found.totals.failed,
        found.totals.cancelled,
        found.totals.active,
    )
    assert 100 / 101 == found.totals.success_rate
    assert found.totals.duration is not None
    assert [50, 95, 99] == pytest.approx(found.totals.duration, rel=0.015)
    assert (1, 1.0) == (found.before.executions, found.before.success_rate)
    assert Present(queued=0, running=1, waiting=0, paused=0, parked=1) == found.now
    assert ("day", 8) == (found.bucket, len(found.timeline))
    assert [(NOW.replace(hour=0) - DAY, 100), (NOW.replace(hour=0), 3)] == [
        (bucket.start, bucket.outcomes.executions) for bucket in found.timeline if bucket.outcomes.executions
    ]
    assert [(one, 101, 1), (other, 2, 0)] == [
        (figures.workflow_id, figures.executions, figures.failed) for figures in found.active_workflows
    ]
    assert [(one, "test", last, "HTTP_500", "It is down.")] == [
        (
            figures.workflow_id,
            figures.name,
            figures.last_execution_id,
            figures.last_error_code,
            figures.last_error_message,
        )
        for figures in found.failing_workflows
    ]


async def test_nothing_is_a_figure_too(database: Database) -> None:
    """Without an execution there is no rate, no duration and no slow node, and there are all buckets."""
    found = await analytics(database).overview(SYSTEM, Range(NOW - DAY, NOW))
    assert (0, None, None) == (found.totals.executions, found.totals.success_rate, found.totals.duration)
    assert (24, 0, []) == (len(found.timeline), found.slow_nodes.executions, found.slow_nodes.nodes)


@pytest.mark.parametrize(
    ("since", "until", "bucket", "lengths"),
    [
        # Clocks go forward on the 31st: a day of 23 hours, of which the range has parts of the neighbours.
        ("2030-03-30T23:30:00+01:00", "2030-04-01T00:30:00+02:00", "day", [24, 23]),
        # And back on the 27th of October: the hour from two to three is there twice.
        ("2030-10-27T00:00:00+02:00", "2030-10-27T05:00:00+01:00", "hour", [1] * 5),
        ("2030-01-31T00:00:00+01:00", "2030-03-01T00:00:01+01:00", "month", [24 * 31, 24 * 28]),
    ],
)
async def test_buckets_begin_by_the_clock_of_a_place(
    database: Database, since: str, until: str, bucket: str, lengths: list[int]
) -> None:
    """Each unit of time is there once, however long it is."""
    given = Range(datetime.fromisoformat(since), datetime.fromisoformat(until), bucket, "Europe/Zurich")
    starts = [one.start for one in (await analytics(database).overview(SYSTEM, given)).timeline]
    between = [(after - before) / timedelta(hours=1) for before, after in pairwise(starts)]
    assert lengths == between


async def test_the_slowest_nodes_are_found_in_journals(database: Database) -> None:
    """By what their steps took: neither what waited nor a loop counts, and names are those of the workflow."""
    nodes = [{"id": "start", "type": "trigger.manual"}, {"id": "ask", "type": "data.transform", "name": "Ask them"}]
    workflow_id = await put_workflow(database, nodes=nodes)  # type: ignore[arg-type] # JSON
    execution_id = await put(database, workflow_id, NOW - DAY, "completed", 9)
    await put_steps(
        database,
        execution_id,
        ("start", "completed", 0.5),
        ("ask", "started", 0),
        ("ask", "completed", 3),
        ("loop", "opened", 0),
        ("loop", "completed", 80),
        ("approval", "waiting", 0),
        ("approval", "completed", 90),
        ("gone", "failed", 1),
    )

    slow = (await analytics(database).overview(SYSTEM, Range())).slow_nodes

    assert (1, 8) == (slow.executions, slow.steps)
    expected = [("ask", "Ask them", "data.transform", 3), ("gone", "", None, 1), ("start", "", "trigger.manual", 0.5)]
    assert expected == [(node.node_id, node.node_name, node.node_type, node.p95) for node in slow.nodes]


async def test_everybody_counts_what_is_theirs(database: Database) -> None:
    """Executions of workflows that one sees, and those that one started; a hidden workflow has no name."""
    mine, theirs = await put_workflow(database, author=1), await put_workflow(database, author=2, community=7)
    await put(database, mine, NOW - DAY, "completed", 1)
    await put(database, theirs, NOW - DAY, "failed", 1)
    await put(database, theirs, NOW - DAY, "failed", 1, started_by=1)
    await put(database, theirs, NOW - DAY, "running")
    me = Principal(PrincipalKind.USER, 1, "me")
    member = Principal(PrincipalKind.USER, 3, "member", communities={7: "viewer"})
    use = analytics(database)

    found = await use.overview(me, Range())
    statistics = await use.statistics(me)

    assert (2, 0, {mine: "test", theirs: None}) == (
        found.totals.executions,
        found.now.running,
        {one.workflow_id: one.name for one in found.active_workflows},
    )
    assert [1] == [one.failed for one in found.failing_workflows]
    assert ({"draft": 1, "published": 0, "archived": 0}, 2) == (statistics.workflows, statistics.executions.executions)
    assert (3, 1) == ((one := await use.overview(member, Range())).totals.executions, one.now.running)
    assert 3 == (await use.overview(SYSTEM, Range(community_id=7))).totals.executions
    assert 1 == (await use.overview(me, Range(workflow_id=mine))).totals.executions
    with pytest.raises(NotFound):
        await use.overview(me, Range(workflow_id=theirs))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Range(NOW, NOW), "RANGE_INVALID"),
        (Range(NOW - 401 * DAY), "RANGE_INVALID"),
        (Range(until=datetime(1, 1, 2, tzinfo=UTC)), "RANGE_INVALID"),
        (Range(bucket="minute"), "TOO_MANY_BUCKETS"),
        (Range(timezone="Europe/Zurch"), "TIMEZONE_UNKNOWN"),
    ],
)
def test_what_cannot_be_counted_is_refused(asked: Range, code: str) -> None:
    """Each with a code of its own."""
    with pytest.raises(InvalidInput) as refused:
        read_range(asked, NOW)
    assert code == refused.value.code
