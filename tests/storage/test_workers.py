"""Which workers count as dead."""

from __future__ import annotations

from uuid import UUID, uuid4

import asyncpg
import pytest

from wingbeat.storage import workers
from wingbeat.storage.pool import Database, connect, session_name

ELSEWHERE = {"application_name": session_name("elsewhere", 7)}


@pytest.fixture
async def session(database: Database) -> asyncpg.Connection:
    """The session of another worker."""
    return await connect(database.dsn)


async def known(database: Database) -> list[UUID]:
    """The workers that are known."""
    return [row["worker_id"] for row in await database.pool.fetch("SELECT worker_id FROM workers")]


async def look(database: Database, seconds: float = 10, *, by_lock: bool = True) -> None:
    """Look for dead workers once."""
    async with database.pool.acquire() as connection:
        await workers.take_over_dead(connection, uuid4(), seconds, by_lock=by_lock)


async def test_a_worker_with_its_session_lives(database: Database, session: asyncpg.Connection) -> None:
    """Its lock is held and its heartbeat is young."""
    worker_id = uuid4()
    await workers.register(session, worker_id, "here", 1)
    await look(database)
    assert [worker_id] == await known(database)
    await session.close()


async def test_a_worker_without_its_session_is_dead(database: Database, session: asyncpg.Connection) -> None:
    """The lock went with the session, however young the heartbeat is; unless only heartbeats count."""
    worker_id = uuid4()
    await workers.register(session, worker_id, "here", 1)
    await session.close()
    await look(database, by_lock=False)
    assert [worker_id] == await known(database)
    await look(database)
    assert [] == await known(database)


async def test_a_worker_comes_back_in_another_session(database: Database, session: asyncpg.Connection) -> None:
    """When its session broke and nobody noticed, it takes its lock again and goes on as itself."""
    worker_id = uuid4()
    await workers.register(session, worker_id, "here", 1)
    await session.close()
    again = await connect(database.dsn)
    assert await workers.resume(again, worker_id)
    await look(database)
    assert [worker_id] == await known(database)
    await again.close()


async def test_a_worker_that_was_given_up_does_not_come_back(database: Database, session: asyncpg.Connection) -> None:
    """It has to begin anew, under another id."""
    worker_id = uuid4()
    await workers.register(session, worker_id, "here", 1)
    await look(database, seconds=-1)
    assert not await workers.beat(session, worker_id)
    await session.close()
    again = await connect(database.dsn)
    assert not await workers.resume(again, worker_id)
    await again.close()


async def test_the_sessions_of_a_process_that_stands_still_are_ended(
    database: Database, session: asyncpg.Connection
) -> None:
    """It holds locks in the middle of a transaction; whoever takes over does not wait for it to wake up."""
    still = await asyncpg.connect(database.dsn, server_settings=ELSEWHERE)
    await workers.register(session, uuid4(), "elsewhere", 7)
    await still.execute("BEGIN")
    await still.execute("SELECT FROM workflow_executions FOR SHARE")
    await look(database, seconds=-1)
    assert [] == await known(database)
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
        await still.execute("SELECT 1")
    await session.close()


async def test_a_process_that_came_back_keeps_its_new_sessions(database: Database, session: asyncpg.Connection) -> None:
    """It is another worker by now, when somebody takes over from the one that it was."""
    await workers.register(session, uuid4(), "elsewhere", 7)
    anew = await asyncpg.connect(database.dsn, server_settings=ELSEWHERE)
    await look(database, seconds=-1)
    assert [] == await known(database)
    assert 1 == await anew.fetchval("SELECT 1")
    await anew.close()
    await session.close()
