"""What every request passes before any route: an id, guards against browsers and strangers, the last resort for errors.

Pure ASGI, since it is on the way of every request.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

from starlette.requests import Request

from wingbeat.api.failures import describe, unexpected
from wingbeat.core.errors import Forbidden, Unauthenticated, WingbeatError
from wingbeat.storage.audit import Caller, acting

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """ASGI middleware: gives the answer an `X-Request-Id`, refuses who may not come in, and lets no error out.

    With an `api_key`, every request but those to `public` paths must carry it. Without one, the service is for this
    machine only, and what a web page could do through its visitor's browser is refused: requests by a name that is
    not this machine's (DNS rebinding), and changes that come from pages of another site.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        api_key: str | None = None,
        public: Sequence[re.Pattern[str]] = (),
        allowed_hosts: Collection[str] = (),
    ) -> None:
        self.app = app
        self.api_key = api_key.encode() if api_key else None
        self.public = tuple(public)
        self.allowed_hosts = frozenset(host.lower() for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        request_id = make_request_id(headers.get(b"x-request-id"))
        scope["wingbeat.request_id"] = request_id.decode()
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id)]
            await send(message)

        # Whoever verifies the caller fills in who it is.
        with acting(Caller(request_id.decode(), client_address(scope))):
            try:
                self.admit(scope, headers)
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

    def admit(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        """Raise what keeps the request out, if anything does."""
        if self.api_key is None:
            # What needs no key can do nothing that a stranger may not: other sites may link and send to it.
            refuse_browsers(scope["method"], headers, self.allowed_hosts, any_origin=self.is_public(scope))
        elif not hmac.compare_digest(headers.get(b"x-api-key", b""), self.api_key) and not self.is_public(scope):
            raise Unauthenticated(
                "This needs a key, and the request has none or a wrong one.",
                remedy="Send the API key of this service in the header X-API-Key.",
            )

    def is_public(self, scope: Scope) -> bool:
        """Whether the path is one that answers without a key."""
        return any(expression.match(scope["path"]) for expression in self.public)


def client_address(scope: Scope) -> str:
    """Who connected; empty where the server does not say."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def make_request_id(given: bytes | None) -> bytes:
    """The caller's own id if it is harmless, else a new one."""
    if given is not None and REQUEST_ID.fullmatch(given):
        return given
    return uuid4().hex.encode()


def refuse_browsers(
    method: str, headers: dict[bytes, bytes], allowed_hosts: Collection[str], *, any_origin: bool = False
) -> None:
    """Refuse what a web page of somebody else's could send from this machine."""
    host = headers.get(b"host", b"").decode("latin-1")
    if not is_own_host(host, allowed_hosts):
        raise Forbidden(
            f"This service does not answer to the name {host[:100]!r}.",
            code="HOST_NOT_ALLOWED",
            remedy="Use 127.0.0.1 or localhost; to be reached by other names, set API_KEY.",
        )
    origin = headers.get(b"origin")
    if any_origin or origin is None or method in READING_METHODS:
        return
    if not is_same_site(origin.decode("latin-1"), host):
        raise Forbidden(
            "A page of another site may change nothing here.",
            code="ORIGIN_NOT_ALLOWED",
            remedy="Send the request from a program, or from a page that this service serves.",
        )


def is_own_host(host: str, allowed_hosts: Collection[str]) -> bool:
    """Whether a Host header names this machine: by a loopback address or name, or as the operator said."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if name in allowed_hosts or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_same_site(origin: str, host: str) -> bool:
    """Whether an Origin header is the address that the request went to."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()
