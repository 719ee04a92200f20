"""A key leads to one result, whoever comes first."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from wingbeat.core.errors import Conflict
from wingbeat.storage import idempotency
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import Database


async def test_a_new_key_is_kept_and_an_old_one_leads_to_its_result(database: Database) -> None:
    """None the first time, the first result's id from then on."""
    first, second = new_id(), new_id()
    async with database.pool.acquire() as connection:
        assert await idempotency.remember(connection, "op", "key", b"hash", first) is None
        assert first == await idempotency.remember(connection, "op", "key", b"hash", second)


async def test_a_key_with_another_request_is_refused(database: Database) -> None:
    """The hash tells requests apart."""
    async with database.pool.acquire() as connection:
        await idempotency.remember(connection, "op", "key", b"hash", new_id())
        with pytest.raises(Conflict) as caught:
            await idempotency.remember(connection, "op", "key", b"other", new_id())
    assert caught.value.code == "IDEMPOTENCY_KEY_REUSED"


async def test_operations_have_keys_of_their_own(database: Database) -> None:
    """The same key may create a workflow and start an execution."""
    async with database.pool.acquire() as connection:
        assert await idempotency.remember(connection, "one", "key", b"hash", new_id()) is None
        assert await idempotency.remember(connection, "two", "key", b"other", new_id()) is None


async def test_the_second_waits_for_the_first_ones_transaction(database: Database) -> None:
    """If the first is undone, the second is the first."""
    mine = new_id()
    async with database.pool.acquire() as connection, database.pool.acquire() as other:
        transaction = connection.transaction()
        await transaction.start()
        await idempotency.remember(connection, "op", "key", b"hash", new_id())
        waiting = asyncio.create_task(idempotency.remember(other, "op", "key", b"hash", mine))
        await transaction.rollback()
        assert await waiting is None
        assert mine == await idempotency.remember(connection, "op", "key", b"hash", new_id())


async def test_old_keys_are_forgotten(database: Database) -> None:
    """Only those that are older than asked."""
    async with database.pool.acquire() as connection:
        await idempotency.remember(connection, "op", "key", b"hash", new_id())
        assert await idempotency.forget(connection, timedelta(hours=1)) == 0
        assert await idempotency.forget(connection, timedelta(0)) == 1
        assert await idempotency.remember(connection, "op", "key", b"other", new_id()) is None


def test_a_hash_knows_where_parts_end() -> None:
    """Two requests whose parts only differ in where they are cut are two requests."""
    assert idempotency.hash_request(b"ab", b"c") != idempotency.hash_request(b"a", b"bc")
    assert idempotency.hash_request(b"ab", b"c") == idempotency.hash_request(b"ab", b"c")
