"""Schedulers on a clock that a test moves, each with connections of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from tests.rig.node_types import NODE_TYPES

from wingbeat.core.json_value import JsonObject
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.services.catalog import LiveCatalog
from wingbeat.services.executions.firing import Firings
from wingbeat.services.registration import id_for, register
from wingbeat.services.schedules.times import ScheduleDefaults
from wingbeat.storage import schedules
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import Database
from wingbeat.storage.schedules import ScheduleFields
from wingbeat.worker.plans import Plans
from wingbeat.worker.scheduler import Scheduler

DEFINITION: JsonObject = {
    "name": "scheduled",
    "nodes": [{"id": "start", "type": "trigger.manual"}, {"id": "end", "type": "flow.end"}],
    "connections": [{"from": "start", "to": "end"}],
}
WORKFLOW = id_for("test", "scheduled")


class Decided(NamedTuple):
    """A row that says what became of a time."""

    outcome: str
    planned_for: datetime
    reason: str
    detail: JsonObject
    execution_id: UUID | None


class Timeline:
    """A database whose time a test moves, and schedulers that go by it."""

    def __init__(self, database: Database, defaults: ScheduleDefaults | None = None) -> None:
        self.database = database
        self.defaults = defaults or ScheduleDefaults()
        self.offset = timedelta()

    def scheduler(self, database: Database | None = None) -> Scheduler:
        """One more scheduler."""
        opened = database or self.database
        plans = Plans(opened, LiveCatalog(opened, NODE_TYPES), DEFAULT_CAPS)
        return Scheduler(opened, Firings(plans), self.defaults, lambda: self.offset)

    async def move_to(self, moment: datetime) -> None:
        """It is this moment now, and time goes on."""
        async with self.database.pool.acquire() as connection:
            self.offset = moment - await schedules.read_now(connection)

    async def add(self, begin: datetime, **fields: object) -> UUID:
        """A schedule whose times count from `begin` on."""
        await register(self.database, WORKFLOW, DEFINITION, keep=True)
        schedule_id = new_id()
        async with self.database.pool.acquire() as connection, connection.transaction():
            given = ScheduleFields("test", **fields)  # type: ignore[arg-type] # as the test gives them
            await schedules.insert(connection, schedule_id, WORKFLOW, "api", given)
            await schedules.begin_anew(connection, schedule_id)
            await connection.execute(
                "UPDATE workflow_schedules SET decided_until = $2, anchor = $2, next_run_at = $2"
                " WHERE schedule_id = $1",
                schedule_id,
                begin,
            )
        return schedule_id

    async def run(self, schedulers: list[Scheduler]) -> None:
        """Let them decide, all at once, until nothing is due any more."""
        while sum(await asyncio.gather(*(one.run_once() for one in schedulers))):
            pass

    async def next_due(self) -> datetime | None:
        """When the next schedule is due."""
        due: datetime | None = await self.database.pool.fetchval("SELECT min(next_run_at) FROM workflow_schedules")
        return due

    async def live(self, schedulers: list[Scheduler], until: datetime) -> None:
        """Let time go from one due time to the next, up to a moment."""
        await self.run(schedulers)
        while (due := await self.next_due()) is not None and due <= until:
            await self.move_to(due)
            await self.run(schedulers)
        await self.move_to(until)

    async def fired(self, schedule_id: UUID) -> list[datetime]:
        """For which times executions were started, in their order."""
        rows = await self.database.pool.fetch(
            "SELECT planned_for FROM trigger_decisions WHERE trigger_id = $1 AND outcome = 'fired'"
            " ORDER BY planned_for",
            schedule_id,
        )
        return [row["planned_for"] for row in rows]

    async def decided(self, schedule_id: UUID) -> list[Decided]:
        """All that was decided, but what fired."""
        rows = await self.database.pool.fetch(
            "SELECT outcome, planned_for, reason, detail, execution_id FROM trigger_decisions"
            " WHERE trigger_id = $1 AND outcome <> 'fired' ORDER BY decision_id",
            schedule_id,
        )
        return [Decided(*row) for row in rows]

    async def end_executions(self) -> None:
        """All executions have come to their end."""
        await self.database.pool.execute("UPDATE workflow_executions SET status = 'completed', end_time = now()")


@asynccontextmanager
async def several(timeline: Timeline, number: int) -> AsyncIterator[list[Scheduler]]:
    """So many schedulers, each with a pool of its own."""
    opened = [await Database.open(timeline.database.dsn, max_size=2) for _ in range(number)]
    try:
        yield [timeline.scheduler(one) for one in opened]
    finally:
        for one in opened:
            await one.close()
