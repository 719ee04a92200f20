"""SQLite, in files below the folders that the operator gives to workflows. It runs in threads, and can be interrupted.

A text may not attach other files, load extensions or change how the database is kept, and no value may be larger than
a result as a whole.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from wingbeat.core.errors import StepError
from wingbeat.egress.sql.failures import refused, timed_out
from wingbeat.egress.sql.session import MOST_RESULT_BYTES, Gathering
from wingbeat.egress.sql.text import Dialect
from wingbeat.egress.sql.values import plain_parameter, to_json
from wingbeat.sdk.sql import SqlResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wingbeat.core.json_value import Json
    from wingbeat.egress.sql.changes import TableName
    from wingbeat.egress.sql.text import Bound
    from wingbeat.sdk.sql import SqlLimits

T = TypeVar("T")
STEPS_BETWEEN_LOOKS = 10_000
BUSY_SECONDS = 5.0
REFUSED_ACTIONS = frozenset({sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH})
HARMLESS_PRAGMAS = frozenset(
    {"table_info", "table_xinfo", "table_list", "index_list", "index_info", "foreign_key_list"}
)
REFUSED_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})


def find_file(database: str, roots: Mapping[str, Path]) -> Path:
    """The file of a database, written as `NAME/shop.db` with the name of a folder; links lead out of no folder.

    Raises:
        StepError: `SQL_FILE_REFUSED`, when it is outside of the folders that workflows may use.
    """
    name, slash, inside = database.partition("/")
    root = roots.get(name)
    if root is not None and slash and inside.strip() and "\0" not in database:
        home = root.resolve()
        path = (home / inside).resolve()
        if path.is_relative_to(home) and path != home and path.parent.is_dir() and not path.is_dir():
            return path
    raise StepError(
        f"The SQLite database '{database[:200]}' is in none of the folders that workflows may use.",
        code="SQL_FILE_REFUSED",
        remedy="Write it as NAME/shop.db, with a name from FILE_ROOTS; a database in memory would be gone at once.",
    )


class SqliteSession:
    """A file that is open for one use; implements `wingbeat.egress.sql.session.Session`."""

    dialect = Dialect.SQLITE
    usable = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._deadline = 0.0
        self._seconds = 0.0
        self._lock = asyncio.Lock()

    async def begin(self, *, read_only: bool, limits: SqlLimits) -> None:
        """Open the file and begin."""
        self._deadline = time.monotonic() + limits.seconds
        self._seconds = limits.seconds
        await self._in_thread(lambda: self._open(read_only=read_only))

    def _open(self, *, read_only: bool) -> None:
        mode = "ro" if read_only else "rwc"
        connection = sqlite3.connect(
            f"{self._path.as_uri()}?mode={mode}",
            uri=True,
            timeout=min(BUSY_SECONDS, self._seconds),
            isolation_level=None,
            check_same_thread=False,
            cached_statements=0,
        )
        self._connection = connection
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_RESULT_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.set_authorizer(_authorize)
        connection.set_progress_handler(self._is_late, STEPS_BETWEEN_LOOKS)
        connection.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")

    def _is_late(self) -> int:
        return int(time.monotonic() > self._deadline)

    async def columns(self, table: TableName) -> list[str]:
        """By the catalogue."""
        if table.schema not in {None, "main"}:
            return []
        text = "SELECT name FROM pragma_table_info(?)"
        found = await self._in_thread(lambda: self._open_connection().execute(text, (table.name,)).fetchall())
        return [row[0] for row in found]

    async def run(self, bound: Bound, values: list[Json], limits: SqlLimits) -> SqlResult:
        """Run one statement."""
        given = [plain_parameter(name, value) for name, value in zip(bound.names, values, strict=True)]
        return await self._in_thread(lambda: self._run(bound.text, given, limits))

    def _run(self, text: str, given: list[object], limits: SqlLimits) -> SqlResult:
        cursor = self._open_connection().execute(text, given)
        if cursor.description is None:
            return SqlResult([], [], max(0, cursor.rowcount))
        gathering = Gathering([column[0] for column in cursor.description], limits)
        for row in cursor:
            if not gathering.add([to_json(value) for value in row]):
                break
        cursor.close()
        return SqlResult(gathering.rows, gathering.columns, len(gathering.rows), gathering.truncated)

    def commits_by_itself(self, bound: Bound) -> bool:
        """Never."""
        del bound
        return False

    async def commit(self) -> None:
        """Commit."""
        await self._in_thread(lambda: self._open_connection().execute("COMMIT"))

    async def tidy(self) -> None:
        """It is closed after each use."""

    async def close(self) -> None:
        """Interrupt what runs, and close the file."""
        self._deadline = 0.0
        if self._connection is not None:
            self._connection.interrupt()
            async with self._lock:
                await asyncio.to_thread(self._connection.close)

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("begin comes first")
        return self._connection

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Do one thing in a thread; whoever stops waiting leaves it to end there, with the file still open."""
        async with self._lock:
            with self._told_as_step_errors():
                task = asyncio.ensure_future(asyncio.to_thread(work))
                try:
                    return await asyncio.shield(task)
                except asyncio.CancelledError:
                    self._deadline = 0.0
                    await asyncio.wait([task])
                    if not task.cancelled():
                        task.exception()  # Nobody waits for it any more; unread, it would be logged as lost.
                    raise

    @contextmanager
    def _told_as_step_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "") or ""
            if name == "SQLITE_INTERRUPT":
                raise timed_out(self._seconds) from error
            raise refused(str(error), _state_of(name), number=name) from error
        except (ValueError, OverflowError) as error:
            raise refused(str(error), "22000") from error


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _source: str | None) -> int:
    """Whether a statement may do something; SQLite asks while it reads the text."""
    if action in REFUSED_ACTIONS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() not in HARMLESS_PRAGMAS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in REFUSED_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _state_of(name: str) -> str:
    """The SQLSTATE that says the same as SQLite's name of an error."""
    for prefix, state in STATES.items():
        if name.startswith(prefix):
            return state
    return "HY000"


STATES = {
    "SQLITE_CONSTRAINT": "23000",
    "SQLITE_BUSY": "40001",
    "SQLITE_LOCKED": "40001",
    "SQLITE_READONLY": "25006",
    "SQLITE_AUTH": "42501",
    "SQLITE_PERM": "42501",
    "SQLITE_TOOBIG": "22000",
    "SQLITE_MISMATCH": "22000",
    "SQLITE_FULL": "53100",
    "SQLITE_CANTOPEN": "58030",
    "SQLITE_ERROR": "42000",
}
