"""PostgreSQL, through asyncpg."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import asyncpg

from wingbeat.core.errors import StepError
from wingbeat.egress.sockets import CONNECT_SECONDS, connection_failed, tls_failed
from wingbeat.egress.sql.changes import quote_table
from wingbeat.egress.sql.failures import lost, refused, timed_out
from wingbeat.egress.sql.session import Gathering
from wingbeat.egress.sql.text import Dialect
from wingbeat.egress.sql.values import read_json, to_json, typed_parameter
from wingbeat.sdk.sql import SqlResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wingbeat.core.json_value import Json
    from wingbeat.egress.sockets import Sockets
    from wingbeat.egress.sql.changes import TableName
    from wingbeat.egress.sql.session import SqlServer
    from wingbeat.egress.sql.text import Bound
    from wingbeat.sdk.sql import SqlLimits

ROWS_AT_ONCE = 50
CLOSE_SECONDS = 2.0
JSON_TYPES = frozenset({"json", "jsonb"})
# They leave nothing behind in the connection that `reset` does not clear.
ORDINARY = frozenset({"select", "insert", "update", "delete", "with", "merge", "values", "table", "explain", "show"})
COLUMNS = """
    SELECT attname FROM pg_catalog.pg_attribute
    WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped
    ORDER BY attnum
"""
SETTINGS = {
    "application_name": "wingbeat",
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "iso_8601",
    "standard_conforming_strings": "on",
}


class PostgresSession:
    """A connection; implements `wingbeat.egress.sql.session.Session`."""

    dialect = Dialect.POSTGRESQL

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._transaction: Any = None
        self._ordinary = True

    @classmethod
    async def open(cls, server: SqlServer, sockets: Sockets) -> PostgresSession:
        """Connect to a checked address, and sign in; what the environment says of databases is not asked.

        Raises:
            StepError: `EGRESS_...`, or `SQL_AUTHENTICATION_FAILED`.
        """
        addresses = await sockets.addresses(server.host, server.port)
        context = None if server.tls == "disable" else sockets.tls(server.host, verify=server.tls == "verify")
        try:
            connection = await asyncpg.connect(
                host=[str(address) for address in addresses],
                port=server.port,
                user=server.user,
                password=server.password,
                database=server.database,
                ssl=context or False,
                direct_tls=False,
                timeout=CONNECT_SECONDS,
                statement_cache_size=0,
                target_session_attrs="any",
                server_settings=SETTINGS,
            )
            await connection.set_type_codec("interval", schema="pg_catalog", encoder=str, decoder=str, format="text")
        except asyncpg.PostgresError as error:
            raise _as_step_error(error) from error
        except ssl.SSLError as error:
            raise tls_failed(server.host, error) from error
        except (OSError, TimeoutError, asyncpg.InterfaceError) as error:
            raise connection_failed(server.host, server.port, error) from error
        return cls(connection)

    async def begin(self, *, read_only: bool, limits: SqlLimits) -> None:
        """Begin, and let the database itself give up when the time is up."""
        with _told_as_step_errors():
            self._transaction = self._connection.transaction(readonly=read_only)
            await self._transaction.start()
            await self._connection.execute(f"SET LOCAL statement_timeout = {max(1, int(limits.seconds * 1000))}")

    async def columns(self, table: TableName) -> list[str]:
        """By the catalogue, along the search path where no schema is said."""
        with _told_as_step_errors():
            found = await self._connection.fetch(COLUMNS, quote_table(table, self.dialect))
        return [row["attname"] for row in found]

    async def run(self, bound: Bound, values: list[Json], limits: SqlLimits) -> SqlResult:
        """Run one statement, and read its rows a few at a time."""
        self._ordinary = self._ordinary and bound.word in ORDINARY
        with _told_as_step_errors():
            statement = await self._connection.prepare(bound.text)
            wanted = statement.get_parameters()
            given = [
                typed_parameter(name, value, one.name)
                for name, value, one in zip(bound.names, values, wanted, strict=True)
            ]
            attributes = statement.get_attributes()
            if not attributes:
                await statement.fetch(*given)
                return SqlResult([], [], _count(statement.get_statusmsg()))
            gathering = Gathering([attribute.name for attribute in attributes], limits)
            as_json = [attribute.type.name in JSON_TYPES for attribute in attributes]
            async for record in statement.cursor(*given, prefetch=ROWS_AT_ONCE):
                row = [read_json(one) if is_json else _plain(one) for one, is_json in zip(record, as_json, strict=True)]
                if not gathering.add(row):
                    break
        return SqlResult(gathering.rows, gathering.columns, len(gathering.rows), gathering.truncated)

    def commits_by_itself(self, bound: Bound) -> bool:
        """A procedure may."""
        return bound.word in {"call", "do"}

    async def commit(self) -> None:
        """Commit."""
        with _told_as_step_errors():
            await self._transaction.commit()

    async def tidy(self) -> None:
        """Forget the session's settings and locks."""
        with _told_as_step_errors():
            await self._connection.reset()

    async def close(self) -> None:
        """Hang up: not before the server has been told to stop what was interrupted, on a connection made for that.

        The loop closes the socket in its next turn, which may be the last one.
        """
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            await self._connection.close(timeout=CLOSE_SECONDS)
        self._connection.terminate()
        await asyncio.sleep(0)

    @property
    def usable(self) -> bool:
        """Whether it is open, and as it was."""
        return self._ordinary and not self._connection.is_closed()


def _plain(value: Any) -> Json:  # noqa: ANN401 - whatever asyncpg gives
    if isinstance(value, asyncpg.Record):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, asyncpg.Range):
        return _range(value)
    return [_plain(item) for item in value] if isinstance(value, list) else to_json(value)


def _range(value: asyncpg.Range) -> Json:
    if value.isempty:
        return {"empty": True}
    return {
        "lower": to_json(value.lower),
        "upper": to_json(value.upper),
        "lower_included": value.lower_inc,
        "upper_included": value.upper_inc,
    }


def _count(status: str) -> int:
    """The number at the end of `UPDATE 3`."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdecimal() else 0


@contextmanager
def _told_as_step_errors() -> Iterator[None]:
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _as_step_error(error) from error
    except asyncpg.DataError as error:
        raise refused(str(error), "22000") from error
    except (OSError, asyncpg.InterfaceError) as error:
        raise lost(error) from error


def _as_step_error(error: asyncpg.PostgresError) -> StepError:
    if isinstance(error, asyncpg.QueryCanceledError) and "timeout" in str(error):
        return timed_out()
    return refused(
        str(error),
        error.sqlstate,
        table=getattr(error, "table_name", None),
        column=getattr(error, "column_name", None),
        constraint=getattr(error, "constraint_name", None),
    )
