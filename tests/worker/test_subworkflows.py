"""Workflows that call workflows: children start once, their ends reach their parents, and nobody stands in the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.rig.engine import START, Engine, idle, node, until
from tests.rig.ownership import denials, give

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import StepError
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.outcome import Outcome
from wingbeat.core.status import ExecutionStatus
from wingbeat.sdk import Context
from wingbeat.sdk.children import CHILDREN, ChildrenWanted
from wingbeat.services.events.events import Occurrence
from wingbeat.services.executions.children import Call, Called, ChildStarter
from wingbeat.services.executions.executions import Executions
from wingbeat.storage import control
from wingbeat.storage.executions import Wanted
from wingbeat.storage.paging import Paging
from wingbeat.worker.plans import Plans
from wingbeat.worker.worker import Worker

END = node("end", "flow.end", output="{{ input }}")
CALLED: JsonObject = {"id": "called", "type": "trigger.workflow"}


async def child_of(engine: Engine, *nodes: JsonObject) -> UUID:
    """A workflow to call."""
    return await engine.publish(CALLED, *nodes, END)


async def parent_of(engine: Engine, child: UUID, **fields: Json) -> UUID:
    """A workflow that calls another one and gives what it gave."""
    return await engine.publish(START, node("call", "action.subworkflow", workflow_id=str(child), **fields), END)


async def children_of(engine: Engine, parent: UUID) -> Sequence[asyncpg.Record]:
    """The rows of the children, in order."""
    rows: Sequence[asyncpg.Record] = await engine.database.pool.fetch(
        "SELECT * FROM workflow_executions WHERE parent_execution_id = $1 ORDER BY child_index", parent
    )
    return rows


async def has_children(engine: Engine, parent: UUID, number: int = 1) -> Sequence[asyncpg.Record]:
    """The children, once so many are there."""

    async def look() -> Sequence[asyncpg.Record]:
        rows = await children_of(engine, parent)
        return rows if len(rows) >= number else []

    return await until(look, f"{number} children are there")


async def test_a_child_runs_and_its_output_comes_back(engine: Engine) -> None:
    """Parent and child know each other, and the child ran in the same process without a queue between."""
    child = await child_of(engine, node("double", "data.transform", value="{{ input.n * 2 }}"))
    await engine.worker()
    execution_id = await engine.start(await parent_of(engine, child, input={"n": "{{ trigger }}"}), 21)
    row = await engine.ended(execution_id)
    assert ("completed", 42) == (row["status"], row["final_output"])
    (born,) = await children_of(engine, execution_id)
    assert (execution_id, 1, "call", "", 1) == (
        born["root_execution_id"],
        born["depth"],
        born["parent_node_id"],
        born["parent_scope"],
        born["epoch"],
    )


async def test_a_call_that_takes_too_long_fails_and_cancels_its_child(engine: Engine) -> None:
    """The time-out of the node that calls holds for what it called."""
    engine.probes.gate()
    child = await child_of(engine, node("hold", "test.waiting", name="gate"))
    await engine.worker()
    born: Sequence[asyncpg.Record] = []
    for seconds in (0.2, 2.0, 20.0):  # On a busy machine the time may be up before there is a child.
        call = {**node("call", "action.subworkflow", workflow_id=str(child)), "timeout_seconds": seconds}
        execution_id = await engine.start(await engine.publish(START, call, END), {})
        row = await engine.ended(execution_id)
        assert ("failed", "STEP_TIMEOUT") == (row["status"], row["error"]["code"])
        if born := await children_of(engine, execution_id):
            break
    assert ["cancelled"] == [(await engine.ended(one["execution_id"]))["status"] for one in born]


async def test_a_pause_reaches_all_that_is_waited_for(engine: Engine) -> None:
    """Children and grandchildren rest with the root, and go on with it."""
    grandchild = await child_of(engine, node("hold", "flow.wait_for_event", name="go"))
    child = await child_of(engine, node("call", "action.subworkflow", workflow_id=str(grandchild)))
    await engine.worker()
    root = await engine.start(await parent_of(engine, child), {})
    (born,) = await has_children(engine, root)
    (grown,) = await has_children(engine, born["execution_id"])
    family = [root, born["execution_id"], grown["execution_id"]]
    for one in family:
        await engine.reaches(one, "waiting")
    executions = Executions(engine.database)
    await executions.pause(SYSTEM, root)
    assert ["paused"] * 3 == [(await engine.row(one))["status"] for one in family]
    await executions.resume(SYSTEM, root)
    for one in family:
        await engine.reaches(one, "waiting")


async def test_all_that_comes_of_an_execution_is_one_trace(engine: Engine) -> None:
    """Children and grandchildren are found by the root; what has nothing to do with it is not."""
    grandchild = await child_of(engine)
    child = await child_of(engine, node("call", "action.subworkflow", workflow_id=str(grandchild)))
    await engine.worker()
    workflow_id = await parent_of(engine, child, items=[1, 2])
    root, other = await engine.start(workflow_id, {}), await engine.start(workflow_id, {})
    await engine.ended(root)
    await engine.ended(other)
    executions, wanted = Executions(engine.database), Wanted(["completed"], root=root)
    page = await executions.list(SYSTEM, wanted, Paging("start_time"))
    found = sorted(one.workflow_id for one in page.items)
    assert sorted([workflow_id, child, child, grandchild, grandchild]) == found
    assert 5 == await executions.count(SYSTEM, wanted)


async def test_a_child_in_another_process_wakes_its_parent(engine: Engine) -> None:
    """The parent is a row while the child runs, and goes on when the child has ended, through the database alone."""
    gate = engine.probes.gate()
    child = await child_of(engine, node("hold", "test.waiting", name="gate"))
    first = await engine.worker()
    execution_id = await engine.start(await parent_of(engine, child), {"a": 1})
    await gate.reached()
    await engine.reaches(execution_id, "waiting")
    await engine.kill(first)
    gate.opened.set()
    await engine.worker()
    row = await engine.ended(execution_id)
    assert ("completed", {"a": 1}) == (row["status"], row["final_output"])
    assert 1 == len(await children_of(engine, execution_id))


async def test_a_failed_child_fails_its_parents_step(engine: Engine) -> None:
    """With the child's error as the cause, and the error port of the step is as good as any."""
    child = await child_of(engine, node("bad", "data.transform", value="{{ execution.nothing }}"))
    await engine.worker()
    row = await engine.ended(await engine.start(await parent_of(engine, child)))
    error = row["error"]
    assert ("failed", "SUBWORKFLOW_FAILED", "bad") == (
        row["status"],
        error["code"],
        error["details"]["cause"]["node"],
    )
    row = await engine.ended(await engine.start(await parent_of(engine, child, on_error="continue")))
    assert "SUBWORKFLOW_FAILED" == row["final_output"]["error"]["code"]


@pytest.mark.parametrize("status", [ExecutionStatus.CANCELLED, ExecutionStatus.FAILED])
async def test_whoever_ends_the_child_the_parent_hears_of_it(engine: Engine, status: ExecutionStatus) -> None:
    """A child that somebody cancels, or that is given up on, fails its parent's step."""
    engine.probes.gate()
    child = await child_of(engine, node("hold", "test.waiting", name="gate"))
    await engine.worker()
    execution_id = await engine.start(await parent_of(engine, child))
    (born,) = await has_children(engine, execution_id)

    async def end(connection: asyncpg.Connection, child_id: UUID) -> ExecutionStatus:
        return await control.end(connection, child_id, status, {"code": "POISONED", "message": "no"})

    await engine.control(end, born["execution_id"])
    row = await engine.ended(execution_id)
    assert ("failed", status.value) == (row["status"], row["error"]["details"]["status"])


async def test_cancelling_the_parent_cancels_the_child(engine: Engine) -> None:
    """And what the child called, at any depth; one that is not waited for goes on."""
    gate = engine.probes.gate()
    child = await child_of(engine, node("hold", "test.waiting", name="gate"))
    middle = await engine.publish(CALLED, node("call", "action.subworkflow", workflow_id=str(child)), END)
    call = node("call", "action.subworkflow", workflow_id=str(middle))
    free = node("free", "action.subworkflow", workflow_id=str(child), wait=False)
    parent = await engine.publish(START, free, call, END)
    await engine.worker()
    execution_id = await engine.start(parent)
    await gate.reached(2)
    await engine.cancel(execution_id)

    async def cancelled() -> bool:
        return await engine.count("SELECT count(*) FROM workflow_executions WHERE status = 'cancelled'") == 3

    await until(cancelled, "all that was waited for is cancelled")
    gate.opened.set()
    (left,) = [row for row in await children_of(engine, execution_id) if row["parent_node_id"] == "free"]
    assert "completed" == (await engine.ended(left["execution_id"]))["status"]


async def race_of(engine: Engine) -> UUID:
    """A workflow that goes on for an hour with the first of two branches: a child that waits, or what `wins` opens."""
    engine.probes.gate()
    child = await child_of(engine, node("hold", "test.waiting", name="gate"))
    call = node("call", "action.subworkflow", workflow_id=str(child))
    fast = node("fast", "test.waiting", name="wins")
    first = node("first", "flow.merge", mode="any")
    later = node("later", "flow.delay", seconds=3600)
    return await engine.publish(
        START, call, fast, first, later, connections="start>call, start>fast, call>first, fast>first, first>later"
    )


async def test_a_branch_that_is_not_wanted_any_more_cancels_its_child(engine: Engine) -> None:
    """The parent goes on with the branch that won."""
    wins = engine.probes.gate("wins")
    workflow_id = await race_of(engine)
    await engine.worker()
    execution_id = await engine.start(workflow_id)
    (born,) = await has_children(engine, execution_id)
    wins.opened.set()
    assert "cancelled" == (await engine.ended(born["execution_id"]))["status"]
    assert "waiting" == (await engine.reaches(execution_id, "waiting"))["status"]


DECIDED = "SELECT count(*) FROM workflow_execution_steps WHERE execution_id = $1 AND node_id = 'first'"


async def test_a_child_that_begins_as_its_branch_is_given_up_is_cancelled_too(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What starts children may still have to wait for a connection then; the withdrawal comes after it."""
    wanted, free = asyncio.Event(), asyncio.Event()
    insert_all = ChildStarter._insert_all

    async def wait_first(starter: ChildStarter, *given: Any) -> Any:  # noqa: ANN401 - what the method has
        wanted.set()
        await free.wait()
        return await insert_all(starter, *given)

    monkeypatch.setattr(ChildStarter, "_insert_all", wait_first)
    wins = engine.probes.gate("wins")
    workflow_id = await race_of(engine)
    await engine.worker()
    execution_id = await engine.start(workflow_id)
    await wanted.wait()
    wins.opened.set()
    await until(lambda: engine.count(DECIDED, execution_id), "another branch has won")
    # Long enough for a withdrawal that comes too early.
    await asyncio.sleep(0.2)
    free.set()
    (born,) = await has_children(engine, execution_id)
    assert "cancelled" == (await engine.ended(born["execution_id"]))["status"]
    await engine.reaches(execution_id, "waiting")
    assert 0 == await engine.count("SELECT count(*) FROM workflow_waits WHERE resolved_at IS NULL")


async def test_a_child_of_a_step_that_fails_is_cancelled(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where its time is up just when it has started the child: the workflow goes on, and nobody waits for it."""
    bring_about = ChildStarter.bring_about

    async def fail(starter: ChildStarter, call: Call) -> Called:
        await bring_about(starter, call)
        raise StepError("Its time is up.", code="STEP_TIMEOUT", remedy="None.")

    monkeypatch.setattr(ChildStarter, "bring_about", fail)
    engine.probes.gate()
    child = await child_of(engine, node("hold", "test.waiting", name="gate"))
    call = node("call", "action.subworkflow", workflow_id=str(child), on_error="continue")
    later = node("later", "flow.delay", seconds=3600)
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, call, later, END), {})
    (born,) = await has_children(engine, execution_id)
    assert "cancelled" == (await engine.ended(born["execution_id"]))["status"]
    await engine.reaches(execution_id, "waiting")


async def test_a_child_that_its_worker_fails_to_begin_is_given_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parent waits for it in the meantime, and goes on when somebody has run it."""
    child = await child_of(engine)
    worker = await engine.worker()

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(worker, "begin", fail)
    execution_id = await engine.start(await parent_of(engine, child), "in")
    await engine.reaches(execution_id, "waiting")
    await engine.database.pool.execute("UPDATE workflow_executions SET leased_at = leased_at - interval '1 hour'")
    worker._changes.wake()
    row = await engine.ended(execution_id)
    assert ("completed", "in") == (row["status"], row["final_output"])


@pytest.mark.parametrize("concurrency", [1, 3, 100])
async def test_one_child_for_each_item(engine: Engine, concurrency: int) -> None:
    """Outputs come in the order of the items, and no more run at once than may."""
    running = most = 0

    async def count(context: Context) -> Outcome:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        assert isinstance(context.input, int)
        return Outcome.of(context.input * 10)

    engine.probes.waiting["count"] = count
    child = await child_of(engine, node("count", "test.waiting", name="count"))
    await engine.worker()
    workflow_id = await parent_of(engine, child, items="{{ range(7) }}", concurrency=concurrency)
    execution_id = await engine.start(workflow_id)
    row = await engine.ended(execution_id)
    assert ("completed", [0, 10, 20, 30, 40, 50, 60]) == (row["status"], row["final_output"])
    assert most <= concurrency
    assert 7 == len(await children_of(engine, execution_id))


async def test_the_first_failure_ends_the_others_or_is_collected(engine: Engine) -> None:
    """As the node says."""
    gate = engine.probes.gate()
    fails = node("fails", "condition.if", condition="input == 1")
    bad = node("bad", "data.transform", value="{{ execution.nothing }}")
    hold = node("hold", "test.waiting", name="gate")
    child = await engine.publish(
        CALLED, fails, bad, hold, END, connections="called>fails, fails.true>bad, fails.false>hold, bad>end, hold>end"
    )
    await engine.worker()
    execution_id = await engine.start(await parent_of(engine, child, items=[0, 1, 2]))
    row = await engine.ended(execution_id)
    assert ("SUBWORKFLOW_FAILED", 1) == (row["error"]["code"], row["error"]["details"]["index"])
    for born in await children_of(engine, execution_id):
        await engine.ended(born["execution_id"])
    assert ["cancelled", "failed", "cancelled"] == [row["status"] for row in await children_of(engine, execution_id)]
    gate.opened.set()
    execution_id = await engine.start(await parent_of(engine, child, items=[0, 1, 2], on_failure="collect"))
    output = (await engine.ended(execution_id))["final_output"]
    assert (0, "failed", 2) == (output[0], output[1]["status"], output[2])


async def test_nothing_to_do_is_done_at_once(engine: Engine) -> None:
    """An empty list starts nothing."""
    child = await child_of(engine)
    await engine.worker()
    execution_id = await engine.start(await parent_of(engine, child, items=[]))
    assert [] == (await engine.ended(execution_id))["final_output"]


async def test_calls_that_go_on_at_once_start_once(engine: Engine) -> None:
    """The ids of the children are the output."""
    child = await child_of(engine)
    await engine.worker()
    execution_id = await engine.start(await parent_of(engine, child, wait=False, items=[1, 2]))
    output = (await engine.ended(execution_id))["final_output"]
    assert [str(row["execution_id"]) for row in await children_of(engine, execution_id)] == output["execution_ids"]
    for one in output["execution_ids"]:
        await engine.ended(UUID(one))


@pytest.mark.parametrize(
    ("inputs", "given", "code"),
    [
        ([{"name": "n", "type": "integer"}], {"n": 1}, None),
        ([{"name": "n", "type": "integer"}], {"n": "1"}, "SUBWORKFLOW_INPUT_INVALID"),
        ([{"name": "n"}], {}, "SUBWORKFLOW_INPUT_INVALID"),
        ([{"name": "n", "required": False}], {"m": 1}, "SUBWORKFLOW_INPUT_INVALID"),
        ([{"name": "n"}], [1], "SUBWORKFLOW_INPUT_INVALID"),
        ([{"name": "n", "type": "text", "nullable": True}], {"n": None}, None),
    ],
)
async def test_inputs_are_checked_before_anything_starts(
    engine: Engine, inputs: Json, given: Json, code: str | None
) -> None:
    """A call that does not fit fails the step, and there is no child."""
    called = {**CALLED, "parameters": {"inputs": inputs}}
    child = await engine.publish(called, END)
    await engine.worker()
    execution_id = await engine.start(await parent_of(engine, child, input=given))
    row = await engine.ended(execution_id)
    assert code == (row["error"] or {}).get("code")
    assert (0 if code else 1) == len(await children_of(engine, execution_id))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"workflow_id": "nonsense"}, "SUBWORKFLOW_NOT_FOUND"),
        ({"workflow_id": "{{ '019a0000-0000-7000-8000-000000000001' }}"}, "SUBWORKFLOW_NOT_FOUND"),
        ({"revision": 7}, "SUBWORKFLOW_REVISION_UNKNOWN"),
        ({"items": list(range(10_001))}, "SUBWORKFLOW_TOO_MANY"),
    ],
)
async def test_a_call_that_cannot_be_made_says_why(engine: Engine, fields: JsonObject, code: str) -> None:
    """The step fails with a code of its own."""
    child = await child_of(engine)
    await engine.worker()
    call = node("call", "action.subworkflow", **{"workflow_id": str(child), **fields})
    row = await engine.ended(await engine.start(await engine.publish(START, call, END)))
    assert code == row["error"]["code"]


ALICE, BOB, GARDENERS, COOKS = 11, 12, 7, 8
BEGUN = "SELECT count(*) FROM workflow_executions WHERE error_of = $1"


@pytest.mark.parametrize(
    ("parent_of_whom", "child_of_whom", "admitted"),
    [
        ((ALICE, 0), (ALICE, 0), True),
        ((ALICE, 0), (BOB, 0), False),
        ((ALICE, GARDENERS), (BOB, GARDENERS), True),
        ((ALICE, GARDENERS), (BOB, COOKS), False),
        ((ALICE, 0), (0, 0), False),
    ],
)
async def test_a_step_starts_what_is_its_owners(
    engine: Engine, parent_of_whom: tuple[int, int], child_of_whom: tuple[int, int], admitted: bool
) -> None:
    """One of the same community or author; any other is like one that there is not, even by a computed id."""
    child = await child_of(engine)
    parent = await engine.publish(
        START, node("call", "action.subworkflow", workflow_id="{{ trigger.id }}", input="{{ trigger }}"), END
    )
    await give(engine.database, "workflows", parent, author=parent_of_whom[0], community=parent_of_whom[1])
    await give(engine.database, "workflows", child, author=child_of_whom[0], community=child_of_whom[1])
    await engine.worker()
    row = await engine.ended(await engine.start(parent, {"id": str(child)}))
    if admitted:
        assert "completed" == row["status"]
        assert await denials(engine.database) == []
        return
    missing = str(uuid4())
    like_this = await engine.ended(await engine.start(parent, {"id": missing}))
    assert row["error"]["code"] == "SUBWORKFLOW_NOT_FOUND"
    assert row["error"] == json.loads(json.dumps(like_this["error"]).replace(missing, str(child)))
    assert await denials(engine.database) == [("workflow.start", "SUBWORKFLOW_NOT_FOUND", child_of_whom[1])]


async def test_a_granted_workflow_is_called_until_the_grant_is_gone(engine: Engine) -> None:
    """To the author, or to the community of the calling workflow; a right to see it is none to run it."""
    child = await child_of(engine)
    parent = await engine.publish(START, node("call", "action.subworkflow", workflow_id="{{ trigger }}"), END)
    await give(engine.database, "workflows", parent, author=ALICE, community=GARDENERS)
    await give(engine.database, "workflows", child, author=BOB, community=COOKS)
    await engine.worker()

    async def called(**grant: object) -> str:
        await engine.database.pool.execute("DELETE FROM workflow_permissions")
        if grant:
            await engine.database.pool.execute(
                f"INSERT INTO workflow_permissions (workflow_id, {', '.join(grant)})"  # noqa: S608 - of this test
                f" VALUES ($1, {', '.join(f'${place}' for place in range(2, 2 + len(grant)))})",
                child,
                *grant.values(),
            )
        return str((await engine.ended(await engine.start(parent, str(child))))["status"])

    assert "failed" == await called()
    assert "completed" == await called(user_id=ALICE, can_execute=True)
    assert "failed" == await called(user_id=ALICE, can_view=True)
    assert "failed" == await called(user_id=BOB, can_execute=True)
    assert "completed" == await called(community_id=GARDENERS, can_execute=True)
    assert "failed" == await called()


async def test_what_is_taken_away_is_not_started_any_more(engine: Engine) -> None:
    """It is looked at for each batch, so what is revoked between two of them ends the step."""
    child = await child_of(engine, node("wait", "flow.delay", seconds=3600))
    parent = await parent_of(engine, child, items="{{ trigger }}", concurrency=1, on_failure="collect")
    await give(engine.database, "workflows", parent, author=ALICE, community=GARDENERS)
    await give(engine.database, "workflows", child, author=BOB, community=GARDENERS)
    await engine.worker()
    execution_id = await engine.start(parent, [1, 2, 3])
    (first,) = await has_children(engine, execution_id)
    await engine.reaches(first["execution_id"], "waiting")
    await give(engine.database, "workflows", child, community=COOKS)
    await engine.control(control.cancel, first["execution_id"])
    row = await engine.ended(execution_id)
    assert ("failed", "SUBWORKFLOW_NOT_FOUND") == (row["status"], row["error"]["code"])
    assert 1 == len(await children_of(engine, execution_id))


@pytest.mark.parametrize(("owner", "begins"), [((ALICE, 0), True), ((BOB, 0), False), ((BOB, GARDENERS), True)])
async def test_only_an_error_workflow_of_the_owner_begins(engine: Engine, owner: tuple[int, int], begins: bool) -> None:
    """Whoever it belonged to when the workflow that names it was saved."""
    handler = await engine.publish(node("failed", "trigger.error"), END)
    stop = node("stop", "flow.stop_and_error", message="no")
    failing = await engine.publish(START, stop, error_workflow=str(handler))
    await give(engine.database, "workflows", failing, author=ALICE, community=GARDENERS)
    await give(engine.database, "workflows", handler, author=owner[0], community=owner[1])
    await engine.worker()
    execution_id = await engine.start(failing)
    await engine.ended(execution_id)

    async def dealt_with() -> bool:
        return 0 == await engine.count("SELECT count(*) FROM workflow_endings")

    await until(dealt_with, "the end is dealt with")
    assert int(begins) == await engine.count(BEGUN, execution_id)
    refused = [("workflow.start", "ERROR_WORKFLOW_NOT_FOUND", 0)]
    assert await denials(engine.database) == ([] if begins else refused)


async def test_a_workflow_that_calls_itself_comes_to_an_end(engine: Engine) -> None:
    """The limit on the depth fails the deepest, and so all above."""
    workflow_id = await engine.publish(CALLED, node("call", "action.subworkflow", workflow_id="{{ workflow.id }}"), END)
    await engine.worker()
    row = await engine.ended(await engine.start(workflow_id))
    error = row["error"]
    depth = 0
    while "details" in error and "cause" in error["details"]:
        error, depth = error["details"]["cause"], depth + 1
    assert ("SUBWORKFLOW_TOO_DEEP", 5) == (error["code"], depth)


async def test_parents_that_wait_leave_their_slots_to_their_children(engine: Engine) -> None:
    """Ten parents on ten slots do not stand in the way of their children."""
    child = await child_of(engine)
    workflow_id = await parent_of(engine, child, items=[1, 2, 3])
    await engine.worker(max_concurrent_workflows=10)
    ids = [await engine.start(workflow_id) for _ in range(20)]
    for execution_id in ids:
        assert [1, 2, 3] == (await engine.ended(execution_id))["final_output"]


async def test_a_child_whose_workflow_limits_itself_waits_its_turn(engine: Engine) -> None:
    """Its admission is that of any other execution."""
    child = await engine.publish(CALLED, END, max_concurrent=1)
    await engine.worker()
    row = await engine.ended(await engine.start(await parent_of(engine, child, items=[1, 2, 3])))
    assert [1, 2, 3] == row["final_output"]


@pytest.mark.parametrize("writes", range(1, 8))
async def test_a_worker_that_dies_at_any_write_starts_no_child_twice(engine: Engine, writes: int) -> None:
    """It dies instead of its n-th write to the journal; the outcome is the same, and each child is there once."""
    child = await child_of(engine, node("step", "data.transform", value="{{ input }}"))
    workflow_id = await parent_of(engine, child, items=[1, 2], concurrency=1)
    worker = await engine.worker()
    await dies_instead_of_write(engine, worker, writes)
    execution_id = await engine.start(workflow_id)
    other = await engine.worker()
    assert [1, 2] == (await engine.ended(execution_id))["final_output"]
    assert 2 == len(await children_of(engine, execution_id))
    await idle(other)


async def dies_instead_of_write(engine: Engine, worker: Worker, number: int) -> None:
    """Let a worker die when it is about to write for the n-th time."""
    write = worker._journal._attempt
    done = 0

    async def attempt(batch: object) -> object:
        nonlocal done
        done += 1
        if done >= number:
            asyncio.get_running_loop().create_task(engine.kill(worker))
            await asyncio.Event().wait()
        return await write(batch)  # type: ignore[arg-type]

    worker._journal._attempt = attempt  # type: ignore[method-assign,assignment]


async def test_many_families_survive_workers_that_die_again_and_again(engine: Engine) -> None:
    """Parents, children and waits wherever they can be: each outcome is there once, and is the right one."""
    pause = node("pause", "flow.delay", seconds=0.05)
    wait = node("wait", "flow.wait_for_event", name="go.*", filter="event.data == trigger")
    child = await child_of(engine, pause, wait, node("give", "data.transform", value="{{ trigger }}"))
    workflow_id = await parent_of(engine, child, items="{{ [trigger, trigger + 1000] }}", concurrency=1)
    ids = [await engine.start(workflow_id, number) for number in range(12)]
    told: set[int] = set()

    async def tell() -> None:
        for number in [*range(12), *range(1000, 1012)]:
            if number in told:
                continue
            if (await engine.events().publish(SYSTEM, Occurrence("go.on", number, "test"))).event.woken:
                told.add(number)

    workers = [await engine.worker(), await engine.worker()]
    for _ in range(6):
        await tell()
        await engine.kill(workers.pop(0))
        workers.append(await engine.worker())

    async def all_told() -> bool:
        await tell()
        return len(told) == 24

    await until(all_told, "every child has got its event", 60)
    for number, execution_id in enumerate(ids):
        row = await engine.ended(execution_id)
        assert ("completed", [number, number + 1000]) == (row["status"], row["final_output"])
    assert 36 == await engine.count("SELECT count(*) FROM workflow_executions")


# Error workflows.


async def error_workflow(engine: Engine, *nodes: JsonObject) -> UUID:
    """A workflow that begins when another one failed."""
    return await engine.publish(
        {"id": "failed", "type": "trigger.error"}, *nodes, node("end", "flow.end", output="{{ trigger }}")
    )


async def started_for(engine: Engine, failed: UUID) -> asyncpg.Record:
    """The execution of the error workflow, once it has ended."""

    async def look() -> UUID | None:
        found: UUID | None = await engine.database.pool.fetchval(
            "SELECT execution_id FROM workflow_executions WHERE error_of = $1", failed
        )
        return found

    found = await until(look, "the error workflow has begun")
    assert found is not None
    return await engine.ended(found)


@pytest.mark.parametrize("how", ["by itself", "given up"])
async def test_an_error_workflow_begins_once(engine: Engine, how: str) -> None:
    """However the execution failed, and with all that is known of it."""
    engine.probes.gate()
    handler = await error_workflow(engine)
    step = (
        node("bad", "data.transform", value="{{ execution.nothing }}")
        if how == "by itself"
        else node("bad", "test.waiting", name="gate")
    )
    workflow_id = await engine.publish(START, step, error_workflow=str(handler))
    worker = await engine.worker()
    execution_id = await engine.start(workflow_id, {"order": 7})
    if how == "given up":
        await engine.probes.gates["gate"].reached()

        async def end(connection: asyncpg.Connection, which: UUID) -> ExecutionStatus:
            return await control.end(connection, which, ExecutionStatus.FAILED, {"code": "X", "message": "no"})

        await engine.control(end, execution_id)
    row = await started_for(engine, execution_id)
    told = row["final_output"]
    assert (str(execution_id), str(workflow_id), {"node": "start", "data": {"order": 7}}) == (
        told["execution"]["id"],
        told["workflow"]["id"],
        told["trigger"],
    )
    assert how == "by itself" or "X" == told["error"]["code"]
    assert 0 == await worker.endings.run_once()
    assert 2 == await engine.count("SELECT count(*) FROM workflow_executions")


async def test_an_error_workflow_that_fails_starts_no_other(engine: Engine) -> None:
    """Even one that names itself."""
    await engine.worker()
    handler = await error_workflow(engine, node("bad", "data.transform", value="{{ execution.nothing }}"))
    await engine.database.pool.execute("UPDATE workflows SET error_workflow = workflow_id")
    workflow_id = await engine.publish(
        START, node("bad", "data.transform", value="{{ execution.nothing }}"), error_workflow=str(handler)
    )
    execution_id = await engine.start(workflow_id)
    assert "failed" == (await started_for(engine, execution_id))["status"]
    assert 0 == await engine.count("SELECT count(*) FROM workflow_endings")
    assert 2 == await engine.count("SELECT count(*) FROM workflow_executions")


async def test_an_execution_that_completes_leaves_no_note(engine: Engine) -> None:
    """Only ends that concern somebody else are noted."""
    await engine.worker()
    handler = await error_workflow(engine)
    workflow_id = await engine.publish(START, END, error_workflow=str(handler))
    await engine.ended(await engine.start(workflow_id))
    assert 0 == await engine.count("SELECT count(*) FROM workflow_endings")


async def test_what_an_error_workflow_calls_starts_no_other(engine: Engine) -> None:
    """An error workflow whose own sub-workflow fails would begin itself again and again."""
    broken = node("bad", "data.transform", value="{{ execution.nothing }}")
    inner = await engine.publish(CALLED, broken, END)
    handler = await engine.publish(
        {"id": "start", "type": "trigger.error"}, node("call", "action.subworkflow", workflow_id=str(inner)), END
    )
    await engine.database.pool.execute("UPDATE workflows SET error_workflow = $1", handler)
    await engine.worker()
    await engine.ended(await engine.start(await engine.publish(START, broken, END, error_workflow=str(handler))))

    async def all_ended() -> bool:
        left = await engine.count("SELECT count(*) FROM workflow_executions WHERE end_time IS NULL")
        return left + await engine.count("SELECT count(*) FROM workflow_endings") == 0

    async def called() -> bool:
        return await engine.count("SELECT count(*) FROM workflow_executions") >= 3

    await until(called, "the error workflow calls the other")
    await until(all_ended, "nothing goes on")
    assert 3 == await engine.count("SELECT count(*) FROM workflow_executions")


async def test_an_archived_error_workflow_does_not_begin(engine: Engine) -> None:
    """It cannot be started by anybody else either."""
    handler = await engine.publish({"id": "start", "type": "trigger.error"}, END)
    broken = node("bad", "data.transform", value="{{ execution.nothing }}")
    workflow_id = await engine.publish(START, broken, END, error_workflow=str(handler))
    await engine.database.pool.execute("UPDATE workflows SET status = 'archived' WHERE workflow_id = $1", handler)
    worker = await engine.worker(start=False)
    execution_id = await engine.start(workflow_id)
    await engine.control(_fail, execution_id)
    assert 1 == await worker.endings.run_once()
    assert 1 == await engine.count("SELECT count(*) FROM workflow_executions")


async def _fail(connection: asyncpg.Connection, execution_id: UUID) -> None:
    await control.end(connection, execution_id, ExecutionStatus.FAILED, {"code": "POISONED", "message": "no"})


async def test_an_error_workflow_that_cannot_be_planned_is_in_nobodys_way(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with it, parents hear of the ends of their children."""
    handler = await engine.publish({"id": "start", "type": "trigger.error"}, END)
    workflow_id = await engine.publish(START, END, error_workflow=str(handler))

    async def fail(*_: object) -> None:
        raise RecursionError

    worker = await engine.worker(start=False)
    await engine.control(_fail, await engine.start(workflow_id))
    monkeypatch.setattr(Plans, "get", fail)
    assert (1, 0) == (await worker.endings.run_once(), await worker.endings.run_once())


async def test_a_parent_that_somebody_holds_keeps_no_other_waiting(engine: Engine) -> None:
    """Its note stays until it can be told; the others are told at once. So nobody waits in a circle."""
    gate = engine.probes.gate()
    child = await child_of(engine, node("hold", "test.waiting", name="gate"))
    parent = await parent_of(engine, child)
    worker = await engine.worker()
    held, free = [await engine.start(parent) for _ in range(2)]
    await gate.reached(2)
    for one in (held, free):
        await engine.reaches(one, "waiting")
    await worker.endings.stop()
    async with engine.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM workflow_executions WHERE execution_id = $1 FOR UPDATE", held)
        gate.opened.set()
        for one in (held, free):
            await engine.ended((await children_of(engine, one))[0]["execution_id"])
        assert 1 == await worker.endings.run_once()
        assert "completed" == (await engine.ended(free))["status"]
        assert "waiting" == await engine.status(held)
    assert 1 == await worker.endings.run_once()
    assert "completed" == (await engine.ended(held))["status"]


async def test_a_worker_that_lost_its_execution_starts_no_child_for_it(engine: Engine) -> None:
    """The one that has it now decides what is called."""
    child = await child_of(engine)
    hold = engine.probes.gate("hold")
    refused: list[str] = []

    async def call(context: Context) -> Outcome:
        await hold(context)
        try:
            await context.use(CHILDREN).start(ChildrenWanted(str(child), [None], None, 1, eager=False))
        except StepError as error:
            refused.append(error.code)
        return Outcome.of(None)

    engine.probes.waiting["call"] = call
    await engine.worker()
    execution_id = await engine.start(await engine.publish(START, node("call", "test.waiting", name="call"), END))
    await hold.reached()
    await engine.take_away(execution_id)
    hold.opened.set()

    async def was_refused() -> bool:
        return bool(refused)

    await until(was_refused, "it is refused")
    assert ["EXECUTION_ENDED"] == refused
    assert [] == list(await children_of(engine, execution_id))


async def test_many_parents_and_children_on_several_workers_do_not_block_each_other(engine: Engine) -> None:
    """All who lock several executions do it in one order, or do not wait for those that they cannot have."""
    child = await child_of(engine)
    parent = await engine.publish(
        START,
        node("each", "loop.foreach", items="{{ trigger }}", concurrency=4),
        node("one", "action.subworkflow", workflow_id=str(child)),
        node("many", "action.subworkflow", workflow_id=str(child), items="{{ trigger }}", concurrency=2),
        END,
        connections="start>each, start>many, each.body>one, each.done>end, many>end",
    )
    await asyncio.gather(*(engine.worker() for _ in range(3)))
    ids = [await engine.start(parent, list(range(5))) for _ in range(30)]
    assert {"completed"} == {(await engine.ended(one, 60.0))["status"] for one in ids}
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    assert 0 == await engine.count(deadlocks)
