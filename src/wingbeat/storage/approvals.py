"""Rows of approvals and of the decisions about them: written, read, listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

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
    from wingbeat.core.json_value import Json, JsonObject

# What a list may be sorted by; the first is the default.
APPROVAL_ORDERS = {
    "-created_at": Order("created_at", descending=True),
    "created_at": Order("created_at"),
    "expires_at": Order("coalesce(expires_at, 'infinity'::timestamptz)"),
}
# With an approver: what this one is asked; of pending ones, only those that they have not decided and somebody awaits.
FILTERS = """
    ($1::text[] IS NULL OR status = ANY($1))
    AND ($2::uuid IS NULL OR execution_id = $2)
    AND ($3::text IS NULL OR approvers @> ARRAY[$3])
    AND (NOT $4::boolean OR (
        status = 'pending' AND (expires_at IS NULL OR expires_at > clock_timestamp())
        AND NOT EXISTS (
            SELECT FROM approval_decisions d WHERE d.approval_id = approvals.approval_id AND d.approver = $3
        )
        AND EXISTS (
            SELECT FROM workflow_waits w JOIN workflow_executions e USING (execution_id)
            WHERE w.kind = 'approval' AND w.key = approvals.approval_id::text
              AND (w.outcome IS NULL OR w.outcome = 'expired') AND e.status NOT IN ('completed', 'failed', 'cancelled')
        )
    ))
"""


@dataclass(frozen=True, slots=True)
class StoredApproval:
    """A question; `now` is the database's clock when it was read."""

    approval_id: UUID
    title: str
    text: str
    data: Json
    options: list[JsonObject]
    form: list[Json]
    approvers: list[str]
    rule: str
    needed: int
    status: str
    outcome: str | None
    level: int
    expires_at: datetime | None
    workflow_id: UUID | None
    execution_id: UUID
    node_id: str
    scope: str
    community_id: int
    created_at: datetime
    decided_at: datetime | None
    now: datetime


class StoredDecision(NamedTuple):
    """What one approver decided, when, and by which way; `decided_by` is the user, if one is known."""

    approver: str
    option: str
    comment: str
    fields: JsonObject
    way: str
    decided_at: datetime
    decided_by: int = 0


class ApprovalFields(NamedTuple):
    """What a step asks."""

    title: str
    text: str
    data: Json
    options: list[Json]
    form: list[Json]
    approvers: Sequence[str]
    rule: str
    needed: int
    expires_at: datetime | None
    workflow_id: UUID
    execution_id: UUID
    node_id: str
    scope: str


class ApprovalFilter(NamedTuple):
    """Which approvals to list; None is all. `open_only`: what the approver can decide now."""

    statuses: Sequence[str] | None = None
    execution_id: UUID | None = None
    approver: str | None = None
    open_only: bool = False


async def insert(connection: asyncpg.Connection, approval_id: UUID, fields: ApprovalFields) -> None:
    """A new one, unless there is one with this id already."""
    columns: dict[str, Any] = fields._asdict()
    for name in ("data", "options", "form"):
        columns[name] = encode_json(columns[name])
    await load("approvals").insert_approval(
        connection, approval_id=approval_id, **{**columns, "approvers": list(fields.approvers)}
    )


async def get(connection: asyncpg.Connection, approval_id: UUID, *, lock: bool = False) -> StoredApproval | None:
    """The approval, or None; with `lock`, kept from changing until the caller's transaction ends."""
    query = load("approvals").lock_approval if lock else load("approvals").get_approval
    row = await query(connection, approval_id=approval_id)
    return None if row is None else as_stored(row)


async def is_awaited(connection: asyncpg.Connection, approval_id: UUID) -> bool:
    """Whether a step still waits for it."""
    return bool(await load("approvals").is_awaited(connection, approval_id_text=str(approval_id)))


async def list_decisions(
    connection: asyncpg.Connection, approval_ids: Sequence[UUID]
) -> dict[UUID, list[StoredDecision]]:
    """The decisions about each, in their order."""
    found: dict[UUID, list[StoredDecision]] = {approval_id: [] for approval_id in approval_ids}
    for row in await load("approvals").list_decisions(connection, approval_ids=list(approval_ids)):
        decision = StoredDecision(*(row[name] for name in StoredDecision._fields))
        found[row["approval_id"]].append(decision)
    return found


def visible_approvals(principal: Principal, *, first_argument: int) -> Condition:
    """The condition that an approval is one that the caller may see: it is asked, or may see the workflow."""
    workflows = allowed_workflows(principal, first_argument=first_argument, table="w")
    if not workflows.arguments:
        return workflows
    sql = (
        f"(approvals.approvers && ${first_argument + len(workflows.arguments)}::text[]"
        f" OR EXISTS (SELECT FROM workflows w WHERE w.workflow_id = approvals.workflow_id AND {workflows.sql}))"
    )
    return Condition(sql, (*workflows.arguments, list(names_of(principal))))


async def list_page(
    connection: asyncpg.Connection, principal: Principal, wanted: ApprovalFilter, paging: Paging
) -> Page[StoredApproval]:
    """One page of the approvals that the caller may see."""
    visible = visible_approvals(principal, first_argument=5)
    clause, more = page_clause(
        "approvals",
        "approval_id",
        APPROVAL_ORDERS[paging.sort],
        paging,
        first_argument=5 + len(visible.arguments),
        visible=visible.sql,
    )
    statement = f"SELECT *, clock_timestamp() AS now FROM approvals WHERE {FILTERS} AND {visible.sql} {clause}"  # noqa: S608
    rows = await connection.fetch(statement, *wanted, *visible.arguments, *more)
    return Page.of([as_stored(row) for row in rows], paging.per_page)


async def count(connection: asyncpg.Connection, principal: Principal, wanted: ApprovalFilter) -> int:
    """How many there are."""
    visible = visible_approvals(principal, first_argument=5)
    statement = f"SELECT count(*) FROM approvals WHERE {FILTERS} AND {visible.sql}"  # noqa: S608 -- constants
    return int(await connection.fetchval(statement, *wanted, *visible.arguments))


def as_stored(row: Mapping[str, Any]) -> StoredApproval:
    """A row as a value."""
    return StoredApproval(**{name: row[name] for name in StoredApproval.__slots__})
