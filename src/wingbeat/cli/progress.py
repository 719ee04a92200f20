"""What `run` shows while an execution runs: a live tree of its nodes in a terminal, plain lines elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from wingbeat.cli.reporting import say
from wingbeat.core.status import StepStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wingbeat.core.json_value import JsonObject
    from wingbeat.storage.journal import JournalRow

# In plain lines, a node in a loop is told of at its 1st, 10th, 100th ... run.
WORDS = {
    StepStatus.STARTED: "started",
    StepStatus.COMPLETED: "completed",
    StepStatus.FAILED: "failed",
    StepStatus.WAITING: "waits",
    StepStatus.OPENED: "goes through its items",
    StepStatus.ROUND: "decides on another round",
}


class View(Protocol):
    """What is told of every row."""

    def saw(self, row: JournalRow) -> None:
        """Something happened."""
        ...


class Lines:
    """One line for each thing that happened, on standard error."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], int] = {}

    def saw(self, row: JournalRow) -> None:
        """Print it."""
        key = (row.node_id, row.status)
        count = self._seen[key] = self._seen.get(key, 0) + 1
        if count > 1 and row.status != StepStatus.FAILED and not _is_round(count):
            return
        times = f" ({count} times)" if count > 1 else ""
        scope = f" in {row.scope}" if row.scope and count == 1 else ""
        say(f"{row.node_id}{scope}: {WORDS.get(StepStatus(row.status), row.status)}{times}")


@contextmanager
def open_view(name: str, definition: JsonObject, *, as_json: bool) -> Iterator[View]:
    """The view that fits where we are."""
    del name, definition, as_json
    yield Lines()


def _is_round(count: int) -> bool:
    return count == 10 ** (len(str(count)) - 1)
