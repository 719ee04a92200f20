"""Which worker processes live, and what becomes of the executions of those that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wingbeat.storage.dispatch import enqueue
from wingbeat.storage.pool import session_name
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg


class Look(NamedTuple):
    """The database's time in seconds since the epoch, and whether a worker holds what it does not run."""

    now: float
    forgotten: bool


class Change(NamedTuple):
    """Somebody else's decision about an execution that a worker believes to hold."""

    execution_id: UUID
    held: bool
    pause_requested: bool


def lock_key(worker_id: UUID) -> int:
    """The key of a worker's session lock: 63 bits of its id."""
    return worker_id.int & 0x7FFF_FFFF_FFFF_FFFF


async def register(connection: asyncpg.Connection, worker_id: UUID, host: str, pid: int) -> None:
    """Make a worker known. `connection` is to live as long as the worker: the lock goes with it."""
    statements = load("workers")
    await statements.hold_lock(connection, lock_key=lock_key(worker_id))
    await statements.register(connection, worker_id=worker_id, host=host, pid=pid, lock_key=lock_key(worker_id))


async def resume(connection: asyncpg.Connection, worker_id: UUID, session: int | None = None) -> bool:
    """After a lost connection: whether the worker is still known and could take its lock again.

    `session` is the server's process id of the lost connection. The server may not have noticed that it is lost and
    keep the lock for it, so it is ended first.
    """
    statements = load("workers")
    key = lock_key(worker_id)
    if not await statements.hold_lock(connection, lock_key=key):
        await statements.end_holder(connection, lock_key=key, session=session)
        if not await statements.hold_lock(connection, lock_key=key):
            return False
    return await statements.beat(connection, worker_id=worker_id) is not None


async def beat(connection: asyncpg.Connection, worker_id: UUID) -> bool:
    """Renew the lease; false when the worker was given up meanwhile."""
    return await load("workers").beat(connection, worker_id=worker_id) is not None


async def unregister(connection: asyncpg.Connection, worker_id: UUID) -> None:
    """The worker stops; whatever it should still hold is given back first."""
    async with connection.transaction():
        await _give_back(connection, worker_id, deaths=0)
        await load("workers").unregister(connection, worker_id=worker_id)


async def give_up(connection: asyncpg.Connection, worker_id: UUID) -> int:
    """Do to a worker that has lost its lease what others would do once they notice; returns how many it held."""
    async with connection.transaction():
        given_back = await _give_back(connection, worker_id)
        await load("workers").unregister(connection, worker_id=worker_id)
    return given_back


async def take_over_dead(
    connection: asyncpg.Connection, worker_id: UUID, lease_seconds: float, *, by_lock: bool = True
) -> int:
    """Give back the executions of every other worker that is dead; returns how many.

    Without `by_lock` a worker is dead by its heartbeat alone: right after the server was away, nobody has a session.
    """
    statements = load("workers")
    asked = {"worker_id": worker_id, "lease_seconds": lease_seconds, "by_lock": by_lock}
    # Mostly nobody is dead, and then one round trip says so.
    if not await statements.find_dead(connection, **asked):
        return 0
    given_back = 0
    async with connection.transaction():
        # Found again, in the transaction that holds their locks.
        for row in await statements.find_dead(connection, **asked):
            other = row["worker_id"]
            if await statements.lock_dead(connection, worker_id=other) is not None:
                if row["lapsed"]:
                    name = session_name(row["host"], row["pid"])
                    await statements.end_sessions(connection, session_name=name, before=row["heartbeat_at"])
                given_back += await _give_back(connection, other)
                await statements.unregister(connection, worker_id=other)
    return given_back


async def take_over_orphans(connection: asyncpg.Connection) -> int:
    """Give back executions whose worker nobody knows; returns how many."""
    async with connection.transaction():
        orphaned = [row["worker_id"] for row in await load("workers").find_orphans(connection)]
        return sum([await _give_back(connection, worker_id) for worker_id in orphaned])


async def look(connection: asyncpg.Connection, worker_id: UUID, running: Sequence[UUID], seconds: float) -> Look:
    """What time it is, and whether `take_back` would find something; changes nothing."""
    row = await load("workers").look(connection, worker_id=worker_id, running=list(running), seconds=seconds)
    return Look(*row)


async def take_back(connection: asyncpg.Connection, worker_id: UUID, running: Sequence[UUID], seconds: float) -> int:
    """Give back what a living worker holds since `seconds` without running it; returns how many."""
    async with connection.transaction():
        rows = await load("workers").take_back(connection, worker_id=worker_id, running=list(running), seconds=seconds)
        await _enqueue_pending(connection, rows)
    return len(rows)


async def _give_back(connection: asyncpg.Connection, worker_id: UUID, *, deaths: int = 1) -> int:
    rows = await load("workers").take_over(connection, worker_id=worker_id, deaths=deaths)
    await _enqueue_pending(connection, rows)
    return len(rows)


async def _enqueue_pending(connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]) -> None:
    await enqueue(connection, [(row["execution_id"], row["priority"]) for row in rows if row["status"] == "pending"])


async def find_changed(connection: asyncpg.Connection, worker_id: UUID, ids: Sequence[UUID]) -> list[Change]:
    """What others decided about the executions that this worker believes to hold."""
    rows = await load("workers").find_changed(connection, worker_id=worker_id, ids=list(ids))
    return [Change(*row) for row in rows]
