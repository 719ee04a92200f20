"""The split: shares that add up, keys that always go the same way."""

from __future__ import annotations

from collections import Counter

import pytest

from wingbeat.nodes.flow.ab_split import NODE
from wingbeat.sdk import Example, Json, JsonObject, Outcome
from wingbeat.sdk.testing import context_of, run_example

THIRDS: list[Json] = [{"name": "a", "percent": 20}, {"name": "b", "percent": 50.5}, {"name": "c", "percent": 29.5}]


def way(raw: JsonObject, given: Json = None, key: str = "example", node_id: str = "example") -> str:
    """The variant that is taken."""
    example = Example("", raw, input=given)
    context = context_of(example)
    context.idempotency_key, context.node_id = key, node_id
    result = run_example(NODE, example, context=context)
    assert isinstance(result, Outcome)
    return result.ports[0]


def test_keys_spread_in_the_given_shares() -> None:
    """Within what chance allows for ten thousand of them."""
    times = Counter(way({"variants": THIRDS, "key": "{{ input }}"}, number) for number in range(10_000))
    shares = {"a": 2_000, "b": 5_050, "c": 2_950}
    assert [] == [name for name, share in shares.items() if abs(times[name] - share) > 250]


def test_a_key_goes_the_same_way_in_any_execution() -> None:
    """Whatever else differs; the order of an object's fields too."""
    raw: JsonObject = {"variants": THIRDS, "key": "{{ input }}"}
    values: list[Json] = [1, "1", {"a": 1, "b": [2]}, None, "x" * 100_000, [[], {}]]
    for given in values:
        assert way(raw, given, key="one") == way(raw, given, key="other")
    assert way(raw, {"a": 1, "b": 2}) == way(raw, {"b": 2, "a": 1})


def test_experiments_draw_apart_from_each_other() -> None:
    """Two nodes are two experiments, unless they say that they are the same one."""
    raw: JsonObject = {"variants": THIRDS, "key": "{{ input }}"}
    keys = range(200)
    assert [way(raw, key, node_id="x") for key in keys] != [way(raw, key, node_id="y") for key in keys]
    named = {**raw, "experiment": "mail"}
    assert [way(named, key, node_id="x") for key in keys] == [way(named, key, node_id="y") for key in keys]


def test_without_a_key_each_step_draws_for_itself() -> None:
    """And keeps its lot through all attempts, whose idempotency key is the same."""
    drawn = [way({"variants": THIRDS}, key=f"execution:{number}") for number in range(200)]
    assert {"a", "b", "c"} == {*drawn}
    assert drawn == [way({"variants": THIRDS}, key=f"execution:{number}") for number in range(200)]


def test_a_variant_without_a_share_is_never_taken() -> None:
    """Not even at the upper end of the numbers."""
    raw: JsonObject = {"variants": [{"name": "a", "percent": 100}, {"name": "b", "percent": 0}], "key": "{{ input }}"}
    assert {"a"} == {way(raw, number) for number in range(500)}


@pytest.mark.parametrize(
    "variants",
    [
        [],
        [{"name": "a", "percent": 99}],
        [{"name": "a", "percent": 50}, {"name": "a", "percent": 50}],
        [{"name": "error", "percent": 100}],
        [{"name": "a", "percent": -10}, {"name": "b", "percent": 110}],
        [{"name": "a", "percent": float("nan")}],
        [{"name": "a", "percent": "half"}],
        [{"percent": 100}],
        [None],
        "a",
        {},
    ],
)
def test_shares_that_are_none_are_faults(variants: Json) -> None:
    """They are found when the workflow is checked."""
    assert NODE.read({"variants": variants}).problems


def test_an_experiment_needs_a_key() -> None:
    """It would mean nothing."""
    variants: list[Json] = [{"name": "a", "percent": 100}]
    assert NODE.read({"variants": variants, "experiment": "x"}).problems
