"""Lists of workflows: which of those that a caller may see, in which order, and how their last executions went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.storage.access import allowed_workflows
from wingbeat.storage.paging import Order, Page, Paging, page_clause
from wingbeat.storage.queries import load
from wingbeat.storage.workflows import as_header

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.storage.workflows import WorkflowHeader

# Ids of executions are in the order in which they began. A workflow that never ran comes before all that did.
LAST_RUN = (
    "coalesce((SELECT e.execution_id FROM workflow_executions e WHERE e.workflow_id = workflows.workflow_id"
    " ORDER BY e.execution_id DESC LIMIT 1), '00000000-0000-0000-0000-000000000000')"
)
# What a list may be sorted by; the first is the default. Ids tell no time: some follow from names.
WORKFLOW_ORDERS = {
    "-created_at": Order("created_at", descending=True),
    "created_at": Order("created_at"),
    "name": Order("name"),
    "-name": Order("name", descending=True),
    "updated_at": Order("updated_at"),
    "-updated_at": Order("updated_at", descending=True),
    "last_run": Order(LAST_RUN),
    "-last_run": Order(LAST_RUN, descending=True),
}
# A list shows what is about a workflow, not what is in it.
LISTED = (
    "workflow_id, name, description, entity_id, community_id, author_id, status, version, revision, "
    "published_revision, created_at, updated_at, published_at, enabled, tags, folder, "
    "json_array_length(nodes) AS node_count"
)
RECENT = 20


@dataclass(frozen=True, slots=True)
class WorkflowFilter:
    """Which workflows are listed: those of which all this holds. None is any; `folder` includes those under it."""

    statuses: Sequence[str]
    text: str | None = None
    tag: str | None = None
    folder: str | None = None
    enabled: bool | None = None
    author_id: int | None = None
    owner_id: int | None = None
    community_id: int | None = None

    def conditions(self, first_argument: int) -> tuple[str, list[object]]:
        """As SQL, and its arguments from `$first_argument` on."""
        arguments: list[object] = []

        def place(value: object) -> str:
            arguments.append(value)
            return f"${first_argument + len(arguments) - 1}"

        parts = [f"status = ANY({place(list(self.statuses))}::text[])"]
        if self.text:
            pattern = place(f"%{escape(self.text)}%")
            parts.append(
                f"(name ILIKE {pattern} OR description ILIKE {pattern}"
                f" OR EXISTS (SELECT FROM unnest(tags) AS t (tag) WHERE t.tag ILIKE {pattern}))"
            )
        if self.tag is not None:
            parts.append(f"tags @> ARRAY[{place(self.tag)}::text]")
        if self.folder is not None:
            inside = place(self.folder)
            parts.append(f"(folder = {inside} OR starts_with(folder, {inside} || '/'))")
        for column, value in (
            ("enabled", self.enabled),
            ("author_id", self.author_id),
            ("author_id", self.owner_id),
            ("community_id", self.community_id),
        ):
            if value is not None:
                parts.append(f"{column} = {place(value)}")
        return " AND ".join(parts), arguments


class Run(NamedTuple):
    """The last execution of a workflow."""

    execution_id: UUID
    status: str
    started_at: datetime
    finished_at: datetime | None


class Runs(NamedTuple):
    """How the last executions of a workflow went: the very last, and the statuses of the last ones, oldest first."""

    last: Run
    recent: list[str]


class Counted(NamedTuple):
    """A tag or a folder, and how many workflows have it or lie in it."""

    name: str
    workflows: int


def escape(text: str) -> str:
    """A text as a pattern of LIKE that stands for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def count(connection: asyncpg.Connection, principal: Principal, wanted: WorkflowFilter) -> int:
    """How many workflows that the caller may see are wanted."""
    conditions, arguments = wanted.conditions(1)
    visible = allowed_workflows(principal, first_argument=1 + len(arguments))
    statement = f"SELECT count(*) FROM workflows WHERE {conditions} AND {visible.sql}"  # noqa: S608 -- constants
    return int(await connection.fetchval(statement, *arguments, *visible.arguments))


async def list_page(
    connection: asyncpg.Connection, principal: Principal, wanted: WorkflowFilter, paging: Paging
) -> Page[WorkflowHeader]:
    """One page of the wanted workflows that the caller may see."""
    conditions, filtering = wanted.conditions(1)
    visible = allowed_workflows(principal, first_argument=1 + len(filtering))
    clause, arguments = page_clause(
        "workflows",
        "workflow_id",
        WORKFLOW_ORDERS[paging.sort],
        paging,
        first_argument=1 + len(filtering) + len(visible.arguments),
        visible=visible.sql,
    )
    rows = await connection.fetch(
        f"SELECT {LISTED} FROM workflows WHERE {conditions} AND {visible.sql} {clause}",  # noqa: S608 -- constants
        *filtering,
        *visible.arguments,
        *arguments,
    )
    return Page.of([as_header(row) for row in rows], paging.per_page)


async def read_runs(connection: asyncpg.Connection, ids: Sequence[UUID]) -> dict[UUID, Runs]:
    """How the last executions of these workflows went; of those that have run."""
    rows = await load("workflow_lists").read_runs(connection, ids=list(ids), most=RECENT)
    found: dict[UUID, Runs] = {}
    for row in rows:  # The newest first.
        workflow_id, status = row["workflow_id"], row["status"]
        if workflow_id not in found:
            found[workflow_id] = Runs(Run(row["execution_id"], status, row["start_time"], row["end_time"]), [])
        found[workflow_id].recent.insert(0, status)
    return found


async def count_tags(connection: asyncpg.Connection, principal: Principal) -> list[Counted]:
    """The tags of the workflows that the caller may see and that are in use, the commonest first."""
    visible = allowed_workflows(principal, first_argument=1)
    rows = await connection.fetch(
        "SELECT t.tag AS name, count(*) AS workflows FROM workflows, unnest(tags) AS t (tag)"  # noqa: S608 -- constants
        f" WHERE status <> 'archived' AND {visible.sql} GROUP BY t.tag ORDER BY count(*) DESC, t.tag LIMIT 1000",
        *visible.arguments,
    )
    return [Counted(row["name"], row["workflows"]) for row in rows]


async def count_folders(connection: asyncpg.Connection, principal: Principal) -> list[Counted]:
    """The folders in which the caller sees workflows that are in use, by name."""
    visible = allowed_workflows(principal, first_argument=1)
    rows = await connection.fetch(
        "SELECT folder AS name, count(*) AS workflows FROM workflows"  # noqa: S608 -- constants
        f" WHERE status <> 'archived' AND folder <> '' AND {visible.sql} GROUP BY folder ORDER BY folder LIMIT 1000",
        *visible.arguments,
    )
    return [Counted(row["name"], row["workflows"]) for row in rows]
