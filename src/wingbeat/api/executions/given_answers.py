"""What workflows answer to callers who wait, served so that no browser takes it for a page of this service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from wingbeat.api.answers import write_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wingbeat.services.executions.responses import Given

# Answers that by their nature have no body.
BODILESS = frozenset({204, 205, 304})
GUARDS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}


def answer_given(given: Given, headers: Mapping[str, str]) -> Response:
    """The workflow's own answer, with `headers` of ours where it has none of that name."""
    text = isinstance(given.body, str)
    content = str(given.body).encode() if text else b"" if given.body is None else write_json(given.body)
    if given.status in BODILESS:
        content = b""
    named = {name.lower() for name in given.headers}
    sent = {name: value for name, value in headers.items() if name.lower() not in named}
    sent |= {**given.headers, **GUARDS}
    if content and "content-type" not in named:
        sent["Content-Type"] = "text/plain; charset=utf-8" if text else "application/json"
    return Response(content, given.status, sent)
