"""Put a list in order."""

from __future__ import annotations

import heapq
import re
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Annotated, Any, Literal

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
    StepError,
    Template,
    item_expression,
)
from wingbeat.sdk.aside import aside
from wingbeat.sdk.values import evaluate_all, kind, short

MANY = 2_000
RUN = 20_000
DIGITS = re.compile(r"([0-9]+)")
NUMBER = re.compile(r"\s*[+-]?[0-9]{1,400}(\.[0-9]{0,400})?([eE][+-]?[0-9]{1,3})?\s*")
ORDERED = frozenset({"number", "text", "boolean"})


class SortKey(Parameters):
    """One thing by which the items are ordered."""

    value: Annotated[Expression[Json], item_expression()] = Field(
        description="What of each `item` counts.", examples=["item.price"]
    )
    direction: Literal["ascending", "descending"] = Field(
        default="ascending", description="From small to large, or the other way.", examples=["descending"]
    )
    nulls: Literal["first", "last"] = Field(
        default="last", description="Where items without a value go, whatever the direction.", examples=["first"]
    )
    text: Literal["plain", "ignore_case", "natural", "numeric"] = Field(
        default="plain",
        description=(
            "How texts are ordered. `plain`: character by character. `ignore_case`: the same, with A like a. "
            "`natural`: like `ignore_case`, with numbers inside by their value, so `file 9` before `file 10`. "
            "`numeric`: the text is a number, as `12.5`; numbers and such texts may be mixed."
        ),
        examples=["natural"],
    )


class Sort(Parameters):
    """The list and its order."""

    items: Template[list[Json]] = Field(description="The list to sort.", examples=["{{ input }}"])
    by: list[SortKey] = Field(
        default=[],
        max_length=20,
        description="By what, the most important first. Without it, by the items themselves, ascending.",
        examples=[[{"value": "item.price", "direction": "descending"}]],
    )


def run(parameters: Sort, context: Context) -> Outcome | Awaitable[Outcome]:
    """Sort; raises `StepError` for values that have no order among each other."""
    del context
    return aside(lambda: Outcome.of(_sort(parameters)), big=len(parameters.items) > MANY)


def _sort(parameters: Sort) -> list[Json]:
    """By the least important key first: each later pass leaves equal ones in the order that they have."""
    items = parameters.items
    places = list(range(len(items)))
    if not parameters.by:
        _order(places, items, 0, None)
    for number, key in reversed(list(enumerate(parameters.by))):
        _order(places, evaluate_all(key.value, items), number, key)
    return [items[place] for place in places]


def _order(places: list[int], values: list[Json], number: int, key: SortKey | None) -> None:
    text = key.text if key else "plain"
    numeric = text == "numeric"
    kinds = {kind(value) for value in values} - {"null"}
    if kinds - ORDERED or (len(kinds) > 1 and not (numeric and kinds <= {"number", "text"})):
        raise _unfit(number, f"They are of the kinds {', '.join(sorted(kinds))}", "SORT_KINDS_UNFIT")
    comparable = _comparable(values, kinds, text, number)
    present = [place for place in places if values[place] is not None]
    absent = [place for place in places if values[place] is None]
    present = _sorted(present, comparable, backwards=key is not None and key.direction == "descending")
    places[:] = [*absent, *present] if key is not None and key.nulls == "first" else [*present, *absent]


def _sorted(places: list[int], comparable: list[Any], *, backwards: bool) -> list[int]:
    """Sorted in runs that are then merged: a single sort of a million values lets no other thread in until its end."""
    find = comparable.__getitem__
    starts = range(0, len(places), RUN)
    runs = [sorted(places[start : start + RUN], key=find, reverse=backwards) for start in starts]
    return runs[0] if len(runs) == 1 else list(heapq.merge(*runs, key=find, reverse=backwards))


def _comparable(values: list[Json], kinds: set[str], text: str, number: int) -> list[Any]:
    if text == "numeric":
        return [_as_number(value, number) for value in values]
    if text == "plain" or "text" not in kinds:
        return values
    convert: Callable[[str], object] = str.casefold if text == "ignore_case" else _natural
    return [convert(value) if isinstance(value, str) else value for value in values]


def _natural(text: str) -> tuple[object, ...]:
    """Pieces of text and numbers in turn; a number by how many digits it has, and then by them."""
    pieces = DIGITS.split(text.casefold())
    numbers = [(len(digits.lstrip("0")), digits.lstrip("0")) for digits in pieces[1::2]]
    return tuple(part for pair in zip(pieces[::2], [*numbers, (0, "")], strict=True) for part in pair)


def _as_number(value: Json, number: int) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, str) and not NUMBER.fullmatch(value):
        raise _unfit(number, f"The text '{short(value)}' is no number", "SORT_NOT_A_NUMBER")
    return Decimal(value) if isinstance(value, str | int | float) else None


def _unfit(number: int, why: str, code: str) -> StepError:
    return StepError(
        f"The values cannot be put in an order. {why}.",
        code=code,
        remedy="Sort numbers only or texts only: convert them, as in `item.price | number`, or filter the list before.",
        details={"key": number},
    )


NODE = NodeType(
    type="data.sort",
    title="Sort",
    help=(
        "Puts a list in order, by one or several keys; items that are equal in all of them stay in the order in which "
        "they came. A key's values are all numbers, all texts or all booleans (false before true); null goes first or "
        "last. Anything else is the error SORT_KINDS_UNFIT: nothing is put in an order that it does not have."
    ),
    parameters=Sort,
    run=run,
    outputs=(Port(help="The items in their order.", schema={"type": "array"}, carries=(Carries("list", "items"),)),),
    examples=(
        Example(
            "the dearest first, equal ones by name",
            {
                "items": "{{ input }}",
                "by": [{"value": "item.price", "direction": "descending"}, {"value": "item.name"}],
            },
            input=[{"name": "b", "price": 2}, {"name": "a", "price": 2}, {"name": "c", "price": 9}],
            expect={"out": [{"name": "c", "price": 9}, {"name": "a", "price": 2}, {"name": "b", "price": 2}]},
        ),
        Example(
            "names with numbers, null first",
            {"items": "{{ input }}", "by": [{"value": "item", "text": "natural", "nulls": "first"}]},
            input=["file 10", None, "File 9"],
            expect={"out": [None, "File 9", "file 10"]},
        ),
        Example("a list of numbers", {"items": [3, 1.5, 2]}, expect={"out": [1.5, 2, 3]}),
        Example("a number and a text", {"items": [1, "2"]}, expect_error="SORT_KINDS_UNFIT"),
    ),
)
