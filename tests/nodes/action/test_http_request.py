"""The HTTP request node: what it sends, what it makes of the answer, and what it says when the answer is bad."""

from __future__ import annotations

from typing import Any, cast

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.action.http_request import NODE
from wingbeat.sdk import Effect, Example, HttpResponse, JsonObject
from wingbeat.sdk.testing import ExampleHttp, SentRequest, context_of, outcome_of, run_example

URL = "https://api.example.com/orders"
BIG = 123456789012345678901234567890


def answer(status: int = 200, body: bytes = b"", **headers: str) -> HttpResponse:
    """An answer of the server."""
    return HttpResponse(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, body, f"{URL}?key=k"
    )


def sent(raw: JsonObject, **example: Any) -> SentRequest:  # noqa: ANN401 - fields of an example
    """The request that these parameters send."""
    described = Example("", {"url": URL, **raw}, answers=(answer(),), **example)
    context = context_of(described)
    run_example(NODE, described, context=context)
    return cast("ExampleHttp", context.http).sent[0]


def received(raw: JsonObject, response: HttpResponse) -> Any:  # noqa: ANN401 - any JSON
    """What comes out for this answer."""
    return outcome_of(run_example(NODE, Example("", {"url": URL, **raw}, answers=(response,))))["out"]


def failure(raw: JsonObject, response: HttpResponse) -> StepError:
    """The error that this answer ends in."""
    with pytest.raises(StepError) as caught:
        received(raw, response)
    return caught.value


@pytest.mark.parametrize(
    ("raw", "content", "media"),
    [
        ({"body": {"a": [1, None]}}, b'{"a":[1,null]}', "application/json"),
        ({"body": None}, b"null", "application/json"),
        (
            {"body": {"a": "x y", "b": [1, True], "c": None}, "body_format": "form"},
            b"a=x+y&b=1&b=true",
            "application/x-www-form-urlencoded",
        ),
        ({"body": "café", "body_format": "text"}, "café".encode(), "text/plain; charset=utf-8"),
        ({}, None, None),
    ],
)
def test_bodies_are_sent_in_their_format(raw: JsonObject, content: bytes | None, media: str | None) -> None:
    """JSON, form and text, each with its content type; nothing where no body was given."""
    request = sent({"method": "POST", **raw})
    assert (content, media) == (request.content, request.headers.get("Content-Type"))


@pytest.mark.parametrize(("body_format", "body"), [("form", [1]), ("form", "a=1"), ("text", {"a": 1}), ("text", None)])
def test_bodies_that_do_not_fit_their_format_are_errors(body_format: str, body: Any) -> None:  # noqa: ANN401 - any JSON
    """A form needs an object and a text needs text; nothing is sent."""
    with pytest.raises(StepError) as caught:
        sent({"method": "POST", "body": body, "body_format": body_format})
    assert caught.value.code == "BODY_UNFIT"


def test_a_query_repeats_lists_and_leaves_out_null() -> None:
    """Each value as text, as JSON has it."""
    request = sent({"query": {"page": "{{ n }}", "tag": ["a", "b"], "all": True, "none": None}}, variables={"n": 2})
    assert request.query == [("page", "2"), ("tag", "a"), ("tag", "b"), ("all", "true")]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, None),
        ({"method": "OPTIONS"}, None),
        ({"method": "POST"}, "example"),
        ({"method": "DELETE"}, "example"),
        ({"method": "POST", "send_idempotency_key": False}, None),
    ],
)
def test_the_idempotency_key_goes_with_what_changes_something(raw: JsonObject, expected: str | None) -> None:
    """So that a server that knows the header can tell a repeated request."""
    assert expected == sent(raw).headers.get("Idempotency-Key")


def test_own_headers_win() -> None:
    """Whatever case they are written in."""
    request = sent({"method": "POST", "body": 1, "headers": {"content-type": "application/vnd.x+json"}})
    assert request.headers == {"content-type": "application/vnd.x+json", "Idempotency-Key": "example"}


@pytest.mark.parametrize(
    ("how", "media", "body", "expected"),
    [
        ("auto", "application/json; charset=utf-8", b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ("auto", "application/problem+json", b"[]", []),
        ("auto", "application/json", b"", ""),
        ("auto", "text/html; charset=iso-8859-1", b"caf\xe9", "café"),
        ("auto", "text/html; charset=none-such", b"caf\xc3\xa9", "café"),
        ("auto", "text/html; charset=base64", b"x", "x"),
        ("auto", "text/html; charset=undefined", b"x", "x"),
        ("auto", "image/svg+xml", b"<svg/>", "<svg/>"),
        ("auto", "image/png", b"\x89PNG", "iVBORw=="),
        ("auto", "", b"x", "eA=="),
        ("auto", "", b"", ""),
        ("json", "text/plain", b"1", 1),
        ("json", "", b'[123456789012345678901234567890, "12345678901234567890"]', [BIG, "12345678901234567890"]),
        ("text", "application/json", b"{}", "{}"),
        ("text", "image/png", b"\x89", "\ufffd"),
        ("binary", "text/plain", b"x", "eA=="),
    ],
)
def test_bodies_are_read_as_asked(how: str, media: str, body: bytes, expected: Any) -> None:  # noqa: ANN401 - any JSON
    """By content type, or as the node says; an unknown character set is UTF-8."""
    assert expected == received({"response": how}, answer(body=body, content_type=media))["body"]


@pytest.mark.parametrize(
    "body",
    [b"9" * 5000, b"", b"{", b"NaN", b'"\\ud800"', b"[" * 100_000, b"\xff"],
    ids=["long", "empty", "cut", "nan", "half", "deep", "bytes"],
)
def test_a_body_that_is_not_json_is_an_error(body: bytes) -> None:
    """Nothing that could not be written down again gets in, and no depth crashes the worker."""
    error = failure({"response": "json"}, answer(body=body))
    assert (error.code, error.retryable) == ("RESPONSE_NOT_JSON", False)


@pytest.mark.parametrize(
    ("raw", "status", "retryable"),
    [
        ({}, 400, False),
        ({}, 429, True),
        ({}, 500, True),
        ({}, 501, False),
        ({"retry_statuses": [503]}, 500, False),
        ({}, 503, True),
        ({"retry_statuses": [501]}, 501, True),
        ({"retry_statuses": []}, 503, False),
        ({"fail_on_status": False, "retry_statuses": [503]}, 503, True),
        ({"success_when": "response.status == 200"}, 503, True),
        ({"success_when": "response.status == 200"}, 202, False),
        ({"retry_statuses": [202]}, 202, True),
    ],
)
def test_statuses_that_are_errors(raw: JsonObject, status: int, retryable: bool) -> None:
    """400 and above fail; the usual ones are worth another try, and the chosen ones whatever else is said."""
    error = failure(raw, answer(status, b"why"))
    assert ("HTTP_STATUS", status, "why", retryable) == (
        error.code,
        error.details["status"],
        error.details["body"],
        error.retryable,
    )
    assert "key=k" not in f"{error} {error.details}"


@pytest.mark.parametrize(
    ("raw", "response", "uncertain"),
    [
        ({"method": "POST"}, answer(429), False),
        ({"method": "POST"}, answer(503), False),
        ({"method": "POST"}, answer(502), True),
        ({"method": "DELETE"}, answer(504), True),
        ({"method": "POST"}, answer(500), True),
        ({"method": "GET"}, answer(500), False),
        ({"method": "GET"}, answer(504), False),
        ({"method": "POST", "retry_statuses": []}, answer(502), False),
        ({"method": "PATCH", "retry_statuses": [409]}, answer(409), False),
        ({"method": "POST", "retry_statuses": [202]}, answer(202), True),
        ({"method": "POST"}, answer(503)._replace(redirected=True), True),
    ],
)
def test_answers_after_which_something_may_have_been_done(
    raw: JsonObject, response: HttpResponse, *, uncertain: bool
) -> None:
    """A retry after 502 may pay twice; one after a refusal, or of what only reads, may not."""
    assert uncertain == failure(raw, response).uncertain


@pytest.mark.parametrize("raw", [{"fail_on_status": False}, {"fail_on_status": False, "retry_statuses": []}])
def test_a_bad_status_can_come_out(raw: JsonObject) -> None:
    """For workflows that handle it themselves: what would usually be tried again comes out too."""
    for status in (404, 500, 503):
        assert received(raw, answer(status))["status"] == status


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120.0),
        ("Fri, 02 Jan 2026 03:04:15 GMT", 10.0),
        ("Fri, 02 Jan 2026 03:04:15 -0000", 10.0),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 0.0),
        ("9" * 400, 31_536_000.0),
        ("soon", None),
        ("-5", None),
        ("²", None),
    ],
)
def test_retry_after_is_passed_on(value: str, expected: float | None) -> None:
    """In seconds, whichever way the server says it; nonsense is left out."""
    assert expected == failure({}, answer(503, retry_after=value)).details.get("retry_after_seconds")


def test_what_comes_out_can_be_chosen() -> None:
    """`extract` sees status, headers and body."""
    raw: JsonObject = {"extract": "[response.status, response.headers.etag, response.body.a]"}
    assert received(raw, answer(200, b'{"a": 1}', content_type="application/json", etag="x")) == [200, "x", 1]


def test_a_rehearsal_sends_nothing_and_keeps_secrets() -> None:
    """It shows the request; tokens and keys are not in it."""
    raw: JsonObject = {
        "url": URL,
        "method": "POST",
        "body": {"a": 1},
        "headers": {"cookie": "{{ s }}", "Authorization": "Bearer {{ s }}", "X-Own": "yes"},
    }
    example = Example("", raw, variables={"s": "secret"})
    context = context_of(example)
    rehearsed = outcome_of(run_example(NODE, example, context=context, rehearse=True))["out"]
    assert (
        {name: rehearsed["request"][name] for name in ("method", "body")},
        cast("ExampleHttp", context.http).sent,
    ) == ({"method": "POST", "body": '{"a":1}'}, [])
    assert ("secret" in str(rehearsed), rehearsed["request"]["headers"]["X-Own"]) == (False, "yes")


def test_only_reading_is_free_to_repeat() -> None:
    """The effect follows from the method."""
    effects = [NODE.read({"url": URL, "method": method}).effect for method in ("GET", "HEAD", "POST", "DELETE")]
    assert effects == [Effect.IDEMPOTENT, Effect.IDEMPOTENT, Effect.UNSAFE, Effect.UNSAFE]
    assert NODE.read({"url": URL}).effect is Effect.IDEMPOTENT


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": URL, "method": "{{ m }}"}, "method"),
        ({"url": URL, "body": 1}, ""),
        ({"url": URL, "timeout_seconds": 0}, "timeout_seconds"),
        ({"url": URL, "retry_statuses": [1]}, "retry_statuses.0"),
        ({"url": URL, "authentication": {"kind": "bearer", "token": "t"}}, "authentication"),
        ({"url": URL, "headers": {"authorization": "Bearer t"}}, "headers.authorization"),
        ({"url": URL, "headers": {"X-Own": "{{ n }}", "Cookie": "a=b"}}, "headers.Cookie"),
        ({"url": URL, "headers": {"Proxy-Authorization": 7}}, "headers.Proxy-Authorization"),
        ({"url": URL, "connection": "{{ trigger.connection }}"}, "connection"),
    ],
)
def test_definitions_that_make_no_sense_are_faults(raw: JsonObject, path: str) -> None:
    """Found before anything is sent."""
    assert [path] == [problem.path for problem in NODE.read(raw).problems]
