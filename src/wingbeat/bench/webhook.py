"""How fast callers get results over HTTP: the reference workflow, started and awaited in one request."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from wingbeat.bench.http_client import HttpClient, prepare
from wingbeat.bench.installation import open_installation
from wingbeat.bench.report import BenchmarkBroken, Figure, Goal, Report, percentile
from wingbeat.bench.server import OK, serving
from wingbeat.bench.workloads import reference_workflow

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.bench.report import Effort

CONNECTIONS = 20
WARM_UP_SECONDS = 1.0
MILLISECONDS = 1000
# In the answer, if the execution has completed and its output is the workflow's.
RESULT = b'{"value":42}'

METHOD = (
    "POST /api/v1/workflows/ID/execute?wait=30 to one `wingbeat serve` process, which runs the executions too, over "
    "connections that stay open; each sends its next request when it has the result of the last one. The client is "
    "this process, the server another."
)


async def measure(effort: Effort) -> Report:
    """Measure with one connection, then with many; half of the time each."""
    async with open_installation(MAX_CONCURRENT_WORKFLOWS="1000") as here:
        workflow_id = await here.publish(reference_workflow())
        if effort.size >= 1:
            await here.compile_code()
        async with serving(here.environment, here.folder / "serve.log") as server:
            await _load(server.port, workflow_id, CONNECTIONS, effort.size * WARM_UP_SECONDS)
            alone = await _load(server.port, workflow_id, 1, effort.seconds / 2)
            many = await _load(server.port, workflow_id, CONNECTIONS, effort.seconds / 2)
    return Report(
        "webhook",
        METHOD,
        (
            *_figures(f"{CONNECTIONS} connections", many, effort.seconds / 2, rate=Goal(1_000)),
            *_figures("1 connection", alone, effort.seconds / 2, p50=Goal(4, at_most=True)),
        ),
        {"server_processes": 1},
    )


def _figures(
    name: str, latencies: list[float], seconds: float, *, rate: Goal | None = None, p50: Goal | None = None
) -> tuple[Figure, ...]:
    return (
        Figure(f"{name}, rate", len(latencies) / seconds, "requests/s", rate),
        Figure(f"{name}, p50", percentile(latencies, 0.5) * MILLISECONDS, "ms", p50),
        Figure(f"{name}, p99", percentile(latencies, 0.99) * MILLISECONDS, "ms"),
    )


async def _load(port: int, workflow_id: UUID, connections: int, seconds: float) -> list[float]:
    """Keep this many connections busy; returns the seconds that each request took."""
    until = time.perf_counter() + seconds
    request = prepare("POST", f"/api/v1/workflows/{workflow_id}/execute?wait=30", {"trigger_data": {"n": 21}})
    loads = await asyncio.gather(*(_ask_until(port, request, until) for _ in range(connections)))
    return [latency for load in loads for latency in load]


async def _ask_until(port: int, request: bytes, until: float) -> list[float]:
    latencies: list[float] = []
    async with HttpClient(port) as client:
        while (begun := time.perf_counter()) < until or not latencies:
            status, body = await client.send(request)
            latencies.append(time.perf_counter() - begun)
            if status != OK or RESULT not in body:
                raise BenchmarkBroken(f"The server answered {status}: {body[:500]!r}.")
    return latencies
