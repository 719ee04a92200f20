"""Count, add up and gather the items of a list, as a whole or in groups."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wingbeat.sdk import (
    Context,
    Example,
    Expression,
    Json,
    NodeType,
    Outcome,
    Parameters,
    Port,
    StepError,
    Template,
    item_expression,
)
from wingbeat.sdk.aside import aside
from wingbeat.sdk.values import described, evaluate_all, identity, kind

MANY = 2_000


class Key(Parameters):
    """One thing by which items are grouped."""

    name: str = Field(min_length=1, max_length=200, description="The field of the result.", examples=["species"])
    value: Annotated[Expression[Json], item_expression()] = Field(
        description="What of each `item`; items with the same value belong together.", examples=["item.species"]
    )


class Measure(Parameters):
    """One figure for each group."""

    name: str = Field(min_length=1, max_length=200, description="The field of the result.", examples=["total"])
    function: Literal["count", "count_distinct", "sum", "mean", "min", "max", "first", "last", "collect"] = Field(
        description=(
            "`count`: how many items, or, with `value`, how many values that are not null. `count_distinct`: how many "
            "different ones. `sum`, `mean`: of numbers. `min`, `max`: of numbers only, or of texts only. `first`, "
            "`last`: by the order of the list. `collect`: all in a list. Null is left out, except by `first`, `last` "
            "and `collect`. Of no values, the sum is 0, and mean, min, max, first and last are null."
        ),
        examples=["sum"],
    )
    value: Annotated[Expression[Json] | None, item_expression()] = Field(
        default=None,
        description="What of each `item`; without it the item itself. `sum` and the like need numbers.",
        examples=["item.price * item.quantity"],
    )


class Aggregate(Parameters):
    """The list, its groups, and what to find out about each."""

    items: Template[list[Json]] = Field(description="The list to go through.", examples=["{{ input }}"])
    group_by: list[Key] = Field(
        default=[],
        max_length=20,
        description="By what the items are grouped. Without it, all of them are one group, even if there are none.",
        examples=[[{"name": "species", "value": "item.species"}]],
    )
    measures: list[Measure] = Field(
        min_length=1,
        max_length=100,
        description="The figures to find for each group.",
        examples=[[{"name": "total", "function": "sum", "value": "item.price"}]],
    )

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [*(key.name for key in self.group_by), *(measure.name for measure in self.measures)]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"there are two fields '{twice}'; each key and measure needs a name of its own")
        return self


def run(parameters: Aggregate, context: Context) -> Outcome | Awaitable[Outcome]:
    """Go through the list; raises `StepError` for a value that does not fit its function."""
    del context
    return aside(lambda: Outcome.of(_aggregate(parameters)), big=len(parameters.items) > MANY)


def _aggregate(parameters: Aggregate) -> list[Json]:
    items = parameters.items
    columns = [evaluate_all(key.value, items) for key in parameters.group_by]
    groups = _groups(columns, len(items))
    values = [evaluate_all(one.value, items) if one.value is not None else items for one in parameters.measures]
    results: list[Json] = []
    for places in groups:
        result: dict[str, Json] = {
            key.name: column[places[0]] for key, column in zip(parameters.group_by, columns, strict=True)
        }
        for measure, column in zip(parameters.measures, values, strict=True):
            result[measure.name] = _measure(measure, [column[place] for place in places])
        results.append(result)
    return results


def _groups(columns: Sequence[Sequence[Json]], count: int) -> Sequence[Sequence[int]]:
    """The places of each group's items; groups in the order in which they first appear."""
    if not columns:
        return [range(count)]
    groups: dict[Hashable, list[int]] = {}
    for place, values in enumerate(zip(*columns, strict=True)):
        groups.setdefault(tuple(map(identity, values)), []).append(place)
    return list(groups.values())


def _measure(measure: Measure, values: list[Json]) -> Json:
    if measure.function == "count" and measure.value is None:
        return len(values)
    if measure.function in {"first", "last", "collect"}:
        return FUNCTIONS[measure.function](measure, values)
    return FUNCTIONS[measure.function](measure, [value for value in values if value is not None])


def _numbers(measure: Measure, values: list[Json]) -> list[int | float]:
    numbers: list[int | float] = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _unfit(measure, f"needs numbers, and one of the values is {described(value)}")
        numbers.append(value)
    return numbers


def _sum(measure: Measure, values: list[Json]) -> Json:
    """Exact for whole numbers; for others without the errors that grow with each addition."""
    numbers = _numbers(measure, values)
    if all(type(number) is int for number in numbers):
        return sum(numbers)
    return _finite(measure, lambda: math.fsum(numbers))


def _mean(measure: Measure, values: list[Json]) -> Json:
    total = _sum(measure, values)
    if not values or not isinstance(total, int | float):
        return None
    return _finite(measure, lambda: total / len(values))


def _finite(measure: Measure, compute: Callable[[], float]) -> float:
    try:
        result = compute()
    except (OverflowError, ValueError):
        result = math.inf
    if not math.isfinite(result):
        raise StepError(
            f"The {measure.function} '{measure.name}' is too large for a decimal number.",
            code="AGGREGATE_OUT_OF_RANGE",
            remedy="Use smaller numbers, or whole ones.",
            details={"measure": measure.name},
        )
    return result


def _extreme(measure: Measure, values: list[Json]) -> Json:
    kinds = {kind(value) for value in values}
    if not kinds <= {"number"} and not kinds <= {"text"}:
        raise _unfit(measure, f"needs numbers only or texts only, and there are {', '.join(sorted(kinds))}")
    choose = min if measure.function == "min" else max
    return choose(values, default=None)  # type: ignore[type-var] # of one kind that has an order


def _unfit(measure: Measure, why: str) -> StepError:
    return StepError(
        f"The {measure.function} '{measure.name}' {why}.",
        code="AGGREGATE_VALUE_UNFIT",
        remedy="Convert the values in 'value', for example `item.price | number`, or filter the list before.",
        details={"measure": measure.name},
    )


FUNCTIONS: dict[str, Callable[[Measure, list[Json]], Json]] = {
    "count": lambda _, values: len(values),
    "count_distinct": lambda _, values: len({identity(value) for value in values}),
    "sum": _sum,
    "mean": _mean,
    "min": _extreme,
    "max": _extreme,
    "first": lambda _, values: values[0] if values else None,
    "last": lambda _, values: values[-1] if values else None,
    "collect": lambda _, values: values,
}

ORDERS: Json = [
    {"country": "CH", "total": 10},
    {"country": "DE", "total": 5},
    {"country": "CH", "total": 2.5},
    {"country": "DE", "total": None},
]

NODE = NodeType(
    type="data.aggregate",
    title="Aggregate",
    help=(
        "Finds figures of a list: how many, sum, mean, smallest, largest, first, last, or all values together, for the "
        "whole list or for each group. A list of objects comes out, one for each group in the order in which they "
        "first appear, with the fields of `group_by` and of `measures`; without `group_by` it is a list of one. Keys "
        "may be any JSON: 1 and 1.0 are one group, 1 and true are two, and null is a group of its own."
    ),
    parameters=Aggregate,
    run=run,
    outputs=(Port(help="One object for each group.", schema={"type": "array", "items": {"type": "object"}}),),
    examples=(
        Example(
            "orders by country",
            {
                "items": "{{ input }}",
                "group_by": [{"name": "country", "value": "item.country"}],
                "measures": [
                    {"name": "orders", "function": "count"},
                    {"name": "total", "function": "sum", "value": "item.total"},
                    {"name": "mean", "function": "mean", "value": "item.total"},
                ],
            },
            input=ORDERS,
            expect={
                "out": [
                    {"country": "CH", "orders": 2, "total": 12.5, "mean": 6.25},
                    {"country": "DE", "orders": 2, "total": 5, "mean": 5.0},
                ]
            },
        ),
        Example(
            "a whole list, which is empty",
            {
                "items": [],
                "measures": [{"name": "count", "function": "count"}, {"name": "largest", "function": "max"}],
            },
            expect={"out": [{"count": 0, "largest": None}]},
        ),
        Example(
            "text cannot be added",
            {"items": "{{ input }}", "measures": [{"name": "total", "function": "sum"}]},
            input=[1, "2"],
            expect_error="AGGREGATE_VALUE_UNFIT",
        ),
    ),
)
