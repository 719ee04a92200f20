"""Loops in a worker: time-outs, pauses and crashes inside of iterations that run at the same time."""

from __future__ import annotations

from tests.rig.engine import START, Engine, node, retry

from wingbeat.storage import control

SLOW = node("slow", "test.waiting", name="gate", timeout_seconds=0.2, retry=retry(1))


async def test_a_time_out_ends_its_iteration_alone(engine: Engine) -> None:
    """The others have their results, and the loop goes on."""
    engine.probes.gate()
    workflow_id = await engine.publish(
        START,
        node("each", "loop.foreach", items=[1, 2, 3, 4], concurrency=2, on_item_error="continue"),
        node("odd", "condition.if", condition="item % 2 == 1"),
        SLOW,
        connections="start > each, each.body > odd, odd.true > slow",
    )
    await engine.worker()
    row = await engine.ended(await engine.start(workflow_id))
    codes = [one["error"]["code"] if isinstance(one, dict) and "error" in one else None for one in row["final_output"]]
    assert ("completed", ["STEP_TIMEOUT", None, "STEP_TIMEOUT", None]) == (row["status"], codes)


async def test_a_time_out_in_one_iteration_fails_the_loop_for_its_handler(engine: Engine) -> None:
    """The iterations beside it are cancelled, and what is behind the handler goes on."""
    gate = engine.probes.gate("other")
    engine.probes.gate()
    workflow_id = await engine.publish(
        START,
        node("each", "loop.foreach", items=[1, 2], concurrency=2),
        node("first", "condition.if", condition="index == 0"),
        SLOW,
        node("other", "test.waiting", name="other"),
        node("handler", "flow.error_handler", nodes=["each"]),
        node("end", "flow.end", output="{{ input.error.cause.scope }}"),
        connections="start > each, each.body > first, first.true > slow, first.false > other, handler > end",
    )
    await engine.worker()
    row = await engine.ended(await engine.start(workflow_id))
    assert ("completed", "each:0") == (row["status"], row["final_output"])
    assert not gate.opened.is_set()


async def test_a_pause_inside_of_a_loop_loses_nothing(engine: Engine) -> None:
    """Steps under way come to their ends, and after the resumption each item has its place."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(
        START,
        node("each", "loop.foreach", items=[1, 2, 3], concurrency=2, collect="blob"),
        node("step", "test.waiting", name="gate"),
        node("again", "loop.foreach", items="{{ input }}"),
        node("same", "data.transform", value="{{ item }}"),
        connections="start > each, each.body > step, each.done > again, again.body > same",
    )
    worker = await engine.worker()
    execution_id = await engine.start(workflow_id)
    await gate.reached(2)
    await engine.control(control.pause, execution_id)
    await engine.hears_of_pause(worker, execution_id)
    gate.opened.set()
    await engine.reaches(execution_id, "paused")
    await engine.control(control.resume, execution_id)
    row = await engine.ended(execution_id)
    assert ("completed", [1, 2, 3]) == (row["status"], row["final_output"])
