"""Transactions that see what a caller may see: the second wall, for which the policies are in the migrations.

The first wall are the checks of the services. Here nothing is decided: the caller is told to the database.
"""

from __future__ import annotations

import re
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import asyncpg
from asyncpg.transaction import Transaction, TransactionState

from wingbeat.core.access import ON_A_THING, Permission, with_view
from wingbeat.core.people import names_of
from wingbeat.storage.roles import SCOPED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from wingbeat.core.access import Principal

PLAIN = re.compile(r'[A-Za-z0-9_:.,@+{}" -]*')
BACK = "SELECT set_config('role', $1, true)"
OUT = "SELECT current_setting('role'), set_config('role', 'none', true)"


class ScopedTransaction(Transaction):  # type: ignore[misc] # asyncpg ships no types
    """A transaction that begins with settings of its own, sent along with its BEGIN: no round trip more."""

    def __init__(self, connection: asyncpg.Connection, settings: str) -> None:
        super().__init__(connection, None, readonly=False, deferrable=False)
        self._settings = settings

    async def start(self) -> None:
        """As asyncpg's own, of which it takes the place."""
        connection = self._connection
        if connection._top_xact is not None:  # noqa: SLF001 - asyncpg has no other way to say so
            raise asyncpg.InterfaceError("cannot begin a scoped transaction within another one")
        connection._top_xact = self  # noqa: SLF001
        try:
            await connection.execute(f"BEGIN;{self._settings}")
        except BaseException:
            self._state = TransactionState.FAILED
            raise
        self._state = TransactionState.STARTED


def begin_scoped(connection: asyncpg.Connection, principal: Principal) -> Transaction:
    """The transaction of a caller; of one who may do everything, an ordinary one."""
    if principal.unrestricted:
        return connection.transaction()
    raw = getattr(connection, "_con", connection)
    return ScopedTransaction(raw, settings_of(principal))


def settings_of(principal: Principal) -> str:
    """The statements that tell the database who acts, without a SELECT, which would be planned each time."""
    scopes = with_view(principal.scopes & ON_A_THING)
    settings = {
        "wingbeat.user_id": str(int(principal.user_id)),
        "wingbeat.owner": principal.key,
        "wingbeat.roles": array(principal.roles),
        "wingbeat.names": array(names_of(principal)),
        "wingbeat.scopes": array(scopes),
        "wingbeat.communities_member": array(map(str, principal.member_of())),
    }
    for permission in Permission:
        if permission in ON_A_THING:
            settings[f"wingbeat.communities_{permission.value}"] = array(
                map(str, principal.communities_with(permission))
            )
    return ";".join((f"SET LOCAL ROLE {SCOPED}", *(told(name, value) for name, value in settings.items())))


def array(values: Iterable[str]) -> str:
    """PostgreSQL's text of an array."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in sorted(values))
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def told(name: str, value: str) -> str:
    """One setting. What holds anything that could mean something to SQL goes as digits, so that nothing is quoted."""
    if PLAIN.fullmatch(value):
        return f"SET LOCAL {name}='{value}'"
    return f"SELECT set_config('{name}',convert_from(decode('{value.encode().hex()}','hex'),'UTF8'),true)"


@asynccontextmanager
async def as_engine(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Within a caller's transaction, do as the engine what the caller was found to be allowed.

    For what reaches beyond the caller's own things: the queue, other executions that a slot becomes free for, parents
    and children. Whoever uses it has asked `services.permissions.access` before, in the same transaction.
    """
    before = await connection.fetchval(OUT)
    try:
        yield
    finally:
        if before == SCOPED:
            # A transaction that has failed takes no statement any more, and needs none.
            with suppress(asyncpg.InFailedSQLTransactionError):
                await connection.fetchval(BACK, SCOPED)
