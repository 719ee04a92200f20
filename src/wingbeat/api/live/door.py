"""The address of live events among the routes: it declares a permission as they do, and checks its callers itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, Match

from wingbeat.api.permission import EXTENSION, Permission

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/api/socket"


class LiveDoor(BaseRoute):
    """Gives everything under its path to an application that lets nobody in unverified."""

    path = PATH
    name = "live_events"
    methods = None

    def __init__(self, sockets: ASGIApp) -> None:
        self._sockets = sockets
        self.openapi_extra: dict[str, Any] = {EXTENSION: Permission.SIGNED_IN.value}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Requests and WebSockets under the path."""
        path = scope.get("path", "")
        own = scope["type"] in {"http", "websocket"} and (path == PATH or path.startswith(f"{PATH}/"))
        return (Match.FULL if own else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the sockets answer."""
        await self._sockets(scope, receive, send)
