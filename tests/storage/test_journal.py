"""What of a batch is written already, when the answer to its commit was lost."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from wingbeat.core.status import ExecutionStatus
from wingbeat.storage import control, dispatch, journal
from wingbeat.storage.dispatch import NewExecution
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.journal import Batch, Ending, JournalRow, Release
from wingbeat.storage.pool import Database

WORKER = uuid4()


@pytest.fixture
async def execution_id(database: Database) -> UUID:
    """An execution that a worker holds under epoch 1."""
    workflow_id, execution_id = new_id(), new_id()
    async with database.pool.acquire() as connection:
        await connection.execute(
            "INSERT INTO workflows (workflow_id, name, nodes, connections) VALUES ($1, 'w', '[]', '[]')", workflow_id
        )
        new = NewExecution(execution_id, workflow_id, 1, "start", b"null", b"{}")
        async with connection.transaction():
            await dispatch.insert_leased(connection, [new], WORKER, slots=1, hurry=False)
    return execution_id


def row(execution_id: UUID, sequence: int, epoch: int = 1) -> JournalRow:
    """A row of a step."""
    now = datetime.now(UTC)
    return JournalRow(execution_id, sequence, "step", "", sequence, "completed", now, now, epoch)


def ending(execution_id: UUID, epoch: int = 1) -> Ending:
    """The end of an execution."""
    return Ending(execution_id, epoch, "completed", b"1", None, 1, b"[]", b"{}", b"{}", datetime.now(UTC))


async def left(database: Database, batch: Batch) -> Batch:
    """What is left to write of a batch."""
    async with database.pool.acquire() as connection:
        return await journal.without_written(connection, batch)


async def write(database: Database, batch: Batch) -> set[UUID]:
    """Write a batch."""
    async with database.pool.acquire() as connection:
        return await journal.write(connection, batch)


async def test_what_was_not_committed_is_written_again(database: Database, execution_id: UUID) -> None:
    """Nothing of it is there, so all of it is left."""
    batch = Batch([row(execution_id, 1)], [ending(execution_id)], [], [])
    assert batch == (await left(database, batch))._replace(checks=())


async def test_rows_that_were_committed_are_not_written_again(database: Database, execution_id: UUID) -> None:
    """Of two rows, one is there: the other is left."""
    first, second = row(execution_id, 1), row(execution_id, 2)
    await write(database, Batch([first], [], [], []))
    assert [second] == (await left(database, Batch([first, second], [], [], []))).rows


@pytest.mark.parametrize("what", ["ending", "release"])
async def test_an_execution_that_was_let_go_is_settled(database: Database, execution_id: UUID, what: str) -> None:
    """Its end or release was committed with its rows, so nothing is left of it, and it does not count as refused."""
    batch = Batch(
        [row(execution_id, 1)],
        [ending(execution_id)] if what == "ending" else [],
        [Release(execution_id, 1, "pending", None)] if what == "release" else [],
        [],
        [(execution_id, 1)],
    )
    await write(database, batch)
    remaining = await left(database, batch)
    assert {} == remaining.epochs()
    assert set() == await write(database, remaining)


async def test_rows_of_a_lost_lease_are_refused_after_a_lost_answer(database: Database, execution_id: UUID) -> None:
    """What somebody else wrote meanwhile is not mistaken for our own rows."""
    await database.pool.execute("UPDATE workflow_executions SET epoch = 2")
    await write(database, Batch([row(execution_id, 1, 2)], [], [], []))
    remaining = await left(database, Batch([row(execution_id, 1)], [], [], []))
    assert {execution_id} == await write(database, remaining)


async def test_an_execution_that_was_cancelled_stays_cancelled(database: Database, execution_id: UUID) -> None:
    """The end that its worker repeats comes too late."""
    async with database.pool.acquire() as connection:
        await control.end(connection, execution_id, ExecutionStatus.CANCELLED)
    remaining = await left(database, Batch([], [ending(execution_id)], [], []))
    assert {execution_id} == await write(database, remaining)
