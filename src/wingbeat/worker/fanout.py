"""Goes on with events that were taken in but not delivered as a whole, since whoever took them in is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from wingbeat.core.errors import DatabaseUnavailable
from wingbeat.storage import events as rows
from wingbeat.storage.pool import translate_errors
from wingbeat.worker.service import Loop

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.services.events.events import Events

ROUND_SECONDS = 5.0
# Whoever takes an event in delivers it at once; after so long it most likely does not any more. If it does, both take
# turns, transaction by transaction.
PATIENCE_SECONDS = 5.0
MOST_AT_ONCE = 100

log = structlog.get_logger()


class Fanout:
    """A round every few seconds on every worker; what two of them find is done once."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._rounds = Loop("fanout", self._round)

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    async def stop(self) -> None:
        """Stop."""
        await self._rounds.stop()

    async def run_once(self, patience_seconds: float = PATIENCE_SECONDS) -> int:
        """Deliver what is left of events that have waited for so long; returns of how many events."""
        with translate_errors():
            async with self._events.database.pool.acquire() as connection:
                found = await rows.find_undelivered(connection, patience_seconds, MOST_AT_ONCE)
        return sum([await self._finish(event_id) for event_id in found])

    async def _finish(self, event_id: UUID) -> bool:
        """Whether it is delivered: one that cannot be does not hold up those after it."""
        try:
            await self._events.finish(event_id)
        except DatabaseUnavailable:
            raise
        except Exception:
            log.exception("event_not_delivered", event_id=str(event_id))
            return False
        return True

    async def _round(self) -> float:
        return 0.0 if await self.run_once() == MOST_AT_ONCE else ROUND_SECONDS
