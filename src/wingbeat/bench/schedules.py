"""How late schedules fire when there are very many, and what they cost while none is due."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psutil

from wingbeat.bench.installation import open_installation
from wingbeat.bench.processes import cpu_seconds
from wingbeat.bench.report import BenchmarkBroken, Figure, Goal, Report, percentile
from wingbeat.storage.identifiers import new_id

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.bench.installation import Installation
    from wingbeat.bench.report import Effort
    from wingbeat.core.json_value import JsonObject

SCHEDULES = 10_000
# All of them once a minute.
A_SECOND = SCHEDULES / 60
AT_ONCE = 1_000
AHEAD_SECONDS = 3
LONGEST_SECONDS = 300.0
SETTLING_SECONDS = 6.0
POLL_SECONDS = 0.1
PERCENT = 100

METHOD = (
    "10,000 schedules of a workflow that does nothing, in one `wingbeat worker` process. First none is due for a "
    "while, and the processor time of the process is measured; then each fires once, evenly over a minute; then a "
    "thousand at the same moment. Lateness is from the planned time to the row that says that it fired, by the "
    "database's clock."
)
WORKFLOW: JsonObject = {
    "name": "Benchmark: scheduled",
    "nodes": [{"id": "start", "type": "trigger.manual"}, {"id": "end", "type": "flow.end"}],
    "connections": [{"from": "start", "to": "end"}],
}
INSERT = """
INSERT INTO workflow_schedules (schedule_id, workflow_id, name, interval_seconds, max_instances, next_planned_for,
                                next_run_at, anchor)
SELECT id, $2, 'benchmark', 86400, 1000, due, due, due
FROM (SELECT id, clock_timestamp() + interval '1 day' AS due FROM unnest($1::uuid[]) AS ids (id)) AS new
"""
# Each of so many schedules is due so many seconds after the one before.
PLAN = """
UPDATE workflow_schedules s SET next_planned_for = due, next_run_at = due, anchor = due
FROM (
    SELECT schedule_id, $3::timestamptz + make_interval(secs => $2::float8 * (row_number() OVER () - 1)) AS due
    FROM workflow_schedules LIMIT $1
) AS planned
WHERE s.schedule_id = planned.schedule_id
"""
LATENESS = """
SELECT extract(epoch FROM at - planned_for)::float8 AS late FROM trigger_decisions
WHERE outcome = 'fired' AND planned_for >= $1 AND planned_for < $1 + interval '1 hour'
"""
ALL_FIRED = "SELECT count(*) >= $2 FROM trigger_decisions WHERE outcome = 'fired' AND planned_for >= $1"
ALL_ENDED = "SELECT NOT EXISTS (SELECT FROM workflow_executions WHERE workflow_id = $1 AND end_time IS NULL)"


async def measure(effort: Effort) -> Report:
    """Measure all three; the minute is as long as the number of schedules asks for."""
    schedules = effort.sized(SCHEDULES, least=10)
    burst = min(schedules, effort.sized(AT_ONCE, least=10))
    async with open_installation(MAX_CONCURRENT_WORKFLOWS="1000") as here:
        workflow_id = await here.publish(WORKFLOW)
        await here.platform.database.pool.execute(INSERT, [new_id() for _ in range(schedules)], workflow_id)
        async with here.worker() as worker:
            await asyncio.sleep(SETTLING_SECONDS * min(1.0, effort.size))
            idle = await _idle(psutil.Process(worker.pid), effort.seconds)
            spread = await _fire(here, workflow_id, schedules, 1 / A_SECOND)
            together = await _fire(here, workflow_id, burst, 0.0)
    return Report(
        "schedules",
        METHOD,
        (
            Figure("processor time while none is due", idle * PERCENT, "%", Goal(2, at_most=True)),
            Figure("over a minute, lateness, p50", percentile(spread, 0.5), "s"),
            Figure("over a minute, lateness, p99", percentile(spread, 0.99), "s", Goal(1, at_most=True)),
            Figure("at one moment, lateness, p99", percentile(together, 0.99), "s"),
        ),
        {"schedules": schedules, "at_one_moment": burst, "worker_processes": 1},
    )


async def _idle(process: psutil.Process, seconds: float) -> float:
    """The share of a processor that a process takes."""
    loop = asyncio.get_running_loop()
    used, begun = cpu_seconds(process), loop.time()
    await asyncio.sleep(seconds)
    return (cpu_seconds(process) - used) / (loop.time() - begun)


async def _fire(here: Installation, workflow_id: UUID, number: int, apart: float) -> list[float]:
    """Let so many fire, each so many seconds after the one before; how late each was."""
    begin = await here.query("SELECT clock_timestamp() + make_interval(secs => $1)", float(AHEAD_SECONDS))
    pool = here.platform.database.pool
    await pool.execute(PLAN, number, apart, begin)
    await pool.execute("SELECT pg_notify('wingbeat_schedules', '')")
    # Nobody asks while it is measured.
    await asyncio.sleep(AHEAD_SECONDS + number * apart)
    await _until(here, ALL_FIRED, begin, number)
    await _until(here, ALL_ENDED, workflow_id)
    return [row["late"] for row in await pool.fetch(LATENESS, begin)]


async def _until(here: Installation, condition: str, *values: object) -> None:
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            while not await here.query(condition, *values):  # noqa: ASYNC110 - another process brings it about
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise BenchmarkBroken(f"It did not come about within {LONGEST_SECONDS:g} s: {condition}") from None
