"""Keep the items that satisfy a condition; send the others out of `rejected`."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated

from pydantic import Field

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
    Template,
    item_expression,
)
from wingbeat.sdk.aside import aside

MANY = 2_000


class Filter(Parameters):
    """The list and the condition."""

    items: Template[list[Json]] = Field(
        description="The list to go through.", examples=["{{ input }}", "{{ trigger.rows }}"]
    )
    condition: Annotated[Expression[bool], item_expression()] = Field(
        description="Asked for each `item`, with its `index` from 0. Must give true or false.",
        examples=["item.price > 10", "item.body_mass_g != None"],
    )


def run(parameters: Filter, context: Context) -> Outcome | Awaitable[Outcome]:
    """Divide the items."""
    del context
    return aside(lambda: _divide(parameters), big=len(parameters.items) > MANY)


def _divide(parameters: Filter) -> Outcome:
    kept: list[Json] = []
    rejected: list[Json] = []
    holds = parameters.condition.holds
    for index, item in enumerate(parameters.items):
        (kept if holds(item=item, index=index) else rejected).append(item)
    return Outcome.on(kept=kept, rejected=rejected)


NODE = NodeType(
    type="condition.filter",
    title="Filter",
    help=(
        "Divides a list in two: items for which the condition holds come out of `kept`, the others out of `rejected`, "
        "both in their order. Both ports are always taken, if need be with an empty list. Use it to clean data before "
        "a loop, or to give bad records a way of their own. A condition that is neither true nor false is the error "
        "CONDITION_NOT_BOOLEAN, and what is no list PARAMETER_INVALID."
    ),
    parameters=Filter,
    run=run,
    outputs=(
        Port(
            "kept",
            "The items for which the condition holds.",
            {"type": "array"},
            carries=(Carries("list", "items"),),
        ),
        Port("rejected", "The others.", {"type": "array"}, carries=(Carries("list", "items"),)),
    ),
    examples=(
        Example(
            "cheap ones go out of rejected",
            {"items": [{"price": 5}, {"price": 20}], "condition": "item.price > 10"},
            expect={"kept": [{"price": 20}], "rejected": [{"price": 5}]},
        ),
        Example(
            "the first two of a list that came in",
            {"items": "{{ input }}", "condition": "index < 2"},
            input=["a", "b", "c"],
            expect={"kept": ["a", "b"], "rejected": ["c"]},
        ),
        Example(
            "an object is no list",
            {"items": "{{ input }}", "condition": "item > 1"},
            input={"a": 1},
            expect_error="PARAMETER_INVALID",
        ),
    ),
)
