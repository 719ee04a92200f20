"""Tasks that steps create and wait for: made once, completed once, and gone on from exactly once."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tests.rig.engine import START, Engine, node, until
from tests.worker.test_waits import dies_instead_of_write

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Conflict, InvalidInput
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.services.people.tasks import Closing, Tasks
from wingbeat.storage.paging import Paging
from wingbeat.storage.tasks import StoredTask, TaskFilter

END = node("end", "flow.end", output="{{ input }}")
FORM: JsonObject = {"name": "serial", "required": True}
WAITING = node("step", "action.task", title="Order for {{ input }}", assignee="it", wait=True, form=[FORM])
DONE = Closing("done", {"serial": "A-1"}, "ada")


async def made(engine: Engine) -> StoredTask:
    """The one task, once it is there."""

    async def look() -> list[StoredTask]:
        page, _ = await Tasks(engine.database).list(SYSTEM, TaskFilter(), Paging("created_at"))
        return page.items

    (task,) = await until(look, "there is a task")
    return task


async def begin(engine: Engine, step: JsonObject = WAITING, **ports: str) -> UUID:
    """An execution with one step that makes a task."""
    connections = ", ".join(["start>step", *(f"step.{port}>end" for port in ports or {"out": ""})])
    return await engine.start(await engine.publish(START, step, END, connections=connections), "Ada")


async def waits(engine: Engine, execution_id: UUID) -> asyncpg.Record:
    """The row of the execution, once it waits."""
    return await engine.reaches(execution_id, "waiting")


async def test_a_step_goes_on_with_what_the_task_came_to(engine: Engine) -> None:
    """Its title is the step's, its result what whoever did it said, with the types of the form."""
    await engine.worker()
    execution_id = await begin(engine)
    await waits(engine, execution_id)
    task = await made(engine)
    assert ("Order for Ada", "it", execution_id, "step", "open") == (
        task.title, task.assignee, task.execution_id, task.node_id, task.status,
    )  # fmt: skip
    await Tasks(engine.database).close(SYSTEM, task.task_id, DONE)
    output: Any = (await engine.ended(execution_id))["final_output"]
    assert ("done", {"serial": "A-1"}, "ada") == (output["status"], output["result"], output["closed_by"])


async def test_a_result_that_does_not_fit_changes_nothing(engine: Engine) -> None:
    """The task stays open, and the step waits."""
    await engine.worker()
    execution_id = await begin(engine)
    await waits(engine, execution_id)
    task = await made(engine)
    unfit: list[Json] = [None, {}, {"serial": "A", "more": 1}, "text"]
    for result in unfit:
        with pytest.raises(InvalidInput) as refused:
            await Tasks(engine.database).close(SYSTEM, task.task_id, Closing("done", result))
        assert "TASK_RESULT_INVALID" == refused.value.code
    assert ("waiting", "open") == (await engine.status(execution_id), (await made(engine)).status)


async def test_only_one_of_many_closes_it(engine: Engine) -> None:
    """Done and cancelled at the same time: one counts, the others are refused."""
    await engine.worker()
    execution_id = await begin(engine, out="", cancelled="")
    await waits(engine, execution_id)
    task = await made(engine)
    closings = [DONE, Closing("cancelled")] * 4
    came = await asyncio.gather(
        *(Tasks(engine.database).close(SYSTEM, task.task_id, closing) for closing in closings), return_exceptions=True
    )
    closed = [one for one in came if isinstance(one, StoredTask)]
    assert (1, 7) == (len(closed), sum(isinstance(one, Conflict) for one in came))
    assert closed[0].status == (await engine.ended(execution_id))["final_output"]["status"]


@pytest.mark.parametrize("cancels", [False, True])
async def test_a_task_that_is_overdue(engine: Engine, cancels: bool) -> None:
    """The step goes on by its port; the task can still be done, unless it was to be cancelled."""
    await engine.worker()
    step = node("step", "action.task", title="-", wait=True, due_in_seconds=0.05, cancel_when_overdue=cancels)
    output: Any = (await engine.ended(await begin(engine, step, overdue="")))["final_output"]
    task = await made(engine)
    assert output["due_at"] is not None
    assert ("cancelled" if cancels else "open") == task.status == output["status"]
    if not cancels:
        assert "done" == (await Tasks(engine.database).close(SYSTEM, task.task_id, DONE)).status


async def test_what_was_done_before_the_step_waits_is_not_lost(engine: Engine) -> None:
    """The worker dies after the task was made; somebody does it; another worker finds it done."""
    worker = await engine.worker()
    await dies_instead_of_write(engine, worker, 2)
    execution_id = await begin(engine)
    task = await made(engine)
    await Tasks(engine.database).close(SYSTEM, task.task_id, DONE)
    await engine.worker()
    assert "done" == (await engine.ended(execution_id))["final_output"]["status"]
    assert 1 == await engine.count("SELECT count(*) FROM tasks")


@pytest.mark.parametrize("writes", range(1, 5))
async def test_a_worker_that_dies_at_any_write_makes_no_second_task(engine: Engine, writes: int) -> None:
    """It dies instead of its n-th write, before or after the task is done; the outcome is the same."""
    worker = await engine.worker()
    await dies_instead_of_write(engine, worker, writes)
    execution_id = await begin(engine)
    await engine.worker()
    task = await made(engine)
    await Tasks(engine.database).close(SYSTEM, task.task_id, DONE)
    assert {"serial": "A-1"} == (await engine.ended(execution_id))["final_output"]["result"]
    assert 1 == await engine.count("SELECT count(*) FROM tasks")


async def test_one_step_completes_the_task_of_another(engine: Engine) -> None:
    """Create, assign and update, complete, read: each node sees what the one before did."""
    await engine.worker()
    steps = [
        node("create", "action.task", title="Pay", labels=["a"]),
        node("assign", "action.task", operation="assign", task_id="{{ input.task_id }}", assignee="bo"),
        node("update", "action.task", operation="update", task_id="{{ input.task_id }}", priority=5, in_progress=True),
        node("complete", "action.task", operation="complete", task_id="{{ input.task_id }}", result={"paid": 1}),
        node("read", "action.task", operation="read", task_id="{{ input.task_id }}"),
    ]
    row = await engine.ended(await engine.start(await engine.publish(START, *steps, END)))
    task: Any = row["final_output"]
    seen = {name: task[name] for name in ("title", "assignee", "priority", "status", "result", "labels", "revision")}
    assert {
        "title": "Pay", "assignee": "bo", "priority": 5, "status": "done", "result": {"paid": 1}, "labels": ["a"],
        "revision": 4,
    } == seen  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"operation": "complete", "task_id": "x"}, "TASK_NOT_FOUND"),
        ({"operation": "read", "task_id": "019a0000-0000-7000-8000-000000000002"}, "TASK_NOT_FOUND"),
        ({"title": "{{ input.nothing }}"}, "PARAMETER_INVALID"),
        ({"title": "{{ 'a\\x00b' }}"}, "JSON_NOT_STORABLE"),
        ({"title": "a", "due_at": "tomorrow"}, "TASK_TIME_INVALID"),
        ({"title": "a", "due_at": "9999-12-31T23:59:59-12:00"}, "TASK_TIME_INVALID"),
        ({"title": "a", "priority": "{{ 10 ** 9 }}"}, "PARAMETER_INVALID"),
    ],
)
async def test_what_cannot_be_a_task_is_an_error_of_the_step(engine: Engine, fields: JsonObject, code: str) -> None:
    """Hostile values end in a typed error, and the worker lives."""
    await engine.worker()
    workflow_id = await engine.publish(START, node("step", "action.task", **fields), END)
    row = await engine.ended(await engine.start(workflow_id, {"nothing": None}))
    assert (code, 0) == (row["error"]["code"], await engine.count("SELECT count(*) FROM tasks"))
