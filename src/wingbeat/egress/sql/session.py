"""What a connection to a database can do, whoever's it is, and how long open ones wait for their next use."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol

import orjson

from wingbeat.core.errors import StepError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Hashable

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.egress.sql.changes import TableName
    from wingbeat.egress.sql.text import Bound, Dialect
    from wingbeat.sdk.sql import SqlLimits, SqlResult

IDLE_SECONDS = 30.0
MOST_AT_ONCE = 10
MOST_RESULT_BYTES = 10_000_000


class SqlServer(NamedTuple):
    """Where a database is and who asks; `tls` is `verify`, `require` or `disable`. SQLite has a `database` only."""

    host: str
    port: int
    database: str
    user: str = ""
    password: str = ""
    tls: str = "verify"


class Session(Protocol):
    """One connection to a database. Whatever the database does, its methods raise `StepError`s."""

    dialect: Dialect

    async def begin(self, *, read_only: bool, limits: SqlLimits) -> None:
        """Begin a transaction."""
        ...

    async def columns(self, table: TableName) -> list[str]:
        """The columns of a table by the catalogue; empty where there is no such table."""
        ...

    async def run(self, bound: Bound, values: list[Json], limits: SqlLimits) -> SqlResult:
        """Run one statement."""
        ...

    def commits_by_itself(self, bound: Bound) -> bool:
        """Whether a statement may make changes for good before the transaction ends."""
        ...

    async def commit(self) -> None:
        """Make the changes."""
        ...

    async def tidy(self) -> None:
        """Leave the connection as the next use expects it."""
        ...

    async def close(self) -> None:
        """Hang up, at once; what was not committed is undone."""
        ...

    @property
    def usable(self) -> bool:
        """Whether the connection can be used again."""
        ...


class Gathering:
    """Takes in rows until there are too many, or too large ones."""

    def __init__(self, columns: list[str], limits: SqlLimits) -> None:
        self.columns = unique_names(columns)
        self.rows: list[JsonObject] = []
        self.truncated = False
        self._limits = limits
        self._bytes = 0

    def add(self, values: list[Json]) -> bool:
        """Take a row in; false when no more are wanted.

        Raises:
            StepError: `SQL_TOO_MANY_ROWS` or `SQL_RESULT_TOO_LARGE`.
        """
        if len(self.rows) >= self._limits.most_rows:
            if not self._limits.cut:
                raise StepError(
                    f"The statement gives more than {self._limits.most_rows} rows.",
                    code="SQL_TOO_MANY_ROWS",
                    remedy="Ask for less with LIMIT, raise 'most_rows', or set 'when_more' to 'cut'.",
                    details={"most_rows": self._limits.most_rows},
                )
            self.truncated = True
            return False
        row = dict(zip(self.columns, values, strict=True))
        self._bytes += len(orjson.dumps(row, default=str))
        if self._bytes > MOST_RESULT_BYTES:
            raise StepError(
                f"The rows take more than {MOST_RESULT_BYTES} bytes.",
                code="SQL_RESULT_TOO_LARGE",
                remedy="Ask for fewer columns or rows at a time.",
            )
        self.rows.append(row)
        return True


def unique_names(names: list[str]) -> list[str]:
    """Names of columns as fields of an object: the second `id` becomes `id_2`."""
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unique


class Sessions:
    """Open connections by key, each used by one step at a time, and closed when nobody wanted them for a while."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._idle: dict[Hashable, list[tuple[float, Session]]] = {}
        self._slots: dict[Hashable, asyncio.Semaphore] = {}
        self._sweeping: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def lease(self, key: Hashable, connect: Callable[[], Awaitable[Session]]) -> AsyncIterator[Session]:
        """A connection for one use; after an error, or a use that leaves traces, it is closed."""
        async with self._slots.setdefault(key, asyncio.Semaphore(MOST_AT_ONCE)):
            session = self._take(key) or await connect()
            try:
                yield session
            except BaseException:
                await asyncio.shield(session.close())
                raise
            if session.usable:
                self._idle.setdefault(key, []).append((time.monotonic(), session))
                self._sweep_later()
            else:
                await session.close()

    async def close(self) -> None:
        """Close what waits."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        await self.sweep(float("inf"))

    async def sweep(self, now: float) -> None:
        """Close what has waited for too long."""
        for key, waiting in list(self._idle.items()):
            old = [session for since, session in waiting if now - since >= self._idle_seconds]
            self._idle[key] = [entry for entry in waiting if entry[1] not in old]
            if not self._idle[key]:
                del self._idle[key]
            if key not in self._idle and key in self._slots and not self._slots[key].locked():
                self._forget(key)
            for session in old:
                await session.close()

    def _forget(self, key: Hashable) -> None:
        """A slot that nobody holds need not be kept."""
        if self._slots[key]._value == MOST_AT_ONCE:  # noqa: SLF001 - nothing else says how many are free
            del self._slots[key]

    def _take(self, key: Hashable) -> Session | None:
        waiting = self._idle.get(key, [])
        while waiting:
            _, session = waiting.pop()
            if session.usable:
                return session
        return None

    def _sweep_later(self) -> None:
        if self._sweeping is None or self._sweeping.done():
            self._sweeping = asyncio.create_task(self._keep_sweeping(), name="sql-sweep")

    async def _keep_sweeping(self) -> None:
        while self._idle:
            await asyncio.sleep(self._idle_seconds)
            await self.sweep(time.monotonic())
