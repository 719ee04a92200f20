"""The state of the whole installation: its workers, its queue, its database. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from uuid import UUID

    import asyncpg


@dataclass(frozen=True, slots=True)
class WorkerState:
    """One worker process: whether its heartbeat is recent, and how many executions it holds."""

    worker_id: UUID
    host: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime
    alive: bool
    executions: int


@dataclass(frozen=True, slots=True)
class QueueState:
    """How much waits for a worker; `parked` executions wait for a limit and are not in the queue."""

    jobs: int
    oldest_seconds: float | None
    parked: int


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """The server's version, and the size and connections of our database."""

    version: str
    bytes: int
    connections: int


async def list_workers(connection: asyncpg.Connection, lease: timedelta) -> list[WorkerState]:
    """All workers that have a row; those without a heartbeat for `lease` are not alive."""
    return [WorkerState(**row) for row in await load("installation").list_workers(connection, lease=lease)]


async def measure_queue(connection: asyncpg.Connection) -> QueueState:
    """How much waits for a worker."""
    return QueueState(**await load("installation").measure_queue(connection))


async def describe_database(connection: asyncpg.Connection) -> DatabaseState:
    """Which server it is, and how full."""
    return DatabaseState(**await load("installation").describe_database(connection))
