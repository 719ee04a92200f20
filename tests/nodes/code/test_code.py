"""`code.python` and `code.javascript` as nodes: parameters, executions, and what hostile input gets."""

# ruff: noqa: E501 - hostile values read best in rows

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rig.engine import START, node, running_engine

from wingbeat.core.errors import StepError
from wingbeat.nodes.code import javascript, python
from wingbeat.sdk import Effect, Example
from wingbeat.sdk.code import CODE
from wingbeat.sdk.testing import ExampleContext, run_example

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.rig.engine import Engine

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.sdk import NodeType
    from wingbeat.sdk.code import CodeRunner
    from wingbeat.storage.pool import Database

BOTH = pytest.mark.parametrize("kind", [python.NODE, javascript.NODE], ids=["python", "javascript"])


@BOTH
@pytest.mark.parametrize(
    ("raw", "parameter"),
    [
        ({}, "code"),
        ({"code": None}, "code"),
        ({"code": ""}, "code"),
        ({"code": ["1"]}, "code"),
        ({"code": "1" * 300_000}, "code"),
        ({"code": "1", "time_seconds": 0}, "time_seconds"),
        ({"code": "1", "time_seconds": -1}, "time_seconds"),
        ({"code": "1", "time_seconds": 1e9}, "time_seconds"),
        ({"code": "1", "time_seconds": "soon"}, "time_seconds"),
        ({"code": "1", "memory_mb": 1}, "memory_mb"),
        ({"code": "1", "memory_mb": 100_000}, "memory_mb"),
        ({"code": "1", "output_bytes": 10**9}, "output_bytes"),
        ({"code": "1", "log_lines": -1}, "log_lines"),
        ({"code": "1", "recursion": 10**6}, "recursion"),
        ({"code": "1", "inputs": [1]}, "inputs"),
        ({"code": "1", "inputs": {"a b": 1}}, "inputs"),
        ({"code": "1", "inputs": {"input": 1}}, "inputs"),
        ({"code": "1", "inputs": {"": 1}}, "inputs"),
        ({"code": "1", "inputs": None}, "inputs"),
    ],
)  # fmt: skip
def test_bad_parameters_are_refused_when_they_are_saved(kind: NodeType, raw: JsonObject, parameter: str) -> None:
    """Each names the parameter at fault."""
    assert {parameter} == {problem.path for problem in kind.read(raw).problems}


@BOTH
def test_code_is_no_template(kind: NodeType, code: CodeRunner) -> None:
    """Braces in it are the language's own, and nothing is put in."""
    text = "return [`{{ input }}`]" if kind is javascript.NODE else "return ['{{ input }}']"
    example = Example("", {"code": text}, input="x")
    context = ExampleContext(input="x", tools={CODE.name: code})
    assert ["{{ input }}"] == run_example(kind, example, context=context).output  # type: ignore[union-attr]


@BOTH
def test_code_counts_as_pure(kind: NodeType) -> None:
    """It can change nothing outside, so after a crash it runs again, and a test run runs it."""
    assert kind.effect is Effect.PURE
    assert (CODE,) == kind.uses


HOSTILE: list[Json] = [
    None, [], {}, "", "x" * 100_000, {"__proto__": {"polluted": 1}, "constructor": 1, "__class__": 2, "__init__": None},
    "'''); import os; ('''", "`${process.exit()}`", "</script>", "\u2028\u2029", 10**400, -0.0, 1e308, [[[[]]]], {"a": "\\u0000 \\x00"}, "\ud7ff\U0010ffff",
    {"": {" ": {"\n": 1}}},
]  # fmt: skip


@BOTH
def test_hostile_data_is_data(kind: NodeType, code: CodeRunner) -> None:
    """What comes in goes out again as it was, whatever it looks like."""
    for value in HOSTILE:
        example = Example("", {"code": "return [input, other]", "inputs": {"other": "{{ input }}"}}, input=value)
        context = ExampleContext(input=value, tools={CODE.name: code})
        expected = [value, value] if kind is python.NODE or value != 10**400 else [None, None]
        assert expected == run_example(kind, example, context=context).output  # type: ignore[union-attr]


def test_without_the_tool_the_step_fails(code: CodeRunner) -> None:
    """An example without a sandbox says so."""
    del code
    with pytest.raises(StepError) as caught:
        run_example(python.NODE, Example("", {"code": "1"}))
    assert caught.value.code == "NO_SANDBOX"


@pytest.fixture
async def coding(database: Database, tmp_path: Path, code_data_dir: Path) -> AsyncIterator[Engine]:
    """An engine whose machines for code are compiled already."""
    async with running_engine(database, tmp_path) as engine:
        engine.code_folder = code_data_dir
        yield engine


async def test_code_runs_in_an_execution(coding: Engine) -> None:
    """Values go from node to node, lines to the log, and an error takes the port that is there for it."""
    await coding.worker()
    workflow = await coding.publish(
        START,
        node(
            "py",
            "code.python",
            code="print('seen', input)\nreturn [n * by for n in input['numbers']]",
            inputs={"by": "{{ trigger.by }}"},
        ),
        node("js", "code.javascript", code="input.reduce((a, b) => a + b)"),
        node("bad", "code.python", code="1 / 0", on_error="branch"),
        node("end", "flow.end", output={"sum": "{{ nodes.js }}", "error": "{{ input.error.code }}"}),
        connections="start > py, py > js, js > bad, bad.error > end",
    )
    execution = await coding.start(workflow, {"numbers": [1, 2], "by": 3})
    ended = await coding.ended(execution)
    assert ["completed", {"sum": 9, "error": "CODE_ERROR"}] == [ended["status"], ended["final_output"]]
    rows = {row["node_id"]: row for row in await coding.journal(execution)}
    assert "seen {'numbers': [1, 2], 'by': 3}" in str(rows["py"]["log"])


async def test_code_runs_again_after_a_crash(coding: Engine) -> None:
    """A worker dies in the middle of a run, and another one does it again: code is pure."""
    first = await coding.worker()
    workflow = await coding.publish(
        START,
        node("py", "code.python", code="import time\ntime.sleep(0.5)\nreturn 7"),
        node("end", "flow.end", output="{{ input }}"),
        connections="start > py, py > end",
    )
    execution = await coding.start(workflow)
    await coding.reaches(execution, "running")
    await coding.kill(first)
    await coding.worker()
    assert 7 == (await coding.ended(execution))["final_output"]
