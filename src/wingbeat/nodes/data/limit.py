"""Take some items of a list."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wingbeat.sdk import Carries, Context, Example, Json, NodeType, Outcome, Parameters, Port, Template

Natural = Annotated[int, Field(ge=0, le=10**15)]


class Limit(Parameters):
    """How many, and from where."""

    items: Template[list[Json]] = Field(description="The list to take from.", examples=["{{ input }}"])
    count: Template[Natural] = Field(description="How many items to take at most.", examples=[10])
    offset: Template[Natural] = Field(
        default=0, description="How many items to pass over before that, from the same end.", examples=[20]
    )
    take: Literal["first", "last"] = Field(
        default="first", description="From the beginning of the list or from its end.", examples=["last"]
    )


def run(parameters: Limit, context: Context) -> Outcome:
    """Cut the list; the order stays."""
    del context
    items, count, offset = parameters.items, parameters.count, parameters.offset
    if parameters.take == "first":
        return Outcome.of(items[offset : offset + count])
    end = max(0, len(items) - offset)
    return Outcome.of(items[max(0, end - count) : end])


NODE = NodeType(
    type="data.limit",
    title="Limit",
    help=(
        "Takes the first or the last items of a list, if need be after passing over some. The order stays, and a list "
        "that is shorter gives what it has. Use it to keep the ten best of a sorted list, or to go through a list page "
        "by page. A negative or broken count is the error PARAMETER_INVALID."
    ),
    parameters=Limit,
    run=run,
    outputs=(Port(help="The items taken.", schema={"type": "array"}, carries=(Carries("list", "items"),)),),
    examples=(
        Example("the first two", {"items": "{{ input }}", "count": 2}, input=[1, 2, 3], expect={"out": [1, 2]}),
        Example(
            "the last two",
            {"items": "{{ input }}", "count": 2, "take": "last"},
            input=[1, 2, 3],
            expect={"out": [2, 3]},
        ),
        Example(
            "the second page of two",
            {"items": "{{ input.rows }}", "count": 2, "offset": "{{ input.page * 2 }}"},
            input={"rows": [1, 2, 3], "page": 1},
            expect={"out": [3]},
        ),
        Example("less than none", {"items": [1], "count": "{{ input }}"}, input=-1, expect_error="PARAMETER_INVALID"),
    ),
)
