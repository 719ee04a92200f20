"""What a round of upkeep makes, drops and leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from wingbeat.core.errors import PlatformError
from wingbeat.storage.blobs import Blobs
from wingbeat.storage.identifiers import lowest_id
from wingbeat.storage.partitions import create_partition, weeks_from
from wingbeat.worker.upkeep import LOCK_KEY, Upkeep

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from wingbeat.storage.pool import Database

RETENTION = timedelta(days=30)
LONG_AGO = datetime.now(UTC) - timedelta(days=100)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """An empty store."""
    return Blobs((tmp_path / "blobs").as_uri())


async def add_old_execution(database: Database, blobs: Blobs, status: str) -> tuple[UUID, str]:
    """An execution of long ago in a partition of its own, with one step whose output is a blob; its id and the blob."""
    execution_id, workflow_id = lowest_id(LONG_AGO), uuid4()
    blob = await blobs.put(execution_id, "step", b"1")
    async with database.pool.acquire() as connection:
        await create_partition(connection, next(weeks_from(LONG_AGO, 1)))
        await connection.execute(
            "INSERT INTO workflows (workflow_id, name, nodes, connections) VALUES ($1, 'old', '[]', '[]')", workflow_id
        )
        await connection.execute(
            "INSERT INTO workflow_executions (execution_id, workflow_id, revision, status, trigger_node_id) "
            "VALUES ($1, $2, 1, $3, 'start')",
            execution_id,
            workflow_id,
            status,
        )
        await connection.execute(
            "INSERT INTO workflow_execution_steps (execution_id, sequence, node_id, scope, attempt, status, "
            "output_blob, started_at, ended_at, epoch) VALUES ($1, 1, 'a', '', 1, 'completed', $2, now(), now(), 1)",
            execution_id,
            blob,
        )
    return execution_id, blob


async def test_expired_steps_go_with_their_blobs_and_executions_stay(database: Database, blobs: Blobs) -> None:
    """The summary outlives the payloads."""
    execution_id, blob = await add_old_execution(database, blobs, "completed")

    kept = await Upkeep(database, blobs, RETENTION).run_once()

    assert kept is not None
    assert [next(weeks_from(LONG_AGO, 1)).name] == kept.dropped
    assert await database.pool.fetchval("SELECT count(*) FROM workflow_execution_steps") == 0
    assert await database.pool.fetchval("SELECT execution_id FROM workflow_executions") == execution_id
    with pytest.raises(PlatformError):
        await blobs.get(blob)


async def test_an_execution_that_has_not_ended_keeps_its_steps(database: Database, blobs: Blobs) -> None:
    """However old it is."""
    _, blob = await add_old_execution(database, blobs, "paused")

    kept = await Upkeep(database, blobs, RETENTION).run_once()

    assert kept is not None
    assert [] == kept.dropped
    assert await database.pool.fetchval("SELECT count(*) FROM workflow_execution_steps") == 1
    assert await blobs.get(blob) == b"1"


async def test_partitions_are_made_ahead(database: Database, blobs: Blobs) -> None:
    """This week's and the next ones'; a second round has nothing to make."""
    upkeep = Upkeep(database, blobs, RETENTION)

    first, second = await upkeep.run_once(), await upkeep.run_once()

    assert first is not None
    assert second is not None
    assert (5, 0) == (len(first.created), len(second.created))


async def test_old_idempotency_keys_are_forgotten(database: Database, blobs: Blobs) -> None:
    """After a day; newer ones stay."""
    await database.pool.executemany(
        "INSERT INTO idempotency_keys (operation, key, request_hash, result_id, created_at) "
        "VALUES ('execute', $1, '', $2, now() - $3::interval)",
        [("old", uuid4(), timedelta(hours=25)), ("new", uuid4(), timedelta(hours=23))],
    )

    kept = await Upkeep(database, blobs, RETENTION).run_once()

    assert kept is not None
    assert 1 == kept.forgotten_keys
    assert await database.pool.fetchval("SELECT key FROM idempotency_keys") == "new"


async def test_one_worker_at_a_time(database: Database, blobs: Blobs) -> None:
    """Another one leaves it to the first."""
    async with database.pool.acquire() as other:
        await other.fetchval("SELECT pg_advisory_lock($1)", LOCK_KEY)

        assert await Upkeep(database, blobs, RETENTION).run_once() is None


async def test_the_queue_log_is_emptied(database: Database, blobs: Blobs) -> None:
    """The journal tells what became of an execution; nobody reads PgQueuer's log."""
    await database.pool.execute(
        "INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint) VALUES (1, 'successful', 0, 'execute')"
    )

    await Upkeep(database, blobs, RETENTION).clear_log()

    assert await database.pool.fetchval("SELECT count(*) FROM pgqueuer_log") == 0
