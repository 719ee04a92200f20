"""Schedules through simulated days: processes that are killed, a clock that jumps, and changes of the time in zones."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from tests.campaigns.verdicts import Report
from tests.rig.cron_oracles import EXPRESSIONS, ZONES, Walker, Window, by_croniter, transitions
from tests.rig.engine import until
from tests.rig.schedulers import Timeline

from wingbeat.sdk.cron import Cron, ZonedCron
from wingbeat.storage.embedded import EmbeddedPostgres
from wingbeat.storage.migrate import migrate
from wingbeat.storage.pool import Database

YEARS = (2021, 2030)
# From here on, all clocks of the zones change within ten days: Europe's and Lord Howe's.
BEGIN = datetime(2026, 3, 27, tzinfo=UTC)
ROOMY = 1000
FIRED = """
SELECT trigger_id, planned_for, count(*) AS times FROM trigger_decisions WHERE outcome = 'fired'
GROUP BY trigger_id, planned_for ORDER BY planned_for
"""


async def cron(*, expressions: int, zones: int) -> Report:
    """Expressions in zones against a walk over all minutes around each change, and against croniter over the years."""
    report = Report("cron")
    chosen = random.Random(1)  # noqa: S311 - the same ones each time
    texts = chosen.sample(EXPRESSIONS, min(expressions, len(EXPRESSIONS)))
    compared = 0
    for zone in ZONES[:zones]:
        for window in _windows(zone):
            for text in texts:
                wanted = Walker(text, zone).within(window)
                found = list(_times(ZonedCron.read(text, zone), window.begin, window.until))
                compared += len(wanted)
                report.expect(f"{text} in {zone} from {window.begin}", wanted, found)
    for text in texts:
        begin = datetime(YEARS[0], 1, 1)  # noqa: DTZ001 - on a clock without a zone
        number = 1000
        times = Cron.read(text).times_after(begin)
        report.expect(f"{text} without a zone", by_croniter(text, begin, number), [next(times) for _ in range(number)])
        compared += number
    report.figures = {"expressions": len(texts), "zones": zones, "times compared": compared}
    return report


def _windows(zone: str) -> Iterator[Window]:
    for change in transitions(zone, *YEARS) or [BEGIN]:
        yield Window(zone, change - timedelta(hours=12), change + timedelta(hours=36))


def _times(times: ZonedCron, begin: datetime, end: datetime) -> Iterator[datetime]:
    moment = times.next_after(begin)
    while moment is not None and moment <= end:
        yield moment
        moment = times.next_after(moment)


async def clocks(*, schedules: int, days: int, processes: int) -> Report:
    """So many schedules over so many days; what fires must be what the walk says, each once."""
    report = Report("clocks")
    chosen = random.Random(2)  # noqa: S311 - the same ones each time
    with tempfile.TemporaryDirectory(prefix="wingbeat-campaign-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # noqa: ASYNC240 - nobody else waits
        server = EmbeddedPostgres()
        try:
            dsn = await server.start(folder / "data")
            await migrate(dsn)
            database = await Database.open(dsn, max_size=2)
            await _live(report, chosen, database, folder / "clock", (schedules, days, processes))
            await database.close()
        finally:
            await server.stop()
    return report


async def _live(
    report: Report, chosen: random.Random, database: Database, clock: Path, size: tuple[int, int, int]
) -> None:
    number, days, processes = size
    timeline = Timeline(database)
    wanted: dict[UUID, tuple[str, str]] = {}
    for text in chosen.sample([one for one in EXPRESSIONS if not one.startswith("* *")], number):
        zone = chosen.choice(ZONES)
        wanted[await timeline.add(BEGIN, cron_expression=text, timezone=zone, max_instances=ROOMY)] = (text, zone)
    running = [await _start(database.dsn, clock, timeline) for _ in range(processes)]
    end, kills, jumps = BEGIN + timedelta(days=days), 0, 0
    await _go_to(timeline, clock, BEGIN)
    while True:
        due = await _settled(timeline)
        if due is None or due > end:
            break
        await _go_to(timeline, clock, due)
        if chosen.random() < 0.05:
            place = chosen.randrange(processes)
            running[place].kill()
            await running[place].wait()
            running[place], kills = await _start(database.dsn, clock, timeline), kills + 1
        elif chosen.random() < 0.02 and due >= BEGIN + timedelta(hours=1):
            # An hour back, which it shows once more; what was before the schedules were made is not theirs.
            await _go_to(timeline, clock, due - timedelta(hours=1))
            jumps += 1
    for process in running:
        process.send_signal(signal.SIGKILL)
        await process.wait()
    await _judge(report, database, wanted, end)
    report.figures |= {"schedules": number, "days": days, "processes": processes, "kills": kills, "jumps": jumps}


async def _start(dsn: str, clock: Path, timeline: Timeline) -> asyncio.subprocess.Process:
    _write(clock, timeline.offset)
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.campaigns.clocks", dsn, str(clock))


async def _go_to(timeline: Timeline, clock: Path, moment: datetime) -> None:
    await timeline.move_to(moment)
    _write(clock, timeline.offset)


def _write(clock: Path, offset: timedelta) -> None:
    draft = clock.with_suffix(".new")
    draft.write_text(repr(offset.total_seconds()))
    draft.replace(clock)


async def _settled(timeline: Timeline) -> datetime | None:
    """The next due time, once nothing is due any more and all have seen where the clock is."""

    async def look() -> bool:
        now = await timeline.database.pool.fetchval("SELECT clock_timestamp() + $1::interval", timeline.offset)
        late = await timeline.database.pool.fetchval(
            "SELECT count(*) FROM workflow_schedules WHERE next_run_at <= $1 OR decided_until > $1", now
        )
        return not late

    # Long, since a machine that is busy with something else has lost no time of a schedule.
    await until(look, "nothing is due any more", 300)
    return await timeline.next_due()


async def _judge(report: Report, database: Database, wanted: dict[UUID, tuple[str, str]], end: datetime) -> None:
    fired: dict[UUID, list[datetime]] = {schedule_id: [] for schedule_id in wanted}
    twice = 0
    for row in await database.pool.fetch(FIRED):
        fired[row["trigger_id"]].append(row["planned_for"])
        twice += row["times"] - 1
    for schedule_id, (text, zone) in wanted.items():
        times = list(Walker(text, zone).times(BEGIN, end))
        missing, more = set(times) - set(fired[schedule_id]), set(fired[schedule_id]) - set(times)
        if missing or more:
            report.wrong[f"{text} in {zone}"] = f"missing {sorted(missing)[:3]}, too many {sorted(more)[:3]}"
    report.expect("fired twice", 0, twice)
    report.figures = {"fired": sum(map(len, fired.values())), "double": twice}


async def run_scheduler(dsn: str, clock: Path) -> None:
    """A process that fires, by the clock in the file."""
    database = await Database.open(dsn, max_size=2)
    timeline = Timeline(database)
    scheduler = timeline.scheduler()
    while True:
        timeline.offset = timedelta(seconds=float(clock.read_text()))  # noqa: ASYNC240 - a few bytes
        if not await scheduler.run_once():
            await asyncio.sleep(0.002)


if __name__ == "__main__":
    asyncio.run(run_scheduler(sys.argv[1], Path(sys.argv[2])))
