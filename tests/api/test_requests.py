"""Bodies that come too slowly, not as a whole, or with what JSON has no word for."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import Message, Scope

from wingbeat.api import requests
from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.api.bodies import RunBody
from wingbeat.api.failures import BodyTooSlow, status_of
from wingbeat.core.errors import InvalidInput

SCOPE: Scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
HALF: Message = {"type": "http.request", "body": b"{", "more_body": True}


async def test_a_body_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends one piece and then nothing holds a connection no longer than that."""
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.01)
    came = iter([HALF])

    async def receive() -> Message:
        piece = next(came, None)
        return piece if piece is not None else await asyncio.get_running_loop().create_future()

    with pytest.raises(BodyTooSlow) as caught:
        await requests.read_bytes(Request(SCOPE, receive), 100)
    assert (caught.value.code, status_of(caught.value)) == ("BODY_TOO_SLOW", 408)


def test_an_id_in_a_body_is_text() -> None:
    """A body is read strictly all the same; what is no id is told so."""
    found = requests.check(RunBody, {"only_node": "a", "execution_id": str(UUID(int=7))})
    assert UUID(int=7) == found.execution_id
    with pytest.raises(InvalidInput) as caught:
        requests.check(RunBody, {"only_node": "a", "execution_id": "7"})
    assert [{"field": "execution_id", "message": "It must be a UUID."}] == caught.value.details["problems"]


async def test_who_hangs_up_leaves_no_error_in_the_log(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    """Anybody can do that at a public address, as often as they like."""
    app: FastAPI = create_app(services, ApiOptions(version="1"))
    came = iter([HALF, {"type": "http.disconnect"}])
    answers: list[Message] = []

    async def receive() -> Message:
        return next(came)

    async def send(message: Message) -> None:
        answers.append(message)

    scope: Scope = {
        "type": "http", "method": "POST", "path": f"/api/v1/waits/{'A' * 43}", "raw_path": b"/", "root_path": "",
        "query_string": b"", "scheme": "http", "headers": [(b"host", b"localhost")], "http_version": "1.1",
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1),
    }  # fmt: skip
    await app(scope, receive, send)
    assert answers[0]["status"] == 400
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
