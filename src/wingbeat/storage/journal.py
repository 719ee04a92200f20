"""The journal's statements: rows of many executions in one transaction, behind the fence of their epochs.

Executions are locked in the order of their ids, here and wherever several are, so that nobody waits in a circle.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from wingbeat.storage.dispatch import enqueue, release_parked
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject

TABLE = "workflow_execution_steps"
# A journal is read in pages of so many rows, so that a long one never is in memory as a whole.
PAGE_ROWS = 500


ENDING_COLUMNS = ("ids", "epochs", "statuses", "outputs", "errors", "counts", "paths", "states", "variables", "ends")
# Up to so many rows of executions that run on go with one statement; more are cheaper to copy, in a transaction.
MOST_ROWS_TO_INSERT = 500
# The parameters of `finish` for the fields of a JournalRow, in their order.
ROW_COLUMNS = (
    *("execution_ids", "sequences", "node_ids", "scopes", "attempts", "row_statuses", "started", "ended", "row_epochs"),
    *("ports", "inputs", "row_outputs", "blobs", "row_errors", "changes", "logs"),
)


class JournalRow(NamedTuple):
    """One row; JSON is encoded."""

    execution_id: UUID
    sequence: int
    node_id: str
    scope: str
    attempt: int
    status: str
    started_at: datetime
    ended_at: datetime
    epoch: int
    ports: str | None = None
    inputs: list[int] | None = None
    output: bytes | None = None
    output_blob: str | None = None
    error: bytes | None = None
    changes: bytes | None = None
    log: bytes | None = None


class Ending(NamedTuple):
    """An execution becomes terminal, at `ended_at` by the database's clock."""

    execution_id: UUID
    epoch: int
    status: str
    output: bytes
    error: bytes | None
    executed: int
    path: bytes
    states: bytes
    variables: bytes
    ended_at: datetime


class Release(NamedTuple):
    """An execution lets go of its worker. `wake` is in seconds since the epoch; with a `question` it rests.

    `awaits` are the ids of its waits: it goes on at once if one of them was resolved meanwhile.
    """

    execution_id: UUID
    epoch: int
    status: str
    wake: float | None
    question: bytes | None = None
    awaits: str | None = None


class RecordedRow(NamedTuple):
    """One row as read back; JSON is decoded."""

    sequence: int
    node_id: str
    scope: str
    attempt: int
    status: str
    ports: str | None
    output: Json
    output_blob: str | None
    error: JsonObject | None
    changes: Json
    ended_at: datetime


class Batch(NamedTuple):
    """What one transaction writes. `freed` are workflows with limits of which an execution ends here.

    `checks` are executions with their epochs that have nothing to write, but want to know whether they still are the
    writer's.
    """

    rows: list[JournalRow]
    endings: list[Ending]
    releases: list[Release]
    freed: list[UUID]
    checks: Sequence[tuple[UUID, int]] = ()

    def epochs(self) -> dict[UUID, int]:
        """The executions that the batch is about, with the epoch under which they are held."""
        epochs = dict(self.checks)
        epochs.update((row.execution_id, row.epoch) for row in self.rows)
        epochs.update((ending.execution_id, ending.epoch) for ending in self.endings)
        epochs.update((release.execution_id, release.epoch) for release in self.releases)
        return epochs

    def size(self) -> int:
        """Roughly how many bytes the batch sends."""
        fields = [field for item in (*self.rows, *self.endings) for field in item if isinstance(field, bytes)]
        return sum(map(len, fields))

    def part(self, execution_id: UUID) -> Batch:
        """What the batch holds of one execution."""
        return Batch(
            [row for row in self.rows if row.execution_id == execution_id],
            [item for item in self.endings if item.execution_id == execution_id],
            [item for item in self.releases if item.execution_id == execution_id],
            self.freed,
            [check for check in self.checks if check[0] == execution_id],
        )


async def write(connection: asyncpg.Connection, batch: Batch) -> set[UUID]:
    """Write a batch in one transaction.

    Returns:
        the executions that are no longer the writer's; nothing of theirs was written.
    """
    epochs = batch.epochs()
    ending = {item.execution_id for item in batch.endings}
    staying = epochs.keys() - ending
    alone = not staying or (not ending and not batch.releases and len(batch.rows) <= MOST_ROWS_TO_INSERT)
    if alone and not batch.freed:
        # The usual case of short executions and of single steps: one statement, which is a transaction by itself. It
        # either ends executions or holds some, so that all are locked in one order.
        mine = {one: epochs[one] for one in sorted(staying)}
        return epochs.keys() - await _finish(connection, batch.endings, batch.rows, mine)
    async with connection.transaction():
        held = await _hold(connection, epochs)
        ended = [row for row in batch.rows if row.execution_id in ending]
        accepted = await _finish(connection, batch.endings, ended, {}) if ending else set()
        accepted |= await _release(connection, batch.releases)
        accepted |= held - ending - {item.execution_id for item in batch.releases}
        rows = [row for row in batch.rows if row.execution_id in accepted and row.execution_id not in ending]
        if rows:
            await connection.copy_records_to_table(TABLE, records=rows, columns=JournalRow._fields)
        if batch.freed:
            await release_parked(connection, sorted(set(batch.freed)), len(batch.freed))
    return epochs.keys() - accepted


async def _hold(connection: asyncpg.Connection, epochs: Mapping[UUID, int]) -> set[UUID]:
    """Lock all that the transaction is about, before it changes any: one order for all, whatever becomes of each."""
    held = sorted(epochs)
    rows = await load("journal").hold(connection, ids=held, epochs=[epochs[one] for one in held])
    return {row["execution_id"] for row in rows}


async def _finish(
    connection: asyncpg.Connection, endings: Sequence[Ending], rows: Sequence[JournalRow], held: dict[UUID, int]
) -> set[UUID]:
    """End executions and write their last rows, and rows of those that are `held` under these epochs and run on.

    Returns those that were still the writer's.
    """
    in_order = sorted(endings, key=lambda ending: ending.execution_id)
    as_text = [row._replace(inputs=_array_text(row.inputs)) if row.inputs else row for row in rows]
    columns = _columns(ENDING_COLUMNS, in_order) | _columns(ROW_COLUMNS, as_text)
    rows_of_ours = await load("journal").finish(
        connection, held_ids=list(held), held_epochs=list(held.values()), **columns
    )
    return {row["execution_id"] for row in rows_of_ours}


def _array_text(numbers: Sequence[int]) -> Any:  # noqa: ANN401 -- stands where a list is
    """A list of numbers as PostgreSQL writes it: an array of arrays would have to be rectangular."""
    return f"{{{','.join(map(str, numbers))}}}"


async def _release(connection: asyncpg.Connection, releases: Sequence[Release]) -> set[UUID]:
    if not releases:
        return set()
    in_order = sorted(releases, key=lambda release: release.execution_id)
    names = ("ids", "epochs", "statuses", "wakes", "questions", "awaits")
    rows = await load("journal").release(connection, **_columns(names, in_order))
    await enqueue(connection, [(row["execution_id"], row["priority"]) for row in rows if row["status"] == "pending"])
    return {row["execution_id"] for row in rows}


def _columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    if not rows:
        return {name: [] for name in names}
    return {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}


async def without_written(connection: asyncpg.Connection, batch: Batch) -> Batch:
    """The part of a batch that is not in the database yet, when the answer to its commit was lost."""
    epochs = batch.epochs()
    statements = load("journal")
    ids = list(epochs)
    last = {row["execution_id"]: (row["last"], row["epoch"]) for row in await statements.written(connection, ids=ids)}
    settled = {
        row["execution_id"]
        for row in await statements.settled(connection, ids=ids, epochs=[epochs[one] for one in ids])
    }
    return Batch(
        [row for row in batch.rows if row.execution_id not in settled and not _is_written(row, last)],
        [item for item in batch.endings if item.execution_id not in settled],
        [item for item in batch.releases if item.execution_id not in settled],
        batch.freed,
        [check for check in batch.checks if check[0] not in settled],
    )


def _is_written(row: JournalRow, last: dict[UUID, tuple[int, int]]) -> bool:
    sequence, epoch = last.get(row.execution_id, (0, 0))
    return row.sequence <= sequence and row.epoch == epoch


async def read_page(connection: asyncpg.Connection, execution_id: UUID, after: int) -> list[RecordedRow]:
    """Up to `PAGE_ROWS` rows of a journal after a sequence number, in order; fewer only at its end."""
    rows = await load("journal").read_page(connection, execution_id=execution_id, after=after, most=PAGE_ROWS)
    return [RecordedRow(*row) for row in rows]


async def read_first_pages(connection: asyncpg.Connection, ids: Sequence[UUID]) -> dict[UUID, list[RecordedRow]]:
    """The first page of the journals of all of these."""
    journals: dict[UUID, list[RecordedRow]] = {execution_id: [] for execution_id in ids}
    rows = await load("journal").read_first_pages(connection, ids=list(journals), most=PAGE_ROWS)
    for execution_id, *row in rows:
        journals[execution_id].append(RecordedRow(*row))
    return journals
