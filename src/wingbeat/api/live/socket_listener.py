"""One connection of Socket.IO as somebody who listens: who it is, and how far it lags behind."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wingbeat.core.errors import RateLimited

if TYPE_CHECKING:
    from socketio import AsyncServer

    from wingbeat.api.live.entry import Entered
    from wingbeat.core.access import Principal
    from wingbeat.services.identity.authentication import Authentication
    from wingbeat.services.live.story import Event

# So many packets may wait to be sent before the client is told less.
MOST_WAITING = 24


class SocketListener:
    """A client that was let in. It is told nothing while what it was told has not left this process."""

    def __init__(self, server: AsyncServer, sid: str, entered: Entered) -> None:
        self.sid = sid
        self.connection_id: str = server.manager.eio_sid_from_sid(sid, "/")
        self._server = server
        self._identity, self._shown = entered
        self._silent_since: float | None = None
        self._wishes = 0.0
        self._wished_at = time.monotonic()

    @property
    def principal(self) -> Principal:
        """Who it is, as that was last verified."""
        return self._identity.principal

    def ready(self) -> bool:
        """Whether it reads as fast as it is told."""
        socket = self._server.eio.sockets.get(self.connection_id)
        reads = socket is not None and socket.queue.qsize() < MOST_WAITING
        if reads:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = time.monotonic()
        return reads

    def silent_for(self) -> float:
        """For how many seconds it has not read."""
        return 0.0 if self.ready() or self._silent_since is None else time.monotonic() - self._silent_since

    async def hear(self, event: Event) -> None:
        """Put the event among those to be sent."""
        await self._server.emit(event.name, event.body, to=self.sid)

    async def verify(self, authentication: Authentication) -> None:
        """See whether what it showed still holds, and what it may do by now; raises as `Authentication.identify`."""
        self._identity = await authentication.identify_again(self._shown, self._identity)

    def count_wish(self, most: int, seconds: float) -> None:
        """Count that it wants something.

        Raises:
            RateLimited: it wants too much in that time.
        """
        now = time.monotonic()
        self._wishes = max(0.0, self._wishes - (now - self._wished_at) * most / seconds) + 1
        self._wished_at = now
        if self._wishes > most:
            raise RateLimited(
                f"There were more than {most} requests in {seconds:g} seconds over this connection.",
                remedy="Wait a little, and ask less often.",
                details={"retry_after_seconds": 1},
            )
