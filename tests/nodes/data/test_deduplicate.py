"""The deduplicate: which of the same stay, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.data.deduplicate import MOST_REMEMBERED, NODE
from wingbeat.sdk import Effect, Example
from wingbeat.sdk.testing import outcome_of, run_example
from wingbeat.sdk.values import digest


def divided(items: Any, **raw: Any) -> Any:  # noqa: ANN401 - any JSON
    """Both lists."""
    world = raw.pop("world", {})
    example = Example("", {"items": "{{ input }}", **raw}, input=items, world=world)
    return outcome_of(run_example(NODE, example))


@pytest.mark.parametrize(
    ("items", "raw", "unique"),
    [
        ([], {}, []),
        ([None, None, "", []], {}, [None, "", []]),
        ([{"a": 1}, {"a": 1.0}, {"a": True}], {"key": "item.a"}, [{"a": 1}, {"a": True}]),
        ([{"a": 1, "n": 1}, {"a": 1, "n": 2}], {"key": "item.a", "keep": "last"}, [{"a": 1, "n": 2}]),
        ([{"__proto__": 1}, {"__proto__": 1}], {}, [{"__proto__": 1}]),
        (["\ud800", "\ud800"], {}, ["\ud800"]),
    ],
)
def test_of_the_same_one_stays(items: Any, raw: dict[str, Any], unique: Any) -> None:  # noqa: ANN401 - any JSON
    """By the key, in the place of the one that stays."""
    assert unique == divided(items, **raw)["unique"]


def test_what_was_seen_before_is_repeated_wherever_it_stands() -> None:
    """And what is new is so once."""
    world = {"memory": {"seen": [digest(1)]}}
    found = divided([1, 2, 1, 2], against="earlier", memory="m", world=world)
    assert {"unique": [2], "repeated": [1, 1, 2]} == found


@pytest.mark.parametrize(
    ("items", "raw", "code"),
    [
        (None, {}, "PARAMETER_INVALID"),
        ({"a": 1}, {}, "PARAMETER_INVALID"),
        ([{}], {"key": "item.a"}, "EXPRESSION_KEY_MISSING"),
        ([0] * (MOST_REMEMBERED + 1), {"against": "earlier", "memory": "m"}, "DEDUPLICATE_TOO_MANY"),
    ],
)
def test_what_cannot_be_compared_is_a_typed_error(items: Any, raw: dict[str, Any], code: str) -> None:  # noqa: ANN401 - any JSON
    """Before anything is remembered."""
    with pytest.raises(StepError) as caught:
        divided(items, **raw)
    assert code == caught.value.code


def test_a_million_items_are_gone_through() -> None:
    """In a thread, so that others go on."""
    found = divided(list(range(500_000)) * 2)
    assert (500_000, 500_000) == (len(found["unique"]), len(found["repeated"]))


def test_a_memory_has_a_name() -> None:
    """One that would be ignored is a fault too, and only what remembers has an effect."""
    assert NODE.read({"items": [], "against": "earlier"}).problems
    assert NODE.read({"items": [], "memory": "m"}).problems
    assert Effect.PURE == NODE.read({"items": []}).effect
    assert Effect.IDEMPOTENT == NODE.read({"items": [], "against": "earlier", "memory": "m"}).effect
