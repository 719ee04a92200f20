"""Choose one of several ways, by a value or by rules."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from wingbeat.sdk import (
    Carries,
    Context,
    Example,
    Expression,
    Json,
    NodeType,
    Outcome,
    Parameters,
    Port,
    PortName,
    Template,
)
from wingbeat.sdk.values import DEEPEST, too_deep

DEFAULT = "default"


class Case(Parameters):
    """One way, and when it is taken: with `equals` by the switch's value, with `when` by a rule of its own."""

    port: PortName = Field(description="The name of the port that this case takes.", examples=["Adelie"])
    equals: Template[Json] = Field(
        default=None,
        description="Taken when the switch's `value` is the same JSON value; text and numbers are never the same.",
        examples=["Adelie", 3, "{{ trigger.expected }}"],
    )
    when: Expression[bool] | None = Field(
        default=None, description="Taken when this holds. Must give true or false.", examples=["input.total > 100"]
    )

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if ("equals" in self.model_fields_set) == (self.when is not None):
            raise ValueError(f"the case '{self.port}' needs either 'equals' or 'when'")
        return self


class Switch(Parameters):
    """The cases, in the order in which they are asked."""

    value: Template[Json] = Field(
        default=None,
        description="What the cases' `equals` are compared with.",
        examples=["{{ item.species }}"],
    )
    cases: list[Case] = Field(
        min_length=1,
        max_length=200,
        description="The ways to go. The first case that fits is taken.",
        examples=[[{"port": "Adelie", "equals": "Adelie"}], [{"port": "big", "when": "input.total > 100"}]],
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [case.port for case in self.cases]
        twice = next((name for name in names if names.count(name) > 1 or name == DEFAULT), None)
        if twice is not None:
            raise ValueError(f"there is already a port '{twice}'; each case needs a name of its own")
        compares = any("equals" in case.model_fields_set for case in self.cases)
        if compares and "value" not in self.model_fields_set:
            raise ValueError("'equals' compares with 'value', which is missing")
        return self


def same(left: Json, right: Json, depth: int = 0) -> bool:
    """Equality of JSON values, in which true is not 1; raises `StepError` (`VALUE_TOO_DEEP`)."""
    if depth > DEEPEST:
        raise too_deep()
    match left, right:
        case list(), list():
            pairs = zip(left, right, strict=False)
            return len(left) == len(right) and all(same(one, other, depth + 1) for one, other in pairs)
        case dict(), dict():
            if left.keys() != right.keys():
                return False
            return all(same(value, right[key], depth + 1) for key, value in left.items())
        case _:
            return left == right and isinstance(left, bool) == isinstance(right, bool)


def run(parameters: Switch, context: Context) -> Outcome:
    """Pass the input on through the port of the first case that fits."""
    value = parameters.value
    for case in parameters.cases:
        if case.when.holds() if case.when is not None else same(case.equals, value):
            return Outcome.to(case.port, context.input)
    return Outcome.to(DEFAULT, context.input)


NODE = NodeType(
    type="condition.switch",
    title="Switch",
    help=(
        "Goes on through the port of the first case that fits, or through `default` when none does; the input passes "
        "unchanged. A case fits when its `equals` is the switch's `value`, or when its rule `when` holds. Use it where "
        "there are more than two ways."
    ),
    parameters=Switch,
    run=run,
    outputs=(
        Port(
            "<case>",
            "One port for each case, named as the case says; carries the input.",
            each="cases[].port",
            carries=(Carries("input"),),
        ),
        Port(DEFAULT, "Taken when no case fits; carries the input.", carries=(Carries("input"),)),
    ),
    examples=(
        Example(
            "by a value",
            {
                "value": "{{ input.species }}",
                "cases": [{"port": "small", "equals": "Adelie"}, {"port": "large", "equals": "Gentoo"}],
            },
            input={"species": "Gentoo"},
            expect={"large": {"species": "Gentoo"}},
        ),
        Example(
            "by rules, none of which holds",
            {"cases": [{"port": "big", "when": "input.total > 100"}, {"port": "huge", "when": "input.total > 1000"}]},
            input={"total": 5},
            expect={"default": {"total": 5}},
        ),
        Example(
            "text is no number",
            {"value": "{{ input }}", "cases": [{"port": "three", "equals": 3}]},
            input="3",
            expect={"default": "3"},
        ),
        Example(
            "a rule must say yes or no",
            {"cases": [{"port": "big", "when": "input.total"}]},
            input={"total": 5},
            expect_error="CONDITION_NOT_BOOLEAN",
        ),
    ),
)
