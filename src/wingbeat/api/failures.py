"""Errors as answers: the status code of every class of error, and what is told to whom."""

from __future__ import annotations

import math
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from wingbeat.api.answers import failure
from wingbeat.api.page import message_page
from wingbeat.api.permission import Permission, permission_of
from wingbeat.core.access import Denied
from wingbeat.core.errors import (
    Conflict,
    DatabaseUnavailable,
    Fault,
    Forbidden,
    InvalidInput,
    LimitReached,
    NotFound,
    PlatformError,
    PreconditionFailed,
    RateLimited,
    StepError,
    Unauthenticated,
    Unlicensed,
    WingbeatError,
)
from wingbeat.services.executions.signals import MethodRefused
from wingbeat.services.webhooks.checks import SignatureRefused, WebhookMethodRefused
from wingbeat.services.webhooks.content import ContentRefused
from wingbeat.storage.audit import AuditEvent, Category, note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

    from wingbeat.core.json_value import Json

RETRY_SECONDS = 2
CHALLENGE = 'Bearer realm="Wingbeat"'


class PreconditionMissing(InvalidInput):
    """A change must say which revision it is a change of."""

    default_code = "IF_MATCH_REQUIRED"


class BodyTooLarge(InvalidInput):
    """The body has more bytes than are allowed."""

    default_code = "BODY_TOO_LARGE"


class BodyTooSlow(InvalidInput):
    """The body did not come in the time that it has."""

    default_code = "BODY_TOO_SLOW"


class BodyIncomplete(InvalidInput):
    """The caller hung up before the body was whole; nobody gets the answer."""

    default_code = "BODY_INCOMPLETE"


class WrongMediaType(InvalidInput):
    """The body is not JSON, or does not say so."""

    default_code = "MEDIA_TYPE_NOT_JSON"


class RequestTimedOut(PlatformError):
    """A request took longer than any may."""

    default_code = "REQUEST_TIMEOUT"


class TimedOut(LimitReached):
    """What the caller waits for took longer than it may."""

    default_code = "WORKFLOW_TIMEOUT"


# The first class that fits decides.
STATUSES: tuple[tuple[type[WingbeatError], HTTPStatus], ...] = (
    (MethodRefused, HTTPStatus.METHOD_NOT_ALLOWED),
    (WebhookMethodRefused, HTTPStatus.METHOD_NOT_ALLOWED),
    (ContentRefused, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (PreconditionMissing, HTTPStatus.PRECONDITION_REQUIRED),
    (BodyTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (BodyTooSlow, HTTPStatus.REQUEST_TIMEOUT),
    (WrongMediaType, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (TimedOut, HTTPStatus.GATEWAY_TIMEOUT),
    (RequestTimedOut, HTTPStatus.GATEWAY_TIMEOUT),
    (InvalidInput, HTTPStatus.BAD_REQUEST),
    (NotFound, HTTPStatus.NOT_FOUND),
    (PreconditionFailed, HTTPStatus.PRECONDITION_FAILED),
    (Conflict, HTTPStatus.CONFLICT),
    (Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (Unlicensed, HTTPStatus.PAYMENT_REQUIRED),
    (RateLimited, HTTPStatus.TOO_MANY_REQUESTS),
    (StepError, HTTPStatus.BAD_REQUEST),
    (LimitReached, HTTPStatus.BAD_REQUEST),
    (DatabaseUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)

# What the framework refuses by itself: code, message, remedy.
REFUSALS = {
    HTTPStatus.NOT_FOUND: (
        "ROUTE_NOT_FOUND",
        "There is nothing at this address.",
        "See /openapi.json for what there is.",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "METHOD_NOT_ALLOWED",
        "This address does not answer to that method.",
        "Use one of those in the header Allow.",
    ),
}

# A place in a route's path that takes nothing but an id.
ID_IN_PATH = re.compile(r"\{\w+:uuid\}")

# What pydantic finds, in words for whoever sent it; the braces name what it tells besides.
WORDS = {
    "missing": "It is missing.",
    "extra_forbidden": "It is not known here.",
    "string_type": "It must be text.",
    "dict_type": "It must be an object.",
    "model_type": "It must be an object.",
    "list_type": "It must be a list.",
    "bool_type": "It must be true or false.",
    "bool_parsing": "It must be true or false.",
    "int_type": "It must be a whole number.",
    "int_parsing": "It must be a whole number.",
    "int_from_float": "It must be a whole number.",
    "float_type": "It must be a number.",
    "uuid_type": "It must be a UUID.",
    "uuid_parsing": "It must be a UUID.",
    "greater_than_equal": "It must be at least {ge}.",
    "less_than_equal": "It must be at most {le}.",
    "string_too_long": "It may have at most {max_length} characters.",
    "string_too_short": "It must have at least {min_length} characters.",
    "too_long": "It may have at most {max_length} entries.",
    "literal_error": "It must be one of: {expected}.",
    "enum": "It must be one of: {expected}.",
    "value_error": "{error}",
}

# Refused for want of a licence, and not of a right.
NO_REFUSAL = frozenset({"LICENSE_LIMIT_REACHED"})

log = structlog.get_logger(__name__)


def install(app: FastAPI) -> None:
    """Let every error that a route raises become an answer in the envelope."""
    app.add_exception_handler(WingbeatError, answer_error)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(HTTPException, answer_refusal)


def status_of(error: WingbeatError) -> HTTPStatus:
    """The status code of an error, by its class."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)


async def answer_error(request: Request, error: Exception) -> Response:
    """An error that was raised on purpose."""
    if isinstance(error, Unauthenticated | Forbidden) and not isinstance(error, Denied):
        note_refusal(request, error)
    return describe(error, request_id_of(request)) if isinstance(error, WingbeatError) else unexpected(request, error)


def note_refusal(request: Request, error: Unauthenticated | Forbidden) -> None:
    """Record who was not let in. What a caller may not do with a thing, and failed sign-ins, are recorded elsewhere."""
    route = request.scope.get("route")
    if not isinstance(route, BaseRoute) or permission_of(route) is Permission.PUBLIC or error.code in NO_REFUSAL:
        return
    category = Category.AUTH if isinstance(error, Unauthenticated) else Category.AUTHZ
    note(AuditEvent(category, "request.refuse", "route", route_of(request), result=error.code))


def describe(error: WingbeatError, request_id: str) -> Response:
    """The answer for an error; one of the platform's own is logged, and told only if it is safe to tell."""
    status = status_of(error)
    if isinstance(error, DatabaseUnavailable):  # The sentence says it all, and while it is away everybody gets it.
        log.warning("request_refused", request_id=request_id, code=error.code, error=error.message)
    elif error.fault is Fault.PLATFORM:
        log.error("request_failed", request_id=request_id, code=error.code, error=str(error), exc_info=error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return internal(request_id, error.code)
    details: dict[str, Json] = dict(error.details)
    if error.remedy:
        details.setdefault("remedy", error.remedy)
    return failure(error.message, error.code, status=status, details=details, headers=retry_header(error))


def retry_header(error: WingbeatError) -> dict[str, str]:
    """When to come back, where coming back helps."""
    if isinstance(error, DatabaseUnavailable):
        return {"Retry-After": str(RETRY_SECONDS)}
    if isinstance(error, WebhookMethodRefused):
        return {"Allow": str(error.details["allow"])}
    if isinstance(error, RateLimited):
        seconds = error.details.get("retry_after_seconds", 1)
        return {"Retry-After": str(math.ceil(seconds) if isinstance(seconds, int | float) else 1)}
    if isinstance(error, SignatureRefused):
        return {"WWW-Authenticate": "Webhook-Signature"}
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": CHALLENGE}
    return {}


def unexpected(request: Request, error: Exception) -> Response:
    """An error that nobody foresaw: the log has all of it, the caller the id to ask with."""
    note(
        AuditEvent(
            Category.ERROR,
            "request.failed",
            "route",
            route_of(request),
            result=WingbeatError.default_code,
            detail={"kind": type(error).__name__},
        )
    )
    log.error("request_failed_unexpectedly", request_id=request_id_of(request), route=route_of(request), exc_info=error)
    return internal(request_id_of(request), WingbeatError.default_code)


def route_of(request: Request) -> str:
    """The address as it is declared: what stands in the places of its parameters may be a secret, as in a link."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path', '')}".strip()


def internal(request_id: str, code: str) -> Response:
    """The answer that tells nothing about our insides."""
    return failure(
        "Something went wrong on our side; nothing was acknowledged.",
        code,
        status=500,
        details={"request_id": request_id, "remedy": "Try again; if it stays, report the request id to the operator."},
    )


async def answer_invalid(_request: Request, error: Exception) -> Response:
    """Parameters that do not fit: all of them, by name."""
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    return invalid_parameters(errors)


def invalid_parameters(errors: Sequence[dict[str, object]]) -> Response:
    """The answer for what pydantic found wrong with parameters."""
    problems = [name_problem(found, skip=1) for found in errors]
    named = ", ".join(sorted({str(problem["field"]) for problem in problems}))
    return failure(
        f"The request's parameters do not fit: {named}.",
        InvalidInput.default_code,
        status=400,
        details={"problems": problems, "remedy": "See /openapi.json for what is expected."},
    )


def name_problem(found: dict[str, object], *, skip: int = 0) -> dict[str, Json]:
    """One of pydantic's findings: which field, and what is wrong with it."""
    location = found.get("loc", ())
    steps = list(location[skip:]) if isinstance(location, tuple) else []
    while (
        skip and steps and isinstance(steps[-1], int)
    ):  # A parameter that is there several times is no list to callers.
        steps.pop()
    words = WORDS.get(str(found.get("type")))
    context = found.get("ctx")
    message = words.format_map(context if isinstance(context, dict) else {}) if words else str(found.get("msg", ""))
    return {"field": ".".join(map(str, steps)), "message": message}


async def answer_refusal(request: Request, error: Exception) -> Response:
    """What the router refuses by itself."""
    if not isinstance(error, HTTPException):
        return unexpected(request, error)
    known = HTTPStatus(error.status_code)
    if known is HTTPStatus.NOT_FOUND and wants_id(request):
        return failure(
            "There is nothing at this address: what stands in the place of an id is not one.",
            "ID_MALFORMED",
            status=known,
            details={"remedy": "Ids are UUIDs, as 019a9c5e-0c4b-7c3a-9d53-4f1e2a7b6c8d."},
        )
    if known is HTTPStatus.NOT_FOUND and is_page(request):
        text = "The address is none of Wingbeat's, or what was there is gone."
        return message_page("There is nothing here", text, status=known, link=("/", "Go to the start"))
    code, message, remedy = REFUSALS.get(known, (known.name, f"{error.detail}", ""))
    headers = dict(error.headers or {})
    if known is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(allowed_methods(request))
    return failure(message, code, status=known, details={"remedy": remedy} if remedy else {}, headers=headers)


def is_page(request: Request) -> bool:
    """Whether somebody came here with a browser, who would be shown JSON otherwise."""
    accepted = request.headers.get("Accept", "")
    return request.method == "GET" and "text/html" in accepted and not request.url.path.startswith("/api/")


def wants_id(request: Request) -> bool:
    """Whether there would be a route if something else in the path were an id."""
    paths = {str(getattr(route, "path", "")) for route in request.app.routes}
    patterns = [ID_IN_PATH.sub("[^/]+", path) for path in paths if ID_IN_PATH.search(path)]
    return any(re.fullmatch(pattern, request.url.path) for pattern in patterns)


def allowed_methods(request: Request) -> list[str]:
    """All methods of all routes at the request's address."""
    found: set[str] = set()
    for route in request.app.routes:
        expression = getattr(route, "path_regex", None)
        if expression is not None and expression.match(request.url.path):
            found |= route.methods or set()
    return sorted(found)


def request_id_of(request: Request) -> str:
    """The id that the answer carries too."""
    return str(request.scope.get("wingbeat.request_id", ""))
