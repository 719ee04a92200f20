"""Answers of APIs as values, and which of them are errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.nodes.http.answer import FIRST_FAILING_STATUS, bad_status, read_body, was_refused
from wingbeat.sdk import JsonObject, StepError

if TYPE_CHECKING:
    from datetime import datetime

    from wingbeat.sdk import HttpResponse

BUSY = frozenset({429, 502, 503, 504})
BROKEN = 500
READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def read_answer(method: str, response: HttpResponse, now: datetime, *, fail_on_status: bool) -> JsonObject:
    """`status`, `headers` and `body`: JSON where it is JSON, text where it is text, else base64.

    Raises:
        StepError: `HTTP_STATUS` for 400 and above, as far as that is to fail; `RESPONSE_NOT_JSON`.
    """
    if response.status in BUSY or (fail_on_status and response.status >= FIRST_FAILING_STATUS):
        raise _failed(method, response, now)
    return {"status": response.status, "headers": dict(response.headers), "body": read_body("auto", response)}


def _failed(method: str, response: HttpResponse, now: datetime) -> StepError:
    error = bad_status(method, response, now)
    error.retryable = response.status in BUSY or response.status == BROKEN
    error.uncertain = error.retryable and method not in READING and not was_refused(response)
    return error
