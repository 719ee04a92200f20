"""What the doctor asks of the database: the server's limits and clock, and executions that nobody goes on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    import asyncpg


class ServerState(NamedTuple):
    """The server; `version_number` as PostgreSQL counts (150004 is 15.4), `now` by its clock."""

    version_number: int
    version: str
    most_connections: int
    connections: int
    now: datetime
    read_only: bool


class StuckState(NamedTuple):
    """Executions that need attention: held by dead workers, overdue, pending without a job, paused by a person."""

    abandoned: int
    overdue: int
    forgotten: int
    paused: int


async def describe_server(connection: asyncpg.Connection) -> ServerState:
    """Which server it is, and how much room it has."""
    return ServerState(**await load("checkup").describe_server(connection))


async def count_stuck(connection: asyncpg.Connection, lease: timedelta) -> StuckState:
    """How many executions need attention; a worker without a heartbeat for `lease` counts as dead."""
    return StuckState(**await load("checkup").count_stuck(connection, lease=lease))
