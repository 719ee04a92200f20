"""The address at which a workflow says what it listens to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, Shape

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.events.listeners import Listeners


class ListenerShape(Shape):
    """A trigger of the published revision that listens."""

    node_id: str
    kind: Literal["event", "command"]
    name: str = Field(description="Of the node.")
    pattern: str = Field(description="Which names of events it hears, or what a command begins with.")
    keys: list[str] = Field(description="Of a command, its name and aliases; of an event, what it is found by.")
    platforms: list[str] = Field(description="Where a command is heard; empty is everywhere.")
    filter: str | None = Field(description="What must hold for an event, as an expression.")
    last_execution_id: UUID | None = Field(description="The last that it started, among the workflow's latest.")
    last_started_at: datetime | None


LIST = Operation(
    "GET",
    "/api/v1/workflows/{workflow_id:uuid}/listeners",
    Permission.VIEW,
    "List which events and commands start a workflow",
    {200: Envelope[list[ListenerShape], NoMeta]},
    "events",
    (404,),
)


@dataclass(frozen=True)
class ListenerRoutes:
    """The endpoint; its name is the operation id of the OpenAPI document."""

    listeners: Listeners

    def add_to(self, app: FastAPI) -> None:
        """Put the route into the app."""
        add_operation(app, LIST, self.list_listeners)

    async def list_listeners(self, request: Request, workflow_id: UUID) -> Response:
        """One for each trigger of the published revision; one that is not published listens to nothing."""
        found = await self.listeners.list(principal_of(request), workflow_id)
        return success("What the workflow listens to.", [one._asdict() for one in found])
