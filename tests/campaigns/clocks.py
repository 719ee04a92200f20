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

from tests.campaigns.planned import Leap, Planned, judge
from tests.campaigns.verdicts import Report
from tests.rig.cron_oracles import EXPRESSIONS, ZONES, Walker, Window, by_croniter, transitions
from tests.rig.engine import until
from tests.rig.schedulers import Timeline

from wingbeat.core.schedule import Misfire
from wingbeat.sdk.cron import Cron, ZonedCron
from wingbeat.storage.embedded import EmbeddedPostgres
from wingbeat.storage.migrate import migrate
from wingbeat.storage.pool import Database

YEARS = (2021, 2030)
# From here on, all clocks of the zones change within ten days: Europe's and Lord Howe's.
BEGIN = datetime(2026, 3, 27, tzinfo=UTC)
ROOMY = 1000
# The clock skips less than so many minutes, and whoever wants all of them gets as many.
MOST_SKIPPED = 360
# How many of these a moment sees, times the number of days.
KILLS, JUMPS, LEAPS = 0.15, 0.06, 0.06
END = "UPDATE workflow_executions SET status = 'completed', end_time = now() WHERE end_time IS NULL"


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
    """So many schedules over so many days; what is decided must be what the walk says, each time once."""
    report = Report("clocks")
    with tempfile.TemporaryDirectory(prefix="wingbeat-campaign-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # noqa: ASYNC240 - nobody else waits
        server = EmbeddedPostgres()
        try:
            dsn = await server.start(folder / "data")
            await migrate(dsn)
            database = await Database.open(dsn, max_size=2)
            live = _Days(Timeline(database), folder / "clock", BEGIN + timedelta(days=days))
            await live.begin(schedules, processes)
            try:
                await live.go()
            finally:
                await live.stop()
            await judge(report, database, live.wanted, live.leaps, (BEGIN, live.end))
            await database.close()
        finally:
            await server.stop()
    report.figures |= {"schedules": schedules, "days": days, "processes": processes, "moments": live.moments}
    report.figures |= {"kills": live.kills, "jumps back": live.jumps, "jumps forward": len(live.leaps)}
    return report


class _Days:
    """The days that the schedules live through, and what happens to their processes and to the clock."""

    def __init__(self, timeline: Timeline, clock: Path, end: datetime) -> None:
        self.end = end
        self.wanted: dict[UUID, Planned] = {}
        self.leaps: list[Leap] = []
        self.moments = self.kills = self.jumps = 0
        self._timeline = timeline
        self._clock = clock
        self._chosen = random.Random(2)  # noqa: S311 - the same ones each time
        self._running: list[asyncio.subprocess.Process] = []
        # Many days have many moments, and each harm takes its time.
        self._rarely = 1 / (2 + (end - BEGIN).days)

    async def begin(self, schedules: int, processes: int) -> None:
        """Put in the schedules, each with one of the policies, and start the processes."""
        some = [one for one in EXPRESSIONS if not one.startswith("* *")]
        for text in self._chosen.sample(some, schedules):
            planned = Planned(text, self._chosen.choice(ZONES), self._chosen.choice([*Misfire]))
            fields = {"cron_expression": text, "timezone": planned.zone, "misfire_policy": planned.misfire.value}
            added = self._timeline.add(BEGIN, **fields, max_instances=ROOMY, misfire_max=MOST_SKIPPED)
            self.wanted[await added] = planned
        await self._go_to(BEGIN)
        self._running = [await self._start() for _ in range(processes)]

    async def go(self) -> None:
        """From one due time to the next, up to the end."""
        latest, ended = BEGIN, BEGIN
        while (due := await _settled(self._timeline)) is not None and due <= self.end:
            self.moments += 1
            moment = self._leapt(due, latest)
            latest = max(latest, moment)
            await self._go_to(moment)
            await self._harm(moment)
            if moment >= ended + timedelta(hours=6):
                # As if they had run: too many of one schedule would be refused.
                await self._timeline.database.pool.execute(END)
                ended = moment

    async def _harm(self, moment: datetime) -> None:
        """Kill one while it decides, or set the clock an hour back, which it then shows once more."""
        # What was before the schedules were made is not theirs; what was skipped can still come if it is shown again.
        calm = max([BEGIN, *(leap.last for leap in self.leaps)]) + timedelta(hours=1)
        if self._chosen.random() < KILLS * self._rarely:
            place = self._chosen.randrange(len(self._running))
            self._running[place].kill()
            await self._running[place].wait()
            self._running[place] = await self._start()
            self.kills += 1
        elif self._chosen.random() < JUMPS * self._rarely and moment > calm:
            await self._go_to(moment - timedelta(hours=1))
            self.jumps += 1

    def _leapt(self, due: datetime, latest: datetime) -> datetime:
        """Where the clock goes to instead of what is due: a machine that was asleep has skipped some time.

        Where the clock shows something again, what it showed before up to `latest` is decided and stays so.
        """
        moment = due + timedelta(minutes=self._chosen.randrange(30, MOST_SKIPPED))
        if self._chosen.random() >= LEAPS * self._rarely or not latest < moment <= self.end:
            return due
        self.leaps.append(Leap(max(due, latest + timedelta(minutes=1)), moment))
        return moment

    async def _start(self) -> asyncio.subprocess.Process:
        arguments = ("-m", "tests.campaigns.clocks", self._timeline.database.dsn, str(self._clock))
        return await asyncio.create_subprocess_exec(sys.executable, *arguments)

    async def _go_to(self, moment: datetime) -> None:
        await self._timeline.move_to(moment)
        draft = self._clock.with_suffix(".new")
        draft.write_text(repr(self._timeline.offset.total_seconds()))
        draft.replace(self._clock)

    async def stop(self) -> None:
        """Kill the processes."""
        for process in self._running:
            process.send_signal(signal.SIGKILL)
            await process.wait()


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
