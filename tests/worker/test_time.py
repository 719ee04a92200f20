"""Time-outs, retries and delays: what the clock brings about."""

from __future__ import annotations

import asyncio
import tracemalloc

from tests.rig.engine import START, Engine, idle, node, retry, statuses, until

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.outcome import Outcome
from wingbeat.sdk import Context

END = node("end", "flow.end", output="{{ input }}")


def call(name: str, **fields: Json) -> JsonObject:
    """A step that does what the test says."""
    return node("step", "test.waiting", name=name, **fields)


async def test_a_workflow_ends_when_its_time_is_up(engine: Engine) -> None:
    """A hanging step is interrupted, and the execution fails with the limit's own code."""
    engine.probes.gate("hang")
    worker = await engine.worker()
    row = await engine.ended(await engine.start(await engine.publish(START, call("hang"), END, timeout_seconds=0.2)))
    assert ("failed", "LIMIT_TIMEOUT") == (row["status"], row["error"]["code"])
    await idle(worker)


async def test_the_time_of_earlier_leases_counts(engine: Engine) -> None:
    """An execution that has used up its time on another worker does not get it again."""
    engine.probes.gate("hang")
    workflow_id = await engine.publish(START, call("hang"), END, timeout_seconds=60)
    execution_id = await engine.start(workflow_id)
    await engine.database.pool.execute("UPDATE workflow_executions SET active_seconds = 61")
    await engine.worker()
    assert "LIMIT_TIMEOUT" == (await engine.ended(execution_id))["error"]["code"]


async def test_a_step_that_takes_too_long_is_tried_again(engine: Engine) -> None:
    """A node's time-out is an error that a retry may mend."""

    async def hang_once(context: Context) -> Outcome:
        if context.attempt == 1:
            await asyncio.Event().wait()
        return Outcome.of("done")

    engine.probes.waiting["hang_once"] = hang_once
    await engine.worker()
    step = call("hang_once", timeout_seconds=0.1, retry=retry(2))
    execution_id = await engine.start(await engine.publish(START, step, END))
    assert "done" == (await engine.ended(execution_id))["final_output"]
    rows = await engine.journal(execution_id)
    assert ["completed", "failed", "completed", "completed", "ended"] == statuses(rows)
    assert "STEP_TIMEOUT" == rows[1]["error"]["code"]


async def test_a_time_out_of_the_nodes_own_is_its_own_failure(engine: Engine) -> None:
    """The engine did not set it, so nothing is said of the node's `timeout_seconds`."""

    async def give_up(_context: Context) -> Outcome:
        raise TimeoutError("mine")

    engine.probes.waiting["give_up"] = give_up
    await engine.worker()
    row = await engine.ended(await engine.start(await engine.publish(START, call("give_up"), END)))
    expected = ("NODE_TYPE_BROKEN", "The node type failed unexpectedly: TimeoutError: mine")
    assert expected == (row["error"]["code"], row["error"]["message"])


async def test_a_retry_that_was_decided_takes_place_under_other_settings(engine: Engine) -> None:
    """A worker that would not have tried again goes on from the journal of one that did."""

    async def fail_once(context: Context) -> Outcome:
        if context.attempt == 1:
            raise StepError("no", code="NO", retryable=True)
        return Outcome.of(context.attempt)

    engine.probes.waiting["fail_once"] = fail_once
    first = await engine.worker(workflow_max_retries=3)
    gate = engine.probes.gate()
    held = node("held", "test.waiting", name="gate")
    execution_id = await engine.start(await engine.publish(START, call("fail_once"), held, END))
    await gate.reached()
    await engine.kill(first)
    await engine.worker(workflow_max_retries=0)
    gate.opened.set()
    row = await engine.ended(execution_id)
    assert ("completed", 2) == (row["status"], row["final_output"])


async def test_a_retry_waits_as_long_as_the_other_side_asks(engine: Engine) -> None:
    """`retry_after_seconds` lengthens the delay of the policy, and the execution leaves the worker meanwhile."""
    error = StepError("busy", code="BUSY", retryable=True, details={"retry_after_seconds": 120})

    def busy(_context: Context) -> Outcome:
        raise error

    engine.probes.immediate["busy"] = busy
    await engine.worker()
    step = node("step", "test.immediate", name="busy", retry=retry(2))
    execution_id = await engine.start(await engine.publish(START, step, END))
    await engine.reaches(execution_id, "waiting")
    failed = (await engine.journal(execution_id))[-1]
    assert 120 == round(((await engine.row(execution_id))["wake_at"] - failed["ended_at"]).total_seconds())


async def test_what_the_other_side_asks_is_capped_by_the_policy(engine: Engine) -> None:
    """Nobody can hold an execution for longer than its policy's longest delay."""

    def busy(_context: Context) -> Outcome:
        raise StepError("busy", code="BUSY", retryable=True, details={"retry_after_seconds": 10**12})

    engine.probes.immediate["busy"] = busy
    await engine.worker()
    step = node("step", "test.immediate", name="busy", retry=retry(3, longest=0.02))
    row = await engine.ended(await engine.start(await engine.publish(START, step, END)))
    assert ("BUSY", 3) == (row["error"]["code"], row["error"]["attempt"])


async def test_a_short_delay_stays_in_memory(engine: Engine) -> None:
    """It would cost more to let go than to wait."""
    await engine.worker()
    delay = node("delay", "flow.delay", seconds=0.1)
    row = await engine.ended(await engine.start(await engine.publish(START, delay, END)))
    assert ("completed", 1) == (row["status"], row["epoch"])


async def test_a_long_delay_is_a_row_and_wakes_once(engine: Engine) -> None:
    """While it waits nobody holds it; when its time has come, one of two workers goes on, once."""
    await engine.worker()
    await engine.worker()
    gate = engine.probes.gate()
    delay = node("delay", "flow.delay", seconds=3600)
    workflow_id = await engine.publish(START, delay, call("gate"), END)
    ids = [await engine.start(workflow_id) for _ in range(20)]
    for execution_id in ids:
        assert (await engine.reaches(execution_id, "waiting"))["worker_id"] is None
    # The journal says when the delay is over; it is made over by moving both into the past.
    await engine.database.pool.execute(
        "UPDATE workflow_execution_steps SET output = '{\"until\": 1, \"output\": null}' WHERE status = 'waiting'"
    )
    await engine.database.pool.execute("UPDATE workflow_executions SET wake_at = now() WHERE status = 'waiting'")
    gate.opened.set()
    for execution_id in ids:
        row = await engine.ended(execution_id)
        assert ("completed", 2) == (row["status"], row["epoch"])
    assert 20 == gate.entered


async def test_an_execution_that_wakes_too_early_waits_again(engine: Engine) -> None:
    """The journal decides when a delay is over, not whoever woke the execution."""
    await engine.worker()
    delay = node("delay", "flow.delay", seconds=3600)
    execution_id = await engine.start(await engine.publish(START, delay, END))
    row = await engine.reaches(execution_id, "waiting")
    await engine.database.pool.execute("UPDATE workflow_executions SET wake_at = now()")
    await until(lambda: _epoch(engine, 2), "it was claimed again")
    again = await engine.reaches(execution_id, "waiting")
    assert abs((again["wake_at"] - row["wake_at"]).total_seconds()) < 1


async def _epoch(engine: Engine, epoch: int) -> bool:
    return await engine.count("SELECT max(epoch) FROM workflow_executions") == epoch


async def test_a_retry_that_is_far_off_is_a_row_as_well(engine: Engine) -> None:
    """It survives every worker: the attempt after the delay is made by one that began later."""

    async def fail_once(context: Context) -> Outcome:
        if context.attempt == 1:
            raise StepError("no", code="NO", retryable=True)
        return Outcome.of(context.attempt)

    engine.probes.waiting["fail_once"] = fail_once
    first = await engine.worker()
    step = call("fail_once", retry=retry(2, backoff=3600, longest=3600))
    execution_id = await engine.start(await engine.publish(START, step, END))
    await engine.reaches(execution_id, "waiting")
    await engine.kill(first)
    # The journal says when the next attempt is due; it is made due by moving that into the past.
    await engine.database.pool.execute(
        "UPDATE workflow_execution_steps SET error = jsonb_set(error::jsonb, '{retry_at}', '1') WHERE status = 'failed'"
    )
    await engine.database.pool.execute("UPDATE workflow_executions SET wake_at = now()")
    await engine.worker()
    assert 2 == (await engine.ended(execution_id))["final_output"]


async def test_waiting_executions_cost_a_worker_no_memory(engine: Engine) -> None:
    """Ten thousand rows that wait are the database's business."""
    workflow_id = await engine.publish(START, END)
    worker = await engine.worker()
    await engine.ended(await engine.start(workflow_id))
    await engine.database.pool.execute(
        "INSERT INTO workflow_executions (execution_id, workflow_id, revision, status, trigger_node_id, wake_at)"
        " SELECT gen_random_uuid(), $1, 1, 'waiting', 'start', now() + interval '1 hour'"
        " FROM generate_series(1, 10000)",
        workflow_id,
    )
    tracemalloc.start()
    for service in (worker.ticker, worker.recovery):
        await service.run_once()
    await worker.run_once()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    await idle(worker)
