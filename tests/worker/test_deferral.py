"""What one worker cannot run is another one's: an acknowledged execution does not fail because of who took it."""

from __future__ import annotations

from uuid import UUID

from tests.rig.engine import START, Engine, node

from wingbeat.core.outcome import Outcome
from wingbeat.storage import control

WAKE = "UPDATE workflow_executions SET wake_at = now(), deferred_since = deferred_since - $2::float8 * interval '1 s'"


async def deferred(engine: Engine) -> UUID:
    """An execution that a worker without one of its node types had; the worker has stopped."""
    engine.probes.immediate["step"] = lambda context: Outcome.of(context.input)
    workflow_id = await engine.publish(START, node("step", "test.immediate", name="step"), node("end", "flow.end"))
    full = engine.catalog
    engine.catalog = {name: kind for name, kind in full.items() if name != "test.immediate"}
    worker = await engine.worker()
    engine.catalog = full
    execution_id = await engine.start(workflow_id, "x")
    await engine.reaches(execution_id, "waiting")
    await worker.stop()
    engine.workers.remove(worker)
    return execution_id


async def wake(engine: Engine, execution_id: UUID, seconds: float = 0.0) -> None:
    """Let the execution's time come, `seconds` later than it is."""
    await engine.database.pool.execute(f"{WAKE} WHERE execution_id = $1", execution_id, seconds)


async def test_what_a_worker_has_no_node_type_for_runs_on_another_one(engine: Engine) -> None:
    """It is left alone for a while, and nothing of that is kept once somebody can run it."""
    execution_id = await deferred(engine)
    await engine.worker()
    await wake(engine, execution_id)
    row = await engine.ended(execution_id)
    assert ("completed", None) == (row["status"], row["deferred_since"])


async def test_what_no_worker_can_run_fails_in_the_end(engine: Engine) -> None:
    """After ten minutes, with the problem that all of them had."""
    execution_id = await deferred(engine)
    full = engine.catalog
    engine.catalog = {name: kind for name, kind in full.items() if name != "test.immediate"}
    await engine.worker()
    engine.catalog = full
    await wake(engine, execution_id, 601)
    row = await engine.ended(execution_id)
    assert ("failed", "WORKFLOW_INVALID") == (row["status"], row["error"]["code"])


async def test_an_execution_that_is_resumed_gets_its_time_again(engine: Engine) -> None:
    """How long it was deferred before somebody paused it does not count."""
    execution_id = await deferred(engine)
    await engine.control(control.pause, execution_id)
    await engine.control(control.resume, execution_id)
    assert ["pending", None] == await engine.fields(execution_id, "status", "deferred_since")
