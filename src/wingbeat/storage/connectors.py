"""Rows of connectors: descriptions of other systems whose operations are node types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.storage.encoding import encode_json
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject


# Told whenever a connector has changed.
CHANNEL = "wingbeat_connectors"


@dataclass(frozen=True, slots=True)
class ConnectorFields:
    """What a save writes."""

    name: str
    description: str
    document: Json
    source_url: str = ""
    base_url: str = ""
    connection_id: UUID | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class StoredConnector:
    """A connector without its document; `revision` rises with every change."""

    connector_id: UUID
    slug: str
    kind: str
    name: str
    description: str
    source_url: str
    base_url: str
    connection_id: UUID | None
    enabled: bool
    revision: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Described:
    """An enabled connector as the catalogue needs it."""

    connector_id: UUID
    slug: str
    kind: str
    document: Json
    source_url: str
    base_url: str
    connection_id: UUID | None
    revision: int


async def read_change_number(connection: asyncpg.Connection) -> int:
    """Rises with every change of any connector."""
    return int(await load("connectors").change_number(connection))


async def list_all(connection: asyncpg.Connection) -> list[StoredConnector]:
    """Every connector, by its slug."""
    return [_stored(row) for row in await load("connectors").list_connectors(connection)]


async def list_enabled(connection: asyncpg.Connection) -> list[Described]:
    """Those that give node types, with their documents."""
    rows = await load("connectors").list_enabled(connection)
    return [Described(**{name: row[name] for name in Described.__slots__}) for row in rows]


async def get(
    connection: asyncpg.Connection, connector_id: UUID, *, lock: bool = False
) -> tuple[StoredConnector, Json] | None:
    """A connector and its document."""
    statements = load("connectors")
    read = statements.lock_connector if lock else statements.get_connector
    row = await read(connection, connector_id=connector_id)
    return None if row is None else (_stored(row), row["document"])


async def insert(
    connection: asyncpg.Connection, connector_id: UUID, slug: str, kind: str, fields: ConnectorFields
) -> StoredConnector | None:
    """A new connector; None where the slug is taken. Within a transaction of the caller's."""
    row = await load("connectors").insert_connector(
        connection, connector_id=connector_id, slug=slug, kind=kind, **_columns(fields)
    )
    if row is None:
        return None
    await load("connectors").count_change(connection)
    return _stored(row)


async def update(connection: asyncpg.Connection, connector_id: UUID, fields: ConnectorFields) -> StoredConnector:
    """The next revision. Within a transaction of the caller's that has locked the row."""
    row = await load("connectors").update_connector(
        connection, connector_id=connector_id, enabled=fields.enabled, **_columns(fields)
    )
    await load("connectors").count_change(connection)
    return _stored(row)


async def delete(connection: asyncpg.Connection, connector_id: UUID) -> None:
    """Remove it. Within a transaction of the caller's."""
    await load("connectors").delete_connector(connection, connector_id=connector_id)
    await load("connectors").count_change(connection)


async def workflows_using(connection: asyncpg.Connection, prefix: str) -> list[JsonObject]:
    """Some of the workflows with nodes whose type begins so: `workflow_id` and `name`."""
    rows = await load("connectors").workflows_using(connection, prefix=prefix)
    return [{"workflow_id": str(row["workflow_id"]), "name": row["name"]} for row in rows]


def _columns(fields: ConnectorFields) -> dict[str, object]:
    return {
        "name": fields.name,
        "description": fields.description,
        "document": encode_json(fields.document),
        "source_url": fields.source_url,
        "base_url": fields.base_url,
        "connection_id": fields.connection_id,
    }


def _stored(row: asyncpg.Record) -> StoredConnector:
    return StoredConnector(**{name: row[name] for name in StoredConnector.__slots__})
