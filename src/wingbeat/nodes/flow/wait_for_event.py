"""Wait until an event comes, or until the time is up."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from wingbeat.sdk import (
    WAITS,
    Await,
    Carries,
    Context,
    Effect,
    Example,
    Expression,
    JsonObject,
    LocalsMarker,
    NodeType,
    Outcome,
    Parameters,
    Port,
    Result,
    Signal,
    Template,
)
from wingbeat.sdk.event_names import LONGEST_NAME, PATTERN_HELP, check_pattern, lookup_key

KIND = "event"
LONGEST_SECONDS = 3660 * 24 * 3600


class WaitForEvent(Parameters):
    """Which event, and for how long."""

    name: str = Field(
        min_length=1,
        max_length=LONGEST_NAME,
        description=PATTERN_HELP,
        examples=["order.paid", "order.*", "shop.**"],
    )
    filter: Annotated[Expression[bool] | None, LocalsMarker(("event",))] = Field(
        default=None,
        description="Must hold for the `event`, with its `name`, `data`, `source` and `id`. Whatever else it mentions "
        "is as it was when the wait began. An event for which it gives no true, or fails, does not end the wait.",
        examples=["event.data.id == trigger.order_id"],
    )
    wait_seconds: Template[Annotated[float, Field(gt=0, le=LONGEST_SECONDS, allow_inf_nan=False)] | None] = Field(
        default=None,
        description="For how long; without it, until the event comes.",
        examples=[86400],
    )

    @field_validator("name")
    @classmethod
    def _can_be_read(cls, name: str) -> str:
        return check_pattern(name)


async def run(parameters: WaitForEvent, context: Context) -> Result:
    """Begin to wait."""
    opening: JsonObject = {"name": parameters.name}
    if parameters.filter is not None:
        opening["filter"] = parameters.filter.freeze("event")
    seconds = parameters.wait_seconds
    until = None if seconds is None else context.now.timestamp() + seconds
    opened = await context.use(WAITS).open(kind=KIND, key=lookup_key(parameters.name), opening=opening, until=until)
    return Await(opened.wait, opened.until)


def resume(parameters: WaitForEvent, context: Context, signal: Signal) -> Outcome:
    """Go on with the event, or with the input when none came."""
    del parameters
    return Outcome.to("timeout", context.input) if signal.kind == "expired" else Outcome.of(signal.value)


async def rehearse(parameters: WaitForEvent, context: Context) -> Outcome:
    """Go on at once, with an event without data."""
    context.log("would wait for an event", name=parameters.name)
    return Outcome.of({"name": parameters.name, "data": None})


PAID = {"name": "order.paid", "data": {"id": 7}, "source": "shop", "id": "e1"}
NODE = NodeType(
    type="flow.wait_for_event",
    title="Wait for an event",
    help=(
        "Lets the execution wait until an event comes whose name fits a pattern and for which the filter holds, and "
        "goes on with that event. The execution is a row meanwhile and no memory. One event wakes every execution that "
        "waits for it, each once; an event that came before the wait began does not count. Other systems publish "
        'events with `POST /api/v1/events` and a body like `{"name": "order.paid", "data": {"id": 7}}`. With a '
        "time-out, `timeout` is taken with the input when nothing came in time. A test run goes on at once."
    ),
    parameters=WaitForEvent,
    run=run,
    resume=resume,
    rehearse=rehearse,
    effect=Effect.IDEMPOTENT,
    uses=(WAITS,),
    outputs=(
        Port("out", "The event.", {"type": "object", "required": ["name", "data"]}),
        Port("timeout", "The input, when no event came in time.", carries=(Carries("input"),)),
    ),
    examples=(
        Example(
            "until this order is paid",
            {"name": "order.paid", "filter": "event.data.id == input.id"},
            input={"id": 7},
            world={"signal": {"resolved": PAID}},
            expect={"out": PAID},
        ),
        Example(
            "for a day at most",
            {"name": "order.*", "wait_seconds": 86400},
            input={"id": 7},
            world={"signal": {"expired": True}},
            expect={"timeout": {"id": 7}},
        ),
        Example(
            "no time at all",
            {"name": "order.*", "wait_seconds": "{{ input }}"},
            input=-1,
            expect_error="PARAMETER_INVALID",
        ),
    ),
)
