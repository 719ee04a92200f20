"""Nobody knows whether an unsafe step had its effect: its worker died, or it failed without an answer."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest
from tests.rig.engine import START, Engine, node, retry, statuses
from tests.rig.probes import Gate

from wingbeat.core.errors import Conflict, StepError
from wingbeat.core.json_value import Json
from wingbeat.core.outcome import Outcome
from wingbeat.sdk import Context
from wingbeat.storage import control
from wingbeat.storage.control import Answer, Decision, Place

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


async def test_an_answer_that_names_no_port_of_the_node_fails_the_step(engine: Engine) -> None:
    """And says so, where the execution would otherwise have gone nowhere."""
    execution_id, _ = await rest(engine)
    answer = Answer(Decision.COMPLETE, {"paid": True}, "nowhere")
    await engine.control(partial(control.resume, answer=answer), execution_id)
    row = await engine.ended(execution_id)
    assert ("failed", "ANSWER_UNFIT", "step") == (row["status"], row["error"]["code"], row["error"]["node"])


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


async def test_nothing_is_asked_about_a_step_that_nobody_wants_any_more(engine: Engine) -> None:
    """Its branch lost a race before the question could be put, so the execution goes on."""
    lost, winner = engine.probes.gate("lost"), engine.probes.gate("winner")
    workflow_id = await engine.publish(
        START,
        node("lost", "test.waiting", name="lost", effect="unsafe", on_unknown="ask"),
        node("winner", "test.waiting", name="winner"),
        node("first", "flow.merge", mode="any"),
        node("delay", "flow.delay", seconds=3600),
        END,
        connections="start>lost, start>winner, lost>first, winner>first, first>delay, delay>end",
    )
    worker = await engine.worker()
    execution_id = await engine.start(workflow_id)
    await lost.reached()
    await winner.reached()
    await engine.kill(worker)
    winner.opened.set()
    await engine.worker()
    assert "waiting" == (await engine.reaches(execution_id, "paused", "waiting"))["status"]


async def in_doubt(engine: Engine, **fields: Json) -> UUID:
    """An execution whose unsafe step fails at its first attempt without an answer, and works at the second."""

    async def lose_the_answer(context: Context) -> Outcome:
        if len(engine.probes.calls) == 1:
            raise StepError("No answer came.", code="SILENT", retryable=True, uncertain=True)
        return Outcome.of(context.attempt)

    engine.probes.waiting["pay"] = lose_the_answer
    await engine.worker()
    step = node("step", "test.waiting", name="pay", **fields)
    return await engine.start(await engine.publish(START, step, END))


async def test_an_answer_that_does_not_come_is_no_reason_to_repeat(engine: Engine) -> None:
    """The default retries leave an unsafe step alone, and its error says that its outcome is unknown, and why."""
    row = await engine.ended(await in_doubt(engine, effect="unsafe"))
    assert ("failed", "STEP_OUTCOME_UNKNOWN", 1) == (row["status"], row["error"]["code"], len(engine.probes.calls))
    assert "SILENT" == row["error"]["details"]["cause"]["code"]


async def test_a_step_that_runs_out_of_time_may_have_had_its_effect(engine: Engine) -> None:
    """The node's own time-out is no reason to repeat an unsafe step either."""
    gate = engine.probes.gate("pay")
    await engine.worker()
    step = node("step", "test.waiting", name="pay", effect="unsafe", timeout_seconds=0.05, retry=retry(3))
    row = await engine.ended(await engine.start(await engine.publish(START, step, END)))
    assert ("STEP_OUTCOME_UNKNOWN", 1) == (row["error"]["code"], gate.entered)
    assert "STEP_TIMEOUT" == row["error"]["details"]["cause"]["code"]


@pytest.mark.parametrize("fields", [{"effect": "unsafe", "on_unknown": "retry"}, {"effect": "idempotent"}])
async def test_a_step_that_may_be_repeated_is(engine: Engine, fields: dict[str, Json]) -> None:
    """By the retry policy, and under the same key, so that the other side can tell."""
    row = await engine.ended(await in_doubt(engine, retry=retry(2), **fields))
    assert ("completed", 2) == (row["status"], row["final_output"])
    assert 1 == len({*engine.probes.keys("pay")})


async def test_a_person_is_asked_what_became_of_a_step_without_an_answer(engine: Engine) -> None:
    """The execution rests as it does after a crash, and an answer lets it go on."""
    execution_id = await in_doubt(engine, effect="unsafe", on_unknown="ask")
    error = (await engine.reaches(execution_id, "paused", "failed"))["error"]
    assert ("STEP_OUTCOME_UNKNOWN", [{"node": "step", "scope": "", "attempt": 1}]) == (error["code"], error["steps"])
    await engine.control(partial(control.resume, answer=Answer(Decision.RETRY)), execution_id)
    row = await engine.ended(execution_id)
    assert ("completed", 2) == (row["status"], len(engine.probes.calls))


async def test_several_questions_are_answered_one_by_one(engine: Engine) -> None:
    """The execution rests until the last one is answered, and asks only what is still open."""
    gate = engine.probes.gate()
    loop = node("each", "loop.foreach", items=["a", "b"], concurrency=2)
    workflow_id = await engine.publish(START, loop, STEP, END, connections="start>each, each.body>step, each.done>end")
    first = await engine.worker()
    execution_id = await engine.start(workflow_id)
    await gate.reached(2)
    await engine.kill(first)
    await engine.worker()
    assert 2 == len((await engine.reaches(execution_id, "paused"))["error"]["steps"])
    gate.opened.set()
    for scope, output in (("each:0", "A"), ("each:1", "B")):
        answer = Answer(Decision.COMPLETE, output, place=Place("step", scope))
        await engine.control(partial(control.resume, answer=answer), execution_id)
        if scope == "each:0":
            row = await engine.row(execution_id)
            assert ("paused", ["each:1"]) == (row["status"], [step["scope"] for step in row["error"]["steps"]])
    assert ["A", "B"] == (await engine.ended(execution_id))["final_output"]
    assert 2 == gate.entered
