"""An execution stops before a step and rests as a row; it goes on when a person says so, through any crash."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from tests.rig.engine import START, Engine, node, until

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Conflict, InvalidInput, NotFound, WingbeatError
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.services.executions.breakpoints import Breakpoints
from wingbeat.storage import control
from wingbeat.storage.control import Answer, Decision, Going, Place
from wingbeat.worker.breakpoints import shown_value
from wingbeat.worker.plans import Plans

END = node("end", "flow.end", output="{{ input }}")
LOOP = node("each", "loop.foreach", items=["a", "b", "c"], concurrency=3)
IN_LOOP = "start>each, each.body>x, each.done>end"


def made(node_id: str, value: Json = "{{ input }}", **fields: Json) -> JsonObject:
    """A node that gives a value."""
    return node(node_id, "data.transform", value=value, **fields)


async def stopped(engine: Engine, execution_id: UUID) -> JsonObject:
    """What the execution asks, once it has stopped."""
    question: JsonObject = (await engine.reaches(execution_id, "paused", "completed", "failed"))["error"]
    assert "BREAKPOINT" == question["code"]
    return question


def places(question: JsonObject) -> list[str]:
    """Where it has stopped."""
    steps: Any = question["steps"]
    return [f"{step['node']}@{step['scope']}" if step["scope"] else step["node"] for step in steps]


async def go(engine: Engine, execution_id: UUID, going: Going | None = None) -> None:
    """Let it go on."""
    await engine.control(partial(control.resume, answer=going), execution_id)


class TestStopping:
    """Where an execution stops, and what it shows there."""

    async def test_it_shows_what_the_step_would_find(self, engine: Engine) -> None:
        """Input and variables; nothing of the step has happened."""
        await engine.worker()
        workflow_id = await engine.publish(START, node("set", "data.variable", name="n", value=5), made("a"), END)
        execution_id = await engine.start(workflow_id, {"x": 1}, breakpoints=[{"node": "a"}])
        question = await stopped(engine, execution_id)
        expected = {"node": "a", "scope": "", "attempt": 1, "input": {"x": 1}, "variables": {"n": 5}}
        assert [expected] == question["steps"]
        assert [] == [row for row in await engine.journal(execution_id) if row["node_id"] == "a"]
        await go(engine, execution_id)
        assert "completed" == (await engine.ended(execution_id))["status"]

    async def test_iterations_that_stop_at_once_are_shown_together(self, engine: Engine) -> None:
        """Each with its item, index and loop."""
        await engine.worker()
        workflow_id = await engine.publish(START, LOOP, made("x"), END, connections=IN_LOOP)
        execution_id = await engine.start(workflow_id, breakpoints=[{"node": "x"}])
        question = await stopped(engine, execution_id)
        steps: Any = question["steps"]
        assert ["x@each:0", "x@each:1", "x@each:2"] == places(question)
        assert ("b", 1, 3) == (steps[1]["item"], steps[1]["index"], steps[1]["loop"]["count"])

    async def test_a_condition_decides(self, engine: Engine) -> None:
        """Over whatever the step sees."""
        await engine.worker()
        workflow_id = await engine.publish(START, LOOP, made("x"), END, connections=IN_LOOP)
        execution_id = await engine.start(workflow_id, breakpoints=[{"node": "x", "condition": "item == 'b'"}])
        assert ["x@each:1"] == places(await stopped(engine, execution_id))

    async def test_a_condition_that_cannot_be_evaluated_stops(self, engine: Engine) -> None:
        """And says why: whoever waits for it would otherwise wait for ever."""
        await engine.worker()
        workflow_id = await engine.publish(START, made("a"))
        execution_id = await engine.start(workflow_id, breakpoints=[{"node": "a", "condition": "input.nothing > 1"}])
        steps: Any = (await stopped(engine, execution_id))["steps"]
        assert steps[0]["condition_error"]["message"]

    async def test_others_under_way_come_to_their_end(self, engine: Engine) -> None:
        """And what follows them does not begin."""
        gate = engine.probes.gate()
        await engine.worker()
        other = node("other", "test.waiting", name="gate")
        workflow_id = await engine.publish(
            START, other, made("a"), made("after"), connections="start>other, start>a, other>after"
        )
        execution_id = await engine.start(workflow_id, breakpoints=[{"node": "a"}])
        await gate.reached()
        gate.opened.set()
        await stopped(engine, execution_id)
        assert ["start", "other"] == [row["node_id"] for row in await engine.journal(execution_id)]
        await go(engine, execution_id)
        assert "completed" == (await engine.ended(execution_id))["status"]

    async def test_before_an_unsafe_step_nothing_has_begun(self, engine: Engine) -> None:
        """So there is nothing to be in doubt about."""
        gate = engine.probes.gate()
        gate.opened.set()
        await engine.worker()
        workflow_id = await engine.publish(START, node("pay", "test.waiting", name="gate", effect="unsafe"))
        execution_id = await engine.start(workflow_id, breakpoints=[{"node": "pay"}])
        await stopped(engine, execution_id)
        assert 0 == gate.entered
        await go(engine, execution_id)
        assert "completed" == (await engine.ended(execution_id))["status"]

    async def test_a_crash_while_it_is_stopped_changes_nothing(self, engine: Engine) -> None:
        """It is a row; and the same breakpoint does not stop the same step twice."""
        gate = engine.probes.gate()
        first = await engine.worker()
        workflow_id = await engine.publish(START, node("a", "test.waiting", name="gate"), END)
        execution_id = await engine.start(workflow_id, 7, breakpoints=[{"node": "a"}])
        await stopped(engine, execution_id)
        await engine.kill(first)
        second = await engine.worker()
        await go(engine, execution_id)
        await gate.reached()
        await engine.kill(second)
        gate.opened.set()
        await engine.worker()
        row = await engine.ended(execution_id)
        assert ("completed", 7) == (row["status"], row["final_output"])


class TestGoingOn:
    """Step by step, to the next breakpoint, with an edit, one by one."""

    async def started(self, engine: Engine, data: Json = 1, **given: Any) -> UUID:  # noqa: ANN401 - StartRequest's
        """An execution of three steps that stops before the first."""
        await engine.worker()
        chain = [made("a"), made("b", "{{ input + (n ?? 0) }}"), made("c")]
        execution_id = await engine.start(
            await engine.publish(START, *chain), data, **{"breakpoints": [{"node": "a"}], **given}
        )
        await stopped(engine, execution_id)
        return execution_id

    async def test_to_the_next_step(self, engine: Engine) -> None:
        """It stops before each, until it is told to continue."""
        execution_id = await self.started(engine)
        for expected in ("b", "c"):
            await go(engine, execution_id, Going(stepping=True))
            await until(lambda at=expected: is_at(engine, execution_id, at), f"it stands before {expected}")  # type: ignore[misc]
        await go(engine, execution_id)
        row = await engine.ended(execution_id)
        assert ("completed", 1) == (row["status"], row["final_output"])

    async def test_with_another_input(self, engine: Engine) -> None:
        """The step and what follows it see that."""
        execution_id = await self.started(engine)
        await go(engine, execution_id, Going(edit={"input": 10}))
        assert 10 == (await engine.ended(execution_id))["final_output"]

    async def test_with_other_variables(self, engine: Engine) -> None:
        """New ones belong to the execution."""
        execution_id = await self.started(engine)
        await go(engine, execution_id, Going(edit={"variables": {"n": 5}}))
        row = await engine.ended(execution_id)
        assert (6, {"n": 5}) == (row["final_output"], row["final_variables"])

    async def test_steps_that_stopped_together_go_on_one_by_one(self, engine: Engine) -> None:
        """The others stop again, where they are."""
        await engine.worker()
        workflow_id = await engine.publish(START, LOOP, made("x"), END, connections=IN_LOOP)
        execution_id = await engine.start(workflow_id, breakpoints=[{"node": "x"}])
        await stopped(engine, execution_id)
        await go(engine, execution_id, Going(place=Place("x", "each:1"), edit={"input": "B"}))
        await until(lambda: is_at(engine, execution_id, "x@each:0", "x@each:2"), "the others have stopped again")
        await go(engine, execution_id)
        assert ["a", "B", "c"] == (await engine.ended(execution_id))["final_output"]

    async def test_answers_that_do_not_fit_are_refused(self, engine: Engine) -> None:
        """Each with a code of its own, and nothing changes."""
        await engine.worker()
        workflow_id = await engine.publish(START, LOOP, made("x"), END, connections=IN_LOOP)
        execution_id = await engine.start(workflow_id, breakpoints=[{"node": "x"}])
        await stopped(engine, execution_id)
        refused: dict[str, tuple[type[WingbeatError], Answer | Going]] = {
            "STEP_NEEDED": (InvalidInput, Going(edit={"input": 1})),
            "STEP_NOT_ASKED_ABOUT": (NotFound, Going(place=Place("x", "each:9"))),
            "NOTHING_TO_DECIDE": (Conflict, Answer(Decision.FAIL)),
        }
        for code, (kind, answer) in refused.items():
            with pytest.raises(kind) as caught:
                await engine.control(partial(control.resume, answer=answer), execution_id)
            assert code == caught.value.code
        assert 3 == len(places(await stopped(engine, execution_id)))


class TestChangingThem:
    """Breakpoints of an execution that is under way."""

    async def test_one_that_runs_hears_of_it(self, engine: Engine) -> None:
        """It stops before what has not begun."""
        gate = engine.probes.gate()
        worker = await engine.worker()
        workflow_id = await engine.publish(START, node("step", "test.waiting", name="gate"), made("next"))
        execution_id = await engine.start(workflow_id)
        await gate.reached()
        await service(engine).set(SYSTEM, execution_id, [{"node": "next"}])

        async def knows() -> bool:
            return worker._running[execution_id][0]._steps._breakpoints is not None

        await until(knows, "the worker knows of the breakpoint")
        gate.opened.set()
        assert ["next"] == places(await stopped(engine, execution_id))
        await service(engine).set(SYSTEM, execution_id, [])
        await go(engine, execution_id)
        assert "completed" == (await engine.ended(execution_id))["status"]

    async def test_what_names_no_node_is_refused(self, engine: Engine) -> None:
        """So is a condition that is no expression, and an execution that has ended."""
        await engine.worker()
        workflow_id = await engine.publish(START, made("step"))
        execution_id = await engine.start(workflow_id)
        await engine.ended(execution_id)
        for given, code in (
            ([{"node": "stpe"}], "BREAKPOINT_UNKNOWN"),
            ([{"node": "step", "condition": "1 +"}], "BREAKPOINT_INVALID"),
            ([{"node": "step"}], "EXECUTION_ENDED"),
        ):
            with pytest.raises((InvalidInput, Conflict)) as caught:
                await service(engine).set(SYSTEM, execution_id, given)  # type: ignore[arg-type] # a literal
            assert code == caught.value.code
        with pytest.raises(InvalidInput):
            await engine.start(workflow_id, breakpoints=[{"node": "nobody"}])


def test_what_is_long_is_shown_cut() -> None:
    """Its beginning, and how long it is."""
    assert {"$cut": '"' + "x" * 499, "bytes": 5002} == shown_value("x" * 5000)


def service(engine: Engine) -> Breakpoints:
    """The use case on this test's database."""
    return Breakpoints(engine.database, Plans(engine.database, engine.catalog, engine.limits))


async def is_at(engine: Engine, execution_id: UUID, *expected: str) -> bool:
    """Whether it has stopped there."""
    row = await engine.row(execution_id)
    return row["status"] == "paused" and row["error"] is not None and [*expected] == places(row["error"])
