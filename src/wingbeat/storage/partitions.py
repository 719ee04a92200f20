"""The journal's partitions, one per week of execution ids: made ahead, and dropped when nothing needs them any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import asyncpg

from wingbeat.storage.identifiers import lowest_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

TABLE = "workflow_execution_steps"
WEEK = timedelta(days=7)
# A Monday. Weeks are counted from here.
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
PREFIX = f"{TABLE}_w"
# Making or dropping a partition needs the whole table for a moment; whoever cannot have it soon tries again later.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"
DELETE_BATCH = 10_000

EXISTING = f"""
SELECT child.relname AS name FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = '{TABLE}'::regclass AND child.relname LIKE '{PREFIX}%'
ORDER BY child.relname
"""  # noqa: S608 -- constants
UNFINISHED = """
SELECT EXISTS (
    SELECT FROM workflow_executions
    WHERE execution_id >= $1 AND execution_id < $2 AND status NOT IN ('completed', 'failed', 'cancelled')
)
"""
DELETE_FROM_DEFAULT = f"""
WITH gone AS (
    DELETE FROM {TABLE}_default WHERE ctid = ANY(ARRAY(
        SELECT step.ctid FROM {TABLE}_default step JOIN workflow_executions execution USING (execution_id)
        WHERE step.execution_id < $1 AND execution.status IN ('completed', 'failed', 'cancelled')
        LIMIT {DELETE_BATCH}
    )) RETURNING 1
) SELECT count(*) FROM gone
"""  # noqa: S608 -- constants
# Forks refer to what the steps that they kept refer to; one that was put off refers to the files of its last start.
NEEDED_NO_MORE = f"""
WITH RECURSIVE forks AS (
    SELECT id AS original, id FROM unnest($1::uuid[]) AS id
    UNION
    SELECT forks.original, e.execution_id FROM forks JOIN workflow_executions e
        ON e.forked_from = forks.id OR e.files_of = forks.id
)
SELECT original AS id FROM forks
GROUP BY original
HAVING NOT bool_or(
    EXISTS (SELECT FROM {TABLE} WHERE execution_id = forks.id)
    OR EXISTS (
        SELECT FROM workflow_executions
        WHERE execution_id = forks.id AND status NOT IN ('completed', 'failed', 'cancelled')
    )
)
ORDER BY original
"""  # noqa: S608 -- constants


class Week(NamedTuple):
    """One partition: its name, and the ids from `first` to before `end`."""

    name: str
    first: UUID
    end: UUID


def week_of(start: datetime) -> Week:
    """The partition of the week that begins at `start`."""
    return Week(f"{PREFIX}{start:%Y%m%d}", lowest_id(start), lowest_id(start + WEEK))


def weeks_from(moment: datetime, count: int) -> Iterator[Week]:
    """The week of `moment` and those after it."""
    start = EPOCH + (moment - EPOCH) // WEEK * WEEK
    return (week_of(start + number * WEEK) for number in range(count))


async def create_partitions(connection: asyncpg.Connection, weeks_ahead: int = 4) -> list[str]:
    """Make the missing partitions from this week on, by the database's time; returns their names.

    A week of which the default partition has steps already is left to it. Several processes may do this at once.
    """
    now = await connection.fetchval("SELECT now()")
    existing = {row["name"] for row in await connection.fetch(EXISTING)}
    missing = [week for week in weeks_from(now, weeks_ahead + 1) if week.name not in existing]
    return [week.name for week in missing if await create_partition(connection, week)]


async def create_partition(connection: asyncpg.Connection, week: Week) -> bool:
    """Make one partition; False if it cannot be made now, or never."""
    try:
        async with connection.transaction():
            await connection.execute(LOCK_TIMEOUT)
            await connection.execute(
                f"CREATE TABLE {week.name} PARTITION OF {TABLE} FOR VALUES FROM ('{week.first}') TO ('{week.end}')"
            )
    except (
        asyncpg.CheckViolationError,  # The default partition has steps of that week.
        asyncpg.DuplicateTableError,
        asyncpg.UniqueViolationError,  # Two made it at the same moment.
        asyncpg.InvalidObjectDefinitionError,
        asyncpg.LockNotAvailableError,
    ):
        return False
    return True


async def find_limit(connection: asyncpg.Connection, retention: timedelta) -> datetime:
    """Until when steps are past their retention: the beginning of a week, by the database's time."""
    limit: datetime = await connection.fetchval("SELECT now() - $1::interval", retention)
    return EPOCH + (limit - EPOCH) // WEEK * WEEK


async def without_steps(connection: asyncpg.Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Those among these executions that have ended and have no steps any more, nor have any forks of them.

    What steps refer to can go.
    """
    return [row["id"] for row in await connection.fetch(NEEDED_NO_MORE, ids)]


async def drop_expired(connection: asyncpg.Connection, retention: timedelta) -> list[str]:
    """Drop the partitions that ended before `retention` ago and whose executions have all ended; returns their names.

    Rows of executions stay. What the default partition has of those weeks goes too, a batch at a time.
    """
    limit = await find_limit(connection, retention)
    names = [row["name"] for row in await connection.fetch(EXISTING)]
    weeks = [week_of(datetime.strptime(name.removeprefix(PREFIX), "%Y%m%d").replace(tzinfo=UTC)) for name in names]
    expired = [week for week in weeks if week.end <= lowest_id(limit)]
    dropped = [week.name for week in expired if await drop_partition(connection, week)]
    while await connection.fetchval(DELETE_FROM_DEFAULT, lowest_id(limit)) == DELETE_BATCH:
        pass
    return dropped


async def drop_partition(connection: asyncpg.Connection, week: Week) -> bool:
    """Drop one partition; False if an execution still needs it, or somebody is in the way."""
    if await connection.fetchval(UNFINISHED, week.first, week.end):
        return False
    try:
        async with connection.transaction():
            await connection.execute(LOCK_TIMEOUT)
            await connection.execute(f"DROP TABLE IF EXISTS {week.name}")
    except asyncpg.LockNotAvailableError:
        return False
    return True
