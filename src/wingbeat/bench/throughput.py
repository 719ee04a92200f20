"""How many executions of the reference workflow one worker process takes from the queue and completes per second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.bench.installation import open_installation
from wingbeat.bench.report import Figure, Goal, Report
from wingbeat.bench.workloads import reference_workflow

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.bench.installation import Installation
    from wingbeat.bench.report import Effort

EXECUTIONS_A_ROUND = 10_000
WARM_UP = 500
# More than one process ever holds at once, so that the setting is not what is measured.
SLOTS = "1000"
LONGEST_SECONDS = 300.0
NODES = 5

METHOD = (
    "The executions of a round are put into the queue in one transaction; the producer is done before a `wingbeat "
    "worker` process begins. Seconds are the database's, from the first claim to the last end; rounds follow until "
    "enough seconds are measured, in a database that keeps everything."
)


async def measure(effort: Effort) -> Report:
    """Measure rounds of executions."""
    executions, seconds = 0, 0.0
    async with open_installation(MAX_CONCURRENT_WORKFLOWS=SLOTS) as here:
        workflow_id = await here.publish(reference_workflow())
        if effort.size >= 1:
            await here.compile_code()
        async with here.worker():
            await _round(here, workflow_id, effort.sized(WARM_UP))
            while seconds < effort.seconds:
                executions += (size := effort.sized(EXECUTIONS_A_ROUND))
                seconds += await _round(here, workflow_id, size)
    rate = executions / seconds
    return Report(
        "throughput",
        METHOD,
        (
            Figure("executions", rate, "executions/s", Goal(2_500)),
            Figure("steps", rate * NODES, "steps/s", Goal(12_500)),
        ),
        {"worker_processes": 1, "max_concurrent_workflows": int(SLOTS), "executions": executions},
    )


async def _round(here: Installation, workflow_id: UUID, executions: int) -> float:
    """Let the worker do this many; returns the seconds that it took."""
    first = min(await here.enqueue(workflow_id, [{"n": number} for number in range(executions)]))
    await here.wait_for_end(first, LONGEST_SECONDS)
    return await here.seconds_taken(first)
