"""How long it takes to read, check and plan large workflows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wingbeat.bench.report import Figure, Goal, Report, percentile
from wingbeat.bench.workloads import large_workflow
from wingbeat.bootstrap import discover_node_types
from wingbeat.core.document import parse_workflow
from wingbeat.core.plan import make_plan
from wingbeat.worker import garbage_collection

if TYPE_CHECKING:
    from wingbeat.bench.report import Effort
    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.node_kind import Catalog

SIZES = ((1_000, 30.0), (10_000, 300.0))
MILLISECONDS = 1000
LEAST_TIMES = 3

METHOD = (
    "A decoded JSON document of mixed nodes with templates and conditions is read, checked for every problem and "
    "planned, again and again in this process, whose garbage collector is set like a server's; the median counts. "
    "Nodes of one kind have the same expressions, which are compiled once for all; where no two are alike, all are "
    "compiled each time."
)


async def measure(effort: Effort) -> Report:
    """Measure each size for its share of the time."""
    catalog = discover_node_types().types
    garbage_collection.settle()
    figures = []
    for nodes, goal in SIZES:
        for alike in (True, False):
            document = large_workflow(effort.sized(nodes, least=10), alike=alike)
            times = _times(document, catalog, effort.seconds / len(SIZES) / 2)
            name = f"{nodes:,} nodes" if alike else f"{nodes:,} nodes, no two expressions alike"
            wanted = Goal(goal, at_most=True) if alike else None
            figures.append(Figure(name, percentile(times, 0.5) * MILLISECONDS, "ms", wanted))
    return Report("plan", METHOD, tuple(figures))


def _times(document: JsonObject, catalog: Catalog, seconds: float) -> list[float]:
    taken: list[float] = []
    until = time.perf_counter() + seconds
    while len(taken) < LEAST_TIMES or time.perf_counter() < until:
        begun = time.perf_counter()
        make_plan(parse_workflow(document), catalog)
        taken.append(time.perf_counter() - begun)
    return taken
