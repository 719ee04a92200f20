"""How many pairs of a parent and the child that it waits for one worker process completes per second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.bench.installation import open_installation
from wingbeat.bench.report import Figure, Goal, Report
from wingbeat.bench.workloads import called_workflow, calling_workflow

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.bench.installation import Installation
    from wingbeat.bench.report import Effort

PAIRS_A_ROUND = 2_000
WARM_UP = 200
# More than one process ever holds at once, so that the setting is not what is measured.
SLOTS = "1000"
LONGEST_SECONDS = 300.0

METHOD = (
    "Parents are put into the queue in one transaction; each calls another workflow with an input, waits for it and "
    "ends with its output. Seconds are the database's, from the first claim to the last end of a round, by one "
    "`wingbeat worker` process."
)


async def measure(effort: Effort) -> Report:
    """Measure rounds of pairs."""
    pairs, seconds = 0, 0.0
    async with open_installation(MAX_CONCURRENT_WORKFLOWS=SLOTS) as here:
        child = await here.publish(called_workflow())
        workflow_id = await here.publish(calling_workflow(str(child)))
        if effort.size >= 1:
            await here.compile_code()
        async with here.worker():
            await _round(here, workflow_id, effort.sized(WARM_UP))
            while seconds < effort.seconds:
                pairs += (size := effort.sized(PAIRS_A_ROUND))
                seconds += await _round(here, workflow_id, size)
    return Report(
        "subworkflow",
        METHOD,
        (Figure("parent and child", pairs / seconds, "pairs/s", Goal(500)),),
        {"worker_processes": 1, "max_concurrent_workflows": int(SLOTS), "pairs": pairs},
    )


async def _round(here: Installation, workflow_id: UUID, pairs: int) -> float:
    """Let the worker do this many; returns the seconds that it took."""
    first = min(await here.enqueue(workflow_id, [{"n": number} for number in range(pairs)]))
    await here.wait_for_end(first, LONGEST_SECONDS)
    return await here.seconds_taken(first)
