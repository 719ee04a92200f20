"""Migrations: in order, once, together or not at all, and never over a database that does not fit."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from wingbeat.core.errors import DatabaseUnavailable, PlatformError
from wingbeat.storage.migrate import MIGRATIONS, migrate, pending_migrations


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two small migrations."""
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE one (a integer); CREATE TABLE two (a integer);")
    (tmp_path / "0002_second.sql").write_text("ALTER TABLE one ADD COLUMN b text;")
    return tmp_path


async def test_an_empty_database_gets_everything_in_order(empty_dsn: str, folder: Path) -> None:
    """The names come back in the order in which they were applied, the queue's tables last."""
    assert await migrate(empty_dsn, folder) == ["0001_first", "0002_second", "pgqueuer"]
    assert await pending_migrations(empty_dsn, folder) == []


async def test_what_was_applied_is_not_applied_again(empty_dsn: str, folder: Path) -> None:
    """Only what is new since the last time runs."""
    await migrate(empty_dsn, folder)
    (folder / "0003_third.sql").write_text("CREATE TABLE three (a integer);")
    assert await pending_migrations(empty_dsn, folder) == ["0003_third"]
    assert await migrate(empty_dsn, folder) == ["0003_third"]
    assert await migrate(empty_dsn, folder) == []


async def test_asking_what_is_pending_changes_nothing(empty_dsn: str, folder: Path) -> None:
    """A question leaves even an empty database empty."""
    assert await pending_migrations(empty_dsn, folder) == ["0001_first", "0002_second", "pgqueuer"]
    connection = await asyncpg.connect(empty_dsn)
    assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    await connection.close()


async def test_processes_that_start_together_take_turns(empty_dsn: str) -> None:
    """Of several at once, one applies each migration and the others find nothing to do."""
    applied = await asyncio.gather(*(migrate(empty_dsn) for _ in range(4)))
    assert [name for names in applied for name in names] == [path.stem for path in sorted(MIGRATIONS.glob("*.sql"))] + [
        "pgqueuer"
    ]


async def test_a_migration_that_fails_leaves_nothing_behind(empty_dsn: str, folder: Path) -> None:
    """Its earlier statements are undone, it is not recorded, and mended it applies."""
    (folder / "0003_third.sql").write_text("CREATE TABLE three (a integer); CREATE TABLE one (a integer);")
    with pytest.raises(asyncpg.DuplicateTableError):
        await migrate(empty_dsn, folder)
    (folder / "0003_third.sql").write_text("CREATE TABLE three (a integer);")
    assert await migrate(empty_dsn, folder) == ["0003_third", "pgqueuer"]


async def test_a_migration_that_was_changed_afterwards_is_noticed(empty_dsn: str, folder: Path) -> None:
    """The text that was applied and the file must be the same."""
    await migrate(empty_dsn, folder)
    (folder / "0002_second.sql").write_text("ALTER TABLE one ADD COLUMN c text;")
    with pytest.raises(PlatformError) as caught:
        await migrate(empty_dsn, folder)
    assert caught.value.code == "MIGRATION_CHANGED"


async def test_a_newer_database_is_left_alone(empty_dsn: str, folder: Path) -> None:
    """An older Wingbeat does not run on tables that it does not know."""
    await migrate(empty_dsn, folder)
    (folder / "0002_second.sql").unlink()
    with pytest.raises(PlatformError) as caught:
        await migrate(empty_dsn, folder)
    assert caught.value.code == "DATABASE_NEWER"


async def test_the_queue_outlives_a_crash_of_the_server(database_dsn: str) -> None:
    """PgQueuer's queue is written ahead; only its log may be lost."""
    connection = await asyncpg.connect(database_dsn)
    kinds = {
        name: await connection.fetchval("SELECT relpersistence::text FROM pg_class WHERE relname = $1", name)
        for name in ("pgqueuer", "pgqueuer_log")
    }
    await connection.close()
    assert kinds == {"pgqueuer": "p", "pgqueuer_log": "u"}


async def test_without_a_database_the_error_says_so(tmp_path: Path) -> None:
    """No server, no traceback of a socket."""
    with pytest.raises(DatabaseUnavailable) as caught:
        await migrate(f"postgresql://nobody@/none?host={tmp_path}")
    assert caught.value.remedy
