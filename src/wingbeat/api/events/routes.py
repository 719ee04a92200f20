"""The addresses of events and commands: what is published there starts workflows, and wakes executions that wait."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.events import cloudevents
from wingbeat.api.events.bodies import CommandBody, EventBody
from wingbeat.api.events.shapes import EventDetailShape, EventShape, HeardShape, PublishedShape
from wingbeat.api.paging import page_meta
from wingbeat.api.people.bodies import Moment
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_bytes, read_idempotency_key, read_object, refuse_nul
from wingbeat.api.routing import IDEMPOTENCY_KEY, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, PageMeta
from wingbeat.core.errors import InvalidInput
from wingbeat.services.events.events import Command, Occurrence
from wingbeat.storage.events import EventFilter
from wingbeat.storage.paging import Paging

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.core.json_value import JsonObject
    from wingbeat.services.events.events import Events, Published
    from wingbeat.storage.events import StoredEvent

TAG = "events"
ROOT = "/api/v1/events"
EXECUTE = Permission.EXECUTE
VIEW = Permission.VIEW
REPLAYED = ("Idempotency-Replayed",)

PUBLISH = Operation(
    "POST",
    ROOT,
    EXECUTE,
    "Publish an event: plain JSON, or a CloudEvent in any of its three forms",
    {202: Envelope[PublishedShape, NoMeta]},
    TAG,
    errors=(409,),
    body=EventBody,
    parameters=(IDEMPOTENCY_KEY,),
    headers=REPLAYED,
)
COMMAND = Operation(
    "POST",
    "/api/v1/commands",
    EXECUTE,
    "Pass on a message of a chat, which may be a command",
    {202: Envelope[HeardShape, NoMeta]},
    TAG,
    errors=(409,),
    body=CommandBody,
    parameters=(IDEMPOTENCY_KEY,),
    headers=REPLAYED,
)
LIST = Operation("GET", ROOT, VIEW, "List events and commands", {200: Envelope[list[EventShape], PageMeta]}, TAG)
GET = Operation(
    "GET",
    ROOT + "/{event_id:uuid}",
    VIEW,
    "Read an event, and what it led to",
    {200: Envelope[EventDetailShape, NoMeta]},
    TAG,
    errors=(404,),
)


class EventListQuery(BaseModel):
    """Which events to list."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["event", "command"] | None = None
    type: Annotated[str, Field(max_length=200)] | None = None
    source: Annotated[str, Field(max_length=1_000)] | None = None
    id: Annotated[str, Field(max_length=500, description="The id that its publisher gave it.")] | None = None
    since: Moment | None = None
    until: Moment | None = None
    sort: Literal["-received_at", "received_at"] = "-received_at"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before; `page` does not count then.")

    def wanted(self) -> EventFilter:
        """As the database is asked."""
        refuse_nul(type=self.type, source=self.source, id=self.id)
        return EventFilter(self.kind, self.type, self.source, self.id, self.since, self.until)


@dataclass(frozen=True)
class EventRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    events: Events
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        for operation, endpoint in (
            (PUBLISH, self.publish_event),
            (COMMAND, self.send_command),
            (LIST, self.list_events),
            (GET, self.get_event),
        ):
            add_operation(app, operation, endpoint)

    async def publish_event(self, request: Request) -> Response:
        """The same event again starts nothing more, and has the same answer."""
        principal = principal_of(request)
        occurrences, batch = await self._read(request)
        published = [await self.events.publish(principal, one) for one in occurrences]
        if batch:
            shown = [show_published(one) for one in published]
            return success("The events are published.", shown, status=HTTPStatus.ACCEPTED)
        return success(
            "The event is published.",
            show_published(published[0]),
            status=HTTPStatus.ACCEPTED,
            headers=replayed(published[0]),
        )

    async def send_command(self, request: Request) -> Response:
        """Whatever is no command that anybody listens to is accepted too, and forgotten."""
        body = check(CommandBody, await read_object(request, self.max_body_bytes, required=True))
        key = read_idempotency_key(request)
        given = body.model_fields_set
        if len(given & {"text", "command"}) != 1 or {"text", "arguments"} <= given:
            raise InvalidInput(
                "A message has either a 'text', or a 'command' and its 'arguments'.", remedy="Send one of them."
            )
        command = Command(
            body.text if "text" in given else None,
            body.command or None,
            body.arguments if body.command else None,
            body.platform,
            body.channel,
            body.user,
            body.message_id or keyed(key),
            body.data,
            body.community_id,
        )
        heard = await self.events.command(principal_of(request), command)
        if heard is None:
            data: JsonObject = {"event_id": None, "started": 0, "executions": []}
            return success("Nobody listens to this.", data, status=HTTPStatus.ACCEPTED)
        shown = show_published(heard)
        data = {name: shown[name] for name in ("event_id", "started", "executions")}
        return success("The command is passed on.", data, status=HTTPStatus.ACCEPTED, headers=replayed(heard))

    async def list_events(self, request: Request, query: Annotated[EventListQuery, Query()]) -> Response:
        """One page of those that the caller published, or that came to communities in which it sees everything."""
        principal, wanted = principal_of(request), query.wanted()
        paging = Paging(query.sort, query.page, query.per_page, query.cursor)
        page = await self.events.list(principal, wanted, paging)
        total = await self.events.count(principal, wanted) if paging.cursor is None else None
        meta = page_meta(paging, total, page.items[-1].event_id if page.more else None)
        return success("Events.", [show(event) for event in page.items], meta=meta)

    async def get_event(self, request: Request, event_id: UUID) -> Response:
        """Up to a thousand of the executions that it started, and as many of those that it woke."""
        shown = await self.events.get(principal_of(request), event_id)
        led = [one._asdict() for one in shown.led]
        return success("The event.", {**show(shown.event), "content": shown.event.content, "led_to": led})

    async def _read(self, request: Request) -> tuple[list[Occurrence], bool]:
        """The events that the request holds, and whether they came as a batch."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in {cloudevents.STRUCTURED, cloudevents.BATCH} and not cloudevents.is_binary(
            request.headers.items()
        ):
            body = check(EventBody, await read_object(request, self.max_body_bytes, required=True))
            return [occurrence_of(body, read_idempotency_key(request))], False
        raw = await read_bytes(request, self.max_body_bytes)
        if media_type == cloudevents.STRUCTURED:
            return [cloudevents.read_structured(raw, self.max_body_bytes)], False
        if media_type == cloudevents.BATCH:
            return cloudevents.read_batch(raw, self.max_body_bytes), True
        return [cloudevents.read_binary(request.headers.items(), raw, self.max_body_bytes)], False


def occurrence_of(body: EventBody, key: str | None) -> Occurrence:
    """A plain event; an Idempotency-Key stands in for its id."""
    if bool(body.type) is bool(body.name):
        raise InvalidInput("An event has either a 'type' or a 'name'.", remedy="Send one of them.")
    if body.time is not None and not cloudevents.is_time(body.time):
        raise InvalidInput("There is no such time.", remedy="Write it as 2026-05-01T09:30:00Z.")
    return Occurrence(
        name=body.type or body.name,
        data=body.data,
        source=body.source,
        id=body.id or keyed(key),
        subject=body.subject,
        time=body.time,
        community_id=body.community_id,
    )


def keyed(key: str | None) -> str:
    """The id of what has none but the key of its request."""
    return "" if key is None else f"key:{key}"


def replayed(published: Published) -> dict[str, str]:
    """The header of what had come before."""
    return {"Idempotency-Replayed": "true"} if published.replayed else {}


def show_published(published: Published) -> dict[str, Any]:
    """What came of an event, as it is told."""
    event = published.event
    return {
        "event_id": event.event_id,
        "id": event.id,
        "started": event.started,
        "woken": event.woken,
        "executions": [begun._asdict() for begun in published.executions],
    }


def show(event: StoredEvent) -> dict[str, Any]:
    """An event as lists show it."""
    return {name: getattr(event, name) for name in EventShape.model_fields}
