"""`wingbeat worker` that exits as in a crash at the n-th thing that it asks of the database, before it or after."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
from tests.rig.proxy import Cut

from wingbeat.cli import main

CRASHED = 9
# Everything that reaches the server through asyncpg goes through one of these.
ENTRIES = ("execute", "executemany", "fetch", "fetchrow", "fetchval", "copy_records_to_table")


class Points:
    """Counts the places, and exits at one of them."""

    def __init__(self, at: int, cut: Cut, note: Path) -> None:
        self._at = at
        self._cut = cut
        # One byte for each place, so that it is right whenever the process ends.
        self._note = note.open("ab", buffering=0)
        self._count = 0

    def wrap(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The same call with a place to crash before and after it."""

        async def counted(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - asyncpg's
            self._count += 1
            self._note.write(b".")
            due = self._count == self._at
            if due and self._cut is Cut.BEFORE:
                os._exit(CRASHED)
            result = await call(*arguments, **named)
            if due:
                os._exit(CRASHED)
            return result

        return counted


def instrument(points: Points) -> None:
    """Put the places into asyncpg, for this process alone; a transaction's statements go through `execute`."""
    for name in ENTRIES:
        setattr(asyncpg.Connection, name, points.wrap(getattr(asyncpg.Connection, name)))


if __name__ == "__main__":
    instrument(Points(int(os.environ["CRASH_AT"]), Cut(os.environ["CRASH"]), Path(os.environ["CRASH_NOTE"])))
    sys.argv = ["wingbeat", "worker"]
    main()
