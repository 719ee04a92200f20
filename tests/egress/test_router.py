"""The way to the Router, against a server that plays it: what it gets, and what its answers mean."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import SecretStr
from tests.egress.test_http import Answer, Server, redirect, serving, with_body

from wingbeat.core.errors import StepError
from wingbeat.egress.router import RouterClient

OK = with_body(b'{"success": true, "message": "done", "data": {"n": 1}}')


@dataclass(frozen=True)
class Step:
    """On whose behalf."""

    execution_id: str = "e"
    workflow_id: str = "w"
    node_id: str = "n"
    idempotency_key: str = "e:n:"


@asynccontextmanager
async def routing(
    *answers: Answer, key: str | None = None, path: str = ""
) -> AsyncIterator[tuple[Server, RouterClient]]:
    """A Router that gives these answers, and the way to it."""
    async with serving(*answers) as server:
        client = RouterClient(f"http://127.0.0.1:{server.port}{path}", None if key is None else SecretStr(key))
        try:
            yield server, client
        finally:
            await client.close()


async def ask(*answers: Answer, seconds: float = 30.0) -> Any:  # noqa: ANN401 - any JSON
    """What comes of a request."""
    async with routing(*answers) as (_, client):
        return await client.of(Step()).execute("modules", {"module": "m"}, timeout_seconds=seconds)


async def failure(*answers: Answer, seconds: float = 30.0) -> StepError:
    """The error that a request ends in."""
    with pytest.raises(StepError) as caught:
        await ask(*answers, seconds=seconds)
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("path", ["", "/", "/base"])
async def test_a_request_says_who_asks(path: str) -> None:
    """Path, key, idempotency key, and the step beside what it wants."""
    async with routing(OK, key="secret", path=path) as (server, client):
        await client.of(Step()).execute("commands", {"command": "!so"}, timeout_seconds=60)
    assert server.heads[0].startswith(f"POST {path.rstrip('/')}/api/v1/commands/execute HTTP/1.1")
    assert ["secret", "e:n:", "application/json"] == [
        server.header(name) for name in ("x-api-key", "idempotency-key", "content-type")
    ]
    context = {"execution_id": "e", "workflow_id": "w", "node_id": "n"}
    assert {"command": "!so", "context": context} == json.loads(server.bodies[0])


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "500 Internal Server Error"])
async def test_a_router_that_repeats_the_key_shows_nothing(status: str) -> None:
    """What it says becomes the step's output or error, and is kept."""
    body = b'{"success": true, "message": "a-router-key", "data": {"n": "a-router-key"}}'
    answer = with_body(body).replace(b"200 OK", status.encode())
    async with routing(answer, key="a-router-key") as (_, client):
        try:
            seen = await client.of(Step()).execute("modules", {}, timeout_seconds=60)
        except StepError as error:
            seen = error.to_json()
    assert "***" in json.dumps(seen)
    assert "a-router" not in json.dumps(seen)


async def test_without_a_key_none_is_sent() -> None:
    """The header is not there."""
    async with routing(OK) as (server, client):
        await client.of(Step()).execute("modules", {}, timeout_seconds=60)
    assert server.header("x-api-key") is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"success": true, "message": "", "data": {"n": 1}}', {"n": 1}),
        (b'{"success": true, "data": null}', None),
        (b'{"result": 1}', {"result": 1}),
        (b'{"success": true}', {"success": True}),
        (b"[1]", [1]),
        (b"", None),
    ],
)
async def test_the_answer_comes_out(body: bytes, expected: object) -> None:
    """The data of its envelope, or all of it."""
    assert expected == await ask(with_body(body))


def answer(status: int, body: bytes = b"{}") -> bytes:
    """An answer with this status."""
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("given", "code", "retryable", "uncertain"),
    [
        (answer(400, b'{"success": false, "message": "why", "error_code": "X"}'), "ROUTER_REFUSED", False, False),
        (answer(404, b"<html>"), "ROUTER_REFUSED", False, False),
        (answer(200, b'{"success": false, "message": "why"}'), "ROUTER_REFUSED", False, False),
        (answer(401), "ROUTER_UNAUTHORIZED", False, False),
        (answer(403), "ROUTER_UNAUTHORIZED", False, False),
        (answer(429), "ROUTER_BUSY", True, False),
        (answer(503), "ROUTER_BUSY", True, False),
        (answer(500), "ROUTER_FAILED", True, True),
        (answer(502, b"\xff\x00"), "ROUTER_FAILED", True, True),
        (answer(504), "ROUTER_FAILED", True, True),
        (answer(408), "ROUTER_FAILED", True, True),
        (redirect("http://127.0.0.1:1/"), "ROUTER_REFUSED", False, False),
        (with_body(b"<html>"), "ROUTER_ANSWER_INVALID", False, True),
        (with_body(b"x", "Content-Encoding: gzip"), "ROUTER_ANSWER_INVALID", False, True),
        (b"nonsense\r\n\r\n", "ROUTER_UNREACHABLE", True, True),
    ],
)
async def test_bad_answers_say_what_is_known(given: bytes, code: str, retryable: bool, uncertain: bool) -> None:
    """Whether another try may help, and whether it may have been done."""
    error = await failure(given)
    assert (code, retryable, uncertain) == (error.code, error.retryable, error.uncertain)


async def test_the_router_s_own_words_are_passed_on() -> None:
    """Its message and its code."""
    error = await failure(answer(400, b'{"message": "no such module", "error_code": "MODULE_UNKNOWN"}'))
    assert "no such module" in error.message
    assert "MODULE_UNKNOWN" == error.details["error_code"]


async def test_a_router_that_is_silent_may_have_done_it() -> None:
    """The time that the node gives is up."""

    async def silent(_server: Server, _writer: object) -> None:
        await asyncio.Event().wait()

    error = await failure(silent, seconds=0.2)
    assert ("ROUTER_TIMEOUT", True, True) == (error.code, error.retryable, error.uncertain)


async def test_a_router_that_is_not_there_has_done_nothing() -> None:
    """It is worth another try, and leaves no doubt."""
    async with serving(OK) as server:
        port = server.port
    client = RouterClient(f"http://127.0.0.1:{port}", SecretStr("secret"))
    with pytest.raises(StepError) as caught:
        await client.of(Step()).execute("modules", {}, timeout_seconds=60)
    await client.close()
    assert ("ROUTER_UNREACHABLE", True, False) == (caught.value.code, caught.value.retryable, caught.value.uncertain)
    assert "secret" not in f"{caught.value} {caught.value.details}"
