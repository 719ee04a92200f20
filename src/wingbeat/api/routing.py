"""How a route is declared: its permission, what it takes, and every status code that it may answer with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, get_origin

from fastapi.routing import APIRoute

from wingbeat.api.admission import admission_of
from wingbeat.api.bodies import schema_of
from wingbeat.api.failures import RequestTimedOut
from wingbeat.api.live.door import LiveDoor
from wingbeat.api.permission import EXTENSION, Permission, named, permission_of
from wingbeat.api.requests import KEY_PATTERN, REVISION_PATTERN, refuse_query
from wingbeat.api.shapes import ErrorEnvelope

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from fastapi import FastAPI
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

OPEN_QUERY = "x-open-query"
CHECKS_FORM = "x-checks-form"
LONG = "x-long"
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sending the same request again with the same key gives the first result.",
    "schema": {"type": "string", "pattern": KEY_PATTERN},
}
IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the revision that the change is based on; another one is refused with 412. `*` is any.",
    "schema": {"type": "string"},
}
IF_MATCH_REQUIRED = {**IF_MATCH, "required": True}

HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {"description": "The id of this request, as sent or made.", "schema": {"type": "string"}},
    "ETag": {"description": "The revision, for If-Match.", "schema": {"type": "string", "pattern": REVISION_PATTERN}},
    "Location": {"description": "Where the new thing is.", "schema": {"type": "string"}},
    "Content-Disposition": {"description": "The name of the file.", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "There, and `true`, if the same request came before.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {"description": "Seconds.", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
}
MEANINGS = {
    HTTPStatus.BAD_REQUEST: "Something sent cannot be understood or is out of bounds.",
    HTTPStatus.UNAUTHORIZED: "Nothing says who the caller is, or it does not hold.",
    HTTPStatus.PAYMENT_REQUIRED: "The community has no licence for this.",
    HTTPStatus.FORBIDDEN: "The caller may not do this.",
    HTTPStatus.NOT_FOUND: "There is no such thing, or it is not the caller's.",
    HTTPStatus.METHOD_NOT_ALLOWED: "The address does not answer to that method.",
    HTTPStatus.CONFLICT: "The thing is not in the state that the request supposes.",
    HTTPStatus.PRECONDITION_FAILED: "Somebody else changed it first.",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not come in the time that it has.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not JSON.",
    HTTPStatus.TOO_MANY_REQUESTS: "There were too many requests of late.",
    HTTPStatus.PRECONDITION_REQUIRED: "The header If-Match is missing.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database cannot be reached, or this process is not ready.",
    HTTPStatus.GATEWAY_TIMEOUT: "It took longer than it may.",
}
# What may go well a little later.
WITH_RETRY = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})
BYTES = {"schema": {"type": "string", "format": "binary"}}
# By its name, which `document` gives it: FastAPI would make a model anew for each code of each route, 1,600 in all.
ERROR_SHAPE = {"$ref": f"#/components/schemas/{ErrorEnvelope.__name__}"}


@dataclass(frozen=True)
class Operation:
    """One method of one address.

    `answers` maps status codes to the shapes of good answers; `errors` are those beyond what every route may answer.
    `query` names the parameters that are read by hand rather than by the endpoint's signature. With a `media_type`, a
    good answer is bytes of that type rather than JSON.
    """

    method: str
    path: str
    permission: Permission
    summary: str
    answers: dict[int, Any]
    tag: str
    errors: tuple[int, ...] = ()
    body: type[BaseModel] | None = None
    body_required: bool = True
    parameters: tuple[dict[str, Any], ...] = ()
    headers: tuple[str, ...] = field(default=())
    hidden: bool = False
    media_type: str | None = None
    # Takes parameters that nobody here knows: what another service sends by somebody's browser.
    open_query: bool = False
    # Takes a plain form of our own pages, whose token the endpoint compares itself.
    checks_form: bool = False
    # May take as long as its caller wants to wait.
    long: bool = False


class StrictRoute(APIRoute):
    """A route that lets in whom its permission lets in, and refuses query parameters which nobody would read.

    One without a permission cannot be made (TypeError): there is no address of which nobody said who may use it.
    """

    operation: Operation

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - of FastAPI
        super().__init__(*arguments, **options)
        # Whoever put something else in its place would go past the checks.
        self.guarded = self.app

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """The endpoint, behind the checks."""
        permission = permission_of(self)
        checks_form = bool((self.openapi_extra or {}).get(CHECKS_FORM))
        endpoint = super().get_route_handler()
        long = bool((self.openapi_extra or {}).get(LONG))
        by_hand = {
            found["name"]: found["schema"].get("type") == "array"
            for found in (self.openapi_extra or {}).get("parameters", ())
            if found["in"] == "query"
        }
        known: Mapping[str, bool] | None = None
        closed = not (self.openapi_extra or {}).get(OPEN_QUERY)

        async def checked(request: Request) -> Response:
            nonlocal known
            await admission_of(request).admit(request, permission, checks_form=checks_form)
            if request.scope["query_string"]:
                if known is None:
                    known = by_hand | query_names(self)
                refuse_query(request, known, closed=closed)
            return await endpoint(request) if long else await in_time(endpoint, request)

        return checked


async def in_time(endpoint: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
    """What the endpoint answers, in the time that a request may take; beyond that it is ended.

    Raises:
        RequestTimedOut: it took longer.
    """
    seconds: float = request.app.state.request_seconds
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await endpoint(request)
    except TimeoutError:
        if not limit.expired():
            raise
        raise RequestTimedOut(
            f"The request took longer than {seconds:g} seconds, and was ended.",
            remedy="See whether it was done all the same before sending it again, or send an Idempotency-Key.",
        ) from None


def check_guarded(routes: Iterable[BaseRoute]) -> None:
    """See that every route checks its callers.

    Raises:
        TypeError: one is of another kind (a mount, a WebSocket, a plain route), where nobody would.
    """
    for route in routes:
        own = isinstance(route, StrictRoute) and (
            route.app is route.guarded or permission_of(route) is Permission.PUBLIC
        )
        # It asks who connects before anything else, and says nothing to anybody else.
        asks = isinstance(route, LiveDoor) and permission_of(route) is Permission.SIGNED_IN
        if not own and not asks:
            raise TypeError(f"Nobody would check who calls {named(route)}: add it with api.routing.add_operation.")


def query_names(route: APIRoute) -> dict[str, bool]:
    """The query parameters that the endpoint's signature names, those inside of models too, and which are lists."""
    names: dict[str, bool] = {}
    for parameter in route.dependant.query_params:
        annotation = parameter.field_info.annotation
        fields: dict[str, FieldInfo] = getattr(annotation, "model_fields", {})
        inner = {field.alias or name: get_origin(field.annotation) is list for name, field in fields.items()}
        names |= inner or {parameter.alias: get_origin(annotation) is list}
    return names


def add_operation(app: FastAPI, operation: Operation, endpoint: Callable[..., Awaitable[Response]]) -> None:
    """Put a route into the app."""
    good = min(operation.answers)
    app.router.add_api_route(
        operation.path,
        endpoint,
        methods=[operation.method],
        status_code=good,
        response_model=None,
        summary=operation.summary,
        tags=[operation.tag],
        name=endpoint.__name__,
        operation_id=endpoint.__name__,
        responses=describe_answers(operation),
        openapi_extra=describe_request(operation),
        include_in_schema=not operation.hidden,
    )
    route = app.router.routes[-1]
    if isinstance(route, StrictRoute):
        route.operation = operation


def shapes_of(operation: Operation) -> dict[int, Any]:
    """The shapes of the good answers that are JSON, by their status code."""
    return (
        {}
        if operation.media_type is not None
        else {status: shape for status, shape in operation.answers.items() if shape is not None}
    )


def describe_answers(operation: Operation) -> dict[int | str, dict[str, Any]]:
    """Every status code with its headers; what good answers look like is added by `document` when somebody asks."""
    answers: dict[int | str, dict[str, Any]] = {}
    for status in operation.answers:
        names = ("X-Request-Id", *operation.headers)
        answers[status] = {
            **({} if operation.media_type is None else {"content": {operation.media_type: BYTES}}),
            "description": HTTPStatus(status).phrase,
            "headers": {name: HEADERS[name] for name in names},
        }
    for status in sorted({*operation.errors, *common_errors(operation)} - set(operation.answers)):
        names = ("X-Request-Id", "Retry-After") if status in WITH_RETRY else ("X-Request-Id",)
        answers[status] = {
            "content": {"application/json": {"schema": ERROR_SHAPE}},
            "description": MEANINGS[HTTPStatus(status)],
            "headers": {name: HEADERS[name] for name in names},
        }
    return answers


def common_errors(operation: Operation) -> set[int]:
    """What any route of this kind may answer."""
    found = {400, 403, 405, 500, 504}
    if operation.permission is not Permission.PUBLIC:
        found |= {401, 429, 503}
    if operation.method in {"PATCH", "POST", "PUT"}:
        found |= {408, 413, 415}
        if operation.permission is not Permission.PUBLIC:
            found.add(402)
    return found


def describe_request(operation: Operation) -> dict[str, Any]:
    """The operation's permission, body, and the parameters that are read by hand."""
    described: dict[str, Any] = {EXTENSION: operation.permission.value}
    if operation.long:
        described[LONG] = True
    if operation.checks_form:
        described[CHECKS_FORM] = True
    if operation.open_query:
        described[OPEN_QUERY] = True
    if operation.permission is Permission.PUBLIC:
        described["security"] = []
    if operation.parameters:
        described["parameters"] = [dict(parameter) for parameter in operation.parameters]
    if operation.body is not None:
        described["requestBody"] = {
            "required": operation.body_required,
            "content": {"application/json": {"schema": schema_of(operation.body)}},
        }
    return described
