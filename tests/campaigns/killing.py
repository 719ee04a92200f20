"""Kill: workers, the server and PostgreSQL die again and again. Zombie: workers stand still and come back too late."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from functools import partial

from tests.campaigns.installation import Installation, Process, Workflow, install, pause
from tests.campaigns.load import Ledger, ledger, workflow
from tests.campaigns.meddling import Meddler
from tests.campaigns.verdicts import Report, judge
from tests.rig.engine import until

IN_FLIGHT = 300
FIND_WORKER = "SELECT worker_id::text FROM workers WHERE pid = $1"
GIVEN_UP = """
    SELECT NOT EXISTS (SELECT FROM workers WHERE worker_id = $1::text::uuid)
       AND NOT EXISTS (SELECT FROM workflow_executions WHERE worker_id = $1::text::uuid)
"""


class Feed:
    """Starts executions as long as it is not stopped, and never more than `IN_FLIGHT` ahead."""

    def __init__(self, installation: Installation, wanted: Workflow) -> None:
        self._installation = installation
        self._workflow = wanted
        self.count = 0
        self._stopped = False

    def stop(self) -> None:
        """No more."""
        self._stopped = True

    async def run(self) -> None:
        """Start executions."""
        while not self._stopped:
            if await self._installation.unended() > IN_FLIGHT:
                await asyncio.sleep(0.1)
                continue
            await asyncio.gather(*(self._workflow.start(self.count + n) for n in range(50)))
            self.count += 50


async def kill(*, seconds: float, workers: int) -> Report:
    """Kill one of all processes every 1 to 3 seconds, and PostgreSQL every 20."""
    report = Report("kill")
    async with ledger() as other, install() as installation:
        feed = Feed(installation, await installation.publish(workflow(other.port)))
        for _ in range(workers):
            await installation.add()
        await installation.add("-m", "wingbeat", "serve", "--port", "0")
        meddler = Meddler(installation)
        feeding = asyncio.gather(feed.run(), meddler.run())
        kills, database_kills = await _kill_until(installation, time.monotonic() + seconds)
        feed.stop()
        meddler.stop()
        await feeding
        await _finish(installation, report, feed, other, meddler)
        harm = {"kills": kills, "kills of PostgreSQL": database_kills, "pauses": meddler.pauses}
        report.figures = {**harm, **report.figures}
    return report


async def _kill_until(installation: Installation, deadline: float) -> tuple[int, int]:
    kills = database_kills = 0
    next_database_kill = time.monotonic() + 8
    while time.monotonic() < deadline:
        await asyncio.sleep(pause(1, 3))
        if time.monotonic() > next_database_kill:
            database_kills += installation.kill_database()
            next_database_kill = time.monotonic() + 20
            continue
        victim = random.choice(installation.processes)  # noqa: S311 - no secret
        await victim.end()
        kills += 1
        await asyncio.sleep(pause(0, 0.5))
        await victim.start()
    return kills, database_kills


async def _finish(
    installation: Installation, report: Report, feed: Feed, other: Ledger, meddler: Meddler | None = None
) -> None:
    try:
        if meddler is not None:
            # A pause that was asked for takes effect when the steps under way are done.
            await until(partial(_resumed, installation, meddler), "all that was paused goes on", 120)
        await installation.drained(120)
    except AssertionError:
        report.wrong["not drained in 120 s"] = await installation.unended()
    await judge(report, installation.database.dsn, feed.count, other, meddler)
    await installation.stop()


async def _resumed(installation: Installation, meddler: Meddler) -> bool:
    await meddler.resume_all()
    return not await installation.ask(
        "SELECT count(*) FROM workflow_executions WHERE pause_requested OR status = 'paused'"
    )


async def stop(*, rounds: int, workers: int) -> Report:
    """Stop workers as an operator does: they end in time, and no step of theirs is left with an unknown outcome."""
    report = Report("stop")
    async with ledger() as other, install() as installation:
        feed = Feed(installation, await installation.publish(workflow(other.port)))
        for _ in range(workers):
            await installation.add()
        feeding = asyncio.create_task(feed.run())
        statuses, seconds = set(), []
        for _ in range(rounds):
            await asyncio.sleep(pause(1, 2))
            victim = random.choice(installation.processes)  # noqa: S311 - no secret
            await until(partial(installation.ask, FIND_WORKER, victim.pid), "the worker is registered")
            asked = time.monotonic()
            statuses.add(await victim.end(signal.SIGTERM))
            seconds.append(time.monotonic() - asked)
            await victim.start()
        feed.stop()
        await feeding
        await _finish(installation, report, feed, other)
        report.figures = {"stops": rounds, "s for the slowest": round(max(seconds), 1), **report.figures}
        report.expect("exit statuses", {0}, statuses)
        report.expect("unknown outcomes", 0, report.figures["unknown outcomes, said so"])
    return report


async def zombie(*, rounds: int, workers: int) -> Report:
    """Stop a worker until it is given up, let others go on, and let it wake: nothing of it may be accepted."""
    report = Report("zombie")
    async with ledger() as other, install() as installation:
        feed = Feed(installation, await installation.publish(workflow(other.port)))
        for _ in range(workers):
            await installation.add(LEASE_SECONDS="2")
        feeding = asyncio.create_task(feed.run())
        taken_over = []
        for _ in range(rounds):
            await asyncio.sleep(pause(0.5, 1.5))
            taken_over.append(await _stop_one(installation, random.choice(installation.processes)))  # noqa: S311
        feed.stop()
        await feeding
        await _finish(installation, report, feed, other)
        slowest = max(taken_over)
        report.figures = {"pauses": rounds, "s until the slowest was given up": round(slowest, 1), **report.figures}
    return report


async def _stop_one(installation: Installation, victim: Process) -> float:
    """Returns the seconds until its executions were given to others."""
    find = partial(installation.ask, FIND_WORKER, victim.pid)
    await until(find, "the worker is registered")
    victim.send(signal.SIGSTOP)
    worker_id = await find()
    stopped = time.monotonic()
    await until(partial(installation.ask, GIVEN_UP, worker_id), "the worker is given up", 90)
    given_up = time.monotonic() - stopped
    await asyncio.sleep(pause(0, 0.5))
    victim.send(signal.SIGCONT)
    return given_up
