"""Granian in this process's own event loop, which it shares with the worker, on a socket that is open already."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from granian.constants import Interfaces
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.embed import Server

if TYPE_CHECKING:
    import socket

    from starlette.types import ASGIApp

BACKLOG = 1024


class HttpServer:
    """Serves an application from `start` to `stop`; the listening socket becomes the server's."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        self._server = _OnSocket(app, listener)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to accept connections."""
        self._task = asyncio.create_task(self._server.serve(), name="http")

    async def ended(self) -> None:
        """Wait for its end, which comes by `stop` alone unless it is broken; raises what broke it."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def stop(self, grace_seconds: float) -> None:
        """Accept nothing more, and wait for the answers that are under way; after the grace time they are cut off."""
        if self._task is None:
            return
        self._server.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait({self._task}, timeout=grace_seconds)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None


class _OnSocket(Server):
    """Granian's server for a running loop. It would open a socket of its own, which others could share unseen."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        super().__init__(app, interface=Interfaces.ASGINL, log_enabled=False, websockets=True, backlog=BACKLOG)
        self._listener = listener

    def _init_shared_socket(self) -> None:
        is_path = False
        holder: Any = SocketHolder(self._listener.detach(), is_path, BACKLOG)  # type: ignore[call-arg]
        self._shd = holder
        self._sfd = holder.get_fd()
