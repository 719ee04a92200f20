"""Rows of notifications: written, listed, marked as read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.storage.encoding import encode_json
from wingbeat.storage.paging import Order, Page, Paging, page_clause
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import Json

# What a list may be sorted by; the first is the default.
NOTIFICATION_ORDERS = {
    "-created_at": Order("created_at", descending=True),
    "created_at": Order("created_at"),
}
# Without names of recipients, those of everybody.
FILTERS = (
    "($1::text IS NULL OR recipient = $1) AND (NOT $2::boolean OR read_at IS NULL)"
    " AND ($3::text[] IS NULL OR recipient = ANY($3))"
)


class NotificationFields(NamedTuple):
    """What somebody is told, and by which step."""

    recipient: str
    title: str
    text: str
    link: str
    level: str
    data: Json
    workflow_id: UUID
    execution_id: UUID
    node_id: str


@dataclass(frozen=True, slots=True)
class StoredNotification:
    """A notification."""

    notification_id: UUID
    recipient: str
    title: str
    text: str
    link: str
    level: str
    data: Json
    workflow_id: UUID | None
    execution_id: UUID | None
    node_id: str | None
    community_id: int
    created_at: datetime
    read_at: datetime | None


class NotificationFilter(NamedTuple):
    """Which notifications to list."""

    recipient: str | None = None
    unread: bool = False


async def insert(connection: asyncpg.Connection, notification_id: UUID, fields: NotificationFields) -> None:
    """A new one, unless there is one with this id already."""
    columns = {**fields._asdict(), "data": encode_json(fields.data)}
    await load("notifications").insert_notification(connection, notification_id=notification_id, **columns)


async def mark_read(
    connection: asyncpg.Connection, notification_id: UUID, recipients: list[str] | None
) -> StoredNotification | None:
    """Note that it was read, the first time; None if there is none with this id for these recipients."""
    row = await load("notifications").mark_read(connection, notification_id=notification_id, recipients=recipients)
    return None if row is None else as_stored(row)


async def mark_all_read(connection: asyncpg.Connection, recipients: list[str]) -> int:
    """Note that somebody has read everything; how many that were."""
    return int(await load("notifications").mark_all_read(connection, recipients=recipients))


async def forget(connection: asyncpg.Connection, before: datetime) -> None:
    """Remove what was read before then."""
    await load("notifications").forget(connection, before=before)


async def list_page(
    connection: asyncpg.Connection, wanted: NotificationFilter, recipients: list[str] | None, paging: Paging
) -> Page[StoredNotification]:
    """One page of what these recipients were told."""
    clause, more = page_clause(
        "notifications",
        "notification_id",
        NOTIFICATION_ORDERS[paging.sort],
        paging,
        first_argument=4,
        visible="($3::text[] IS NULL OR recipient = ANY($3))",
    )
    statement = f"SELECT * FROM notifications WHERE {FILTERS} {clause}"  # noqa: S608 -- constants
    rows = await connection.fetch(statement, *wanted, recipients, *more)
    return Page.of([as_stored(row) for row in rows], paging.per_page)


async def count(connection: asyncpg.Connection, wanted: NotificationFilter, recipients: list[str] | None) -> int:
    """How many there are."""
    statement = f"SELECT count(*) FROM notifications WHERE {FILTERS}"  # noqa: S608 -- a constant
    return int(await connection.fetchval(statement, *wanted, recipients))


def as_stored(row: Mapping[str, Any]) -> StoredNotification:
    """A row as a value."""
    return StoredNotification(**{name: row[name] for name in StoredNotification.__slots__})
