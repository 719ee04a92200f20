"""`python -m tests.campaigns NAME [--short] [WHAT=NUMBER ...]`: runs one campaign, or all, and prints what it found."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog
from tests.campaigns import (
    authorisation,
    beginning,
    clocks,
    deliveries,
    graphs,
    killing,
    poison,
    requests,
    secrets,
    whole,
    wire,
)
from tests.campaigns.verdicts import Report


class Campaign(NamedTuple):
    """A campaign, its size when it is asked for alone, and the one that fits into a test run."""

    run: Callable[..., Awaitable[Report]]
    long: dict[str, int | None]
    short: dict[str, int | None]


CAMPAIGNS = {
    "kill": Campaign(killing.kill, {"seconds": 300, "workers": 3}, {"seconds": 20, "workers": 2}),
    "zombie": Campaign(killing.zombie, {"rounds": 40, "workers": 3}, {"rounds": 3, "workers": 2}),
    "stop": Campaign(killing.stop, {"rounds": 50, "workers": 3}, {"rounds": 3, "workers": 2}),
    "cuts": Campaign(wire.cuts, {"sample": None}, {"sample": 8}),
    "together": Campaign(beginning.together, {"rounds": 20, "processes": 4}, {"rounds": 1, "processes": 2}),
    "deliveries": Campaign(
        deliveries.deliveries,
        {"events": 10_000, "copies": 10, "processes": 4},
        {"events": 100, "copies": 10, "processes": 2},
    ),
    "requests": Campaign(requests.requests, {"number": 1_000_000, "minutes": None}, {"number": 1_500, "minutes": None}),
    "secrets": Campaign(secrets.secrets, {"rounds": 20}, {"rounds": 1}),
    "poison": Campaign(poison.poison, {"rounds": 5}, {"rounds": 1}),
    "graphs": Campaign(graphs.graphs, {"cases": 1_000_000}, {"cases": 200}),
    "cron": Campaign(clocks.cron, {"expressions": 200, "zones": 20}, {"expressions": 3, "zones": 4}),
    "clocks": Campaign(
        clocks.clocks,
        {"schedules": 200, "days": 14, "processes": 4},
        {"schedules": 8, "days": 1, "processes": 2},
    ),
    "whole": Campaign(whole.whole, {"sample": None}, {"sample": 3}),
    "authorisation": Campaign(authorisation.authorisation, {"sample": None}, {"sample": 2}),
    "crash-points": Campaign(wire.crash_points, {"sample": None}, {"sample": 6}),
}


def main() -> int:
    """Run what is asked for; 1 when anything is wrong."""
    parser = argparse.ArgumentParser(prog="script/campaign", description=__doc__)
    parser.add_argument("name", choices=[*CAMPAIGNS, "all"])
    parser.add_argument("size", nargs="*", type=_read_size, help="such as days=4, for another size than the usual one")
    parser.add_argument("--short", action="store_true", help="as much as fits into a test run")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    # Connections that are killed in the middle complain when they are collected.
    for name in ("asyncpg", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    names = list(CAMPAIGNS) if arguments.name == "all" else [arguments.name]
    wrong = False
    for name in names:
        campaign = CAMPAIGNS[name]
        size = (campaign.short if arguments.short else campaign.long) | dict(arguments.size)
        report = asyncio.run(_run(campaign.run(**size)))
        print(report.text(), flush=True)  # noqa: T201 - a command's output is its purpose
        wrong = wrong or bool(report.wrong)
    return int(wrong)


def _read_size(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    return name, int(number)


async def _run(campaign: Awaitable[Report]) -> Report:
    return await campaign


if __name__ == "__main__":
    sys.exit(main())
