"""Hostile answers: what cannot be sent, or would speak for the server, is refused."""

from __future__ import annotations

import pytest

from wingbeat.core.errors import StepError, WingbeatError
from wingbeat.core.json_value import Json
from wingbeat.nodes.action.respond import NODE
from wingbeat.sdk import Example
from wingbeat.sdk.testing import run_example


@pytest.mark.parametrize(
    "headers",
    [
        {"X A": "b"},
        {"X:A": "b"},
        {"": "b"},
        {"X-A": "b\r\nSet-Cookie: c=d"},
        {"X-A": "b\0"},
        {"X-A": "€"},
        {"X-A": "x" * 5000},
        {"Content-Length": "3"},
        {"set-cookie": "a=b"},
        {"Transfer-Encoding": "chunked"},
        {f"X-{number}": "a" for number in range(51)},
    ],
)
def test_headers_that_must_not_be_sent(headers: Json) -> None:
    """A typed error of the step."""
    with pytest.raises(StepError) as refused:
        run_example(NODE, Example("", {"headers": headers}))
    assert "RESPONSE_HEADER_INVALID" == refused.value.code


@pytest.mark.parametrize("status", [0, 199, 600, -1, "x", None, 200.5, True, 10**30])
def test_statuses_that_are_none(status: Json) -> None:
    """Only from 200 to 599."""
    with pytest.raises(WingbeatError):
        run_example(NODE, Example("", {"status": "{{ input }}"}, input=status))
