"""The database node: which statements its parameters make, and which parameters do not go together."""

from __future__ import annotations

from typing import Any, cast

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.action.database import CONNECTION, NODE
from wingbeat.sdk import Effect, Example
from wingbeat.sdk.sql import SQL, ExampleSql, SqlStep, Statement, TableChange
from wingbeat.sdk.testing import context_of, outcome_of, run_example


def ran(raw: dict[str, Any], **example: Any) -> list[SqlStep]:  # noqa: ANN401 - fields of an example
    """What these parameters run."""
    described = Example("", {"connection": CONNECTION, **raw}, **example)
    context = context_of(described)
    run_example(NODE, described, context=context)
    return cast("ExampleSql", context.use(SQL)).ran


def test_sql_is_a_literal_and_values_are_bound() -> None:
    """What a template gives goes into the parameters, and into nothing else."""
    steps = ran({"sql": "SELECT :x", "parameters": {"x": "{{ input }}"}}, input="'; DROP TABLE x; --")
    assert steps == [Statement("SELECT :x", {"x": "'; DROP TABLE x; --"})]


def test_changes_by_values() -> None:
    """One row is a list of one."""
    raw: dict[str, Any] = {"operation": "insert", "table": "t", "rows": "{{ input }}", "returning": ["id"]}
    assert ran(raw, input={"a": 1}) == [TableChange("insert", "t", [{"a": 1}], [], {}, {}, ["id"])]
    assert ran({"operation": "upsert", "table": "t", "rows": [{"a": 1}], "keys": ["a"]}) == [
        TableChange("upsert", "t", [{"a": 1}], ["a"], {}, {}, [])
    ]
    assert ran({"operation": "update", "table": "t", "values": {"a": 1}, "where": {"b": None}}) == [
        TableChange("update", "t", [], [], {"a": 1}, {"b": None}, [])
    ]
    assert ran({"operation": "delete", "table": "t", "where": "{{ input }}"}, input={"a": [1]}) == [
        TableChange("delete", "t", [], [], {}, {"a": [1]}, [])
    ]


@pytest.mark.parametrize("value", [None.__class__, "x", 1, [1], [{"a": 1}, None]])
def test_rows_of_a_wrong_kind(value: Any) -> None:  # noqa: ANN401 - anything
    """Rows are objects."""
    given = "text" if isinstance(value, type) else value
    with pytest.raises(StepError) as caught:
        ran({"operation": "insert", "table": "t", "rows": "{{ input }}"}, input=given)
    assert (caught.value.code, caught.value.details["parameter"]) == ("PARAMETER_INVALID", "rows")


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"sql": ""},
        {"sql": "SELECT {{ input }}"},
        {"sql": "SELECT 1", "table": "t"},
        {"operation": "execute"},
        {"operation": "insert", "table": "t"},
        {"operation": "insert", "table": "{{ input }}", "sql": "x", "rows": []},
        {"operation": "upsert", "table": "t", "rows": []},
        {"operation": "update", "table": "t", "values": {}},
        {"operation": "delete", "table": "t"},
        {"operation": "transaction"},
        {"operation": "transaction", "statements": [{"sql": "{{ input }}"}]},
        {"sql": "SELECT 1", "most_rows": 0},
        {"sql": "SELECT 1", "connection": "not an id"},
    ],
)
def test_parameters_that_do_not_go_together(raw: dict[str, Any]) -> None:
    """It is told when the workflow is saved."""
    assert NODE.read({"connection": CONNECTION, **raw}).problems


def test_only_a_query_is_free_to_repeat() -> None:
    """Everything else may change something."""
    effects = {
        operation: NODE.effect_of and NODE.effect_of({"operation": operation}) for operation in ("query", "execute")
    }
    assert effects == {"query": Effect.IDEMPOTENT, "execute": Effect.UNSAFE}


def test_a_test_run_shows_what_would_be_run() -> None:
    """And runs nothing."""
    example = Example("", {"connection": CONNECTION, "operation": "delete", "table": "t", "where": {"a": 1}})
    context = context_of(example)
    shown = outcome_of(run_example(NODE, example, context=context, rehearse=True))["out"]
    assert shown["steps"] == [{"kind": "delete", "table": "t", "where": {"a": 1}}]
    assert (shown["rows"], context.tools) == ([], {})
