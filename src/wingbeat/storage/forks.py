"""Forks as rows: the outline of a journal, and the copy of a part of it under a new execution."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.errors import Conflict
from wingbeat.storage.dispatch import enqueue
from wingbeat.storage.journal import RecordedRow
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

# An outline is read in pages of so many rows: between them, others get their turn.
OUTLINE_ROWS = 500
# As many rows are copied by one statement, so that none takes long.
COPIED_AT_ONCE = 20_000
MOST_SCOPES = 1_000
# The mark of an outcome of which each port carries a part of its own.
_SPLIT_MARK = "*"


class OutlineRow(NamedTuple):
    """A row as far as it says how the execution went on; `inputs` are the rows that the step's input came from."""

    row: RecordedRow
    inputs: list[int] | None


class StepRows(NamedTuple):
    """The numbers of the first and the last row of a step; None if there are none."""

    first: int | None
    last: int | None


class GivenRow(NamedTuple):
    """What a person gives for a step. `sequence` is its number in the fork's own journal."""

    sequence: int
    node_id: str
    scope: str
    status: str
    output: bytes | None
    ports: str | None = None
    output_blob: str | None = None


class NewFork(NamedTuple):
    """A fork to be: which rows of the other journal, up to `last`, it brings along, and what is put in besides.

    `except_row` is the row whose place `given` takes, if it takes one. `trigger_data` is encoded JSON, None for that of
    the original. With `keeps_keys` its steps use the idempotency keys of the original.
    """

    execution_id: UUID
    original: UUID
    revision: int
    dropped: Sequence[int]
    last: int
    node_id: str | None
    scope: str | None
    keeps_keys: bool = False
    except_row: int | None = None
    given: GivenRow | None = None
    trigger_data: bytes | None = None

    @property
    def rows(self) -> int:
        """How many rows of the original have a place in the fork's journal."""
        return self.last - len(self.dropped)


async def read_outline(connection: asyncpg.Connection, execution_id: UUID, after: int) -> list[OutlineRow]:
    """Up to `OUTLINE_ROWS` rows after a sequence number, without the one that ends the execution."""
    rows = await load("forks").read_outline(connection, execution_id=execution_id, after=after, most=OUTLINE_ROWS)
    return [_outline(RecordedRow(*columns), inputs) for *columns, inputs in rows]


def _outline(row: RecordedRow, inputs: list[int] | None) -> OutlineRow:
    if row.ports is not None and row.ports.startswith(_SPLIT_MARK):
        row = row._replace(output=dict.fromkeys(row.ports[1:].split(",")))
    return OutlineRow(row, inputs)


async def find_step(
    connection: asyncpg.Connection, execution_id: UUID, node_id: str, scope: str, *, iteration: bool
) -> StepRows:
    """The rows of a step; with `iteration`, of everything in that scope."""
    row = await load("forks").find_step(
        connection, execution_id=execution_id, node_id=node_id, scope=scope, iteration=iteration
    )
    return StepRows(row["first"], row["last"])


async def has_journal(connection: asyncpg.Connection, execution_id: UUID) -> bool:
    """Whether there is anything of the execution's journal; not once retention has dropped it."""
    return bool(await load("forks").has_journal(connection, execution_id=execution_id))


async def has_failed(connection: asyncpg.Connection, execution_id: UUID, node_id: str, scope: str) -> bool:
    """Whether the step failed for good."""
    found = await load("forks").has_failed(connection, execution_id=execution_id, node_id=node_id, scope=scope)
    return bool(found)


async def list_scopes(connection: asyncpg.Connection, execution_id: UUID, node_id: str) -> list[str]:
    """The scopes in which a node has run, the latest first."""
    rows = await load("forks").list_scopes(connection, execution_id=execution_id, node_id=node_id, most=MOST_SCOPES)
    return [row["scope"] for row in rows]


async def insert(connection: asyncpg.Connection, fork: NewFork, *, started_by: int = 0) -> tuple[UUID, datetime]:
    """Put in the fork with its journal and its job, in the caller's transaction; returns its workflow and its start.

    Raises:
        Conflict: `JOURNAL_EXPIRED`, when the original or its journal was deleted meanwhile.
    """
    statements = load("forks")
    row = await statements.insert_fork(
        connection,
        new_id=fork.execution_id,
        execution_id=fork.original,
        revision=fork.revision,
        trigger_data=fork.trigger_data,
        node_id=fork.node_id,
        scope=fork.scope,
        keeps_keys=fork.keeps_keys,
        rows=fork.rows,
        started_by=started_by,
    )
    if row is None:
        raise expired()
    for after in range(0, fork.last, COPIED_AT_ONCE):
        await statements.copy_rows(
            connection,
            new_id=fork.execution_id,
            execution_id=fork.original,
            dropped=list(fork.dropped),
            after=after,
            last=min(fork.last, after + COPIED_AT_ONCE),
            except_row=fork.except_row,
        )
    copied = await statements.count_rows(connection, new_id=fork.execution_id)
    if copied != fork.rows - (fork.except_row is not None):
        raise expired()
    if fork.given is not None:
        await statements.add_row(connection, new_id=fork.execution_id, **fork.given._asdict())
    await enqueue(connection, [(fork.execution_id, row["priority"])])
    return row["workflow_id"], row["start_time"]


def expired() -> Conflict:
    """The refusal of a fork of which nothing is left."""
    return Conflict(
        "The journal of the execution is past its retention; nothing of it is left to go on from.",
        code="JOURNAL_EXPIRED",
        remedy="Start the workflow anew.",
    )
