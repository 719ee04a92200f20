"""What a round of upkeep makes, drops and leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from tests.rig.accounts import add_user

from wingbeat.core.access import SERVICE, Permission
from wingbeat.core.errors import PlatformError
from wingbeat.services.identity.sessions import Sessions
from wingbeat.services.identity.tokens import TokenRequest, Tokens
from wingbeat.storage.blobs import Blobs
from wingbeat.storage.identifiers import lowest_id, new_id
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


async def test_a_blob_whose_step_was_never_written_goes_with_the_others(database: Database, blobs: Blobs) -> None:
    """Its worker died between the blob and the row; the execution's summary tells that it has ended."""
    execution_id, _ = await add_old_execution(database, blobs, "completed")
    orphan = await blobs.put(execution_id, "orphan", b"1")

    await Upkeep(database, blobs, RETENTION).run_once()

    with pytest.raises(PlatformError):
        await blobs.get(orphan)


async def test_a_partition_that_could_not_be_dropped_keeps_its_blobs(
    database: Database, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its steps can still be read, so what they refer to is there; both go with a later round."""
    monkeypatch.setattr("wingbeat.storage.partitions.LOCK_TIMEOUT", "SET LOCAL lock_timeout = '10ms'")
    execution_id, blob = await add_old_execution(database, blobs, "completed")
    upkeep = Upkeep(database, blobs, RETENTION)
    async with database.pool.acquire() as reader, reader.transaction():
        await reader.fetch("SELECT FROM workflow_execution_steps WHERE execution_id = $1", execution_id)
        await upkeep.run_once()
        assert await blobs.get(blob) == b"1"

    await upkeep.run_once()

    with pytest.raises(PlatformError):
        await blobs.get(blob)


async def test_blobs_that_an_unfinished_round_left_go_with_a_later_one(
    database: Database, blobs: Blobs, tmp_path: Path
) -> None:
    """The process that dropped the steps did not come to their blobs."""
    _, blob = await add_old_execution(database, blobs, "completed")
    elsewhere = Blobs((tmp_path / "elsewhere").as_uri())
    await Upkeep(database, elsewhere, RETENTION).run_once()
    assert await database.pool.fetchval("SELECT count(*) FROM workflow_execution_steps") == 0
    assert await blobs.get(blob) == b"1"

    await Upkeep(database, blobs, RETENTION).run_once()

    with pytest.raises(PlatformError):
        await blobs.get(blob)


async def test_blobs_of_nobody_and_of_the_retention_stay(database: Database, blobs: Blobs) -> None:
    """What is young may belong to a step that is about to be written; what has another name is not ours."""
    young = await blobs.put(new_id(), "1", b"1")
    foreign = await blobs.put("notes", "1", b"1")  # type: ignore[arg-type] # somebody else's

    await Upkeep(database, blobs, RETENTION).run_once()

    assert [b"1", b"1"] == [await blobs.get(young), await blobs.get(foreign)]


async def test_the_upkeep_is_not_bound_to_the_pool(database: Database, blobs: Blobs) -> None:
    """It has a connection of its own, so that no limit for statements keeps it from coming to its end."""
    await database.close()

    kept = await Upkeep(database, blobs, RETENTION).run_once()

    assert kept is not None
    assert 5 == len(kept.created)


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


async def test_what_workflows_remember_expires(database: Database, blobs: Blobs) -> None:
    """Keys that were seen, and turns of rate limits."""
    owner = uuid4()
    await database.pool.executemany(
        "INSERT INTO seen_keys (owner, set_name, key, step, expires_at) VALUES ($1, 's', $2, '', now() + $3::interval)",
        [(owner, b"old", timedelta(seconds=-1)), (owner, b"new", timedelta(days=1))],
    )
    await database.pool.execute(
        "INSERT INTO rate_turns (owner, key, number, step, turn_at, expires_at) VALUES ($1, 'k', 1, '', now(), now())",
        owner,
    )

    await Upkeep(database, blobs, RETENTION).run_once()

    assert [b"new"] == [row["key"] for row in await database.pool.fetch("SELECT key FROM seen_keys")]
    assert 0 == await database.pool.fetchval("SELECT count(*) FROM rate_turns")


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


async def test_tokens_and_sessions_of_no_use_are_forgotten(database: Database, blobs: Blobs) -> None:
    """Long after they ended, or at once; those that hold stay."""
    user_id = await add_user(database, "ada")
    sessions = Sessions(database, b"k")
    for _ in range(2):
        await Tokens(database).create(SERVICE, TokenRequest("import", frozenset({Permission.VIEW})))
        async with database.pool.acquire() as connection:
            await sessions.open(connection, user_id)
    for table, days in (("api_tokens", 91), ("sessions", 1)):
        await database.pool.execute(
            f"UPDATE {table} SET expires_at = now() - make_interval(days => $1) "  # noqa: S608 - constants
            f"WHERE hash = (SELECT min(hash) FROM {table})",
            days,
        )
    await Upkeep(database, blobs, RETENTION).run_once()
    for table in ("api_tokens", "sessions"):
        assert 1 == await database.pool.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - as above
