"""The database's time on a worker's machine: who decides when to wake, and who wakes, go by one clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wingbeat.storage.clock import read_clock

if TYPE_CHECKING:
    import asyncpg


class Clock:
    """Our monotonic clock, and how far the database's is from it. Until it was asked, this machine's own time."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()
        self._compared = False

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.monotonic() + self._offset

    async def compare(self, connection: asyncpg.Connection) -> None:
        """Ask the database what time it is."""
        asked = time.monotonic()
        theirs = await read_clock(connection)
        self.learn(theirs, asked, time.monotonic())

    def learn(self, theirs: float, asked: float, answered: float) -> None:
        """Take in that the database's time was `theirs` at some moment between two readings of the monotonic clock.

        What is known stays as long as it agrees with that, so that a slow answer does not make the time worse.
        """
        least, most = theirs - answered, theirs - asked
        if not self._compared:
            self._offset, self._compared = (least + most) / 2, True
        self._offset = min(max(self._offset, least), most)
