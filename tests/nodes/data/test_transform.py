"""The transform: expressions and whole documents, of hostile values too."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.core.errors import WingbeatError
from wingbeat.nodes.data.transform import NODE
from wingbeat.sdk import Example
from wingbeat.sdk.testing import outcome_of, run_example


def made(value: Any, given: Any = None) -> Any:  # noqa: ANN401 - any JSON
    """What comes out."""
    return outcome_of(run_example(NODE, Example("", {"value": value}, input=given)))["out"]


@pytest.mark.parametrize(
    "given", [None, "", 0, False, [], {}, "{{ 1 }}", {"a": "{{ input }}"}, 10**40, "\ud800", 1e308]
)
def test_a_value_comes_out_as_it_is(given: Any) -> None:  # noqa: ANN401 - any JSON
    """With its type; what merely looks like a template stays what it is."""
    found = made("{{ input }}", given)
    assert (given, type(given)) == (found, type(found))


def test_a_document_may_hold_expressions_anywhere() -> None:
    """In lists, in objects, within texts; keys stay as they are written."""
    document = {"{{ k }}": ["{{ input }}", {"deep": "<{{ input }}>"}], "plain": None}
    assert {"{{ k }}": [7, {"deep": "<7>"}], "plain": None} == made(document, 7)


@pytest.mark.parametrize("key", ["__proto__", "constructor", "__class__", "toString"])
def test_names_that_mean_something_elsewhere_are_fields_like_others(key: str) -> None:
    """They reach nothing but what the data has under them."""
    assert {key: 1} == made({key: "{{ input['k'] }}"}, {"k": 1})


@pytest.mark.parametrize(
    ("value", "given", "code"),
    [
        ("{{ input }}{{ input }}", "x" * 20_000_000, "EXPRESSION_BUDGET_SIZE"),
        ("{{ input * input }}", 10**1000, "EXPRESSION_BUDGET_INTEGER"),
        ("{{ [x for x in range(10 ** 9)] }}", None, "EXPRESSION_BUDGET_SIZE"),
        ("{{ input.a }}", None, "EXPRESSION_NULL_VALUE"),
        ("{{ input.a }}", {}, "EXPRESSION_KEY_MISSING"),
    ],
)
def test_what_would_take_too_much_is_a_typed_error(value: str, given: Any, code: str) -> None:  # noqa: ANN401 - any JSON
    """Before it is made."""
    with pytest.raises(WingbeatError) as caught:
        made(value, given)
    assert code == caught.value.code
