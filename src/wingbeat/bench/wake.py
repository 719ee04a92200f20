"""How late executions go on that wait for a time, when very many wait for the same second."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from wingbeat.bench.installation import open_installation
from wingbeat.bench.report import BenchmarkBroken, Figure, Goal, Report, percentile
from wingbeat.bench.workloads import waiting_workflow

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.bench.installation import Installation
    from wingbeat.bench.report import Effort

DELAYS = 10_000
# By then all must have fallen asleep: what still runs at its time is no test of waking.
EXECUTIONS_A_SECOND = 700
LEAST_SECONDS = 3
LONGEST_SECONDS = 300.0
POLL_SECONDS = 0.1

METHOD = (
    "Executions that wait, each for its own moment of the same second, spread evenly; all are rows and none is in "
    "memory when the first is due. Lateness is from that moment to the end of the step that waited, in one `wingbeat "
    "worker` process."
)

LATENESS = """
SELECT extract(epoch FROM s.ended_at - (e.trigger_data ->> 'due')::timestamptz)::float8 AS late
FROM workflow_execution_steps s JOIN workflow_executions e USING (execution_id)
WHERE s.execution_id >= $1 AND s.node_id = 'wait' AND s.status = 'completed'
"""


async def measure(effort: Effort) -> Report:
    """Measure one such second; how long that takes is not a choice."""
    delays = effort.sized(DELAYS, least=10)
    async with open_installation(MAX_CONCURRENT_WORKFLOWS="1000") as here:
        workflow_id = await here.publish(waiting_workflow())
        async with here.worker():
            due = datetime.now(UTC) + timedelta(seconds=LEAST_SECONDS + delays / EXECUTIONS_A_SECOND)
            moments = [due + timedelta(seconds=number / delays) for number in range(delays)]
            first = min(await here.enqueue(workflow_id, [{"due": moment.isoformat()} for moment in moments]))
            await _all_asleep(here, first, due)
            await here.wait_for_end(first, LONGEST_SECONDS)
        late = [row["late"] for row in await here.platform.database.pool.fetch(LATENESS, first)]
    return Report(
        "wake",
        METHOD,
        (
            Figure("lateness, p50", percentile(late, 0.5), "s"),
            Figure("lateness, p99", percentile(late, 0.99), "s", Goal(1, at_most=True)),
            Figure("lateness, the last", max(late), "s"),
        ),
        {"delays": delays, "worker_processes": 1},
    )


async def _all_asleep(here: Installation, first: UUID, due: datetime) -> None:
    awake = "SELECT count(*) FROM workflow_executions WHERE execution_id >= $1 AND status <> 'waiting'"
    while await here.query(awake, first):
        if datetime.now(UTC) > due:
            raise BenchmarkBroken("Not all executions were asleep when the first was due: the machine is too busy.")
        await asyncio.sleep(POLL_SECONDS)
