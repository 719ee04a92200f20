"""Run a part of the workflow as long as a condition holds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wingbeat.sdk import (
    BODY,
    DONE,
    AfterBreak,
    Carries,
    Context,
    Example,
    Expression,
    LocalsMarker,
    NodeType,
    OnItemError,
    OpenLoop,
    Parameters,
    Port,
    Role,
    matters,
)


class While(Parameters):
    """The condition to go round again."""

    condition: Annotated[Expression[bool], LocalsMarker(("index", "loop"))] = Field(
        description="Asked before each round, with the `index` of that round. Must give true or false.",
        examples=["page != None", "attempts < 5"],
    )
    check: Literal["before", "after"] = Field(
        default="before",
        description=(
            "`before`: the condition is asked before the first round as well, so there may be none. `after`: the first "
            "round takes place in any case, and the condition is asked after each."
        ),
        examples=["after"],
    )
    collect: Literal["results", "none"] = Field(
        default="none",
        description="`results`: `done` carries what each round gave, in order. `none`: only how many there were.",
        examples=["results"],
    )
    on_item_error: Literal["stop", "continue"] = Field(
        default="stop",
        description=(
            "What happens when a node in a round fails and nothing there handles it. `stop`: the loop fails, so that "
            "its own `on_error` decides. `continue`: that round ends there, and the condition is asked again."
        ),
        examples=["continue"],
    )
    failed_items: Literal["keep", "leave_out"] = Field(
        json_schema_extra=matters(on_item_error="continue", collect="results"),
        default="keep",
        description=(
            "With `on_item_error: continue`: what stands among the results for a round that failed. `keep`: "
            '`{"error": {...}}`. `leave_out`: nothing.'
        ),
        examples=["leave_out"],
    )


def run(parameters: While, context: Context) -> OpenLoop:
    """Open the loop; whether there is a round at all is asked afterwards."""
    del context
    failed = OnItemError.STOP if parameters.on_item_error == "stop" else OnItemError(parameters.failed_items)
    return OpenLoop(
        items=None,
        concurrency=1,
        collect=parameters.collect == "results",
        after_break=AfterBreak.FINISH,
        on_item_error=failed,
        ask_first=parameters.check == "before",
    )


def again(parameters: While, context: Context) -> bool:
    """Ask the condition, with the variables as they are now."""
    del context
    return parameters.condition.holds()


NODE = NodeType(
    type="loop.while",
    title="While",
    help=(
        "Runs everything reached from `body` again and again as long as the condition holds, one round after the "
        "other. Change a variable in the body, so that it ends: `index` counts the rounds from 0 there. Use it to "
        "page through an API or to try until something is ready. `loop.continue` ends a round early, `loop.break` the "
        "loop. A loop that passes the limit of iterations fails."
    ),
    parameters=While,
    run=run,
    again=again,
    role=Role.LOOP,
    outputs=(
        Port(BODY, "Taken once for each round; carries the input.", carries=(Carries("input"),)),
        Port(
            DONE,
            'Taken once at the end; carries `{"iterations": n}`, or with `collect` the list of results.',
            carries=(Carries("body", when={"properties": {"collect": {"const": "results"}}}),),
        ),
    ),
    examples=(
        Example("five rounds, by their place", {"condition": "index < 5"}, expect={"body": None}),
        Example(
            "as long as there is a page; a data.variable in the body sets the next",
            {"condition": "page != None"},
            variables={"page": 1},
            expect={"body": None},
        ),
        Example(
            "at least once, and what each round gives is gathered",
            {"condition": "again", "check": "after", "collect": "results"},
            variables={"again": False},
            expect={"body": None},
        ),
    ),
)
