"""Fires schedules. Every worker does; each planned time is decided once, in one transaction with what came of it.

A due row is locked while its times are decided, and others go on with the next ones; the unique key of `schedule_runs`
is the wall behind that. Only the database's clock counts.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import asyncpg
import structlog

from wingbeat.core.errors import DatabaseUnavailable
from wingbeat.core.schedule import Look
from wingbeat.services.executions.firing import Firing
from wingbeat.services.schedules.times import data_for, schedule_of
from wingbeat.storage import decisions, schedules
from wingbeat.storage.decisions import Decision, Outcome, TriggerKind
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.schedules import Ahead, Looked, Run, StoredSchedule
from wingbeat.worker.service import Loop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.schedule import Schedule
    from wingbeat.services.executions.firing import Fired, Firings
    from wingbeat.services.schedules.times import ScheduleDefaults
    from wingbeat.storage.pool import Database

# As many schedules are decided in one transaction; with four of them going through each other, all get their turn.
MOST_AT_ONCE = 200
LONGEST_SLEEP_SECONDS = 5.0
SHORTEST_SLEEP_SECONDS = 0.01
SET_ASIDE_SECONDS = 60.0
# What was decided is known for longer than any clock is set back by mistake and not noticed.
DAYS_KEPT = 7
ROUNDS_BETWEEN_FORGETTING = 1_000
MAX_INSTANCES = "MAX_INSTANCES"
UNREADABLE = "SCHEDULE_UNREADABLE"

log = structlog.get_logger()


class Considered(NamedTuple):
    """A due schedule with what its times came to, before limits."""

    stored: StoredSchedule
    look: Look
    max_instances: int


@dataclass
class Batch:
    """What one transaction is to write."""

    firings: list[Firing] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)


class Scheduler:
    """Fires what is due. It sleeps until the next due time, at most `LONGEST_SLEEP_SECONDS`, or until it is woken."""

    def __init__(
        self,
        database: Database,
        firings: Firings,
        defaults: ScheduleDefaults,
        offset: Callable[[], timedelta] = timedelta,
    ) -> None:
        """`offset` is added to the database's clock, for tests."""
        self._database = database
        self._firings = firings
        self._defaults = defaults
        self._offset = offset
        self._loop = Loop("scheduler", self._round)
        self._rounds = 0

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    async def stop(self) -> None:
        """Stop; what is not committed then did not happen."""
        await self._loop.stop()

    def wake(self) -> None:
        """A schedule has changed."""
        self._loop.wake()

    async def run_once(self) -> int:
        """Decide about due schedules, as many as go into one transaction; how many they were."""
        try:
            return await self._decide_together()
        except (DatabaseUnavailable, asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            raise
        except Exception:
            log.exception("schedules_not_decided_together")
            return await self._decide_one_by_one()

    async def _round(self) -> float:
        ahead = await self._look_ahead()
        if ahead.wanted:
            if await self.run_once() >= MOST_AT_ONCE:
                return 0.0
            ahead = await self._look_ahead()
        if ahead.seconds_to_next is None:
            return LONGEST_SLEEP_SECONDS
        return min(max(ahead.seconds_to_next, SHORTEST_SLEEP_SECONDS), LONGEST_SLEEP_SECONDS)

    async def _look_ahead(self) -> Ahead:
        self._rounds += 1
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                if self._rounds % ROUNDS_BETWEEN_FORGETTING == 0:
                    await schedules.forget_runs(connection, DAYS_KEPT)
                return await schedules.look_ahead(connection, self._offset())

    async def _decide_together(self, only: UUID | None = None) -> int:
        with translate_errors():
            async with self._database.pool.acquire() as connection, connection.transaction():
                now = await schedules.read_now(connection, self._offset())
                await schedules.turn_back(connection, now)
                due = await schedules.lock_due(connection, now, most=MOST_AT_ONCE, only=only)
                if due:
                    await self._decide(connection, due, now)
        return len(due)

    async def _decide_one_by_one(self) -> int:
        """After a failure: the guilty one is set aside, and does not hold up the others."""
        with translate_errors():
            async with self._database.pool.acquire() as connection, connection.transaction():
                now = await schedules.read_now(connection, self._offset())
                due = await schedules.lock_due(connection, now, most=MOST_AT_ONCE)
        for stored in due:
            try:
                await self._decide_together(only=stored.schedule_id)
            except (DatabaseUnavailable, asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                raise
            except Exception as error:
                log.exception("schedule_set_aside", schedule_id=str(stored.schedule_id))
                with translate_errors():
                    async with self._database.pool.acquire() as connection, connection.transaction():
                        await _set_aside(connection, stored, now, f"{type(error).__name__}: {error}")
        return len(due)

    async def _decide(self, connection: asyncpg.Connection, due: Sequence[StoredSchedule], now: datetime) -> None:
        considered = await self._consider(connection, due, now)
        asked = [one.stored.schedule_id for one in considered if one.look.fire]
        going_on = await schedules.count_open(connection, asked) if asked else {}
        batch = Batch()
        firing: list[tuple[Considered, list[datetime], list[datetime]]] = []
        for one in considered:
            room = max(0, one.max_instances - going_on.get(one.stored.schedule_id, 0))
            allowed, refused = [*one.look.fire[:room]], [*one.look.fire[room:]]
            firing.append((one, allowed, refused))
            batch.firings += [_firing(one.stored, planned) for planned in allowed]
        fired = iter(await self._firings.fire(connection, batch.firings) if batch.firings else ())
        for one, allowed, refused in firing:
            _conclude(batch, one, [(planned, next(fired)) for planned in allowed], refused)
        if batch.runs:
            await schedules.insert_runs(connection, batch.runs)
        await decisions.write(connection, batch.decisions)
        if batch.looked:
            await schedules.note_looks(connection, now, batch.looked)

    async def _consider(
        self, connection: asyncpg.Connection, due: Sequence[StoredSchedule], now: datetime
    ) -> list[Considered]:
        planned: list[tuple[StoredSchedule, Schedule, datetime | None]] = []
        for stored in due:
            try:
                schedule = schedule_of(stored, self._defaults)
            except ValueError as error:
                log.warning("schedule_unreadable", schedule_id=str(stored.schedule_id), error=str(error))
                await _set_aside(connection, stored, now, str(error))
                continue
            first = None if stored.next_planned_for is not None else schedule.next_after(stored.decided_until)
            planned.append((stored, schedule, stored.next_planned_for if first is None else first.planned))
        since = {stored.schedule_id: begin for stored, _, begin in planned if begin is not None}
        ran = await schedules.find_runs(connection, since, now) if since else {}
        considered = []
        for stored, schedule, begin in planned:
            # A schedule that was away for long has many times to go through, and others have something to do as well.
            await asyncio.sleep(0)
            known = ran.get(stored.schedule_id, ())
            look = Look((), (), None, None) if begin is None else schedule.look(begin, now, known)
            considered.append(Considered(stored, look, stored.fields.max_instances or self._defaults.max_instances))
        return considered


def _firing(stored: StoredSchedule, planned: datetime) -> Firing:
    return Firing(
        stored.workflow_id,
        TriggerKind.SCHEDULE,
        data_for(stored, planned),
        node_id=stored.fields.trigger_node_id,
        trigger_id=stored.schedule_id,
        planned_for=planned,
        priority=stored.fields.priority,
    )


def _conclude(batch: Batch, one: Considered, fired: list[tuple[datetime, Fired]], refused: list[datetime]) -> None:
    """Add to the batch what became of a schedule's times; what fired or was refused by the door is decided there."""
    stored, look = one.stored, one.look
    schedule_id = stored.schedule_id
    last: Outcome | None = None
    if look.missed is not None:
        missed = look.missed
        detail: JsonObject = {
            "first": missed.first.isoformat(), "last": missed.last.isoformat(), "count": missed.number,
            "more": missed.more,
        }  # fmt: skip
        batch.decisions.append(_decision(stored, Outcome.MISSED, missed.last, detail=detail))
        last = Outcome.MISSED
    executions = [came.execution_id for _, came in fired if came.execution_id is not None]
    for planned in refused:
        batch.decisions.append(_decision(stored, Outcome.LIMITED, planned, reason=MAX_INSTANCES))
        last = Outcome.LIMITED
    if look.coalesced:
        times = look.coalesced
        detail = {"first": times[0].isoformat(), "last": times[-1].isoformat(), "count": len(times)}
        into = executions[0] if executions else None
        batch.decisions.append(_decision(stored, Outcome.COALESCED, times[-1], detail=detail, execution_id=into))
    if fired:
        last = fired[-1][1].outcome
    batch.runs += [Run(schedule_id, planned, came.execution_id) for planned, came in fired]
    batch.runs += [Run(schedule_id, planned) for planned in refused]
    number = sum(came.outcome is Outcome.FIRED for _, came in fired)
    batch.looked.append(
        Looked(
            schedule_id,
            None if look.next is None else look.next.planned,
            None if look.next is None else look.next.due,
            number,
            executions[-1] if executions else None,
            last and last.value,
        )
    )


def _decision(  # noqa: PLR0913 - the parts of a row
    stored: StoredSchedule,
    outcome: Outcome,
    planned: datetime,
    *,
    reason: str = "",
    detail: JsonObject | None = None,
    execution_id: UUID | None = None,
) -> Decision:
    return Decision(
        stored.workflow_id,
        TriggerKind.SCHEDULE,
        outcome,
        stored.schedule_id,
        stored.fields.trigger_node_id,
        execution_id,
        planned,
        reason,
        detail or {},
    )


async def _set_aside(connection: asyncpg.Connection, stored: StoredSchedule, now: datetime, why: str) -> None:
    await schedules.set_aside(connection, stored.schedule_id, now, SET_ASIDE_SECONDS, why[:1000])
    planned = stored.next_planned_for or now
    await decisions.write(connection, [_decision(stored, Outcome.INVALID, planned, reason=UNREADABLE)])
