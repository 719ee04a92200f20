"""What becomes of executions that were put off or replaced, at the worker that runs them."""

from __future__ import annotations

from tests.rig.engine import START, Engine, idle, node

END = node("end", "flow.end", output="{{ trigger }}")


async def test_starts_that_follow_closely_run_once_with_the_last_data(engine: Engine) -> None:
    """When the quiet time is over; the next start is another one."""
    workflow_id = await engine.publish(START, END, debounce_seconds=0.3)
    first = await engine.start(workflow_id, {"n": 1})
    assert first == await engine.start(workflow_id, {"n": 2})
    worker = await engine.worker()
    row = await engine.ended(first)
    assert ("completed", {"n": 2}) == (row["status"], row["final_output"])
    second = await engine.start(workflow_id, {"n": 3})
    assert second != first
    assert {"n": 3} == (await engine.ended(second))["final_output"]
    await idle(worker)


async def test_what_runs_is_stopped_for_what_replaces_it(engine: Engine) -> None:
    """Its worker lets go of it, and runs the new one."""
    gate = engine.probes.gate("gate")
    held = node("held", "test.waiting", name="gate")
    workflow_id = await engine.publish(START, held, END, max_concurrent=1, overflow="replace")
    worker = await engine.worker()
    first = await engine.start(workflow_id, 1)
    await gate.reached()
    second = await engine.start(workflow_id, 2)
    row = await engine.ended(first)
    assert ("cancelled", "EXECUTION_REPLACED") == (row["status"], row["error"]["code"])
    gate.opened.set()
    assert "completed" == (await engine.ended(second))["status"]
    await idle(worker)


async def test_what_is_put_off_can_be_cancelled(engine: Engine) -> None:
    """Then a later start is one of its own."""
    workflow_id = await engine.publish(START, END, debounce_seconds=60)
    first = await engine.start(workflow_id, 1)
    await engine.cancel(first)
    assert "cancelled" == await engine.status(first)
    assert first != await engine.start(workflow_id, 2)
