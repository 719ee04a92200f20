"""Schedules that fire: each planned time once, whoever looks, whatever the clock does, and how often it was looked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from tests.rig.cron_oracles import Walker
from tests.rig.engine import until
from tests.rig.schedulers import WORKFLOW, Timeline, several

from wingbeat.core.overflow import Guard
from wingbeat.storage import schedules
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.pool import Database
from wingbeat.worker import scheduler as module

HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROOMY = 1000


@pytest.fixture
def timeline(database: Database) -> Timeline:
    """This test's database, on a clock of its own."""
    return Timeline(database)


async def test_what_is_due_fires_once_with_all_that_belongs_to_it(timeline: Timeline) -> None:
    """The execution, its job, the row of the time and the row of the schedule are one transaction."""
    schedule_id = await timeline.add(NOON, cron_expression="0 * * * *", data={"a": 1}, priority=7)
    await timeline.move_to(NOON)
    await timeline.live([timeline.scheduler()], NOON + HOUR)
    row = await timeline.database.pool.fetchrow(
        "SELECT e.*, s.run_count, s.last_execution_id, s.last_outcome, s.next_run_at, s.last_run_at, r.open"
        " FROM workflow_executions e JOIN workflow_schedules s ON s.schedule_id = e.trigger_id"
        " JOIN schedule_runs r USING (execution_id)"
    )
    planned = NOON + HOUR
    assert {"a": 1, "scheduled_for": planned.isoformat()} == row["trigger_data"]
    assert ("schedule", schedule_id, 7, 1, "fired", True) == (
        row["trigger_kind"], row["trigger_id"], row["priority"], row["run_count"], row["last_outcome"], row["open"],
    )  # fmt: skip
    assert (row["execution_id"], planned + HOUR) == (row["last_execution_id"], row["next_run_at"])
    assert [planned] == await timeline.fired(schedule_id)
    assert 1 == await timeline.database.pool.fetchval("SELECT count(*) FROM pgqueuer")


@pytest.mark.parametrize(
    ("zone", "expression", "begin"),
    [
        ("America/New_York", "30 1,2 * * *", datetime(2026, 3, 7, tzinfo=UTC)),
        ("America/New_York", "*/20 * * * *", datetime(2026, 10, 31, 20, tzinfo=UTC)),
        ("Europe/London", "15,45 0-2 * * *", datetime(2026, 10, 24, tzinfo=UTC)),
        ("Australia/Lord_Howe", "0,20,40 1-2 * * *", datetime(2026, 10, 3, tzinfo=UTC)),
        ("Africa/Casablanca", "30 2,3 * * *", datetime(2026, 2, 14, tzinfo=UTC)),
        ("Pacific/Apia", "0 */6 * * *", datetime(2011, 12, 29, tzinfo=UTC)),
    ],
)
async def test_four_processes_fire_through_a_change_of_the_clock(
    timeline: Timeline, zone: str, expression: str, begin: datetime
) -> None:
    """Over three days, what fires is what a walk over all minutes finds, each once, however many look."""
    end = begin + timedelta(days=3)
    schedule_id = await timeline.add(begin, cron_expression=expression, timezone=zone, max_instances=ROOMY)
    await timeline.move_to(begin)
    async with several(timeline, 4) as schedulers:
        await timeline.live(schedulers, end)
    assert list(Walker(expression, zone).times(begin, end)) == await timeline.fired(schedule_id)
    assert [] == await timeline.decided(schedule_id)


async def test_many_schedules_at_the_same_moment_go_to_whoever_comes(timeline: Timeline) -> None:
    """More than one transaction takes; four processes go through each other, and none fires twice."""
    number = module.MOST_AT_ONCE + 50
    for _ in range(number):
        await timeline.add(NOON, interval_seconds=60)
    await timeline.move_to(NOON)
    async with several(timeline, 4) as schedulers:
        await timeline.live(schedulers, NOON + timedelta(seconds=61))
    counts = await timeline.database.pool.fetch(
        "SELECT count(*) AS number FROM workflow_executions GROUP BY trigger_id, trigger_data ->> 'scheduled_for'"
    )
    assert [1] * number == [row["number"] for row in counts]


@pytest.mark.parametrize(
    ("policy", "fired", "others"),
    [
        ("skip", [], [("missed", 6, 6)]),
        ("once", [6], [("coalesced", 5, 5)]),
        ("all", [1, 2, 3, 4, 5, 6], []),
    ],
)
async def test_after_six_hours_of_downtime_each_misfire_policy_does_as_it_says(
    timeline: Timeline, policy: str, fired: list[int], others: list[tuple[str, int, int]]
) -> None:
    """At once, and from then on each time as planned."""
    schedule_id = await timeline.add(NOON, cron_expression="0 * * * *", misfire_policy=policy, max_instances=ROOMY)
    await timeline.move_to(NOON)
    schedulers = [timeline.scheduler()]
    await timeline.run(schedulers)
    await timeline.move_to(NOON + 6.5 * HOUR)
    await timeline.run(schedulers)
    assert [NOON + number * HOUR for number in fired] == await timeline.fired(schedule_id)
    decided = await timeline.decided(schedule_id)
    assert [(kind, NOON + last * HOUR, number) for kind, last, number in others] == [
        (one.outcome, one.planned_for, one.detail["count"]) for one in decided
    ]
    await timeline.live(schedulers, NOON + 8 * HOUR)
    later = [NOON + 7 * HOUR, NOON + 8 * HOUR]
    assert later == (await timeline.fired(schedule_id))[len(fired) :]


async def test_a_clock_that_jumps_ahead_and_back_loses_nothing(timeline: Timeline) -> None:
    """What came early is not fired again, and what comes is fired at its own time."""
    schedule_id = await timeline.add(NOON, cron_expression="0 * * * *", max_instances=ROOMY)
    schedulers = [timeline.scheduler()]
    await timeline.move_to(NOON)
    await timeline.live(schedulers, NOON + 2.2 * HOUR)
    await timeline.move_to(NOON + 24.001 * HOUR)
    await timeline.run(schedulers)
    await timeline.move_to(NOON + 2.3 * HOUR)
    await timeline.live(schedulers, NOON + 26.5 * HOUR)
    assert [NOON + number * HOUR for number in range(1, 27)] == await timeline.fired(schedule_id)


async def test_a_clock_that_is_set_back_an_hour_fires_nothing_twice(timeline: Timeline) -> None:
    """Each planned time has had its execution already; and none is said to be missed when the clock is right again."""
    schedule_id = await timeline.add(NOON, cron_expression="*/10 * * * *", max_instances=ROOMY)
    schedulers = [timeline.scheduler()]
    await timeline.move_to(NOON)
    await timeline.live(schedulers, NOON + HOUR)
    for shown_again in (NOON + HOUR, NOON + 1.3 * HOUR):
        await timeline.move_to(NOON)
        await timeline.run(schedulers)
        await timeline.move_to(shown_again)
        await timeline.run(schedulers)
    await timeline.live(schedulers, NOON + 1.6 * HOUR)
    fired = [*range(1, 7), 8, 9]
    assert [NOON + number * HOUR / 6 for number in fired] == await timeline.fired(schedule_id)
    missed = [(NOON + 7 * HOUR / 6, 1)]
    assert missed == [(one.planned_for, one.detail["count"]) for one in await timeline.decided(schedule_id)]


async def test_more_than_max_instances_do_not_run_at_once(timeline: Timeline) -> None:
    """The decision says so; when one has ended there is room again."""
    schedule_id = await timeline.add(NOON, cron_expression="0 * * * *", max_instances=2)
    schedulers = [timeline.scheduler()]
    await timeline.move_to(NOON)
    await timeline.live(schedulers, NOON + 4 * HOUR)
    assert [NOON + HOUR, NOON + 2 * HOUR] == await timeline.fired(schedule_id)
    assert [("limited", "MAX_INSTANCES", NOON + 3 * HOUR), ("limited", "MAX_INSTANCES", NOON + 4 * HOUR)] == [
        (one.outcome, one.reason, one.planned_for) for one in await timeline.decided(schedule_id)
    ]
    await timeline.end_executions()
    await timeline.live(schedulers, NOON + 5 * HOUR)
    assert NOON + 5 * HOUR == (await timeline.fired(schedule_id))[-1]


async def test_times_that_led_to_one_execution_are_one_instance(timeline: Timeline) -> None:
    """It waits for later starts, which become part of it: they are not too many."""
    schedule_id = await timeline.add(NOON, cron_expression="0 * * * *", max_instances=2)
    guard = Guard(debounce_seconds=86_400.0)
    await timeline.database.pool.execute("UPDATE workflows SET guard = $1", encode_json(guard.to_json()))
    await timeline.move_to(NOON)
    await timeline.live([timeline.scheduler()], NOON + 4 * HOUR)
    decided = [one.outcome for one in await timeline.decided(schedule_id)]
    assert [NOON + HOUR] == await timeline.fired(schedule_id)
    assert ["coalesced"] * 3 == decided
    assert 1 == await timeline.database.pool.fetchval("SELECT count(*) FROM workflow_executions")


async def test_a_process_that_dies_in_the_middle_has_done_nothing(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transaction is gone with it, and whoever looks next does it all."""
    schedule_id = await timeline.add(NOON, cron_expression="0 * * * *")
    await timeline.move_to(NOON + timedelta(seconds=1))
    await timeline.run([timeline.scheduler()])
    await timeline.move_to(NOON + HOUR)
    reached = asyncio.Event()

    async def hang(*_: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    dying = await Database.open(timeline.database.dsn, max_size=1)
    with monkeypatch.context() as patched:
        patched.setattr(schedules, "note_looks", hang)
        task = asyncio.create_task(timeline.scheduler(dying).run_once())
        await reached.wait()
        # It holds the row: nobody else may decide, and nobody waits for it.
        assert 0 == await timeline.scheduler().run_once()
        dying.pool.terminate()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [] == await timeline.fired(schedule_id)

    await until(timeline.scheduler().run_once, "the row is free again")
    assert [NOON + HOUR] == await timeline.fired(schedule_id)
    assert 1 == await timeline.database.pool.fetchval("SELECT count(*) FROM workflow_executions")


async def test_the_unique_key_is_a_wall_behind_the_lock(timeline: Timeline) -> None:
    """Who would decide a time that was decided cannot commit."""
    schedule_id = await timeline.add(NOON, cron_expression="0 * * * *")
    async with timeline.database.pool.acquire() as connection:
        await schedules.insert_runs(connection, [schedules.Run(schedule_id, NOON)])
        with pytest.raises(asyncpg.UniqueViolationError):
            await schedules.insert_runs(connection, [schedules.Run(schedule_id, NOON)])


async def test_one_that_cannot_be_read_does_not_hold_up_the_others(timeline: Timeline) -> None:
    """It is set aside with what is wrong, and looked at again in a minute."""
    bad = await timeline.add(NOON, cron_expression="0 * * * *", timezone="Mars/Olympus")
    good = await timeline.add(NOON, cron_expression="0 * * * *")
    await timeline.move_to(NOON)
    await timeline.live([timeline.scheduler()], NOON + timedelta(seconds=10))
    row = await timeline.database.pool.fetchrow("SELECT * FROM workflow_schedules WHERE schedule_id = $1", bad)
    assert "there is no time zone" in row["last_error"]
    assert NOON + timedelta(seconds=59) < row["next_run_at"]
    assert ["invalid"] == [one.outcome for one in await timeline.decided(bad)]
    await timeline.live([timeline.scheduler()], NOON + HOUR)
    assert [NOON + HOUR] == await timeline.fired(good)


async def test_one_that_breaks_the_transaction_does_not_hold_up_the_others(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that came with it are decided one by one."""
    bad = await timeline.add(NOON, cron_expression="0 * * * *")
    good = await timeline.add(NOON, cron_expression="0 * * * *")
    insert = schedules.insert_runs

    async def refuse(connection: asyncpg.Connection, runs: list[schedules.Run]) -> None:
        await insert(connection, runs)
        if any(run.schedule_id == bad for run in runs):
            await connection.execute("SELECT 1 / 0")

    monkeypatch.setattr(schedules, "insert_runs", refuse)
    await timeline.move_to(NOON)
    await timeline.live([timeline.scheduler()], NOON + HOUR)
    assert [NOON + HOUR] == await timeline.fired(good)
    assert [] == await timeline.fired(bad)
    assert "DivisionByZero" in await timeline.database.pool.fetchval(
        "SELECT last_error FROM workflow_schedules WHERE schedule_id = $1", bad
    )


async def test_what_cannot_be_started_is_a_decision_that_says_why(timeline: Timeline) -> None:
    """A workflow that is switched off; and the schedule goes on."""
    schedule_id = await timeline.add(NOON, cron_expression="0 * * * *")
    await timeline.database.pool.execute("UPDATE workflows SET enabled = false WHERE workflow_id = $1", WORKFLOW)
    await timeline.move_to(NOON)
    await timeline.live([timeline.scheduler()], NOON + 2 * HOUR)
    assert [("disabled", "WORKFLOW_DISABLED")] * 2 == [
        (one.outcome, one.reason) for one in await timeline.decided(schedule_id)
    ]
    assert "disabled" == await timeline.database.pool.fetchval("SELECT last_outcome FROM workflow_schedules")


async def test_after_its_end_a_schedule_rests(timeline: Timeline) -> None:
    """There is no next time, and nobody looks at it any more."""
    await timeline.add(NOON, cron_expression="0 * * * *", end_at=NOON + HOUR)
    await timeline.move_to(NOON)
    await timeline.live([timeline.scheduler()], NOON + 3 * HOUR)
    assert await timeline.next_due() is None
    assert 1 == await timeline.database.pool.fetchval("SELECT run_count FROM workflow_schedules")


async def test_a_worker_hears_of_a_new_schedule_and_fires_it_in_time(timeline: Timeline) -> None:
    """Without anybody asking for a round: it slept, was woken, and slept until the time had come."""
    running = timeline.scheduler()
    heard = await asyncpg.connect(timeline.database.dsn)
    await heard.add_listener(schedules.CHANNEL, lambda *_: running.wake())
    running.start()
    begin = await timeline.database.pool.fetchval("SELECT clock_timestamp()")
    schedule_id = await timeline.add(begin, interval_seconds=1, max_instances=ROOMY)

    async def twice() -> bool:
        return len(await timeline.fired(schedule_id)) >= 2

    await until(twice, "it has fired twice")
    await running.stop()
    await heard.close()
