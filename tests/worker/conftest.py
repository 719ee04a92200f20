"""An engine on a database of its own for each test, whose journal is checked when the test is over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.rig.checker import check
from tests.rig.engine import Engine, running_engine

from wingbeat.storage.pool import Database


@pytest.fixture
async def engine(database: Database, tmp_path: Path) -> AsyncIterator[Engine]:
    """Workers, starters and probes on a fresh database; afterwards the journal must hold together."""
    async with running_engine(database, tmp_path) as opened:
        yield opened
    verdict = await check(database.dsn, ended=False)
    assert verdict.wrong == {}
