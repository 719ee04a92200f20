"""Reading the record of who did what. Writing it is in audit.py."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import asyncpg

    from wingbeat.core.json_value import JsonObject

# Ids of people and of communities are integers of PostgreSQL.
MOST = 2**31 - 1
NUMBER = re.compile(r"[0-9]{1,10}")

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


@dataclass(frozen=True, slots=True)
class NamedEntry(StoredEntry):
    """An entry with what its object is called now, and the workflow that this belongs to; None for what is gone."""

    object_name: str | None = None
    object_workflow_id: UUID | None = None


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


async def with_names(
    connection: asyncpg.Connection, entries: Sequence[StoredEntry], *, people: bool
) -> list[NamedEntry]:
    """The entries with the names that the connection may see; those of `people` and communities if it is asked to."""
    ids = {entry.object_id for entry in entries}
    things = await load("audit").find_names(connection, ids=sorted(filter(is_uuid, ids)))
    numbers = sorted(int(one) for one in ids if NUMBER.fullmatch(one) and int(one) <= MOST)
    persons = await load("audit").find_names_of_people(connection, ids=numbers) if people and numbers else []
    named = {(row["object_type"], row["object_id"]): (row["name"], row["workflow_id"]) for row in [*things, *persons]}
    return [NamedEntry(**asdict(one), **name_of(one, named)) for one in entries]


def name_of(entry: StoredEntry, named: Mapping[tuple[str, str], tuple[str, UUID | None]]) -> dict[str, Any]:
    """What is known of an entry's object."""
    name, workflow_id = named.get((entry.object_type, entry.object_id), (None, None))
    return {"object_name": name, "object_workflow_id": workflow_id}


def is_uuid(text: str) -> bool:
    """Whether this is how the database writes a UUID."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
