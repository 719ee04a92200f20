"""Keeps the database from growing without end: partitions made ahead and dropped when they expire, old keys, logs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.storage import idempotency, partitions
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queue import queue_queries
from wingbeat.worker.service import Loop

if TYPE_CHECKING:
    import asyncpg

    from wingbeat.storage.blobs import Blobs
    from wingbeat.storage.pool import Database

ROUND_SECONDS = 3600.0
LOG_SECONDS = 60.0
KEYS_KEPT = timedelta(hours=24)
# Any number that no other lock of this database has: one worker at a time does the upkeep.
LOCK_KEY = 0x57494E4755504B50
# Emptying the log needs the whole table for a moment; whoever cannot have it soon tries again a minute later.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '1s'"


class Kept(NamedTuple):
    """What one round of upkeep did."""

    created: list[str]
    dropped: list[str]
    forgotten_keys: int


class Upkeep:
    """One round an hour on whichever worker is first; the steps of executions are kept for `retention`."""

    def __init__(self, database: Database, blobs: Blobs, retention: timedelta) -> None:
        self._database = database
        self._blobs = blobs
        self._retention = retention
        self._rounds = Loop("upkeep", self._round)
        self._log = Loop("queue_log", self._log_round)

    def start(self) -> None:
        """Begin."""
        self._rounds.start()
        self._log.start()

    async def stop(self) -> None:
        """Stop."""
        await self._rounds.stop()
        await self._log.stop()

    async def run_once(self) -> Kept | None:
        """Do what there is to do; None when another worker is at it."""
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY):
                    return None
                try:
                    return await self._keep(connection)
                finally:
                    await connection.execute("SELECT pg_advisory_unlock($1)", LOCK_KEY)

    async def clear_log(self) -> None:
        """Empty PgQueuer's log, which nobody reads: the journal tells what became of an execution."""
        with translate_errors():
            async with self._database.pool.acquire() as connection, connection.transaction():
                await connection.execute(LOCK_TIMEOUT)
                await queue_queries(connection).clear_queue_log()

    async def _keep(self, connection: asyncpg.Connection) -> Kept:
        created = await partitions.create_partitions(connection)
        # Blobs first: what is left of a round that was cut off here goes with the next one.
        await self._blobs.drop(await partitions.list_expired_with_blobs(connection, self._retention))
        dropped = await partitions.drop_expired(connection, self._retention)
        return Kept(created, dropped, await idempotency.forget(connection, KEYS_KEPT))

    async def _round(self) -> float:
        await self.run_once()
        return ROUND_SECONDS

    async def _log_round(self) -> float:
        await self.clear_log()
        return LOG_SECONDS
