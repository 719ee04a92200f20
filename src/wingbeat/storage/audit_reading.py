"""Reading the record of who did what. Writing it is in audit.py."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import JsonObject

FILTERS = """
    ($1::text IS NULL OR category = $1) AND ($2::text IS NULL OR action = $2 OR starts_with(action, $2 || '.'))
    AND ($3::text IS NULL OR actor = $3) AND ($4::integer IS NULL OR user_id = $4)
    AND ($5::text IS NULL OR object_type = $5) AND ($6::text IS NULL OR object_id = $6)
    AND ($7::uuid IS NULL OR workflow_id = $7) AND ($8::uuid IS NULL OR execution_id = $8)
    AND ($9::text IS NULL OR result = $9) AND ($10::text IS NULL OR request_id = $10)
    AND ($11::timestamptz IS NULL OR at >= $11) AND ($12::timestamptz IS NULL OR at < $12)
    AND ($13::integer[] IS NULL OR community_id = ANY ($13))
"""
SELECT = f"SELECT * FROM audit_log WHERE {FILTERS}"  # noqa: S608 - a constant
NEWEST = f"{SELECT} AND ($14::uuid IS NULL OR audit_id < $14) ORDER BY audit_id DESC LIMIT $15"
OLDEST = f"{SELECT} AND ($14::uuid IS NULL OR audit_id > $14) ORDER BY audit_id LIMIT $15"


class AuditFilter(NamedTuple):
    """Which entries; `action` takes those below it too, as `webhook` takes `webhook.create`."""

    category: str | None = None
    action: str | None = None
    actor: str | None = None
    user_id: int | None = None
    object_type: str | None = None
    object_id: str | None = None
    workflow_id: UUID | None = None
    execution_id: UUID | None = None
    result: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    communities: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it was written."""

    audit_id: UUID
    at: datetime
    category: str
    action: str
    result: str
    message: str
    actor: str
    user_id: int
    token_id: str
    community_id: int
    address: str
    request_id: str
    object_type: str
    object_id: str
    workflow_id: UUID | None
    execution_id: UUID | None
    node_id: str | None
    detail: JsonObject


async def read(
    connection: asyncpg.Connection,
    wanted: AuditFilter,
    *,
    most: int,
    after: UUID | None = None,
    oldest_first: bool = False,
) -> list[StoredEntry]:
    """Up to so many entries, the newest first unless told otherwise, after the one with the id `after`."""
    names = [field.name for field in fields(StoredEntry)]
    rows = await connection.fetch(OLDEST if oldest_first else NEWEST, *wanted, after, most)
    return [StoredEntry(**{name: row[name] for name in names}) for row in rows]
