"""Together: processes start at the same moment on an empty data directory, and share what the first one makes."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from pathlib import Path

from tests.campaigns.installation import WORKER, Process
from tests.campaigns.verdicts import Report
from wingbeat.storage import embedded
from wingbeat.storage.embedded import EmbeddedPostgres
from wingbeat.storage.pool import Database


async def together(*, rounds: int, processes: int) -> Report:
    """Each round has a new directory: all must come up on one server with one set of tables, and leave nothing behind."""
    report = Report("together")
    for _ in range(rounds):
        await _begin(report, processes)
    report.figures = {"rounds": rounds, "processes at once": processes}
    return report


async def _begin(report: Report, count: int) -> None:
    data_dir = Path(tempfile.mkdtemp(prefix="wingbeat-campaign-"))
    data_dir.chmod(0o711)
    started = [_process(data_dir, n) for n in range(count)]
    await asyncio.gather(*(process.start() for process in started))
    server = EmbeddedPostgres()
    database = await Database.open(await server.start(data_dir), max_size=1)
    try:
        async with asyncio.timeout(60):
            while await _registered(database) < count and all(process.alive for process in started):
                await asyncio.sleep(0.1)
        report.expect("processes that came up", [True] * count, [process.alive for process in started])
        report.expect("workers", count, await _registered(database))
    finally:
        await database.close()
        await server.stop()
        await asyncio.gather(*(process.end(signal.SIGTERM) for process in started))
    report.expect("server that goes with the last", False, embedded.status(data_dir).running)
    shutil.rmtree(data_dir)


async def _registered(database: Database) -> int:
    if await database.pool.fetchval("SELECT to_regclass('workers')") is None:
        return 0
    return int(await database.pool.fetchval("SELECT count(*) FROM workers"))


def _process(data_dir: Path, number: int) -> Process:
    environment = {"PATH": os.environ["PATH"], "WINGBEAT_DATA_DIR": str(data_dir), "LOG_LEVEL": "ERROR"}
    command = WORKER if number % 2 else ("-m", "wingbeat", "serve", "--port", "0")
    return Process(command, environment)
