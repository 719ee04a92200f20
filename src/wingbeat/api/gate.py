"""What every request passes before any route: an id, its present address, and the last resort for errors.

Pure ASGI, since it is on the way of every request.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

from starlette.requests import Request

from wingbeat.api.caller_address import address_of
from wingbeat.api.earlier_addresses import present_path
from wingbeat.api.failures import describe, unexpected
from wingbeat.api.session_cookie import SET_COOKIE
from wingbeat.api.web_headers import WebHeaders
from wingbeat.core.errors import WingbeatError
from wingbeat.storage.audit import Caller, acting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from wingbeat.core.networks import Network

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")


class Gate:
    """ASGI middleware: gives the answer its id and what browsers are to keep to, and lets no error out."""

    def __init__(self, app: ASGIApp, *, public_url: str = "", proxies: Sequence[Network] = ()) -> None:
        self.app = app
        self._web_headers = WebHeaders(public_url)
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["path"] = present_path(scope["path"])
        headers: dict[bytes, bytes] = dict(scope["headers"])
        request_id = make_request_id(headers.get(b"x-request-id"))
        scope["wingbeat.request_id"] = request_id.decode()
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                own = [(b"x-request-id", request_id)]
                if SET_COOKIE in scope:
                    own.append((b"set-cookie", scope[SET_COOKIE].encode()))
                given = message.get("headers", ())
                message["headers"] = [*given, *self._web_headers.missing(given), *own]
            await send(message)

        # Whoever verifies the caller fills in who it is.
        with acting(Caller(request_id.decode(), address_of(scope, self._proxies))):
            try:
                await self.app(scope, receive, send_with_id)
            except Exception as error:
                if started:  # Too late for another answer; the server cuts the connection.
                    raise
                answer = (
                    describe(error, request_id.decode())
                    if isinstance(error, WingbeatError)
                    else unexpected(Request(scope), error)
                )
                await answer(scope, receive, send_with_id)


def make_request_id(given: bytes | None) -> bytes:
    """The caller's own id if it is harmless, else a new one."""
    if given is not None and REQUEST_ID.fullmatch(given):
        return given
    return uuid4().hex.encode()
