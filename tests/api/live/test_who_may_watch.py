"""Who is let in for live events, what they are let to hear, and when that ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import socketio
from tests.api.conftest import SERVICE_KEY, credentials_of
from tests.rig.accounts import add_user, principal_of
from tests.rig.live import LiveServer, Watcher, serving_live
from tests.rig.ownership import put_execution, put_workflow

from wingbeat.api.app import Services
from wingbeat.api.live import sockets as live_sockets
from wingbeat.api.live.socket_listener import SocketListener
from wingbeat.api.live.sockets import MANY_WISHES, MOST_BYTES
from wingbeat.core.access import Permission
from wingbeat.services.identity.authentication import Authentication
from wingbeat.services.identity.tokens import TokenRequest
from wingbeat.storage.pool import Database


@pytest.fixture
async def server(services: Services) -> AsyncIterator[LiveServer]:
    """A server of live events, without a worker."""
    async with serving_live(services) as opened:
        yield opened


async def session_of(services: Services, database: Database, user_id: int) -> dict[str, str]:
    """The cookie of somebody who has signed in."""
    async with database.pool.acquire() as connection:
        secret = await services.authentication.sessions.open(connection, user_id)
    return {"Cookie": f"wingbeat_session={secret}"}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "UNAUTHENTICATED"),
    ({"headers": {"X-API-Key": "guessed"}}, "API_KEY_WRONG"),
    ({"auth": {"api_key": "guessed"}}, "API_KEY_WRONG"),
    ({"auth": {"token": ["x"]}}, "CREDENTIAL_UNREADABLE"),
    ({"headers": {"X-API-Key": SERVICE_KEY}, "auth": {"api_key": SERVICE_KEY}}, "CREDENTIAL_REPEATED"),
    ({"headers": {"Cookie": "wingbeat_session=guessed"}}, "SESSION_OVER"),
]


async def test_nobody_comes_in_without_what_holds(server: LiveServer) -> None:
    """The refusal says why, in the words of REST; who comes in with a key may send it with the first packet."""
    for how, code in REFUSED:
        refusals: list[dict[str, Any]] = []
        client = socketio.AsyncClient(reconnection=False)
        client.on("connect_error", refusals.append)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(
                server.url, socketio_path="/api/socket", transports=["websocket"], wait_timeout=100, **how
            )
        await client.disconnect()
        assert [code] == [refusal["data"]["error_code"] for refusal in refusals], how
    watcher = await server.connect(auth={"api_key": SERVICE_KEY})
    assert (await watcher.join("executions"))["ok"]


async def test_a_session_counts_for_our_own_pages_only(
    server: LiveServer, services: Services, database: Database
) -> None:
    """A page of another site cannot listen in the name of who looks at it."""
    cookie = await session_of(services, database, await add_user(database, "ada"))
    with pytest.raises(socketio.exceptions.ConnectionError):
        await server.connect(headers={**cookie, "Origin": "https://elsewhere.example"})
    watcher = await server.connect(headers={**cookie, "Origin": server.url})
    assert (await watcher.join("executions"))["ok"]


async def test_a_foreign_room_is_a_missing_room(server: LiveServer, services: Services, database: Database) -> None:
    """Word for word, but for the id; and what is no room at all is refused as such."""
    foreign = await put_workflow(database, author=99)
    execution = await put_execution(database, foreign)
    cookie = await session_of(services, database, await add_user(database, "eve"))
    eve = await server.connect(headers=cookie)
    for kind, there in (("execution", execution), ("workflow", foreign)):
        missing = uuid4()
        answers = [await eve.join(f"{kind}:{one}") for one in (there, missing)]
        assert [False, False] == [answer["ok"] for answer in answers]
        texts = [str(answer).replace(str(one), "it") for answer, one in zip(answers, (there, missing), strict=True)]
        assert texts[0] == texts[1]
    for room in ("execution:x", "everything", "", "execution:" + "1" * 100):
        assert "ROOM_UNKNOWN" == (await eve.join(room))["error"]["error_code"]
    assert "ROOM_UNKNOWN" == (await eve.client.call("join", None))["error"]["error_code"]
    assert "ROOM_UNKNOWN" == (await eve.join("executions", after_sequence=-1))["error"]["error_code"]
    assert (await eve.client.call("leave", {"room": f"execution:{execution}"}))["ok"]


async def test_what_was_taken_back_ends_what_is_heard(
    server: LiveServer, services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A room that one may not see any more is left, and a session that is over ends the connection, each with why.

    That somebody else's connection cannot be checked changes nothing about it.
    """
    broken = await server.connect(headers=credentials_of(services))
    verify = SocketListener.verify

    async def verify_others(listener: SocketListener, authentication: Authentication) -> None:
        if listener.sid == broken.client.get_sid():
            raise RuntimeError
        await verify(listener, authentication)

    monkeypatch.setattr(SocketListener, "verify", verify_others)
    user_id = await add_user(database, "ada", c3="viewer")
    execution = await put_execution(database, await put_workflow(database, author=99, community=3))
    ada = await server.connect(headers=await session_of(services, database, user_id))
    assert (await ada.join(f"execution:{execution}"))["ok"]
    await server.sockets.check()
    assert [] == [name for name, _ in ada.heard if name in {"left", "ending"}]

    await database.pool.execute("DELETE FROM community_members")
    await server.sockets.check()
    left = await ada.hears("left")
    assert (str(execution), "EXECUTION_NOT_FOUND") == (left["execution_id"], left["error"]["code"])
    await services.authentication.sessions.end_all(await principal_of(database, user_id))
    await server.sockets.check()
    assert "SESSION_OVER" == (await ada.hears("ending"))["error"]["error_code"]
    async with asyncio.timeout(100):
        await ada.gone.wait()


async def test_a_client_cannot_ask_too_much(
    server: LiveServer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither too often nor in too big packets; who shows nothing is not kept; nor are more than there is room for."""
    headers = credentials_of(services)
    watcher = await server.connect(headers=headers)
    codes = [(await watcher.join("nowhere"))["error"]["error_code"] for _ in range(MANY_WISHES + 5)]
    assert {"ROOM_UNKNOWN", "RATE_LIMITED"} == set(codes)
    big = await server.connect(headers=headers)
    await big.client.emit("join", {"room": "x" * MOST_BYTES})
    async with asyncio.timeout(100):
        await big.gone.wait()

    monkeypatch.setattr(live_sockets, "ENTRY_SECONDS", -1)
    silent = socketio.AsyncClient(reconnection=False).eio
    await silent.connect(server.url, engineio_path="/api/socket", transports=["websocket"])
    await server.sockets.check()
    async with asyncio.timeout(100):
        await silent.wait()
    monkeypatch.setattr(live_sockets, "MOST_CONNECTIONS", 0)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await server.connect(headers=headers)


async def test_a_client_that_does_not_read_is_dropped(
    server: LiveServer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for it does not grow, and after a while it is not waited for."""
    watcher = await server.connect(headers=credentials_of(services))
    [listener] = server.sockets._listeners.values()
    assert listener.ready()
    monkeypatch.setattr("wingbeat.api.live.socket_listener.MOST_WAITING", 0)
    monkeypatch.setattr(live_sockets, "SLOW_SECONDS", 0)
    assert not listener.ready()
    await server.sockets.check()
    async with asyncio.timeout(100):
        await watcher.gone.wait()


async def test_a_token_lets_in_for_what_it_may(server: LiveServer, services: Services, database: Database) -> None:
    """Without the scope to view, it hears of nothing."""
    user_id = await add_user(database, "ada")
    workflow = await put_workflow(database, author=user_id)
    owner = await principal_of(database, user_id)
    answers: dict[Permission, bool] = {}
    for scope in (Permission.VIEW, Permission.EXECUTE):
        made = await services.authentication.tokens.create(owner, TokenRequest(scope.value, frozenset({scope})))
        watcher: Watcher = await server.connect(auth={"token": made.secret.reveal()})
        answers[scope] = (await watcher.join(f"workflow:{workflow}"))["ok"]
    assert {Permission.VIEW: True, Permission.EXECUTE: False} == answers
