"""A worker whose lease is gone can change nothing: each statement that writes is tried with an old epoch."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from tests.rig.engine import START, Engine, node

from wingbeat.core.errors import Conflict
from wingbeat.core.status import ExecutionStatus
from wingbeat.storage import control, journal
from wingbeat.storage.journal import Batch, Ending, JournalRow, Release


async def leased(engine: Engine) -> UUID:
    """An execution that an unknown worker holds under epoch 5."""
    execution_id = await engine.start(await engine.publish(START, node("end", "flow.end")))
    await engine.database.pool.execute(
        "WITH other AS (INSERT INTO workers VALUES (gen_random_uuid(), 'elsewhere', 1, now(), now(), 1) RETURNING *)"
        "UPDATE workflow_executions e SET worker_id = other.worker_id, status = 'running', epoch = 5"
        " FROM other WHERE e.execution_id = $1",
        execution_id,
    )
    return execution_id


def row(execution_id: UUID, epoch: int) -> JournalRow:
    """A row as a worker under that epoch would write it."""
    now = datetime.now(UTC)
    return JournalRow(execution_id, 1, "start", "", 1, "completed", now, now, epoch)


def ending(execution_id: UUID, epoch: int) -> Ending:
    """An end as a worker under that epoch would write it."""
    return Ending(execution_id, epoch, "completed", b"1", None, 1, b"[]", b"{}", b"{}", datetime.now(UTC))


async def write(engine: Engine, batch: Batch) -> set[UUID]:
    """Write a batch."""
    async with engine.database.pool.acquire() as connection:
        return await journal.write(connection, batch)


@pytest.mark.parametrize("epoch", [4, 6])
@pytest.mark.parametrize("what", ["row", "ending", "release", "all", "check"])
async def test_a_write_under_another_epoch_is_refused(engine: Engine, what: str, epoch: int) -> None:
    """Rows, ends and releases of another lease leave no trace, alone or together."""
    execution_id = await leased(engine)
    batch = Batch(
        [row(execution_id, epoch)] if what in {"row", "all"} else [],
        [ending(execution_id, epoch)] if what in {"ending", "all"} else [],
        [Release(execution_id, epoch, "pending", None)] if what == "release" else [],
        [],
        [(execution_id, epoch)],
    )
    before = await engine.row(execution_id)
    assert {execution_id} == await write(engine, batch)
    assert before == await engine.row(execution_id)
    assert [] == await engine.journal(execution_id)


async def test_a_refused_execution_takes_no_other_with_it(engine: Engine) -> None:
    """Of a batch with a stale and a valid execution, the valid one is written."""
    stale, valid = await leased(engine), await leased(engine)
    batch = Batch([row(stale, 4), row(valid, 5)], [], [], [])
    assert {stale} == await write(engine, batch)
    assert [0, 1] == [len(await engine.journal(one)) for one in (stale, valid)]


async def test_what_has_ended_cannot_be_written_to(engine: Engine) -> None:
    """A terminal status is written once; even the right epoch does not change it."""
    execution_id = await leased(engine)
    last = row(execution_id, 5)._replace(status="ended", ports="completed")
    assert set() == await write(engine, Batch([last], [ending(execution_id, 5)], [], []))
    again = Batch([], [ending(execution_id, 5)._replace(status="failed")], [], [])
    assert {execution_id} == await write(engine, again)
    assert "completed" == await engine.status(execution_id)


async def test_giving_up_is_fenced_as_well(engine: Engine) -> None:
    """A worker that wants to end a broken execution must still hold it."""
    execution_id = await leased(engine)
    async with engine.database.pool.acquire() as connection:
        with pytest.raises(Conflict) as caught:
            await control.end(connection, execution_id, ExecutionStatus.FAILED, epoch=4)
    assert "LEASE_LOST" == caught.value.code
    assert "running" == await engine.status(execution_id)


async def test_an_unsafe_step_does_not_run_again_under_a_lost_lease(engine: Engine) -> None:
    """Also where its start is recorded already: before it is repeated, the lease is looked at."""
    gate = engine.probes.gate()
    step = node("step", "test.waiting", name="gate", effect="unsafe", on_unknown="retry")
    execution_id = await engine.start(await engine.publish(START, step))
    first = await engine.worker()
    await gate.reached()
    await engine.kill(first)
    second = await engine.worker(start=False)
    await second.lease.start()
    await second.recovery.run_once()
    await second.run_once()
    await engine.database.pool.execute("UPDATE workflow_executions SET epoch = epoch + 1")
    second._journal.start()
    (held,) = second._running.values()
    await held[1]
    assert 1 == gate.entered
    await engine.cancel(execution_id)
