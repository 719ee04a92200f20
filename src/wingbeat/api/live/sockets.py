"""Socket.IO for live events: lets clients in, hears which rooms they want, and ends the connections that must end.

The library is loaded when the first client comes: it takes 25 MB and a third of a second, and who serves no live
events needs neither.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from typing import TYPE_CHECKING, Any, TypeAlias

import structlog

from wingbeat.api.live.door import PATH
from wingbeat.api.live.entry import enter
from wingbeat.api.live.rooms import read_presence, read_wish
from wingbeat.api.live.socket_listener import SocketListener
from wingbeat.core.errors import DatabaseUnavailable, Forbidden, RateLimited, Unauthenticated, WingbeatError
from wingbeat.services.live.notices import Here
from wingbeat.services.live.story import Event
from wingbeat.storage.live import LONGEST_NAME

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from types import ModuleType

    from socketio import AsyncServer
    from starlette.types import Message, Receive, Scope, Send

    from wingbeat.api.admission import Admission
    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.networks import Network
    from wingbeat.services.live.hub import Hub

# How often it is asked whether who is connected still may be; and how long somebody may be who shows nothing.
CHECK_SECONDS = 15.0
ENTRY_SECONDS = 20.0
# Whoever does not read for so long is dropped.
SLOW_SECONDS = 30.0
PING_SECONDS = 10
PONG_SECONDS = 15
MOST_CONNECTIONS = 1_000
MOST_BYTES = 10_000
MANY_WISHES_SECONDS = 10.0
MANY_WISHES = 60

Grant: TypeAlias = "Callable[[SocketListener, object], Awaitable[JsonObject]]"

log = structlog.get_logger()


class LiveSockets:
    """The application behind the door. With `polling`, it is for clients too that do not have WebSockets.

    Polling asks again and again, and so must meet the same process each time.
    """

    def __init__(
        self, hub: Hub, admission: Admission, proxies: Sequence[Network] = (), *, polling: bool = True
    ) -> None:
        self._hub = hub
        self._admission = admission
        self._proxies = proxies
        self._transports = ["polling", "websocket"] if polling else ["websocket"]
        self._library: ModuleType | None = None
        self._server: AsyncServer = None
        self._app: Any = None
        self._opening = asyncio.Lock()
        self._listeners: dict[str, SocketListener] = {}
        self._strangers: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or carry a WebSocket."""
        if self._app is None:
            async with self._opening:
                await self._open()
        if b"sid=" not in scope["query_string"] and len(self._server.eio.sockets) >= MOST_CONNECTIONS:
            await _refuse(scope, send)
            return
        await self._app(scope, receive, _in_time(send) if scope["type"] == "websocket" else send)

    async def close(self) -> None:
        """End all connections."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._server is not None:
            for listener in list(self._listeners.values()):
                await self._end(listener, None)
            await self._server.shutdown()
        await self._hub.stop()

    async def _open(self) -> None:
        if self._app is not None:
            return
        library = await asyncio.to_thread(importlib.import_module, "socketio")
        server = library.AsyncServer(
            async_mode="asgi",
            # Who may read what is decided where clients come in, and by the middleware of the application.
            cors_allowed_origins=[],
            transports=self._transports,
            max_http_buffer_size=MOST_BYTES,
            # One packet of a client after the other: who sends many waits for itself.
            async_handlers=False,
            # Whoever is gone without a word is found out in less than half a minute, at both ends.
            ping_interval=PING_SECONDS,
            ping_timeout=PONG_SECONDS,
            logger=False,
            engineio_logger=False,
        )
        server.on("connect", self._on_connect)
        server.on("disconnect", self._on_disconnect)
        server.on("join", self._on_join)
        server.on("leave", self._on_leave)
        server.on("present", self._on_present)
        self._library, self._server = library, server
        self._app = library.ASGIApp(server, socketio_path=PATH)
        self._task = asyncio.create_task(self._look_after(), name="live sockets")

    # What clients do.

    async def _on_connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        try:
            entered = await enter(self._admission, environ["asgi.scope"], auth, self._proxies)
        except WingbeatError as error:
            raise self._refused(error) from None
        self._listeners[sid] = SocketListener(self._server, sid, entered)

    def _refused(self, error: WingbeatError) -> Exception:
        assert self._library is not None  # noqa: S101 - nobody connects before it is loaded
        refusal: Exception = self._library.exceptions.ConnectionRefusedError(error.message, describe(error))
        return refusal

    async def _on_disconnect(self, sid: str, _reason: str = "") -> None:
        listener = self._listeners.pop(sid, None)
        if listener is not None:
            self._hub.forget(listener)

    async def _on_join(self, sid: str, sent: object = None, *_more: object) -> JsonObject:
        return await self._answer(sid, sent, self._join)

    async def _on_leave(self, sid: str, sent: object = None, *_more: object) -> JsonObject:
        return await self._answer(sid, sent, self._leave)

    async def _on_present(self, sid: str, sent: object = None, *_more: object) -> JsonObject:
        return await self._answer(sid, sent, self._present)

    async def _answer(self, sid: str, sent: object, grant: Grant) -> JsonObject:
        listener = self._listeners.get(sid)
        if listener is None:
            return {"ok": False, "error": {"error_code": "NOT_CONNECTED"}}
        try:
            listener.count_wish(MANY_WISHES, MANY_WISHES_SECONDS)
            return {"ok": True, **await grant(listener, sent)}
        except WingbeatError as error:
            return {"ok": False, "error": describe(error)}
        except Exception:
            log.exception("live_wish_failed")
            return {"ok": False, "error": {"error_code": "INTERNAL_ERROR", "message": "Something went wrong here."}}

    async def _join(self, listener: SocketListener, sent: object) -> JsonObject:
        room, after = read_wish(sent)
        if room.kind == "execution":
            return await self._hub.follow(listener, room.subject, after)
        if room.kind == "workflow":
            await self._hub.follow_workflow(listener, room.subject)
        else:
            await self._hub.follow_all(listener)
        return {}

    async def _leave(self, listener: SocketListener, sent: object) -> JsonObject:
        room, _ = read_wish(sent)
        if room.kind == "execution":
            self._hub.unfollow(listener, room.subject)
        else:
            self._hub.unfollow_lists(listener, room.subject if room.kind == "workflow" else None)
        return {}

    async def _present(self, listener: SocketListener, sent: object) -> JsonObject:
        workflow_id, said = read_presence(sent)
        if said.gone:
            self._hub.be_absent(listener, workflow_id)
            return {}
        user = listener.principal
        name = user.name[:LONGEST_NAME]
        await self._hub.be_present(listener, Here(workflow_id, user.user_id, name, said.tab, said.editing, said.node))
        return {}

    # What is looked after.

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                await self.check()
            except Exception:
                log.exception("live_connections_not_checked")

    async def check(self) -> None:
        """End what must not go on: sessions that are over, clients that do not read, strangers, rooms now forbidden."""
        for listener in list(self._listeners.values()):
            try:
                await self._check(listener)
            except Exception:
                # What goes wrong with one keeps no other from being checked.
                log.exception("live_connection_not_checked")
        now = time.monotonic()
        known = {listener.connection_id for listener in self._listeners.values()}
        strangers = self._server.eio.sockets.keys() - known
        self._strangers = {one: self._strangers.get(one, now) for one in strangers}
        for one, since in self._strangers.items():
            if now - since >= ENTRY_SECONDS:
                await self._server.eio.sockets[one].close(wait=False)

    async def _check(self, listener: SocketListener) -> None:
        if listener.silent_for() > SLOW_SECONDS:
            await self._end(listener, None)
            return
        try:
            await listener.verify(self._admission.authentication)
            await self._hub.check(listener)
        except (Unauthenticated, Forbidden) as over:
            await self._end(listener, over)
        except DatabaseUnavailable:
            return

    async def _end(self, listener: SocketListener, why: WingbeatError | None) -> None:
        self._hub.forget(listener)
        self._listeners.pop(listener.sid, None)
        if why is not None:
            await listener.hear(Event("ending", {"error": describe(why)}))
        await self._server.disconnect(listener.sid)
        connection = self._server.eio.sockets.get(listener.connection_id)
        if connection is not None:
            # Not waiting for what a client that does not read would have to take in first.
            await connection.close(wait=False)


def describe(error: WingbeatError) -> JsonObject:
    """An error, as REST has it."""
    about: JsonObject = {"error_code": error.code, "message": error.message, "remedy": error.remedy}
    if isinstance(error, RateLimited):
        about["retry_after_seconds"] = error.details.get("retry_after_seconds")
    return about


def _in_time(send: Send) -> Send:
    """Give up a client that does not take what is sent: the connection ends with the error."""

    async def send_in_time(message: Message) -> None:
        async with asyncio.timeout(SLOW_SECONDS):
            await send(message)

    return send_in_time


async def _refuse(scope: Scope, send: Send) -> None:
    """There are too many connections here."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1013})
        return
    await send({"type": "http.response.start", "status": 503, "headers": [(b"retry-after", b"10")]})
    await send({"type": "http.response.body", "body": b""})
