"""What senders put on the wire, behind the real HTTP server: no 5xx, and nothing starts that should not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI
from tests.rig.webhooks import Webhook, create_webhook

from wingbeat.api.server import HttpServer
from wingbeat.storage.pool import Database

Publish = Callable[..., Awaitable[str]]


@pytest.fixture
async def port(database: Database, make_app: Callable[[Database], FastAPI]) -> AsyncIterator[int]:
    """The port of the real server."""
    listener = socket.create_server(("127.0.0.1", 0))
    found = listener.getsockname()[1]
    server = HttpServer(make_app(database), listener)
    server.start()
    yield found
    await server.stop(1)


@pytest.fixture
async def webhook(client: httpx.AsyncClient, publish: Publish) -> Webhook:
    """A webhook that asks for a signature."""
    return await create_webhook(client, await publish())


async def say(port: int, data: bytes, *, ends: bool = False) -> bytes:
    """Send these bytes, and hang up if nothing more comes; what comes back until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    if ends:
        writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


def head(webhook: Webhook, body: bytes, *lines: bytes) -> bytes:
    """The head of a signed delivery."""
    signed = [f"{name}: {value}".encode() for name, value in webhook.sign(body).items()]
    start = f"POST {webhook.address} HTTP/1.1".encode()
    all_lines = (start, b"Host: localhost", b"Content-Type: application/json", b"Connection: close", *signed, *lines)
    return b"\r\n".join(all_lines) + b"\r\n\r\n"


async def test_a_body_in_chunks_is_a_body(port: int, webhook: Webhook, database: Database) -> None:
    """Signed as it is without them."""
    body = b'{"n": 1}'
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:3], body[3:])) + b"0\r\n\r\n"
    answer = await say(port, head(webhook, body, b"Transfer-Encoding: chunked") + chunks)
    assert b" 202 " in answer.split(b"\r\n", 1)[0]
    assert {"n": 1} == (await database.pool.fetchval("SELECT trigger_data FROM workflow_executions"))["body"]


@pytest.mark.parametrize(
    ("lines", "sent"),
    [
        ([b"Transfer-Encoding: chunked"], b"zz\r\n{}\r\n0\r\n\r\n"),
        ([b"Transfer-Encoding: chunked"], b"2\r\n{}"),
        ([b"Transfer-Encoding: chunked"], b"ffffffffffffffff\r\n{}"),
        ([b"Transfer-Encoding: gzip"], b"{}"),
        ([b"Transfer-Encoding: gzip, chunked"], b"2\r\n{}\r\n0\r\n\r\n"),
        ([b"Transfer-Encoding: chunked", b"Content-Encoding: gzip"], b"2\r\n\x1f\x8b\r\n0\r\n\r\n"),
        ([b"Content-Length: 2", b"Content-Length: 3"], b"{}x"),
        ([b"Content-Length: -2"], b"{}"),
        ([b"Content-Length: 99999999999999999999"], b"{}"),
        ([b"Content-Length: 10"], b"{}"),
        ([b"Content-Length: 2", b"X-Bad\x00Name: 1"], b"{}"),
        ([b"Content-Length: 2", b"Content-Type: text/plain"], b"{}"),
        ([b"Content-Length: 2", b"Expect: 200-maybe", b"Content-Encoding: br"], b"{}"),
    ],
)
async def test_what_is_no_request_starts_nothing(
    port: int, webhook: Webhook, database: Database, lines: list[bytes], sent: bytes
) -> None:
    """It is refused as the caller's fault or cut off, and the next one is answered."""
    incomplete = sent in {b"2\r\n{}", b"ffffffffffffffff\r\n{}"} or b"Content-Length: 10" in lines
    answer = await say(port, head(webhook, b"{}", *lines) + sent, ends=incomplete)
    assert (incomplete and answer == b"") or answer.startswith(b"HTTP/1.1 4"), answer[:200]
    assert 0 == await database.pool.fetchval("SELECT count(*) FROM workflow_executions")
    good = await say(port, head(webhook, b"{}", b"Content-Length: 2") + b"{}")
    assert good.startswith(b"HTTP/1.1 202")


async def test_a_second_request_within_a_body_is_a_body(port: int, webhook: Webhook, database: Database) -> None:
    """Where both lengths are given, whatever the server makes of it, at most one thing starts and it is signed."""
    inner = head(webhook, b"{}", b"Content-Length: 2") + b"{}"
    outer = head(webhook, b"", b"Content-Length: 4", b"Transfer-Encoding: chunked") + b"0\r\n\r\n" + inner
    answer = await say(port, outer.replace(b"Connection: close\r\n", b"", 1), ends=True)
    assert b"HTTP/1.1 5" not in answer
    assert answer.count(b"HTTP/1.1 202") == await database.pool.fetchval("SELECT count(*) FROM workflow_executions")


async def test_the_address_that_connected_is_the_callers(
    port: int, client: httpx.AsyncClient, publish: Publish, database: Database
) -> None:
    """As the real server knows it."""
    webhook = await create_webhook(client, await publish(), ip_allowlist=["127.0.0.1"])
    answer = await say(port, head(webhook, b"{}", b"Content-Length: 2", b"X-Forwarded-For: 192.0.2.1") + b"{}")
    assert answer.startswith(b"HTTP/1.1 202")
    assert "127.0.0.1" == (await database.pool.fetchval("SELECT trigger_data FROM workflow_executions"))["address"]
