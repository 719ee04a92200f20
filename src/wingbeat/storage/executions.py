"""Executions and their steps, as they are read.

How they come to workers is in dispatch.py, what is decided about them from outside in control.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from wingbeat.core.status import ExecutionStatus
from wingbeat.storage.access import sees_many, visible_executions
from wingbeat.storage.identifiers import lowest_id
from wingbeat.storage.paging import Order, Page, Paging, page_clause
from wingbeat.storage.queries import load
from wingbeat.storage.secret_addresses import without_addresses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject

# At least the first eight digits, so that few words are taken for one.
BEGINNING_OF_ID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{1,4}){0,3}(-?[0-9a-f]{0,12})")
# Whoever may not see an address that decides something is not to find it out letter by letter either.
_OF_MESSAGE = f"error_message ILIKE $? AND {without_addresses('error_message')} ILIKE $?"
_WITH_TEXT = (
    "(workflow_id = ANY(ARRAY(SELECT w.workflow_id FROM workflows w WHERE w.name ILIKE $?))"  # noqa: S608 -- constants
    " OR (error_message IS NOT NULL"
    " AND (" + _OF_MESSAGE + " OR error ->> 'code' ILIKE $? OR error_node_id ILIKE $?)))"
)
EXECUTION_ORDERS = {
    "-start_time": Order("execution_id", descending=True),
    "start_time": Order("execution_id"),
}
# The statuses that an index has.
COUNTED = (
    ExecutionStatus.PENDING,
    ExecutionStatus.RUNNING,
    ExecutionStatus.WAITING,
    ExecutionStatus.PAUSED,
    ExecutionStatus.FAILED,
)
SUMMARY_COLUMNS = (
    "execution_id, workflow_id, revision, status, start_time, end_time, execution_time_seconds, nodes_executed, "
    "error_message, error_node_id, created_at, trigger_node_id, priority, wake_at, pause_requested, trigger_kind, "
    "draft, error ->> 'code' AS error_code, "
    "(SELECT w.name FROM workflows w WHERE w.workflow_id = workflow_executions.workflow_id) AS workflow_name"
)


@dataclass(frozen=True, slots=True)
class ExecutionHeader:
    """What a list shows of an execution; its times are the database's.

    `nodes_executed` is None until the execution ends, unless somebody counted them in the journal.
    """

    execution_id: UUID
    workflow_id: UUID
    revision: int
    status: str
    start_time: datetime
    end_time: datetime | None
    execution_time_seconds: float | None
    nodes_executed: int | None
    error_message: str | None
    error_node_id: str | None
    created_at: datetime
    trigger_node_id: str
    priority: int
    wake_at: datetime | None
    pause_requested: bool
    trigger_kind: str
    draft: JsonObject | None
    error_code: str | None
    workflow_name: str | None


@dataclass(frozen=True, slots=True)
class StoredExecution:
    """An execution with all that its row keeps; what is filled at the end is empty before."""

    header: ExecutionHeader
    trigger_data: Json
    variables: JsonObject
    execution_path: list[Json]
    node_states: JsonObject
    final_variables: JsonObject
    final_output: Json
    error: JsonObject | None
    takeovers: int
    parent_execution_id: UUID | None
    root_execution_id: UUID | None
    depth: int
    forked_from: UUID | None
    forked_node_id: str | None
    forked_scope: str | None
    breakpoints: list[JsonObject] | None
    stepping: bool
    seed: JsonObject | None


@dataclass(frozen=True, slots=True)
class StoredStep:
    """One row of the journal: something that happened, `sequence` counting from 1 within the execution."""

    sequence: int
    node_id: str
    scope: str
    attempt: int
    status: str
    ports: str | None
    output: Json
    error: JsonObject | None
    changes: Json
    log: Json
    started_at: datetime
    ended_at: datetime


class Progress(NamedTuple):
    """How far an execution has come: its nodes in the order of their first runs, and how often each ran and failed."""

    nodes_executed: int
    execution_path: list[Json]
    node_states: JsonObject


async def get(connection: asyncpg.Connection, execution_id: UUID) -> StoredExecution | None:
    """The execution as its row tells it, or None."""
    row = await load("executions").get_execution(connection, execution_id=execution_id)
    if row is None:
        return None
    return StoredExecution(
        header=as_header(row), **{name: row[name] for name in StoredExecution.__slots__ if name != "header"}
    )


async def read_progress(connection: asyncpg.Connection, execution_id: UUID) -> Progress:
    """How far the journal goes: read as a whole, which takes its time where it is long."""
    return Progress(*await load("executions").read_progress(connection, execution_id=execution_id))


async def with_progress(connection: asyncpg.Connection, execution: StoredExecution) -> StoredExecution:
    """The execution; if it has not ended, with what its journal says of how far it has come."""
    header = execution.header
    if ExecutionStatus(header.status).terminal:
        return execution
    progress = await read_progress(connection, header.execution_id)
    return replace(
        execution,
        header=replace(header, nodes_executed=progress.nodes_executed),
        execution_path=progress.execution_path,
        node_states=progress.node_states,
    )


async def list_steps(
    connection: asyncpg.Connection, execution_id: UUID, *, after_sequence: int = 0, maximum: int = 1000
) -> list[StoredStep]:
    """The rows of the journal after a sequence number, in order; none once retention has dropped them."""
    rows = await load("executions").list_steps(
        connection, execution_id=execution_id, after_sequence=after_sequence, maximum=maximum
    )
    return [StoredStep(**row) for row in rows]


class Wanted(NamedTuple):
    """Which executions to list: those with one of the statuses, of one workflow or all, of one trace or all.

    A trace is an execution, its `root`, and all that come from it through sub-workflows. `text` is the beginning of an
    id, or stands in the name of the workflow or in the error; `tries` are those by which somebody tries a draft.
    """

    statuses: Sequence[str]
    workflow_id: UUID | None = None
    root: UUID | None = None
    kinds: Sequence[str] = ()
    after: datetime | None = None
    before: datetime | None = None
    text: str = ""
    least_seconds: float | None = None
    most_seconds: float | None = None
    tries: bool | None = None


async def count(connection: asyncpg.Connection, principal: Principal, wanted: Wanted) -> int:
    """How many of them the caller may see."""
    condition, arguments, _ = where(principal, wanted)
    statement = f"SELECT count(*) FROM workflow_executions WHERE {condition}"  # noqa: S608 -- constants
    return int(await connection.fetchval(statement, *arguments))


async def count_by_status(connection: asyncpg.Connection) -> dict[str, int]:
    """How many executions have each status but completed and cancelled, which are too many to count."""
    counted = {row["status"]: row["number"] for row in await load("executions").count_by_status(connection)}
    return {status.value: counted.get(status.value, 0) for status in COUNTED}


def where(principal: Principal, wanted: Wanted, *, many: bool = False) -> tuple[str, list[object], str]:
    """The condition of those that are wanted and that the caller may see, its arguments, and its latter half."""
    scope = "status = ANY($1)"
    arguments: list[object] = [list(wanted.statuses)]
    if wanted.workflow_id is not None:
        arguments.append(wanted.workflow_id)
        scope += f" AND workflow_id = ${len(arguments)}"
    if wanted.root is not None:
        arguments.append(wanted.root)
        scope += f" AND (execution_id = ${len(arguments)} OR root_execution_id = ${len(arguments)})"
    for condition, argument in _sifting(wanted):
        arguments.append(argument)
        scope += " AND " + condition.replace("$?", f"${len(arguments)}")
    visible = visible_executions(principal, first_argument=len(arguments) + 1, many=many)
    return f"{scope} AND {visible.sql}", [*arguments, *visible.arguments], visible.sql


def _sifting(wanted: Wanted) -> Iterator[tuple[str, object]]:
    """Conditions with a `$?`, and what stands there. Ids are of the time at which they were made, so an index helps."""
    if wanted.kinds:
        yield "trigger_kind = ANY($?::text[])", list(wanted.kinds)
    if wanted.after is not None:
        yield "execution_id >= $?::uuid", _lowest(wanted.after)
    if wanted.before is not None:
        yield "execution_id < $?::uuid", _lowest(wanted.before)
    if wanted.least_seconds is not None:
        yield "execution_time_seconds >= $?::float8", wanted.least_seconds
    if wanted.most_seconds is not None:
        yield "execution_time_seconds <= $?::float8", wanted.most_seconds
    if wanted.tries is not None:
        yield "(draft IS NOT NULL) = $?::boolean", wanted.tries
    yield from _with_text(wanted.text.strip())


def _with_text(text: str) -> Iterator[tuple[str, object]]:
    if BEGINNING_OF_ID.fullmatch(text.lower()):
        digits = text.replace("-", "").lower()
        yield "execution_id >= $?::uuid", UUID(hex=digits.ljust(32, "0"))
        yield "execution_id <= $?::uuid", UUID(hex=digits.ljust(32, "f"))
    elif text:
        yield _WITH_TEXT, f"%{_escaped(text)}%"


def _lowest(moment: datetime) -> UUID:
    return lowest_id(max(moment, datetime(1970, 1, 1, tzinfo=UTC)))


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in "\\%_" else character for character in text)


async def list_page(
    connection: asyncpg.Connection, principal: Principal, wanted: Wanted, paging: Paging
) -> Page[ExecutionHeader]:
    """One page of those that the caller may see."""
    narrow = wanted.workflow_id is not None or wanted.root is not None
    sifted = len(set(wanted.statuses)) < len(ExecutionStatus) or any(_sifting(wanted))
    many = not narrow and await sees_many(connection, principal, sifted=sifted)
    condition, arguments, visible = where(principal, wanted, many=many)
    clause, more = page_clause(
        "workflow_executions",
        "execution_id",
        EXECUTION_ORDERS[paging.sort],
        paging,
        first_argument=len(arguments) + 1,
        visible=visible,
    )
    rows = await connection.fetch(
        f"SELECT {SUMMARY_COLUMNS} FROM workflow_executions WHERE {condition} {clause}",  # noqa: S608 -- constants
        *arguments,
        *more,
    )
    return Page.of([as_header(row) for row in rows], paging.per_page)


def as_header(row: Any) -> ExecutionHeader:  # noqa: ANN401 -- asyncpg ships no types
    """A row as a value; seconds as a float, and no number of nodes where nobody counted them yet."""
    values = {name: row[name] for name in ExecutionHeader.__slots__}
    if not ExecutionStatus(values["status"]).terminal:
        values["nodes_executed"] = None
    seconds = values["execution_time_seconds"]
    values["execution_time_seconds"] = float(seconds) if seconds is not None else None
    return ExecutionHeader(**values)
