"""How long `wingbeat serve` takes to be ready, and what it costs while it has nothing to do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wingbeat.bench.installation import temporary_folder
from wingbeat.bench.processes import cpu_seconds_of_each, memory_of, processes_below
from wingbeat.bench.report import Figure, Goal, Report, percentile
from wingbeat.bench.server import serving
from wingbeat.sandbox.artifacts import ArtifactStore
from wingbeat.storage import embedded

if TYPE_CHECKING:
    from pathlib import Path

    import psutil

    from wingbeat.bench.report import Effort

TIMES = 3
SETTLE_SECONDS = 2.0
MEGABYTE = 1_000_000
PERCENT = 100

METHOD = (
    "`wingbeat serve` on a data directory that exists: from the start of the process to the first 200 of /ready, the "
    "median of some starts, the embedded PostgreSQL included. Then nothing is asked of it: memory is the PSS sum of "
    "its Python processes and of PostgreSQL's, processor time that of all of them in percent of one core."
)


async def measure(effort: Effort) -> Report:
    """Make a data directory, then start on it some times, and let the last one idle."""
    with temporary_folder() as folder:
        data_dir = folder / "data"
        environment = {"WINGBEAT_DATA_DIR": str(data_dir), "LOG_LEVEL": "WARNING"}
        log = folder / "serve.log"
        async with serving(environment, log) as server:
            first = server.seconds
        if effort.size >= 1:
            # As on any day but the first: what a new data directory prepares in the background is done.
            await ArtifactStore(data_dir).get()
        starts = []
        for _ in range(effort.sized(TIMES) - 1):
            async with serving(environment, log) as server:
                starts.append(server.seconds)
        async with serving(environment, log) as server:
            starts.append(server.seconds)
            await asyncio.sleep(SETTLE_SECONDS * min(1.0, effort.size))
            before = cpu_seconds_of_each(_processes(server.process.pid, data_dir))
            await asyncio.sleep(effort.seconds)
            processes = _processes(server.process.pid, data_dir)
            used = sum(seconds - before.get(pid, 0.0) for pid, seconds in cpu_seconds_of_each(processes).items())
            memory = memory_of(processes)
    return Report(
        "start",
        METHOD,
        (
            Figure("start to ready", percentile(starts, 0.5), "s", Goal(2, at_most=True)),
            Figure("start to ready, new data directory", first, "s"),
            Figure("idle memory", memory / MEGABYTE, "MB", Goal(150, at_most=True)),
            Figure("idle processor time", used / effort.seconds * PERCENT, "% of a core", Goal(1, at_most=True)),
        ),
        {"processes": len(processes)},
    )


def _processes(server: int, data_dir: Path) -> list[psutil.Process]:
    """The server, PostgreSQL, and all processes below them."""
    database = embedded.status(data_dir).pid
    return processes_below([server] if database is None else [server, database])
