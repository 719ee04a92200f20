"""The merge: how values combine, and which do not."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.flow.merge import NODE
from wingbeat.sdk import Arrival, Example, Join, JsonObject
from wingbeat.sdk.testing import outcome_of, run_example


def merged(raw: JsonObject, *values: Any) -> Any:  # noqa: ANN401 - any JSON
    """What comes out when these values arrive from the nodes a, b, c ..."""
    arrivals = tuple(Arrival(chr(ord("a") + place), "out", value) for place, value in enumerate(values))
    return outcome_of(run_example(NODE, Example("", raw, arrivals=arrivals)))["out"]


def test_all_keeps_its_shape_with_one_arrival() -> None:
    """Whoever reads the object need not know how many branches were taken."""
    assert merged({}, 5) == {"a": 5}


def test_all_tells_two_ports_of_one_node_apart() -> None:
    """Both ports of a filter may arrive; neither value replaces the other."""
    arrivals = (Arrival("f", "kept", [1]), Arrival("f", "rejected", [2]), Arrival("g", "out", 3))
    outcome = outcome_of(run_example(NODE, Example("", {"mode": "all"}, arrivals=arrivals)))
    assert outcome["out"] == {"f": {"kept": [1], "rejected": [2]}, "g": 3}


@pytest.mark.parametrize(
    ("raw", "values", "expected"),
    [
        ({"mode": "append"}, ([1], 2, None, []), [1, 2, None]),
        ({"mode": "combine"}, ({}, {"a": 1}, {"a": 2}), {"a": 2}),
        ({"mode": "by_position"}, ([], []), []),
        ({"mode": "by_position", "keep": "matched"}, ([{"x": 1}, {"x": 2}], [{"y": 1}]), [{"x": 1, "y": 1}]),
        (
            {"mode": "by_key", "key": "item.id"},
            ([{"id": 1, "x": 1}, {"id": 2}], [{"id": 3}, {"id": 1, "y": 2}]),
            [{"id": 1, "x": 1, "y": 2}, {"id": 2}, {"id": 3}],
        ),
        (
            {"mode": "by_key", "key": "item.id", "keep": "matched"},
            ([{"id": 1}, {"id": True}], [{"id": True, "y": 2}]),
            [{"id": True, "y": 2}],
        ),
        (
            {"mode": "by_key", "key": "{'a': item.a, 'b': item.b}", "keep": "matched"},
            ([{"a": 1, "b": 2}], [{"b": 2, "a": 1, "c": 3}]),
            [{"a": 1, "b": 2, "c": 3}],
        ),
        (
            {"mode": "by_key", "key": "item.id", "keep": "matched"},
            ([{"id": 1}, {"id": 1}], [{"id": 2}]),
            [],
        ),
    ],
)
def test_values_combine_as_the_mode_says(raw: JsonObject, values: tuple[Any, ...], expected: Any) -> None:  # noqa: ANN401 - any JSON
    """Empty lists, clashes, keys of any type, repeated keys."""
    assert expected == merged(raw, *values)


def test_the_inputs_are_left_as_they_were() -> None:
    """Other nodes still read them."""
    first: list[JsonObject] = [{"id": 1}]
    merged({"mode": "by_key", "key": "item.id"}, first, [{"id": 1, "x": 2}])
    assert first == [{"id": 1}]


@pytest.mark.parametrize("mode", ["combine", "by_key", "by_position"])
@pytest.mark.parametrize("value", [None, 5, "text", [1]])
def test_values_that_do_not_fit_are_refused(mode: str, value: Any) -> None:  # noqa: ANN401 - any JSON
    """The error names the node that gave the value."""
    raw: JsonObject = {"mode": mode, **({"key": "item.id"} if mode == "by_key" else {})}
    good: Any = {"id": 1} if mode == "combine" else [{"id": 1}]
    with pytest.raises(StepError) as caught:
        merged(raw, good, value)
    if mode != "by_key" or value != [1]:
        assert (caught.value.code, caught.value.details["node"]) == ("MERGE_VALUE_UNFIT", "b")


def test_only_any_runs_with_the_first() -> None:
    """The plan joins by the mode."""
    assert (NODE.read({"mode": "any"}).join, NODE.read({}).join) == (Join.FIRST, Join.ALL)


@pytest.mark.parametrize("raw", [{"mode": "by_key"}, {"mode": "append", "key": "item.id"}])
def test_a_key_goes_with_its_mode(raw: JsonObject) -> None:
    """A key that would be ignored is a fault, and so is one that is missing."""
    assert [problem.path for problem in NODE.read(raw).problems] == [""]
