"""A process that publishes an event and is killed on the way: dying_publisher.py DSN NUMBER MOMENT AT_ONCE."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable

import asyncpg

from wingbeat.core.access import SERVICE
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.discovery import discover_node_types
from wingbeat.services.events.events import Events, Occurrence
from wingbeat.services.executions.firing import Firings
from wingbeat.storage import events as rows
from wingbeat.storage.events import Advance, StoredEvent
from wingbeat.storage.pool import Database
from wingbeat.worker.plans import Plans


def die() -> None:
    """As if somebody had pulled the plug."""
    os.kill(os.getpid(), signal.SIGKILL)


async def main(dsn: str, number: int, moment: str, at_once: int) -> None:
    """Publish, and die at the end of a transaction, just before or after its commit."""
    count = 0
    advance: Callable[..., Awaitable[StoredEvent]] = rows.advance

    async def counted(connection: asyncpg.Connection, event_id: object, step: Advance) -> StoredEvent:
        nonlocal count
        if count == number:
            die()  # The one before is committed.
        count += 1
        event = await advance(connection, event_id, step)
        if count == number and moment == "before":
            die()
        return event

    rows.advance = counted
    database = await Database.open(dsn, max_size=2)
    firings = Firings(Plans(database, discover_node_types().types, DEFAULT_CAPS))
    await Events(database, firings, at_once).publish(SERVICE, Occurrence("a.b", None, "test", "e1"))
    die()


asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
