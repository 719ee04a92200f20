"""Code nodes: how long a chain of them takes, and how many short runs a worker does in a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.bench.installation import open_installation
from wingbeat.bench.report import Figure, Goal, Report, percentile
from wingbeat.bench.workloads import code_chain_workflow, code_loop_workflow

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.bench.installation import Installation
    from wingbeat.bench.report import Effort

NODES = 40
ROUNDS = 10
RUNS = 3_000
CONCURRENCY = 8
LONGEST_SECONDS = 300.0

METHOD = (
    "A chain of Python code nodes, each of which works out fib(10) in a machine of its own: seconds of one execution, "
    "claimed to ended, by the database's clock, the median of some, one after the other. Then a loop whose body is a "
    "JavaScript node that does the same, some iterations at once: runs in a second. One `wingbeat worker` process, "
    "every step recorded; machines are compiled and runners started before."
)


async def measure(effort: Effort) -> Report:
    """Measure the chain, then the loop."""
    nodes, runs = effort.sized(NODES, least=2), effort.sized(RUNS, least=10)
    async with open_installation() as here:
        chain, loop = (
            await here.publish(code_chain_workflow(nodes)),
            await here.publish(code_loop_workflow(CONCURRENCY)),
        )
        async with here.worker():
            await _seconds(here, chain, None)
            await _seconds(here, loop, {"count": CONCURRENCY})
            chains = [await _seconds(here, chain, None) for _ in range(effort.sized(ROUNDS))]
            looped = await _seconds(here, loop, {"count": runs})
    return Report(
        "code-steps",
        METHOD,
        (
            Figure(f"{nodes} Python nodes in a row", percentile(chains, 0.5), "s", Goal(0.2, at_most=True)),
            Figure("JavaScript runs", runs / looped, "runs/s", Goal(1_000)),
        ),
        {"nodes": nodes, "runs": runs, "concurrency": CONCURRENCY},
    )


async def _seconds(here: Installation, workflow_id: UUID, data: dict[str, int] | None) -> float:
    """Let the worker do one execution; returns the seconds that it took."""
    [execution_id] = await here.enqueue(workflow_id, [data])  # type: ignore[list-item] # JSON all the same
    await here.wait_for_end(execution_id, LONGEST_SECONDS)
    return await here.seconds_taken(execution_id)
