"""Rows of the tokens with which programs come in somebody's name. Of a secret only its hash comes here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.storage.encoding import encode_json
from wingbeat.storage.paging import Order, Page, Paging, page_clause
from wingbeat.storage.queries import load
from wingbeat.storage.users import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    import asyncpg

# What a list may be sorted by; the first is the default.
TOKEN_ORDERS = {
    "-created_at": Order("created_at", descending=True),
    "created_at": Order("created_at"),
}
OWNED = "($1::integer IS NULL OR user_id = $1)"
FILTERS = f"""
    {OWNED}
    AND ($2::boolean OR (revoked_at IS NULL AND expires_at > clock_timestamp()))
"""


class TokenFields(NamedTuple):
    """What a token is to be; the last three are who its owner is at the moment."""

    user_id: int
    name: str
    scopes: Sequence[str]
    community_ids: Sequence[int] | None
    username: str
    roles: Sequence[str]
    communities: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token as its owner may see it."""

    token_id: UUID
    user_id: int
    name: str
    prefix: str
    scopes: list[str]
    community_ids: list[int] | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class FoundToken(NamedTuple):
    """A token with who may come in with it: as that is now, or for owners of whom nothing is known, as it was.

    `standing` is None for a token of the service. `is_unseen` says that nobody has noted for a minute that it is used.
    """

    token: StoredToken
    standing: Standing | None
    is_over: bool
    is_unseen: bool


async def insert(  # noqa: PLR0913, PLR0917 - a row
    connection: asyncpg.Connection,
    token_id: UUID,
    secret_hash: bytes,
    prefix: str,
    fields: TokenFields,
    lifetime: timedelta,
) -> StoredToken:
    """A new one."""
    row = await load("tokens").insert_token(
        connection,
        token_id=token_id,
        hash=secret_hash,
        prefix=prefix,
        lifetime=lifetime,
        **{
            **fields._asdict(),
            "communities": encode_json({str(community): role for community, role in fields.communities.items()}),
        },
    )
    return as_stored(row)


async def count_valid(connection: asyncpg.Connection, user_id: int) -> int:
    """How many of a user's hold; nobody makes another until the caller's transaction ends."""
    await load("tokens").lock_tokens(connection, user_id=user_id)
    return int(await load("tokens").count_tokens(connection, user_id=user_id))


async def find(connection: asyncpg.Connection, secret_hash: bytes) -> FoundToken | None:
    """The token with this secret, whether it still holds or not."""
    row = await load("tokens").find_token(connection, hash=secret_hash)
    if row is None:
        return None
    return FoundToken(as_stored(row), read_standing(row), row["is_over"], row["is_unseen"])


def read_standing(row: Mapping[str, Any]) -> Standing | None:
    """Whose the token is: from the users, else from what the token was made with."""
    if row["is_known"]:
        communities = dict(zip(row["known_communities"], row["known_community_roles"], strict=True))
        return Standing(
            row["user_id"],
            row["known_username"],
            row["is_admin"],
            row["enabled"],
            0,
            frozenset(row["known_roles"]),
            communities,
        )
    if row["user_id"] == 0:
        return None
    kept = {int(community): role for community, role in row["communities"].items()}
    is_admin, enabled = False, True
    return Standing(row["user_id"], row["username"], is_admin, enabled, 0, frozenset(row["roles"]), kept)


async def see(connection: asyncpg.Connection, token_id: UUID) -> None:
    """Note that it is used, at most once a minute."""
    await load("tokens").see_token(connection, token_id=token_id)


async def get(connection: asyncpg.Connection, token_id: UUID) -> StoredToken | None:
    """The token, or None."""
    row = await load("tokens").get_token(connection, token_id=token_id)
    return None if row is None else as_stored(row)


async def revoke(connection: asyncpg.Connection, token_id: UUID, user_id: int | None) -> StoredToken | None:
    """Take it back, if it is this user's, or anybody's if none is named; None if there is none."""
    row = await load("tokens").revoke_token(connection, token_id=token_id, user_id=user_id)
    return None if row is None else as_stored(row)


async def forget(connection: asyncpg.Connection, keep: timedelta) -> None:
    """Remove those that have been of no use for that long."""
    await load("tokens").forget_tokens(connection, keep=keep)


async def list_page(
    connection: asyncpg.Connection, user_id: int | None, paging: Paging, *, ended: bool
) -> Page[StoredToken]:
    """One page, of one user or of all; with `ended`, also those that do not hold any more."""
    clause, more = page_clause(
        "api_tokens", "token_id", TOKEN_ORDERS[paging.sort], paging, first_argument=3, visible=OWNED
    )
    rows = await connection.fetch(f"SELECT * FROM api_tokens WHERE {FILTERS} {clause}", user_id, ended, *more)  # noqa: S608 -- constants
    return Page.of([as_stored(row) for row in rows], paging.per_page)


async def count(connection: asyncpg.Connection, user_id: int | None, *, ended: bool) -> int:
    """How many there are."""
    return int(await connection.fetchval(f"SELECT count(*) FROM api_tokens WHERE {FILTERS}", user_id, ended))  # noqa: S608 -- a constant


def as_stored(row: Mapping[str, Any]) -> StoredToken:
    """A row as a value."""
    return StoredToken(**{name: row[name] for name in StoredToken.__slots__})
