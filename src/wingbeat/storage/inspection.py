"""Journals as somebody looks at them, part by part: lines without values, and what came of each node."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject


@dataclass(frozen=True, slots=True)
class StepLine:
    """A row of a journal without its values. `retry_at` is when it is tried again, `until` how long it waits."""

    sequence: int
    node_id: str
    scope: str
    attempt: int
    status: str
    ports: list[str]
    started_at: datetime
    ended_at: datetime
    error_code: str | None
    error_message: str | None
    retry_at: datetime | None
    until: datetime | None
    has_log: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """A row of a journal with its values; an output that is large lies in a blob."""

    line: StepLine
    inputs: list[int] | None
    output: Json
    output_blob: str | None
    error: JsonObject | None
    changes: Json
    log: Json


@dataclass(frozen=True, slots=True)
class RowOfStep:
    """One of the rows of a step: an attempt, or a part of one."""

    sequence: int
    attempt: int
    status: str
    started_at: datetime
    ended_at: datetime
    error_code: str | None


@dataclass(frozen=True, slots=True)
class NodeSummary:
    """What came of a node in an execution. `scopes` is in how many iterations it ran, `seconds` how long in all."""

    node_id: str
    runs: int
    failures: int
    retries: int
    scopes: int
    first_start: datetime
    last_end: datetime
    seconds: float
    last_status: str
    last_scope: str
    last_sequence: int
    last_error_code: str | None


@dataclass(frozen=True, slots=True)
class Iteration:
    """One scope in which a node ran, from its first row to its last."""

    scope: str
    sequence: int
    last_sequence: int
    attempts: int
    status: str
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a journal, behind a sequence number."""

    after: int = 0
    node_id: str | None = None
    scope: str | None = None
    statuses: Sequence[str] | None = None
    most: int = 1000


async def list_lines(connection: asyncpg.Connection, execution_id: UUID, wanted: Wanted) -> list[StepLine]:
    """Rows in their order, one more than `most` if there are more."""
    rows = await load("inspection").list_lines(
        connection,
        execution_id=execution_id,
        after=wanted.after,
        node_id=wanted.node_id,
        scope=wanted.scope,
        statuses=None if wanted.statuses is None else list(wanted.statuses),
        most=wanted.most + 1,
    )
    return [StepLine(**{**row, "ports": _ports(row["status"], row["ports"])}) for row in rows]


async def summarise(connection: asyncpg.Connection, execution_id: UUID) -> list[NodeSummary]:
    """One line for each node that ran, in the order in which they first did."""
    return [NodeSummary(**row) for row in await load("inspection").summarise(connection, execution_id=execution_id)]


async def list_iterations(
    connection: asyncpg.Connection, execution_id: UUID, node_id: str, *, after: int, most: int
) -> list[Iteration]:
    """The scopes in which a node ran, one more than `most` if there are more."""
    rows = await load("inspection").list_iterations(
        connection, execution_id=execution_id, node_id=node_id, after=after, most=most + 1
    )
    return [Iteration(**row) for row in rows]


async def list_of_step(
    connection: asyncpg.Connection, execution_id: UUID, line: StepLine, most: int
) -> list[RowOfStep]:
    """All rows of the step that a row is of."""
    rows = await load("inspection").list_of_step(
        connection, execution_id=execution_id, node_id=line.node_id, scope=line.scope, most=most
    )
    return [RowOfStep(**row) for row in rows]


async def read_step(connection: asyncpg.Connection, execution_id: UUID, sequence: int) -> StepRow | None:
    """One row, or None."""
    row = await load("inspection").read_step(connection, execution_id=execution_id, sequence=sequence)
    if row is None:
        return None
    error, output = row["error"] or {}, row["output"]
    line = StepLine(
        **{name: row[name] for name in ("sequence", "node_id", "scope", "attempt", "status", "started_at", "ended_at")},
        ports=_ports(row["status"], row["ports"]),
        error_code=error.get("code"),
        error_message=error.get("message"),
        retry_at=_moment(error.get("retry_at")),
        until=_moment(output.get("until")) if row["status"] == "waiting" and isinstance(output, dict) else None,
        has_log=row["log"] is not None,
    )
    return StepRow(line, *(row[name] for name in ("inputs", "output", "output_blob", "error", "changes", "log")))


def _ports(status: str, ports: str | None) -> list[str]:
    # The row of an end keeps the final status where others have their ports.
    return [] if status == "ended" or not ports else ports.lstrip("*").split(",")


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else None
