"""A worker died while an unsafe step ran, and the workflow says that a person decides what became of it."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest
from tests.rig.engine import START, Engine, node, statuses
from tests.rig.probes import Gate

from wingbeat.core.errors import Conflict
from wingbeat.storage import control
from wingbeat.storage.control import Answer, Decision

END = node("end", "flow.end", output="{{ input }}")
STEP = node("step", "test.waiting", name="gate", effect="unsafe", on_unknown="ask")


async def rest(engine: Engine) -> tuple[UUID, Gate]:
    """An execution that rests, since its worker died in the unsafe step."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, STEP, END)
    first = await engine.worker()
    execution_id = await engine.start(workflow_id, "x")
    await gate.reached()
    await engine.kill(first)
    await engine.worker()
    await engine.reaches(execution_id, "paused")
    gate.opened.set()
    return execution_id, gate


async def test_the_execution_rests_and_says_what_is_asked(engine: Engine) -> None:
    """Nothing is repeated and nothing given up: the paused execution names the step in question."""
    execution_id, gate = await rest(engine)
    error = (await engine.row(execution_id))["error"]
    assert "STEP_OUTCOME_UNKNOWN" == error["code"]
    assert [{"node": "step", "scope": "", "attempt": 1}] == error["steps"]
    assert 1 == gate.entered


async def test_resuming_without_a_decision_is_refused(engine: Engine) -> None:
    """A resume that does not say what became of the step changes nothing."""
    execution_id, _ = await rest(engine)
    with pytest.raises(Conflict) as caught:
        await engine.control(control.resume, execution_id)
    assert "DECISION_NEEDED" == caught.value.code
    assert "paused" == await engine.status(execution_id)


async def decided(engine: Engine, answer: Answer) -> tuple[object, ...]:
    """Status, output, number of runs and rows of the step, after this decision."""
    execution_id, gate = await rest(engine)
    await engine.control(partial(control.resume, answer=answer), execution_id)
    row = await engine.ended(execution_id)
    rows = statuses([one for one in await engine.journal(execution_id) if one["node_id"] == "step"])
    return row["status"], row["final_output"], gate.entered, rows


async def test_the_step_may_run_again(engine: Engine) -> None:
    """With `retry` it begins once more, and the journal says that somebody allowed it."""
    expected = ("completed", "x", 2, ["started", "cleared", "started", "completed"])
    assert expected == await decided(engine, Answer(Decision.RETRY))


async def test_the_step_may_count_as_failed(engine: Engine) -> None:
    """With `fail` it has failed, and what the node says of errors is done."""
    assert ("failed", None, 1, ["started", "failed"]) == await decided(engine, Answer(Decision.FAIL))


async def test_the_step_may_count_as_done(engine: Engine) -> None:
    """With `complete` the execution goes on with what the person found on the other side."""
    expected = ("completed", {"paid": True}, 1, ["started", "completed"])
    assert expected == await decided(engine, Answer(Decision.COMPLETE, {"paid": True}))


async def test_a_decision_that_nobody_asked_for_is_refused(engine: Engine) -> None:
    """An execution that somebody paused has no question to answer."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, STEP, END)
    worker = await engine.worker()
    execution_id = await engine.start(workflow_id)
    await gate.reached()
    await engine.control(control.pause, execution_id)
    await engine.hears_of_pause(worker, execution_id)
    gate.opened.set()
    await engine.reaches(execution_id, "paused")
    with pytest.raises(Conflict) as caught:
        await engine.control(partial(control.resume, answer=Answer(Decision.FAIL)), execution_id)
    assert "NOTHING_TO_DECIDE" == caught.value.code
