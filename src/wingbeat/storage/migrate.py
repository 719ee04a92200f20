"""Bring a database's tables up to date: our plain SQL files in order, then PgQueuer's tables.

Processes that start together take turns.
"""

from __future__ import annotations

import hashlib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wingbeat.core.errors import PlatformError
from wingbeat.storage.pool import connect, translate_errors
from wingbeat.storage.queue import queue_queries
from wingbeat.storage.roles import ensure_scoped_role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import asyncpg

MIGRATIONS = Path(__file__).parent / "migrations"
QUEUE = "pgqueuer"
# Any number that no other program uses on this database.
LOCK_KEY = 0x57494E4742454154

CREATE_RECORD = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    hash text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


@dataclass(frozen=True)
class Migration:
    """One SQL file; `hash` tells whether it is still the text that was applied."""

    name: str
    sql: str
    hash: str


async def migrate(dsn: str, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is missing and return its names in order; an empty list if the tables are up to date.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
        PlatformError: `MIGRATION_CHANGED`, `DATABASE_NEWER` or `SCOPED_ROLE_MISSING`; nothing was changed.
    """
    async with locked(dsn) as connection:
        await connection.execute(CREATE_RECORD)
        missing = select_missing(read_migrations(folder), await read_record(connection))
        await ensure_scoped_role(connection)
        for migration in missing:
            await apply(connection, migration)
        queue = [QUEUE] if await upgrade_queue(connection) else []
        return [migration.name for migration in missing] + queue


async def pending_migrations(dsn: str, folder: Path = MIGRATIONS) -> list[str]:
    """The names of what `migrate` would apply; changes nothing.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
        PlatformError: `MIGRATION_CHANGED` or `DATABASE_NEWER`.
    """
    connection = await connect(dsn)
    try:
        with translate_errors():
            recorded = await connection.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL")
            record = await read_record(connection) if recorded else {}
            missing = select_missing(read_migrations(folder), record)
            queue = [QUEUE] if await queue_is_behind(connection) else []
    finally:
        connection.terminate()
    return [migration.name for migration in missing] + queue


def read_migrations(folder: Path) -> list[Migration]:
    """The SQL files of a folder in the order of their names."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))}
    return [Migration(name, sql, hashlib.sha256(sql.encode()).hexdigest()) for name, sql in texts.items()]


def select_missing(migrations: list[Migration], record: dict[str, str]) -> list[Migration]:
    """Those that the record (name to hash) does not have; refuses a record that does not fit the files."""
    unknown = sorted(record.keys() - {migration.name for migration in migrations})
    if unknown:
        raise PlatformError(
            f"The database was made by a newer Wingbeat, which had the migrations {', '.join(unknown)} too.",
            code="DATABASE_NEWER",
            remedy="Install the newer version again, or restore a backup from before the upgrade.",
        )
    for migration in migrations:
        if record.get(migration.name, migration.hash) != migration.hash:
            raise PlatformError(
                f"The migration {migration.name} is not the one that was applied to this database.",
                code="MIGRATION_CHANGED",
                remedy="Restore the file as it was released; a change of the tables belongs in a new migration.",
            )
    return [migration for migration in migrations if migration.name not in record]


async def read_record(connection: asyncpg.Connection) -> dict[str, str]:
    """Name to hash of what was applied to this database."""
    return {row["name"]: row["hash"] for row in await connection.fetch("SELECT name, hash FROM schema_migrations")}


async def apply(connection: asyncpg.Connection, migration: Migration) -> None:
    """Run one migration and record it, both or neither."""
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(
            "INSERT INTO schema_migrations (name, hash) VALUES ($1, $2)", migration.name, migration.hash
        )


async def upgrade_queue(connection: asyncpg.Connection) -> bool:
    """Install or upgrade PgQueuer's tables; whether there was anything to do."""
    queries = queue_queries(connection)
    if not await queries.schema_is_installed():
        await queries.install()
        return True
    return bool((await queries.apply_upgrade()).statements)


async def queue_is_behind(connection: asyncpg.Connection) -> bool:
    """Whether PgQueuer's tables are missing or older than the installed PgQueuer wants."""
    queries = queue_queries(connection)
    return not await queries.schema_is_installed() or bool((await queries.plan_upgrade()).statements)


@asynccontextmanager
async def locked(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that is the only one to migrate; the lock goes with it."""
    connection = await connect(dsn)
    try:
        with translate_errors():
            await connection.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
            yield connection
    finally:
        connection.terminate()
