"""The address of the audit log. It is read here, and written nowhere but by what is done."""

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
from wingbeat.api.people.bodies import Moment
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import refuse_nul
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, Shape
from wingbeat.storage.audit_reading import AuditFilter

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.audit_log import AuditLog

Text = Annotated[str, Field(min_length=1, max_length=320)]


class AuditEntryShape(Shape):
    """One thing that was done or refused."""

    audit_id: UUID
    at: datetime
    category: Literal["AUTH", "AUTHZ", "AUDIT", "ERROR", "SYSTEM"]
    action: str
    result: str = Field(description="`success`, or the code of what stood against it.")
    message: str
    actor: str
    user_id: int
    token_id: str
    community_id: int
    address: str
    request_id: str
    object_type: str
    object_id: str
    workflow_id: UUID | None
    execution_id: UUID | None
    node_id: str | None
    detail: dict[str, Any]
    object_name: str | None = Field(description="What the object is called now; null for what is gone or has no name.")
    object_workflow_id: UUID | None = Field(description="The workflow that the object is or belongs to.")


class CursorMeta(Shape):
    """Where a page is, in a list that has no numbered pages."""

    per_page: int
    next_cursor: UUID | None = Field(description="The `cursor` of the next page, or null on the last one.")


class AuditQuery(BaseModel):
    """Which entries to list."""

    model_config = ConfigDict(extra="forbid")

    category: Literal["AUTH", "AUTHZ", "AUDIT", "ERROR", "SYSTEM"] | None = None
    action: Text | None = Field(None, description="Like `webhook.create`; `webhook` takes all that begin with it.")
    actor: Text | None = Field(None, description="The name of who did it.")
    user_id: Annotated[int, Field(ge=0, le=2_147_483_647)] | None = None
    object_type: Text | None = None
    object_id: Text | None = None
    workflow_id: UUID | None = None
    execution_id: UUID | None = None
    community_id: Annotated[int, Field(ge=0, le=2_147_483_647)] | None = None
    result: Text | None = None
    request_id: Text | None = None
    since: Moment | None = Field(None, description="This moment and later.")
    until: Moment | None = Field(None, description="Before this moment.")
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before.")


LIST = Operation(
    "GET",
    "/api/v1/audit",
    Permission.VIEW,
    "Read the audit log, the newest entries first",
    {200: Envelope[list[AuditEntryShape], CursorMeta]},
    "audit",
)


@dataclass(frozen=True)
class AuditRoutes:
    """The endpoint; its name is the operation id of the OpenAPI document."""

    audit: AuditLog

    def add_to(self, app: FastAPI) -> None:
        """Put the route into the app."""
        add_operation(app, LIST, self.list_audit_log)

    async def list_audit_log(self, request: Request, query: Annotated[AuditQuery, Query()]) -> Response:
        """One page; the whole log for administrators of the installation, their own for those of communities."""
        given = query.model_dump(exclude={"per_page", "cursor", "community_id"})
        refuse_nul(**{name: value for name, value in given.items() if isinstance(value, str)})
        communities = None if query.community_id is None else [query.community_id]
        wanted = AuditFilter(**given, communities=communities)
        found = await self.audit.list(principal_of(request), wanted, most=query.per_page + 1, cursor=query.cursor)
        items = found[: query.per_page]
        more = items[-1].audit_id if len(found) > len(items) else None
        return success("The audit log.", items, meta={"per_page": query.per_page, "next_cursor": more})
