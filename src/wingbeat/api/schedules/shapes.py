"""The shapes of answers about schedules, for the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from wingbeat.api.shapes import ExecutionStatus, Shape


class ScheduleShape(Shape):
    """A schedule; what it leaves to the installation is shown as it holds now."""

    schedule_id: UUID
    workflow_id: UUID
    source: Literal["api", "node"] = Field(description="`node` is a trigger of the workflow, and changes with it.")
    name: str
    description: str
    cron_expression: str | None
    interval_seconds: float | None
    timezone: str
    trigger_node_id: str | None
    data: dict[str, Any] | None
    priority: int | None
    max_instances: int
    coalesce: bool
    misfire_policy: Literal["skip", "once", "all"]
    misfire_grace_seconds: float
    misfire_window_seconds: float
    misfire_max: int
    jitter_seconds: float
    start_at: datetime | None
    end_at: datetime | None
    enabled: bool
    paused: bool
    revision: int
    next_planned_for: datetime | None
    next_run_at: datetime | None = Field(description="With its jitter; null if it does not run.")
    last_run_at: datetime | None
    last_execution_id: UUID | None
    last_outcome: str | None = Field(description="What became of its last time; see the decisions of the workflow.")
    last_error: str | None = Field(description="Why it cannot be looked at, if so.")
    run_count: int
    created_at: datetime
    updated_at: datetime


class ListedScheduleShape(ScheduleShape):
    """A schedule in a list."""

    workflow_name: str
    last_execution_status: ExecutionStatus | None


class ScheduleRunShape(Shape):
    """The execution that running a schedule led to."""

    execution_id: UUID
    coalesced: bool = Field(description="It is one that was waiting already.")


class PlannedTimeShape(Shape):
    """A time that comes."""

    planned_for: datetime
    due_at: datetime = Field(description="With its jitter.")
    local_time: str = Field(description="As a clock in the zone shows it.")


class PreviewShape(Shape):
    """Times that come."""

    timezone: str
    times: list[PlannedTimeShape]
