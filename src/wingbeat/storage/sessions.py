"""Rows of sessions: who is signed in with a browser. Of a secret only its hash comes here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.storage.queries import load
from wingbeat.storage.users import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta
    from uuid import UUID

    import asyncpg


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session, as its owner may see it."""

    session_id: UUID
    address: str
    agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class FoundSession(NamedTuple):
    """A session that holds, with whose it is.

    `is_current` tells the secret from the one before it; `is_old` says that it should be replaced, and `is_unseen` that
    nobody has noted for a minute that it is used.
    """

    session_id: UUID
    expires_at: datetime
    is_current: bool
    is_old: bool
    is_unseen: bool
    standing: Standing


async def insert(  # noqa: PLR0913, PLR0917 - a row
    connection: asyncpg.Connection,
    session_id: UUID,
    user_id: int,
    secret_hash: bytes,
    address: str,
    agent: str,
    lifetime: timedelta,
) -> StoredSession | None:
    """A new one, under the user's present version; None if there is no such user or it is disabled."""
    row = await load("sessions").insert_session(
        connection,
        session_id=session_id,
        user_id=user_id,
        hash=secret_hash,
        address=address,
        agent=agent,
        lifetime=lifetime,
    )
    return None if row is None else as_stored(row)


async def find(
    connection: asyncpg.Connection, secret_hash: bytes, idle: timedelta, rotate: timedelta
) -> FoundSession | None:
    """The session with this secret, if it holds, and who it lets in as that is now."""
    return as_found(await load("sessions").find_session(connection, hash=secret_hash, idle=idle, rotate=rotate))


async def find_by_id(connection: asyncpg.Connection, session_id: UUID, idle: timedelta) -> FoundSession | None:
    """The session, if it still holds, and who it lets in as that is now."""
    return as_found(await load("sessions").find_session_by_id(connection, session_id=session_id, idle=idle))


def as_found(row: asyncpg.Record | None) -> FoundSession | None:
    """A row as a value."""
    if row is None:
        return None
    standing = Standing(
        row["user_id"],
        row["username"],
        row["is_admin"],
        row["enabled"],
        row["session_version"],
        frozenset(row["roles"]),
        dict(zip(row["community_ids"], row["community_roles"], strict=True)),
    )
    return FoundSession(
        row["session_id"], row["expires_at"], row["is_current"], row["is_old"], row["is_unseen"], standing
    )


async def rotate(
    connection: asyncpg.Connection, session_id: UUID, old_hash: bytes, new_hash: bytes, overlap: timedelta
) -> bool:
    """Replace the secret; the old one holds for `overlap` more. False if somebody else just has replaced it."""
    found = await load("sessions").rotate_session(
        connection, session_id=session_id, old_hash=old_hash, new_hash=new_hash, overlap=overlap
    )
    return found is not None


async def see(connection: asyncpg.Connection, session_id: UUID) -> None:
    """Note that it is used, at most once a minute."""
    await load("sessions").see_session(connection, session_id=session_id)


async def list_of(connection: asyncpg.Connection, user_id: int, idle: timedelta) -> list[StoredSession]:
    """The sessions of a user that hold, the one that was used last first."""
    rows = await load("sessions").list_sessions(connection, user_id=user_id, idle=idle)
    return [as_stored(row) for row in rows]


async def delete(connection: asyncpg.Connection, session_id: UUID, user_id: int) -> bool:
    """End a session of this user; whether there was one."""
    return await load("sessions").delete_session(connection, session_id=session_id, user_id=user_id) is not None


async def delete_all(connection: asyncpg.Connection, user_id: int, *, but: UUID | None = None) -> int:
    """End all of a user's sessions, but for one if that is named; how many that were."""
    return int(await load("sessions").delete_sessions(connection, user_id=user_id, but=but))


async def forget(connection: asyncpg.Connection, idle: timedelta) -> None:
    """Remove what nobody can use any more."""
    await load("sessions").forget_sessions(connection, idle=idle)


def as_stored(row: Mapping[str, Any]) -> StoredSession:
    """A row as a value."""
    return StoredSession(**{name: row[name] for name in StoredSession.__slots__})
