"""A worker dies, and its executions go on elsewhere as if nothing had happened."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from tests.rig.engine import START, Engine, node, retry, statuses, until
from tests.rig.probes import Gate

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.outcome import Outcome
from wingbeat.sdk import Context
from wingbeat.storage import workers
from wingbeat.worker.worker import MOST_TAKEOVERS

END = node("end", "flow.end", output="{{ input }}")


def call(name: str = "gate", **fields: Json) -> JsonObject:
    """A step that does what the test says."""
    return node("step", "test.waiting", name=name, **fields)


async def test_the_executions_of_a_killed_worker_go_on_at_once(engine: Engine) -> None:
    """The lock goes with the process, so nobody waits for a heartbeat to become old."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, call(), END)
    first = await engine.worker(lease_seconds=3600)
    execution_id = await engine.start(workflow_id, "x")
    await gate.reached()
    await engine.worker(lease_seconds=3600)
    await engine.kill(first)
    await gate.reached(2)
    gate.opened.set()
    row = await engine.ended(execution_id)
    assert ("completed", "x", 3) == (row["status"], row["final_output"], row["epoch"])


async def test_a_worker_without_a_heartbeat_is_given_up_though_its_lock_is_held(engine: Engine) -> None:
    """A host that stands still keeps its session, but loses its executions when its heartbeat is old."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, call(), END)
    first = await engine.worker()
    execution_id = await engine.start(workflow_id)
    await gate.reached()
    await engine.freeze(first)
    second = await engine.worker()
    async with engine.database.pool.acquire() as connection:
        assert 0 == await workers.take_over_dead(connection, second.worker_id, 10)
    await engine.database.pool.execute(
        "UPDATE workers SET heartbeat_at = heartbeat_at - interval '11 seconds' WHERE worker_id = $1", first.worker_id
    )
    await gate.reached(2)
    gate.opened.set()
    assert "completed" == (await engine.ended(execution_id))["status"]


async def test_steps_that_are_recorded_do_not_run_again(engine: Engine) -> None:
    """The next worker goes on after the last recorded step."""
    gate = engine.probes.gate()
    engine.probes.immediate["before"] = lambda context: Outcome.of(context.input)
    workflow_id = await engine.publish(START, node("before", "test.immediate", name="before"), call(), END)
    first = await engine.worker()
    execution_id = await engine.start(workflow_id, "x")
    await gate.reached()
    await until(lambda: engine.journal(execution_id), "the first step is recorded")
    await engine.kill(first)
    gate.opened.set()
    await engine.worker()
    await engine.ended(execution_id)
    assert 1 == len(engine.probes.keys("before"))


async def test_an_unsafe_step_is_recorded_before_it_runs(engine: Engine) -> None:
    """When an unsafe step does its work, its start is in the database already."""
    seen: list[list[str]] = []

    async def look(context: Context) -> Outcome:
        rows = await engine.database.pool.fetch(
            "SELECT status FROM workflow_execution_steps WHERE execution_id::text = $1 ORDER BY sequence",
            context.execution_id,
        )
        seen.append(statuses(rows))
        return Outcome.of(None)

    engine.probes.waiting["look"] = look
    await engine.worker()
    await engine.ended(await engine.start(await engine.publish(START, call("look", effect="unsafe"), END)))
    assert [["completed", "started"]] == seen


async def test_the_outcome_of_an_unsafe_step_is_unknown_when_its_worker_died(engine: Engine) -> None:
    """It is not repeated: the execution fails and says that the outcome is not known."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, call(effect="unsafe"), END)
    first = await engine.worker()
    execution_id = await engine.start(workflow_id)
    await gate.reached()
    await engine.kill(first)
    await engine.worker()
    row = await engine.ended(execution_id)
    assert ("failed", "STEP_OUTCOME_UNKNOWN", 1) == (row["status"], row["error"]["code"], gate.entered)


async def test_an_unsafe_step_that_may_be_repeated_keeps_its_idempotency_key(engine: Engine) -> None:
    """With `on_unknown: retry` it runs again, and the other side can tell that it is the same step."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, call(effect="unsafe", on_unknown="retry"), END)
    first = await engine.worker()
    execution_id = await engine.start(workflow_id)
    await gate.reached()
    await engine.kill(first)
    gate.opened.set()
    await engine.worker()
    assert "completed" == (await engine.ended(execution_id))["status"]
    assert [f"{execution_id}:step:"] * 2 == engine.probes.keys("gate")


async def test_the_attempts_at_a_step_are_counted_through_the_death_of_a_worker(engine: Engine) -> None:
    """A failed attempt is recorded, so the next worker makes the next one and no more than the policy allows."""
    gate = engine.probes.gate("second")

    async def fail(context: Context) -> Outcome:
        if context.attempt == 2:
            await gate(context)
        raise StepError(f"attempt {context.attempt}", code="BROKEN", retryable=True)

    engine.probes.waiting["fail"] = fail
    workflow_id = await engine.publish(START, call("fail", retry=retry(3)), END)
    first = await engine.worker()
    execution_id = await engine.start(workflow_id)
    await gate.reached()
    await until(lambda: _failures(engine, execution_id), "the first attempt is recorded")
    await engine.kill(first)
    gate.opened.set()
    await engine.worker()
    row = await engine.ended(execution_id)
    assert ("BROKEN", "attempt 3") == (row["error"]["code"], row["error_message"])
    assert [1, 2, 3] == [step["attempt"] for step in await engine.journal(execution_id) if step["status"] == "failed"]
    assert 4 == len(engine.probes.keys("fail"))


async def _recorded(engine: Engine, execution_id: UUID, count: int) -> bool:
    return len(await engine.journal(execution_id)) == count


async def _failures(engine: Engine, execution_id: UUID) -> int:
    return await engine.count(
        "SELECT count(*) FROM workflow_execution_steps WHERE execution_id = $1 AND status = 'failed'", execution_id
    )


async def test_an_execution_that_kills_its_workers_is_stopped(engine: Engine) -> None:
    """After ten deaths without any progress it fails, and says so, instead of killing the eleventh worker."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, call(), END)
    worker = await engine.worker()
    execution_id = await engine.start(workflow_id)
    await gate.reached()
    await until(lambda: engine.journal(execution_id), "the trigger is recorded")
    for deaths in range(MOST_TAKEOVERS):
        await engine.kill(worker)
        worker = await engine.worker()
        if deaths < MOST_TAKEOVERS - 1:
            await gate.reached(deaths + 2)
    row = await engine.ended(execution_id)
    assert ("failed", "EXECUTION_POISONED") == (row["status"], row["error"]["code"])


async def test_progress_clears_an_execution_of_the_suspicion(engine: Engine) -> None:
    """Deaths count only as long as the journal does not grow between them."""
    first, second = engine.probes.gate("first"), engine.probes.gate("second")
    steps = [node(name, "test.waiting", name=name) for name in ("first", "second")]
    execution_id = await engine.start(await engine.publish(START, *steps, END))
    worker = await engine.worker()
    for recorded, gate in enumerate((first, second), 1):
        await gate.reached()
        await until(partial(_recorded, engine, execution_id, recorded), "the step before is recorded")
        for _ in range(3):
            entered = gate.entered
            await engine.kill(worker)
            worker = await engine.worker()
            await gate.reached(entered + 1)
        gate.opened.set()
    assert "completed" == (await engine.ended(execution_id))["status"]
    assert 3 == (await engine.row(execution_id))["takeovers"]


async def test_what_a_worker_holds_without_knowing_it_is_taken_back(engine: Engine) -> None:
    """The answer to a claim got lost: the worker lives, so nobody else looks after the execution."""
    workflow_id = await engine.publish(START, END)
    execution_id = await engine.start(workflow_id)
    worker = await engine.worker(start=False)
    await worker.lease.start()
    await engine.database.pool.execute("DELETE FROM pgqueuer")
    await engine.database.pool.execute(
        "UPDATE workflow_executions SET worker_id = $1, status = 'running', epoch = 1,"
        " leased_at = clock_timestamp() - interval '11 seconds'",
        worker.worker_id,
    )
    await worker._changes_round()
    assert ("pending", 2) == tuple(await engine.fields(execution_id, "status", "epoch"))
    worker._journal.start()
    await worker.run_once()
    assert "completed" == (await engine.ended(execution_id))["status"]


async def test_an_execution_of_a_worker_that_nobody_knows_is_given_back(engine: Engine) -> None:
    """However a worker's row got lost, its executions do not hang for ever."""
    execution_id = await engine.start(await engine.publish(START, END))
    await engine.database.pool.execute("DELETE FROM pgqueuer")
    await engine.database.pool.execute(
        "UPDATE workflow_executions SET worker_id = gen_random_uuid(), status = 'running', epoch = 1"
    )
    await engine.worker()
    assert "completed" == (await engine.ended(execution_id))["status"]


async def test_a_graceful_stop_gives_executions_back(engine: Engine) -> None:
    """What a stopping worker cannot finish is pending again, not running and not lost, and blames nobody."""
    gate: Gate = engine.probes.gate()
    execution_id = await engine.start(await engine.publish(START, call(), END))
    worker = await engine.worker()
    await gate.reached()
    await worker.stop(grace_seconds=0)
    row = await engine.row(execution_id)
    assert ("pending", None, 0) == (row["status"], row["worker_id"], row["takeovers"])
    assert 0 == await engine.count("SELECT count(*) FROM workers")
    gate.opened.set()
    await engine.worker()
    assert "completed" == (await engine.ended(execution_id))["status"]


async def test_a_graceful_stop_lets_running_steps_finish(engine: Engine) -> None:
    """A step that ends within the grace is recorded and does not run again."""
    gate = engine.probes.gate()

    async def step(context: Context) -> Outcome:
        engine.probes.waiting["after"] = engine.probes.waiting["gate"]
        return await gate(context)

    engine.probes.waiting["step"] = step
    execution_id = await engine.start(await engine.publish(START, call("step"), END))
    worker = await engine.worker()
    await gate.reached()
    for runner, _ in worker._running.values():
        runner.hand_back()
    gate.opened.set()
    await worker.stop()
    assert ["completed", "completed"] == statuses(await engine.journal(execution_id))
    assert "pending" == await engine.status(execution_id)
    await engine.worker()
    await engine.ended(execution_id)
    assert 1 == gate.entered
