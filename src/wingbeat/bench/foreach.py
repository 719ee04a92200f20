"""A long loop: how many iterations per second, and whether memory grows with their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wingbeat.bench.installation import open_installation
from wingbeat.bench.processes import peak_memory
from wingbeat.bench.report import Figure, Goal, Report
from wingbeat.bench.workloads import foreach_workflow

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.bench.installation import Installation
    from wingbeat.bench.report import Effort

ITEMS = 100_000
FEW_ITEMS = 1_000
LONGEST_SECONDS = 300.0
MEGABYTE = 1_000_000

METHOD = (
    "One execution goes through the items, two transforms in the body, every step recorded; one after the other with "
    "nothing collected, unless asked otherwise. Each number of items has a `wingbeat worker` process of its own, whose "
    "peak of resident memory counts. Nested, a loop goes through as many items each time that another one goes round."
)


class _Run(NamedTuple):
    seconds: float
    peak: int


async def measure(effort: Effort) -> Report:
    """Measure one loop with few and one with many items; how long that takes is not a choice."""
    shape = effort.loop
    many, few = effort.sized(ITEMS, least=20), effort.sized(FEW_ITEMS, least=10)
    definition = foreach_workflow(concurrency=shape.concurrency, collect=shape.collect, nested=shape.nested)
    async with open_installation() as here:
        workflow_id = await here.publish(definition)
        # Nested, the rounds of both loops multiply.
        short = await _run(here, workflow_id, round(few**0.5) if shape.nested else few)
        long = await _run(here, workflow_id, round(many**0.5) if shape.nested else many)
    return Report(
        "foreach",
        METHOD,
        (
            Figure(f"{many:,} items", many / long.seconds, "iterations/s", Goal(5_000)),
            Figure(
                f"memory, {many:,} items against {few:,}",
                (long.peak - short.peak) / MEGABYTE,
                "MB more",
                Goal(50, at_most=True),
            ),
            Figure(f"peak memory, {many:,} items", long.peak / MEGABYTE, "MB"),
        ),
        {
            "items": many,
            "nodes_in_body": 2,
            "concurrency": shape.concurrency,
            "nested": "yes" if shape.nested else "no",
            "collect": shape.collect,
        },
    )


async def _run(here: Installation, workflow_id: UUID, items: int) -> _Run:
    async with here.worker() as worker:
        [execution_id] = await here.enqueue(workflow_id, [{"count": items}])
        await here.wait_for_end(execution_id, LONGEST_SECONDS)
        return _Run(await here.seconds_taken(execution_id), peak_memory(worker.pid))
