"""The addresses of lists of workflows, and of the tags and folders that there are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.bodies import INTEGER_MAX
from wingbeat.api.paging import page_meta
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import refuse_nul
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, PageMeta
from wingbeat.api.workflows.shapes import FolderShape, TagShape, WorkflowLineShape
from wingbeat.services.workflow_lists import STATUSES
from wingbeat.storage.paging import Paging
from wingbeat.storage.workflow_lists import WorkflowFilter

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.core.access import Principal
    from wingbeat.services.workflow_lists import Line, WorkflowLists

TAG = "workflows"
ROOT = "/api/v1/workflows"
LIVE = ("draft", "published")


class WorkflowListQuery(BaseModel):
    """Which workflows to list; archived ones only if they are asked for."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["draft", "published", "archived", "all"] | None = None
    q: Annotated[str, Field(max_length=200)] | None = Field(None, description="Part of a name, description or tag.")
    tag: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    folder: Annotated[str, Field(max_length=500)] | None = Field(
        None, description="It and all that is under it; empty is all."
    )
    enabled: bool | None = None
    author_id: Annotated[int, Field(ge=0, le=INTEGER_MAX)] | None = None
    mine: bool = Field(default=False, description="Only those whose author the caller is.")
    community_id: Annotated[int, Field(ge=0, le=INTEGER_MAX)] | None = None
    sort: Literal[
        "-created_at", "created_at", "name", "-name", "updated_at", "-updated_at", "last_run", "-last_run"
    ] = "-created_at"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before; `page` does not count then.")

    def wanted(self, principal: Principal) -> WorkflowFilter:
        """Which are asked for, by this caller."""
        refuse_nul(q=self.q, tag=self.tag, folder=self.folder)
        live = LIVE if self.status is None else (self.status,)
        return WorkflowFilter(
            STATUSES if self.status == "all" else live,
            text=self.q,
            tag=self.tag,
            folder=self.folder or None,
            enabled=self.enabled,
            author_id=self.author_id,
            owner_id=principal.user_id if self.mine else None,
            community_id=self.community_id,
        )


@dataclass(frozen=True)
class WorkflowListRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    lists: WorkflowLists

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        lines = Envelope[list[WorkflowLineShape], PageMeta]
        tags, folders = Envelope[list[TagShape], NoMeta], Envelope[list[FolderShape], NoMeta]
        view = Permission.VIEW
        operations = (
            (Operation("GET", ROOT, view, "List workflows", {200: lines}, TAG), self.list_workflows),
            (
                Operation("GET", f"{ROOT}/tags", view, "List the tags of workflows", {200: tags}, TAG),
                self.list_workflow_tags,
            ),
            (
                Operation("GET", f"{ROOT}/folders", view, "List the folders of workflows", {200: folders}, TAG),
                self.list_workflow_folders,
            ),
        )
        for operation, endpoint in operations:
            add_operation(app, operation, endpoint)

    async def list_workflows(self, request: Request, query: Annotated[WorkflowListQuery, Query()]) -> Response:
        """One page, with what the caller may do with each and how it has run of late."""
        principal = principal_of(request)
        wanted = query.wanted(principal)
        paging = Paging(query.sort, query.page, query.per_page, query.cursor)
        page = await self.lists.list(principal, wanted, paging)
        total = await self.lists.count(principal, wanted) if query.cursor is None else None
        last = page.items[-1].header.workflow_id if page.items else None
        lines = [show_line(line) for line in page.items]
        return success("Workflows.", lines, meta=page_meta(paging, total, last if page.more else None))

    async def list_workflow_tags(self, request: Request) -> Response:
        """Of workflows that are not archived, the commonest first; at most 1,000."""
        found = await self.lists.list_tags(principal_of(request))
        return success("The tags.", [one._asdict() for one in found])

    async def list_workflow_folders(self, request: Request) -> Response:
        """Those that have workflows in them which are not archived, by name; at most 1,000."""
        found = await self.lists.list_folders(principal_of(request))
        return success("The folders.", [one._asdict() for one in found])


def show_line(line: Line) -> dict[str, object]:
    """A workflow of a list as it is sent."""
    runs = line.runs
    return {
        **asdict(line.header),
        "my_permissions": sorted(line.permissions),
        "last_execution": None if runs is None else runs.last._asdict(),
        "recent": [] if runs is None else runs.recent,
    }
