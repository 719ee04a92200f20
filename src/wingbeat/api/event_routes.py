"""The address at which other systems say that something has happened."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.bodies import EventBody
from wingbeat.api.permission import Permission
from wingbeat.api.requests import check, read_object
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, Shape

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.signals import Signals


class PublishedShape(Shape):
    """The event's id, and how many executions it woke."""

    event_id: str
    woken: int


PUBLISH = Operation(
    "POST",
    "/api/v1/events",
    Permission.EXECUTE,
    "Publish an event",
    {202: Envelope[PublishedShape, NoMeta]},
    "events",
    body=EventBody,
)


@dataclass(frozen=True)
class EventRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    signals: Signals
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        add_operation(app, PUBLISH, self.publish_event)

    async def publish_event(self, request: Request) -> Response:
        """Executions that wait for it go on. Sent again, it wakes only who has begun to wait since."""
        body = check(EventBody, await read_object(request, self.max_body_bytes, required=True))
        event_id = body.id or str(uuid4())
        woken = await self.signals.publish_event(body.name, body.source, body.data, event_id)
        return success("The event is published.", {"event_id": event_id, "woken": woken}, status=HTTPStatus.ACCEPTED)
