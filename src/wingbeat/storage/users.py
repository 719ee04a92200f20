"""Rows of users and of the links that let them in: written, read, listed. Who may do it is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.storage.paging import EVERYTHING, Order, Page, Paging, page_clause
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    import asyncpg

# What a list may be sorted by; the first is the default.
USER_ORDERS = {
    "username": Order("lower(username)"),
    "-created_at": Order("created_at", descending=True),
    "created_at": Order("created_at"),
    "-last_sign_in_at": Order("coalesce(last_sign_in_at, '-infinity'::timestamptz)", descending=True),
}
FILTERS = """
    ($1::boolean IS NULL OR enabled = $1)
    AND ($2::boolean IS NULL OR is_admin = $2)
    AND ($3::text IS NULL OR strpos(lower(username || ' ' || display_name || ' ' || email), lower($3)) > 0)
"""


@dataclass(frozen=True, slots=True)
class StoredUser:
    """Somebody who may sign in. `password_hash` stays in the process: nothing shows it."""

    user_id: int
    username: str
    display_name: str
    email: str
    password_hash: str | None
    is_admin: bool
    enabled: bool
    failed_attempts: int
    locked_until: datetime | None
    session_version: int
    last_sign_in_at: datetime | None
    created_at: datetime
    updated_at: datetime

    def __repr__(self) -> str:
        return f"StoredUser({self.user_id}, {self.username!r})"


@dataclass(frozen=True, slots=True)
class UserFields:
    """What is said of a user."""

    username: str
    display_name: str = ""
    email: str = ""
    is_admin: bool = False
    enabled: bool = True


class UserFilter(NamedTuple):
    """Which users to list; None is all."""

    enabled: bool | None = None
    is_admin: bool | None = None
    text: str | None = None


class Standing(NamedTuple):
    """What a user is and belongs to: `communities` has its role in each."""

    user_id: int
    username: str
    is_admin: bool
    enabled: bool
    session_version: int
    roles: frozenset[str]
    communities: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class LockOut:
    """How many wrong passwords are free, and for how long an account is locked after that: twice as long each time."""

    free: int = 5
    base_seconds: float = 15.0
    longest_seconds: float = 3600.0


async def take_turns(connection: asyncpg.Connection) -> None:
    """Let nobody else create the first user, or take away an administrator, until the caller's transaction ends."""
    await load("users").lock_first_user(connection)


async def is_empty(connection: asyncpg.Connection) -> bool:
    """Whether there is nobody."""
    return not await load("users").has_users(connection)


async def new_id(connection: asyncpg.Connection) -> int:
    """An id that nobody has."""
    return int(await load("users").next_user_id(connection))


async def insert(
    connection: asyncpg.Connection, user_id: int, fields: UserFields, password_hash: str | None = None
) -> StoredUser | None:
    """A new user; None if the name is taken."""
    row = await load("users").insert_user(
        connection,
        user_id=user_id,
        username=fields.username,
        display_name=fields.display_name,
        email=fields.email,
        password_hash=password_hash,
        is_admin=fields.is_admin,
    )
    return None if row is None else as_stored(row)


async def get(connection: asyncpg.Connection, user_id: int, *, lock: bool = False) -> StoredUser | None:
    """The user, or None; with `lock`, kept from changing until the caller's transaction ends."""
    query = load("users").lock_user if lock else load("users").get_user
    row = await query(connection, user_id=user_id)
    return None if row is None else as_stored(row)


async def get_by_name(connection: asyncpg.Connection, username: str) -> StoredUser | None:
    """The user with this name, however it is capitalised, or None."""
    row = await load("users").get_user_by_name(connection, username=username)
    return None if row is None else as_stored(row)


async def update(
    connection: asyncpg.Connection, user_id: int, fields: UserFields, *, ends_sessions: bool
) -> StoredUser:
    """Replace what is said of it."""
    row = await load("users").update_user(
        connection,
        user_id=user_id,
        **{name: getattr(fields, name) for name in UserFields.__slots__},
        ends_sessions=ends_sessions,
    )
    return as_stored(row)


async def set_password(connection: asyncpg.Connection, user_id: int, password_hash: str) -> StoredUser:
    """Another password; every session ends."""
    return as_stored(await load("users").set_password(connection, user_id=user_id, password_hash=password_hash))


async def rehash_password(connection: asyncpg.Connection, user_id: int, old_hash: str, new_hash: str) -> None:
    """The same password under other parameters, unless it was changed meanwhile."""
    await load("users").rehash_password(connection, user_id=user_id, old_hash=old_hash, password_hash=new_hash)


async def end_sessions(connection: asyncpg.Connection, user_id: int) -> None:
    """Let every session of the user be over."""
    await load("users").end_sessions(connection, user_id=user_id)


async def begin_attempt(connection: asyncpg.Connection, username: str, lock_out: LockOut) -> StoredUser | None:
    """Count a sign-in, which is a failure until it is noted as a success; None for strangers and for who is locked."""
    row = await load("users").begin_attempt(
        connection,
        username=username,
        free=lock_out.free,
        base_seconds=lock_out.base_seconds,
        longest_seconds=lock_out.longest_seconds,
    )
    return None if row is None else as_stored(row)


async def note_sign_in(connection: asyncpg.Connection, user_id: int) -> StoredUser | None:
    """That it signed in: what failed before is forgotten. None if it is disabled."""
    row = await load("users").note_sign_in(connection, user_id=user_id)
    return None if row is None else as_stored(row)


async def count_attempt(connection: asyncpg.Connection, address: str, window_seconds: float) -> int:
    """Count a sign-in from an address; how many there were since its window began, this one included."""
    attempts = int(await load("users").count_attempt(connection, address=address, window_seconds=window_seconds))
    if attempts == 1:  # The table stays as small as what happens in one window.
        await load("users").forget_attempts(connection, window_seconds=window_seconds)
    return attempts


async def has_other_admins(connection: asyncpg.Connection, user_id: int) -> bool:
    """Whether there is another administrator who can sign in."""
    return bool(await load("users").lock_other_admins(connection, user_id=user_id))


async def nobody_signed_in(connection: asyncpg.Connection) -> bool:
    """Whether nobody has ever signed in."""
    return bool(await load("users").nobody_signed_in(connection))


async def insert_link(
    connection: asyncpg.Connection, link_hash: bytes, user_id: int, purpose: str, lifetime: timedelta
) -> datetime:
    """A link that lets the user in once; gives when it ends. The user's earlier ones are no use any more."""
    await load("users").forget_links(connection)
    await load("users").end_links(connection, user_id=user_id)
    expires_at: datetime = await load("users").insert_link(
        connection, hash=link_hash, user_id=user_id, purpose=purpose, lifetime=lifetime
    )
    return expires_at


async def end_links(connection: asyncpg.Connection, user_id: int) -> None:
    """Let no link of the user be of any use any more."""
    await load("users").end_links(connection, user_id=user_id)


async def get_link(connection: asyncpg.Connection, link_hash: bytes) -> StoredUser | None:
    """Whom the link lets in, if it still does."""
    row = await load("users").get_link(connection, hash=link_hash)
    return None if row is None else as_stored(row)


async def use_link(connection: asyncpg.Connection, link_hash: bytes) -> int | None:
    """Take the link; the id of whom it lets in, and None if it does not any more. Of several who take it, one does."""
    found: int | None = await load("users").use_link(connection, hash=link_hash)
    return found


async def get_standing(connection: asyncpg.Connection, user_id: int) -> Standing | None:
    """What the user is and belongs to, as it is now; None if there is no such user."""
    row = await load("users").get_standing(connection, user_id=user_id)
    if row is None:
        return None
    communities = dict(zip(row["community_ids"], row["community_roles"], strict=True))
    return Standing(
        row["user_id"],
        row["username"],
        row["is_admin"],
        row["enabled"],
        row["session_version"],
        frozenset(row["roles"]),
        communities,
    )


async def list_page(connection: asyncpg.Connection, wanted: UserFilter, paging: Paging) -> Page[StoredUser]:
    """One page of users."""
    clause, more = page_clause(
        "users", "user_id", USER_ORDERS[paging.sort], paging, first_argument=4, visible=EVERYTHING
    )
    rows = await connection.fetch(f"SELECT * FROM users WHERE {FILTERS} {clause}", *wanted, *more)  # noqa: S608 -- constants
    return Page.of([as_stored(row) for row in rows], paging.per_page)


async def count(connection: asyncpg.Connection, wanted: UserFilter) -> int:
    """How many there are."""
    return int(await connection.fetchval(f"SELECT count(*) FROM users WHERE {FILTERS}", *wanted))  # noqa: S608 -- a constant


def as_stored(row: Mapping[str, Any]) -> StoredUser:
    """A row as a value."""
    return StoredUser(**{name: row[name] for name in StoredUser.__slots__})
