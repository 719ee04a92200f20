"""Keeps the database from growing without end: partitions made ahead and dropped when they expire, old keys, logs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import structlog

from wingbeat.storage import (
    audit,
    decisions,
    events,
    forms,
    idempotency,
    memory,
    notifications,
    partitions,
    sessions,
    tokens,
    waits,
    webhooks,
)
from wingbeat.storage.blobs import BlobsUnavailable
from wingbeat.storage.identifiers import lowest_id
from wingbeat.storage.pool import connect, translate_errors
from wingbeat.storage.queue import queue_queries
from wingbeat.worker.service import Loop

if TYPE_CHECKING:
    import asyncpg

    from wingbeat.storage.blobs import Blobs
    from wingbeat.storage.pool import Database

ROUND_SECONDS = 3600.0
LOG_SECONDS = 60.0
KEYS_KEPT = timedelta(hours=24)
# Of tokens that hold no more, their owners see for so long that there were any.
TOKENS_KEPT = timedelta(days=90)
# No setting lets a session rest for longer.
SESSIONS_KEPT = timedelta(days=366)
AUDIT_KEPT = timedelta(days=365)
# Any number that no other lock of this database has: one worker at a time does the upkeep.
LOCK_KEY = 0x57494E4755504B50
# Emptying the log needs the whole table for a moment; whoever cannot have it soon tries again a minute later.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '1s'"

# As many executions at once are asked about before their blobs go.
BLOBS_BATCH = 1_000

log = structlog.get_logger()


class Kept(NamedTuple):
    """What one round of upkeep did."""

    created: list[str]
    dropped: list[str]
    forgotten_keys: int


class Upkeep:
    """One round an hour on whichever worker is first; the steps of executions are kept for `retention`."""

    def __init__(
        self, database: Database, blobs: Blobs, retention: timedelta, audit_retention: timedelta = AUDIT_KEPT
    ) -> None:
        self._database = database
        self._audit_retention = audit_retention
        self._blobs = blobs
        self._retention = retention
        # Whether a process that ended between dropping steps and dropping their blobs may have left some.
        self._blobs_in_doubt = True
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
        # A connection of its own: what is done here once an hour may take longer than any other statement.
        connection = await connect(self._database.dsn)
        try:
            with translate_errors():
                if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY):
                    return None
                kept = await self._keep(connection)
                # It would go with the session, but only once the server has noticed that it is gone.
                await connection.execute("SELECT pg_advisory_unlock($1)", LOCK_KEY)
                return kept
        finally:
            connection.terminate()

    async def clear_log(self) -> None:
        """Empty PgQueuer's log, which nobody reads: the journal tells what became of an execution."""
        with translate_errors():
            async with self._database.pool.acquire() as connection, connection.transaction():
                await connection.execute(LOCK_TIMEOUT)
                await queue_queries(connection).clear_queue_log()

    async def _keep(self, connection: asyncpg.Connection) -> Kept:
        created = await partitions.create_partitions(connection)
        dropped = await partitions.drop_expired(connection, self._retention)
        forgotten = await idempotency.forget(connection, KEYS_KEPT)
        await memory.forget(connection)
        await webhooks.forget(connection)
        limit = await partitions.find_limit(connection, self._retention)
        await waits.forget(connection, lowest_id(limit))
        await notifications.forget(connection, limit)
        await audit.forget(connection, self._audit_retention)
        await events.forget(connection, lowest_id(limit))
        await decisions.forget(connection, lowest_id(limit))
        await forms.forget(connection, limit)
        await tokens.forget(connection, TOKENS_KEPT)
        await sessions.forget(connection, SESSIONS_KEPT)
        if dropped or self._blobs_in_doubt:
            await self._drop_blobs(connection)
        return Kept(created, dropped, forgotten)

    async def _drop_blobs(self, connection: asyncpg.Connection) -> None:
        """Delete the blobs past their retention whose steps are gone, and those whose steps never were written.

        After the steps: those that stay, since their execution goes on or somebody was in the way, keep their blobs.
        """
        self._blobs_in_doubt = True
        limit = await partitions.find_limit(connection, self._retention)
        try:
            owners = await self._blobs.list_owners(lowest_id(limit))
            for first in range(0, len(owners), BLOBS_BATCH):
                batch = owners[first : first + BLOBS_BATCH]
                await self._blobs.drop(await partitions.without_steps(connection, batch))
        except BlobsUnavailable as error:
            log.warning("blobs_not_dropped", error=error.message)
            return
        self._blobs_in_doubt = False

    async def _round(self) -> float:
        await self.run_once()
        return ROUND_SECONDS

    async def _log_round(self) -> float:
        await self.clear_log()
        return LOG_SECONDS
