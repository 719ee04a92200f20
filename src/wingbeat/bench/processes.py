"""Processes of Wingbeat that a benchmark starts, watches and ends, as an operator would start them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from wingbeat.bench.report import BenchmarkBroken
from wingbeat.settings import Settings

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Iterable, Mapping

STOP_SECONDS = 20.0
LAST_LINES = 2_000
# What runs, whatever the name under which it is installed.
WINGBEAT = (sys.executable, "-c", "from wingbeat.cli import main; main()")
KIBIBYTE = 1024


@asynccontextmanager
async def running(arguments: Iterable[str], environment: Mapping[str, str], log: Path) -> AsyncIterator[Process]:
    """A process of the command line with these arguments; it has ended when the context is left.

    Its own session, so that a Ctrl-C in the terminal reaches the benchmark alone, which then ends it in order.
    """
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *WINGBEAT,
            *arguments,
            env=clean_environment() | dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        await stop(process)


async def stop(process: Process, how: signal.Signals = signal.SIGTERM) -> None:
    """End a process, by force if it does not end in time."""
    if process.returncode is None:
        process.send_signal(how)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def check_alive(process: Process, log: Path) -> None:
    """Fail with the end of its log if a process has ended before its time."""
    if process.returncode is not None:
        text = log.read_text(errors="replace")[-LAST_LINES:]
        raise BenchmarkBroken(f"A process of the benchmark ended with status {process.returncode}. It said:\n{text}")


def clean_environment() -> dict[str, str]:
    """The environment without settings of Wingbeat: what is measured is what the benchmark says."""
    names = {field.alias or name.upper() for name, field in Settings.model_fields.items()}
    return {name: value for name, value in os.environ.items() if name not in names}


def peak_memory(pid: int) -> int:
    """The most memory, in bytes, that a process has had resident since it began; now, where that is not kept."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return int(psutil.Process(pid).memory_info().rss)
    return next(int(line.split()[1]) * KIBIBYTE for line in lines if line.startswith("VmHWM"))


def processes_below(pids: Iterable[int]) -> list[psutil.Process]:
    """These processes, and all that they have started and that still run."""
    roots = [psutil.Process(pid) for pid in pids]
    return [process for root in roots for process in (root, *root.children(recursive=True))]


def memory_of(processes: Iterable[psutil.Process]) -> int:
    """The memory of processes in bytes; what they share is counted once where the system can tell (PSS)."""
    total = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # A connection's process of PostgreSQL ends with its connection.
            info = process.memory_full_info()
            total += getattr(info, "pss", 0) or info.rss
    return total


def cpu_seconds(process: psutil.Process) -> float:
    """Processor time that a process has used so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def cpu_seconds_of_each(processes: Iterable[psutil.Process]) -> dict[int, float]:
    """Processor time that each process has used so far, by its id; without those that have ended."""
    used = {}
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            used[process.pid] = cpu_seconds(process)
    return used
