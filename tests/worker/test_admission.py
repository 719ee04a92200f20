"""Limits of the installation and of a workflow: kept over all workers, and nobody waits for somebody else's."""

from __future__ import annotations

import asyncio
from uuid import UUID

from tests.rig.engine import START, Engine, node, until
from tests.rig.probes import Gate

from wingbeat.core.access import SYSTEM
from wingbeat.core.outcome import Outcome
from wingbeat.core.status import ExecutionStatus
from wingbeat.sdk import Context
from wingbeat.services.executions.start_requests import StartRequest
from wingbeat.storage import control, dispatch
from wingbeat.worker.ticker import Ticker
from wingbeat.worker.worker import Worker

END = node("end", "flow.end", output="{{ input }}")
GATE = node("step", "test.waiting", name="gate")
LEASED = "SELECT count(*) FROM workflow_executions WHERE worker_id IS NOT NULL"


async def test_all_workers_together_keep_the_global_limit(engine: Engine) -> None:
    """With three slots, two workers never hold more than three executions, and in the end all are done."""
    highest = 0

    async def brief(context: Context) -> Outcome:
        nonlocal highest
        highest = max(highest, await engine.count(LEASED))
        return Outcome.of(context.input)

    engine.probes.waiting["gate"] = brief
    workflow_id = await engine.publish(START, GATE, END)
    ids = [await engine.start(workflow_id) for _ in range(40)]
    for _ in range(2):
        await engine.worker(max_concurrent_workflows=3)
    for execution_id in ids:
        assert "completed" == (await engine.ended(execution_id))["status"]
    assert 1 <= highest <= 3


async def test_a_workflow_keeps_its_own_limit(engine: Engine) -> None:
    """With `max_concurrent: 2` two run, the others are parked outside the queue, and each end lets one in."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, GATE, END, max_concurrent=2)
    ids = [await engine.start(workflow_id) for _ in range(6)]
    await engine.worker()
    await gate.reached(2)

    async def parked() -> bool:
        return await engine.count("SELECT count(*) FROM workflow_executions WHERE parked") == 4

    await until(parked, "the other four are parked")
    assert 2 == await engine.count(LEASED)
    assert 0 == await engine.count("SELECT count(*) FROM pgqueuer")
    gate.opened.set()
    for execution_id in ids:
        assert "completed" == (await engine.ended(execution_id))["status"]


async def test_a_thousand_parked_executions_do_not_hold_up_another_workflow(engine: Engine) -> None:
    """What may run is found behind any number of executions that may not, in one look at the queue."""
    engine.probes.gate()
    limited = await engine.publish(START, GATE, END, max_concurrent=1)
    starter = engine.starter()
    await asyncio.gather(*(starter.start(SYSTEM, StartRequest(limited)) for _ in range(1000)))
    other = await engine.start(await engine.publish(START, END))
    worker = await engine.worker(start=False)
    await worker.lease.start()
    worker._journal.start()
    while await worker.run_once() and await engine.status(other) == "pending":
        continue
    assert "completed" == (await engine.ended(other))["status"]


async def test_a_limit_per_minute_lets_the_rest_in_later(engine: Engine) -> None:
    """Two are let in; the others are parked until the oldest admission is a minute old."""
    workflow_id = await engine.publish(START, END, max_per_minute=2)
    ids = [await engine.start(workflow_id) for _ in range(4)]
    await engine.worker()
    for execution_id in ids[:2]:
        await engine.ended(execution_id)

    async def parked() -> bool:
        return await engine.count("SELECT count(*) FROM workflow_executions WHERE admit_after IS NOT NULL") == 2

    await until(parked, "the other two are parked")
    seconds = await engine.count(
        "SELECT extract(epoch FROM min(admit_after) - (SELECT min(admitted_at) FROM workflow_admissions))"
        " FROM workflow_executions"
    )
    assert 60 == seconds
    await engine.database.pool.execute("UPDATE workflow_admissions SET admitted_at = admitted_at - interval '1 minute'")
    await engine.database.pool.execute("UPDATE workflow_executions SET admit_after = now() WHERE parked")
    for execution_id in ids:
        assert "completed" == (await engine.ended(execution_id))["status"]


async def test_a_full_workflow_does_not_wait_for_a_minute_that_has_room(engine: Engine) -> None:
    """Parked for want of a slot only, an execution goes on with the next free slot."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, GATE, END, max_concurrent=1, max_per_minute=100)
    ids = [await engine.start(workflow_id) for _ in range(3)]
    await engine.worker()
    await gate.reached()
    gate.opened.set()
    for execution_id in ids:
        assert "completed" == (await engine.ended(execution_id))["status"]


async def test_the_slots_of_a_dead_worker_come_free(engine: Engine) -> None:
    """Slots are counted from leases, and the lease goes with the worker."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, GATE, END, max_concurrent=1)
    ids = [await engine.start(workflow_id) for _ in range(2)]
    first = await engine.worker(max_concurrent_workflows=1)
    await gate.reached()
    await engine.kill(first)
    gate.opened.set()
    await engine.worker(max_concurrent_workflows=1)
    for execution_id in ids:
        assert "completed" == (await engine.ended(execution_id))["status"]


async def test_the_more_important_goes_first(engine: Engine) -> None:
    """With one slot, executions run by priority and then in the order in which they came."""
    order: list[object] = []

    async def note(context: Context) -> Outcome:
        order.append(context.input)
        return Outcome.of(None)

    engine.probes.waiting["gate"] = note
    workflow_id = await engine.publish(START, GATE)
    ids = [await engine.start(workflow_id, n, priority=n // 2) for n in range(6)]
    await engine.worker(max_concurrent_workflows=1)
    for execution_id in ids:
        await engine.ended(execution_id)
    assert [4, 5, 2, 3, 0, 1] == order


async def test_an_inline_start_keeps_the_global_limit(engine: Engine) -> None:
    """Without a free slot the execution goes through the queue, and its caller still gets the result."""
    gate = engine.probes.gate()
    held = await engine.publish(START, GATE, END)
    quick = await engine.publish(START, END)
    worker = await engine.worker(max_concurrent_workflows=1)
    await engine.start(held)
    await gate.reached()
    waiting = asyncio.create_task(engine.starter(worker, slots=1).start_and_wait(SYSTEM, StartRequest(quick, "x"), 20))

    async def queued() -> bool:
        return await engine.count("SELECT count(*) FROM workflow_executions WHERE status = 'pending'") == 1

    await until(queued, "the second execution is in the queue")
    assert 1 == await engine.count(LEASED)
    gate.opened.set()
    summary = await waiting
    assert (ExecutionStatus.COMPLETED, "x") == (summary.status, summary.output)


async def test_an_inline_start_of_a_limited_workflow_is_queued(engine: Engine) -> None:
    """Only a claim counts a workflow's own limits, so its executions all go that way."""
    workflow_id = await engine.publish(START, END, max_concurrent=1)
    worker = await engine.worker()
    starter = engine.starter(worker)
    summaries = await asyncio.gather(
        *(starter.start_and_wait(SYSTEM, StartRequest(workflow_id, n), 20) for n in range(5))
    )
    assert [0, 1, 2, 3, 4] == [summary.output for summary in summaries]


async def test_what_was_cancelled_before_it_ran_does_not_count_in_its_minute(engine: Engine) -> None:
    """Its job is still in the queue, but it is never let in; neither is one that was paused."""
    workflow_id = await engine.publish(START, END, max_per_minute=2)
    cancelled, paused, runs = [await engine.start(workflow_id) for _ in range(3)]
    await engine.cancel(cancelled)
    await engine.control(control.pause, paused)
    await engine.worker()
    assert "completed" == (await engine.ended(runs))["status"]
    assert 1 == await engine.count("SELECT count(*) FROM workflow_admissions")


async def test_no_more_parked_executions_are_let_go_than_their_minute_has_room_for(engine: Engine) -> None:
    """The others stay as they are, instead of going through the queue only to be parked again."""
    workflow_id = await engine.publish(START, END, max_per_minute=3)
    ids = [await engine.start(workflow_id) for _ in range(20)]
    await engine.database.pool.execute("DELETE FROM pgqueuer")
    await engine.database.pool.execute("UPDATE workflow_executions SET parked = true")
    await engine.database.pool.execute("INSERT INTO workflow_admissions (workflow_id) VALUES ($1)", workflow_id)
    await engine.database.pool.execute(
        "UPDATE workflow_executions SET admitted = true WHERE execution_id = ANY($1)", ids[:4]
    )
    ticker = Ticker(engine.database)
    await ticker.run_once()
    await ticker.run_once()
    assert 4 + 2 == await engine.count("SELECT count(*) FROM workflow_executions WHERE NOT parked")
    assert 4 + 2 == await engine.count("SELECT count(*) FROM pgqueuer")


async def test_what_was_parked_just_too_late_is_let_go_by_the_clock(engine: Engine) -> None:
    """The slot came free before anybody could see who waits for it, and the workflow has no other limit."""
    workflow_id = await engine.publish(START, END, max_concurrent=1)
    ids = [await engine.start(workflow_id) for _ in range(3)]
    await engine.database.pool.execute("DELETE FROM pgqueuer")
    await engine.database.pool.execute("UPDATE workflow_executions SET parked = true")
    ticker = Ticker(engine.database)
    await ticker.run_once()
    await ticker.run_once()
    assert 1 == await engine.count("SELECT count(*) FROM workflow_executions WHERE NOT parked")
    await engine.worker()
    for execution_id in ids:
        assert "completed" == (await engine.ended(execution_id))["status"]


async def test_what_is_parked_while_the_slot_comes_free_goes_on_at_once(engine: Engine) -> None:
    """The one that ends cannot see who is being parked, so the claim looks again when all can see it."""
    gate, workflow_id, first, worker = await _full(engine)
    second = await engine.start(workflow_id)
    pool = engine.database.pool
    async with pool.acquire() as connection, connection.transaction():
        # The claim waits here, after it has counted the slots and before it parks.
        await connection.execute("SELECT FROM workflow_executions WHERE execution_id = $1 FOR UPDATE", second)
        claiming = asyncio.create_task(worker.run_once())
        await until(lambda: _waits_for_a_lock(engine), "the claim has counted")
        await engine.cancel(first)
    assert 0 == await claiming
    assert 1 == await worker.run_once()
    gate.opened.set()
    assert "completed" == (await engine.ended(second))["status"]


async def test_what_goes_on_from_a_pause_while_others_are_counted_is_counted_too(engine: Engine) -> None:
    """Its job of before the pause is in the claim's hands, which has not counted it and so must leave it."""
    gate, workflow_id, first, worker = await _full(engine)
    paused, second = await engine.start(workflow_id), await engine.start(workflow_id)
    await engine.control(control.pause, paused)
    async with engine.database.pool.acquire() as connection, connection.transaction():
        # The claim waits here, after it has counted the slots and before it parks.
        await connection.execute("SELECT FROM workflow_executions WHERE execution_id = $1 FOR UPDATE", second)
        claiming = asyncio.create_task(worker.run_once())
        await until(lambda: _waits_for_a_lock(engine), "the claim has counted")
        await engine.control(control.resume, paused)
    assert 0 == await claiming
    assert 1 == await engine.count(LEASED)
    worker._claimer.start()
    gate.opened.set()
    for execution_id in (first, paused, second):
        assert "completed" == (await engine.ended(execution_id))["status"]


async def test_many_that_run_keep_nobody_parked_where_only_the_minute_is_limited(engine: Engine) -> None:
    """How many run at once is no limit of such a workflow."""
    workflow_id = await engine.publish(START, END, max_per_minute=5000)
    waiting = await engine.start(workflow_id)
    await engine.database.pool.execute(
        "INSERT INTO workflow_executions (execution_id, workflow_id, revision, status, trigger_node_id, worker_id)"
        " SELECT gen_random_uuid(), $1, 1, 'running', 'start', gen_random_uuid() FROM generate_series(1, 1000)",
        workflow_id,
    )
    await engine.database.pool.execute("DELETE FROM pgqueuer")
    await engine.database.pool.execute("UPDATE workflow_executions SET parked = true WHERE execution_id = $1", waiting)
    async with engine.database.pool.acquire() as connection:
        await dispatch.release_parked_with_room(connection)
    assert [False] == await engine.fields(waiting, "parked")
    await engine.database.pool.execute("DELETE FROM workflow_executions WHERE worker_id IS NOT NULL")


async def _full(engine: Engine) -> tuple[Gate, UUID, UUID, Worker]:
    """A workflow whose one slot is taken by an execution at the gate, and a worker that claims when it is told to."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, GATE, END, max_concurrent=1)
    first = await engine.start(workflow_id)
    worker = await engine.worker()
    await gate.reached()
    await worker.ticker.stop()
    await worker._claimer.stop()
    return gate, workflow_id, first, worker


async def _waits_for_a_lock(engine: Engine) -> bool:
    return await engine.count("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0
