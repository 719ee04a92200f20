"""The bodies of requests about schedules. Whether an expression can be read, and a zone is there, the service finds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from wingbeat.api.bodies import NODE_ID, NOT_BLANK, TAKE_WHOLE, Strict
from wingbeat.api.people.bodies import Moment
from wingbeat.core.schedule import MOST_MADE_UP
from wingbeat.sdk.cron import LONGEST
from wingbeat.services.schedules.schedules import MOST_PREVIEWED
from wingbeat.storage.schedules import ScheduleFields

YEAR = 366 * 86_400
DAY = 86_400


class TimesBody(Strict):
    """When something runs: by `cron_expression` or by `interval_seconds`, one of both."""

    cron_expression: (
        Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=NOT_BLANK, examples=["0 9 * * mon-fri"])] | None
    ) = Field(None, description="Minute, hour, day of the month, month, day of the week; or a name such as @daily.")
    interval_seconds: Annotated[float, Field(ge=1, le=YEAR)] | None = Field(
        None, description="Counted from `start_at`, or from when the schedule was made or changed."
    )
    timezone: Annotated[str, Field(min_length=1, max_length=50, examples=["Europe/Zurich"])] | None = Field(
        None, description="Whose clock a cron expression goes by; without it that of the installation."
    )
    start_at: Moment | None = Field(None, description="Not before.")
    end_at: Moment | None = Field(None, description="Not after.")
    jitter_seconds: Annotated[float, Field(ge=0, le=DAY)] = Field(
        0, description="Each time fires up to so much later, always the same for the same time."
    )


class ScheduleBody(TimesBody):
    """A schedule as it is saved."""

    name: Annotated[str, Field(min_length=1, max_length=255, pattern=NOT_BLANK)]
    description: Annotated[str, Field(max_length=10_000)] = ""
    trigger_node_id: Annotated[str, Field(pattern=NODE_ID, max_length=100)] | None = Field(
        None, description="The trigger at which its executions begin; without it the workflow's first."
    )
    data: dict[str, Any] | None = Field(
        None, description="What its executions begin with, besides `scheduled_for`, the time that they are meant for."
    )
    priority: Annotated[int, Field(ge=-1000, le=1000), TAKE_WHOLE] | None = Field(
        None, description="Of its executions, instead of the workflow's."
    )
    max_instances: Annotated[int, Field(ge=1, le=1000), TAKE_WHOLE] | None = Field(
        None, description="A time does not fire while so many earlier ones still run."
    )
    coalesce: bool | None = Field(
        None, description="Whether times that have piled up are one execution, for the last of them."
    )
    misfire_policy: Literal["skip", "once", "all"] = Field(
        "skip", description="What becomes of missed times: nothing, one execution for all of them, or one each."
    )
    misfire_grace_seconds: Annotated[float, Field(ge=1, le=DAY)] = Field(
        60, description="A time is missed when it is this late."
    )
    misfire_window_seconds: Annotated[float, Field(ge=1, le=YEAR)] = Field(
        DAY, description="Times missed longer ago are not made up for."
    )
    misfire_max: Annotated[int, Field(ge=1, le=MOST_MADE_UP), TAKE_WHOLE] = Field(
        100, description="With `all`: how many are made up for, the latest."
    )
    enabled: bool = True

    def fields(self) -> ScheduleFields:
        """What the service saves."""
        given = self.model_dump()
        given["coalesce_runs"] = given.pop("coalesce")
        return ScheduleFields(**given)


class PreviewBody(TimesBody):
    """Times that a schedule would have, without one being made."""

    count: Annotated[int, Field(ge=1, le=MOST_PREVIEWED), TAKE_WHOLE] = 10

    def fields(self) -> ScheduleFields:
        """A schedule with these times."""
        return ScheduleFields("preview", **self.model_dump(exclude={"count"}))


SCHEDULE_BODIES: tuple[type[BaseModel], ...] = (ScheduleBody, PreviewBody)
