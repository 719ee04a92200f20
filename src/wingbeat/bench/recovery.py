"""What a killed worker costs: how long until its executions go on, and whether anything is lost or doubled."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from wingbeat.bench.installation import open_installation
from wingbeat.bench.processes import stop
from wingbeat.bench.report import BenchmarkBroken, Figure, Goal, Report, percentile
from wingbeat.bench.workloads import pulsing_workflow

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from uuid import UUID

    from wingbeat.bench.installation import Installation
    from wingbeat.bench.report import Effort
    from wingbeat.core.json_value import JsonObject

IN_FLIGHT = 200
# Each execution lives for about this long, so that all are in flight when the worker dies.
PULSES = 25
PAUSE_SECONDS = 0.2
SECONDS_A_ROUND = 10.0
LONGEST_SECONDS = 120.0
POLL_SECONDS = 0.05

METHOD = (
    "Two `wingbeat worker` processes share the executions, each a loop of short waits and transforms. The one that "
    "holds most is killed (SIGKILL), the other goes on alone; then a new one joins for the next round. Seconds are "
    "from the kill to the first row that a taken-over execution writes in its new worker, which includes what was "
    f"left of a wait of {PAUSE_SECONDS:g} s. Twice: steps with two outcomes. Lost: executions that did not complete, "
    "or whose journal has gaps."
)

TAKEN_OVER = """
SELECT min(s.ended_at) - to_timestamp($2) AS delay
FROM workflow_execution_steps s JOIN unnest($1::uuid[], $3::int[]) AS held (id, epoch) ON held.id = s.execution_id
WHERE s.epoch > held.epoch GROUP BY s.execution_id
"""
TWICE = """
SELECT count(*) FROM (
    SELECT FROM workflow_execution_steps WHERE status = 'completed' AND execution_id >= $1
    GROUP BY execution_id, node_id, scope, attempt HAVING count(*) > 1
) AS doubled
"""
LOST = """
SELECT count(*) FROM workflow_executions e
LEFT JOIN LATERAL (
    SELECT count(*) AS rows, max(sequence) AS last FROM workflow_execution_steps s
    WHERE s.execution_id = e.execution_id
) AS journal ON true
WHERE e.execution_id >= $1 AND (e.status <> 'completed' OR journal.rows IS DISTINCT FROM journal.last)
"""


async def measure(effort: Effort) -> Report:
    """Kill a worker in each round; at least one round."""
    executions, pulses = effort.sized(IN_FLIGHT, least=4), effort.sized(PULSES, least=5)
    rounds = max(1, round(effort.seconds / SECONDS_A_ROUND))
    delays: list[float] = []
    twice = lost = 0
    async with open_installation(MAX_CONCURRENT_WORKFLOWS="1000") as here:
        workflow_id = await here.publish(pulsing_workflow())
        async with AsyncExitStack() as stack:
            workers = [await stack.enter_async_context(here.worker()) for _ in range(2)]
            for _ in range(rounds):
                data: JsonObject = {"pulses": pulses, "pause": PAUSE_SECONDS}
                first = min(await here.enqueue(workflow_id, [data] * executions))
                delays += await _kill_one(here, workers, first, executions)
                twice += await here.query(TWICE, first)
                lost += await here.query(LOST, first)
                workers.append(await stack.enter_async_context(here.worker()))
    goal = Goal(2, at_most=True)
    return Report(
        "recovery",
        METHOD,
        (
            Figure("until an execution goes on, p50", percentile(delays, 0.5), "s"),
            Figure("until an execution goes on, p99", percentile(delays, 0.99), "s", goal),
            Figure("until the last one goes on", max(delays), "s"),
            Figure("steps recorded twice", twice, "steps", Goal(0, at_most=True)),
            Figure("executions lost", lost, "executions", Goal(0, at_most=True)),
        ),
        {"in_flight": executions, "workers": 2, "kills": rounds, "taken_over": len(delays)},
    )


async def _kill_one(here: Installation, workers: list[Process], first: UUID, executions: int) -> list[float]:
    """Kill the worker that holds most once all is in flight; returns how long each of its executions stood still."""
    await _all_in_flight(here, first, executions)
    held = await here.platform.database.pool.fetch(
        "SELECT w.pid, array_agg(e.execution_id) AS ids, array_agg(e.epoch) AS epochs FROM workflow_executions e "
        "JOIN workers w USING (worker_id) WHERE e.execution_id >= $1 GROUP BY w.pid ORDER BY count(*) DESC",
        first,
    )
    if not held:
        raise BenchmarkBroken("No worker held an execution when one was to be killed.")
    victim = next(worker for worker in workers if worker.pid == held[0]["pid"])
    killed_at = time.time()
    await stop(victim, signal.SIGKILL)
    workers.remove(victim)
    await here.wait_for_end(first, LONGEST_SECONDS)
    rows = await here.platform.database.pool.fetch(TAKEN_OVER, held[0]["ids"], killed_at, held[0]["epochs"])
    return [row["delay"].total_seconds() for row in rows]


async def _all_in_flight(here: Installation, first: UUID, executions: int) -> None:
    """Wait until every execution has recorded something."""
    begun = "SELECT count(DISTINCT execution_id) FROM workflow_execution_steps WHERE execution_id >= $1"
    async with asyncio.timeout(LONGEST_SECONDS):
        while await here.query(begun, first) < executions:  # noqa: ASYNC110 - another process brings it about
            await asyncio.sleep(POLL_SECONDS)
