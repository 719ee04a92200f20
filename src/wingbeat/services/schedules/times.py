"""From the row of a schedule to its times: what the installation says where the row says nothing."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.schedule import Interval, Misfire, Rules, Schedule
from wingbeat.sdk.cron import ZonedCron

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.schedule import Times
    from wingbeat.settings import Settings
    from wingbeat.storage.schedules import ScheduleFields, StoredSchedule


class ScheduleDefaults(NamedTuple):
    """What holds for schedules that say nothing else."""

    timezone: str = "UTC"
    max_instances: int = 3
    coalesce: bool = True


NO_DEFAULTS = ScheduleDefaults()


def schedule_defaults(settings: Settings) -> ScheduleDefaults:
    """What the installation says."""
    return ScheduleDefaults(
        settings.scheduler_timezone,
        settings.scheduler_job_defaults_max_instances,
        settings.scheduler_job_defaults_coalesce,
    )


def schedule_of(stored: StoredSchedule, defaults: ScheduleDefaults) -> Schedule:
    """A stored schedule as far as its times go; raises `ValueError` if they cannot be read here."""
    return make_schedule(stored.schedule_id, stored.fields, stored.anchor, defaults)


def make_schedule(schedule_id: UUID, fields: ScheduleFields, anchor: datetime, defaults: ScheduleDefaults) -> Schedule:
    """A schedule as far as its times go; intervals are counted from their start, or from `anchor`.

    Raises:
        ValueError: the expression or the zone cannot be read; it says what is wrong.
    """
    return Schedule(schedule_id, _times(fields, anchor, defaults), rules_of(fields, defaults))


def data_for(stored: StoredSchedule, planned: datetime) -> JsonObject:
    """What an execution for this time begins with."""
    return {**(stored.fields.data or {}), "scheduled_for": planned.isoformat()}


def rules_of(fields: ScheduleFields, defaults: ScheduleDefaults) -> Rules:
    """How it goes about its times."""
    misfire = Misfire(fields.misfire_policy)
    # Who wants each missed time for itself does not want them taken together.
    coalesce = defaults.coalesce and misfire is not Misfire.ALL
    return Rules(
        misfire=misfire,
        grace_seconds=fields.misfire_grace_seconds,
        window_seconds=fields.misfire_window_seconds,
        most_made_up=fields.misfire_max,
        coalesce=coalesce if fields.coalesce_runs is None else fields.coalesce_runs,
        start_at=fields.start_at,
        end_at=fields.end_at,
        jitter_seconds=fields.jitter_seconds,
    )


def _times(fields: ScheduleFields, anchor: datetime, defaults: ScheduleDefaults) -> Times:
    if fields.cron_expression is not None:
        return ZonedCron.read(fields.cron_expression, fields.timezone or defaults.timezone)
    if fields.interval_seconds is None:
        raise ValueError("it has neither a cron expression nor an interval")
    first = fields.start_at or anchor
    return Interval(fields.interval_seconds, first.astimezone(UTC))
