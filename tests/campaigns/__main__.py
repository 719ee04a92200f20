"""`python -m tests.campaigns NAME [--short]`: runs one campaign, or all, and prints what it found."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable

import structlog
from tests.campaigns import authorisation, beginning, clocks, deliveries, graphs, killing, poison, whole, wire
from tests.campaigns.verdicts import Report

CAMPAIGNS: dict[str, tuple[Callable[[], Awaitable[Report]], Callable[[], Awaitable[Report]]]] = {
    "kill": (lambda: killing.kill(seconds=300, workers=3), lambda: killing.kill(seconds=20, workers=2)),
    "zombie": (lambda: killing.zombie(rounds=40, workers=3), lambda: killing.zombie(rounds=3, workers=2)),
    "stop": (lambda: killing.stop(rounds=50, workers=3), lambda: killing.stop(rounds=3, workers=2)),
    "cuts": (lambda: wire.cuts(sample=None), lambda: wire.cuts(sample=8)),
    "together": (
        lambda: beginning.together(rounds=20, processes=4),
        lambda: beginning.together(rounds=1, processes=2),
    ),
    "deliveries": (
        lambda: deliveries.deliveries(events=10_000, copies=10, processes=4),
        lambda: deliveries.deliveries(events=100, copies=10, processes=2),
    ),
    "poison": (lambda: poison.poison(rounds=5), lambda: poison.poison(rounds=1)),
    "graphs": (lambda: graphs.graphs(cases=1_000_000), lambda: graphs.graphs(cases=200)),
    "cron": (lambda: clocks.cron(expressions=200, zones=20), lambda: clocks.cron(expressions=3, zones=4)),
    "clocks": (
        lambda: clocks.clocks(schedules=200, days=14, processes=4),
        lambda: clocks.clocks(schedules=8, days=1, processes=2),
    ),
    "whole": (lambda: whole.whole(sample=None), lambda: whole.whole(sample=3)),
    "authorisation": (
        lambda: authorisation.authorisation(sample=None),
        lambda: authorisation.authorisation(sample=2),
    ),
    "crash-points": (lambda: wire.crash_points(sample=None), lambda: wire.crash_points(sample=6)),
}


def main() -> int:
    """Run what is asked for; 1 when anything is wrong."""
    parser = argparse.ArgumentParser(prog="script/campaign", description=__doc__)
    parser.add_argument("name", choices=[*CAMPAIGNS, "all"])
    parser.add_argument("--short", action="store_true", help="as much as fits into a test run")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    # Connections that are killed in the middle complain when they are collected.
    for name in ("asyncpg", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    names = list(CAMPAIGNS) if arguments.name == "all" else [arguments.name]
    wrong = False
    for name in names:
        long, short = CAMPAIGNS[name]
        report = asyncio.run(_run(short if arguments.short else long))
        print(report.text(), flush=True)  # noqa: T201 - a command's output is its purpose
        wrong = wrong or bool(report.wrong)
    return int(wrong)


async def _run(campaign: Callable[[], Awaitable[Report]]) -> Report:
    return await campaign()


if __name__ == "__main__":
    sys.exit(main())
