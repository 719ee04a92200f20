"""A real server of live events, and clients that keep what they hear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import socketio

from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.api.live.door import PATH
from wingbeat.api.live.sockets import LiveSockets
from wingbeat.api.server import HttpServer
from wingbeat.cli.listening import listen
from wingbeat.core.access import Principal
from wingbeat.services.live.story import Event

Heard = tuple[str, dict[str, Any]]


class Ear:
    """Somebody who watches, without a connection; it takes something in while it `reads`."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.reads = True
        self.heard: list[Event] = []

    def ready(self) -> bool:
        """Whether it reads."""
        return self.reads

    async def hear(self, event: Event) -> None:
        """Keep it."""
        self.heard.append(event)


class Watcher:
    """A client of Socket.IO; `heard` has every event, in order."""

    def __init__(self, client: socketio.AsyncClient) -> None:
        self.client = client
        self.heard: list[Heard] = []
        self.gone = asyncio.Event()
        self._came = asyncio.Condition()
        client.on("*", self._hear)
        client.on("disconnect", lambda *_: self.gone.set())

    async def _hear(self, name: str, body: dict[str, Any]) -> None:
        async with self._came:
            self.heard.append((name, body))
            self._came.notify_all()

    async def join(self, room: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - of the wish
        """Ask for a room; gives the answer."""
        answer: dict[str, Any] = await self.client.call("join", {"room": room, **more}, timeout=100)
        return answer

    async def hears(self, name: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - of the event
        """The first event of that name with these fields, once it has come."""

        def found() -> list[dict[str, Any]]:
            return [
                body
                for heard, body in self.heard
                if heard == name and all(body.get(field) == value for field, value in fields.items())
            ]

        try:
            async with asyncio.timeout(100), self._came:
                await self._came.wait_for(found)
        except TimeoutError:
            raise AssertionError(f"No {name} {fields} among {self.heard}") from None
        return found()[0]

    def steps(self) -> list[dict[str, Any]]:
        """The outcomes of steps that it was told of, however many came at once."""
        told: list[dict[str, Any]] = []
        for name, body in self.heard:
            if name == "steps":
                told += [step for step in body["steps"] if not body["counts"]]
            elif name.startswith(("step_", "loop_")) and body["sequence"] is not None:
                told.append({"event": name, **body})
        return told


class LiveServer:
    """An application that serves; `connect` makes clients of it."""

    def __init__(self, url: str, sockets: LiveSockets) -> None:
        self.url = url
        self.sockets = sockets
        self._watchers: list[Watcher] = []

    async def connect(self, *, transport: str = "websocket", **how: Any) -> Watcher:  # noqa: ANN401 - of the client
        """A client that has come in."""
        watcher = Watcher(socketio.AsyncClient(reconnection=False))
        self._watchers.append(watcher)
        await watcher.client.connect(self.url, socketio_path=PATH, transports=[transport], wait_timeout=100, **how)
        return watcher

    async def close(self) -> None:
        """Let all of them go."""
        for watcher in self._watchers:
            await watcher.client.disconnect()


@asynccontextmanager
async def serving_live(services: Services, **options: Any) -> AsyncIterator[LiveServer]:  # noqa: ANN401 - of ApiOptions
    """The application on a socket of its own."""
    app = create_app(services, ApiOptions(**{"version": "1", **options}))
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    http = HttpServer(app, listener)
    http.start()
    server = LiveServer(url, app.state.live)
    try:
        yield server
    finally:
        await app.state.live.close()
        await server.close()
        await http.stop(5)
