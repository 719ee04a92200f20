"""Starts beyond the limits of a workflow, from several sides at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from tests.rig.node_types import NODE_TYPES

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import RateLimited
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.sdk.files import MARK
from wingbeat.services.catalog import LiveCatalog
from wingbeat.services.executions import overflow
from wingbeat.services.executions.files import FileDownloads, FileStore
from wingbeat.services.executions.firing import Fired, Firing, Firings
from wingbeat.services.executions.overflow import GuardedStart
from wingbeat.services.executions.start import Starter
from wingbeat.services.executions.start_requests import StartRequest
from wingbeat.services.registration import id_for, register
from wingbeat.storage import dispatch, partitions
from wingbeat.storage.blobs import Blobs
from wingbeat.storage.decisions import Outcome, TriggerKind
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import Database
from wingbeat.worker.plans import Plans

WORKFLOW = id_for("test", "guarded")


def definition(**settings: Json) -> JsonObject:
    """A workflow with these settings."""
    return {
        "name": "guarded",
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "hook", "type": "trigger.webhook"},
            {"id": "end", "type": "flow.end"},
        ],
        "connections": [{"from": "start", "to": "end"}, {"from": "hook", "to": "end"}],
        "settings": settings,
    }


class Doors:
    """Both ways to start executions of the workflow."""

    def __init__(self, database: Database) -> None:
        self.database = database
        plans = Plans(database, LiveCatalog(database, NODE_TYPES), DEFAULT_CAPS)
        self.firings = Firings(plans)
        self.starter = Starter(database, plans, slots=100, worker=None)

    async def fire(self, *data: Json, node: str | None = None) -> list[Fired]:
        """By triggers, in one transaction."""
        firings = [Firing(WORKFLOW, TriggerKind.EVENT, one, node_id=node) for one in data]
        async with self.database.pool.acquire() as connection, connection.transaction():
            return await self.firings.fire(connection, firings)

    async def start(self, data: Json = None, key: str | None = None) -> UUID | RateLimited:
        """By a caller."""
        try:
            started = await self.starter.start(SYSTEM, StartRequest(WORKFLOW, data, idempotency_key=key))
        except RateLimited as error:
            return error
        return started.execution_id

    async def count(self, condition: str = "true") -> int:
        """How many executions there are."""
        return int(await self.database.pool.fetchval(f"SELECT count(*) FROM workflow_executions WHERE {condition}"))  # noqa: S608

    async def outcomes(self) -> dict[str, int]:
        """How many decisions of each kind there are."""
        rows = await self.database.pool.fetch("SELECT outcome, count(*) AS n FROM trigger_decisions GROUP BY outcome")
        return {row["outcome"]: row["n"] for row in rows}


@pytest.fixture
def doors(database: Database) -> Doors:
    """To this test's database."""
    return Doors(database)


async def test_of_many_at_once_no_more_than_may_are_there(database: Database, doors: Doors) -> None:
    """Triggers and callers, in many transactions at the same moment; each refusal is a decision."""
    await register(database, WORKFLOW, definition(max_concurrent=3, overflow="drop"))
    came = await asyncio.gather(*(doors.fire(n, n) for n in range(6)), *(doors.start(n) for n in range(12)))
    assert 3 == await doors.count()
    assert {"fired": 3, "limited": 21} == await doors.outcomes()
    errors = [one for one in came if isinstance(one, RateLimited)]
    assert {"MAX_CONCURRENT"} == {error.code for error in errors}
    assert all(error.details["retry_after_seconds"] for error in errors)
    await database.pool.execute("UPDATE workflow_executions SET status = 'completed'")
    assert isinstance(await doors.start(), UUID)


async def test_no_more_start_in_a_minute_than_may(database: Database, doors: Doors) -> None:
    """The caller is told when there is room again."""
    await register(database, WORKFLOW, definition(max_per_minute=2, overflow="drop"))
    assert [Outcome.FIRED, Outcome.FIRED, Outcome.LIMITED] == [one.outcome for one in await doors.fire(1, 2, 3)]
    async with database.pool.acquire() as connection, connection.transaction():
        await dispatch.claim(connection, UUID(int=1), most=10, limit=10)
    refused = await doors.start()
    assert isinstance(refused, RateLimited)
    assert 0 < float(str(refused.details["retry_after_seconds"])) <= 60
    await database.pool.execute("UPDATE workflow_admissions SET admitted_at = now() - interval '61 seconds'")
    assert isinstance(await doors.start(), UUID)


async def test_a_later_start_takes_the_place_of_the_oldest(database: Database, doors: Doors) -> None:
    """Also within one transaction; what was replaced is cancelled, and says why."""
    await register(database, WORKFLOW, definition(max_concurrent=1, overflow="replace"))
    first = await doors.start("first")
    fired = await doors.fire("second", "third")
    rows = await database.pool.fetch("SELECT * FROM workflow_executions ORDER BY start_time")
    assert [first, *(one.execution_id for one in fired)] == [row["execution_id"] for row in rows]
    assert ["cancelled", "cancelled", "pending"] == [row["status"] for row in rows]
    assert ["EXECUTION_REPLACED", "EXECUTION_REPLACED"] == [row["error"]["code"] for row in rows[:2]]


async def test_of_many_that_replace_each_other_one_is_left(database: Database, doors: Doors) -> None:
    """Whoever comes at the same moment."""
    await register(database, WORKFLOW, definition(max_concurrent=1, overflow="replace"))
    await asyncio.gather(*(doors.fire(n) for n in range(8)), *(doors.start(n) for n in range(8)))
    assert (16, 1) == (await doors.count(), await doors.count("status = 'pending'"))


async def test_a_full_queue_takes_no_more(database: Database, doors: Doors) -> None:
    """Those for which there is a slot are not counted as waiting."""
    await register(database, WORKFLOW, definition(max_concurrent=2, max_queued=3))
    came = await asyncio.gather(*(doors.start(n) for n in range(9)))
    assert 5 == sum(isinstance(one, UUID) for one in came)
    assert {"MAX_QUEUED"} == {one.code for one in came if isinstance(one, RateLimited)}
    assert {"fired": 5, "overflow": 4} == await doors.outcomes()


async def test_starts_that_follow_closely_are_one_with_the_last_data(database: Database, doors: Doors) -> None:
    """It waits for the quiet time, and has no job before; each that became part of it says so."""
    await register(database, WORKFLOW, definition(debounce_seconds=60))
    came = await asyncio.gather(*(doors.fire(n) for n in range(5)), *(doors.start(n) for n in range(5)))
    assert await doors.start("last") in {one for one in came if isinstance(one, UUID)}
    row = await database.pool.fetchrow("SELECT * FROM workflow_executions")
    assert ("waiting", "last", 1) == (row["status"], row["trigger_data"], await doors.count())
    assert {"fired": 1, "coalesced": 10} == await doors.outcomes()
    assert 0 == await database.pool.fetchval("SELECT count(*) FROM pgqueuer")
    await database.pool.execute("UPDATE workflow_executions SET wake_at = now()")
    async with database.pool.acquire() as connection, connection.transaction():
        assert 1 == await dispatch.wake_due(connection)
    other = await doors.start("next")
    assert other != row["execution_id"]


async def test_starts_with_other_keys_are_other_ones(database: Database, doors: Doors) -> None:
    """Those without one belong together, and so does each trigger's own."""
    await register(database, WORKFLOW, definition(debounce_seconds=60, debounce_key="data.order"))
    await doors.fire({"order": 1}, {"order": 2}, {"order": 1, "more": True}, {"other": 1}, "text")
    await doors.fire({"order": 1}, node="hook")
    assert 4 == await doors.count()


async def test_what_is_put_off_begins_at_last(database: Database, doors: Doors) -> None:
    """However many come, it waits no longer than it may."""
    await register(database, WORKFLOW, definition(debounce_seconds=60, debounce_max_seconds=90))
    await doors.fire(1)
    await database.pool.execute("UPDATE workflow_executions SET start_time = now() - interval '80 seconds'")
    await doors.fire(2)
    left = await database.pool.fetchval("SELECT extract(epoch FROM wake_at - now()) FROM workflow_executions")
    assert 0 < left <= 10


async def test_a_key_leads_to_what_a_start_became_part_of(database: Database, doors: Doors) -> None:
    """And one of a start that was refused may come again."""
    await register(database, WORKFLOW, definition(debounce_seconds=60))
    first = await doors.start("a")
    assert [first, first] == [await doors.start("b", "key"), await doors.start("b", "key")]
    await register(database, WORKFLOW, definition(max_concurrent=1, overflow="drop"))
    assert isinstance(await doors.start("c", "other"), RateLimited)
    await database.pool.execute("UPDATE workflow_executions SET status = 'completed'")
    assert isinstance(await doors.start("c", "other"), UUID)


async def test_a_trigger_has_a_priority_of_its_own(database: Database, doors: Doors) -> None:
    """Unless whoever starts says another one."""
    await register(database, WORKFLOW, definition(priority=1, trigger_priorities={"hook": 9}))
    await doors.fire("one")
    await doors.fire("two", node="hook")
    await doors.start("three")
    rows = await database.pool.fetch("SELECT priority FROM workflow_executions ORDER BY start_time")
    assert [1, 9, 1] == [row["priority"] for row in rows]


async def test_one_workflow_does_not_wait_for_another_in_a_circle(database: Database, doors: Doors) -> None:
    """Two that fire both, in opposite orders, take turns."""
    other = id_for("test", "guarded too")
    await register(database, WORKFLOW, definition(max_concurrent=1000, overflow="drop"))
    await register(database, other, definition(max_concurrent=1000, overflow="drop"))

    async def fire(*workflows: UUID) -> None:
        async with database.pool.acquire() as connection, connection.transaction():
            await doors.firings.fire(connection, [Firing(one, TriggerKind.EVENT) for one in workflows])

    await asyncio.gather(*(fire(*pair) for pair in [(WORKFLOW, other), (other, WORKFLOW)] * 5))
    assert 20 == await doors.count()


async def test_files_of_the_last_start_belong_to_the_execution_that_was_put_off(
    database: Database, doors: Doors, tmp_path: Path
) -> None:
    """Kept under the id that the start was to have; who may see the execution gets them, and they last as long."""
    await register(database, WORKFLOW, definition(debounce_seconds=60))
    store = FileStore(Blobs((tmp_path / "blobs").as_uri()), b"a key", 1_000)
    ids = [new_id() for _ in range(3)]
    files = [await store.of(one).keep(b"%d" % number, name="a.txt") for number, one in enumerate(ids)]
    async with database.pool.acquire() as connection, connection.transaction():
        came = await doors.firings.fire(
            connection,
            [
                Firing(WORKFLOW, TriggerKind.WEBHOOK, file, execution_id=one)
                for one, file in zip(ids, files, strict=True)
            ],
        )
    assert [ids[0]] * 3 == [fired.execution_id for fired in came]
    opened = await FileDownloads(database, store).open(SYSTEM, ids[0], str(files[2][MARK]))
    assert b"2" == b"".join([chunk async for chunk in opened.chunks])
    async with database.pool.acquire() as connection:
        # What was said before the last start is of no use.
        assert [ids[1]] == await partitions.without_steps(connection, ids)
        await connection.execute("UPDATE workflow_executions SET status = 'cancelled'")
        assert sorted(ids) == await partitions.without_steps(connection, ids)


@pytest.mark.parametrize("key", [None, "once"])
async def test_a_start_that_the_database_has_give_way_begins_again(
    database: Database, doors: Doors, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    """What a start replaces may be locked together with others that somebody else replaces."""
    await register(database, WORKFLOW, definition(max_concurrent=1, overflow="replace"))
    insert, tries = overflow.insert, iter((True, True))

    async def collide(connection: asyncpg.Connection, starts: Sequence[GuardedStart]) -> object:
        came = await insert(connection, starts)
        if next(tries, False):
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        return came

    monkeypatch.setattr(overflow, "insert", collide)
    started = await doors.start(key=key)
    assert isinstance(started, UUID)
    assert (1, {"fired": 1}) == (await doors.count(), await doors.outcomes())
