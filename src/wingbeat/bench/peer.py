"""Runs the reference workload on another engine, in an environment of its own, against the same kind of PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wingbeat.bench.installation import temporary_folder
from wingbeat.bench.machine import checkout
from wingbeat.bench.processes import clean_environment
from wingbeat.bench.report import BenchmarkBroken, Figure, Goal, Report
from wingbeat.core.errors import InvalidInput
from wingbeat.storage.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    from wingbeat.bench.report import Effort

EXECUTIONS_A_SECOND = 80
GOALS = {"dbos": 32}
LAST_LINES = 2_000


def peers() -> list[str]:
    """The peers that there are; none outside a checkout."""
    top = checkout()
    return sorted(file.parent.name for file in (top / "bench" / "peers").glob("*/workload.py")) if top else []


async def measure_peer(name: str, effort: Effort) -> Report:
    """Run the reference workload on a peer.

    Raises:
        InvalidInput: there is no such peer, or this is not a checkout.
        BenchmarkBroken: it did not work.
    """
    top = checkout()
    if top is None or name not in peers():
        raise InvalidInput(
            f"There is no peer {name!r} to compare with.",
            code="PEER_UNKNOWN",
            remedy=f"There are: {', '.join(peers())}." if top else "Peers are in bench/peers of a source checkout.",
        )
    python = (await _output(str(top / "bench" / "peers" / "environment"), name)).strip()
    executions = effort.sized(max(20, round(effort.seconds * EXECUTIONS_A_SECOND)), least=10)
    workload = str(top / "bench" / "peers" / name / "workload.py")
    with temporary_folder() as folder:
        server = EmbeddedPostgres()
        uri = await server.start(Path(folder) / "data")
        try:
            written = await _output(python, workload, uri, str(executions))
        finally:
            await server.stop()
    found: dict[str, Any] = json.loads(written.splitlines()[-1])
    return Report(
        f"throughput of {name} {found['version']}",
        "The same five steps, the queue filled before one process begins; from its first start to its last end.",
        (
            Figure("executions", found["executions"] / found["seconds"], "executions/s"),
            Figure("steps", found["steps"] / found["seconds"], "steps/s"),
        ),
        {"executions": executions, **found["settings"]},
    )


def compare(ours: Report, theirs: Report, peer: str) -> Report:
    """How many times as fast we are, by the first figure of each."""
    goal = Goal(GOALS[peer]) if peer in GOALS else None
    ratio = ours.figures[0].value / theirs.figures[0].value
    figure = Figure(f"times the executions/s of {peer}", ratio, "x", goal)
    return Report("ratio", "One after the other on this machine.", (figure,))


async def _output(*command: str) -> str:
    """What a program prints.

    Raises:
        BenchmarkBroken: it failed.
    """
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=clean_environment()
    )
    try:
        output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise BenchmarkBroken(f"{command[0]} failed: {errors.decode(errors='replace')[-LAST_LINES:]}")
    return output.decode()
