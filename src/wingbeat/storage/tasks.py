"""Rows of tasks: written, read, listed. What may be done with one is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.storage.encoding import encode_json
from wingbeat.storage.paging import Order, Page, Paging, page_clause
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import Json

# What a list may be sorted by; the first is the default.
TASK_ORDERS = {
    "-created_at": Order("created_at", descending=True),
    "created_at": Order("created_at"),
    "due_at": Order("coalesce(due_at, 'infinity'::timestamptz)"),
    "-priority": Order("priority", descending=True),
}
FILTERS = """
    ($1::text[] IS NULL OR status = ANY($1))
    AND ($2::text IS NULL OR assignee = $2)
    AND ($3::uuid IS NULL OR execution_id = $3)
    AND ($4::text IS NULL OR $4 = ANY(labels))
    AND ($5::timestamptz IS NULL OR due_at < $5)
    AND ($6::text IS NULL OR strpos(lower(title || ' ' || description), lower($6)) > 0)
"""


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A task."""

    task_id: UUID
    title: str
    description: str
    status: str
    assignee: str
    priority: int
    due_at: datetime | None
    labels: list[str]
    data: Json
    form: Json
    result: Json
    closed_by: str
    closing_step: str
    workflow_id: UUID | None
    execution_id: UUID | None
    node_id: str | None
    scope: str | None
    community_id: int
    entity_id: int
    revision: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskFields:
    """What somebody says of a task."""

    title: str
    description: str = ""
    status: str = "open"
    assignee: str = ""
    priority: int = 0
    due_at: datetime | None = None
    labels: Sequence[str] = ()
    data: Json = None


@dataclass(frozen=True, slots=True)
class TaskOrigin:
    """The step that made a task, if one did, and whose it is."""

    workflow_id: UUID | None = None
    execution_id: UUID | None = None
    node_id: str | None = None
    scope: str | None = None
    community_id: int = 0
    entity_id: int = 0


class TaskFilter(NamedTuple):
    """Which tasks to list; None is all."""

    statuses: Sequence[str] | None = None
    assignee: str | None = None
    execution_id: UUID | None = None
    label: str | None = None
    due_before: datetime | None = None
    text: str | None = None


async def insert(
    connection: asyncpg.Connection, task_id: UUID, fields: TaskFields, origin: TaskOrigin, form: Json
) -> StoredTask:
    """A new task, or the one that has this id already."""
    columns = _columns(fields)
    del columns["status"]
    await load("tasks").insert_task(
        connection,
        task_id=task_id,
        **columns,
        form=encode_json(form),
        **{name: getattr(origin, name) for name in TaskOrigin.__slots__},
    )
    return as_stored(await load("tasks").get_task(connection, task_id=task_id))


async def get(connection: asyncpg.Connection, task_id: UUID, *, lock: bool = False) -> StoredTask | None:
    """The task, or None; with `lock`, kept from changing until the caller's transaction ends."""
    query = load("tasks").lock_task if lock else load("tasks").get_task
    row = await query(connection, task_id=task_id)
    return None if row is None else as_stored(row)


async def update(connection: asyncpg.Connection, task_id: UUID, fields: TaskFields) -> StoredTask:
    """Replace what may be replaced."""
    return as_stored(await load("tasks").update_task(connection, task_id=task_id, **_columns(fields)))


async def close(  # noqa: PLR0913 - one for each column
    connection: asyncpg.Connection, task_id: UUID, *, status: str, result: Json, closed_by: str, closing_step: str
) -> StoredTask:
    """Note that it is done, or cancelled."""
    row = await load("tasks").close_task(
        connection,
        task_id=task_id,
        status=status,
        result=encode_json(result),
        closed_by=closed_by,
        closing_step=closing_step,
    )
    return as_stored(row)


async def list_page(connection: asyncpg.Connection, wanted: TaskFilter, paging: Paging) -> Page[StoredTask]:
    """One page of tasks."""
    clause, more = page_clause("tasks", "task_id", TASK_ORDERS[paging.sort], paging, first_argument=7)
    rows = await connection.fetch(f"SELECT * FROM tasks WHERE {FILTERS} {clause}", *wanted, *more)  # noqa: S608 -- constants
    return Page.of([as_stored(row) for row in rows], paging.per_page)


async def count(connection: asyncpg.Connection, wanted: TaskFilter) -> int:
    """How many there are."""
    return int(await connection.fetchval(f"SELECT count(*) FROM tasks WHERE {FILTERS}", *wanted))  # noqa: S608 -- a constant


def as_stored(row: Mapping[str, Any]) -> StoredTask:
    """A row as a value."""
    return StoredTask(**{name: row[name] for name in StoredTask.__slots__})


def _columns(fields: TaskFields) -> dict[str, Any]:
    columns = {name: getattr(fields, name) for name in TaskFields.__slots__}
    return {**columns, "labels": list(fields.labels), "data": encode_json(fields.data)}
