"""Send an HTTP request, and give its answer."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Literal, Self
from urllib.parse import urlencode

import orjson
from pydantic import Field, model_validator

from wingbeat.sdk import (
    Context,
    Effect,
    Example,
    Expression,
    HttpResponse,
    Json,
    JsonObject,
    LocalsMarker,
    NodeType,
    Outcome,
    Parameters,
    Port,
    StepError,
    Template,
)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FIRST_FAILING_STATUS = 400
FIRST_SERVER_ERROR = 500
UNAVAILABLE = 503
EXCERPT = 2000
LONGEST_WAIT = 365 * 86400.0


class Authentication(Parameters):
    """How the server knows who is asking."""

    kind: Literal["none", "basic", "bearer", "api_key"] = Field(
        default="none",
        description="`basic`: user name and password. `bearer`: a token. `api_key`: a key in a header of its own.",
        examples=["bearer"],
    )
    username: Template[str] = Field(default="", description="For `basic`.", examples=["{{ trigger.user }}"])
    password: Template[str] = Field(default="", description="For `basic`.", examples=["{{ trigger.password }}"])
    token: Template[str] = Field(
        default="", description="For `bearer` and `api_key`.", examples=["{{ trigger.token }}"]
    )
    header: str = Field(default="X-API-Key", description="For `api_key`: the header's name.", examples=["X-API-Key"])


class HttpRequest(Parameters):
    """The request, and what to make of the answer."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] = Field(
        default="GET", description="The HTTP method.", examples=["POST"]
    )
    url: Template[Annotated[str, Field(min_length=1)]] = Field(
        description="Where to, with http:// or https://.", examples=["https://api.example.com/orders/{{ input.id }}"]
    )
    query: Template[dict[str, Json]] = Field(
        default={},
        description="Added to the URL. A list repeats its name; null is left out.",
        examples=[{"page": 2, "tag": ["a", "b"]}],
    )
    headers: Template[dict[str, str]] = Field(
        default={}, description="Sent as they are.", examples=[{"Accept": "application/json"}]
    )
    authentication: Authentication = Field(
        default=Authentication(), description="Who sends the request.", examples=[{"kind": "bearer", "token": "..."}]
    )
    body: Template[Json] = Field(
        default=None,
        description="Sent with the request, if it is there.",
        examples=[{"id": "{{ input.id }}"}, "{{ input.text }}"],
    )
    body_format: Literal["json", "form", "text"] = Field(
        default="json",
        description="`json`: any value. `form`: an object, sent like a web form. `text`: text as it is.",
        examples=["form"],
    )
    timeout_seconds: float = Field(
        default=30, gt=0, le=3600, description="The whole request must be through by then.", examples=[10]
    )
    follow_redirects: bool = Field(default=True, description="Go where the server sends us, at most ten times.")
    retry_statuses: list[Annotated[int, Field(ge=100, le=599)]] = Field(
        default=[429, 502, 503, 504],
        description=(
            "Answers after which another try may help; the node's retry policy says how often. A 4xx or 503 says that "
            "nothing was done, so any method is tried again. After any other, as 502 or 504, something may have been "
            "done: then a POST, PUT, PATCH or DELETE is treated as the node's `on_unknown` says."
        ),
        examples=[[429, 503]],
    )
    fail_on_status: bool = Field(default=True, description="Fail on 400 and above; otherwise such an answer comes out.")
    send_idempotency_key: bool = Field(
        default=True,
        description="Send `Idempotency-Key`, the same in each try, so that the server can tell a repeated request.",
    )
    response: Literal["auto", "json", "text", "binary"] = Field(
        default="auto",
        description="How to read the body. `auto` goes by its content type; `binary` gives it in base64.",
        examples=["json"],
    )
    extract: Annotated[Expression[Json] | None, LocalsMarker(("response",))] = Field(
        default=None,
        description="What comes out instead of the whole answer, made from `response` (`status`, `headers`, `body`).",
        examples=["response.body.items"],
    )

    @model_validator(mode="after")
    def _body_fits(self) -> Self:
        if self.method in {"GET", "HEAD"} and "body" in self.model_fields_set:
            raise ValueError(f"a {self.method} request has no body; use 'query', or another method")
        return self


async def run(parameters: HttpRequest, context: Context) -> Outcome:
    """Send it; raises `StepError` (`HTTP_STATUS`, `RESPONSE_NOT_JSON`, and what the way out raises)."""
    response = await context.http.send(
        parameters.method,
        parameters.url,
        headers=_headers(parameters, context.idempotency_key),
        query=_pairs(parameters.query),
        content=_content(parameters),
        auth=_basic(parameters.authentication),
        timeout_seconds=parameters.timeout_seconds,
        follow_redirects=parameters.follow_redirects,
    )
    _check_status(parameters, response, context.now)
    answer: JsonObject = {
        "status": response.status,
        "headers": dict(response.headers),
        "body": _body(parameters.response, response),
    }
    return Outcome.of(parameters.extract.evaluate(response=answer) if parameters.extract else answer)


def rehearse(parameters: HttpRequest, context: Context) -> Outcome:
    """Give the request that would be sent, without what must stay secret."""
    secret = _authentication_headers(parameters.authentication).keys()
    headers = {
        name: "***" if name in secret or name.lower() in {"authorization", "cookie"} else value
        for name, value in _headers(parameters, context.idempotency_key).items()
    }
    content = _content(parameters)
    request: JsonObject = {
        "method": parameters.method,
        "url": parameters.url,
        "query": [[name, value] for name, value in _pairs(parameters.query)],
        "headers": dict(headers),
        "body": None if content is None else content.decode(),
        "authentication": parameters.authentication.kind,
    }
    return Outcome.of({"rehearsed": True, "request": request, "status": None, "headers": {}, "body": None})


def _headers(parameters: HttpRequest, idempotency_key: str) -> dict[str, str]:
    """What the node says comes last, and so wins; names are compared without case."""
    headers: dict[str, str] = {}
    if "body" in parameters.model_fields_set:
        headers["Content-Type"] = {
            "json": "application/json",
            "form": "application/x-www-form-urlencoded",
            "text": "text/plain; charset=utf-8",
        }[parameters.body_format]
    if parameters.send_idempotency_key and parameters.method not in SAFE_METHODS:
        headers["Idempotency-Key"] = idempotency_key
    headers |= _authentication_headers(parameters.authentication)
    own = {name.lower() for name in parameters.headers}
    return {name: value for name, value in headers.items() if name.lower() not in own} | parameters.headers


def _authentication_headers(authentication: Authentication) -> dict[str, str]:
    match authentication.kind:
        case "bearer":
            return {"Authorization": f"Bearer {authentication.token}"}
        case "api_key":
            return {authentication.header: authentication.token}
        case _:
            return {}


def _basic(authentication: Authentication) -> tuple[str, str] | None:
    return (authentication.username, authentication.password) if authentication.kind == "basic" else None


def _pairs(query: Mapping[str, Json]) -> list[tuple[str, str]]:
    return [
        (name, _text(part))
        for name, value in query.items()
        for part in (value if isinstance(value, list) else [value])
        if part is not None
    ]


def _text(value: Json) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _content(parameters: HttpRequest) -> bytes | None:
    if "body" not in parameters.model_fields_set:
        return None
    body = parameters.body
    match parameters.body_format:
        case "json":
            return orjson.dumps(body)
        case "form" if isinstance(body, dict):
            return urlencode(_pairs(body)).encode()
        case "text" if isinstance(body, str):
            return body.encode()
    raise StepError(
        f"The body does not fit the format '{parameters.body_format}'.",
        code="BODY_UNFIT",
        remedy="A form needs an object and text needs text; 'json' takes any value.",
        details={"parameter": "body"},
    )


def _check_status(parameters: HttpRequest, response: HttpResponse, now: datetime) -> None:
    retryable = response.status in parameters.retry_statuses
    if not retryable and not (parameters.fail_on_status and response.status >= FIRST_FAILING_STATUS):
        return
    # Without the query, which may hold secrets.
    url = response.url.partition("?")[0]
    details: JsonObject = {
        "status": response.status,
        "url": url,
        "body": response.body[:EXCERPT].decode(errors="replace"),
    }
    wait = _retry_after(response.headers.get("retry-after"), now)
    if wait is not None:
        details["retry_after_seconds"] = wait
    raise StepError(
        f"{parameters.method} {url} answered {response.status}.",
        code="HTTP_STATUS",
        remedy="Look at the body in the details; set 'fail_on_status' to false to go on with such answers.",
        details=details,
        retryable=retryable,
        uncertain=retryable and parameters.method not in SAFE_METHODS and not _was_refused(response),
    )


def _was_refused(response: HttpResponse) -> bool:
    """Whether the answer says that nothing was done. What was redirected has been dealt with by the first server."""
    refused = FIRST_FAILING_STATUS <= response.status < FIRST_SERVER_ERROR or response.status == UNAVAILABLE
    return refused and not response.redirected


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds or a date, as RFC 9110 (10.2.3) has it, a year at most; None for anything else."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return min(float(value), LONGEST_WAIT)
    try:
        due = parsedate_to_datetime(value)
    except ValueError:
        return None
    due = due if due.tzinfo else due.replace(tzinfo=UTC)
    return min(max(0.0, (due - now).total_seconds()), LONGEST_WAIT)


def _body(how: str, response: HttpResponse) -> Json:
    media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if how == "auto":
        how = _how_to_read(media, response.body)
    match how:
        case "json":
            return _json(response)
        case "binary":
            return b64encode(response.body).decode()
        case _:
            return _decode(response)


def _how_to_read(media: str, body: bytes) -> str:
    if media == "application/json" or media.endswith("+json"):
        return "json" if body else "text"
    if media.startswith("text/") or media.endswith(("/xml", "+xml", "/javascript", "/x-www-form-urlencoded")):
        return "text"
    return "binary" if body else "text"


def _decode(response: HttpResponse) -> str:
    """As the server says, or as UTF-8 where it names something that is no character set."""
    _, _, named = response.headers.get("content-type", "").lower().partition("charset=")
    try:
        return response.body.decode(named.partition(";")[0].strip(" \"'") or "utf-8", errors="replace")
    except (LookupError, ValueError):
        return response.body.decode(errors="replace")


def _json(response: HttpResponse) -> Json:
    try:
        value: Json = orjson.loads(response.body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise StepError(
            f"The answer of {response.url.partition('?')[0]} is not JSON: {error}.",
            code="RESPONSE_NOT_JSON",
            remedy="Set 'response' to 'text' or 'auto', or look at what the server sends.",
            details={"status": response.status, "body": response.body[:EXCERPT].decode(errors="replace")},
        ) from error
    return value


def effect_of(parameters: JsonObject) -> Effect:
    """Reading is free to repeat; anything else may do something twice."""
    return Effect.IDEMPOTENT if parameters.get("method", "GET") in SAFE_METHODS else Effect.UNSAFE


def _answer(status: int, body: str, **headers: str) -> HttpResponse:
    named = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return HttpResponse(status, named, body.encode(), "https://api.example.com/orders")


NODE = NodeType(
    type="action.http_request",
    title="HTTP request",
    help=(
        "Calls a web API and gives its answer: status, headers and body, or what `extract` makes of them. Answers of "
        "400 and above, and servers that cannot be reached, are errors; those that another try may mend are tried "
        "again as the node's retry policy says. Addresses inside of the own network are refused unless the operator "
        "allows them. A GET, HEAD or OPTIONS request may be repeated at any time. Any other is never repeated "
        "silently: when the worker dies, the time is up or the connection breaks after the request was sent, it may "
        "have been carried out, and the node's `on_unknown` decides: `fail` (the default), `retry` with the same "
        "`Idempotency-Key`, or `ask` a person."
    ),
    parameters=HttpRequest,
    run=run,
    rehearse=rehearse,
    effect=Effect.UNSAFE,
    effect_of=effect_of,
    outputs=(
        Port(
            help="The answer, or what `extract` made of it.",
            schema={
                "type": "object",
                "properties": {"status": {"type": "integer"}, "headers": {"type": "object"}, "body": {}},
            },
        ),
    ),
    examples=(
        Example(
            "read a list",
            {"url": "https://api.example.com/orders", "query": {"page": 2}, "extract": "response.body.orders"},
            answers=(_answer(200, '{"orders": [1, 2]}'),),
            expect={"out": [1, 2]},
        ),
        Example(
            "create something",
            {
                "method": "POST",
                "url": "https://api.example.com/orders",
                "body": {"sku": "{{ input.sku }}"},
                "authentication": {"kind": "bearer", "token": "{{ trigger.token }}"},
            },
            input={"sku": "a-1"},
            trigger={"token": "t"},
            answers=(_answer(201, '{"id": 7}'),),
            expect={"out": {"status": 201, "headers": {"content-type": "application/json"}, "body": {"id": 7}}},
        ),
        Example(
            "a missing thing is an error",
            {"url": "https://api.example.com/orders/8"},
            answers=(_answer(404, "{}"),),
            expect_error="HTTP_STATUS",
        ),
        Example(
            "an answer that is not JSON",
            {"url": "https://api.example.com/orders", "response": "json"},
            answers=(_answer(200, "<html>"),),
            expect_error="RESPONSE_NOT_JSON",
        ),
    ),
)
