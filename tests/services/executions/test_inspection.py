"""Looking into executions: graph, nodes, steps and their values, and what expressions see there."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.rig.engine import START, Engine, node, retry, until
from tests.rig.ownership import put_execution, put_workflow
from tests.services.executions.test_drafts import END, LOOP, made, run, save, user

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Conflict, NotFound, StepError
from wingbeat.core.excerpt import Cut, excerpt
from wingbeat.core.json_value import JsonObject
from wingbeat.core.outcome import Outcome
from wingbeat.core.part import Part
from wingbeat.sdk import Context
from wingbeat.services.executions.bulk import BulkActions
from wingbeat.services.executions.executions import STATUSES, Executions
from wingbeat.services.executions.inspection import Inspection
from wingbeat.services.executions.previews import MOST_EXPRESSIONS, PreviewRequest, Previews, Where
from wingbeat.services.executions.removals import Removals
from wingbeat.storage.blobs import Blobs
from wingbeat.storage.executions import Wanted as ListWanted
from wingbeat.storage.inspection import Wanted
from wingbeat.storage.paging import Paging
from wingbeat.storage.queries import load


def inspection(engine: Engine) -> Inspection:
    """A way to look into executions."""
    return Inspection(engine.database, engine.sights())


async def preview(engine: Engine, expression: str, **where: Any) -> Any:  # noqa: ANN401 - of Where
    """What an expression comes to, or the code of why not."""
    context = where.pop("context", None)
    previews = Previews(engine.database, engine.sights(), engine.catalog)
    found = await previews.preview(SYSTEM, PreviewRequest(expression, where=Where(**where), context=context))
    return found.error.code if found.value is None and found.error else found.value.value  # type: ignore[union-attr]


async def test_what_came_of_each_node_and_step(engine: Engine) -> None:
    """The graph as it was; one line for each node; rows without values; a row with its input, from anywhere."""
    calls: list[object] = []

    async def act(context: Context) -> Outcome:
        calls.append(context.input)
        if calls == ["b"] or len(calls) == 2:
            raise StepError("Not yet.", code="NOT_YET", retryable=True)
        return Outcome.of(f"{context.input}!")

    engine.probes.waiting["work"] = act
    await engine.worker()
    step = node("step", "test.waiting", name="work", retry=retry(2))
    workflow_id = await engine.publish(START, END)
    lines = (("start", "out", "each"), ("each", "body", "step"), ("each", "done", "end"))
    await save(engine, workflow_id, [START, LOOP, step, END], *lines)
    execution_id = await run(engine, workflow_id, {"items": ["a", "b"]})
    await engine.ended(execution_id)
    await save(engine, workflow_id, [START, END], ("start", "out", "end"))
    looks = inspection(engine)
    graph = await looks.graph(SYSTEM, execution_id)
    assert (2, 4) == (graph.revision, len(graph.definition["nodes"]))  # type: ignore[arg-type]
    await engine.database.pool.execute("UPDATE workflow_executions SET started_by = 5")
    with pytest.raises(NotFound) as hidden:
        await looks.graph(user(5), execution_id)
    assert "WORKFLOW_NOT_FOUND" == hidden.value.code
    assert await looks.summary(user(5), execution_id)
    summary = {one.node_id: one for one in await looks.summary(SYSTEM, execution_id)}
    assert (2, 0, 1, 2) == tuple(getattr(summary["step"], name) for name in ("runs", "failures", "retries", "scopes"))
    found, more = await looks.steps(SYSTEM, execution_id, Wanted(node_id="step", most=2))
    assert ([("each:0", "completed"), ("each:1", "failed")], True) == ([(one.scope, one.status) for one in found], more)
    assert ("NOT_YET", True) == (found[1].error_code, found[1].retry_at is not None)
    detail = await looks.step(SYSTEM, execution_id, found[1].sequence + 1)
    assert detail.input is not None
    assert ("b", "b!", [1, 2]) == (detail.input.value, detail.output.value, [row.attempt for row in detail.rows])
    inside, _ = await looks.iterations(SYSTEM, execution_id, "step", after=0, most=10)
    assert [("each:0", 1), ("each:1", 2)] == [(one.scope, one.attempts) for one in inside]
    opened = await looks.step(SYSTEM, execution_id, 2)
    part = await looks.value(SYSTEM, execution_id, 2, "input", path="/items", offset=1)
    assert ({"items": ["a", "b"]}, ["b"], 2) == (opened.input and opened.input.value, part.value, part.length)
    with pytest.raises(NotFound) as missing:
        await looks.step(SYSTEM, execution_id, 99)
    assert "STEP_NOT_FOUND" == missing.value.code


async def test_expressions_show_what_they_come_to_where_they_stand(engine: Engine) -> None:
    """With the names of the last run, of one's own, and with a fault that says where; big outputs are read too."""
    await engine.worker()
    big = made("big", "{{ 'x' * 2000000 }}")
    ask = node("ask", "condition.if", condition="true")
    nodes = [START, big, node("each", "loop.foreach", items="{{ trigger.items }}"), made("x"), END, ask]
    lines = (
        *(("start", "out", to) for to in ("big", "ask")),
        *(("big", "out", "each"), ("each", "body", "x"), ("each", "done", "end")),
    )
    workflow_id = await engine.publish(START, END)
    await save(engine, workflow_id, nodes, *lines)
    assert "EXPRESSION_NAME_MISSING" == await preview(engine, "input", workflow_id=workflow_id, node_id="x")
    execution_id = await run(engine, workflow_id, {"items": [1, 2]})
    await engine.ended(execution_id)
    at = {"workflow_id": workflow_id, "node_id": "x"}
    assert 22 == await preview(engine, "item * 10 + input", **at)
    assert 11 == await preview(engine, "item * 10 + input", scope="each:0", **at)
    assert 2_000_000 == await preview(engine, "nodes.big | length", **at)
    assert 5 == await preview(engine, "n + item", context={"n": 3}, **at)
    assert "EXPRESSION_NAME_MISSING" == await preview(engine, "itm", **at)
    assert "EXPRESSION_INVALID" == await preview(engine, "1 +", **at)
    assert "EXPRESSION_BUDGET_SIZE" == await preview(engine, "'x' * 2000000", **at)
    assert 3 == await preview(engine, "1 + 2")
    many: JsonObject = {"all": ["{{ 1 }}"] * (MOST_EXPRESSIONS + 1)}
    long = await Previews(engine.database, engine.sights(), engine.catalog).preview(SYSTEM, PreviewRequest(None, many))
    assert long.error is not None
    assert "PREVIEW_TOO_LONG" == long.error.code
    # A node that is new sees what those before it gave.
    await save(engine, workflow_id, [*nodes, made("new")], *lines, ("big", "out", "new"))
    assert 2_000_000 == await preview(engine, "input | length", workflow_id=workflow_id, node_id="new")
    # One behind a way that was not taken does not know what would have come, and no more than that.
    others = (("ask", "true", "new"), ("ask", "false", "other"))
    await save(engine, workflow_id, [*nodes, made("new"), made("other")], *lines, *others)
    assert 2 == await preview(engine, "input['items'] | length", workflow_id=workflow_id, node_id="new")
    assert "EXPRESSION_NAME_MISSING" == await preview(engine, "input", workflow_id=workflow_id, node_id="other")
    assert 2_000_000 == await preview(engine, "nodes.big | length", workflow_id=workflow_id, node_id="x")
    previews = Previews(engine.database, engine.sights(), engine.catalog)
    other = await previews.context(SYSTEM, Where(workflow_id, "other"))
    assert ("input", None) == (other.names[0].path, other.names[0].value)
    found = await previews.context(SYSTEM, Where(workflow_id, "x"))
    paths = [one.path for one in found.names]
    assert ["input", "item", "index", "loop", "trigger", "execution", "workflow", "now"] == paths[:8]
    assert {"nodes.start", "nodes.big"} == set(paths[8:])
    assert found.source is not None
    assert (execution_id, True) == (found.source.execution_id, found.source.ran)
    # What a fold that is kept weighs counts the items of the loops around, and what came in at the start.
    async with engine.database.scoped(SYSTEM) as connection:
        sight = await engine.sights().last(connection, workflow_id, "x")
    assert sight is not None
    assert all(value in list(sight.holds()) for value in ([1, 2], {"items": [1, 2]}))


async def test_the_same_for_many(engine: Engine) -> None:
    """Each has its result; what cannot be done is said, and done with the others."""
    workflow_id = await engine.publish(START, END)
    ids = [await engine.start(workflow_id) for _ in range(2)]
    blobs = Blobs(engine.settings().blob_url)
    bulk = BulkActions(Executions(engine.database), engine.forks(), Removals(engine.database, blobs))
    absent = UUID(int=1)
    await bulk.act(SYSTEM, "cancel", ids[:1])
    results = await bulk.act(SYSTEM, "cancel", [*ids, absent, ids[0]])
    assert [False, True, False] == [one.done for one in results]
    assert ["EXECUTION_ENDED", None, "EXECUTION_NOT_FOUND"] == [one.error_code for one in results]
    retried = await bulk.act(SYSTEM, "retry", ids[:1], "key")
    again = await bulk.act(SYSTEM, "retry", ids[:1], "key")
    fork = retried[0].new_execution_id
    assert fork is not None
    assert fork == again[0].new_execution_id != ids[0]
    held = await bulk.act(SYSTEM, "delete", [*ids[:1], fork])
    assert ["EXECUTION_GOES_ON", "EXECUTION_NEEDED"] == [one.error_code for one in held]
    await bulk.act(SYSTEM, "cancel", [fork])
    # Whoever only may run a workflow deletes nothing of it, and a stranger finds nothing.
    await engine.database.pool.execute("UPDATE workflow_executions SET started_by = 5")
    refused = await bulk.act(user(5), "delete", [ids[0]])
    hidden = await bulk.act(user(6), "delete", [ids[0]])
    assert ["PERMISSION_DENIED", "EXECUTION_NOT_FOUND"] == [refused[0].error_code, hidden[0].error_code]
    gone = await bulk.act(SYSTEM, "delete", [*ids[:1], fork, absent])
    assert [(fork, True), (ids[0], True), (absent, False)] == [(one.execution_id, one.done) for one in gone]
    left = await engine.database.pool.fetch("SELECT execution_id FROM workflow_executions")
    assert [ids[1]] == [row["execution_id"] for row in left]
    noted = await engine.database.pool.fetch("SELECT object_id FROM audit_log WHERE action = 'execution.delete'")
    assert {str(fork), str(ids[0])} == {row["object_id"] for row in noted}


async def test_runs_of_workflows_of_others_stay_when_their_caller_is_deleted(engine: Engine) -> None:
    """They have no parent then, are as readable as before, and neither an answer nor a refusal names them."""
    database = engine.database
    ours, theirs = await put_workflow(database, author=5), await put_workflow(database, author=6)
    root, mine, foreign, under = [
        await put_execution(database, workflow_id) for workflow_id in (ours, ours, theirs, ours)
    ]
    for number, (child, parent) in enumerate([(mine, root), (foreign, mine), (under, foreign)]):
        await database.pool.execute(
            "UPDATE workflow_executions SET parent_execution_id = $2, root_execution_id = $3, parent_node_id = 'call',"
            " parent_scope = '', child_index = $4, parent_waits = true WHERE execution_id = $1",
            *(child, parent, root, number),
        )
    removals = Removals(database, Blobs(engine.settings().blob_url))
    bulk = BulkActions(Executions(database), engine.forks(), removals)
    ended = "UPDATE workflow_executions SET status = 'completed' WHERE execution_id = ANY($1)"
    await database.pool.execute(ended, [root, mine, under])
    (held,) = await bulk.act(user(5), "delete", [root])
    assert ("EXECUTION_GOES_ON", False) == (held.error_code, str(foreign) in held.message)
    await database.pool.execute(ended, [foreign])
    await database.pool.execute("DELETE FROM workflow_endings")
    # What is under one that goes is counted once, however many of them are chosen.
    for chosen, stay in (([root], [1]), ([root, mine], [1, 0]), ([root, foreign], [0, 1])):
        would = await bulk.preview_deletion(user(5), chosen)
        done = sum(one.done for one in would)
        assert (stay, len(chosen) - (foreign in chosen)) == ([one.stay for one in would], done)
    assert [0] == [one.stay for one in await bulk.preview_deletion(SYSTEM, [root])]
    assert 4 == await database.pool.fetchval("SELECT count(*) FROM workflow_executions")
    (gone,) = await bulk.act(user(5), "delete", [root])
    assert (True, 1) == (gone.done, gone.stay)
    rows = await database.pool.fetch(
        "SELECT execution_id, root_execution_id, parent_execution_id, parent_node_id FROM workflow_executions"
    )
    assert {(foreign, None, None, None), (under, foreign, foreign, "call")} == {tuple(row) for row in rows}
    found = await Executions(database).list(user(6), ListWanted(STATUSES, theirs), Paging("-start_time"))
    assert [(foreign, "completed")] == [(one.execution_id, one.status) for one in found.items]
    noted = await database.pool.fetch("SELECT detail FROM audit_log WHERE action = 'execution.delete'")
    assert {"sub_workflows": 1, "stay": 1} in [row["detail"] for row in noted]
    assert [(True, 0)] == [(one.done, one.stay) for one in await bulk.act(SYSTEM, "delete", [foreign])]
    assert not await database.pool.fetchval("SELECT count(*) FROM workflow_executions")


@pytest.mark.parametrize("what", ["an end", "a fork"])
async def test_what_is_deleted_waits_for_who_needs_it_meanwhile(engine: Engine, what: str) -> None:
    """What comes with an end at that moment is to be dealt with first, and a fork keeps what it goes back to."""
    execution_id = await engine.start(await engine.publish(START, END))
    if what == "a fork":
        await Executions(engine.database).cancel(SYSTEM, execution_id)
    removals = Removals(engine.database, Blobs(engine.settings().blob_url))
    async with engine.database.pool.acquire() as other, other.transaction():
        if what == "an end":
            ended = "UPDATE workflow_executions SET status = 'completed' WHERE execution_id = $1"
            await other.execute(ended, execution_id)
            await other.execute("INSERT INTO workflow_endings (execution_id) VALUES ($1)", execution_id)
        else:
            nothing = {"trigger_data": None, "node_id": None, "scope": None, "keeps_keys": False}
            new = {"new_id": UUID(int=7), "revision": 1, "rows": 0, "started_by": 0}
            await load("forks").insert_fork(other, execution_id=execution_id, **new, **nothing)
        removing = asyncio.create_task(removals.remove(SYSTEM, execution_id))
        await until(lambda: waits_or_is_done(engine, removing), "it waits, or does not")
    with pytest.raises(Conflict) as refused:
        await removing
    assert {"an end": "EXECUTION_GOES_ON", "a fork": "EXECUTION_NEEDED"}[what] == refused.value.code
    await engine.database.pool.execute("DELETE FROM workflow_endings")
    await engine.database.pool.execute("DELETE FROM workflow_executions WHERE forked_from = $1", execution_id)
    await removals.remove(SYSTEM, execution_id)


async def waits_or_is_done(engine: Engine, task: asyncio.Task[Any]) -> bool:
    """Whether the task is over, or somebody waits for a lock in this test's database."""
    found: bool = await engine.database.pool.fetchval(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
    )
    return found or task.done()


def test_an_excerpt_says_what_it_leaves_out() -> None:
    """Of lists, objects and texts, with a pointer to each; a part of it is read from any place on."""
    value: Any = {"a/b": list(range(300)), "text": "x" * 9000}
    shown = excerpt(value)
    assert [Cut("/a~1b", "list", 300, 100), Cut("/text", "text", 9000, 5000)] == shown.cuts
    assert [299] == excerpt(value, path="/a~1b", offset=299).value
    assert ("text", 9000, "x" * 10) == (
        (end := excerpt(value, path="/text", offset=8990)).kind,
        end.length,
        end.value,
    )
    for path in ("/nope", "nope", "/a~1b/300", "/text/0"):
        with pytest.raises(NotFound):
            excerpt(value, path=path)
    assert [Cut("/a~1b", "list", 300, 200)] == excerpt(value, path="/a~1b", offset=100).cuts
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    assert excerpt(deep).cuts


def test_a_part_is_none_where_all_runs() -> None:
    """So that plans of whole workflows are shared."""
    assert (None, Part(to_node="a")) == (Part.read(Part().to_json()), Part.read({"to_node": "a"}))


async def test_lists_are_searched(engine: Engine) -> None:
    """By what started them, when, how long they took, whose workflow they are of, and what their errors say."""
    workflow_id = await engine.publish(START, END)
    ids = [await engine.start(workflow_id) for _ in range(3)]
    tried = await run(engine, workflow_id)
    await engine.database.pool.execute(
        "UPDATE workflow_executions SET status = 'failed', error_message = '100% broken', execution_time_seconds = 5,"
        ' error = \'{"code": "STEP_FAILED"}\' WHERE execution_id = $1',
        ids[1],
    )
    executions = Executions(engine.database)

    async def found(**wanted: Any) -> set[UUID]:  # noqa: ANN401 - of ListWanted
        page = await executions.list(SYSTEM, ListWanted(STATUSES, **wanted), Paging("-start_time"))
        assert await executions.count(SYSTEM, ListWanted(STATUSES, **wanted)) == len(page.items)
        return {one.execution_id for one in page.items}

    start = (await engine.row(ids[0]))["start_time"]
    everything = {*ids, tried}
    assert ({tried}, set(ids), {tried}) == (
        await found(kinds=["manual"]),
        await found(tries=False),
        await found(tries=True),
    )
    assert (everything, set()) == (
        await found(after=start - timedelta(minutes=1), before=start + timedelta(minutes=1)),
        await found(before=start - timedelta(minutes=1)),
    )
    assert ({ids[1]}, set()) == (await found(least_seconds=4, most_seconds=6), await found(most_seconds=4))
    for text in ("0% BROKEN", "step_f"):
        assert {ids[1]} == await found(text=text)
    assert everything == await found(text="tes")
    assert set() == await found(text="100_")
    assert {ids[0]} == await found(text=str(ids[0]).upper())
    header = (await executions.list(SYSTEM, ListWanted(["failed"]), Paging("-start_time"))).items[0]
    assert ("Test", "STEP_FAILED", "api") == (header.workflow_name, header.error_code, header.trigger_kind)
    await engine.database.pool.execute("UPDATE workflow_executions SET status = 'pending', error = NULL")
