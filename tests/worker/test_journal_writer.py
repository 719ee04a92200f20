"""The journal's writer comes to its end without losing what it took on."""

from __future__ import annotations

import asyncio

from tests.rig.engine import START, Engine, node, until

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def test_a_batch_under_way_is_written_before_the_writer_stops(engine: Engine) -> None:
    """It waits for somebody's lock when the worker stops, and is in the database afterwards."""
    first, second = engine.probes.gate("first"), engine.probes.gate("second")
    steps = [node(name, "test.waiting", name=name) for name in ("first", "second")]
    worker = await engine.worker()
    execution_id = await engine.start(await engine.publish(START, *steps))
    await first.reached()
    await until(lambda: engine.journal(execution_id), "the step before is recorded")
    async with engine.database.pool.acquire() as connection:
        lock = connection.transaction()
        await lock.start()
        await connection.fetch("SELECT FROM workflow_executions WHERE execution_id = $1 FOR UPDATE", execution_id)
        first.opened.set()
        await second.reached()
        await until(lambda: engine.count(WAITING), "the batch waits for the lock")
        assert not worker._journal._has_work()
        stopped = asyncio.create_task(worker._journal.stop())
        await engine.count("SELECT 1")
        await lock.rollback()
        await stopped
    assert ["start", "first"] == [row["node_id"] for row in await engine.journal(execution_id)]
