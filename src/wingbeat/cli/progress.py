"""What `run` shows while an execution runs: a live tree of its nodes in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from wingbeat.cli.reporting import say
from wingbeat.core.status import StepStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.plan import Plan
    from wingbeat.storage.journal import JournalRow

WORDS = {
    StepStatus.STARTED: "started",
    StepStatus.COMPLETED: "completed",
    StepStatus.FAILED: "failed",
    StepStatus.WAITING: "waits",
    StepStatus.OPENED: "goes through its items",
    StepStatus.ROUND: "decides on another round",
    StepStatus.SPILLED: "stores results",
    StepStatus.LOADED: "fetches items",
}


class View(Protocol):
    """What is told of every row."""

    def saw(self, row: JournalRow) -> None:
        """Something happened."""
        ...

    def draw(self, running: Collection[str]) -> None:
        """Some time has passed; these nodes are at work."""
        ...

    def end(self, states: JsonObject) -> None:
        """It is over; `states` is what the nodes came to, as the database has it (empty if that is not known)."""
        ...


@contextmanager
def open_view(plan: Plan, *, as_json: bool) -> Iterator[View]:
    """The view that fits where the output goes."""
    if as_json or not sys.stdout.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.live import Live

    from wingbeat.cli.live_tree import LiveTree

    console = Console()
    with Live(console=console, auto_refresh=False, vertical_overflow="ellipsis") as live:
        yield LiveTree(plan, live)


class Lines:
    """Lines on standard error: of a node in a loop, at its 1st, 10th, 100th ... run."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], int] = {}

    def saw(self, row: JournalRow) -> None:
        """Print it."""
        key = (row.node_id, row.status)
        count = self._seen[key] = self._seen.get(key, 0) + 1
        if count > 1 and not _is_power_of_ten(count):
            return
        times = f" ({count} times)" if count > 1 else ""
        scope = f" in {row.scope}" if row.scope and count == 1 else ""
        say(f"{row.node_id}{scope}: {WORDS.get(StepStatus(row.status), row.status)}{times}")

    def draw(self, running: Collection[str]) -> None:
        """Nothing moves."""

    def end(self, states: JsonObject) -> None:
        """The outcome is told by whoever shows it."""


def _is_power_of_ten(count: int) -> bool:
    return str(count).strip("0") == "1"
