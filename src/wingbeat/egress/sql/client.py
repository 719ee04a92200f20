"""Runs the statements of a step in one transaction, on a connection that waits for it or is made for it."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import TYPE_CHECKING

from wingbeat.core.errors import StepError
from wingbeat.egress.kinds import SqlConfig
from wingbeat.egress.sql.changes import check_columns, read_table, statements_for
from wingbeat.egress.sql.failures import timed_out
from wingbeat.egress.sql.session import Sessions, SqlServer
from wingbeat.egress.sql.text import Dialect, bind, values_for
from wingbeat.sdk.sql import SqlLimits, SqlResult, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from wingbeat.egress.sockets import Sockets
    from wingbeat.egress.sql.session import Session
    from wingbeat.egress.vault import Opened, Step, Vault
    from wingbeat.sdk.sql import SqlStep, TableChange

PORTS = {Dialect.POSTGRESQL: 5432, Dialect.MYSQL: 3306, Dialect.SQLITE: 0}
MOST_STEPS = 1_000


class Databases:
    """The client. One for each process, closed at its end. `roots` are the folders of SQLite files, by name."""

    def __init__(self, sockets: Sockets, roots: Mapping[str, Path] | None = None) -> None:
        self._sockets = sockets
        self._roots = roots or {}
        self._sessions = Sessions()

    async def close(self) -> None:
        """Close every connection."""
        await self._sessions.close()

    async def run(
        self, opened: Opened, steps: Sequence[SqlStep], *, read_only: bool, limits: SqlLimits
    ) -> list[SqlResult]:
        """Run the steps, all or none of them.

        Raises:
            StepError: what was wrong with a step, what the database says, or `EGRESS_...`; `uncertain` where the
                changes may have been made.
        """
        dialect, server = server_of(opened)
        if len(steps) > MOST_STEPS:
            raise StepError(
                f"{len(steps)} statements are too many for one transaction; the most is {MOST_STEPS}.",
                code="SQL_TOO_MANY_STATEMENTS",
                remedy="Use several steps, or 'insert' with many rows.",
            )
        transaction = _Transaction(steps, limits, read_only=read_only)
        # A changed password makes another key, so that what is open with the old one is not used again.
        key = (opened.connection_id, sha256(repr((dialect, server)).encode()).digest())
        try:
            async with asyncio.timeout(limits.seconds):
                async with self._sessions.lease(key, lambda: self._connect(dialect, server)) as session:
                    return await transaction.run(session)
        except TimeoutError:
            raise timed_out(limits.seconds, uncertain=transaction.partly or transaction.uncertain) from None
        except StepError as error:
            error.uncertain = transaction.partly or (transaction.uncertain and error.retryable)
            raise

    async def try_out(self, opened: Opened, seconds: float) -> None:
        """Connect, sign in, and ask for nothing; raises as `run` does."""
        await self.run(opened, [Statement("SELECT 1")], read_only=True, limits=SqlLimits(seconds=seconds))

    async def _connect(self, dialect: Dialect, server: SqlServer) -> Session:
        """Drivers are loaded with the first use, MySQL's with the first of MySQL."""
        match dialect:
            case Dialect.POSTGRESQL:
                from wingbeat.egress.sql.postgres import PostgresSession  # noqa: PLC0415 - see above

                return await PostgresSession.open(server, self._sockets)
            case Dialect.MYSQL:
                from wingbeat.egress.sql.mysql import MysqlSession  # noqa: PLC0415 - see above

                return await MysqlSession.open(server, self._sockets)
            case Dialect.SQLITE:
                from wingbeat.egress.sql.sqlite import SqliteSession, find_file  # noqa: PLC0415 - see above

                return SqliteSession(find_file(server.database, self._roots))


class _Transaction:
    """The statements of one step, and how far they came."""

    def __init__(self, steps: Sequence[SqlStep], limits: SqlLimits, *, read_only: bool) -> None:
        self._steps = steps
        self._limits = limits
        self._read_only = read_only
        # Whether changes may have become permanent without anybody having said so.
        self.uncertain = False
        # Whether a statement made its changes permanent by itself, so that they stay when a later one fails.
        self.partly = False

    async def run(self, session: Session) -> list[SqlResult]:
        await session.begin(read_only=self._read_only, limits=self._limits)
        results = [await self._step(session, step) for step in self._steps]
        self.uncertain = not self._read_only
        await session.commit()
        self.uncertain = False
        if session.usable:
            await session.tidy()
        return results

    async def _step(self, session: Session, step: SqlStep) -> SqlResult:
        if isinstance(step, Statement):
            return await self._statement(session, step)
        return await self._change(session, step)

    async def _statement(self, session: Session, statement: Statement) -> SqlResult:
        bound = bind(statement.text, session.dialect)
        values = values_for(bound, statement.parameters)
        by_itself = not self._read_only and session.commits_by_itself(bound)
        self.uncertain = self.uncertain or by_itself
        result = await session.run(bound, values, self._limits)
        self.partly = self.partly or by_itself
        return result

    async def _change(self, session: Session, change: TableChange) -> SqlResult:
        check_columns(change, await session.columns(read_table(change.table)))
        whole = SqlResult([], list(change.returning), 0)
        for statement in statements_for(change, session.dialect):
            done = await self._statement(session, statement)
            whole.rows.extend(done.rows)
            whole = whole._replace(affected=whole.affected + done.affected)
        return whole


class StepSql:
    """The SQL tool of one step."""

    def __init__(self, databases: Databases, vault: Vault, step: Step) -> None:
        self._databases = databases
        self._vault = vault
        self._step = step

    async def run(
        self, connection: str, steps: Sequence[SqlStep], *, read_only: bool = False, limits: SqlLimits | None = None
    ) -> list[SqlResult]:
        """Run the steps; see `wingbeat.sdk.sql.Sql`."""
        async with self._vault.use(connection, self._step, ("sql",)) as opened:
            return await self._databases.run(opened, steps, read_only=read_only, limits=limits or SqlLimits())


def server_of(opened: Opened) -> tuple[Dialect, SqlServer]:
    """What a connection of the kind `sql` says."""
    config = opened.config_as(SqlConfig)
    dialect = Dialect(config.dialect)
    if dialect is Dialect.SQLITE:
        return dialect, SqlServer("", 0, config.database)
    host = config.host or ""
    opened.require_host(host)
    if not config.username:
        raise StepError(
            f"The connection '{opened.name}' does not say who signs in.",
            code="SQL_USER_MISSING",
            remedy="Set the connection's 'username'.",
        )
    password = opened.reveal("password") or ""
    port = config.port or PORTS[dialect]
    return dialect, SqlServer(host, port, config.database, config.username, password, config.tls)
