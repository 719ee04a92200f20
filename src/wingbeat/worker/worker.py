"""A worker: claims executions, runs each under its lease, and looks after its background services."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from wingbeat.core.errors import Conflict, DatabaseUnavailable
from wingbeat.core.part import Part
from wingbeat.core.problems import InvalidWorkflow
from wingbeat.core.retry import RetryPolicy
from wingbeat.core.status import ExecutionStatus
from wingbeat.services.events.events import Events
from wingbeat.services.executions.firing import Firings
from wingbeat.services.schedules.times import schedule_defaults
from wingbeat.storage import control, dispatch, journal, waits, workers
from wingbeat.storage.connectors import CHANNEL as CONNECTORS
from wingbeat.storage.live import WATCHED
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load
from wingbeat.storage.schedules import CHANNEL as SCHEDULES
from wingbeat.worker.clock import Clock
from wingbeat.worker.course import Tools
from wingbeat.worker.endings import ENDINGS_CHANNEL, Endings
from wingbeat.worker.fanout import Fanout
from wingbeat.worker.journal_writer import JournalWriter
from wingbeat.worker.lease import Lease
from wingbeat.worker.leaving import Left
from wingbeat.worker.live_notices import LiveNotices
from wingbeat.worker.outcomes import describe_breakdown
from wingbeat.worker.recovery import Recovery
from wingbeat.worker.runner import Runner
from wingbeat.worker.scheduler import Scheduler
from wingbeat.worker.service import Loop, end_task
from wingbeat.worker.ticker import Ticker
from wingbeat.worker.upkeep import Upkeep
from wingbeat.worker.waiting import WaitReader

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import asyncpg

    from wingbeat.core.limits import Limits
    from wingbeat.core.plan import Plan
    from wingbeat.sdk.waits import Signal
    from wingbeat.services.executions.waits import WaitAddresses
    from wingbeat.settings import Settings
    from wingbeat.storage.blobs import Blobs
    from wingbeat.storage.dispatch import Claimed
    from wingbeat.storage.journal import JournalRow, RecordedRow
    from wingbeat.storage.pool import Database
    from wingbeat.worker.plans import Plans
    from wingbeat.worker.service import Service
    from wingbeat.worker.step_context import MakeHttp, Toolbox
    from wingbeat.worker.streams import Streams

QUEUE_CHANNEL = "ch_pgqueuer"
CLAIM_BATCH = 100
# Without a notice, the queue is looked at this often.
POLL_SECONDS = 1.0
# Services begin one after another. All at once, each would open a connection of its own, now and at every common
# multiple of their pauses, and an idle process would keep them all.
APART_SECONDS = 0.02
MOST_RUNNING = 500
MOST_TAKEOVERS = 10
# An execution that cannot be planned here, as when a node type is not installed, goes round for this long among the
# workers before it fails, each time after a pause: while releases are rolled out, not all of them are alike.
DEFER_SECONDS = 5.0
LONGEST_DEFERRAL_SECONDS = 600.0
# As many different wishes for limits are remembered.
MOST_LIMITS = 256

log = structlog.get_logger()


class Worker:
    """One process's share of the work. Every worker is like every other, and any may die at any time."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts that bootstrap puts together
        self,
        database: Database,
        plans: Plans,
        blobs: Blobs,
        streams: Streams,
        make_http: MakeHttp,
        toolbox: Toolbox,
        settings: Settings,
        limits: Limits,
        caps: Limits,
        wait_addresses: WaitAddresses,
        find_dsn: Callable[[], Awaitable[str]] | None = None,
        firings: Firings | None = None,
    ) -> None:
        self._database = database
        self._plans = plans
        self._limits_of = lru_cache(MOST_LIMITS)(lambda wanted: limits.raised_to(wanted, caps))
        self._lease_seconds = settings.lease_seconds
        self._slots = settings.max_concurrent_workflows
        self._most = min(MOST_RUNNING, self._slots)
        self._running: dict[UUID, tuple[Runner, asyncio.Task[None]]] = {}
        self._starting: asyncio.Task[None] | None = None
        self._stopping = False
        self._called = False
        self.watchers: set[Callable[[Runner, JournalRow], None]] = set()
        self.lease = Lease(
            find_dsn or self._known_dsn,
            settings.lease_seconds,
            channels={
                QUEUE_CHANNEL: lambda _payload: self._wake_claimer(),
                control.CHANNEL: self._on_control,
                ENDINGS_CHANNEL: lambda _payload: self.endings.wake(),
                CONNECTORS: lambda _payload: plans.expire(),
                SCHEDULES: lambda _payload: self.scheduler.wake(),
                WATCHED: lambda payload: self.live.watch(payload),  # noqa: PLW0108 - it is made below
            },
            lost=self._abandon_all,
            missed=self._look_everywhere,
            after_beat=self._look_after_beat,
        )
        self._clock = Clock()
        self.live = LiveNotices(database, self._find)
        self._journal = JournalWriter(database, self._refused, self.live.written)
        self._tools = Tools(
            journal=self._journal,
            make_http=make_http,
            toolbox=toolbox,
            blobs=blobs,
            streams=streams,
            default_retry=RetryPolicy(max_attempts=settings.workflow_max_retries + 1),
            blob_threshold=settings.blob_threshold_bytes,
            most_takeovers=MOST_TAKEOVERS,
            clock=self._clock,
            read_page=self._read_page,
            waits=WaitReader(database),
            wait_addresses=wait_addresses,
            stirred=self.live.stirred,
        )
        self._claimer = Loop("claimer", self._claim_round)
        self._changes = Loop("changes", self._changes_round)
        self.recovery = Recovery(database, self.lease, settings.lease_seconds)
        self.ticker = Ticker(database)
        self.endings = Endings(database, plans)
        firings = firings or Firings(plans, enabled=settings.feature_workflows_enabled)
        self.fanout = Fanout(Events(database, firings))
        self.scheduler = Scheduler(database, firings, schedule_defaults(settings))
        self.upkeep = Upkeep(
            database, blobs, timedelta(days=settings.retention_days), timedelta(days=settings.audit_retention_days)
        )

    async def start(self) -> None:
        """Register and begin to claim.

        Raises:
            DatabaseUnavailable: the database cannot be reached.
        """
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                await self._clock.compare(connection)
        await self.lease.start()
        self._journal.start()
        self._starting = asyncio.create_task(self._start_services(), name="services")

    async def _start_services(self) -> None:
        for service in self._services():
            service.start()
            await asyncio.sleep(APART_SECONDS)

    async def stop(self, grace_seconds: float = 10.0) -> None:
        """Claim no more, let running steps come to their end for a while, give the rest back."""
        self._stopping = True
        if self._starting is not None:
            await end_task(self._starting)
        for service in self._services():
            await service.stop()
        for runner, _ in self._running.values():
            runner.hand_back()
        tasks = [task for _, task in self._running.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=grace_seconds)
        await self._journal.stop()
        await asyncio.gather(*(end_task(task) for task in tasks))
        await self.lease.stop()

    def _services(self) -> tuple[Service, ...]:
        services = (self._claimer, self.live, self.ticker, self.endings, self.scheduler)
        return *services, self._changes, self.recovery, self.fanout, self.upkeep

    async def _known_dsn(self) -> str:
        return str(self._database.dsn)

    @property
    def worker_id(self) -> UUID:
        """Under which name it holds its executions now."""
        return self.lease.worker_id

    @property
    def running(self) -> int:
        """How many executions this worker holds."""
        return len(self._running)

    def room(self) -> int:
        """How many more it would take; none while it stops or has no lease."""
        if self._stopping or not self.lease.valid:
            return 0
        return max(0, self._most - len(self._running))

    def room_for_children(self) -> int:
        """How many more it would take whose parents it holds: each of those waits, and so leaves room for one."""
        if self._stopping or not self.lease.valid:
            return 0
        return max(0, 2 * self._most - len(self._running))

    def begin(self, claimed: Claimed, plan: Plan) -> Runner:
        """Run an execution that this worker holds since its insertion."""
        runner = self._runner(claimed, plan)
        self._watch_over(runner, [])
        return runner

    def deliver(self, execution_id: UUID, wait: str, signal: Signal) -> None:
        """Give a step of an execution that runs here what it waits for; nothing happens if it runs elsewhere."""
        held = self._running.get(execution_id)
        if held is not None:
            held[0].deliver(wait, signal)

    def _find(self, execution_id: UUID) -> Runner | None:
        held = self._running.get(execution_id)
        return None if held is None else held[0]

    # Claiming.

    async def run_once(self) -> int:
        """Claim once and begin what was claimed; returns how many."""
        room = min(self.room(), CLAIM_BATCH)
        if room == 0:
            return 0
        worker_id = self.lease.worker_id
        with translate_errors():
            async with self._database.pool.acquire() as connection, connection.transaction():
                claims = await dispatch.claim(connection, worker_id, most=room, limit=self._slots)
        journals = await self._read_journals([one.execution_id for one in claims.taken if one.epoch > 1])
        for claimed in claims.taken:
            await self._begin_claimed(claimed, journals.get(claimed.execution_id))
        if claims.full:
            # After those that are held: if this fails, the clock does it, and nobody would begin them for a while.
            with translate_errors():
                async with self._database.pool.acquire() as connection:
                    await dispatch.release_parked_with_room(connection, claims.full)
        if claims.more:
            self._wake_claimer()
        return len(claims.taken)

    def _wake_claimer(self) -> None:
        self._called = True
        self._claimer.wake()

    async def _claim_round(self) -> float:
        """Claim; without a notice, only if the queue is seen not to be empty: a claim keeps others from theirs."""
        called, self._called = self._called, False
        claimed = await self.run_once() if called or await self._sees_jobs() else 0
        return 0.0 if claimed else POLL_SECONDS

    async def _sees_jobs(self) -> bool:
        if self.room() == 0:
            return False
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                return await dispatch.has_jobs(connection)

    async def _read_journals(self, ids: list[UUID]) -> dict[UUID, list[RecordedRow]]:
        """The journals of those that others ran before; none if one cannot be read, which shows when each is."""
        if not ids:
            return {}
        try:
            with translate_errors():
                async with self._database.pool.acquire() as connection:
                    return await journal.read_first_pages(connection, ids)
        except DatabaseUnavailable:
            raise
        except Exception:
            log.exception("journals_unreadable", executions=len(ids))
            return {}

    async def _begin_claimed(self, claimed: Claimed, recorded: list[RecordedRow] | None) -> None:
        """Begin, unless the database went away: what is claimed and does not run is taken back by the next sweeps."""
        try:
            if recorded is None:
                recorded = await self._read_page(claimed.execution_id, 0) if claimed.epoch > 1 else []
            plan = await self._plans.get(claimed.workflow_id, claimed.revision, Part.read(claimed.draft))
            if claimed.deferred:
                await self._forget_deferral(claimed)
            runner = self._runner(claimed, plan)
        except DatabaseUnavailable:
            raise
        except InvalidWorkflow as error:
            await self._defer(claimed, error)
            return
        except Exception as error:
            log.exception("execution_not_begun", execution_id=str(claimed.execution_id))
            await self._give_up(claimed, error)
            return
        self._watch_over(runner, recorded)

    async def _defer(self, claimed: Claimed, error: InvalidWorkflow) -> None:
        """Leave what cannot run here to another worker; it fails when it was left to others for too long."""
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                deferred = await dispatch.defer(
                    connection,
                    claimed.execution_id,
                    claimed.epoch,
                    seconds=DEFER_SECONDS,
                    longest=LONGEST_DEFERRAL_SECONDS,
                )
        log.warning("execution_cannot_run_here", execution_id=str(claimed.execution_id), error=str(error))
        if not deferred:
            await self._give_up(claimed, error)

    async def _forget_deferral(self, claimed: Claimed) -> None:
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                await load("dispatch").forget_deferral(
                    connection, execution_id=claimed.execution_id, epoch=claimed.epoch
                )

    async def _read_page(self, execution_id: UUID, after: int) -> list[RecordedRow]:
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                return await journal.read_page(connection, execution_id, after)

    def _runner(self, claimed: Claimed, plan: Plan) -> Runner:
        return Runner(claimed, plan, self._limits_of(plan.workflow.settings.limits), self._tools, self._tell_watchers)

    def _watch_over(self, runner: Runner, recorded: list[RecordedRow]) -> None:
        execution_id = runner.claimed.execution_id
        earlier = self._running.get(execution_id)
        if earlier is not None:
            earlier[1].cancel()
            self._journal.drop(execution_id, earlier[0].claimed.epoch)
        task = asyncio.get_running_loop().create_task(self._run(runner, recorded))
        # Also called for a task that was cancelled before its first step, which so never came to clean up by itself.
        task.add_done_callback(lambda _: self._let_go(runner))
        self._running[execution_id] = (runner, task)
        self.live.came(runner)
        if self._stopping:
            runner.hand_back()

    async def _run(self, runner: Runner, recorded: list[RecordedRow]) -> None:
        execution_id = runner.claimed.execution_id
        try:
            left = await runner.run(recorded)
            if left is Left.LOST:
                log.info("lease_ended", execution_id=str(execution_id))
        except Exception as error:
            log.exception("execution_broken", execution_id=str(execution_id))
            await self._give_up(runner.claimed, error)

    def _let_go(self, runner: Runner) -> None:
        execution_id = runner.claimed.execution_id
        held = self._running.get(execution_id)
        if held is not None and held[0] is runner:
            del self._running[execution_id]
            self.live.stirred(execution_id)
        if not runner.ended.done():
            runner.ended.set_result(None)
        if len(self._running) == self._most - 1 or not self._running:
            self._wake_claimer()

    async def _give_up(self, claimed: Claimed, error: Exception) -> None:
        """End what cannot go on, so that it does not hang for ever; if this fails, the sweeps take it back."""
        described = describe_breakdown(error)
        try:
            with translate_errors():
                async with self._database.pool.acquire() as connection:
                    await control.end(
                        connection, claimed.execution_id, ExecutionStatus.FAILED, described, epoch=claimed.epoch
                    )
        except Conflict:
            return
        except DatabaseUnavailable as unavailable:
            log.warning("execution_not_ended", execution_id=str(claimed.execution_id), error=unavailable.message)

    # What others decide.

    def _on_control(self, payload: str) -> None:
        try:
            message = json.loads(payload)
            execution_id, kind = UUID(message["execution_id"]), control.Control(message["kind"])
            wait = message.get("wait", "")
        except (ValueError, KeyError, TypeError):
            log.warning("control_message_unreadable", payload=payload[:200])
            return
        held = self._running.get(execution_id)
        if held is None:
            return
        if kind is control.Control.PAUSE:
            held[0].pause()
        elif kind is control.Control.SIGNAL:
            held[0].signal(wait)
        elif kind is control.Control.BREAKPOINTS:
            self._changes.wake()
        else:
            held[1].cancel()

    def _look_everywhere(self) -> None:
        """Notices may have gone by."""
        self._plans.expire()
        self._wake_claimer()
        self.endings.wake()
        self._changes.wake()
        self.scheduler.wake()

    def _look_after_beat(self) -> None:
        self._changes.wake()

    async def _changes_round(self) -> float:
        """Notices and answers may get lost; what became of our executions is looked up as well."""
        before = {execution_id: held[0] for execution_id, held in self._running.items()}
        awaited = {UUID(wait): runner for runner in before.values() for wait in runner.awaited}
        worker_id = self.lease.worker_id
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                forgotten = await self._take_back_forgotten(connection, worker_id, list(before))
                changes = await workers.find_changed(connection, worker_id, list(before)) if before else []
                breakpoints = await control.read_breakpoints(connection, list(before)) if before else {}
                settled = await waits.find_settled(connection, list(awaited)) if awaited else []
        if forgotten:
            log.warning("executions_taken_back", count=forgotten)
        for change in changes:
            held = self._running.get(change.execution_id)
            if held is None or held[0] is not before[change.execution_id]:
                continue
            if change.held:
                held[0].pause()
            elif not held[0].leaving:
                held[1].cancel()
        for execution_id, runner in before.items():
            runner.break_at(breakpoints.get(execution_id))
        for wait in settled:
            awaited[wait].signal(str(wait))
        return 60.0

    async def _take_back_forgotten(self, connection: asyncpg.Connection, worker_id: UUID, running: list[UUID]) -> int:
        """Compare clocks, and give back what we hold without running it; returns how many."""
        asked = time.monotonic()
        look = await workers.look(connection, worker_id, running, self._lease_seconds)
        self._clock.learn(look.now, asked, time.monotonic())
        if not look.forgotten:
            return 0
        return await workers.take_back(connection, worker_id, running, self._lease_seconds)

    def _refused(self, execution_id: UUID, epoch: int) -> None:
        held = self._running.get(execution_id)
        if held is not None and held[0].claimed.epoch == epoch:
            held[1].cancel()

    def _abandon_all(self) -> None:
        """The lease is gone: whatever runs here may run elsewhere by now."""
        for _, task in list(self._running.values()):
            task.cancel()

    def _tell_watchers(self, runner: Runner, row: JournalRow) -> None:
        for watcher in self.watchers:
            watcher(runner, row)
