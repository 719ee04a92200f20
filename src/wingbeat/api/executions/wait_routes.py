"""The addresses of what executions wait for: to look at, and to end a wait from outside."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.executions.execution_shapes import WaitShape
from wingbeat.api.failures import WrongMediaType
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import read_bytes
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.core.errors import InvalidInput, NotFound
from wingbeat.storage.json_text import read_json

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.executions.signals import Signals

TAG = "executions"
OF_EXECUTION = "/api/v1/workflows/executions/{execution_id:uuid}/waits"
ADDRESS = "/api/v1/waits/{token}"
LONGEST_TOKEN = 100
MOST_FIELDS = 1_000
TOKEN = {"name": "token", "in": "path", "required": True, "schema": {"type": "string"}}


@dataclass(frozen=True)
class WaitRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    signals: Signals
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        many = Envelope[list[WaitShape], NoMeta]
        listing = Operation(
            "GET", OF_EXECUTION, Permission.VIEW, "List what an execution waits for", {200: many}, TAG, (404,)
        )
        add_operation(app, listing, self.list_waits)
        for method, endpoint in (("POST", self.answer_wait), ("GET", self.follow_wait)):
            operation = Operation(
                method,
                ADDRESS,
                Permission.PUBLIC,
                "End a wait",
                {202: Envelope[None, NoMeta]},
                TAG,
                errors=(404, 405, 408, 409, 413, 415, 503),
                open_query=True,
            )
            add_operation(app, operation, endpoint)

    async def list_waits(self, request: Request, execution_id: UUID) -> Response:
        """The open ones, with their addresses for who may run the execution, and those that are over; up to 1,000."""
        found = await self.signals.list(principal_of(request), execution_id)
        shown = [{**one.wait._asdict(), "url": one.url} for one in found]
        return success("What the execution waits for.", shown)

    async def answer_wait(self, request: Request, token: str) -> Response:
        """What is sent goes to the step that waits at this address: JSON, a form, or text. The first call counts."""
        return await self._end(request, token)

    async def follow_wait(self, request: Request, token: str) -> Response:
        """The same for a link that is followed, where the step allows it."""
        return await self._end(request, token)

    async def _end(self, request: Request, token: str) -> Response:
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise NotFound("Nothing waits for this.", code="WAIT_NOT_FOUND", remedy="Check the address.")
        body = await read_anything(request, self.max_body_bytes)
        query: JsonObject = dict(request.query_params)
        await self.signals.call(token, {"method": request.method, "query": query, "body": body})
        return success("Thank you, this was received.", None, status=HTTPStatus.ACCEPTED)


async def read_anything(request: Request, max_bytes: int) -> Json:
    """A body as JSON: JSON as it is, a form as an object, text as text, and null for nothing.

    Raises:
        BodyTooLarge, WrongMediaType, InvalidJson, InvalidInput: it is not acceptable; as soon as that is known.
    """
    raw = await read_bytes(request, max_bytes)
    if not raw:
        return None
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json" or media_type.endswith("+json"):
        return read_json(raw, max_bytes=max_bytes)
    if media_type != "application/x-www-form-urlencoded" and not media_type.startswith("text/"):
        raise WrongMediaType(
            f"The body is {media_type[:100] or 'of no stated type'}; this address takes JSON, forms and text.",
            remedy="Send JSON with the header Content-Type: application/json.",
        )
    try:
        text = raw.decode()
        if media_type.startswith("text/"):
            return text
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise InvalidInput("The body is no UTF-8 text, or has too many fields.", remedy="Send UTF-8.") from error
    return _as_object(fields)


def _as_object(fields: list[tuple[str, str]]) -> JsonObject:
    """The fields of a form: one that is there several times is a list."""
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else list(values) for name, values in found.items()}
