"""The filter: both ports, their order, and what a condition may see."""

from __future__ import annotations

import pytest

from wingbeat.core.errors import WingbeatError
from wingbeat.nodes.condition.filter import NODE
from wingbeat.sdk import Example
from wingbeat.sdk.testing import outcome_of, run_example


def test_both_ports_are_taken_by_an_empty_list() -> None:
    """Whatever waits behind either port gets its list."""
    example = Example("", {"items": [], "condition": "item > 1"})
    assert outcome_of(run_example(NODE, example)) == {"kept": [], "rejected": []}


def test_the_condition_sees_the_run() -> None:
    """Besides `item` and `index`, every name of the run is there."""
    example = Example("", {"items": [1, 5, 9], "condition": "item > least"}, variables={"least": 4})
    assert outcome_of(run_example(NODE, example)) == {"kept": [5, 9], "rejected": [1]}


def test_an_item_that_gives_no_answer_is_an_error() -> None:
    """Nothing is kept or rejected by guess."""
    with pytest.raises(WingbeatError) as caught:
        run_example(NODE, Example("", {"items": [1, "a"], "condition": "item if item == 'a' else True"}))
    assert caught.value.code == "CONDITION_NOT_BOOLEAN"


def test_a_million_items_are_divided() -> None:
    """In a thread, so that others go on."""
    example = Example("", {"items": "{{ input }}", "condition": "item > 5"}, input=list(range(1_000_000)))
    assert 6 == len(outcome_of(run_example(NODE, example))["rejected"])
