"""The addresses of decisions: why a workflow ran, and why it did not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.paging import page_meta
from wingbeat.api.people.bodies import Moment
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import refuse_nul
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, PageMeta, Shape
from wingbeat.services.decision_words import explain
from wingbeat.storage.decision_lists import DecisionFilter
from wingbeat.storage.decisions import Outcome, TriggerKind
from wingbeat.storage.paging import Paging

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.decisions import Decisions
    from wingbeat.storage.decision_lists import StoredDecision

TAG = "decisions"


class DecisionShape(Shape):
    """One time that something was to start a workflow: what came of it, `why` in words, and how to mend it."""

    decision_id: UUID
    at: datetime
    workflow_id: UUID
    kind: TriggerKind
    trigger_id: UUID | None = Field(description="The webhook, the schedule, the form or the event.")
    node_id: str | None
    outcome: Outcome
    execution_id: UUID | None
    planned_for: datetime | None
    reason: str
    why: str
    remedy: str
    detail: dict[str, Any]
    actor: int = Field(description="The user who did it; 0 is nobody.")


ANSWER = Envelope[list[DecisionShape], PageMeta]
LIST_OF_WORKFLOW = Operation(
    "GET",
    "/api/v1/workflows/{workflow_id:uuid}/decisions",
    Permission.VIEW,
    "Why the workflow ran, and why it did not",
    {200: ANSWER},
    TAG,
    errors=(404,),
)
LIST = Operation(
    "GET", "/api/v1/decisions", Permission.VIEW, "Why workflows ran, and why they did not", {200: ANSWER}, TAG
)


class DecisionListQuery(BaseModel):
    """Which decisions to list; `outcome` may be there several times."""

    model_config = ConfigDict(extra="forbid")

    outcome: Annotated[list[Outcome], Field(max_length=len(Outcome))] = []
    kind: TriggerKind | None = None
    trigger_id: UUID | None = None
    node_id: Annotated[str, Field(max_length=255)] | None = None
    execution_id: UUID | None = Field(None, description="Those that led to this execution.")
    since: Moment | None = None
    until: Moment | None = None
    sort: Literal["-at", "at"] = "-at"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before; `page` does not count then.")

    def wanted(self, workflow_id: UUID | None) -> DecisionFilter:
        """As the database is asked."""
        refuse_nul(node_id=self.node_id)
        return DecisionFilter(
            workflow_id,
            [outcome.value for outcome in self.outcome],
            None if self.kind is None else self.kind.value,
            self.trigger_id,
            self.node_id,
            self.execution_id,
            self.since,
            self.until,
        )


@dataclass(frozen=True)
class DecisionRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    decisions: Decisions

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        add_operation(app, LIST_OF_WORKFLOW, self.list_workflow_decisions)
        add_operation(app, LIST, self.list_decisions)

    async def list_workflow_decisions(
        self, request: Request, workflow_id: UUID, query: Annotated[DecisionListQuery, Query()]
    ) -> Response:
        """One page of those about the workflow, also while it is switched off."""
        return await self._list(request, query, workflow_id)

    async def list_decisions(self, request: Request, query: Annotated[DecisionListQuery, Query()]) -> Response:
        """One page of those about all workflows that the caller may see."""
        return await self._list(request, query, None)

    async def _list(self, request: Request, query: DecisionListQuery, workflow_id: UUID | None) -> Response:
        principal, wanted = principal_of(request), query.wanted(workflow_id)
        paging = Paging(query.sort, query.page, query.per_page, query.cursor)
        page = await self.decisions.list(principal, wanted, paging)
        total = await self.decisions.count(principal, wanted) if paging.cursor is None else None
        meta = page_meta(paging, total, page.items[-1].decision_id if page.more else None)
        return success("Decisions.", [show(decision) for decision in page.items], meta=meta)


def show(decision: StoredDecision) -> dict[str, Any]:
    """A decision with what it means in words."""
    return {**decision._asdict(), **explain(decision)._asdict()}
