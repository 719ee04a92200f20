"""Executions of workflows that guard themselves: counted, put off, replaced. What is to be done is `core.overflow`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.overflow import Standing
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.storage.dispatch import NewExecution


class PutOff(NamedTuple):
    """The execution that a start has become part of."""

    execution_id: UUID
    start_time: datetime


async def lock_guard(connection: asyncpg.Connection, workflow_id: UUID) -> None:
    """Count for this workflow alone, until the caller's transaction ends."""
    await load("overflow").lock_guard(connection, workflow_id=workflow_id)


async def read_standing(connection: asyncpg.Connection, workflow_id: UUID) -> Standing:
    """How many executions there are."""
    row = await load("overflow").read_standing(connection, workflow_id=workflow_id)
    return Standing(*row)


async def find_oldest(connection: asyncpg.Connection, workflow_id: UUID, most: int, *, queued: bool) -> list[UUID]:
    """The oldest that have not ended, or that have not begun if `queued`."""
    rows = await load("overflow").find_oldest(connection, workflow_id=workflow_id, queued=queued, most=most)
    return [row["execution_id"] for row in rows]


async def guard(connection: asyncpg.Connection, ids: Sequence[UUID]) -> None:
    """Let these count for their workflow's guard."""
    await load("overflow").guard_executions(connection, ids=list(ids))


async def insert_asleep(connection: asyncpg.Connection, new: NewExecution, key: str, seconds: float) -> datetime:
    """Put in an execution that waits for later starts; gives when it was started."""
    start_time: datetime = await load("overflow").insert_asleep(
        connection,
        id=new.execution_id,
        workflow_id=new.workflow_id,
        revision=new.revision,
        trigger=new.trigger_node_id,
        data=new.trigger_data,
        variables=new.variables,
        priority=new.priority,
        starter=new.started_by,
        kind=new.kind,
        source=new.source,
        planned=new.planned_for,
        key=key,
        seconds=seconds,
    )
    return start_time


async def put_off(
    connection: asyncpg.Connection, new: NewExecution, key: str, seconds: float, longest: float | None
) -> PutOff | None:
    """Make a start part of the execution that waits under the same key; None if there is none."""
    row = await load("overflow").put_off(
        connection,
        id=new.execution_id,
        workflow_id=new.workflow_id,
        revision=new.revision,
        trigger=new.trigger_node_id,
        data=new.trigger_data,
        variables=new.variables,
        priority=new.priority,
        key=key,
        seconds=seconds,
        longest=longest,
    )
    return PutOff(*row) if row is not None else None


async def seconds_to_room(connection: asyncpg.Connection, workflow_id: UUID) -> float | None:
    """How long until a start of the last minute counts no more; None if there was none."""
    seconds: float | None = await load("overflow").seconds_to_room(connection, workflow_id=workflow_id)
    return seconds
