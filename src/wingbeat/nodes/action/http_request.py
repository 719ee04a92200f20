"""Send an HTTP request, and give its answer."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypedDict

from pydantic import Field, model_validator

from wingbeat.nodes.http.answer import (
    EXCERPT,
    FIRST_FAILING_STATUS,
    bad_status,
    file_name_of,
    read_body,
    was_refused,
)
from wingbeat.nodes.http.pages import Page, PageRequest, Pagination, collect
from wingbeat.nodes.http.request_body import Body, BodyFormat, make_body, pairs
from wingbeat.sdk import (
    FILES,
    LEFT_OUT,
    ConnectionMarker,
    Context,
    Effect,
    Example,
    Expression,
    HttpResponse,
    HttpStream,
    Json,
    JsonObject,
    LocalsMarker,
    NeverLiteral,
    NodeType,
    Outcome,
    Parameters,
    Port,
    StepError,
    Template,
    Upload,
    matters,
)
from wingbeat.sdk.files import OCTETS

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
RESPONSE = LocalsMarker(("response",))
SECRET_HEADERS = ("authorization", "proxy-authorization", "cookie")


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
    headers: Template[Annotated[dict[str, str], NeverLiteral(*SECRET_HEADERS)]] = Field(
        default={},
        description=(
            "Sent as they are. What says who is asking belongs in a `connection`; `Authorization`, "
            "`Proxy-Authorization` and `Cookie` are taken only where a template makes them, as of a token that an "
            "earlier node was given."
        ),
        examples=[{"Accept": "application/json"}, {"Authorization": "Bearer {{ login.body.token }}"}],
    )
    connection: (
        Annotated[
            str,
            ConnectionMarker(
                "api_key", "bearer", "basic", "hmac", "oauth2_client_credentials", "oauth2_authorization_code"
            ),
        ]
        | None
    ) = Field(
        default=None,
        description=(
            "A stored connection that says who is asking; its secrets go along to the hosts that it allows, and are in "
            "no parameter, log or error."
        ),
        examples=["0198c0de-0000-7000-8000-000000000001"],
    )
    body: Template[Json] = Field(
        json_schema_extra=matters(method=("POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
        default=None,
        description="Sent with the request, if it is there.",
        examples=[{"id": "{{ input.id }}"}, "{{ input.text }}", "{{ input.file }}"],
    )
    body_format: BodyFormat = Field(
        json_schema_extra=matters(method=("POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
        default="json",
        description=(
            "`json`: any value. `form`: an object, sent like a web form. `text`: text as it is. `multipart`: an "
            "object, sent like a web form with files; each reference to a file becomes that file. `file`: a reference "
            "to a file, which is sent as it is."
        ),
        examples=["form", "multipart"],
    )
    timeout_seconds: float = Field(
        default=30, gt=0, le=3600, description="The whole request must be through by then.", examples=[10]
    )
    follow_redirects: bool = Field(default=True, description="Go where the server sends us, at most ten times.")
    retry_statuses: list[Annotated[int, Field(ge=100, le=599)]] = Field(
        default=[429, 500, 502, 503, 504],
        description=(
            "Failures after which another try may help; where they are named here, also if they would not count as "
            "failures. The node's retry policy says how often. A 4xx or 503 says that nothing was done, so any method "
            "is tried again. After any other, as 500 or 504, something may have been done: then a POST, PUT, PATCH or "
            "DELETE is treated as the node's `on_unknown` says."
        ),
        examples=[[429, 503]],
    )
    fail_on_status: bool = Field(
        json_schema_extra=matters(success_when=LEFT_OUT),
        default=True,
        description="Fail on 400 and above; otherwise such an answer comes out.",
    )
    success_when: Annotated[Expression[bool] | None, RESPONSE] = Field(
        default=None,
        description=(
            "In place of `fail_on_status`: whether the answer is a success, asked of the `response` (`status`, "
            "`headers`, `body`; the body of one that is kept as a file is null)."
        ),
        examples=["response.status in [200, 404]", "response.body.ok"],
    )
    send_idempotency_key: bool = Field(
        json_schema_extra=matters(method=("POST", "PUT", "PATCH", "DELETE")),
        default=True,
        description="Send `Idempotency-Key`, the same in each try, so that the server can tell a repeated request.",
    )
    response: Literal["auto", "json", "text", "binary", "file"] = Field(
        default="auto",
        description=(
            "How to read the body. `auto` goes by its content type; `binary` gives it in base64; `file` keeps it, of "
            "whatever size the operator allows (MAX_FILE_BYTES), and gives a reference."
        ),
        examples=["json", "file"],
    )
    charset: str = Field(
        json_schema_extra=matters(response=("auto", "text")),
        default="",
        max_length=40,
        description="The encoding of text, for servers that say none or a wrong one; else theirs, else UTF-8.",
        examples=["windows-1252"],
    )
    file_name: Template[str] = Field(
        json_schema_extra=matters(response="file"),
        default="",
        description="What to call a kept file; else as the server says.",
        examples=["report.pdf"],
    )
    pagination: Pagination | None = Field(
        default=None,
        description="Ask again until the last page has come; each request has `timeout_seconds` of its own.",
        examples=[{"by": "link_header"}, {"by": "page", "items": "response.body.orders", "max_pages": 10}],
    )
    extract: Annotated[Expression[Json] | None, RESPONSE] = Field(
        default=None,
        description=(
            "What comes out instead of the whole answer, made from `response` (`status`, `headers`, `body`; with "
            "pagination also `pages` and `more`)."
        ),
        examples=["response.body.items", "{'id': response.body.id, 'etag': response.headers.etag}"],
    )

    @model_validator(mode="after")
    def _body_fits(self) -> Self:
        if self.method in {"GET", "HEAD"} and "body" in self.model_fields_set:
            raise ValueError(f"a {self.method} request has no body; use 'query', or another method")
        if self.pagination is not None and self.response == "file":
            raise ValueError("pages cannot be kept as one file; read them, or leave out 'pagination'")
        if self.pagination is not None and self.pagination.place == "body" and self.body_format not in {"json", "form"}:
            raise ValueError("a page can be asked for in a body of the format json or form only")
        return self


class _Sending(TypedDict):
    """What a request has besides its method and address."""

    headers: dict[str, str]
    query: list[tuple[str, str]]
    content: bytes | Upload | None
    connection: str | None
    timeout_seconds: float
    follow_redirects: bool


async def run(parameters: HttpRequest, context: Context) -> Outcome:
    """Send it; raises `StepError` (`HTTP_STATUS`, `RESPONSE_NOT_JSON`, and what the way out raises)."""

    async def ask(page: PageRequest) -> Page:
        return await _exchange(parameters, context, page)

    if parameters.pagination is None:
        answer = (await ask(PageRequest(1, parameters.url))).answer
    else:
        answer = await collect(parameters.pagination, parameters.url, ask)
    return Outcome.of(parameters.extract.evaluate(response=answer) if parameters.extract else answer)


def rehearse(parameters: HttpRequest, context: Context) -> Outcome:
    """Give the (first) request that would be sent, without what must stay secret."""
    body, seen = _rehearsed_body(parameters, context)
    headers = {
        name: "***" if name.lower() in SECRET_HEADERS else value
        for name, value in _headers(parameters, context.idempotency_key, body).items()
    }
    request: JsonObject = {
        "method": parameters.method,
        "url": parameters.url,
        "query": [[name, value] for name, value in pairs(parameters.query)],
        "headers": dict(headers),
        "body": seen,
        "connection": parameters.connection,
    }
    return Outcome.of({"rehearsed": True, "request": request, "status": None, "headers": {}, "body": None})


def _rehearsed_body(parameters: HttpRequest, context: Context) -> tuple[Body | None, Json]:
    """The body, and how it is shown; files are neither looked for nor read."""
    if "body" not in parameters.model_fields_set:
        return None, None
    if parameters.body_format == "multipart":
        return Body(b"", "multipart/form-data"), parameters.body
    if parameters.body_format == "file":
        return Body(b"", OCTETS), parameters.body
    body = make_body(parameters.body_format, parameters.body, context)
    return body, body.content.decode() if isinstance(body.content, bytes) else None


async def _exchange(parameters: HttpRequest, context: Context, page: PageRequest) -> Page:
    """Send one request, and read its answer."""
    body = _body(parameters, context, page)
    key = context.idempotency_key if page.number == 1 else f"{context.idempotency_key}:{page.number}"
    sending: _Sending = {
        "headers": _headers(parameters, key, body),
        # An address that the server gave for the next page has its query already.
        "query": [*(pairs(parameters.query) if page.url == parameters.url else ()), *page.query],
        "content": None if body is None else body.content,
        "connection": parameters.connection,
        "timeout_seconds": parameters.timeout_seconds,
        "follow_redirects": parameters.follow_redirects,
    }
    if parameters.response == "file":
        return await _download(parameters, context, page.url, sending)
    response = await context.http.send(parameters.method, page.url, **sending)
    fails = parameters.success_when is None and parameters.fail_on_status and response.status >= FIRST_FAILING_STATUS
    if fails or _asks_for_retry(parameters, response.status):
        raise _bad_status(parameters, response, context)
    value = read_body(parameters.response, response, parameters.charset)
    answer: JsonObject = {"status": response.status, "headers": dict(response.headers), "body": value}
    _check_success(parameters, answer, response, context)
    return Page(answer, response.url, len(response.body))


async def _download(parameters: HttpRequest, context: Context, url: str, sending: _Sending) -> Page:
    """Keep the body as a file while it comes; of a bad answer, read as much as the error shows."""
    files = context.use(FILES)
    async with context.http.stream(parameters.method, url, **sending) as stream:
        answer: JsonObject = {"status": stream.status, "headers": dict(stream.headers), "body": None}
        success = parameters.success_when
        bad = (
            not success.holds(response=answer)
            if success is not None
            else parameters.fail_on_status and stream.status >= FIRST_FAILING_STATUS
        )
        if bad or _asks_for_retry(parameters, stream.status):
            head = HttpResponse(stream.status, stream.headers, await _beginning(stream), stream.url, stream.redirected)
            raise _bad_status(parameters, head, context)
        reference = await files.keep_stream(
            stream.chunks,
            name=parameters.file_name or file_name_of(stream.headers, stream.url),
            media_type=stream.headers.get("content-type", "") or OCTETS,
        )
    return Page({**answer, "body": reference}, stream.url, 0)


async def _beginning(stream: HttpStream) -> bytes:
    beginning = b""
    async for chunk in stream.chunks:
        beginning += chunk
        if len(beginning) >= EXCERPT:
            break
    return beginning


def _body(parameters: HttpRequest, context: Context, page: PageRequest) -> Body | None:
    """The body of one request, with what asks for a page in it."""
    if page.body is None:
        given = "body" in parameters.model_fields_set
        return make_body(parameters.body_format, parameters.body, context) if given else None
    own = {} if parameters.body is None else parameters.body
    if not isinstance(own, dict):
        raise StepError(
            "The body is no object, so nothing in it can ask for a page.",
            code="BODY_UNFIT",
            remedy="Make it an object, or set the place of the pagination to query.",
            details={"parameter": "body"},
        )
    return make_body(parameters.body_format, {**own, **page.body}, context)


def _headers(parameters: HttpRequest, idempotency_key: str, body: Body | None) -> dict[str, str]:
    """What the node says comes last, and so wins; names are compared without case."""
    headers: dict[str, str] = {}
    if body is not None:
        headers["Content-Type"] = body.media_type
    if parameters.send_idempotency_key and parameters.method not in SAFE_METHODS:
        headers["Idempotency-Key"] = idempotency_key
    # Only who made a multipart body knows what its parts are divided by.
    made = {"content-type"} if body is not None and parameters.body_format == "multipart" else set()
    given = {name: value for name, value in parameters.headers.items() if name.lower() not in made}
    taken = {name.lower() for name in given}
    return {name: value for name, value in headers.items() if name.lower() not in taken} | given


def _asks_for_retry(parameters: HttpRequest, status: int) -> bool:
    """Whether the workflow names this status; the usual ones are tried again only where they are failures."""
    return "retry_statuses" in parameters.model_fields_set and status in parameters.retry_statuses


def _check_success(parameters: HttpRequest, answer: JsonObject, response: HttpResponse, context: Context) -> None:
    if parameters.success_when is not None and not parameters.success_when.holds(response=answer):
        raise _bad_status(parameters, response, context)


def _bad_status(parameters: HttpRequest, response: HttpResponse, context: Context) -> StepError:
    rule = parameters.success_when
    why = "" if rule is None else f", which is no success by '{rule.source[:200]}'"
    error = bad_status(parameters.method, response, context.now, why)
    if response.status in parameters.retry_statuses:
        error.retryable = True
        error.uncertain = parameters.method not in SAFE_METHODS and not was_refused(response)
    return error


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
        "Calls a web API and gives its answer: status, headers and body, or what `extract` makes of them. Files are "
        "sent by reference (`body_format` multipart or file) and received as one (`response` file), whatever their "
        "size. With `pagination` it asks until the last page has come, and gives the items of all. Answers of "
        "400 and above, and servers that cannot be reached, are errors; those that another try may mend are tried "
        "again as the node's retry policy says. Addresses inside of the own network are refused unless the operator "
        "allows them. A GET, HEAD or OPTIONS request may be repeated at any time. Any other is never repeated "
        "silently: when the worker dies, the time is up or the connection breaks after the request was sent, it may "
        "have been carried out, and the node's `on_unknown` decides: `fail` (the default), `retry` with the same "
        "`Idempotency-Key`, or `ask` a person."
    ),
    parameters=HttpRequest,
    uses=(FILES,),
    run=run,
    rehearse=rehearse,
    effect=Effect.UNSAFE,
    effect_of=effect_of,
    outputs=(
        Port(
            help="The answer, or what `extract` made of it. With `pagination`, also how many `pages`, and if `more`.",
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
                "connection": "0198c0de-0000-7000-8000-000000000001",
            },
            input={"sku": "a-1"},
            answers=(_answer(201, '{"id": 7}'),),
            expect={"out": {"status": 201, "headers": {"content-type": "application/json"}, "body": {"id": 7}}},
        ),
        Example(
            "all pages of a list",
            {
                "url": "https://api.example.com/orders",
                "pagination": {
                    "by": "cursor",
                    "parameter": "after",
                    "next": "response.body.next",
                    "items": "response.body.orders",
                },
                "extract": "{'orders': response.body, 'pages': response.pages}",
            },
            answers=(_answer(200, '{"orders": [1, 2], "next": "c2"}'), _answer(200, '{"orders": [3], "next": null}')),
            expect={"out": {"orders": [1, 2, 3], "pages": 2}},
        ),
        Example(
            "upload a file with a form",
            {
                "method": "POST",
                "url": "https://api.example.com/orders/8/invoice",
                "body_format": "multipart",
                "body": {"title": "Invoice", "document": "{{ input.file }}"},
                "success_when": "response.status == 201",
                "extract": "response.body.id",
            },
            input={"file": {"$file": "f1"}},
            world={"files": {"f1": {"name": "invoice.txt", "media_type": "text/plain", "text": "12.50 EUR"}}},
            answers=(_answer(201, '{"id": 9}'),),
            expect={"out": 9},
        ),
        Example(
            "keep what is downloaded as a file",
            {"url": "https://api.example.com/orders/8/invoice", "response": "file", "extract": "response.body"},
            answers=(
                _answer(
                    200,
                    "12.50 EUR",
                    content_type="text/plain",
                    content_disposition='attachment; filename="invoice.txt"',
                ),
            ),
            expect={
                "out": {
                    "$file": "kept-1",
                    "name": "invoice.txt",
                    "media_type": "text/plain",
                    "size": 9,
                    "sha256": "ddaae36b63c6630ea985c8a26ce949eb3db985967d13d581c253e135427910ea",
                }
            },
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
