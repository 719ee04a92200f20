"""The addresses of notifications: list what somebody was told, and mark it as read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.paging import page_meta
from wingbeat.api.people.bodies import ReadAllBody
from wingbeat.api.people.shapes import NotificationShape, ReadAllShape
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_object, refuse_body, refuse_nul
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, PageMeta
from wingbeat.services.people.notifications import show
from wingbeat.storage.notifications import NotificationFilter
from wingbeat.storage.paging import Paging

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.people.notifications import Notifications

TAG = "notifications"
ROOT = "/api/v1/notifications"

LIST = Operation(
    "GET",
    ROOT,
    Permission.VIEW,
    "List notifications",
    {200: Envelope[list[NotificationShape], PageMeta]},
    TAG,
)
READ = Operation(
    "POST",
    f"{ROOT}/{{notification_id:uuid}}/read",
    Permission.EXECUTE,
    "Mark a notification as read",
    {200: Envelope[NotificationShape, NoMeta]},
    TAG,
    errors=(404,),
)
READ_ALL = Operation(
    "POST",
    f"{ROOT}/read",
    Permission.EXECUTE,
    "Mark all that somebody was told as read",
    {200: Envelope[ReadAllShape, NoMeta]},
    TAG,
    errors=(409,),
    body=ReadAllBody,
    body_required=False,
)


class NotificationListQuery(BaseModel):
    """Which notifications to list."""

    model_config = ConfigDict(extra="forbid")

    recipient: Annotated[str, Field(max_length=320)] | None = None
    unread: bool = Field(default=False, description="Only those that were not read.")
    sort: Literal["-created_at", "created_at"] = "-created_at"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before; `page` does not count then.")


@dataclass(frozen=True)
class NotificationRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    notifications: Notifications
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        add_operation(app, LIST, self.list_notifications)
        add_operation(app, READ_ALL, self.mark_all_notifications_read)
        add_operation(app, READ, self.mark_notification_read)

    async def list_notifications(self, request: Request, query: Annotated[NotificationListQuery, Query()]) -> Response:
        """One page."""
        refuse_nul(recipient=query.recipient)
        paging = Paging(query.sort, query.page, query.per_page, query.cursor)
        wanted = NotificationFilter(query.recipient, query.unread)
        page, total = await self.notifications.list(principal_of(request), wanted, paging)
        last = page.items[-1].notification_id if page.items else None
        meta = page_meta(paging, total, last if page.more else None)
        return success("Notifications.", [show(one) for one in page.items], meta=meta)

    async def mark_notification_read(self, request: Request, notification_id: UUID) -> Response:
        """The first time counts."""
        await refuse_body(request, self.max_body_bytes)
        marked = await self.notifications.mark_read(principal_of(request), notification_id)
        return success("It is read.", show(marked))

    async def mark_all_notifications_read(self, request: Request) -> Response:
        """Of one recipient."""
        body = check(ReadAllBody, await read_object(request, self.max_body_bytes))
        read = await self.notifications.mark_all_read(principal_of(request), body.recipient)
        return success("All is read.", {"read": read})
