"""The journal's partitions: there before they are needed, gone when nothing needs them, never too early."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from wingbeat.storage.identifiers import lowest_id, new_id
from wingbeat.storage.partitions import create_partition, create_partitions, drop_expired, weeks_from
from wingbeat.storage.pool import Database

LONG_AGO = datetime(2025, 3, 5, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
STEP = """
INSERT INTO workflow_execution_steps
    (execution_id, sequence, node_id, scope, attempt, status, started_at, ended_at, epoch)
VALUES ($1, 1, 'a', '', 1, 'completed', now(), now(), 1)
RETURNING tableoid::regclass::text
"""


@pytest.fixture
async def workflow_id(database: Database) -> UUID:
    """A workflow for executions to belong to."""
    identifier = new_id()
    statement = "INSERT INTO workflows (workflow_id, name, nodes, connections) VALUES ($1, 'w', '[]', '[]')"
    await database.pool.execute(statement, identifier)
    return identifier


async def run(database: Database, workflow_id: UUID, execution_id: UUID, status: str) -> str:
    """An execution with one step; gives the partition that took the step."""
    await database.pool.execute(
        "INSERT INTO workflow_executions (execution_id, workflow_id, revision, status, trigger_node_id) "
        "VALUES ($1, $2, 1, $3, 'start')",
        execution_id,
        workflow_id,
        status,
    )
    return str(await database.pool.fetchval(STEP, execution_id))


async def test_this_week_and_the_next_ones_are_made_once(database: Database) -> None:
    """As many as asked for, and nothing the second time."""
    async with database.pool.acquire() as connection:
        assert len(await create_partitions(connection, weeks_ahead=2)) == 3
        assert await create_partitions(connection, weeks_ahead=2) == []
        assert len(await create_partitions(connection, weeks_ahead=3)) == 1


async def test_processes_that_make_them_together_do_not_fail(database: Database) -> None:
    """Each partition is made by one of them."""

    async def make() -> list[str]:
        async with database.pool.acquire() as connection:
            return await create_partitions(connection)

    made = await asyncio.gather(*(make() for _ in range(4)))
    assert 5 == sum(map(len, made))


async def test_a_new_step_goes_into_this_weeks_partition(database: Database, workflow_id: UUID) -> None:
    """And not into the default one."""
    async with database.pool.acquire() as connection:
        names = await create_partitions(connection, weeks_ahead=0)
    assert names == [await run(database, workflow_id, new_id(), "running")]


async def test_a_week_that_the_default_partition_has_steps_of_is_left_to_it(
    database: Database, workflow_id: UUID
) -> None:
    """Nothing is moved, nothing fails; later weeks get their partitions."""
    assert await run(database, workflow_id, new_id(), "running") == "workflow_execution_steps_default"
    async with database.pool.acquire() as connection:
        assert len(await create_partitions(connection, weeks_ahead=1)) == 1


@pytest.mark.parametrize("statuses", [["completed"], ["failed", "cancelled", "completed"]])
async def test_what_has_ended_long_ago_is_dropped_and_its_summary_stays(
    database: Database, workflow_id: UUID, statuses: list[str]
) -> None:
    """The partition goes as a whole, the executions' own rows stay."""
    week = next(iter(weeks_from(LONG_AGO, 1)))
    async with database.pool.acquire() as connection:
        assert await create_partition(connection, week)
        for number, status in enumerate(statuses):
            await run(database, workflow_id, UUID(int=lowest_id(LONG_AGO).int + number), status)
        assert [week.name] == await drop_expired(connection, MONTH)
        assert await drop_expired(connection, MONTH) == []
        assert await connection.fetchval("SELECT count(*) FROM workflow_execution_steps") == 0
        assert len(statuses) == await connection.fetchval("SELECT count(*) FROM workflow_executions")


async def test_an_execution_that_goes_on_keeps_its_partition(database: Database, workflow_id: UUID) -> None:
    """However old it is: its journal is what it is."""
    week = next(iter(weeks_from(LONG_AGO, 1)))
    async with database.pool.acquire() as connection:
        await create_partition(connection, week)
        await run(database, workflow_id, lowest_id(LONG_AGO), "waiting")
        assert await drop_expired(connection, MONTH) == []
        assert await connection.fetchval("SELECT count(*) FROM workflow_execution_steps") == 1


async def test_the_default_partition_loses_only_what_ended_long_ago(database: Database, workflow_id: UUID) -> None:
    """Row by row, since it is never dropped."""
    old_ended, old_waiting, young = lowest_id(LONG_AGO), UUID(int=lowest_id(LONG_AGO).int + 1), new_id()
    await run(database, workflow_id, old_ended, "completed")
    await run(database, workflow_id, old_waiting, "waiting")
    await run(database, workflow_id, young, "completed")
    async with database.pool.acquire() as connection:
        await drop_expired(connection, MONTH)
        left = await connection.fetch("SELECT execution_id FROM workflow_execution_steps ORDER BY 1")
    assert [old_waiting, young] == [row["execution_id"] for row in left]


async def test_a_partition_that_is_in_use_is_left_for_another_time(
    database: Database, workflow_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting for it would hold up every writer of the journal."""
    monkeypatch.setattr("wingbeat.storage.partitions.LOCK_TIMEOUT", "SET LOCAL lock_timeout = '10ms'")
    week = next(iter(weeks_from(LONG_AGO, 1)))
    async with database.pool.acquire() as connection, database.pool.acquire() as reader:
        await create_partition(connection, week)
        await run(database, workflow_id, lowest_id(LONG_AGO), "completed")
        async with reader.transaction():
            await reader.fetch("SELECT FROM workflow_execution_steps WHERE execution_id = $1", lowest_id(LONG_AGO))
            assert await drop_expired(connection, MONTH) == []
        assert [week.name] == await drop_expired(connection, MONTH)


def test_weeks_meet_without_gaps_or_overlap() -> None:
    """Where one ends the next begins, across years too."""
    weeks = list(weeks_from(datetime(2026, 12, 20, tzinfo=UTC), 4))
    assert [week.end for week in weeks[:-1]] == [week.first for week in weeks[1:]]
    assert len({week.name for week in weeks}) == 4


async def test_the_key_holds_across_partitions(database: Database, workflow_id: UUID) -> None:
    """A sequence number is taken once in an execution, wherever its steps are."""
    async with database.pool.acquire() as connection:
        await create_partitions(connection)
    execution_id = new_id()
    await run(database, workflow_id, execution_id, "running")
    with pytest.raises(asyncpg.UniqueViolationError):
        await database.pool.fetchval(STEP, execution_id)
