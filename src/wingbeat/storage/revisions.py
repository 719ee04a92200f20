"""Rows of revisions: what was saved under each number. Whether a caller may see them is decided by the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import JsonObject


@dataclass(frozen=True, slots=True)
class Revision:
    """What is about a revision. `published` is the one that runs, `current` the one that is being edited."""

    workflow_id: UUID
    revision: int
    created_at: datetime
    message: str
    saved_by: int
    saved_by_name: str
    published_at: datetime | None
    published: bool
    current: bool
    name: str
    node_count: int


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """A revision with its definition."""

    about: Revision
    definition: JsonObject


async def list_page(
    connection: asyncpg.Connection, workflow_id: UUID, *, before: int | None, most: int
) -> list[Revision]:
    """The newest revisions of a workflow, or the newest before one."""
    rows = await load("revisions").list_page(connection, workflow_id=workflow_id, before=before, most=most)
    return [as_revision(row) for row in rows]


async def get(connection: asyncpg.Connection, workflow_id: UUID, revision: int) -> StoredRevision | None:
    """One revision, or None."""
    row = await load("revisions").get_one(connection, workflow_id=workflow_id, revision=revision)
    return None if row is None else StoredRevision(as_revision(row), row["definition"])


async def describe(connection: asyncpg.Connection, workflow_id: UUID, revision: int, message: str) -> None:
    """Say what has changed with a revision; the revision itself stays as it is."""
    await load("revisions").describe(connection, workflow_id=workflow_id, revision=revision, message=message)


def as_revision(row: Mapping[str, Any]) -> Revision:
    """A row as a value."""
    return Revision(**{name: row[name] for name in Revision.__slots__})
