"""Nodes that remember from one execution to the next, and several triggers in one workflow, on a real engine."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from tests.rig.engine import START, Engine, node

HOUR = 3600


async def outputs(engine: Engine, execution_id: Any) -> dict[str, Any]:  # noqa: ANN401 - a UUID
    """What each node of an execution gave."""
    return {row["node_id"]: row["output"] for row in await engine.journal(execution_id) if row["node_id"]}


async def test_an_item_is_new_in_one_execution(engine: Engine) -> None:
    """The second one finds it repeated."""
    await engine.worker()
    workflow_id = await engine.publish(
        START, node("once", "data.deduplicate", items="{{ trigger }}", against="earlier", memory="orders")
    )
    first = await engine.start(workflow_id, [1, 2, 2])
    await engine.ended(first)
    second = await engine.start(workflow_id, [2, 3])
    await engine.ended(second)
    assert {"unique": [1, 2], "repeated": [2]} == (await outputs(engine, first))["once"]
    assert {"unique": [3], "repeated": [2]} == (await outputs(engine, second))["once"]


async def test_a_step_that_runs_again_after_a_crash_finds_its_items_new(engine: Engine) -> None:
    """The worker dies after the keys were marked and before that was written down."""
    gate = engine.probes.gate()
    worker = await engine.worker()
    workflow_id = await engine.publish(
        START,
        node("once", "data.deduplicate", items="{{ trigger }}", against="earlier", memory="orders"),
        node("hold", "test.waiting", name="gate"),
        connections="start>once, once.unique>hold",
    )
    execution_id = await engine.start(workflow_id, [1])
    await gate.reached()
    await engine.kill(worker)
    # As if the outcome had not reached the journal.
    await engine.database.pool.execute("DELETE FROM workflow_execution_steps WHERE node_id = 'once'")
    gate.opened.set()
    await engine.worker()
    await engine.ended(execution_id)
    assert {"unique": [1], "repeated": []} == (await outputs(engine, execution_id))["once"]


async def test_whoever_comes_too_soon_waits_for_its_turn(engine: Engine) -> None:
    """As a row that wakes when the turn has come."""
    await engine.worker()
    workflow_id = await engine.publish(START, node("turn", "flow.rate_limit", key="k", limit=1, window_seconds=HOUR))
    first = await engine.start(workflow_id, "a")
    assert "completed" == (await engine.ended(first))["status"]
    second = await engine.start(workflow_id, "b")
    waiting = await engine.reaches(second, "waiting")
    turn_at = await engine.database.pool.fetchval("SELECT max(turn_at) FROM rate_turns")
    assert abs((waiting["wake_at"] - turn_at).total_seconds()) < 1
    assert 2 == await engine.count("SELECT count(*) FROM rate_turns")


async def test_turns_come_one_after_the_other(engine: Engine) -> None:
    """All get through, none within the window of the one before, in the order in which they came."""
    await engine.worker()
    workflow_id = await engine.publish(START, node("turn", "flow.rate_limit", key="k", limit=1, window_seconds=0.3))
    executions = [await engine.start(workflow_id, number) for number in range(4)]
    assert {"completed"} == {(await engine.ended(execution_id))["status"] for execution_id in executions}
    rows = await engine.database.pool.fetch("SELECT turn_at FROM rate_turns ORDER BY number")
    gaps = [(two["turn_at"] - one["turn_at"]).total_seconds() for one, two in pairwise(rows)]
    assert [True] * 3 == [gap >= 0.3 for gap in gaps]


async def test_whoever_does_not_want_to_wait_goes_another_way(engine: Engine) -> None:
    """With the time at which there would be a turn."""
    await engine.worker()
    workflow_id = await engine.publish(
        START,
        node("turn", "flow.rate_limit", key="k", limit=1, window_seconds=HOUR, when_full="limited"),
        node("passed", "flow.end", output="passed"),
        node("limited", "flow.end", output="{{ input.value }}"),
        connections="start>turn, turn>passed, turn.limited>limited",
    )
    results = []
    for data in ("a", "b"):
        execution_id = await engine.start(workflow_id, data)
        results.append((await engine.ended(execution_id))["final_output"])
    assert ["passed", "b"] == results


async def test_each_trigger_starts_its_own_branch(engine: Engine) -> None:
    """A workflow may have several; the nodes behind the others are not part of the execution."""
    await engine.worker()
    workflow_id = await engine.publish(
        {"id": "by_hand", "type": "trigger.manual"},
        node("by_call", "trigger.api"),
        node("by_clock", "trigger.schedule", every_seconds=60),
        node("hand", "data.transform", value="hand"),
        node("call", "data.transform", value="call"),
        node("both", "data.transform", value="{{ input }}"),
        connections="by_hand>hand, by_call>call, hand>both, call>both, by_clock>both",
    )
    ran = {}
    for trigger in ("by_hand", "by_call", "by_clock"):
        execution_id = await engine.start(workflow_id, 5, trigger_node_id=trigger)
        row = await engine.ended(execution_id)
        ran[trigger] = (row["status"], set(await outputs(engine, execution_id)))
    assert {
        "by_hand": ("completed", {"by_hand", "hand", "both"}),
        "by_call": ("completed", {"by_call", "call", "both"}),
        "by_clock": ("completed", {"by_clock", "both"}),
    } == ran
