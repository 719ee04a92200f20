"""Test runs of loops: the same meaning as in an execution, with nothing stored anywhere."""

from __future__ import annotations

from typing import Any

from tests.core.driver import CATALOG, node, start, value, workflow

from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.limits import DEFAULT_CAPS, DEFAULT_LIMITS
from wingbeat.services.executions.rehearsal import RehearsalReport
from wingbeat.worker.rehearsal import EngineRehearser


async def rehearsed(document: JsonObject, data: Json = None) -> RehearsalReport:
    """A test run."""
    return await EngineRehearser(CATALOG, DEFAULT_LIMITS, DEFAULT_CAPS).run(document, data, {})


async def test_a_stream_is_kept_in_memory() -> None:
    """A loop writes it and another one goes through it."""
    nodes = [start(), node("a", "loop.foreach", items=[1, 2, 3], collect="blob"), value("v", "{{ item * 2 }}")]
    nodes += [node("b", "loop.foreach", items="{{ input }}"), value("w", "{{ item + 1 }}")]
    report = await rehearsed(workflow(nodes, "start -> a.body -> v", "a.done -> b.body -> w"))
    assert ("completed", [3, 5, 7]) == (report.status, report.output)


async def test_a_stream_that_is_none_fails_the_loop() -> None:
    """As it would in an execution."""
    nodes = [start(), node("b", "loop.foreach", items="{{ input }}", on_error="continue"), value("w"), value("end")]
    forged: Json = {"stream": {"id": ["x", ""], "chunks": 1}, "count": 1}
    report = await rehearsed(workflow(nodes, "start -> b.body -> w", "b.done -> end"), forged)
    output: Any = report.output
    assert ("completed", "STREAM_INVALID") == (report.status, output["error"]["code"])


async def test_an_error_goes_outward_and_the_trace_shows_it() -> None:
    """The loop's own failure is a step of the trace."""
    nodes = [start(), node("a", "loop.foreach", items=[["x"]]), node("b", "loop.foreach", items="{{ item }}")]
    report = await rehearsed(workflow([*nodes, value("v", "{{ item * 1.0 }}")], "start -> a.body -> b.body -> v"))
    failed = [(step.node_id, step.scope) for step in report.trace if step.status == "failed"]
    error: Any = report.error
    assert ([("v", "a:0/b:0"), ("b", "a:0"), ("a", "")], "v") == (failed, error["node"])


async def test_what_lost_a_race_is_left_alone() -> None:
    """A step that was asked for and is no longer wanted does not run."""
    nodes = [start(), value("x"), node("l", "loop.foreach", items=[1]), value("v"), node("f", "flow.merge", mode="any")]
    report = await rehearsed(workflow(nodes, "start -> x -> f", "start -> l.body -> v", "l.done -> f"), 5)
    assert ("completed", 5) == (report.status, report.output)


async def test_what_is_pinned_at_the_trigger_is_taken_where_nothing_is_given() -> None:
    """By the name `trigger` as well."""
    pinned: JsonObject = {**start(), "pinned_output": {"n": 1}}
    document = workflow([pinned, value("v", "{{ [trigger.n, input.n] }}")], "start -> v")
    assert [1, 1] == (await rehearsed(document)).output
    assert [2, 2] == (await rehearsed(document, {"n": 2})).output
