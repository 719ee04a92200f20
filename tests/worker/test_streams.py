"""Streams in a real store: loops write and read them, across crashes, and nobody can make one up."""

from __future__ import annotations

from typing import Any

from tests.rig.engine import START, Engine, node

from wingbeat.core.outcome import Outcome

COUNT = 450
DOUBLE = node("double", "data.transform", value="{{ item * 2 }}")
END = node("end", "flow.end", output="{{ input }}")
ROOM: dict[str, Any] = {"loop_iterations": 10_000, "total_operations": 100_000}


async def test_a_loop_goes_through_the_stream_of_another_and_a_crash_changes_nothing(engine: Engine) -> None:
    """The worker dies while the second loop is at it; the next one takes the chunks up from their rows."""
    gate = engine.probes.gate()
    engine.probes.immediate["add"] = lambda context: Outcome.of(context.input)
    workflow_id = await engine.publish(
        START,
        node("each", "loop.foreach", items=f"{{{{ range({COUNT}) }}}}", collect="blob", concurrency=10),
        DOUBLE,
        node("again", "loop.foreach", items="{{ input }}"),
        node("if", "condition.if", condition="index == 300"),
        node("step", "test.waiting", name="gate"),
        node("same", "data.transform", value="{{ item }}"),
        END,
        connections="start> each, each.body> double, each.done> again, again.body> if, "
        "if.true> step, if.false> same, step> same, again.done> end",
        **ROOM,
    )
    first = await engine.worker()
    execution_id = await engine.start(workflow_id)
    await gate.reached()
    await engine.kill(first)
    gate.opened.set()
    await engine.worker()
    row = await engine.ended(execution_id)
    assert ("completed", [2 * number for number in range(COUNT)]) == (row["status"], row["final_output"])
    loaded = "SELECT count(*) FROM workflow_execution_steps WHERE status = 'loaded' AND output_blob IS NOT NULL"
    assert 3 == await engine.count(loaded)


async def test_a_stream_that_nobody_made_is_refused(engine: Engine) -> None:
    """Not even its own execution's blobs can be read by a reference that somebody wrote."""
    forged: Any = {"stream": {"id": "../../etc", "chunks": 1, "signature": "0" * 64}, "count": 1}
    workflow_id = await engine.publish(
        START,
        node("each", "loop.foreach", items="{{ input }}"),
        DOUBLE,
        connections="start> each, each.body> double",
    )
    await engine.worker()
    for data in (
        forged,
        {**forged, "stream": {"chunks": 1}},
        {**forged, "stream": {"id": [], "chunks": 1, "signature": 5}},
    ):
        row = await engine.ended(await engine.start(workflow_id, data))
        assert ("failed", "STREAM_INVALID") == (row["status"], row["error"]["code"])


async def test_an_error_inside_of_loops_comes_to_the_root(engine: Engine) -> None:
    """The execution has the error of the node, and each loop around it a row of its own."""
    workflow_id = await engine.publish(
        START,
        node("outer", "loop.foreach", items=[[1, 2], ["a"]]),
        node("inner", "loop.foreach", items="{{ item }}", concurrency=2),
        DOUBLE | {"parameters": {"value": "{{ item * 1.0 }}"}},
        connections="start> outer, outer.body> inner, inner.body> double",
    )
    await engine.worker()
    execution_id = await engine.start(workflow_id)
    row = await engine.ended(execution_id)
    assert ("failed", "double", "outer:1/inner:0") == (row["status"], row["error"]["node"], row["error"]["scope"])
    failed = [row for row in await engine.journal(execution_id) if row["status"] == "failed"]
    assert [("double", "outer:1/inner:0"), ("inner", "outer:1"), ("outer", "")] == [
        (row["node_id"], row["scope"]) for row in failed
    ]
