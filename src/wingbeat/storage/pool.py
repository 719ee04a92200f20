"""The connections to PostgreSQL: how they open, how JSON passes through them, what their errors mean. No queries."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar

import asyncpg

from wingbeat.core.access import Denied, Hidden
from wingbeat.core.errors import DatabaseUnavailable
from wingbeat.storage.address import describe_address
from wingbeat.storage.encoding import decode_json
from wingbeat.storage.refusals import record_refusal
from wingbeat.storage.scoping import begin_scoped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from types import TracebackType

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json

# Without a time-out, a network that swallows packets would hold a caller for ever.
CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 60.0
# Each open connection is a process of some megabytes at the server; those that a busy moment left behind are closed.
UNUSED_SECONDS = 60.0
LONGEST_NAME = 63
PATIENCE_SECONDS = 0.2
# Others that lock the same rows in another order; then the database has one of us begin again.
TRIES = 10
COLLISIONS = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
SERVER_SETTINGS = {
    "timezone": "UTC",
    # Compiling costs more than any of these short statements.
    "jit": "off",
    # A process that is stopped in the middle of a transaction must not keep others waiting for longer than a lease.
    "idle_in_transaction_session_timeout": "10000",
    # Over TCP, the server gives up the session of a host that vanished, and its locks, after about half a minute.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
    "tcp_user_timeout": "30000",
}


T = TypeVar("T")


@dataclass(frozen=True)
class Database:
    """The pool of one process; `pool` is asyncpg's. Columns of JSON come as values and go as bytes (encode_json)."""

    dsn: str
    pool: asyncpg.Pool

    @classmethod
    async def open(
        cls, dsn: str, *, min_size: int = 1, max_size: int = 10, command_seconds: float = COMMAND_SECONDS
    ) -> Self:
        """Connect.

        Raises:
            DatabaseUnavailable: the server cannot be reached, or refuses us.
        """
        with translate_errors(dsn):
            pool = await asyncpg.create_pool(
                dsn,
                min_size=min_size,
                max_size=max_size,
                init=prepare_connection,
                reset=leave_session,
                timeout=CONNECT_SECONDS,
                command_timeout=command_seconds,
                max_inactive_connection_lifetime=UNUSED_SECONDS,
                server_settings=server_settings(),
            )
        return cls(dsn, pool)

    @asynccontextmanager
    async def scoped(self, principal: Principal) -> AsyncIterator[asyncpg.Connection]:
        """A transaction in which somebody's request is served; everything done for a caller is done in one.

        The database itself shows and lets change only what is the caller's (`storage.scoping`). What the caller is
        refused is recorded after the end of the transaction, which takes everything else along.
        """
        async with self.pool.acquire() as connection:
            try:
                async with begin_scoped(connection, principal):
                    yield connection
            except (Hidden, Denied) as refused:
                await record_refusal(connection, principal, refused)
                raise

    @asynccontextmanager
    async def spare(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection for a look in the middle of what may hold one of the pool's already.

        If all of the pool's were held by those who wait for another one of them, nobody would ever go on.
        """
        # One that is asked for with a time-out could be left behind half open.
        free = self.pool.get_max_size() - self.pool.get_size() + self.pool.get_idle_size()
        if free > 0:
            async with self.pool.acquire() as pooled:
                yield pooled
            return
        own = await connect(self.dsn)
        try:
            yield own
        finally:
            own.terminate()

    async def record(self, principal: Principal, refused: Hidden | Denied) -> None:
        """Record what a caller was refused outside of a transaction of its own."""
        async with self.pool.acquire() as connection:
            await record_refusal(connection, principal, refused)

    async def close(self, seconds: float = 5.0) -> None:
        """Close all connections: gently if they are given back within `seconds`, else at once."""
        try:
            await asyncio.wait_for(self.pool.close(), seconds)
        except (TimeoutError, OSError, asyncpg.InterfaceError, asyncpg.PostgresError):
            self.pool.terminate()


async def connect(dsn: str) -> asyncpg.Connection:
    """One connection of its own, without a time-out for commands: for migrations, listeners and locks of a session.

    Raises:
        DatabaseUnavailable: the server cannot be reached, or refuses us.
    """
    with translate_errors(dsn):
        connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS, server_settings=server_settings())
        async with closed_on_error(connection):
            await prepare_connection(connection)
    return connection


@asynccontextmanager
async def closed_on_error(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """A session that nobody uses must not go on, nor keep its locks: when this fails, or is cancelled."""
    try:
        yield
    except BaseException:
        connection.terminate()
        raise


def server_settings() -> dict[str, str]:
    """How every session of this process is set; its name says whose it is."""
    return {**SERVER_SETTINGS, "application_name": session_name(socket.gethostname(), os.getpid())}


def session_name(host: str, pid: int) -> str:
    """The application name of the sessions of a process, within what PostgreSQL keeps of it."""
    return f"wingbeat {pid} {host}".encode("ascii", "replace")[:LONGEST_NAME].decode()


async def prepare_connection(connection: asyncpg.Connection) -> None:
    """Let JSON come as values and go as bytes that are encoded already."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=jsonb_to_wire, decoder=jsonb_from_wire
    )
    await connection.set_type_codec("json", schema="pg_catalog", format="binary", encoder=bytes, decoder=decode_json)


async def leave_session(_connection: asyncpg.Connection) -> None:
    """What asyncpg does with a connection that comes back, beyond ending its transaction: nothing.

    Its default resets the session, one more round trip for each use. Nobody changes the session of a pooled
    connection: settings are SET LOCAL, locks end with the transaction or are given back, and whoever listens has a
    connection of its own.
    """


def jsonb_to_wire(data: bytes | str) -> bytes:
    """PostgreSQL's binary form of jsonb: a version, then the text. PgQueuer encodes its own as str."""
    return b"\x01" + (data if isinstance(data, bytes) else data.encode())


def jsonb_from_wire(data: bytes) -> Json:
    """The value in PostgreSQL's binary form of jsonb."""
    return decode_json(data[1:])


# What is wrong, and what to do; looked up along the error's base classes.
EXPLANATIONS: tuple[tuple[type[BaseException], str, str], ...] = (
    (asyncpg.InvalidAuthorizationSpecificationError, "refuses the user or the password", "Check DATABASE_URI."),
    (asyncpg.InvalidCatalogNameError, "has no such database", "Create it, or check DATABASE_URI."),
    (asyncpg.TooManyConnectionsError, "has no connection left", "Raise its max_connections, or run fewer processes."),
    (asyncpg.DiskFullError, "has no space left on its disk", "Free some; what was acknowledged is kept."),
    (asyncpg.InsufficientResourcesError, "is out of resources", "Give it more memory or disk."),
    (asyncpg.OperatorInterventionError, "is starting, stopping or was told to stop", "Try again in a moment."),
    (asyncpg.ReadOnlySQLTransactionError, "only allows reading", "Let DATABASE_URI name the primary server."),
    (asyncpg.PostgresConnectionError, "went away", "Try again in a moment; see that it runs."),
    (asyncpg.PostgresSystemError, "has trouble with its system", "See its log."),
    (
        asyncpg.ClientConfigurationError,
        "cannot be addressed like this",
        "Check DATABASE_URI: postgresql://user:password@host:5432/name.",
    ),
    # Says so when a connection breaks in the middle of an answer.
    (asyncpg.InternalClientError, "went away", "Try again in a moment; see that it runs."),
    (asyncpg.InterfaceError, "went away", "Try again in a moment; see that it runs."),
    (TimeoutError, "did not answer in time", "See that it runs and that the network lets us through."),
    (OSError, "cannot be reached", "See that it runs, and check DATABASE_URI."),
)


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do what a step needs of the database until the database answers; for work that may be done again.

    A step does not fail because the database is away for a while: neither does the execution that it belongs to.
    """
    while True:
        try:
            with translate_errors():
                return await work()
        except (DatabaseUnavailable, *COLLISIONS):
            await asyncio.sleep(PATIENCE_SECONDS)


async def despite_collisions(work: Callable[[], Awaitable[T]]) -> T:
    """Do the work of one transaction, again if the database had it give way to another.

    Raises:
        DatabaseUnavailable: the database is not there, or it went on like this.
    """
    for _ in range(TRIES):
        with translate_errors(), suppress(*COLLISIONS):
            return await work()
        await asyncio.sleep(0)
    raise DatabaseUnavailable("Too much else locks the same rows.", remedy="Send it again.")


class translate_errors:  # noqa: N801 -- reads as a statement: `with translate_errors():`
    """Turn every error that means "the database is not there" into DatabaseUnavailable; all others pass.

    With the address that somebody connects to, the error says where it is.
    """

    def __init__(self, dsn: str | None = None) -> None:
        self._dsn = dsn

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        if error is not None and (unavailable := as_unavailable(error, self._dsn)) is not None:
            raise unavailable from error


def as_unavailable(error: BaseException, dsn: str | None = None) -> DatabaseUnavailable | None:
    """The error as DatabaseUnavailable, or None if it says something else than "the database is not there"."""
    for kind, what, remedy in EXPLANATIONS:
        if isinstance(error, kind) and not is_own_mistake(error):
            place = f" at {describe_address(dsn)}" if dsn is not None else ""
            said = describe(error)
            return DatabaseUnavailable(f"The database{place} {what}{said and f': {said}'}.", remedy=remedy)
    return None


def is_own_mistake(error: BaseException) -> bool:
    """Whether an InterfaceError is about wrong use of the driver (a bad argument) and not about the connection.

    asyncpg has one class for both, and only the text tells them apart.
    """
    if isinstance(error, asyncpg.DataError):
        return True
    if type(error) is not asyncpg.InterfaceError:
        return False
    text = str(error)
    return not any(word in text for word in ("connection", "closed", "closing", "pool is"))


def describe(error: BaseException) -> str:
    """What the system says of an error's number, or the error's first line; empty if there is nothing to say."""
    if isinstance(error, OSError) and error.errno is not None and not isinstance(error, socket.gaierror):
        said = os.strerror(error.errno)
    elif isinstance(error, OSError) and error.strerror:
        said = error.strerror
    else:
        lines = str(error).strip().splitlines()
        return lines[0].rstrip(".") if lines else ""
    return said[0].lower() + said[1:]
