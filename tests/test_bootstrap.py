"""A platform is opened whole and closed whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wingbeat.bootstrap import open_platform
from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import BadSettings, DatabaseUnavailable
from wingbeat.settings import Settings, load_settings
from wingbeat.storage.workflow_lists import WorkflowFilter

if TYPE_CHECKING:
    from pathlib import Path

    from wingbeat.storage.pool import Database


@pytest.fixture
def settings(database_dsn: str, tmp_path: Path) -> Settings:
    """Settings for this test's database."""
    return load_settings({"DATABASE_URI": database_dsn, "WINGBEAT_DATA_DIR": str(tmp_path)})


async def count_workers(database: Database) -> int:
    """How many workers are known."""
    return int(await database.pool.fetchval("SELECT count(*) FROM workers"))


async def test_its_worker_is_known_while_it_is_open(settings: Settings, database: Database) -> None:
    """And given back when it closes."""
    async with open_platform(settings, run_worker=True) as platform:
        during = await count_workers(database), await platform.status.problems()

    assert ((1, []), 0) == (during, await count_workers(database))


async def test_without_a_worker_nothing_runs(settings: Settings, database: Database) -> None:
    """The services are there all the same."""
    async with open_platform(settings, run_worker=False) as platform:
        assert platform.worker is None
        assert await platform.workflow_lists.count(SYSTEM, WorkflowFilter(["published"])) == 0
        assert await count_workers(database) == 0


async def test_it_closes_when_its_user_fails(settings: Settings, database: Database) -> None:
    """The error passes, and nothing is left behind."""
    with pytest.raises(ZeroDivisionError):
        async with open_platform(settings, run_worker=True) as platform:
            raise ZeroDivisionError

    assert await count_workers(database) == 0
    assert platform.database.pool.is_closing()


async def test_it_brings_the_tables_up_to_date(empty_dsn: str, tmp_path: Path) -> None:
    """On a database without any."""
    settings = load_settings({"DATABASE_URI": empty_dsn, "WINGBEAT_DATA_DIR": str(tmp_path)})

    async with open_platform(settings, run_worker=False) as platform:
        assert await platform.workflow_lists.count(SYSTEM, WorkflowFilter(["draft"])) == 0


async def test_a_folder_for_blobs_that_cannot_be_used_is_told(settings: Settings, tmp_path: Path) -> None:
    """With the setting to change; what was opened before is closed."""
    (tmp_path / "file").touch()
    bad = settings.model_copy(update={"blob_url": (tmp_path / "file" / "blobs").as_uri()})

    with pytest.raises(BadSettings, match="BLOB_URL"):
        async with open_platform(bad, run_worker=True):
            pass


async def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    """At once, rather than with the first request."""
    settings = load_settings({"DATABASE_URI": "postgresql://a@127.0.0.1:1/b", "WINGBEAT_DATA_DIR": str(tmp_path)})

    with pytest.raises(DatabaseUnavailable):
        async with open_platform(settings, run_worker=True):
            pass
