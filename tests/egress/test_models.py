"""Language models: against a local server that speaks both protocols, well and badly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.rig.connections import KEYS, put_connection, shows
from tests.rig.ownership import put_step

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import JsonObject
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.http import Egress
from wingbeat.egress.models import StepModels
from wingbeat.egress.vault import Vault
from wingbeat.sdk.models import Answer, Question
from wingbeat.storage.pool import Database

KEY = "sk-very-secret-0123456789"
SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"total": {"type": "number", "minimum": 0}},
    "required": ["total"],
    "additionalProperties": False,
}
TEXT = Question("Be short.", "Say hello.", model="a-model")
OBJECT = TEXT._replace(schema=SCHEMA)
both = pytest.mark.parametrize("provider", ["openai", "anthropic"])


@dataclass
class Server:
    """Answers with what the test holds, in order, the last one again and again, and keeps what was asked."""

    provider: str
    answers: list[Any]
    port: int = 0
    heads: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = next(line[16:] for line in head.lower().split("\r\n") if line.startswith("content-length: "))
                self.heads.append(head)
                self.bodies.append(json.loads(await reader.readexactly(int(length))))
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if callable(answer):
                    await answer(writer)
                    return
                writer.write(self._packed(answer, self._tool()))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            writer.transport.abort()

    def _tool(self) -> str:
        """The name of the tool that the request offers for the answer."""
        offered = self.bodies[-1].get("tools") or [{}]
        return str(offered[0].get("function", offered[0]).get("name", ""))

    def _packed(self, answer: Any, tool: str) -> bytes:  # noqa: ANN401 - text, an object, or status and body
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        if status == 200 and not isinstance(body, bytes):
            body = chat(body, tool) if self.provider == "openai" else message(body, tool)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        wait = "Retry-After: 7\r\n" if status == 429 else ""
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{wait}Content-Length: {len(data)}\r\n\r\n"
        return head.encode() + data


def chat(answer: Any, tool: str) -> dict[str, Any]:  # noqa: ANN401 - text or arguments
    """An answer as OpenAI's chat completions have it; anything but text is the call of the tool for the answer."""
    said: dict[str, Any] = {"role": "assistant", "content": answer if isinstance(answer, str) else None}
    if not isinstance(answer, str):
        arguments = answer["raw"] if "raw" in answer else json.dumps(answer)
        call = {"id": "c1", "type": "function", "function": {"name": tool, "arguments": arguments}}
        said["tool_calls"] = [call]
    reason = "stop" if isinstance(answer, str) else "tool_calls"
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "a-model",
        "choices": [{"index": 0, "message": said, "finish_reason": reason}],
        "usage": {"prompt_tokens": 50, "completion_tokens": 10, "total_tokens": 60},
    }


def message(answer: Any, tool: str) -> dict[str, Any]:  # noqa: ANN401 - text or arguments
    """The same as Anthropic's messages have it."""
    text = isinstance(answer, str)
    said = {"type": "text", "text": answer}
    part = said if text else {"type": "tool_use", "id": "t1", "name": tool, "input": answer}
    return {
        "id": "x",
        "type": "message",
        "role": "assistant",
        "model": "a-model",
        "content": [part],
        "stop_reason": "end_turn" if text else "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 50, "output_tokens": 10},
    }


@asynccontextmanager
async def serving(provider: str, *answers: Any) -> AsyncIterator[Server]:  # noqa: ANN401 - as the server takes them
    """A server on 127.0.0.1."""
    server = Server(provider, list(answers))
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in server.tasks:
            task.cancel()
        await asyncio.gather(*server.tasks)


@pytest.fixture
async def ask(database: Database) -> AsyncIterator[Callable[..., Any]]:
    """Ask a server through a connection."""
    egress = Egress(Addresses(allow_private=True))

    async def asking(server: Server, question: Question, seconds: float = 30, **config: Any) -> Answer:  # noqa: ANN401 - fields
        path = "/v1" if server.provider == "openai" else ""
        whole = {"provider": server.provider, "base_url": f"http://127.0.0.1:{server.port}{path}", **config}
        connection = await put_connection(database, "llm", whole, {"api_key": KEY})
        tool = StepModels(egress, Vault(database, KEYS), await put_step(database))
        return await tool.ask(str(connection), question, timeout_seconds=seconds)

    yield asking
    await egress.close()


async def failure(ask: Callable[..., Any], server: Server, question: Question, **more: Any) -> StepError:  # noqa: ANN401 - as `ask` takes them
    """The error that asking ends in."""
    with pytest.raises(StepError) as caught:
        await ask(server, question, **more)
    assert caught.value.remedy
    assert not shows(KEY, json.dumps(caught.value.to_json()))
    return caught.value


@both
async def test_text_comes_back_with_what_it_cost(provider: str, ask: Callable[..., Any]) -> None:
    """The question arrives with the key, the answer with tokens and cost by the connection's prices."""
    async with serving(provider, "Hello!") as server:
        answer = await ask(server, TEXT._replace(temperature=0.5), input_price=2.0, output_price=10.0)
    assert answer == Answer("Hello!", "a-model", 50, 10, 1, 0.0002)
    head, body = server.heads[0].lower(), server.bodies[0]
    assert (f"x-api-key: {KEY}" if provider == "anthropic" else f"authorization: bearer {KEY}") in head
    assert ("stainless" in head, "openai-" in head) == (False, False)
    assert (body["model"], body["temperature"], "Say hello." in json.dumps(body)) == ("a-model", 0.5, True)
    assert 1024 in {body.get("max_tokens"), body.get("max_completion_tokens")}


@both
async def test_a_model_that_repeats_the_key_shows_nothing(provider: str, ask: Callable[..., Any]) -> None:
    """What it answers becomes the step's output, and is kept."""
    async with serving(provider, f"You sent {KEY}.") as server:
        assert (await ask(server, TEXT)).value == "You sent ***."


@both
async def test_an_object_fits_its_schema(provider: str, ask: Callable[..., Any]) -> None:
    """An answer that does not fit is sent back with the fault, and the corrected one counts."""
    async with serving(provider, {"total": -1}, {"total": 12.5}) as server:
        answer = await ask(server, OBJECT)
    assert (answer.value, answer.requests, answer.input_tokens) == ({"total": 12.5}, 2, 100)
    assert "does not fit the schema" in json.dumps(server.bodies[1])


@both
async def test_corrections_come_to_an_end(provider: str, ask: Callable[..., Any]) -> None:
    """A model that never gets it right fails the step, which says what was spent."""
    async with serving(provider, {"total": "much"}) as server:
        error = await failure(ask, server, OBJECT._replace(corrections=1))
    assert (error.code, error.retryable, len(server.bodies)) == ("AI_ANSWER_UNFIT", True, 2)
    assert error.details["input_tokens"] == 100


@both
async def test_the_budget_stops_it(provider: str, ask: Callable[..., Any]) -> None:
    """What is too long is not sent at all; corrections end when the budget is passed."""
    async with serving(provider, {"total": "much"}) as server:
        long = await failure(ask, server, OBJECT._replace(prompt="x" * 10_000, token_budget=1000))
        sent = len(server.bodies)
        passed = await failure(ask, server, OBJECT._replace(token_budget=100, corrections=9))
    assert (long.code, sent, passed.code) == ("AI_BUDGET_EXCEEDED", 0, "AI_BUDGET_EXCEEDED")
    assert (passed.retryable, len(server.bodies)) == (False, 2)


@both
@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (302, "AI_REQUEST_REFUSED", False),
        (400, "AI_REQUEST_REFUSED", False),
        (401, "AI_AUTHENTICATION_FAILED", False),
        (404, "AI_MODEL_UNKNOWN", False),
        (429, "AI_RATE_LIMITED", True),
        (500, "AI_UNAVAILABLE", True),
        (503, "AI_UNAVAILABLE", True),
    ],
)
async def test_refusals(provider: str, status: int, code: str, retryable: bool, ask: Callable[..., Any]) -> None:
    """Each status has its meaning, and none is tried again behind the step's back; the key is never repeated."""
    said = {"type": "error", "error": {"type": "x", "code": "y", "message": f"no, {KEY}"}}
    async with serving(provider, (status, said)) as server:
        error = await failure(ask, server, TEXT)
    assert (error.code, error.retryable, len(server.bodies)) == (code, retryable, 1)
    assert error.details.get("retry_after_seconds") == (7.0 if status == 429 else None)


async def silent(_writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def endless(writer: asyncio.StreamWriter) -> None:
    """Answer for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while True:
        writer.write(b"1," * 30_000)
        await writer.drain()


async def slow(writer: asyncio.StreamWriter) -> None:
    """Answer a byte at a time."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


@both
@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        (silent, {"AI_TIMEOUT", "EGRESS_TIMEOUT"}),
        (slow, {"AI_TIMEOUT", "EGRESS_TIMEOUT"}),
        (endless, {"EGRESS_RESPONSE_TOO_LARGE"}),
        (b"<html>", {"AI_ANSWER_UNFIT", "AI_UNAVAILABLE"}),
        (b"", {"AI_ANSWER_UNFIT", "AI_UNAVAILABLE"}),
        (b"{}", {"AI_ANSWER_UNFIT", "AI_UNAVAILABLE"}),
        (b"[[[[", {"AI_ANSWER_UNFIT", "AI_UNAVAILABLE"}),
        (b'{"choices": [], "content": []}', {"AI_ANSWER_UNFIT", "AI_UNAVAILABLE"}),
        (b'{"choices": 7, "content": 7, "usage": "x"}', {"AI_ANSWER_UNFIT", "AI_UNAVAILABLE"}),
        ((302, {"x": 1}), {"AI_UNAVAILABLE", "AI_REQUEST_REFUSED"}),
    ],
)
async def test_bad_servers(provider: str, answer: Any, codes: set[str], ask: Callable[..., Any]) -> None:  # noqa: ANN401 - as the server takes it
    """Silence, slowness, endlessness and rubbish end in a typed error of the step, in time."""
    async with serving(provider, answer) as server:
        error = await failure(ask, server, TEXT, seconds=1 if "AI_TIMEOUT" in codes else 60)
    assert error.code in codes


async def test_arguments_that_are_no_json(ask: Callable[..., Any]) -> None:
    """The model is told, and corrects itself."""
    async with serving("openai", {"raw": "{not json"}, {"total": 1}) as server:
        answer = await ask(server, OBJECT)
    assert (answer.value, answer.requests) == ({"total": 1}, 2)


async def test_nothing_of_the_environment_is_sent(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    """Neither keys nor organisations nor proxies, also where the connection has no key."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "of-the-environment")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    egress = Egress(Addresses(allow_private=True))
    tool = StepModels(egress, Vault(database, KEYS), await put_step(database))
    for provider in ("openai", "anthropic"):
        async with serving(provider, "Hello!") as server:
            config: JsonObject = {"provider": provider, "base_url": f"http://127.0.0.1:{server.port}"}
            await tool.ask(str(await put_connection(database, "llm", config)), TEXT)
        assert "of-the-environment" not in server.heads[0]
        assert "authorization:" not in server.heads[0].lower()
    await egress.close()


async def test_a_model_must_be_named(ask: Callable[..., Any]) -> None:
    """By the node or by the connection."""
    async with serving("openai", "Hello!") as server:
        error = await failure(ask, server, TEXT._replace(model=None))
        answer = await ask(server, TEXT._replace(model=None), model="of-the-connection")
    assert (error.code, answer.model) == ("AI_MODEL_MISSING", "of-the-connection")
