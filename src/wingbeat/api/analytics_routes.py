"""The addresses of figures: how the workflows are doing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.people.bodies import Moment, Scope
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import refuse_nul
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, Shape
from wingbeat.services.analytics import Range

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.analytics import Analytics, Outcomes

TAG = "analytics"
Unit = Literal["minute", "hour", "day", "week", "month"]
Rate = Annotated[
    float | None, Field(description="The share of the completed among the completed and the failed, from 0 to 1.")
]


class PercentilesShape(Shape):
    """How long executions took that completed or failed, their waiting included: seconds, exact to one per cent."""

    p50: float
    p95: float
    p99: float


class OutcomesShape(Shape):
    """What became of executions; `active` ones have not ended yet."""

    executions: int
    completed: int
    failed: int
    cancelled: int
    active: int
    success_rate: Rate
    duration: PercentilesShape | None


class BucketShape(OutcomesShape):
    """The executions that began from `start` on, within one unit of time."""

    start: datetime


class PresentShape(Shape):
    """How many have not ended, at this moment and whenever they began; `parked` wait for room within their limits."""

    queued: int
    running: int
    waiting: int
    paused: int
    parked: int


class WorkflowFiguresShape(Shape):
    """How one workflow did; null is the name of one of which the caller sees only what it started itself."""

    workflow_id: UUID
    name: str | None
    executions: int
    completed: int
    failed: int
    success_rate: Rate


class FailingWorkflowShape(WorkflowFiguresShape):
    """One that failed, and its last failure."""

    last_execution_id: UUID
    last_failed_at: datetime | None
    last_error_code: str | None
    last_error_message: str | None
    last_error_node_id: str | None


class SlowNodeShape(Shape):
    """How long the steps of a node took, in seconds."""

    workflow_id: UUID
    workflow_name: str | None
    node_id: str
    node_name: str
    node_type: str | None = Field(description="Null, if the workflow has no such node any more.")
    runs: int
    p50: float
    p95: float
    longest: float


class SlowNodesShape(Shape):
    """The slowest nodes first; loops do not count, nor do steps that waited for something."""

    executions: int = Field(description="How many executions were looked at: the latest that ended, 500 at most.")
    steps: int = Field(description="How many rows of their journals were: 20,000 at most.")
    nodes: list[SlowNodeShape]


class OverviewShape(Shape):
    """What a dashboard shows: executions that began in the range, and those of the range of equal length before it."""

    since: datetime
    until: datetime
    bucket: Unit
    timezone: str
    totals: OutcomesShape
    before: OutcomesShape
    now: PresentShape
    timeline: list[BucketShape]
    active_workflows: list[WorkflowFiguresShape]
    failing_workflows: list[FailingWorkflowShape]
    slow_nodes: SlowNodesShape


class WorkflowCountsShape(Shape):
    """How many workflows have each status."""

    draft: int
    published: int
    archived: int


class StatisticsShape(Shape):
    """The workflows that the caller may see, and what became of their executions since `since`."""

    workflows: WorkflowCountsShape
    since: datetime
    executions: OutcomesShape
    now: PresentShape


class OverviewQuery(BaseModel):
    """Which executions count: those that began in the range, the last seven days if none is named."""

    model_config = ConfigDict(extra="forbid")

    since: Moment | None = None
    until: Moment | None = Field(None, description="Now, without it; 400 days after `since` at most.")
    bucket: Unit | None = Field(None, description="Chosen by the length of the range, if it is left out.")
    timezone: Annotated[str, Field(min_length=1, max_length=50, examples=["Europe/Zurich"])] = Field(
        "UTC", description="By whose clock hours, days and so on begin."
    )
    workflow_id: UUID | None = None
    community_id: Scope | None = None

    def range(self) -> Range:
        """As the service is asked."""
        refuse_nul(timezone=self.timezone)
        return Range(self.since, self.until, self.bucket, self.timezone, self.workflow_id, self.community_id)


OVERVIEW = Operation(
    "GET",
    "/api/v1/analytics/overview",
    Permission.VIEW,
    "How the workflows are doing",
    {200: Envelope[OverviewShape, NoMeta]},
    TAG,
    errors=(404,),
)
STATISTICS = Operation(
    "GET",
    "/api/v1/workflows/statistics",
    Permission.VIEW,
    "How many workflows there are, and how they did in thirty days",
    {200: Envelope[StatisticsShape, NoMeta]},
    TAG,
)


@dataclass(frozen=True)
class AnalyticsRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    analytics: Analytics

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        add_operation(app, OVERVIEW, self.get_overview)
        add_operation(app, STATISTICS, self.get_statistics)

    async def get_overview(self, request: Request, query: Annotated[OverviewQuery, Query()]) -> Response:
        """Figures of what the caller may see."""
        found = await self.analytics.overview(principal_of(request), query.range())
        data: dict[str, Any] = {name: getattr(found, name) for name in OverviewShape.model_fields}
        data |= {
            "now": found.now._asdict(),
            "totals": show(found.totals),
            "before": show(found.before),
            "timeline": [{"start": one.start, **show(one.outcomes)} for one in found.timeline],
        }
        return success("How the workflows are doing.", data)

    async def get_statistics(self, request: Request) -> Response:
        """The same in short."""
        found = await self.analytics.statistics(principal_of(request))
        data = {**asdict(found), "executions": show(found.executions), "now": found.now._asdict()}
        return success("What there is, and how it did.", data)


def show(outcomes: Outcomes) -> dict[str, Any]:
    """Outcomes as they are answered."""
    duration = outcomes.duration
    return {**asdict(outcomes), "duration": None if duration is None else duration._asdict()}
