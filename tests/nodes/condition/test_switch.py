"""The switch: which case is taken, and which definitions make no sense."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.condition.switch import NODE, same
from wingbeat.sdk import Example, Json, JsonObject
from wingbeat.sdk.testing import outcome_of, run_example


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (None, False, False),
        ("1", 1, False),
        ([1, True], [1, 1], False),
        ({"a": 1}, {"a": True}, False),
        ({"a": [1]}, {"a": [1.0]}, True),
        ({"a": 1}, {"b": 1}, False),
        ([1], [1, 2], False),
    ],
)
def test_values_are_compared_as_json(left: Json, right: Json, expected: bool) -> None:
    """True is not 1, at any depth; 1 and 1.0 are the same number."""
    assert expected == same(left, right)


def test_the_first_case_that_fits_is_taken() -> None:
    """Later cases are not asked, so they cannot fail either."""
    cases: list[JsonObject] = [
        {"port": "a", "equals": "y"},
        {"port": "b", "when": "input == 'x'"},
        {"port": "c", "when": "input"},
    ]
    example = Example("", {"value": "{{ input }}", "cases": cases}, input="x")
    assert outcome_of(run_example(NODE, example)) == {"b": "x"}


def test_null_can_be_a_case() -> None:
    """A case that says `equals: null` fits a null, and is not one that says nothing."""
    example = Example("", {"value": "{{ input }}", "cases": [{"port": "none", "equals": None}]}, input=None)
    assert outcome_of(run_example(NODE, example)) == {"none": None}


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({"cases": []}, "cases"),
        ({"value": 1, "cases": [{"port": "a"}]}, "cases.0"),
        ({"value": 1, "cases": [{"port": "a", "equals": 1, "when": "True"}]}, "cases.0"),
        ({"cases": [{"port": "a", "equals": 1}]}, ""),
        ({"value": 1, "cases": [{"port": "a", "equals": 1}, {"port": "a", "equals": 2}]}, ""),
        ({"value": 1, "cases": [{"port": "default", "equals": 1}]}, ""),
        ({"value": 1, "cases": [{"port": "error", "equals": 1}]}, "cases.0.port"),
    ],
)
def test_cases_that_make_no_sense_are_faults(raw: JsonObject, path: str) -> None:
    """Each case has a port and a question of its own."""
    assert [path] == [problem.path for problem in NODE.read(raw).problems]


def test_ports_are_known_in_spite_of_a_fault() -> None:
    """A bad rule does not make the other ports unknown."""
    raw: JsonObject = {"cases": [{"port": "a", "when": "("}, {"port": "b", "when": "True"}]}
    assert NODE.read(raw).outputs == ("a", "b", "default")


def test_a_value_that_nests_too_deep_is_a_typed_error() -> None:
    """Rather than the interpreter's own limit."""
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    raw: JsonObject = {"value": "{{ input }}", "cases": [{"port": "a", "equals": "{{ input }}"}]}
    with pytest.raises(StepError) as caught:
        run_example(NODE, Example("", raw, input=deep))
    assert "VALUE_TOO_DEEP" == caught.value.code
