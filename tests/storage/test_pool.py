"""What the errors of the driver mean."""

from __future__ import annotations

import asyncpg
import pytest
from tests.rig.node_types import NODE_TYPES

from wingbeat.core.errors import DatabaseUnavailable
from wingbeat.core.json_value import JsonObject
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.services.registration import register
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import Database, connect, translate_errors
from wingbeat.worker.plans import Plans

TWO_NODES: JsonObject = {
    "name": "two",
    "nodes": [{"id": "start", "type": "trigger.manual"}, {"id": "end", "type": "flow.end"}],
    "connections": [{"from": "start", "to": "end"}],
}


async def test_a_connection_that_was_cut_means_unavailable(database: Database) -> None:
    """A statement on a connection that the server ended is DatabaseUnavailable, and the pool recovers."""
    async with database.pool.acquire() as connection, database.pool.acquire() as other:
        await other.execute("SELECT pg_terminate_backend($1)", connection.get_server_pid())
        with pytest.raises(DatabaseUnavailable), translate_errors():
            await connection.fetchval("SELECT 1")
    assert await database.pool.fetchval("SELECT 1") == 1


async def test_a_pool_that_was_closed_means_unavailable(database_dsn: str) -> None:
    """So does a pool that is closed."""
    database = await Database.open(database_dsn)
    await database.close()
    with pytest.raises(DatabaseUnavailable), translate_errors():
        await database.pool.fetchval("SELECT 1")


async def test_who_holds_the_last_connection_of_a_pool_still_has_another(database_dsn: str) -> None:
    """Or everybody would wait for everybody else who asks for something in the middle of a transaction."""
    database = await Database.open(database_dsn, max_size=1)
    async with database.pool.acquire() as held, database.spare() as other:
        assert held.get_server_pid() != await other.fetchval("SELECT pg_backend_pid()")
    workflow_id = new_id()
    await register(database, workflow_id, TWO_NODES)
    async with database.pool.acquire():
        assert ["start", "end"] == [*(await Plans(database, NODE_TYPES, DEFAULT_CAPS).get(workflow_id, 1)).nodes]
    await database.close()


async def test_a_statement_that_takes_too_long_means_unavailable(database_dsn: str) -> None:
    """Nobody waits for ever."""
    database = await Database.open(database_dsn, command_seconds=0.01)
    with pytest.raises(DatabaseUnavailable), translate_errors():
        await database.pool.fetchval("SELECT pg_sleep(60)")
    await database.close()


async def test_an_unknown_database_is_named(database_dsn: str) -> None:
    """The message says what is missing and the remedy which setting to look at."""
    with pytest.raises(DatabaseUnavailable) as caught:
        await Database.open(database_dsn.replace("/test_", "/absent_"))
    assert "absent_" in caught.value.message
    assert "DATABASE_URI" in caught.value.remedy


async def test_other_errors_pass(database: Database) -> None:
    """A mistake in a statement or an argument stays what it is."""
    with pytest.raises(asyncpg.UndefinedTableError), translate_errors():
        await database.pool.fetchval("SELECT * FROM absent")
    with pytest.raises(asyncpg.DataError), translate_errors():
        await database.pool.fetchval("SELECT $1::integer", "text")
    with pytest.raises(asyncpg.InterfaceError), translate_errors():
        await database.pool.fetchval("SELECT $1::integer")


async def test_a_server_that_is_not_there_is_told_with_its_address() -> None:
    """And with what the system says, but without user, password and the system's number."""
    with pytest.raises(DatabaseUnavailable) as caught:
        await connect("postgresql://somebody:secret@127.0.0.1:1/books")

    assert "The database at 127.0.0.1:1/books cannot be reached: connection refused." == caught.value.message


async def test_an_error_without_words_is_told_without() -> None:
    """A time-out of the driver has none."""
    with pytest.raises(DatabaseUnavailable) as caught, translate_errors():
        raise TimeoutError

    assert "The database did not answer in time." == caught.value.message
