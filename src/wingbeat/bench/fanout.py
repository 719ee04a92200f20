"""What one event costs that starts, or wakes, very many."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from wingbeat.bench.installation import open_installation
from wingbeat.bench.report import BenchmarkBroken, Figure, Report, percentile
from wingbeat.bench.workloads import listening_workflow, patient_workflow
from wingbeat.core.access import SYSTEM
from wingbeat.services.events.events import Occurrence
from wingbeat.services.registration import id_for, register

if TYPE_CHECKING:
    from wingbeat.bench.installation import Installation
    from wingbeat.bench.report import Effort

WORKFLOWS = 1_000
WAITS = 1_000
LONGEST_SECONDS = 300.0
POLL_SECONDS = 0.1
FEWEST = 3

METHOD = (
    "Events through the use case behind POST /api/v1/events, one after another, from the call to the answer: by "
    "then every execution is in the database with its job and its decision. Those that wait are asleep."
)


async def measure(effort: Effort) -> Report:
    """Measure for the seconds given; the installation is made before."""
    workflows, waits = effort.sized(WORKFLOWS, least=2), effort.sized(WAITS, least=2)
    async with open_installation(MAX_CONCURRENT_WORKFLOWS="1000") as here:
        for number in range(workflows):
            await register(here.platform.database, id_for("fanout", str(number)), listening_workflow())
        many = await _publish(here, "bench.many", effort.seconds / 2, workflows)
        none = await _publish(here, "bench.none", effort.seconds / 2, 0)
        woken = await _wake(here, waits)
    return Report(
        "fanout",
        METHOD,
        (
            Figure("an event that starts all, p50", percentile(many, 0.5), "s"),
            Figure("an event that starts all, p99", percentile(many, 0.99), "s"),
            Figure("executions started", workflows * len(many) / sum(many), "executions/s"),
            Figure("an event that nobody listens to, p50", percentile(none, 0.5) * 1_000, "ms"),
            Figure("an event that wakes all", woken, "s"),
        ),
        {"workflows": workflows, "waits": waits},
    )


async def _publish(here: Installation, name: str, seconds: float, expected: int) -> list[float]:
    """How long each event took; what it started is taken away again, so that the next one finds the same."""
    taken: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(taken) < FEWEST:
        began = time.perf_counter()
        published = await here.platform.events.publish(SYSTEM, Occurrence(name, {"number": len(taken)}))
        taken.append(time.perf_counter() - began)
        if published.event.started != expected:
            raise BenchmarkBroken(f"The event started {published.event.started} executions instead of {expected}.")
    await here.platform.database.pool.execute("TRUNCATE workflow_executions, pgqueuer CASCADE")
    return taken


async def _wake(here: Installation, waits: int) -> float:
    """How long the event takes that wakes them all."""
    workflow_id = await here.publish(patient_workflow())
    asleep = "SELECT count(*) FROM workflow_waits WHERE kind = 'event' AND resolved_at IS NULL"
    async with here.worker():
        first = min(await here.enqueue(workflow_id, [None] * waits))
        async with asyncio.timeout(LONGEST_SECONDS):
            while await here.query(asleep) < waits:  # noqa: ASYNC110 - another process brings it about
                await asyncio.sleep(POLL_SECONDS)
        began = time.perf_counter()
        published = await here.platform.events.publish(SYSTEM, Occurrence("bench.wake"))
        taken = time.perf_counter() - began
        if published.event.woken != waits:
            raise BenchmarkBroken(f"The event woke {published.event.woken} executions instead of {waits}.")
        await here.wait_for_end(first, LONGEST_SECONDS)
    return taken
