"""The variable: what change it asks for."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.nodes.data.variable import NODE
from wingbeat.sdk import Example, JsonObject, Operation, Outcome, VariableChange
from wingbeat.sdk.testing import run_example


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"name": "a", "value": None}, VariableChange("a", Operation.SET, None)),
        ({"name": "a", "operation": "append", "value": [1]}, VariableChange("a", Operation.APPEND, [1])),
        ({"name": "a", "operation": "increment"}, VariableChange("a", Operation.INCREMENT, 1)),
        ({"name": "a", "operation": "increment", "value": -0.5}, VariableChange("a", Operation.INCREMENT, -0.5)),
        ({"name": "a", "value": 1, "scope": "iteration"}, VariableChange("a", Operation.SET, 1, iteration=True)),
    ],
)
def test_the_change_is_what_the_parameters_say(raw: JsonObject, expected: VariableChange) -> None:
    """The engine applies the change; the node only says which, and passes its input on."""
    assert Outcome("in", changes=(expected,)) == run_example(NODE, Example("", raw, input="in"))


@pytest.mark.parametrize("value", [True, None, "1", [1]])
def test_only_numbers_increment(value: Any) -> None:  # noqa: ANN401 - any JSON
    """True is no number."""
    with pytest.raises(Exception, match="not a number") as caught:
        run_example(NODE, Example("", {"name": "a", "operation": "increment", "value": value}))
    assert getattr(caught.value, "code", None) == "VARIABLE_NOT_A_NUMBER"


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({"name": "null", "value": 1}, "name"),
        ({"name": "{{ x }}", "value": 1}, "name"),
        ({"name": "a"}, ""),
        ({"name": "a", "operation": "append"}, ""),
        ({"name": "a", "operation": "multiply", "value": 2}, "operation"),
    ],
)
def test_definitions_that_make_no_sense_are_faults(raw: JsonObject, path: str) -> None:
    """A name is a literal that an expression can say, and set and append need a value."""
    assert [path] == [problem.path for problem in NODE.read(raw).problems]


def test_the_plan_hears_of_the_variable() -> None:
    """Even where the value has a fault, so that those who read the variable are not at fault as well."""
    assert NODE.read({"name": "a", "value": "{{ ( }}"}).provides == ("a",)
