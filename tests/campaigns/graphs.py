"""Random workflows with crashes at random places, against the reference interpreter, on all processors."""

from __future__ import annotations

import asyncio
import os
import sys

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.campaigns.verdicts import Report
from tests.core.test_reference import check_case
from tests.core.timed import meant_documents

from wingbeat.core.json_value import JsonObject

# One process takes so many cases; what it finds is shrunk and shown with its seed.
PART = 5_000
LAST_LINES = 6_000


async def graphs(*, cases: int, processes: int = 0) -> Report:
    """Try so many workflows, each with three crashes."""
    report = Report("graphs")
    parts = [(number, min(PART, cases - begin)) for number, begin in enumerate(range(0, cases, PART))]
    slots = asyncio.Semaphore(processes or os.cpu_count() or 1)
    results = await asyncio.gather(*(_try_part(slots, number, count) for number, count in parts))
    report.figures = {"workflows": cases, "crashes": 3 * cases, "processes": len(parts)}
    for (number, _), said in zip(parts, results, strict=True):
        if said:
            report.wrong[f"seed {number}"] = said
    return report


async def _try_part(slots: asyncio.Semaphore, number: int, cases: int) -> str:
    """What was wrong, in the words of whoever found it; nothing if all is well."""
    async with slots:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.campaigns.graphs", str(number), str(cases)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    return output.decode()[-LAST_LINES:] if process.returncode else ""


def try_cases(number: int, cases: int) -> None:
    """Raises what the first case does that goes wrong, with its workflow as JSON."""

    @seed(number)
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(meant_documents(), st.lists(st.integers(0, 10_000), min_size=3, max_size=3))
    def case(document: JsonObject, crashes: list[int]) -> None:
        check_case(document, crashes)

    case()


if __name__ == "__main__":
    try_cases(int(sys.argv[1]), int(sys.argv[2]))
