"""Executions that steps of other executions started: how they come into being, and how their ends become known.

A parent's row is locked by whoever adds children to it and by whoever tells it of an end, so that it neither misses an
end nor waits for one that was told before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.core.status import ExecutionStatus
from wingbeat.storage.access import visible_executions
from wingbeat.storage.control import Control, tell
from wingbeat.storage.dispatch import NewExecution, enqueue
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject

MOST_LISTED = 1000


class ParentStep(NamedTuple):
    """The step whose children they are."""

    execution_id: UUID
    node_id: str
    scope: str


class ParentLease(NamedTuple):
    """An execution, and the epoch under which somebody believes to run it."""

    execution_id: UUID
    epoch: int


class Parent(NamedTuple):
    """An execution that starts others."""

    root_execution_id: UUID
    depth: int


class NewChild(NamedTuple):
    """A child to be."""

    new: NewExecution
    step: ParentStep
    root_execution_id: UUID
    depth: int
    number: int
    waits: bool


class KnownChild(NamedTuple):
    """A child that is there."""

    number: int
    execution_id: UUID
    status: ExecutionStatus


class ChildResult(NamedTuple):
    """What a child came to."""

    number: int
    execution_id: UUID
    status: str
    output: Json
    error: JsonObject | None


class ListedChild(NamedTuple):
    """A child as people see it."""

    execution_id: UUID
    workflow_id: UUID
    status: str
    node_id: str
    scope: str
    number: int


class NewTarget(NamedTuple):
    """A step waits until so many of its children have ended; `opening` is encoded JSON."""

    step: ParentStep
    attempt: int
    target: int
    opening: bytes


async def lock_parents(connection: asyncpg.Connection, parents: dict[ParentLease, bool]) -> dict[ParentLease, Parent]:
    """Those whose lease holds, locked until the transaction ends; `parents` says of each whether it will wait."""
    rows = await load("children").lock_parents(
        connection,
        ids=[lease.execution_id for lease in parents],
        epochs=[lease.epoch for lease in parents],
        waits=list(parents.values()),
    )
    return {ParentLease(*row[:2]): Parent(*row[2:]) for row in rows}


async def list_of_steps(
    connection: asyncpg.Connection, steps: Sequence[ParentStep]
) -> dict[ParentStep, list[KnownChild]]:
    """The children that these steps have already."""
    known: dict[ParentStep, list[KnownChild]] = {step: [] for step in steps}
    for parent, node, scope, index, child, status in await load("children").list_of_steps(
        connection, **_columns(steps)
    ):
        known[ParentStep(parent, node, scope)].append(KnownChild(index, child, ExecutionStatus(status)))
    return known


async def insert_leased(
    connection: asyncpg.Connection, children: Sequence[NewChild], worker_id: UUID, slots: int
) -> dict[UUID, datetime]:
    """Put in children that this worker runs from the start, as far as there are slots; says which, and when."""
    await load("dispatch").lock_admission(connection)
    rows = await load("children").insert_leased(
        connection, **_child_columns(children), worker_id=worker_id, slots=slots
    )
    return {row["execution_id"]: row["start_time"] for row in rows}


async def insert_queued(connection: asyncpg.Connection, children: Sequence[NewChild]) -> None:
    """Put in children that wait for a worker."""
    await load("children").insert_queued(connection, **_child_columns(children))
    await enqueue(connection, [(child.new.execution_id, child.new.priority) for child in children])


async def open_waits(connection: asyncpg.Connection, targets: Sequence[NewTarget]) -> dict[ParentStep, UUID]:
    """Let each step wait for its children; gives the waits."""
    rows = await load("children").open_waits(
        connection,
        ids=[new_id() for _ in targets],
        **_columns([target.step for target in targets]),
        attempts=[target.attempt for target in targets],
        targets=[target.target for target in targets],
        openings=[target.opening for target in targets],
    )
    return {ParentStep(*row[:3]): row["wait_id"] for row in rows}


async def first_opening(connection: asyncpg.Connection, step: ParentStep) -> Json:
    """What the step wanted when it first waited; None if it did not."""
    found: Json = await load("children").first_opening(
        connection, parent=step.execution_id, node=step.node_id, scope=step.scope
    )
    return found


async def read_results(connection: asyncpg.Connection, step: ParentStep, *, only_bad: bool) -> list[ChildResult]:
    """What the children of a step came to, in order; with `only_bad` those that did not complete."""
    rows = await load("children").read_results(
        connection, parent=step.execution_id, node=step.node_id, scope=step.scope, only_bad=only_bad
    )
    return [ChildResult(*row) for row in rows]


async def running_of_step(connection: asyncpg.Connection, step: ParentStep) -> list[UUID]:
    """The children of a step that have not ended."""
    rows = await load("children").running_of_step(
        connection, parent=step.execution_id, node=step.node_id, scope=step.scope
    )
    return [row["execution_id"] for row in rows]


async def list_children(connection: asyncpg.Connection, principal: Principal, parent: UUID) -> list[ListedChild]:
    """The children of an execution that the caller may see, by step and number; the first thousand."""
    visible = visible_executions(principal, first_argument=3)
    statement = (
        "SELECT execution_id, workflow_id, status, parent_node_id, parent_scope, child_index"  # noqa: S608 -- constants
        f" FROM workflow_executions WHERE parent_execution_id = $1 AND {visible.sql}"
        " ORDER BY parent_node_id, parent_scope, child_index LIMIT $2"
    )
    return [ListedChild(*row) for row in await connection.fetch(statement, parent, MOST_LISTED, *visible.arguments)]


async def list_pausable(connection: asyncpg.Connection, parents: Sequence[UUID]) -> list[UUID]:
    """The children that executions wait for and that could be paused."""
    rows = await load("children").pausable_children(connection, parents=list(parents))
    return [row["execution_id"] for row in rows]


async def list_resting(connection: asyncpg.Connection, parents: Sequence[UUID]) -> list[UUID]:
    """The children that executions wait for and that are paused; those that ask something are for people to answer."""
    rows = await load("children").resting_children(connection, parents=list(parents))
    return [row["execution_id"] for row in rows]


async def tell_parents(connection: asyncpg.Connection, steps: Iterable[ParentStep]) -> set[ParentStep]:
    """Look which of these steps have waited for enough of their children, and wake their executions.

    In the caller's transaction, which holds the parents until it ends. Returns the steps that nothing could be done
    about, since somebody else holds their executions at the moment.
    """
    statements = load("children")
    wanted = list(steps)
    rows = await statements.lock_waiting_parents(connection, ids=sorted({step.execution_id for step in wanted}))
    parents = {row["execution_id"]: row for row in rows if row["locked"]}
    held = {row["execution_id"] for row in rows if not row["locked"]}
    living = [step for step in wanted if step.execution_id in parents]
    if living:
        await _resolve(connection, living, parents)
    return {step for step in wanted if step.execution_id in held}


async def _resolve(
    connection: asyncpg.Connection, steps: Sequence[ParentStep], parents: dict[UUID, asyncpg.Record]
) -> None:
    statements = load("children")
    resolved = await statements.resolve_waits(connection, **_columns(steps))
    for parent, wait in resolved:
        if parents[parent]["worker_id"] is not None:
            await tell(connection, parent, Control.SIGNAL, wait=str(wait))
    idle = sorted({parent for parent, _ in resolved if parents[parent]["worker_id"] is None})
    if idle:
        woken = await statements.wake_parents(connection, ids=idle)
        await enqueue(connection, [(row["execution_id"], row["priority"]) for row in woken])


async def unwanted_children(connection: asyncpg.Connection, parents: Sequence[UUID]) -> list[UUID]:
    """Children that nobody waits for any more, though they were started to be waited for."""
    rows = await load("children").unwanted_children(connection, parents=list(parents))
    return [row["execution_id"] for row in rows]


def _columns(steps: Sequence[ParentStep]) -> dict[str, list[object]]:
    return {
        "parents": [step.execution_id for step in steps],
        "nodes": [step.node_id for step in steps],
        "scopes": [step.scope for step in steps],
    }


def _child_columns(children: Sequence[NewChild]) -> dict[str, list[object]]:
    names = ("ids", "workflow_ids", "revisions", "triggers", "data", "variables", "priorities")
    # What a trigger says of itself is not for them: it is their parent that started them.
    new = zip(*(child.new[: len(names)] for child in children), strict=True)
    return {
        **{name: list(values) for name, values in zip(names, new, strict=True)},
        **_columns([child.step for child in children]),
        "roots": [child.root_execution_id for child in children],
        "depths": [child.depth for child in children],
        "indexes": [child.number for child in children],
        "waits": [child.waits for child in children],
    }
