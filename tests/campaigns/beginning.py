"""Together: processes start at the same moment on an empty data directory, and share what the first one makes."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from functools import partial
from pathlib import Path

from tests.campaigns.installation import WORKER, Process, new_data_dir
from tests.campaigns.verdicts import Report
from tests.rig.engine import until

from wingbeat.storage import embedded
from wingbeat.storage.embedded import EmbeddedPostgres
from wingbeat.storage.pool import Database


async def together(*, rounds: int, processes: int) -> Report:
    """Each round has a new directory: all must come up on one server with one set of tables, and leave nothing."""
    report = Report("together")
    for _ in range(rounds):
        await _begin(report, processes)
    report.figures = {"rounds": rounds, "processes at once": processes}
    return report


async def _begin(report: Report, count: int) -> None:
    data_dir = new_data_dir()
    started = [_process(data_dir, n) for n in range(count)]
    await asyncio.gather(*(process.start() for process in started))
    server = EmbeddedPostgres()
    database = await Database.open(await server.start(data_dir), max_size=1)
    try:
        await until(partial(_all_there, database, started), "all are registered", 60)
        report.expect("processes that came up", [True] * count, [process.alive for process in started])
        report.expect("workers", count, await _registered(database))
    finally:
        await database.close()
        await server.stop()
        await asyncio.gather(*(process.end(signal.SIGTERM) for process in started))
    report.expect("server that goes with the last", False, embedded.status(data_dir).running)
    shutil.rmtree(data_dir)


async def _all_there(database: Database, started: list[Process]) -> bool:
    dead = any(not process.alive for process in started)
    return dead or await _registered(database) == len(started)


async def _registered(database: Database) -> int:
    if await database.pool.fetchval("SELECT to_regclass('workers')") is None:
        return 0
    return int(await database.pool.fetchval("SELECT count(*) FROM workers"))


def _process(data_dir: Path, number: int) -> Process:
    environment = {"PATH": os.environ["PATH"], "WINGBEAT_DATA_DIR": str(data_dir), "LOG_LEVEL": "ERROR"}
    command = WORKER if number % 2 else ("-m", "wingbeat", "serve", "--port", "0")
    return Process(command, environment)
