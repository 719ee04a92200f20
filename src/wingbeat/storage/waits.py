"""Waits for what comes from outside: opened by steps, resolved once, by whoever comes first.

Each statement about an open wait is behind a lock: of the execution when somebody resolves, of the lease's epoch when
the worker that runs the execution lets it expire.
"""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.core.errors import Conflict, NotFound
from wingbeat.core.status import ExecutionStatus
from wingbeat.storage.control import Control, message_to, tell
from wingbeat.storage.dispatch import enqueue
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    import asyncpg

    from wingbeat.core.json_value import Json

MOST_LISTED = 1000


class WaitOutcome(StrEnum):
    """What became of a wait."""

    RESOLVED = "resolved"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class NewWait(NamedTuple):
    """A wait to be, under a lease; `until` in seconds since 1970, `opening` encoded JSON."""

    execution_id: UUID
    epoch: int
    node_id: str
    scope: str
    attempt: int
    kind: str
    round: int
    key: str
    opening: bytes
    until: float | None


class OpenedWait(NamedTuple):
    """A wait as it was opened, now or before."""

    wait_id: UUID
    opening: Json
    until: float | None


class Settled(NamedTuple):
    """A wait that was resolved, or that nobody will resolve any more."""

    wait_id: UUID
    outcome: WaitOutcome
    value: Json
    opening: Json


class ListedWait(NamedTuple):
    """A wait as people see it."""

    wait_id: UUID
    node_id: str
    scope: str
    kind: str
    turn: int
    opening: Json
    expires_at: datetime | None
    resolved_at: datetime | None
    outcome: str | None
    created_at: datetime


async def open_wait(connection: asyncpg.Connection, new: NewWait) -> OpenedWait | None:
    """Open a wait; the same step gets the one that it opened before. None without the lease."""
    row = await load("waits").open(connection, wait_id=new_id(), **new._asdict())
    return None if row is None else OpenedWait(*row)


async def read_own(
    connection: asyncpg.Connection, ids: Sequence[UUID], execution_id: UUID
) -> dict[UUID, Settled | None]:
    """Those among these waits that are the execution's own, with what came of each; None while it is open."""
    rows = await load("waits").read_own(connection, ids=list(ids), execution_id=execution_id)
    return {
        row["wait_id"]: None
        if row["outcome"] is None
        else Settled(row["wait_id"], WaitOutcome(row["outcome"]), row["resolution"], row["opening"])
        for row in rows
    }


async def read_open(connection: asyncpg.Connection, execution_id: UUID) -> set[tuple[str, str]]:
    """The steps of an execution, by node and scope, whose waits are open."""
    rows = await load("waits").read_open(connection, execution_id=execution_id)
    return {(row["node_id"], row["scope"]) for row in rows}


async def find_settled(connection: asyncpg.Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Which of these waits are not open any more."""
    return [row["wait_id"] for row in await load("waits").find_settled(connection, ids=list(ids))]


async def expire(connection: asyncpg.Connection, wait_id: UUID, execution_id: UUID, epoch: int) -> Settled | None:
    """Close a wait whose time has come; gives what somebody resolved it with before. None without the lease."""
    await load("waits").expire(connection, wait_id=wait_id, execution_id=execution_id, epoch=epoch)
    return (await read_own(connection, [wait_id], execution_id)).get(wait_id)


async def forget(connection: asyncpg.Connection, before: UUID) -> None:
    """Forget the waits of executions that were started before an id was made, and have ended."""
    await load("waits").forget(connection, before=before)


async def withdraw(
    connection: asyncpg.Connection, steps: Collection[tuple[str, str]], execution_id: UUID, epoch: int
) -> None:
    """Close what steps (node and scope) wait for that are not wanted any more, if the journal knows of it or not."""
    await load("waits").withdraw(
        connection,
        nodes=[node for node, _ in steps],
        scopes=[scope for _, scope in steps],
        execution_id=execution_id,
        epoch=epoch,
    )


async def find(connection: asyncpg.Connection, wait_id: UUID) -> asyncpg.Record:
    """A wait by its id; raises `NotFound`."""
    return _found(await load("waits").find(connection, wait_id=wait_id))


async def find_by_key(connection: asyncpg.Connection, kind: str, key: str) -> asyncpg.Record:
    """A wait by what it is known by outside; raises `NotFound`."""
    return _found(await load("waits").find_by_key(connection, kind=kind, key=key))


async def find_open(
    connection: asyncpg.Connection, kind: str, keys: Sequence[str], after: UUID
) -> list[tuple[UUID, Json]]:
    """The next open waits that are known by one of these keys, with what was kept at their openings."""
    rows = await load("waits").find_open(connection, kind=kind, keys=list(keys), after=after, most=MOST_LISTED)
    return [(row["wait_id"], row["opening"]) for row in rows]


async def resolve(connection: asyncpg.Connection, wait: asyncpg.Record, value: Json) -> None:
    """Resolve a wait, once for ever, and wake its execution; in the caller's transaction, which commits soon.

    Raises:
        Conflict: `WAIT_RESOLVED`, `WAIT_EXPIRED`, `WAIT_WITHDRAWN`, or `EXECUTION_ENDED`.
        NotFound: the execution is gone.
    """
    execution_id, wait_id = wait["execution_id"], wait["wait_id"]
    execution = await load("endings").lock_execution(connection, execution_id=execution_id)
    if execution is None:
        raise _missing()
    if ExecutionStatus(execution["status"]).terminal:
        raise Conflict(
            f"The execution that waited is {execution['status']}.",
            code="EXECUTION_ENDED",
            remedy="Nothing waits for this any more.",
        )
    statements = load("waits")
    if await statements.resolve(connection, wait_id=wait_id, value=encode_json(value)) is None:
        raise _too_late(await find(connection, wait_id))
    if execution["worker_id"] is not None:
        await tell(connection, execution_id, Control.SIGNAL, wait=str(wait_id))
        return
    priority = await statements.wake(connection, execution_id=execution_id)
    if priority is not None:
        await enqueue(connection, [(execution_id, priority)])


async def resolve_many(
    connection: asyncpg.Connection, wanted: Sequence[tuple[UUID, UUID]], value: Json
) -> list[asyncpg.Record]:
    """Resolve many waits (wait and execution) with one value, and wake their executions; in the caller's transaction.

    Returns `wait_id`, `execution_id` and `node_id` of those that it was the first to end; the others are left alone.
    """
    statements = load("waits")
    living = await statements.lock_living(connection, ids=sorted({execution for _, execution in wanted}))
    workers = {row["execution_id"]: row["worker_id"] for row in living}
    ids = [wait for wait, execution in wanted if execution in workers]
    resolved: list[asyncpg.Record] = await statements.resolve_many(connection, ids=ids, value=encode_json(value))
    held = [row for row in resolved if workers[row["execution_id"]] is not None]
    if held:
        messages = [message_to(row["execution_id"], Control.SIGNAL, wait=str(row["wait_id"])) for row in held]
        await statements.tell_many(connection, messages=messages)
    resting = {row["execution_id"] for row in resolved if workers[row["execution_id"]] is None}
    if resting:
        woken = await statements.wake_many(connection, ids=sorted(resting))
        await enqueue(connection, [(row["execution_id"], row["priority"]) for row in woken])
    return resolved


async def resolve_all(connection: asyncpg.Connection, kind: str, key: str, value: Json) -> None:
    """Resolve every open wait for a thing; those that are over meanwhile are left alone. As `resolve`, besides."""
    for wait in await load("waits").list_open(connection, kind=kind, key=key):
        with suppress(Conflict, NotFound):
            await resolve(connection, wait, value)


async def wake_missed(connection: asyncpg.Connection, most: int) -> int:
    """Wake executions that sleep though what they wait for is there; in the caller's transaction. Returns how many."""
    rows = await load("waits").wake_missed(connection, most=most)
    await enqueue(connection, [(row["execution_id"], row["priority"]) for row in rows])
    return len(rows)


async def list_of_execution(connection: asyncpg.Connection, execution_id: UUID) -> list[ListedWait]:
    """The waits of an execution, the open and the others, in the order of their openings."""
    rows = await load("waits").list_of_execution(connection, execution_id=execution_id, most=MOST_LISTED)
    return [ListedWait(*row) for row in rows]


def _found(row: asyncpg.Record | None) -> asyncpg.Record:
    if row is None:
        raise _missing()
    return row


def _missing() -> NotFound:
    return NotFound(
        "Nothing waits for this.",
        code="WAIT_NOT_FOUND",
        remedy="Check the address; the workflow may also not have come to the step that waits yet.",
    )


def _too_late(wait: asyncpg.Record) -> Conflict:
    match wait["outcome"]:
        case WaitOutcome.RESOLVED:
            return Conflict(
                "What was waited for has come already.", code="WAIT_RESOLVED", remedy="Only the first one counts."
            )
        case WaitOutcome.WITHDRAWN:
            return Conflict(
                "The workflow went on without waiting for this.",
                code="WAIT_WITHDRAWN",
                remedy="Nothing waits for this any more.",
            )
        case _:
            return Conflict("The time to wait for this is over.", code="WAIT_EXPIRED", remedy="It was too late.")
