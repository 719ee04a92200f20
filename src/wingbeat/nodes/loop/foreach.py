"""Run a part of the workflow once for each item of a list."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from wingbeat.sdk import (
    BODY,
    DONE,
    AfterBreak,
    Carries,
    Context,
    Example,
    Expression,
    Json,
    LocalsMarker,
    NodeType,
    OnItemError,
    OpenLoop,
    Parameters,
    Port,
    Role,
    Template,
    matters,
)
from wingbeat.sdk.parameters import UNKNOWN


class ForEach(Parameters):
    """The list and how to go through it."""

    items: Template[Json] = Field(
        description=(
            "The list to go through; or the stream that another loop with `collect: blob` gave, of which only a part "
            "is in memory at a time."
        ),
        examples=["{{ input }}", "{{ trigger.rows }}", [1, 2, 3]],
    )
    concurrency: int = Field(
        default=1, ge=1, le=1000, description="How many iterations may run at the same time.", examples=[10]
    )
    batch_size: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Hand out the items in lists of so many: `item` is then a list, the last one maybe a shorter one.",
        examples=[100],
    )
    collect: Literal["results", "blob", "none"] = Field(
        default="results",
        description=(
            "`results`: `done` carries the list of what each iteration gave. `blob`: the results go to the blob store "
            "as "
            'they come, and `done` carries a reference, `{"stream": {...}, "count": n}`, for another loop to go '
            "through; the memory stays small, however many there are. `none`: how many iterations there were."
        ),
        examples=["none"],
    )
    collect_value: Annotated[Expression[Json] | None, LocalsMarker(("result", "item", "index"))] = Field(
        json_schema_extra=matters(collect=("results", "blob")),
        default=None,
        description=(
            "What is kept of each iteration, where its whole result is too much: an expression of the `result`, the "
            "`item` and its `index`."
        ),
        examples=["result.id", "[item.sku, result.status]"],
    )
    order: Literal["items", "completion"] = Field(
        json_schema_extra=matters(collect=("results", "blob")),
        default="items",
        description="Whether the results are in the order of the items, or in that in which their iterations ended.",
        examples=["completion"],
    )
    on_item_error: Literal["stop", "continue"] = Field(
        default="stop",
        description=(
            "What happens when a node in an iteration fails and nothing there handles it. `stop`: the other iterations "
            "are cancelled and the loop fails, so that its own `on_error` decides. `continue`: that iteration ends "
            "alone, and the loop goes on with the others."
        ),
        examples=["continue"],
    )
    failed_items: Literal["keep", "leave_out"] = Field(
        json_schema_extra=matters(on_item_error="continue", collect=("results", "blob")),
        default="keep",
        description=(
            "With `on_item_error: continue`: what stands among the results for an iteration that failed. `keep`: "
            '`{"error": {...}}`. `leave_out`: nothing.'
        ),
        examples=["leave_out"],
    )
    after_break: Literal["finish", "cancel"] = Field(
        default="finish",
        description="What becomes of iterations that still run when the loop is broken.",
        examples=["cancel"],
    )

    @field_validator("items")
    @classmethod
    def _something_to_go_through(cls, items: object) -> object:
        if isinstance(items, list) or items is UNKNOWN or _is_stream(items):
            return items
        raise ValueError("it is neither a list nor the stream of a loop")


def _is_stream(items: object) -> bool:
    """Whether it looks like one; that it is one shows when it is read."""
    if not isinstance(items, dict) or items.keys() != {"stream", "count"}:
        return False
    stream, count = items["stream"], items["count"]
    chunks = stream.get("chunks") if isinstance(stream, dict) else None
    return all(isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in (chunks, count))


def run(parameters: ForEach, context: Context) -> OpenLoop:
    """Open the loop."""
    del context
    failed = OnItemError.STOP if parameters.on_item_error == "stop" else OnItemError(parameters.failed_items)
    return OpenLoop(
        items=parameters.items if isinstance(parameters.items, list) else None,
        stream=parameters.items if isinstance(parameters.items, dict) else None,
        concurrency=parameters.concurrency,
        collect=parameters.collect != "none",
        spill=parameters.collect == "blob",
        after_break=AfterBreak(parameters.after_break),
        on_item_error=failed,
        batch_size=parameters.batch_size,
        in_order=parameters.order == "items",
    )


NODE = NodeType(
    type="loop.foreach",
    title="For each",
    help=(
        "Runs everything reached from `body` once for each item of a list, one after the other or several at once. In "
        "there, `item` is the item, `index` its place from 0, and `loop` knows more. When all are through, `done` goes "
        "on with the results: what each iteration's last node gave. An empty list goes straight to `done`. What fails "
        "in an iteration, and is handled by nothing there, ends that iteration, or all and the loop, as "
        "`on_item_error` says. `loop.continue` ends one iteration early, `loop.break` the whole loop. A `retry` of the "
        "loop's own is for its list, not for what happens in it: give that to the nodes of the body."
    ),
    parameters=ForEach,
    run=run,
    role=Role.LOOP,
    collects="collect_value",
    outputs=(
        Port(
            BODY,
            "Taken once for each item; carries the item.",
            carries=(Carries("item", "items", when={"properties": {"batch_size": {"const": None}}}),),
        ),
        Port(
            DONE,
            'Taken once at the end; carries the list of results, the reference to them, or `{"iterations": n}`, as '
            "`collect` says.",
            carries=(
                Carries(
                    "body", when={"properties": {"collect": {"const": "results"}, "collect_value": {"const": None}}}
                ),
            ),
        ),
    ),
    examples=(
        Example("a list that came in", {"items": "{{ input }}"}, input=[1, 2], expect={"body": [1, 2]}),
        Example(
            "ten at once, nothing collected",
            {"items": "{{ input.rows }}", "concurrency": 10, "collect": "none"},
            input={"rows": ["a"]},
            expect={"body": ["a"]},
        ),
        Example(
            "two by two, and what fails is left out",
            {"items": "{{ input }}", "batch_size": 2, "on_item_error": "continue", "failed_items": "leave_out"},
            input=[1, 2, 3],
            expect={"body": [1, 2, 3]},
        ),
        Example(
            "only the id of each result, in a stream",
            {"items": "{{ input }}", "collect": "blob", "collect_value": "result.id"},
            input=[1, 2],
            expect={"body": [1, 2]},
        ),
        Example(
            "through the stream that a loop before it gave",
            {"items": "{{ input }}"},
            input={"stream": {"id": "...", "chunks": 1, "signature": "..."}, "count": 2},
            expect={"body": {"stream": {"id": "...", "chunks": 1, "signature": "..."}, "count": 2}},
        ),
        Example("a number is no list", {"items": "{{ input }}"}, input=3, expect_error="PARAMETER_INVALID"),
    ),
)
