"""Begin at times of the clock. Only the definition: others look at the clock."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import AwareDatetime, Field, field_validator, model_validator

from wingbeat.core.schedule import MOST_MADE_UP
from wingbeat.sdk import GIVEN, Context, Example, NodeType, Outcome, Parameters, Port, Role, drawn_as, matters
from wingbeat.sdk.cron import Cron, read_zone

LONGEST_SECONDS = 366 * 86400


class Schedule(Parameters):
    """When, and what about times at which nothing ran."""

    cron: str | None = Field(
        default=None,
        description=(
            "Five fields: minute, hour, day of the month, month, day of the week (0 or 7 is Sunday). Each is `*`, a "
            "number or name, a range `1-5`, a list `1,3` or a step `*/10`; `L` is the last day of the month, `mon#1` "
            "the first Monday in it and `5L` its last Friday. Where both days are given, either is enough. Also "
            "`@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`."
        ),
        examples=["0 9 * * mon-fri", "*/15 * * * *", "@daily"],
    )
    zone: str | None = Field(
        json_schema_extra=drawn_as("time-zone") | matters(cron=GIVEN),
        default=None,
        max_length=50,
        description=(
            "For `cron`: whose clock; without it that of the installation (SCHEDULER_TIMEZONE). A time that the clock "
            "skips is made up for when it has moved on, and one that it shows twice counts once."
        ),
        examples=["Europe/Zurich"],
    )
    every_seconds: float | None = Field(
        default=None, ge=1, le=LONGEST_SECONDS, description="Instead of `cron`: how far apart.", examples=[300]
    )
    missed: Literal["skip", "once", "all"] = Field(
        default="skip",
        description="What becomes of times at which nothing ran: nothing, one execution for all of them, or one each.",
        examples=["once"],
    )
    grace_seconds: float = Field(
        default=60, ge=1, le=86400, description="A time is missed when it is this late.", examples=[300]
    )
    missed_within_seconds: float = Field(
        json_schema_extra=matters(missed=("once", "all")),
        default=86400,
        ge=1,
        le=LONGEST_SECONDS,
        description="Times missed longer ago are not made up for.",
        examples=[3600],
    )
    most_missed: int = Field(
        json_schema_extra=matters(missed="all"),
        default=100,
        ge=1,
        le=MOST_MADE_UP,
        description="With `all`: how many are made up for, the latest.",
        examples=[10],
    )
    coalesce: bool | None = Field(
        json_schema_extra=matters(missed=("skip", "once")),
        default=None,
        description=(
            "Whether times that have piled up are one execution, for the last of them; without it as the installation "
            "says (SCHEDULER_JOB_DEFAULTS_COALESCE), and never with `all`."
        ),
        examples=[False],
    )
    max_instances: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description=(
            "A time does not fire while so many earlier ones still run; without it as the installation says "
            "(SCHEDULER_JOB_DEFAULTS_MAX_INSTANCES)."
        ),
        examples=[1],
    )
    jitter_seconds: float = Field(
        default=0,
        ge=0,
        le=86400,
        description="Each time fires up to so much later, always the same for the same time: not all at once.",
        examples=[30],
    )
    start_at: AwareDatetime | None = Field(
        default=None,
        description="Not before; times of `every_seconds` are counted from it.",
        examples=["2026-01-01T09:00:00+01:00"],
    )
    end_at: AwareDatetime | None = Field(default=None, description="Not after.", examples=["2026-12-31T00:00:00Z"])

    @field_validator("cron")
    @classmethod
    def _can_be_read(cls, cron: str | None) -> str | None:
        if cron is not None:
            Cron.read(cron)
        return cron

    @field_validator("zone")
    @classmethod
    def _is_there(cls, zone: str | None) -> str | None:
        if zone is not None:
            read_zone(zone)
        return zone

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.cron is None) == (self.every_seconds is None):
            raise ValueError("give either 'cron' or 'every_seconds'")
        if self.missed == "all" and self.coalesce:
            raise ValueError("with 'missed: all' each time has its own execution, so 'coalesce' cannot be")
        if self.start_at is not None and self.end_at is not None and self.end_at < self.start_at:
            raise ValueError("'end_at' is before 'start_at'")
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
