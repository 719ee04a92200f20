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
from wingbeat.sdk.values import described

LONGEST = 200


class Event(Parameters):
    """Which events."""

    name: str = Field(
        min_length=1,
        max_length=LONGEST,
        description=(
            "The event's name, in parts with dots between. `*` stands for one part, `**` at the end for any number."
        ),
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
        parts = name.split(".")
        wrong = next((part for part in parts if not part or ("*" in part and part not in {"*", "**"})), None)
        if wrong is not None:
            raise ValueError(f"the part '{wrong}' is neither a name nor * nor **")
        if "**" in parts[:-1]:
            raise ValueError("** stands at the end")
        return name


def matches(pattern: str, name: str) -> bool:
    """Whether an event's name fits a pattern; one look at each part, however they are written."""
    wanted, parts = pattern.split("."), name.split(".")
    if wanted[-1] == "**":
        wanted.pop()
        parts = parts[: len(wanted)]
    return len(wanted) == len(parts) and all(one in {"*", part} for one, part in zip(wanted, parts, strict=True))


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
        context.log("The event does not fit.", name=name[:LONGEST])
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
