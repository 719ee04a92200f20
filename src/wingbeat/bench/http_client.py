"""A light client for HTTP/1.1 with connections that are kept open: it must not be what is measured."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING, Self

from wingbeat.bench.report import BenchmarkBroken

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json

CONNECT_SECONDS = 5.0
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"
# Of the installations that benchmarks make for themselves.
API_KEY = secrets.token_urlsafe(32)


class HttpClient:
    """One connection; requests go one after another."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        async with asyncio.timeout(CONNECT_SECONDS):
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """Send what `prepare` made; returns the status and the body."""
        self._writer.write(request)
        head = await self._reader.readuntil(HEAD_END)
        start = head.lower().find(LENGTH)
        if start < 0:
            raise BenchmarkBroken("The server's answer has no Content-Length.")
        length = int(head[start + len(LENGTH) : head.index(b"\r\n", start)])
        return int(head[9:12]), await self._reader.readexactly(length)


def prepare(method: str, path: str, value: Json = None) -> bytes:
    """A request with JSON, ready to be sent any number of times."""
    body = b"" if value is None else json.dumps(value).encode()
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {API_KEY}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
