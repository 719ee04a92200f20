"""The aggregate: what each function does with nulls, other kinds and extremes."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.data.aggregate import NODE
from wingbeat.sdk import Example
from wingbeat.sdk.testing import outcome_of, run_example


def figure(function: str, items: Any, value: str | None = None) -> Any:  # noqa: ANN401 - any JSON
    """One figure of a whole list."""
    measure = {"name": "it", "function": function, **({"value": value} if value else {})}
    example = Example("", {"items": "{{ input }}", "measures": [measure]}, input=items)
    return outcome_of(run_example(NODE, example))["out"][0]["it"]


@pytest.mark.parametrize(
    ("function", "items", "expected"),
    [
        ("count", [1, None, "a"], 3),
        ("count_distinct", [1, 1.0, True, None, "1", [1], [1.0], {"a": 1}, {"a": 1}], 5),
        ("sum", [], 0),
        ("sum", [10**40, 1], 10**40 + 1),
        ("sum", [0.1] * 10, 1.0),
        ("sum", [1, None, 2.5], 3.5),
        ("mean", [None], None),
        ("mean", [1, 2], 1.5),
        ("min", ["b", None, "a"], "a"),
        ("max", [1, 2.5, None], 2.5),
        ("max", [], None),
        ("first", [None, 1], None),
        ("last", [], None),
        ("collect", [1, None], [1, None]),
    ],
)
def test_a_function_gives_what_it_says(function: str, items: Any, expected: Any) -> None:  # noqa: ANN401 - any JSON
    """Nulls are left out where the help says so, and sums are exact."""
    assert expected == figure(function, items)


def test_a_count_of_values_leaves_nulls_out() -> None:
    """With a value it counts those that are there."""
    assert 1 == figure("count", [{"a": 1}, {"a": None}], "item.a")


@pytest.mark.parametrize(
    ("function", "items", "code"),
    [
        ("sum", [1, True], "AGGREGATE_VALUE_UNFIT"),
        ("mean", ["1"], "AGGREGATE_VALUE_UNFIT"),
        ("min", [1, "a"], "AGGREGATE_VALUE_UNFIT"),
        ("max", [[1]], "AGGREGATE_VALUE_UNFIT"),
        ("sum", [1e308, 1e308], "AGGREGATE_OUT_OF_RANGE"),
        ("sum", [1e308, 10**400], "AGGREGATE_OUT_OF_RANGE"),
        ("mean", [10**400, 0], "AGGREGATE_OUT_OF_RANGE"),
        ("count", None, "PARAMETER_INVALID"),
        ("count", {"a": 1}, "PARAMETER_INVALID"),
        ("count", "text", "PARAMETER_INVALID"),
    ],
)
def test_what_does_not_fit_is_a_typed_error(function: str, items: Any, code: str) -> None:  # noqa: ANN401 - any JSON
    """Nothing is guessed."""
    with pytest.raises(StepError) as caught:
        figure(function, items)
    assert code == caught.value.code


def test_groups_may_have_any_key() -> None:
    """Null, an object and names that mean something elsewhere are keys like others."""
    keys: list[Any] = [None, {"a": 1}, "__proto__", True, 1, 1.0, {"a": 1.0}, None]
    example = Example(
        "",
        {
            "items": "{{ input }}",
            "group_by": [{"name": "key", "value": "item"}],
            "measures": [{"name": "count", "function": "count"}],
        },
        input=keys,
    )
    found = outcome_of(run_example(NODE, example))["out"]
    assert [2, 2, 1, 1, 2] == [group["count"] for group in found]


def test_an_error_tells_which_item_it_was() -> None:
    """So that one bad row of a million can be found."""
    with pytest.raises(StepError) as caught:
        figure("sum", [{"a": 1}, {"b": 1}], "item.a")
    assert 1 == caught.value.details["index"]


def test_a_million_items_are_gone_through() -> None:
    """In a thread, so that others go on."""
    assert 499_999_500_000 == figure("sum", list(range(1_000_000)))


@pytest.mark.parametrize(
    "raw",
    [
        {"items": [], "measures": []},
        {"items": [], "measures": [{"name": "a", "function": "median"}]},
        {"items": [], "measures": [{"name": "a", "function": "sum"}, {"name": "a", "function": "min"}]},
        {"items": [], "measures": [{"name": "a", "function": "sum", "value": "item."}]},
    ],
)
def test_definitions_that_make_no_sense_are_faults(raw: dict[str, Any]) -> None:
    """They are found when the workflow is saved."""
    assert NODE.read(raw).problems
