"""Lists of decisions: the answer to "why did it (not) run?", as far as the caller may see the workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wingbeat.storage.access import of_visible_workflow, sees_many
from wingbeat.storage.decisions import Outcome
from wingbeat.storage.paging import Order, Page, Paging, page_clause

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import JsonObject

# By id, which tells the time of the decision to the millisecond.
DECISION_ORDERS = {"-at": Order("decision_id", descending=True), "at": Order("decision_id")}


class StoredDecision(NamedTuple):
    """One evaluation of a trigger as it is kept."""

    decision_id: UUID
    at: datetime
    workflow_id: UUID
    kind: str
    trigger_id: UUID | None
    node_id: str | None
    outcome: str
    execution_id: UUID | None
    planned_for: datetime | None
    reason: str
    detail: JsonObject
    actor: int


class DecisionFilter(NamedTuple):
    """Which decisions a list is of; empty `outcomes` are all of them."""

    workflow_id: UUID | None = None
    outcomes: Sequence[str] = ()
    kind: str | None = None
    trigger_id: UUID | None = None
    node_id: str | None = None
    execution_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


COLUMNS = ", ".join(f"d.{name}" for name in StoredDecision._fields)
EQUAL = ("workflow_id", "kind", "trigger_id", "node_id")


async def list_page(
    connection: asyncpg.Connection, principal: Principal, wanted: DecisionFilter, paging: Paging
) -> Page[StoredDecision]:
    """One page of the decisions about workflows that the caller may see."""
    sifted = wanted != DecisionFilter()
    many = wanted.workflow_id is None and await sees_many(connection, principal, sifted=sifted)
    conditions, arguments = _conditions(principal, wanted, many=many)
    clause, more = page_clause(
        "trigger_decisions",
        "decision_id",
        DECISION_ORDERS[paging.sort],
        paging,
        first_argument=len(arguments) + 1,
        visible=of_visible_workflow(principal, first_argument=1, table="trigger_decisions").sql,
    )
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM trigger_decisions d WHERE {conditions} {clause}",  # noqa: S608 - constants
        *arguments,
        *more,
    )
    return Page.of([StoredDecision(*row) for row in rows], paging.per_page)


async def count(connection: asyncpg.Connection, principal: Principal, wanted: DecisionFilter) -> int:
    """How many of them there are."""
    conditions, arguments = _conditions(principal, wanted)
    statement = f"SELECT count(*) FROM trigger_decisions d WHERE {conditions}"  # noqa: S608 - constants
    return int(await connection.fetchval(statement, *arguments))


def _conditions(principal: Principal, wanted: DecisionFilter, *, many: bool = False) -> tuple[str, list[object]]:
    visible = of_visible_workflow(principal, first_argument=1, table="d", many=many)
    values: list[object] = list(visible.arguments)
    conditions = [visible.sql]
    compared = [(f"d.{name} =", getattr(wanted, name)) for name in EQUAL]
    for comparison, value in (*compared, ("d.at >=", wanted.since), ("d.at <", wanted.until)):
        if value is not None:
            values.append(value)
            conditions.append(f"{comparison} ${len(values)}")
    if wanted.outcomes:
        values.append(list(wanted.outcomes))
        conditions.append(f"d.outcome = ANY(${len(values)}::text[])")
        if Outcome.FIRED.value not in wanted.outcomes:
            conditions.append("d.outcome <> 'fired'")  # Said so, since those have an index of their own.
    if wanted.execution_id is not None:
        values.append(wanted.execution_id)
        same = f"${len(values)}"
        conditions.append(f"(d.decision_id = {same} OR (d.execution_id = {same} AND d.outcome <> 'fired'))")
    return " AND ".join(conditions), values
