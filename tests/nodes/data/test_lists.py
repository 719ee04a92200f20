"""Limit, split and compare: what they give, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.data import compare, limit, split
from wingbeat.sdk import Example, JsonObject, NodeType
from wingbeat.sdk.testing import outcome_of, run_example


def given(kind: NodeType, raw: dict[str, Any], value: Any = None) -> Any:  # noqa: ANN401 - any JSON
    """All that comes out."""
    return outcome_of(run_example(kind, Example("", raw, input=value)))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"count": 0}, []),
        ({"count": 9}, [1, 2, 3]),
        ({"count": 2, "offset": 9}, []),
        ({"count": 1, "offset": 1, "take": "last"}, [2]),
        ({"count": 9, "offset": 2, "take": "last"}, [1]),
        ({"count": 9, "offset": 5, "take": "last"}, []),
        ({"count": 10**15}, [1, 2, 3]),
    ],
)
def test_a_limit_takes_what_is_there(raw: dict[str, Any], expected: Any) -> None:  # noqa: ANN401 - any JSON
    """From either end, never from beyond it."""
    assert {"out": expected} == given(limit.NODE, {"items": [1, 2, 3], **raw})


@pytest.mark.parametrize("count", [-1, 1.5, None, "two", [], 10**30])
def test_a_limit_needs_a_whole_number(count: Any) -> None:  # noqa: ANN401 - any JSON
    """Anything else is a typed error."""
    with pytest.raises(StepError) as caught:
        given(limit.NODE, {"items": [1], "count": "{{ input }}"}, count)
    assert "PARAMETER_INVALID" == caught.value.code


@pytest.mark.parametrize(
    ("raw", "value", "expected"),
    [
        ({"mode": "batches", "size": 5}, [], []),
        ({"mode": "batches", "size": 1}, [1, 2], [[1], [2]]),
        ({"mode": "field", "field": "a"}, [{"a": [1], "b": 2}, {"a": None}, {"c": 1}], [{"a": 1, "b": 2}]),
        ({"mode": "field", "field": "a", "others": "drop"}, {"a": [1, 2]}, [1, 2]),
        ({"mode": "text", "separator": "\n"}, "", [""]),
        ({"mode": "text", "separator": "\n", "skip_empty": True}, "", []),
        ({"mode": "text", "separator": "(a+)+$"}, "a" * 50, ["a" * 50]),
    ],
)
def test_a_split_gives_the_pieces(raw: dict[str, Any], value: Any, expected: Any) -> None:  # noqa: ANN401 - any JSON
    """A separator is a text, not a pattern."""
    assert {"out": expected} == given(split.NODE, {**raw, "value": "{{ input }}"}, value)


@pytest.mark.parametrize(
    ("raw", "value", "code"),
    [
        ({"mode": "batches", "size": 1}, {"a": 1}, "SPLIT_VALUE_UNFIT"),
        ({"mode": "batches", "size": 1}, None, "SPLIT_VALUE_UNFIT"),
        ({"mode": "field", "field": "a"}, [1], "SPLIT_VALUE_UNFIT"),
        ({"mode": "field", "field": "a"}, {"a": "text"}, "SPLIT_VALUE_UNFIT"),
        ({"mode": "text", "separator": ","}, ["a"], "SPLIT_VALUE_UNFIT"),
        ({"mode": "text", "separator": ","}, "," * 1_000_001, "SPLIT_TOO_LARGE"),
        ({"mode": "field", "field": "a"}, {"a": [1] * 1000, "b": "x" * 100_000}, "SPLIT_TOO_LARGE"),
        ({"mode": "field", "field": "a"}, {"a": [1] * 1000, "b": ["\ud800" * 100_000]}, "SPLIT_TOO_LARGE"),
    ],
)
def test_a_split_refuses_what_it_cannot_do(raw: dict[str, Any], value: Any, code: str) -> None:  # noqa: ANN401 - any JSON
    """Another kind of value, and more than fits into memory."""
    with pytest.raises(StepError) as caught:
        given(split.NODE, {**raw, "value": "{{ input }}"}, value)
    assert code == caught.value.code


@pytest.mark.parametrize(
    "raw",
    [
        {"mode": "batches"},
        {"mode": "text", "size": 1},
        {"mode": "batches", "size": 0},
        {"mode": "text", "separator": ""},
    ],
)
def test_a_split_needs_what_its_mode_needs(raw: dict[str, Any]) -> None:
    """It is found when the workflow is saved."""
    assert split.NODE.read({**raw, "value": 1}).problems


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [], {"added": [], "removed": [], "changed": [], "same": []}),
        ([{"id": 1}], [{"id": 1.0}], {"added": [], "removed": [], "changed": [], "same": [{"id": 1.0}]}),
        (
            [{"id": 1, "a": None}],
            [{"id": 1}],
            {
                "added": [],
                "removed": [],
                "changed": [{"key": 1, "fields": ["a"], "before": {"id": 1, "a": None}, "after": {"id": 1}}],
                "same": [],
            },
        ),
        ([{"id": True}], [{"id": 1}], {"added": [{"id": 1}], "removed": [{"id": True}], "changed": [], "same": []}),
    ],
)
def test_a_comparison_tells_what_changed(before: Any, after: Any, expected: Any) -> None:  # noqa: ANN401 - any JSON
    """Numbers by their value; null is not nothing; true is not 1."""
    raw = {"before": "{{ input.b }}", "after": "{{ input.a }}", "key": "item.id"}
    assert expected == given(compare.NODE, raw, {"b": before, "a": after})


def test_a_comparison_has_the_ports_that_it_says() -> None:
    """Four, or one."""
    raw: JsonObject = {"before": [], "after": [], "key": "item"}
    assert ("added", "removed", "changed", "same") == compare.NODE.read(raw).outputs
    assert ("out",) == compare.NODE.read({**raw, "output": "object"}).outputs


def test_a_comparison_of_a_million_items_ends() -> None:
    """In a thread, so that others go on."""
    many = list(range(500_000))
    raw = {"before": "{{ input }}", "after": "{{ input }}", "key": "item"}
    assert many == given(compare.NODE, raw, many)["same"]


def test_a_key_that_nests_too_deep_is_refused() -> None:
    """Rather than the interpreter's own limit."""
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    with pytest.raises(StepError) as caught:
        given(compare.NODE, {"before": "{{ input }}", "after": [], "key": "item"}, [deep])
    assert "VALUE_TOO_DEEP" == caught.value.code
