"""Answers of APIs as values, and which of them are errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.nodes.http.answer import excerpt, read_body, retry_after, without_query
from wingbeat.sdk import JsonObject, StepError

if TYPE_CHECKING:
    from datetime import datetime

    from wingbeat.sdk import HttpResponse

FIRST_FAILING_STATUS = 400
FIRST_SERVER_ERROR = 500
UNAVAILABLE = 503
WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})
READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def read_answer(method: str, response: HttpResponse, now: datetime, *, fail_on_status: bool) -> JsonObject:
    """`status`, `headers` and `body`: JSON where it is JSON, text where it is text, else base64.

    Raises:
        StepError: `HTTP_STATUS` for 400 and above, as far as that is to fail; `RESPONSE_NOT_JSON`.
    """
    if response.status in WORTH_ANOTHER_TRY or (fail_on_status and response.status >= FIRST_FAILING_STATUS):
        raise _failed(method, response, now)
    return {"status": response.status, "headers": dict(response.headers), "body": read_body("auto", response)}


def _failed(method: str, response: HttpResponse, now: datetime) -> StepError:
    url = without_query(response.url)
    retryable = response.status in WORTH_ANOTHER_TRY
    refused = FIRST_FAILING_STATUS <= response.status < FIRST_SERVER_ERROR or response.status == UNAVAILABLE
    details: JsonObject = {"status": response.status, "url": url, "body": excerpt(response.body)}
    wait = retry_after(response.headers.get("retry-after"), now)
    if wait is not None:
        details["retry_after_seconds"] = wait
    return StepError(
        f"{method} {url} answered {response.status}.",
        code="HTTP_STATUS",
        remedy="Look at the body in the details; set 'fail_on_status' to false to go on with such answers.",
        details=details,
        retryable=retryable,
        uncertain=retryable and method not in READING and not (refused and not response.redirected),
    )
