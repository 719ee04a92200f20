"""Begin at times of the clock. Only the definition: others look at the clock."""

from __future__ import annotations

from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from wingbeat.sdk import Context, Example, NodeType, Outcome, Parameters, Port, Role
from wingbeat.sdk.cron import Cron


class Schedule(Parameters):
    """When."""

    cron: str | None = Field(
        default=None,
        description=(
            "Five fields: minute, hour, day of the month, month, day of the week (0 or 7 is Sunday). Each is `*`, a "
            "number or name, a range `1-5`, a list `1,3` or a step `*/10`. Where both days are given, either is "
            "enough. Also `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`."
        ),
        examples=["0 9 * * mon-fri", "*/15 * * * *", "@daily"],
    )
    zone: str = Field(
        default="UTC",
        max_length=100,
        description="For `cron`: whose clock. A time that the clock skips is made up for when it has moved on.",
        examples=["Europe/Zurich"],
    )
    every_seconds: float | None = Field(
        default=None, ge=1, le=366 * 86400, description="Instead of `cron`: how far apart.", examples=[300]
    )
    missed: Literal["skip", "once"] = Field(
        default="skip",
        description="What becomes of times at which nothing ran: nothing, or one execution for all of them.",
        examples=["once"],
    )

    @field_validator("cron")
    @classmethod
    def _can_be_read(cls, cron: str | None) -> str | None:
        if cron is not None:
            Cron.read(cron)
        return cron

    @field_validator("zone")
    @classmethod
    def _is_there(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"there is no time zone '{zone}'; write a name as Europe/Zurich") from error
        return zone

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.cron is None) == (self.every_seconds is None):
            raise ValueError("give either 'cron' or 'every_seconds'")
        return self


def run(parameters: Schedule, context: Context) -> Outcome:
    """Give the data of the start, or the time where there is none."""
    del parameters
    return Outcome.of({"scheduled_for": context.now.isoformat()} if context.input is None else context.input)


NODE = NodeType(
    type="trigger.schedule",
    title="Schedule",
    help=(
        "Begins the workflow at times of the clock, by a cron expression in a time zone, or every so many seconds. "
        "`{scheduled_for}` comes out, the time for which the execution was meant, or the data that somebody gave who "
        "started it by hand. The expression is checked when the workflow is saved, and so is that it names a day that "
        "comes."
    ),
    parameters=Schedule,
    run=run,
    role=Role.TRIGGER,
    outputs=(
        Port(
            help="The time for which it was meant.",
            schema={"type": "object", "properties": {"scheduled_for": {"type": "string", "format": "date-time"}}},
        ),
    ),
    examples=(
        Example(
            "at nine on working days in Zurich",
            {"cron": "0 9 * * mon-fri", "zone": "Europe/Zurich"},
            input={"scheduled_for": "2026-01-02T08:00:00+00:00"},
            expect={"out": {"scheduled_for": "2026-01-02T08:00:00+00:00"}},
        ),
        Example(
            "every five minutes, here started by hand",
            {"every_seconds": 300},
            expect={"out": {"scheduled_for": "2026-01-02T03:04:05+00:00"}},
        ),
    ),
)
