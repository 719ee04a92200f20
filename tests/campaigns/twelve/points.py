"""The places at which a worker dies: before each row of the journal, after each batch, and around each statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, NamedTuple

import asyncpg

from wingbeat.storage.journal import Batch
from wingbeat.worker.worker import Worker

ENTRIES = ("execute", "executemany", "fetch", "fetchrow", "fetchval", "copy_records_to_table")


class Around(StrEnum):
    """What is counted."""

    ROW = "row"
    BEFORE = "before a statement"
    AFTER = "after a statement"


class Point(NamedTuple):
    """The `number`-th of its kind; 0 for none.

    Whoever follows dies at its own row number `again`, unless it is 0; in `company`, another worker is there already.
    """

    around: Around
    number: int
    again: int = 0
    company: bool = False

    def __str__(self) -> str:
        """As it stands in a report."""
        more = f", again at row {self.again}" if self.again else ", in company" if self.company else ""
        return f"{self.around} {self.number}{more}"


NOWHERE = Point(Around.ROW, 0)


class Deadly:
    """Counts what a worker does, and lets it hang at one point for ever: `reached` tells when, to end it there.

    What hangs there is not answered, and what other parts of the worker do in the meantime is part of its last moment.
    """

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.rows = 0
        self.statements = 0
        self.reached = asyncio.Event()
        self.point = NOWHERE
        self._write: Callable[[Batch], Awaitable[set[Any]]] = worker._journal._attempt
        worker._journal._attempt = self._attempt  # type: ignore[method-assign] # the place where batches are written

    def arm(self, point: Point) -> None:
        """Count from the beginning, up to that point."""
        self.point = point
        self.rows = self.statements = 0
        self.reached.clear()

    def disarm(self) -> None:
        """It lives on, if it has come so far."""
        self.point = NOWHERE

    async def _attempt(self, batch: Batch) -> set[Any]:
        size = len(batch.rows) + 1 if batch.rows or batch.endings or batch.releases else 0
        left = self.point.number - self.rows - 1
        self.rows += size
        if self.point.around is not Around.ROW or not 0 <= left < size:
            return await self._write(batch)
        if left == len(batch.rows):
            await self._write(batch)
        elif left:
            await self._write(_beginning(batch, left))
        await self._die()
        return set()

    async def around(self, call: Callable[..., Awaitable[Any]], *given: Any, **named: Any) -> Any:  # noqa: ANN401
        """Make a call to the database, unless this is the point."""
        self.statements += 1
        due = self.point.number == self.statements
        if due and self.point.around is Around.BEFORE:
            await self._die()
        result = await call(*given, **named)
        if due and self.point.around is Around.AFTER:
            await self._die()
        return result

    def holds(self, connection: object) -> bool:
        """Whether a connection is one of its worker's."""
        return any(holder._con is connection for holder in self.worker._database.pool._holders)

    async def _die(self) -> None:
        self.reached.set()
        await asyncio.Event().wait()


def _beginning(batch: Batch, count: int) -> Batch:
    """The first rows, as if they alone had been there; an end that is among them comes with its execution's end."""
    rows = batch.rows[:count]
    ended = {row.execution_id for row in rows if row.status == "ended"}
    written = {row.execution_id for row in rows}
    endings = [one for one in batch.endings if one.execution_id in ended]
    return Batch(rows, endings, [], batch.freed if endings else [], [one for one in batch.checks if one[0] in written])


class Statements:
    """Everything that goes to the database through asyncpg in this process, some of it through something deadly."""

    def __init__(self) -> None:
        self.deadly: Deadly | None = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While it is open, the statements of the deadly worker are counted."""
        originals = {name: getattr(asyncpg.Connection, name) for name in ENTRIES}
        for name, call in originals.items():
            setattr(asyncpg.Connection, name, self._wrap(call))
        try:
            yield
        finally:
            for name, call in originals.items():
                setattr(asyncpg.Connection, name, call)

    def _wrap(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def counted(connection: object, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - asyncpg's
            deadly = self.deadly
            if deadly is None or not deadly.holds(connection):
                return await call(connection, *given, **named)
            return await deadly.around(call, connection, *given, **named)

        return counted
