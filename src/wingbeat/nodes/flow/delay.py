"""Go on later: after a while, or at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from wingbeat.sdk import Carries, Context, Example, NodeType, Outcome, Parameters, Port, StepError, Template, Wait

LONGEST = timedelta(days=3660)


class Delay(Parameters):
    """How long, or until when."""

    seconds: Template[Annotated[float, Field(ge=0, le=LONGEST.total_seconds(), allow_inf_nan=False)] | None] = Field(
        default=None, description="How long to wait, in seconds; fractions are fine.", examples=[90, "{{ input.wait }}"]
    )
    until: Template[str | None] = Field(
        default=None,
        description="When to go on: a date and time of ISO 8601 with its offset from UTC. A past one goes on at once.",
        examples=["2026-05-01T09:00:00+02:00", "{{ input.due }}"],
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.seconds is None) == (self.until is None):
            raise ValueError("give either 'seconds' or 'until'")
        return self


def run(parameters: Delay, context: Context) -> Outcome | Wait:
    """Suspend, unless the time has come already."""
    if parameters.until is not None:
        due = _moment(parameters.until)
        if due - context.now > LONGEST:
            raise _fault(parameters.until, f"is more than {LONGEST.days} days ahead")
    else:
        due = context.now + timedelta(seconds=parameters.seconds or 0)
    if due <= context.now:
        return Outcome.of(context.input)
    return Wait(due.timestamp(), context.input)


def rehearse(parameters: Delay, context: Context) -> Outcome:
    """Check the time and go on at once."""
    planned = run(parameters, context)
    if isinstance(planned, Wait):
        context.log("would wait", until=planned.until)
    return Outcome.of(context.input)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise _fault(text, "is no date and time of ISO 8601") from error
    if moment.tzinfo is None:
        raise _fault(text, "has no offset from UTC")
    return moment


def _fault(text: str, why: str) -> StepError:
    return StepError(
        f"The time '{text[:80]}' {why}.",
        code="DELAY_TIME_INVALID",
        remedy="Write it like 2026-05-01T09:00:00+02:00 or 2026-05-01T07:00:00Z.",
        details={"parameter": "until"},
    )


NODE = NodeType(
    type="flow.delay",
    title="Delay",
    help=(
        "Waits for some seconds or until a date and time, then goes on with its input. A waiting execution takes no "
        "memory and survives restarts. Use it to remind, to retry later, or to keep an appointment. A time that has "
        "passed goes on at once."
    ),
    parameters=Delay,
    run=run,
    rehearse=rehearse,
    outputs=(Port(help="The input, unchanged.", carries=(Carries("input"),)),),
    examples=(
        Example("a minute and a half", {"seconds": 90}, input={"id": 7}, expect={"out": {"id": 7}}),
        Example("a time that has passed", {"until": "2020-01-01T00:00:00Z"}, input=1, expect={"out": 1}),
        Example(
            "a time without a zone",
            {"until": "{{ input }}"},
            input="2030-01-01T00:00:00",
            expect_error="DELAY_TIME_INVALID",
        ),
    ),
)
