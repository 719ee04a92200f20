"""The sort: orders, nulls, stability, and what has no order."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.data.sort import NODE
from wingbeat.sdk import Example
from wingbeat.sdk.testing import outcome_of, run_example


def ordered(items: Any, *keys: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """The items in the order that the keys give."""
    return outcome_of(run_example(NODE, Example("", {"items": "{{ input }}", "by": list(keys)}, input=items)))["out"]


@pytest.mark.parametrize(
    ("items", "key", "expected"),
    [
        ([2, None, 1], {}, [1, 2, None]),
        ([2, None, 1], {"direction": "descending"}, [2, 1, None]),
        ([2, None, 1], {"direction": "descending", "nulls": "first"}, [None, 2, 1]),
        ([True, False], {}, [False, True]),
        (["b", "A", "a", "B"], {"text": "ignore_case"}, ["A", "a", "b", "B"]),
        (["a10", "a9", "a09", "a"], {"text": "natural"}, ["a", "a9", "a09", "a10"]),
        (["10", "9.5", 2, None, "-1e3"], {"text": "numeric"}, ["-1e3", 2, "9.5", "10", None]),
        ([10**40, 1.5, -(10**40)], {}, [-(10**40), 1.5, 10**40]),
        ([], {}, []),
        (["9" * 5000, "1"], {"text": "natural"}, ["1", "9" * 5000]),
    ],
)
def test_values_are_put_in_order(items: Any, key: dict[str, Any], expected: Any) -> None:  # noqa: ANN401 - any JSON
    """As each option says."""
    assert expected == ordered(items, {"value": "item", **key})


@pytest.mark.parametrize("direction", ["ascending", "descending"])
def test_equal_items_stay_in_their_order(direction: str) -> None:
    """Whatever the direction, with several keys."""
    items = [{"a": 1, "b": 1, "n": 1}, {"a": 1, "b": 1, "n": 2}, {"a": 1, "b": 0, "n": 3}]
    found = ordered(items, {"value": "item.a", "direction": direction}, {"value": "item.b"})
    assert [3, 1, 2] == [item["n"] for item in found]


@pytest.mark.parametrize(
    ("items", "key", "code"),
    [
        ([1, "a"], {}, "SORT_KINDS_UNFIT"),
        ([1, True], {}, "SORT_KINDS_UNFIT"),
        ([[1], [2]], {}, "SORT_KINDS_UNFIT"),
        (["1", "x"], {"text": "numeric"}, "SORT_NOT_A_NUMBER"),
        (["1e9999", "1"], {"text": "numeric"}, "SORT_NOT_A_NUMBER"),
        (["NaN"], {"text": "numeric"}, "SORT_NOT_A_NUMBER"),
        (["9" * 1000], {"text": "numeric"}, "SORT_NOT_A_NUMBER"),
        (None, {}, "PARAMETER_INVALID"),
        ("abc", {}, "PARAMETER_INVALID"),
    ],
)
def test_what_has_no_order_is_a_typed_error(items: Any, key: dict[str, Any], code: str) -> None:  # noqa: ANN401 - any JSON
    """Kinds are not mixed, and a text is a number or not."""
    with pytest.raises(StepError) as caught:
        ordered(items, {"value": "item", **key})
    assert code == caught.value.code


def test_runs_are_merged_as_one_sort_would_do_it() -> None:
    """Equal items stay in their order across runs, forwards and backwards."""
    items = [{"n": number % 3, "place": number} for number in range(50_000)]
    for direction, numbers in (("ascending", (0, 1, 2)), ("descending", (2, 1, 0))):
        found = ordered(items, {"value": "item.n", "direction": direction})
        assert [item for number in numbers for item in items if item["n"] == number] == found


def test_a_million_items_are_sorted() -> None:
    """In a thread, so that others go on; and the input is left as it was."""
    items: list[Any] = list(range(1_000_000, 0, -1))
    assert 1 == ordered(items)[0]
    assert 1_000_000 == items[0]
