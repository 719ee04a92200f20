"""Going through an answer that comes in pages: where the next one is, which was the last, and how much is too much."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple
from urllib.parse import urljoin, urlsplit

from pydantic import Field, model_validator

from wingbeat.nodes.http.request_body import as_text
from wingbeat.sdk import Expression, Json, JsonObject, LocalsMarker, Parameters, StepError, matters, needed
from wingbeat.sdk.exact_json import write_json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Self

RESPONSE = LocalsMarker(("response", "page"))
# Of all pages together, as they came.
MOST_BYTES = 100_000_000
LINK = re.compile(r"<([^<>]{1,4000})>\s*((?:;\s*[\w*-]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s;,\"]*))?\s*)*)")
NEXT = re.compile(r";\s*rel\s*=\s*(?:\"[^\"]*\bnext\b[^\"]*\"|next\b)", re.IGNORECASE)


class Pagination(Parameters):
    """How an answer goes on."""

    by: Literal["page", "offset", "cursor", "next_url", "link_header"] = Field(
        description=(
            "`page`: a page number in `parameter`. `offset`: the number of items so far in `parameter`. `cursor`: what "
            "`next` gives goes into `parameter`. `next_url`: `next` gives the address of the next page. `link_header`: "
            "the header `Link` names it (RFC 8288)."
        ),
        examples=["page", "link_header"],
    )
    parameter: str = Field(
        json_schema_extra=matters(by=("page", "offset", "cursor")),
        default="page",
        max_length=200,
        description="The query parameter that says which page.",
        examples=["cursor"],
    )
    place: Literal["query", "body"] = Field(
        json_schema_extra=matters(by=("page", "offset", "cursor")),
        default="query",
        description="Where `parameter` goes; in the body, that must be an object.",
        examples=["body"],
    )
    first: int = Field(
        json_schema_extra=matters(by=("page", "offset")),
        default=1,
        ge=0,
        le=1_000_000_000,
        description="For `page` and `offset`: what to begin with.",
        examples=[0],
    )
    next: Annotated[Expression[Json] | None, RESPONSE] = Field(
        json_schema_extra=needed(by=("cursor", "next_url")),
        default=None,
        description="For `cursor` and `next_url`: found in the `response`; null or empty text after the last page.",
        examples=["response.body.meta.next_cursor"],
    )
    items: Annotated[Expression[Json] | None, RESPONSE] = Field(
        default=None,
        description="The list of items in the `response`; without it, its whole body must be a list.",
        examples=["response.body.data"],
    )
    stop_when: Annotated[Expression[bool] | None, RESPONSE] = Field(
        default=None,
        description=(
            "Asked after each page with its `response` and number (`page`, from 1): true if it was the last. Pages by "
            "number or offset also end with one that has no items."
        ),
        examples=["not response.body.has_more"],
    )
    collect: Literal["items", "pages"] = Field(
        default="items",
        description="What `body` becomes: the items of all pages as one list, or a list of the pages' bodies.",
        examples=["pages"],
    )
    max_pages: int = Field(default=100, ge=1, le=10_000, description="So many pages at most.", examples=[20])
    on_max_pages: Literal["fail", "stop"] = Field(
        default="fail",
        description="If there are more pages than that: fail, or give what there is, with `more` set to true.",
        examples=["stop"],
    )

    @model_validator(mode="after")
    def _has_next(self) -> Self:
        if self.by in {"cursor", "next_url"} and self.next is None:
            raise ValueError(f"pages by {self.by} need 'next', an expression that finds it in the response")
        return self


class PageRequest(NamedTuple):
    """Which page to ask for: its number from 1, its address, and what to add to the query and to the body."""

    number: int
    url: str
    query: tuple[tuple[str, str], ...] = ()
    body: JsonObject | None = None


class Page(NamedTuple):
    """A page that came: the answer as a value, where from, and how many bytes it had."""

    answer: JsonObject
    url: str
    size: int


async def collect(pagination: Pagination, url: str, ask: Callable[[PageRequest], Awaitable[Page]]) -> JsonObject:
    """Go through the pages from the first to the last; the last answer, with what was collected for a body.

    Raises:
        StepError: `PAGINATION_LIMIT`, `PAGINATION_STUCK`, `PAGINATION_ELSEWHERE` or `PAGINATION_NO_ITEMS`.
    """
    collected: list[Json] = []
    turner = _Turner(pagination, url)
    request = turner.first()
    size = 0
    while True:
        page = await ask(request)
        size += page.size
        if size > MOST_BYTES:
            raise _too_much(f"more than {MOST_BYTES} bytes")
        items = _items(pagination, page, request.number)
        collected.extend(items if pagination.collect == "items" else [page.answer["body"]])
        following = turner.after(request, page, len(items))
        more = following is not None and request.number >= pagination.max_pages
        if following is None or more:
            break
        request = following
    if more and pagination.on_max_pages == "fail":
        raise _too_much(f"more than {pagination.max_pages} pages")
    return {**page.answer, "body": collected, "pages": request.number, "more": more}


class _Turner:
    """Finds the next page, and notices when it is one that was there already."""

    def __init__(self, pagination: Pagination, url: str) -> None:
        self._pagination = pagination
        self._url = url
        self._so_far = pagination.first
        self._seen: set[str] = {url} if pagination.by in {"next_url", "link_header"} else set()

    def first(self) -> PageRequest:
        numbered = self._pagination.by in {"page", "offset"}
        return self._with_parameter(1, self._so_far) if numbered else PageRequest(1, self._url)

    def after(self, request: PageRequest, page: Page, count: int) -> PageRequest | None:
        pagination, number = self._pagination, request.number + 1
        stop = pagination.stop_when
        if stop is not None and stop.holds(response=page.answer, page=request.number):
            return None
        match pagination.by:
            case "page" | "offset":
                self._so_far += 1 if pagination.by == "page" else count
                return self._with_parameter(number, self._so_far) if count else None
            case "cursor":
                cursor = self._next(page, request.number)
                return None if cursor in (None, "") else self._with_parameter(number, self._fresh(cursor))
            case "next_url":
                target = self._next(page, request.number)
                return None if target in (None, "") else self._at(number, page.url, target)
            case "link_header":
                link = next_link(page.answer.get("headers"))
                return None if link is None else self._at(number, page.url, link)

    def _next(self, page: Page, number: int) -> Json:
        expression = self._pagination.next
        return None if expression is None else expression.evaluate(response=page.answer, page=number)

    def _with_parameter(self, number: int, value: Json) -> PageRequest:
        name = self._pagination.parameter
        if self._pagination.place == "body":
            return PageRequest(number, self._url, body={name: value})
        return PageRequest(number, self._url, query=((name, as_text(value)),))

    def _at(self, number: int, here: str, target: Json) -> PageRequest:
        """The next page at an address of its own: on the same server, for what is sent may hold secrets."""
        try:
            url = urljoin(here, target if isinstance(target, str) else "")
            same = isinstance(target, str) and urlsplit(url)[:2] == urlsplit(here)[:2]
        except ValueError:
            url, same = "", False
        if not same:
            raise StepError(
                f"The next page is said to be at {write_json(target)[:200].decode('utf-8', 'replace')}, which is no "
                f"address on the server that was asked.",
                code="PAGINATION_ELSEWHERE",
                remedy="Look at what 'next' finds; a server elsewhere must be asked by a node of its own.",
            )
        return PageRequest(number, str(self._fresh(url)))

    def _fresh(self, value: Json) -> Json:
        mark = as_text(value)
        if mark in self._seen:
            raise StepError(
                "The next page is one that was there already, so the pages would never end.",
                code="PAGINATION_STUCK",
                remedy="Look at what 'next' finds, and whether 'parameter' is what the server goes by.",
            )
        self._seen.add(mark)
        return value


def next_link(headers: Json) -> str | None:
    """The target of `rel="next"` in a `Link` header."""
    value = headers.get("link") if isinstance(headers, dict) else None
    if not isinstance(value, str):
        return None
    return next((found[1] for found in LINK.finditer(value[:20_000]) if NEXT.search(found[2])), None)


def _items(pagination: Pagination, page: Page, number: int) -> list[Json]:
    expression = pagination.items
    body = page.answer["body"]
    if expression is None and pagination.collect == "pages" and not isinstance(body, list):
        # The pages themselves are wanted; one that is not empty has something on it.
        return [body] if body else []
    items = body if expression is None else expression.evaluate(response=page.answer, page=number)
    if isinstance(items, list):
        return items
    raise StepError(
        f"Page {number} has no list of items.",
        code="PAGINATION_NO_ITEMS",
        remedy="Say in 'items' where the list is, for example response.body.data.",
        details={"page": number},
    )


def _too_much(what: str) -> StepError:
    return StepError(
        f"The answer has {what}.",
        code="PAGINATION_LIMIT",
        remedy="Ask for less, or raise 'max_pages'; with 'on_max_pages' set to stop, what came so far comes out.",
    )
