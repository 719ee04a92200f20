"""What the clock brings about: waiting executions wake, parked ones get their turn. Every worker ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.storage import dispatch, waits
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load
from wingbeat.worker.service import Loop

if TYPE_CHECKING:
    import asyncpg

    from wingbeat.storage.pool import Database

TICK_SECONDS = 0.5
WAKE_AT_ONCE = 1_000


class Ticker:
    """Wakes what is due. It sleeps until the next time that it knows of, at most `TICK_SECONDS`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop = Loop("ticker", self.run_once)
        self._rounds = 0

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    async def stop(self) -> None:
        """Stop."""
        await self._loop.stop()

    async def run_once(self) -> float:
        """Wake all that is due; returns the seconds until the next look."""
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                ahead = await dispatch.look_ahead(connection)
                if ahead.due:
                    async with connection.transaction():
                        woken = await dispatch.wake_due(connection, WAKE_AT_ONCE)
                    if woken == WAKE_AT_ONCE:
                        return 0.0
                    ahead = await dispatch.look_ahead(connection)
                await self._release(connection, parked=ahead.parked)
        if ahead.seconds_to_next_wake is None:
            return TICK_SECONDS
        return min(max(ahead.seconds_to_next_wake, 0.005), TICK_SECONDS)

    async def _release(self, connection: asyncpg.Connection, *, parked: bool) -> None:
        """A safety net below the release at the end of an execution, and the way back from a limit per minute."""
        self._rounds += 1
        if self._rounds % 2:
            return
        if parked:
            await dispatch.release_parked_with_room(connection)
        if self._rounds % 60 == 0:
            async with connection.transaction():
                await waits.wake_missed(connection, WAKE_AT_ONCE)
        if self._rounds % 120 == 0:
            await load("dispatch").forget_admissions(connection)
