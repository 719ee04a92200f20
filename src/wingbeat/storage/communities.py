"""Rows of communities, of their members, and of users' roles: written, read, listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.storage.paging import Order, Page, Paging, page_clause
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import asyncpg

# What lists may be sorted by; the first is the default.
COMMUNITY_ORDERS = {
    "name": Order("lower(name)"),
    "-created_at": Order("created_at", descending=True),
    "created_at": Order("created_at"),
}
MEMBER_ORDERS = {"user_id": Order("user_id")}
# Who administers the installation sees all; others see those that they belong to.
COMMUNITY_FILTER = "($1::integer[] IS NULL OR community_id = ANY($1))"
MEMBER_FILTER = "community_id = $1"


@dataclass(frozen=True, slots=True)
class StoredCommunity:
    """People who share things."""

    community_id: int
    name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StoredMember:
    """What somebody is in a community; `source` says whether somebody here said so or an identity provider."""

    community_id: int
    user_id: int
    username: str
    display_name: str
    role: str
    source: str
    created_at: datetime


class StoredRole(NamedTuple):
    """A role, and how many users have it."""

    name: str
    users: int
    created_at: datetime


class GivenRole(NamedTuple):
    """A role of a user; `sources` are `local`, `oidc` or both."""

    name: str
    sources: list[str]


async def insert(connection: asyncpg.Connection, name: str, community_id: int | None) -> StoredCommunity | None:
    """A new community; None if the id or the name is taken."""
    wanted = await load("communities").next_community_id(connection) if community_id is None else community_id
    row = await load("communities").insert_community(connection, community_id=wanted, name=name)
    return None if row is None else as_community(row)


async def get(connection: asyncpg.Connection, community_id: int, *, lock: bool = False) -> StoredCommunity | None:
    """The community, or None; with `lock`, kept from changing until the caller's transaction ends."""
    query = load("communities").lock_community if lock else load("communities").get_community
    row = await query(connection, community_id=community_id)
    return None if row is None else as_community(row)


async def get_by_name(connection: asyncpg.Connection, name: str) -> StoredCommunity | None:
    """The community with this name, however it is capitalised, or None."""
    row = await load("communities").get_community_by_name(connection, name=name)
    return None if row is None else as_community(row)


async def update(connection: asyncpg.Connection, community_id: int, name: str) -> StoredCommunity:
    """Another name."""
    return as_community(await load("communities").update_community(connection, community_id=community_id, name=name))


async def delete(connection: asyncpg.Connection, community_id: int) -> None:
    """Remove it with its members."""
    await load("communities").delete_community(connection, community_id=community_id)


async def has_things(connection: asyncpg.Connection, community_id: int) -> bool:
    """Whether something that is there belongs to it."""
    return bool(await load("communities").has_things(connection, community_id=community_id))


async def list_page(
    connection: asyncpg.Connection, only: Sequence[int] | None, paging: Paging
) -> Page[StoredCommunity]:
    """One page of communities; those with these ids alone, unless it is None."""
    order = COMMUNITY_ORDERS[paging.sort]
    clause, more = page_clause("communities", "community_id", order, paging, first_argument=2, visible=COMMUNITY_FILTER)
    rows = await connection.fetch(f"SELECT * FROM communities WHERE {COMMUNITY_FILTER} {clause}", only, *more)  # noqa: S608 -- constants
    return Page.of([as_community(row) for row in rows], paging.per_page)


async def count(connection: asyncpg.Connection, only: Sequence[int] | None) -> int:
    """How many there are."""
    return int(await connection.fetchval(f"SELECT count(*) FROM communities WHERE {COMMUNITY_FILTER}", only))  # noqa: S608 -- a constant


async def get_member(connection: asyncpg.Connection, community_id: int, user_id: int) -> StoredMember | None:
    """What the user is in the community; None if nothing."""
    row = await load("communities").get_member(connection, community_id=community_id, user_id=user_id)
    return None if row is None else as_member(row)


async def put_member(connection: asyncpg.Connection, community_id: int, user_id: int, role: str) -> None:
    """Make the user a member, or another one."""
    await load("communities").put_member(connection, community_id=community_id, user_id=user_id, role=role)


async def delete_member(connection: asyncpg.Connection, community_id: int, user_id: int) -> None:
    """Make the user no member any more."""
    await load("communities").delete_member(connection, community_id=community_id, user_id=user_id)


async def list_members(connection: asyncpg.Connection, community_id: int, paging: Paging) -> Page[StoredMember]:
    """One page of the members of a community."""
    clause, more = page_clause(
        "community_members", "user_id", MEMBER_ORDERS["user_id"], paging, first_argument=2, visible=MEMBER_FILTER
    )
    rows = await connection.fetch(
        "SELECT member.*, username, display_name FROM community_members AS member JOIN users USING (user_id) "  # noqa: S608 -- constants
        f"WHERE {MEMBER_FILTER} {clause}",
        community_id,
        *more,
    )
    return Page.of([as_member(row) for row in rows], paging.per_page)


async def count_members(connection: asyncpg.Connection, community_id: int) -> int:
    """How many members there are."""
    return int(
        await connection.fetchval(f"SELECT count(*) FROM community_members WHERE {MEMBER_FILTER}", community_id)  # noqa: S608 -- a constant
    )


async def replace_provided_members(
    connection: asyncpg.Connection, user_id: int, communities: Mapping[int, str]
) -> None:
    """Let the user be in the communities that an identity provider tells of, as far as they exist here."""
    await load("communities").replace_provided_members(
        connection, user_id=user_id, community_ids=list(communities), roles=list(communities.values())
    )


async def list_roles(connection: asyncpg.Connection) -> list[StoredRole]:
    """All roles that somebody has."""
    rows = await load("communities").list_roles(connection)
    return [StoredRole(row["name"], row["users"], row["created_at"]) for row in rows]


async def roles_of(connection: asyncpg.Connection, user_id: int) -> list[GivenRole]:
    """The user's roles, and who gave them."""
    rows = await load("communities").roles_of(connection, user_id=user_id)
    return [GivenRole(row["name"], list(row["sources"])) for row in rows]


async def replace_roles(connection: asyncpg.Connection, user_id: int, names: Sequence[str], source: str) -> None:
    """Let these be the user's roles from this source; a role that nobody has any more is gone."""
    await load("communities").ensure_roles(connection, names=list(names))
    await load("communities").replace_roles(connection, user_id=user_id, names=list(names), source=source)
    await load("communities").forget_roles(connection)


def as_community(row: Mapping[str, Any]) -> StoredCommunity:
    """A row as a value."""
    return StoredCommunity(**{name: row[name] for name in StoredCommunity.__slots__})


def as_member(row: Mapping[str, Any]) -> StoredMember:
    """A row as a value."""
    return StoredMember(**{name: row[name] for name in StoredMember.__slots__})
