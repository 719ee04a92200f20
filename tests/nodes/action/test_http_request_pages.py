"""The HTTP request node and answers in pages: every way to the next one, and every way to stop."""

from __future__ import annotations

from typing import Any, cast

import orjson
import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.action.http_request import NODE
from wingbeat.nodes.http.pages import next_link
from wingbeat.sdk import Example, HttpResponse, Json, JsonObject
from wingbeat.sdk.testing import ExampleHttp, SentRequest, context_of, outcome_of, run_example

URL = "https://api.example.com/orders"


def page(body: Json, status: int = 200, url: str = URL, **headers: str) -> HttpResponse:
    """A page of the server."""
    return HttpResponse(status, {"content-type": "application/json", **headers}, orjson.dumps(body), url)


def turn(pagination: JsonObject, *pages: HttpResponse, **raw: Any) -> tuple[list[SentRequest], Any]:  # noqa: ANN401 - JSON
    """Go through the pages; the requests, and what came out."""
    example = Example("", {"url": URL, "pagination": pagination, **raw}, answers=pages)
    context = context_of(example)
    out = outcome_of(run_example(NODE, example, context=context))["out"]
    return cast("ExampleHttp", context.http).sent, out


def failure(pagination: JsonObject, *pages: HttpResponse, **raw: Any) -> StepError:  # noqa: ANN401 - JSON
    """The error that the pages end in."""
    with pytest.raises(StepError) as caught:
        turn(pagination, *pages, **raw)
    assert caught.value.remedy
    return caught.value


def test_pages_by_number_end_with_an_empty_one() -> None:
    """The other parts of the query stay."""
    sent, out = turn({"by": "page"}, page([1, 2]), page([3]), page([]), query={"size": 2})
    assert [[("size", "2"), ("page", str(number))] for number in (1, 2, 3)] == [one.query for one in sent]
    assert ([1, 2, 3], 3, False) == (out["body"], out["pages"], out["more"])


def test_pages_by_offset_count_the_items() -> None:
    """From where it is said to begin."""
    sent, out = turn(
        {"by": "offset", "parameter": "skip", "first": 0, "items": "response.body.rows"},
        page({"rows": [1, 2]}),
        page({"rows": [3]}),
        page({"rows": []}),
    )
    assert [[("skip", "0")], [("skip", "2")], [("skip", "3")]] == [one.query for one in sent]
    assert [1, 2, 3] == out["body"]


@pytest.mark.parametrize("last", [None, ""])
def test_pages_by_cursor_end_without_one(last: Json) -> None:
    """The cursor may be any value."""
    rule: JsonObject = {
        "by": "cursor",
        "parameter": "after",
        "next": "response.body.next",
        "items": "response.body.rows",
    }
    sent, out = turn(
        rule, page({"rows": [1], "next": 7}), page({"rows": [], "next": "x&y"}), page({"rows": [2], "next": last})
    )
    assert [[], [("after", "7")], [("after", "x&y")]] == [one.query for one in sent]
    assert [1, 2] == out["body"]


def test_a_cursor_can_go_into_the_body() -> None:
    """For searches by POST; each page has an idempotency key of its own."""
    rule: JsonObject = {
        "by": "cursor",
        "parameter": "after",
        "place": "body",
        "next": "response.body.next",
        "items": "response.body.rows",
    }
    sent, out = turn(
        rule, page({"rows": [1], "next": "c"}), page({"rows": [2], "next": None}), method="POST", body={"q": "a"}
    )
    assert [b'{"q":"a"}', b'{"q":"a","after":"c"}'] == [one.content for one in sent]
    assert ["example", "example:2"] == [one.headers["Idempotency-Key"] for one in sent]
    assert [1, 2] == out["body"]


def test_the_next_page_can_be_an_address() -> None:
    """Whole or relative; it brings its own query."""
    rule: JsonObject = {"by": "next_url", "next": "response.body.next", "items": "response.body.rows"}
    sent, out = turn(
        rule,
        page({"rows": [1], "next": "/orders?page=2"}),
        page({"rows": [2], "next": f"{URL}?page=3"}),
        page({"rows": [3], "next": None}),
        query={"size": 1},
    )
    assert [URL, f"{URL}?page=2", f"{URL}?page=3"] == [one.url for one in sent]
    assert [[("size", "1")], [], []] == [one.query for one in sent]
    assert [1, 2, 3] == out["body"]


def test_the_next_page_can_be_in_a_header() -> None:
    """As RFC 8288 has it."""
    sent, out = turn({"by": "link_header"}, page([1], link=f'<{URL}?p=2>; rel="next"'), page([2]))
    assert ([URL, f"{URL}?p=2"], [1, 2]) == ([one.url for one in sent], out["body"])


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<a>; rel="prev", <b>; rel="next"', "b"),
        ("<b>; rel=next", "b"),
        ('<b>; title="x, y; z"; rel="last next"', "b"),
        ('<b>; rel="nextish"', None),
        ('<b>; title="rel=next"', None),
        ("<b>", None),
        ("", None),
        ("<" * 100_000, None),
        ("<a>" + ";a" * 50_000, None),
        ('<a>;a="' * 20_000, None),
    ],
)
def test_links_are_read(header: str, expected: str | None) -> None:
    """Quickly, whatever the header holds."""
    assert expected == next_link({"link": header})


def test_a_condition_can_stop() -> None:
    """It is asked after each page, with its number."""
    _, out = turn({"by": "page", "stop_when": "page == 2"}, page([1]), page([2]))
    assert ([1, 2], False) == (out["body"], out["more"])


def test_pages_can_come_as_they_are() -> None:
    """A list of their bodies."""
    rule: JsonObject = {"by": "cursor", "next": "response.body.next", "collect": "pages"}
    _, out = turn(rule, page({"a": 1, "next": "x"}), page({"a": 2, "next": None}))
    assert [{"a": 1, "next": "x"}, {"a": 2, "next": None}] == out["body"]


def test_too_many_pages_are_never_left_out_silently() -> None:
    """They are an error, or the outcome says that there are more."""
    rule: JsonObject = {"by": "page", "max_pages": 2}
    assert "PAGINATION_LIMIT" == failure(rule, page([1]), page([2])).code
    _, out = turn({**rule, "on_max_pages": "stop"}, page([1]), page([2]))
    assert ([1, 2], True, 2) == (out["body"], out["more"], out["pages"])


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ({"by": "cursor", "next": "response.body.next"}, page({"next": "same"})),
        ({"by": "next_url", "next": "response.body.next"}, page({"next": URL})),
        ({"by": "link_header"}, page({}, link=f"<{URL}>; rel=next")),
    ],
)
def test_a_page_that_was_there_is_an_error(rule: JsonObject, first: HttpResponse) -> None:
    """The pages would never end."""
    again = page({"next": "same"})
    assert "PAGINATION_STUCK" == failure({**rule, "items": "[1]"}, first, again).code


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/x",
        "//evil.example/x",
        "http://api.example.com/orders",
        "file:///etc/passwd",
        "https://[",
        7,
    ],
)
def test_no_page_is_fetched_elsewhere(target: Json) -> None:
    """What is sent may hold secrets, and a server may not say where they go."""
    error = failure({"by": "next_url", "next": "response.body.next", "items": "[1]"}, page({"next": target}))
    assert "PAGINATION_ELSEWHERE" == error.code


@pytest.mark.parametrize("items", ["response.body", "response.body.rows ?? None", "'text'"])
def test_a_page_without_a_list_is_an_error(items: str) -> None:
    """Nothing is guessed."""
    assert "PAGINATION_NO_ITEMS" == failure({"by": "page", "items": items}, page({"a": 1})).code


def test_a_bad_answer_on_a_later_page_is_an_error() -> None:
    """As it would be on the first."""
    error = failure({"by": "page"}, page([1]), page({}, 503))
    assert ("HTTP_STATUS", True) == (error.code, error.retryable)


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ({"pagination": {"by": "cursor"}}, "next"),
        ({"pagination": {"by": "page"}, "response": "file"}, "pages"),
        ({"pagination": {"by": "page", "place": "body"}, "body_format": "text", "method": "POST"}, "body"),
        ({"pagination": {"by": "page", "max_pages": 0}}, "max_pages"),
        ({"pagination": {}}, "by"),
        ({"pagination": "page"}, "pagination"),
    ],
)
def test_rules_that_cannot_be_followed_are_refused(raw: JsonObject, part: str) -> None:
    """When the workflow is checked."""
    problems = NODE.read({"url": URL, **raw}).problems
    assert problems
    assert part in f"{problems}"


def test_a_body_that_is_no_object_takes_no_page() -> None:
    """It is said before anything is sent."""
    error = failure({"by": "page", "place": "body"}, method="POST", body=[1])
    assert "BODY_UNFIT" == error.code
