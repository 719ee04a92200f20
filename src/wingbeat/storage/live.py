"""What is told and read of executions that somebody watches. Outputs, inputs and logs never pass through here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.status import ExecutionStatus
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import JsonObject
    from wingbeat.storage.workflows import WorkflowHeader

# Who watches tells workers here what it is, and workers tell them there what has moved.
WATCHED = "wingbeat_watched"
MOVED = "wingbeat_moved"
LONGEST_NAME = 200


class Standing(NamedTuple):
    """How an execution stands; `sequence` is how far its journal goes, and `steps` are those that rest for a person."""

    execution_id: UUID
    workflow_id: UUID
    status: ExecutionStatus
    epoch: int
    start_time: datetime
    end_time: datetime | None
    wake_at: datetime | None
    seconds: float | None
    code: str | None
    message: str | None
    node: str | None
    scope: str | None
    steps: list[JsonObject] | None
    sequence: int


class WatchedRow(NamedTuple):
    """A row of a journal without what is big; `total` is how many items a loop was opened over."""

    sequence: int
    node_id: str
    scope: str
    attempt: int
    status: str
    ports: str | None
    started_at: datetime
    ended_at: datetime
    code: str | None
    message: str | None
    retry_at: float | None
    total: int | None


class NodeCount(NamedTuple):
    """What a stretch of a journal has of one node; `last` is the row to show of it, if there is any.

    `ports` says how often it went on through which, as a row of the journal names them.
    """

    node_id: str
    completed: int
    failed: int
    retried: int
    sequence: int
    last: int | None
    duration_ms: float
    ports: dict[str, int]


class ListedExecution(NamedTuple):
    """An execution as a list shows it, and who started it."""

    execution_id: UUID
    workflow_id: UUID
    status: ExecutionStatus
    start_time: datetime
    end_time: datetime | None
    seconds: float | None
    started_by: int


async def tell(connection: asyncpg.Connection, channel: str, messages: Sequence[str]) -> None:
    """Tell everybody who listens; a message has at most 8,000 bytes."""
    await load("live").tell(connection, channel=channel, messages=list(messages))


async def tell_decided(connection: asyncpg.Connection, execution_id: UUID, workflow_id: UUID) -> None:
    """Tell whoever watches, once the transaction is committed, that an execution was decided about from outside."""
    notice = {"executions": [execution_id.hex], "workflows": [workflow_id.hex], "more": False}
    await tell(connection, MOVED, [json.dumps(notice)])


async def tell_edited(connection: asyncpg.Connection, header: WorkflowHeader, action: str, by: str) -> None:
    """Tell whoever watches, once the transaction is committed, that somebody has changed a workflow."""
    told = [header.workflow_id.hex, action, header.revision, header.published_revision, by[:LONGEST_NAME]]
    await tell(connection, MOVED, [json.dumps({"edited": told})])


async def read_revisions(
    connection: asyncpg.Connection, ids: Collection[UUID]
) -> list[tuple[UUID, int, int | None, str]]:
    """At which revision workflows are, which one runs, and who saved the former."""
    return [tuple(row) for row in await load("live").read_revisions(connection, ids=list(ids))]


async def read_standings(connection: asyncpg.Connection, ids: Collection[UUID]) -> dict[UUID, Standing]:
    """How these executions stand, as far as there are such."""
    rows = await load("live").read_standings(connection, ids=list(ids))
    return {row["execution_id"]: _as_standing(row) for row in rows}


async def read_rows(
    connection: asyncpg.Connection, cursors: Collection[tuple[UUID, int]], most: int
) -> Mapping[tuple[UUID, int], list[WatchedRow]]:
    """For each journal and sequence number the next rows after it, up to `most`."""
    found: dict[tuple[UUID, int], list[WatchedRow]] = {cursor: [] for cursor in cursors}
    ids, afters = [one[0] for one in found], [one[1] for one in found]
    for execution_id, after, *row in await load("live").read_rows(connection, ids=ids, afters=afters, most=most):
        found[execution_id, after].append(WatchedRow(*row))
    return found


async def count_rows(
    connection: asyncpg.Connection, execution_id: UUID, after: int, until: int
) -> tuple[list[NodeCount], list[WatchedRow]]:
    """What the rows after one number, up to another, come to by node, and of each node the last row."""
    statements = load("live")
    rows = await statements.count_rows(connection, execution_id=execution_id, after=after, until=until)
    counts = [NodeCount(*row) for row in rows]
    sequences = [count.last for count in counts if count.last is not None]
    last = await statements.read_rows_at(connection, execution_id=execution_id, sequences=sequences)
    return counts, [WatchedRow(*row[2:]) for row in map(tuple, last)]


async def read_listed(connection: asyncpg.Connection, ids: Collection[UUID]) -> list[ListedExecution]:
    """These executions, as lists show them."""
    rows = await load("live").read_listed(connection, ids=list(ids))
    return [
        ListedExecution(
            row["execution_id"],
            row["workflow_id"],
            ExecutionStatus(row["status"]),
            row["start_time"],
            row["end_time"],
            _seconds(row),
            row["started_by"],
        )
        for row in rows
    ]


def _as_standing(row: asyncpg.Record) -> Standing:
    values = {name: row[name] for name in Standing._fields if name != "seconds"}
    return Standing(**{**values, "status": ExecutionStatus(row["status"]), "seconds": _seconds(row)})


def _seconds(row: asyncpg.Record) -> float | None:
    seconds = row["execution_time_seconds"]
    return None if seconds is None else float(seconds)
