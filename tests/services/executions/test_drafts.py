"""Trying a workflow that is being drawn: a saved revision, as a whole or in part, with a real worker."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from tests.rig.engine import START, Engine, node

from wingbeat.core.access import SYSTEM, Denied, Hidden, Principal, PrincipalKind
from wingbeat.core.errors import Conflict, NotFound
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.part import Part
from wingbeat.core.problems import InvalidWorkflow
from wingbeat.services.executions.drafts import DraftRequest
from wingbeat.services.executions.forks import ForkRequest
from wingbeat.services.workflows import Workflows
from wingbeat.storage.workflows import WorkflowFields

END = node("end", "flow.end", output="{{ input }}")
LOOP = node("each", "loop.foreach", items="{{ input.items }}")


def made(node_id: str, value: Json = "{{ input }}", **fields: Json) -> JsonObject:
    """A node that gives a value."""
    return node(node_id, "data.transform", value=value, **fields)


def user(number: int) -> Principal:
    """Somebody without a community."""
    return Principal(PrincipalKind.USER, number)


async def save(engine: Engine, workflow_id: UUID, nodes: list[JsonObject], *connections: tuple[str, str, str]) -> None:
    """Save the next revision, without publishing it."""
    workflows = Workflows(engine.database, engine.catalog, engine.limits)
    fields: JsonObject = {
        "name": "Test",
        "nodes": [*nodes],
        "connections": [{"from": one, "from_port": port, "to": two} for one, port, two in connections],
    }
    await workflows.update(SYSTEM, workflow_id, WorkflowFields(fields), expected_revision=None)


async def run(engine: Engine, workflow_id: UUID, data: Json = None, **asked: Any) -> UUID:  # noqa: ANN401 - DraftRequest's
    """The id of the execution of a try."""
    request = DraftRequest(workflow_id, trigger_data=data, **asked)
    return (await engine.drafts().start(SYSTEM, request)).execution_id


async def ran(engine: Engine, execution_id: UUID) -> list[str]:
    """The steps that came to an outcome, in order, once the execution has ended."""
    await engine.ended(execution_id)
    rows = [row for row in await engine.journal(execution_id) if row["status"] in {"completed", "failed"}]
    return [f"{row['node_id']}@{row['scope']}" if row["scope"] else row["node_id"] for row in rows]


async def result(engine: Engine, execution_id: UUID) -> Json:
    """What it came to."""
    row = await engine.ended(execution_id)
    assert "completed" == row["status"], row["error"]["message"]
    value: Json = row["final_output"]
    return value


class TestWholes:
    """A saved revision runs as it stands, and what is published is not touched."""

    async def test_what_is_saved_runs_without_being_published(self, engine: Engine) -> None:
        """Marked as a try, by hand, of that revision; an older one can be tried too, and tried again."""
        await engine.worker()
        workflow_id = await engine.publish(START, made("a", 1), END)
        await save(engine, workflow_id, [START, made("a", 2), END], ("start", "out", "a"), ("a", "out", "end"))
        tried = await run(engine, workflow_id, {"x": 1})
        assert 2 == await result(engine, tried)
        row = await engine.row(tried)
        part = {"to_node": None, "only_node": None, "use_pins": False}
        assert (2, "manual", part, {"x": 1}) == tuple(
            row[name] for name in ("revision", "trigger_kind", "draft", "trigger_data")
        )
        assert 1 == await result(engine, await run(engine, workflow_id, revision=1))
        assert 1 == await result(engine, await engine.start(workflow_id))
        again = await engine.forks().fork(SYSTEM, ForkRequest(tried, "a"))
        assert (2, part) == (await result(engine, again.execution_id), (await engine.row(again.execution_id))["draft"])
        with pytest.raises(NotFound) as unknown:
            await run(engine, workflow_id, revision=9)
        assert "REVISION_UNKNOWN" == unknown.value.code

    async def test_one_needs_to_edit_and_to_run(self, engine: Engine) -> None:
        """Whoever sees nothing is told nothing."""
        workflow_id = await engine.publish(START, END)
        await engine.database.pool.execute("UPDATE workflows SET author_id = 7")
        request = DraftRequest(workflow_id)
        for number, right in ((8, "can_execute"), (9, "can_edit")):
            await engine.database.pool.execute(
                f"INSERT INTO workflow_permissions (workflow_id, user_id, can_view, {right})"  # noqa: S608
                " VALUES ($1, $2, true, true)",
                workflow_id,
                number,
            )
            with pytest.raises(Denied):
                await engine.drafts().start(user(number), request)
        with pytest.raises(Hidden):
            await engine.drafts().start(user(10), request)
        started = await engine.drafts().start(user(7), request)
        assert 7 == (await engine.row(started.execution_id))["started_by"]


class TestParts:
    """Only what was asked for runs; nothing else is even begun."""

    async def test_up_to_a_node_runs_what_leads_to_it_and_what_it_refers_to(self, engine: Engine) -> None:
        """Its output is the result. Problems of what does not run do not matter; its own are all listed."""
        await engine.worker()
        nodes = [START, made("a", 1), made("b", 2), made("c", "{{ nodes.a + input }}"), made("d", "{{ nope( }}"), END]
        lines = [("start", "a"), ("a", "b"), ("b", "c"), ("start", "d"), ("d", "end"), ("c", "end")]
        workflow_id = await engine.publish(START, END)
        await save(engine, workflow_id, [*nodes, made("alone", 5)], *[(one, "out", two) for one, two in lines])
        tried = await run(engine, workflow_id, part=Part(to_node="c"))
        assert (3, ["start", "a", "b", "c"]) == (await result(engine, tried), await ran(engine, tried))
        with pytest.raises(InvalidWorkflow):
            await run(engine, workflow_id, part=Part(to_node="end"))
        with pytest.raises(NotFound) as unknown:
            await run(engine, workflow_id, part=Part(to_node="bb"))
        with pytest.raises(Conflict) as lost:
            await run(engine, workflow_id, part=Part(to_node="alone"))
        assert ("NODE_UNKNOWN", "NODE_UNREACHABLE") == (unknown.value.code, lost.value.code)
        assert 5 == await result(engine, await run(engine, workflow_id, part=Part(only_node="alone")))

    async def test_up_to_a_node_in_a_loop_and_up_to_the_loop(self, engine: Engine) -> None:
        """All iterations run, without what comes after the node; what ends an iteration still does."""
        await engine.worker()
        nodes = [START, LOOP, made("x"), made("y", "{{ item * 2 }}"), made("z"), END]
        lines = [("start", "out", "each"), ("each", "body", "x"), ("x", "out", "y"), ("y", "out", "z")]
        workflow_id = await engine.publish(START, END)
        await save(engine, workflow_id, nodes, *lines, ("each", "done", "end"))
        inside = await run(engine, workflow_id, {"items": [1, 2]}, part=Part(to_node="y"))
        expected = {"start", "x@each:0", "y@each:0", "x@each:1", "y@each:1", "each"}
        assert (expected, [2, 4]) == (set(await ran(engine, inside)), await result(engine, inside))
        outside = await run(engine, workflow_id, {"items": [1, 2]}, part=Part(to_node="each"))
        assert expected | {"z@each:0", "z@each:1"} == set(await ran(engine, outside))

    async def test_pinned_outputs_stand_for_what_nodes_would_do(self, engine: Engine) -> None:
        """Where that is asked for, and nowhere else."""
        await engine.worker()
        pinned = {**made("a", "real"), "pinned_output": "pinned"}
        workflow_id = await engine.publish(START, pinned, END)
        assert "pinned" == await result(engine, await run(engine, workflow_id, part=Part(pins=True)))
        assert "real" == await result(engine, await run(engine, workflow_id))

    async def test_what_is_given_for_a_run_goes_before_what_is_pinned_at_its_trigger(self, engine: Engine) -> None:
        """What is pinned there is what expressions see as `trigger` too; and a node alone runs though it is pinned."""
        await engine.worker()
        start: JsonObject = {**START, "pinned_output": {"n": 1}}
        workflow_id = await engine.publish(START, END)
        seen = {**made("seen", "{{ [trigger.n, input.n] }}"), "pinned_output": "pinned"}
        await save(engine, workflow_id, [start, seen, END], ("start", "out", "seen"), ("seen", "out", "end"))
        pins = Part(to_node="seen", pins=True)
        given = await run(engine, workflow_id, {"n": 2}, part=pins)
        assert "pinned" == await result(engine, given)
        alone = Part(only_node="seen", pins=True)
        assert [2, 2] == await result(engine, await run(engine, workflow_id, part=alone, execution_id=given))
        without = await run(engine, workflow_id, part=pins)
        await engine.ended(without)
        assert [1, 1] == await result(engine, await run(engine, workflow_id, part=alone, execution_id=without))


class TestOneNode:
    """A node alone finds what it found when it last ran."""

    async def test_it_finds_again_what_it_found(self, engine: Engine) -> None:
        """Input, outputs of others, variables, the item of its iteration, even where it is another revision by now."""
        await engine.worker()
        seen = "{{ [input, nodes.a, n, item, index, trigger.items[1]] }}"
        nodes = [
            START,
            node("n", "data.variable", name="n", value=7),
            made("a", {"k": 1}),
            LOOP,
            made("b"),
            made("c", 0),
            END,
        ]
        lines = [
            ("start", "out", "n"),
            ("n", "out", "a"),
            ("a", "out", "each"),
            ("each", "body", "b"),
            ("b", "out", "c"),
        ]
        nodes[3] = node("each", "loop.foreach", items="{{ trigger.items }}")
        workflow_id = await engine.publish(START, END)
        await save(engine, workflow_id, nodes, *lines, ("each", "done", "end"))
        await engine.ended(await run(engine, workflow_id, {"items": ["p", "q"]}))
        nodes[5] = made("c", seen)
        await save(engine, workflow_id, nodes, *lines, ("each", "done", "end"))
        tried = await run(engine, workflow_id, part=Part(only_node="c"))
        assert ["q", {"k": 1}, 7, "q", 1, "q"] == await result(engine, tried)
        assert ["c"] == await ran(engine, tried)
        given = await run(engine, workflow_id, part=Part(only_node="c"), given=("mine",), scope="each:0")
        assert ["mine", {"k": 1}, 7, "p", 0, "q"] == await result(engine, given)
        # What is new finds what those before it gave; a loop runs with all that is in it.
        await save(engine, workflow_id, [*nodes, made("new")], *lines, ("each", "done", "end"), ("a", "out", "new"))
        assert {"k": 1} == await result(engine, await run(engine, workflow_id, part=Part(only_node="new")))
        loop = await run(engine, workflow_id, part=Part(only_node="each"))
        assert 5 == len(await ran(engine, loop))

    async def test_a_failed_try_starts_no_error_workflow(self, engine: Engine) -> None:
        """Whoever tries sees it."""
        await engine.worker()
        handler = await engine.publish({"id": "start", "type": "trigger.error"}, END)
        workflow_id = await engine.publish(
            START, node("stop", "flow.end", status="failed"), error_workflow=str(handler)
        )
        tried = await run(engine, workflow_id)
        real = await engine.start(workflow_id)
        await engine.ended(tried)
        await engine.ended(real)
        assert 0 == await engine.count("SELECT count(*) FROM workflow_endings WHERE execution_id = $1", tried)
        assert 0 == await engine.count("SELECT count(*) FROM workflow_executions WHERE error_of = $1", tried)
