"""Begin when something happens elsewhere. Only the definition: others receive the events."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from wingbeat.sdk import (
    Context,
    Example,
    Expression,
    LocalsMarker,
    NodeType,
    Outcome,
    Parameters,
    Port,
    Role,
    StepError,
)
from wingbeat.sdk.event_names import LONGEST_NAME, PATTERN_HELP, check_pattern, matches
from wingbeat.sdk.values import described


class Event(Parameters):
    """Which events."""

    name: str = Field(
        min_length=1,
        max_length=LONGEST_NAME,
        description=PATTERN_HELP,
        examples=["order.paid", "order.*", "shop.**"],
    )
    filter: Annotated[Expression[bool] | None, LocalsMarker(("event",))] = Field(
        default=None,
        description="Must hold for the `event`, with its `name`, `data` and whatever else it has.",
        examples=["event.data.total > 100"],
    )

    @field_validator("name")
    @classmethod
    def _can_be_read(cls, name: str) -> str:
        return check_pattern(name)


def run(parameters: Event, context: Context) -> Outcome:
    """Pass the event on; one that does not fit ends the execution here."""
    event = context.input
    name = event.get("name") if isinstance(event, dict) else None
    if not isinstance(name, str):
        raise StepError(
            f"An event is an object with a 'name', and got {described(event)}.",
            code="EVENT_INVALID",
            remedy='Send it as {"name": "order.paid", "data": {...}}.',
        )
    if not matches(parameters.name, name) or (
        parameters.filter is not None and not parameters.filter.holds(event=event)
    ):
        context.log("The event does not fit.", name=name[:LONGEST_NAME])
        return Outcome(event, ())
    return Outcome.of(event)


PAID = {"name": "order.paid", "data": {"id": 7, "total": 120}}

NODE = NodeType(
    type="trigger.event",
    title="Event",
    help=(
        "Begins the workflow when an event comes whose name fits a pattern and for which the filter holds. The data is "
        "the event, an object with `name` and mostly `data`; it comes out as it is. One that does not fit ends the "
        "execution at once, without error. A filter that gives neither true nor false is the error "
        "CONDITION_NOT_BOOLEAN, and what is no event EVENT_INVALID."
    ),
    parameters=Event,
    run=run,
    role=Role.TRIGGER,
    outputs=(Port(help="The event.", schema={"type": "object", "required": ["name"]}),),
    examples=(
        Example(
            "orders of more than a hundred",
            {"name": "order.*", "filter": "event.data.total > 100"},
            input=PAID,
            expect={"out": PAID},
        ),
        Example("too small a one", {"name": "order.*", "filter": "event.data.total > 500"}, input=PAID, expect={}),
        Example("all of a shop", {"name": "shop.**"}, input={"name": "shop.a.b"}, expect={"out": {"name": "shop.a.b"}}),
        Example("no event", {"name": "order.*"}, input="order.paid", expect_error="EVENT_INVALID"),
    ),
)
