"""Rows of tasks: written, read, listed. What may be done with one is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.core.access import Permission
from wingbeat.core.people import names_of
from wingbeat.storage.access import Condition, allowed_workflows
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.paging import Order, Page, Paging, page_clause
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
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
    author_id: int
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
    """The step that made a task, if one did, and whose it is: of one that a step made, whose the workflow is."""

    workflow_id: UUID | None = None
    execution_id: UUID | None = None
    node_id: str | None = None
    scope: str | None = None
    community_id: int = 0
    author_id: int = 0
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


def visible_tasks(principal: Principal, *, first_argument: int) -> Condition:
    """The condition that a task is one that the caller may see: addressed to it, its own, or of what it may see.

    Of the tasks of a community, those see all who may run things there; of a workflow, who may see the workflow.
    """
    workflows = allowed_workflows(principal, first_argument=first_argument, table="w")
    if not workflows.arguments:
        return workflows
    place = first_argument + len(workflows.arguments)
    sql = (
        f"(tasks.assignee = ANY(${place}::text[]) OR tasks.author_id = nullif(${place + 1}::int, 0)"
        f" OR tasks.community_id = ANY(${place + 2}::int[])"
        f" OR EXISTS (SELECT FROM workflows w WHERE w.workflow_id = tasks.workflow_id AND {workflows.sql}))"
    )
    own = (list(names_of(principal)), principal.user_id, principal.communities_with(Permission.EXECUTE))
    return Condition(sql, (*workflows.arguments, *own))


async def list_page(
    connection: asyncpg.Connection, principal: Principal, wanted: TaskFilter, paging: Paging
) -> Page[StoredTask]:
    """One page of the tasks that the caller may see."""
    visible = visible_tasks(principal, first_argument=7)
    clause, more = page_clause(
        "tasks",
        "task_id",
        TASK_ORDERS[paging.sort],
        paging,
        first_argument=7 + len(visible.arguments),
        visible=visible.sql,
    )
    statement = f"SELECT * FROM tasks WHERE {FILTERS} AND {visible.sql} {clause}"  # noqa: S608 -- constants
    rows = await connection.fetch(statement, *wanted, *visible.arguments, *more)
    return Page.of([as_stored(row) for row in rows], paging.per_page)


async def count(connection: asyncpg.Connection, principal: Principal, wanted: TaskFilter) -> int:
    """How many there are."""
    visible = visible_tasks(principal, first_argument=7)
    statement = f"SELECT count(*) FROM tasks WHERE {FILTERS} AND {visible.sql}"  # noqa: S608 -- constants
    return int(await connection.fetchval(statement, *wanted, *visible.arguments))


async def is_reached(connection: asyncpg.Connection, task_id: UUID, execution_id: UUID) -> bool | None:
    """Whether a task is one that an execution may do something with; None if there is none."""
    found: bool | None = await load("tasks").is_reached(connection, task_id=task_id, execution_id=execution_id)
    return found


def as_stored(row: Mapping[str, Any]) -> StoredTask:
    """A row as a value."""
    return StoredTask(**{name: row[name] for name in StoredTask.__slots__})


def _columns(fields: TaskFields) -> dict[str, Any]:
    columns = {name: getattr(fields, name) for name in TaskFields.__slots__}
    return {**columns, "labels": list(fields.labels), "data": encode_json(fields.data)}
