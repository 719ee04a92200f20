"""Run a part of the workflow once for each item of a list."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wingbeat.sdk import (
    BODY,
    DONE,
    AfterBreak,
    Context,
    Example,
    Json,
    NodeType,
    OpenLoop,
    Parameters,
    Port,
    Role,
    Template,
)


class ForEach(Parameters):
    """The list and how to go through it."""

    items: Template[list[Json]] = Field(
        description="The list to go through.", examples=["{{ input }}", "{{ trigger.rows }}", [1, 2, 3]]
    )
    concurrency: int = Field(
        default=1, ge=1, le=1000, description="How many iterations may run at the same time.", examples=[10]
    )
    collect: Literal["results", "none"] = Field(
        default="results",
        description="`results`: `done` carries what each iteration gave, in the order of the items. `none`: nothing.",
        examples=["none"],
    )
    after_break: Literal["finish", "cancel"] = Field(
        default="finish",
        description="What becomes of iterations that still run when the loop is broken.",
        examples=["cancel"],
    )


def run(parameters: ForEach, context: Context) -> OpenLoop:
    """Open the loop."""
    del context
    return OpenLoop(
        items=parameters.items,
        concurrency=parameters.concurrency,
        collect=parameters.collect == "results",
        after_break=AfterBreak(parameters.after_break),
    )


NODE = NodeType(
    type="loop.foreach",
    title="For each",
    help=(
        "Runs everything reached from `body` once for each item of a list, one after the other or several at once. In "
        "there, `item` is the item, `index` its place from 0, and `loop` knows more. When all are through, `done` goes "
        "on with the results in the order of the items. An empty list goes straight to `done`."
    ),
    parameters=ForEach,
    run=run,
    role=Role.LOOP,
    outputs=(
        Port(BODY, "Taken once for each item; carries the item."),
        Port(DONE, "Taken once at the end; carries the list of results."),
    ),
    examples=(
        Example("a list that came in", {"items": "{{ input }}"}, input=[1, 2], expect={"body": [1, 2]}),
        Example(
            "ten at once, nothing collected",
            {"items": "{{ input.rows }}", "concurrency": 10, "collect": "none"},
            input={"rows": ["a"]},
            expect={"body": ["a"]},
        ),
        Example("a number is no list", {"items": "{{ input }}"}, input=3, expect_error="PARAMETER_INVALID"),
    ),
)
