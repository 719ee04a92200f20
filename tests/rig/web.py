"""Small real servers on this machine: one that answers by a function, and an OAuth 2 server made with it."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import orjson


class Asked(NamedTuple):
    """A request that came in; header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


class Reply(NamedTuple):
    """What to answer."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[str, ...] = ("Content-Type: application/json",)


@dataclass
class Web:
    """A server. `asked` has all requests in the order in which they came."""

    handler: Callable[[Asked], Reply | Awaitable[Reply]]
    port: int = 0
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            method, target, _ = head[0].split(" ")
            parts = urlsplit(target)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.asked.append(Asked(method, parts.path, query, headers, body))
            reply = self.handler(self.asked[-1])
            if not isinstance(reply, Reply):
                reply = await reply
            lines = (f"HTTP/1.1 {reply.status} Said", *reply.headers, f"Content-Length: {len(reply.body)}")
            writer.write("\r\n".join((*lines, "Connection: close", "", "")).encode() + reply.body)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def web(handler: Callable[[Asked], Reply | Awaitable[Reply]]) -> AsyncIterator[Web]:
    """A server on 127.0.0.1."""
    served = Web(handler)
    listener = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.port = listener.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        listener.close()


@dataclass
class OAuthServer:
    """Gives tokens, and an API that takes only the last one. Refresh tokens hold once, as good servers have it."""

    client_id: str = "client-1"
    client_secret: str = "client+secret/value=1"  # noqa: S105 - a test's own
    expires_in: int | None = 3600
    failing: int | None = None
    issued: int = 0
    refresh_token: str = ""
    access_token: str = ""
    challenge: str = ""
    refused: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply | Awaitable[Reply]:
        """Answer."""
        if asked.path == "/token":
            return self.give(asked)
        good = asked.headers.get("authorization") == f"Bearer {self.access_token}"
        return Reply(200, b'{"hello": "you"}') if good else Reply(401)

    async def give(self, asked: Asked) -> Reply:
        """A token, if everything is in order."""
        await asyncio.sleep(0)
        form = asked.form
        if self.failing is not None:
            return Reply(self.failing, orjson.dumps({"error": "server_error"}))
        if (why := self.fault(asked, form)) is not None:
            self.refused.append(why)
            return Reply(400, orjson.dumps({"error": why, "error_description": f"not {form}"}))
        self.issued += 1
        self.access_token = f"access-token-{self.issued}-{'x' * 20}"
        answer: dict[str, object] = {"access_token": self.access_token, "token_type": "Bearer"}
        if form["grant_type"] != "client_credentials":
            self.refresh_token = f"refresh-token-{self.issued}-{'y' * 20}"
            answer["refresh_token"] = self.refresh_token
        if self.expires_in is not None:
            answer["expires_in"] = self.expires_in
        return Reply(200, orjson.dumps(answer))

    def fault(self, asked: Asked, form: dict[str, str]) -> str | None:
        """What is wrong with a request, in OAuth's words."""
        kind, _, encoded = asked.headers.get("authorization", "").partition(" ")
        given = (
            b64decode(encoded).decode() if kind == "Basic" else f"{form.get('client_id')}:{form.get('client_secret')}"
        )
        secret = "client%2Bsecret%2Fvalue%3D1" if kind == "Basic" else self.client_secret
        if given != f"{self.client_id}:{secret}":
            return "invalid_client"
        match form["grant_type"]:
            case "client_credentials":
                return None
            case "refresh_token":
                return None if form["refresh_token"] == self.refresh_token else "invalid_grant"
            case "authorization_code":
                digest = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
                good = form["code"] == "the-code-of-the-sign-in" and digest.decode() == self.challenge
                return None if good else "invalid_grant"
        return "unsupported_grant_type"
