"""Cancel, pause and resume, at every place where an execution can be."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from tests.rig.engine import START, Engine, idle, node, statuses, until

from wingbeat.api.executions.routes import show_step
from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Conflict
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.services.executions.executions import Executions
from wingbeat.storage import control

END = node("end", "flow.end", output="{{ input }}")


def call(name: str = "gate", **fields: Json) -> JsonObject:
    """A step that does what the test says."""
    return node("step", "test.waiting", name=name, **fields)


async def at(engine: Engine, where: str) -> UUID:
    """An execution that is there, with a worker in the places that need one."""
    if where == "pending":
        return await engine.start(await engine.publish(START, END))
    if where == "parked":
        workflow_id = await engine.publish(START, END, max_concurrent=1)
        execution_id = await engine.start(workflow_id)
        await engine.database.pool.execute("DELETE FROM pgqueuer")
        await engine.database.pool.execute("UPDATE workflow_executions SET parked = true")
        return execution_id
    if where == "waiting":
        await engine.worker()
        delay = node("delay", "flow.delay", seconds=3600)
        execution_id = await engine.start(await engine.publish(START, delay, END), "x")
    elif where == "running":
        await engine.worker()
        gate = engine.probes.gate()
        execution_id = await engine.start(await engine.publish(START, call(), END), "x")
        await gate.reached()
    else:
        execution_id = await engine.start(await engine.publish(START, END), "x")
        assert "paused" == await engine.control(control.pause, execution_id)
    await engine.reaches(execution_id, where)
    return execution_id


@pytest.mark.parametrize("where", ["pending", "parked", "waiting", "running", "paused"])
async def test_an_execution_is_cancelled_wherever_it_is(engine: Engine, where: str) -> None:
    """It is cancelled at once and for good, with one last row, and nobody holds it any more."""
    execution_id = await at(engine, where)
    assert {"parked": "pending"}.get(where, where) == await engine.cancel(execution_id)
    assert ["cancelled", None, False] == await engine.fields(execution_id, "status", "worker_id", "parked")
    assert "ended" == statuses(await engine.journal(execution_id))[-1]
    with pytest.raises(Conflict):
        await engine.cancel(execution_id)


async def test_a_cancelled_execution_keeps_what_its_nodes_did(engine: Engine) -> None:
    """Its row says what the worker would have written at a regular end: numbers, the way, and a state for each node."""
    await engine.worker()
    failing = node("try", "data.transform", value="{{ input.nothing }}", on_error="continue")
    delay = node("delay", "flow.delay", seconds=3600)
    execution_id = await engine.start(await engine.publish(START, failing, delay, END), "x")
    await engine.reaches(execution_id, "waiting")
    shown = (await Executions(engine.database).get(SYSTEM, execution_id, progress=True)).execution
    await engine.cancel(execution_id)
    expected = [
        2,
        ["start", "try"],
        {
            "start": {"status": "completed", "runs": 1, "failures": 0},
            "try": {"status": "failed", "runs": 0, "failures": 1},
        },
    ]
    assert expected == await engine.fields(execution_id, "nodes_executed", "execution_path", "node_states")
    assert expected == [shown.header.nodes_executed, shown.execution_path, shown.node_states]


async def test_steps_are_shown_with_lists_of_ports_and_times_as_text(engine: Engine) -> None:
    """Whatever the journal keeps in their place: marks, seconds, the status of an end."""
    await engine.worker()
    delay = node("delay", "flow.delay", seconds=3600)
    execution_id = await engine.start(await engine.publish(START, delay, END), "x")
    await engine.reaches(execution_id, "waiting")
    await engine.cancel(execution_id)
    details = await Executions(engine.database).get(SYSTEM, execution_id, steps=True)
    shown = [show_step(step, logs=False) for step in details.steps or []]
    assert [("completed", ["out"]), ("waiting", []), ("ended", [])] == [(one["status"], one["ports"]) for one in shown]
    waiting = shown[1]["output"]
    assert isinstance(waiting, dict)
    assert (datetime, "x") == (type(waiting["until"]), waiting["output"])


@pytest.mark.parametrize("what", [control.cancel, control.pause, control.resume])
async def test_an_ended_execution_stays_as_it_is(engine: Engine, what: object) -> None:
    """Nothing that is asked of it changes what has ended."""
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, END), "x")
    before = await engine.ended(execution_id)
    with pytest.raises(Conflict):
        await engine.control(what, execution_id)  # type: ignore[arg-type] # one of three functions
    assert before == await engine.row(execution_id)


@pytest.mark.parametrize("heard", [True, False])
async def test_a_hanging_step_stops_when_its_execution_is_cancelled(engine: Engine, heard: bool) -> None:
    """The step is interrupted, by the notice or, when that got lost, by the next look at the database."""
    gate = engine.probes.gate()
    worker = await engine.worker()
    if not heard:
        await worker.lease._connection.execute("UNLISTEN *")  # type: ignore[union-attr] # it was started
    execution_id = await engine.start(await engine.publish(START, call(), END))
    await gate.reached()
    await until(lambda: engine.journal(execution_id), "the trigger is recorded")
    await engine.cancel(execution_id)

    await idle(worker)
    assert ["completed", "ended"] == statuses(await engine.journal(execution_id))


@pytest.mark.parametrize("where", ["pending", "parked", "waiting", "running", "paused"])
async def test_an_execution_pauses_and_goes_on_wherever_it_is(engine: Engine, where: str) -> None:
    """Paused, nobody holds it and nothing wakes it; resumed, it comes to the end that it would have come to anyway."""
    execution_id = await at(engine, where)
    await engine.control(control.pause, execution_id)
    if where == "running":
        (worker,) = engine.workers
        await engine.hears_of_pause(worker, execution_id)
        engine.probes.gates["gate"].opened.set()
    await engine.reaches(execution_id, "paused")
    assert [None, None, False] == await engine.fields(execution_id, "worker_id", "wake_at", "pause_requested")
    assert "pending" == await engine.control(control.resume, execution_id)
    await engine.worker()
    if where == "waiting":
        await engine.reaches(execution_id, "waiting")
    else:
        assert "completed" == (await engine.ended(execution_id))["status"]


async def test_a_pause_lets_the_running_step_finish(engine: Engine) -> None:
    """The step under way is recorded, the next one does not begin, and after the resume it is not repeated."""
    gate = engine.probes.gate()
    worker = await engine.worker()
    execution_id = await engine.start(await engine.publish(START, call(), END))
    await gate.reached()
    assert "running" == await engine.control(control.pause, execution_id)
    await engine.hears_of_pause(worker, execution_id)
    gate.opened.set()
    await engine.reaches(execution_id, "paused")
    assert ["completed", "completed"] == statuses(await engine.journal(execution_id))
    await engine.control(control.resume, execution_id)
    await engine.ended(execution_id)
    assert 1 == gate.entered


async def test_a_pause_survives_the_death_of_the_worker(engine: Engine) -> None:
    """The wish to pause is in the database: whoever takes the execution over leaves it paused."""
    gate = engine.probes.gate()
    first = await engine.worker()
    execution_id = await engine.start(await engine.publish(START, call(), END))
    await gate.reached()
    await engine.control(control.pause, execution_id)
    await engine.kill(first)
    await engine.worker()
    await engine.reaches(execution_id, "paused")


async def test_a_pause_that_the_worker_did_not_hear_of_is_kept(engine: Engine) -> None:
    """The execution lets go in order to wait; the request to pause came first, so it is paused and does not wake."""
    gate = engine.probes.gate()
    worker = await engine.worker()
    await worker._changes.stop()
    await worker.lease._connection.execute("UNLISTEN *")  # type: ignore[union-attr] # it was started
    delay = node("delay", "flow.delay", seconds=30)
    execution_id = await engine.start(await engine.publish(START, call(), delay, END))
    await gate.reached()
    await engine.control(control.pause, execution_id)
    gate.opened.set()
    row = await engine.reaches(execution_id, "paused", "waiting")
    assert ("paused", None) == (row["status"], row["wake_at"])


async def test_a_pause_that_is_withdrawn_in_time_has_no_effect(engine: Engine) -> None:
    """Resumed before its running step has ended, an execution goes on by itself."""
    gate = engine.probes.gate()
    worker = await engine.worker()
    execution_id = await engine.start(await engine.publish(START, call(), END))
    await gate.reached()
    await engine.control(control.pause, execution_id)
    await engine.hears_of_pause(worker, execution_id)
    assert "running" == await engine.control(control.resume, execution_id)
    gate.opened.set()
    assert "completed" == (await engine.ended(execution_id))["status"]
    assert 1 == gate.entered


async def test_a_cancelled_execution_frees_its_slot(engine: Engine) -> None:
    """The next parked execution of the workflow takes the place of the cancelled one."""
    gate = engine.probes.gate()
    await engine.worker()
    workflow_id = await engine.publish(START, call(), END, max_concurrent=1)
    first = await engine.start(workflow_id)
    await gate.reached()
    second = await engine.start(workflow_id)
    await engine.cancel(first)
    await gate.reached(2)
    gate.opened.set()
    assert "completed" == (await engine.ended(second))["status"]
