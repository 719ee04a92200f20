"""MySQL and MariaDB, through asyncmy. Parameters go as prepared statements, apart from the text."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from asyncmy import errors
from asyncmy.connection import Connection

from wingbeat.egress.sockets import CONNECT_SECONDS, connection_failed, tls_failed
from wingbeat.egress.sql.failures import lost, refused, timed_out
from wingbeat.egress.sql.session import Gathering
from wingbeat.egress.sql.text import Dialect
from wingbeat.egress.sql.values import plain_parameter, read_json, to_json
from wingbeat.sdk.sql import SqlResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wingbeat.core.errors import StepError
    from wingbeat.core.json_value import Json
    from wingbeat.egress.sockets import Sockets
    from wingbeat.egress.sql.changes import TableName
    from wingbeat.egress.sql.session import SqlServer
    from wingbeat.egress.sql.text import Bound
    from wingbeat.sdk.sql import SqlLimits

# So that texts are read as `wingbeat.egress.sql.text` reads them, and values that do not fit are refused.
MODE = "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO"
ORDINARY = frozenset({"select", "insert", "update", "delete", "with", "replace", "values", "explain", "show"})
READING = frozenset({"select", "with", "values", "table", "show", "explain", "describe", "desc"})
TIMESTAMP, BIT, JSON = 7, 16, 245
ACCESS_DENIED = frozenset({1044, 1045, 1049, 1698})
TOO_SLOW = frozenset({1969, 3024})
# What MySQL gives no class of its own: deadlock, lock wait, duplicates and foreign keys.
STATES = {1213: "40001", 1205: "55P03", 1062: "23000", 1792: "25006"}
LOST = frozenset({2006, 2013, 2014, 1053})
COLUMNS = """
    SELECT column_name FROM information_schema.columns
    WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? ORDER BY ordinal_position
"""


class MysqlSession:
    """A connection; implements `wingbeat.egress.sql.session.Session`."""

    dialect = Dialect.MYSQL

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - asyncmy's class, compiled and without types
        self._connection = connection
        # asyncmy itself hangs up when it is interrupted, politely, and forgets it: see `_hang_up`.
        self._transport = connection._transport  # noqa: SLF001 - there is no other way to it
        self._ordinary = True
        self._read_only = False

    @classmethod
    async def open(cls, server: SqlServer, sockets: Sockets) -> MysqlSession:
        """Connect to the first checked address that answers, and sign in.

        Raises:
            StepError: `EGRESS_...`, or `SQL_AUTHENTICATION_FAILED`.
        """
        failed: BaseException | None = None
        for address in await sockets.addresses(server.host, server.port):
            try:
                return cls(await _connect(server, str(address), sockets))
            except errors.MySQLError as error:
                if error.args[:1] and error.args[0] not in {2003, *LOST}:
                    raise _as_step_error(error) from error
                failed = error
            except ssl.SSLError as error:
                raise tls_failed(server.host, error) from error
            except (OSError, TimeoutError, RuntimeError) as error:
                failed = error
        if isinstance(cause := failed and (failed.__cause__ or failed.__context__), ssl.SSLError):
            raise tls_failed(server.host, cause) from failed
        raise connection_failed(server.host, server.port, failed) from failed

    async def begin(self, *, read_only: bool, limits: SqlLimits) -> None:
        """Begin, and let the database itself give up when the time is up, and stop at one row more than may come."""
        self._read_only = read_only
        seconds = max(0.001, limits.seconds)
        is_mariadb = "mariadb" in self._connection.get_server_info().lower()
        patience = f"statement_time = {seconds:.3f}" if is_mariadb else f"execution_time = {int(seconds * 1000)}"
        with _told_as_step_errors():
            await self._connection.query(f"SET SESSION max_{patience}, sql_select_limit = {limits.most_rows + 1}")
            await self._connection.query(f"START TRANSACTION {'READ ONLY' if read_only else 'READ WRITE'}")

    async def columns(self, table: TableName) -> list[str]:
        """By the catalogue, in the connection's database where no other is said."""
        with _told_as_step_errors():
            # The limit for what the step asks is not for the catalogue.
            await self._connection.query("SET SESSION sql_select_limit = DEFAULT")
            result = await self._execute(COLUMNS, [table.schema, table.name])
        return [to_text(row[0]) for row in result.rows or ()]

    async def run(self, bound: Bound, values: list[Json], limits: SqlLimits) -> SqlResult:
        """Run one statement."""
        self._ordinary = self._ordinary and bound.word in ORDINARY
        if self._read_only and bound.word not in READING:
            # In a transaction that only reads, MariaDB still changes the schema.
            raise refused(f"a query cannot begin with {bound.word.upper()}", "25006")
        given = [plain_parameter(name, value) for name, value in zip(bound.names, values, strict=True)]
        with _told_as_step_errors():
            result = await self._execute(bound.text, given)
        if result.description is None:
            return SqlResult([], [], int(result.affected_rows))
        gathering = Gathering([to_text(column[0]) for column in result.description], limits)
        kinds = [column[1] for column in result.description]
        for row in result.rows or ():
            if not gathering.add([_value(one, kind) for one, kind in zip(row, kinds, strict=True)]):
                break
        return SqlResult(gathering.rows, gathering.columns, len(gathering.rows), gathering.truncated)

    async def _execute(self, text: str, values: list[Any]) -> Any:  # noqa: ANN401 - asyncmy's result
        statement = await self._connection.prepare(text)
        try:
            return await statement.execute(tuple(values))
        finally:
            await statement.close()

    def commits_by_itself(self, bound: Bound) -> bool:
        """Whatever changes the schema does, and a procedure may."""
        return bound.word not in ORDINARY

    async def commit(self) -> None:
        """Commit."""
        with _told_as_step_errors():
            await self._connection.query("COMMIT")

    async def tidy(self) -> None:
        """Nothing is left behind by ordinary statements that the next use would see."""

    async def close(self) -> None:
        """Hang up; the loop closes the socket in its next turn, which may be the last one."""
        _hang_up(self._connection, self._transport)
        await asyncio.sleep(0)

    @property
    def usable(self) -> bool:
        """Whether it is open, and as it was."""
        return self._ordinary and bool(self._connection.connected)


async def _connect(server: SqlServer, address: str, sockets: Sockets) -> Any:  # noqa: ANN401 - asyncmy's connection
    context = None if server.tls == "disable" else sockets.tls(server.host, verify=server.tls == "verify")
    connection: Any = Connection(  # type: ignore[no-untyped-call] # compiled, without types
        host=address,
        port=server.port,
        user=server.user,
        password=server.password,
        database=server.database,
        charset="utf8mb4",
        init_command=f"SET time_zone = '+00:00', sql_mode = '{MODE}'",
        connect_timeout=int(CONNECT_SECONDS),
        autocommit=True,
        local_infile=False,
        ssl=context,
    )
    try:
        await connection.connect()
    except BaseException:
        _hang_up(connection, connection._transport)  # noqa: SLF001 - there is no other way to it
        raise
    if context is not None and not context.used:
        _hang_up(connection, connection._transport)  # noqa: SLF001 - there is no other way to it
        raise ssl.SSLError("the server does not speak TLS")
    return connection


def _hang_up(connection: Any, transport: asyncio.Transport | None) -> None:  # noqa: ANN401 - asyncmy's connection
    """At once, for closing in TLS would wait for the other side's goodbye."""
    if transport is not None:
        # One that was closed twice has nothing left to abort, and in Python before 3.11.5 says so with an error.
        with suppress(AttributeError):
            transport.abort()
    connection.close()


def _value(value: Any, kind: int) -> Json:  # noqa: ANN401 - whatever asyncmy gives
    if value is None:
        return None
    if kind == JSON:
        return read_json(value)
    if kind == BIT and isinstance(value, bytes):
        return int.from_bytes(value)
    if kind == TIMESTAMP and hasattr(value, "isoformat"):
        return f"{value.isoformat()}+00:00"
    return to_json(value)


def to_text(name: str | bytes) -> str:
    """A name from the catalogue, which some servers give as bytes."""
    return name.decode() if isinstance(name, bytes) else name


@contextmanager
def _told_as_step_errors() -> Iterator[None]:
    try:
        yield
    except errors.MySQLError as error:
        raise _as_step_error(error) from error
    except OSError as error:
        raise lost(error) from error


def _as_step_error(error: errors.MySQLError) -> StepError:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    text = str(error.args[1]) if len(error.args) > 1 else str(error)
    if number in TOO_SLOW:
        return timed_out()
    if number in LOST or number == 0:
        return lost(error)
    if number in ACCESS_DENIED:
        return refused(text, "28000", number=number)
    return refused(text, STATES.get(number) or str(error.sqlstate or ""), number=number)
