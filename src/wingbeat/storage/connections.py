"""Rows of connections and their ciphertexts: written and read. What a secret says is not known here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wingbeat.core.access import NO_COMMUNITY, Permission
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.owned import owned_rows
from wingbeat.storage.paging import Order, Page, Paging, page_clause
from wingbeat.storage.queries import load
from wingbeat.storage.sealing import Place, Sealed, rewrap

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.storage.keys import Keys

TABLE = "connector_instances"
# What a list may be sorted by; the first is the default.
CONNECTION_ORDERS = {
    "name": Order("name"),
    "-name": Order("name", descending=True),
    "-created_at": Order("created_at", descending=True),
    "created_at": Order("created_at"),
}
# What somebody entered, and the tokens that a server gave for it.
SECRETS = "secrets"
TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A connection without its secrets. `revision` rises with every change that somebody makes."""

    connection_id: UUID
    name: str
    kind: str
    description: str
    config: JsonObject
    allowed_hosts: list[str]
    entity_id: int
    community_id: int
    author_id: int
    enabled: bool
    revision: int
    breaker_failures: int
    breaker_opened_at: datetime | None
    breaker_until: datetime | None
    created_at: datetime
    updated_at: datetime
    rotated_at: datetime | None
    last_used_at: datetime | None
    last_tested_at: datetime | None
    last_test: Json


@dataclass(frozen=True, slots=True)
class ConnectionFields:
    """What a save writes, besides secrets. Without a community, it stays in the one that it is in."""

    name: str
    description: str
    config: JsonObject
    allowed_hosts: Sequence[str]
    enabled: bool = True
    entity_id: int = 0
    community_id: int | None = None


@dataclass(frozen=True, slots=True)
class SetFields:
    """Which secrets of a connection are set; for tokens, until when they hold."""

    secrets: tuple[str, ...] = ()
    authorized: bool = False
    token_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A ciphertext and its version. `now` is the database's clock when it was read."""

    version: int
    sealed: Sealed
    expires_at: datetime | None
    now: datetime


async def insert(
    connection: asyncpg.Connection, connection_id: UUID, kind: str, fields: ConnectionFields, *, author_id: int = 0
) -> StoredConnection:
    """A new connection, without secrets as yet. Within a transaction of the caller's."""
    return as_stored(
        await load("connections").insert_connection(
            connection, connection_id=connection_id, kind=kind, author_id=author_id, **columns(fields)
        )
    )


async def update(connection: asyncpg.Connection, connection_id: UUID, fields: ConnectionFields) -> StoredConnection:
    """Replace what may be replaced."""
    return as_stored(
        await load("connections").update_connection(connection, connection_id=connection_id, **columns(fields))
    )


async def get(connection: asyncpg.Connection, connection_id: UUID, *, lock: bool = False) -> StoredConnection | None:
    """The connection, or None; with `lock`, kept from changing until the caller's transaction ends."""
    query = load("connections").lock_connection if lock else load("connections").get_connection
    row = await query(connection, connection_id=connection_id)
    return as_stored(row) if row is not None else None


async def list_page(
    connection: asyncpg.Connection, principal: Principal, kinds: Collection[str], paging: Paging
) -> Page[StoredConnection]:
    """One page of the connections of these kinds that the caller may see."""
    visible = owned_rows(principal, Permission.VIEW, first_argument=2, table=TABLE)
    clause, arguments = page_clause(
        TABLE,
        "connection_id",
        CONNECTION_ORDERS[paging.sort],
        paging,
        first_argument=2 + len(visible.arguments),
        visible=visible.sql,
    )
    rows = await connection.fetch(
        f"SELECT * FROM {TABLE} WHERE kind = ANY($1) AND {visible.sql} {clause}",  # noqa: S608 -- constants
        list(kinds),
        *visible.arguments,
        *arguments,
    )
    return Page.of([as_stored(row) for row in rows], paging.per_page)


async def count(connection: asyncpg.Connection, principal: Principal, kinds: Collection[str]) -> int:
    """How many connections of these kinds the caller may see."""
    visible = owned_rows(principal, Permission.VIEW, first_argument=2, table=TABLE)
    statement = f"SELECT count(*) FROM {TABLE} WHERE kind = ANY($1) AND {visible.sql}"  # noqa: S608 -- constants
    return int(await connection.fetchval(statement, list(kinds), *visible.arguments))


async def delete(connection: asyncpg.Connection, connection_id: UUID) -> bool:
    """Remove a connection and its secrets; whether there was one."""
    return await load("connections").delete_connection(connection, connection_id=connection_id) is not None


async def list_users(connection: asyncpg.Connection, connection_id: UUID) -> list[tuple[UUID, str]]:
    """Id and name of the workflows that name the connection; the first hundred."""
    rows = await load("connections").list_users(
        connection, connection_id=connection_id, connection_id_text=str(connection_id)
    )
    return [(row["workflow_id"], row["name"]) for row in rows]


async def list_set_fields(connection: asyncpg.Connection, connection_ids: Collection[UUID]) -> dict[UUID, SetFields]:
    """What is set of each, without what it is."""
    found = dict.fromkeys(connection_ids, SetFields())
    for row in await load("connections").list_fields(connection, connection_ids=list(connection_ids)):
        known = found[row["connection_id"]]
        found[row["connection_id"]] = (
            SetFields(tuple(row["fields"]), known.authorized, known.token_expires_at)
            if row["purpose"] == SECRETS
            else SetFields(known.secrets, authorized=True, token_expires_at=row["expires_at"])
        )
    return found


async def get_secret(connection: asyncpg.Connection, connection_id: UUID, purpose: str) -> StoredSecret | None:
    """The ciphertext that is there for a purpose."""
    row = await load("connections").get_secret(connection, connection_id=connection_id, purpose=purpose)
    return None if row is None else StoredSecret(row["version"], as_sealed(row), row["expires_at"], row["now"])


async def put_secret(
    connection: asyncpg.Connection,
    place: Place,
    sealed: Sealed,
    *,
    fields: Collection[str] = (),
    expires_at: datetime | None = None,
) -> None:
    """Put a ciphertext into its place, over one that is there."""
    await load("connections").put_secret(
        connection,
        connection_id=place.row_id,
        purpose=place.purpose,
        version=place.version,
        fields=list(fields),
        key_name=sealed.key_name,
        wrapped_key=sealed.wrapped_key,
        payload=sealed.payload,
        expires_at=expires_at,
    )


async def rewrap_all(connection: asyncpg.Connection, keys: Keys) -> tuple[int, int]:
    """Wrap every data key by the current master key, in the caller's transaction; how many were, how many there are.

    Raises:
        Undecryptable: one of them needs a key that is not here; then nothing is to be kept.
    """
    rows = await load("connections").lock_secrets(connection)
    changed = 0
    for row in rows:
        sealed = as_sealed(row)
        if sealed.key_name == keys.current.name:
            continue
        anew = rewrap(keys, Place(row["connection_id"], row["purpose"], row["version"]), sealed)
        await load("connections").put_wrapping(
            connection,
            connection_id=row["connection_id"],
            purpose=row["purpose"],
            key_name=anew.key_name,
            wrapped_key=anew.wrapped_key,
        )
        changed += 1
    return changed, len(rows)


async def count_under_other_keys(connection: asyncpg.Connection, keys: Keys | None) -> tuple[dict[str, int], int]:
    """How many secrets each key wraps that is not here, and how many an earlier key wraps that is."""
    rows = await load("connections").count_wrapped_by_others(connection, key_names=[keys.current.name] if keys else [])
    counts: dict[str, int] = {row["key_name"]: row["secrets"] for row in rows}
    lost = {name: count for name, count in counts.items() if keys is None or keys.named(name) is None}
    return lost, sum(counts.values()) - sum(lost.values())


def columns(fields: ConnectionFields) -> dict[str, Any]:
    """The columns that a save writes."""
    return {
        "name": fields.name,
        "description": fields.description,
        "config": encode_json(fields.config),
        "allowed_hosts": list(fields.allowed_hosts),
        "enabled": fields.enabled,
        "entity_id": fields.entity_id,
        "community_id": fields.community_id or NO_COMMUNITY,
    }


def as_stored(row: Mapping[str, Any]) -> StoredConnection:
    """A row as a value."""
    return StoredConnection(**{name: row[name] for name in StoredConnection.__slots__})


def as_sealed(row: Mapping[str, Any]) -> Sealed:
    """The ciphertext in a row."""
    return Sealed(row["key_name"], row["wrapped_key"], row["payload"])
