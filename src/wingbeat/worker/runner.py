"""Runs one execution: carries out the state machine's commands, and hands what happened to the journal."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import structlog

from wingbeat.core.commands import Ask, Cancel, Fail, Finish, Load, Record, Retry, Run, Sleep, Spill
from wingbeat.core.errors import DatabaseUnavailable, PlatformError, StepError, WingbeatError
from wingbeat.core.events import (
    ChunkLoaded,
    ChunkSpilled,
    ExecutionStarted,
    RetryDue,
    StepCompleted,
    StepFailed,
    StepKey,
    StepStarted,
)
from wingbeat.core.execution import Execution
from wingbeat.core.graph import OnUnknown
from wingbeat.core.node_kind import Effect
from wingbeat.core.outcome import Await, End, Outcome, Result, Round, Wait
from wingbeat.core.part import Seed
from wingbeat.core.scope import StepNames
from wingbeat.core.status import ExecutionStatus, StepStatus
from wingbeat.services.executions.start import Ended
from wingbeat.services.live.notices import RunningStep
from wingbeat.storage import audit
from wingbeat.storage.blobs import BlobsUnavailable
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.journal import PAGE_ROWS, JournalRow, Release
from wingbeat.worker.awaited import Awaited
from wingbeat.worker.breakpoints import Breakpoints, Stop, question_at
from wingbeat.worker.journal_rows import Attempt, RowMaker, Said, renumbered, say, say_stored
from wingbeat.worker.leaving import Left, ended_row, ending_of, out_of_time, poisoned
from wingbeat.worker.outcomes import (
    describe_error,
    may_have_happened,
    outcome_unknown,
    question_about,
    timed_out,
)
from wingbeat.worker.replay import KnownBlobs, read_events
from wingbeat.worker.step_context import StepContext, input_for

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from uuid import UUID

    from wingbeat.core.commands import Command, OpenCommand
    from wingbeat.core.events import Event
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.limits import Limits
    from wingbeat.core.plan import Plan
    from wingbeat.core.retry import RetryPolicy
    from wingbeat.core.scope import Scope
    from wingbeat.sdk.node_type import NodeType
    from wingbeat.sdk.prepare import Prepared
    from wingbeat.sdk.waits import Signal
    from wingbeat.services.executions.waits import WaitAddresses
    from wingbeat.storage.blobs import Blobs
    from wingbeat.storage.dispatch import Claimed
    from wingbeat.storage.journal import RecordedRow
    from wingbeat.worker.clock import Clock
    from wingbeat.worker.journal_writer import JournalWriter
    from wingbeat.worker.step_context import MakeHttp, Toolbox
    from wingbeat.worker.streams import Streams
    from wingbeat.worker.waiting import WaitReader

# How long steps that need no waiting run in one go before others get their turn.
SLICE_SECONDS = 0.005
# A wait shorter than this is sat out in memory; a longer one gives the execution back to the database.
SUSPEND_SECONDS = 1.0
TRY_LATER_SECONDS = 5.0

log = structlog.get_logger()


class Tools(NamedTuple):
    """What every execution of a worker uses."""

    journal: JournalWriter
    make_http: MakeHttp
    toolbox: Toolbox
    blobs: Blobs
    streams: Streams
    default_retry: RetryPolicy
    blob_threshold: int
    most_takeovers: int
    clock: Clock
    # Rows of a journal after a sequence number.
    read_page: Callable[[UUID, int], Awaitable[list[RecordedRow]]]
    waits: WaitReader
    wait_addresses: WaitAddresses
    # Told of an execution in which a step begins that takes its time.
    stirred: Callable[[UUID], None]


class Runner:
    """One execution under this worker's lease. `run` ends when the execution has left the worker."""

    __slots__ = (
        "_awaited",
        "_begun",
        "_blobs",
        "_breakpoints",
        "_changed",
        "_commands",
        "_deadline",
        "_doubts",
        "_execution",
        "_facts",
        "_handing_back",
        "_limits",
        "_now",
        "_pausing",
        "_plan",
        "_rows",
        "_sequence",
        "_stops",
        "_tasks",
        "_timers",
        "_tools",
        "_unbegun",
        "_wanted_breakpoints",
        "_watch",
        "_withdrawing",
        "claimed",
        "ended",
        "leaving",
    )

    def __init__(
        self, claimed: Claimed, plan: Plan, limits: Limits, tools: Tools, watch: Callable[[Runner, JournalRow], None]
    ) -> None:
        self.claimed = claimed
        # The last statement is on its way: what the database says of the lease now may already be its result.
        self.leaving = False
        self.ended: asyncio.Future[Ended | None] = asyncio.get_running_loop().create_future()
        self._tools = tools
        self._plan = plan
        self._limits = limits
        self._watch = watch
        self._execution = Execution(
            plan, identity=str(claimed.execution_id), limits=limits, default_retry=tools.default_retry
        )
        self._now = tools.clock.now
        self._rows = RowMaker(claimed.execution_id, claimed.epoch, self._now)
        self._sequence = 0
        self._blobs = KnownBlobs()
        self._commands: deque[Command] = deque()
        self._tasks: dict[StepKey, asyncio.Task[None]] = {}
        # Since when the steps run that have a task.
        self._begun: dict[StepKey, float] = {}
        # What nodes have returned to be awaited, until it is: a task may be cancelled before its first step.
        self._unbegun: dict[StepKey, Coroutine[Any, Any, Any]] = {}
        self._timers: dict[StepKey, asyncio.TimerHandle] = {}
        self._changed = asyncio.Event()
        self._pausing = False
        # Steps whose outcome a person has to find out, and why.
        self._doubts: dict[StepKey, StepError] = {}
        self._handing_back = False
        # Where it is to stop, and the steps before which it has.
        self._wanted_breakpoints: Sequence[JsonObject] | None = claimed.breakpoints
        self._breakpoints = Breakpoints.of(claimed.breakpoints, stepping=claimed.stepping)
        self._stops: dict[StepKey, Stop] = {}
        self._awaited = Awaited()
        self._withdrawing: set[asyncio.Task[None]] = set()
        self._deadline: asyncio.TimerHandle | None = None
        self._facts: dict[str, Json] = {
            "trigger": claimed.trigger_data,
            "execution": {"id": str(claimed.execution_id), "start_time": claimed.start_time.isoformat()},
            "workflow": {"id": str(claimed.workflow_id), "name": plan.workflow.name, "revision": claimed.revision},
        }

    # What the worker calls.

    async def run(self, recorded: Sequence[RecordedRow]) -> Left:
        """Run from where the journal ends to the end, or until the execution lets go or is taken away."""
        try:
            try:
                await self._begin(recorded)
            except (DatabaseUnavailable, BlobsUnavailable) as error:
                log.warning("journal_unreadable", execution_id=str(self.claimed.execution_id), error=error.message)
                return await self._try_later()
            return await self._loop()
        except asyncio.CancelledError:
            self._tools.journal.drop(self.claimed.execution_id, self.claimed.epoch)
            return Left.LOST
        finally:
            self._stop_everything()
            if not self.ended.done():
                self.ended.set_result(None)

    def pause(self) -> None:
        """Begin no further step; let go when those under way are done."""
        self._pausing = True
        self._changed.set()

    def break_at(self, breakpoints: Sequence[JsonObject] | None) -> None:
        """Stop at these from now on, and at no others."""
        if breakpoints != self._wanted_breakpoints:
            self._wanted_breakpoints = breakpoints
            self._breakpoints = Breakpoints.of(breakpoints, stepping=self.claimed.stepping)

    def hand_back(self) -> None:
        """Begin no further step; let another worker go on when those under way are done."""
        self._handing_back = True
        self.pause()

    def signal(self, wait: str) -> None:
        """A wait of this execution has been resolved."""
        key = self._awaited.notice(wait)
        if key is not None:
            self._find_out_about(key)

    def deliver(self, wait: str, signal: Signal) -> None:
        """What a wait was for has come to be in this process, and is durable; the notice of it will be too late."""
        key = self._awaited.step_of(wait)
        command = self._execution.open.get(key) if key is not None else None
        if not isinstance(command, Sleep):
            self._awaited.keep(wait, signal)
        elif command.key not in self._tasks and not self._pausing:
            pending = self._resume(command, signal)
            if pending is not None:
                self._start_task(command, pending)
            self._changed.set()

    @property
    def awaited(self) -> Collection[str]:
        """The waits of its steps."""
        return self._awaited.waits

    @property
    def sequence(self) -> int:
        """How far its journal goes, written or not."""
        return self._sequence

    def running_steps(self) -> list[RunningStep]:
        """The steps that are under way at this moment; those that end at once never are."""
        return [RunningStep(*key, started) for key, started in self._begun.items()]

    @property
    def open_nodes(self) -> set[str]:
        """The nodes that run or wait now."""
        return {key.node_id for key in self._execution.open}

    # From the first command to the last.

    async def _begin(self, recorded: Sequence[RecordedRow]) -> None:
        claimed = self.claimed
        seed = Seed.read(claimed.seed)
        self._facts.update(seed.facts or {})
        self._execution.root.outputs.update(seed.outputs or {})
        started = ExecutionStarted(claimed.trigger_node_id, claimed.trigger_data, claimed.variables, seed.arrivals)
        commands = self._execution.advance(started)
        if recorded:
            await self._replay_with_waits(recorded)
            commands = self._execution.outstanding()
        self._commands.extend(commands)
        if claimed.takeovers >= self._tools.most_takeovers:
            self._commands.extend(self._execution.fail(poisoned(claimed.takeovers)))
        left = self._limits.timeout_seconds - claimed.active_seconds
        self._deadline = asyncio.get_running_loop().call_later(max(left, 0.0), self._time_is_up)

    async def _replay_with_waits(self, recorded: Sequence[RecordedRow]) -> None:
        execution, waits = self._execution, self._tools.waits
        may_wait = any(cast("NodeType", node.kind).resume is not None for node in self._plan.nodes.values())
        execution.watch(await waits.read_open(self.claimed) if may_wait else ())
        await self._replay(recorded)
        if execution.cancelled and execution.finished is None:
            # A worker died after the journal said that these were not waited for, and before the waits said so.
            await waits.withdraw(execution.cancelled, self.claimed)
        await self._take_up_waits()

    async def _take_up_waits(self) -> None:
        """Read what has come for the waits that the journal tells of; steps of a fork open waits of their own."""
        waiting = [one for one in self._execution.open.values() if isinstance(one, Sleep) and one.wait is not None]
        if not waiting:
            return
        own = await self._tools.waits.read([cast("str", one.wait) for one in waiting], self.claimed)
        self._awaited.know({wait: signal for wait, signal in own.items() if signal is not None})
        for command in waiting:
            if command.wait not in own:
                self._execution.wait_anew(command.key)

    async def _replay(self, rows: Sequence[RecordedRow]) -> None:
        """Fold the journal, page by page."""
        while len(rows) == PAGE_ROWS:
            self._sequence = rows[-1].sequence
            self._execution.replay(await read_events(rows, self._tools.blobs, self._blobs), to_be_continued=True)
            await asyncio.sleep(0)
            rows = await self._tools.read_page(self.claimed.execution_id, self._sequence)
        if rows:
            self._sequence = rows[-1].sequence
        self._execution.replay(await read_events(rows, self._tools.blobs, self._blobs))

    async def _loop(self) -> Left:
        journal = self._tools.journal
        while True:
            self._work(time.perf_counter() + SLICE_SECONDS)
            if self._execution.finished is not None:
                return await self._finish(self._execution.finished)
            if self._commands and not self._pausing:
                await (journal.room() if journal.crowded() else asyncio.sleep(0))
                continue
            busy = self._tasks or self._withdrawing
            if not busy and (self._pausing or self._questions() or self._only_far_timers()):
                return await self._let_go()
            await self._changed.wait()
            self._changed.clear()

    def _work(self, until: float) -> None:
        """Carry out commands until there are none, the slice is over, or the journal needs room."""
        commands, journal = self._commands, self._tools.journal
        steps = 0
        while commands and not self._pausing and self._execution.finished is None:
            self._carry_out(commands.popleft())
            steps += 1
            if not steps & 15 and (time.perf_counter() > until or journal.crowded()):
                return

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, Run):
            self._run(command)
        elif isinstance(command, Record | Fail | Spill | Load):
            self._go_on_with_loop(command)
        elif isinstance(command, Ask):
            self._ask(command)
        elif isinstance(command, Sleep) and command.wait is not None:
            self._listen(command, command.wait)
        elif isinstance(command, Sleep | Retry):
            self._set_timer(command)
        elif isinstance(command, Cancel):
            self._withdraw(command.keys)
            for key in command.keys:
                self._stop(key)

    # Steps.

    def _run(self, command: Run) -> None:
        if command.key not in self._execution.open:
            return
        if self._breakpoints is not None and self._stops_before(self._breakpoints, command):
            self.pause()
            return
        if command.node.pin is not None:
            self._settle(self._attempt(command), command.node.pin)
            return
        if command.unknown and command.node.node.on_unknown is OnUnknown.ASK:
            self._doubts[command.key] = outcome_unknown(command.key)
            return
        if command.unknown and command.node.node.on_unknown is not OnUnknown.RETRY:
            self._fail(Attempt(command, self._now()), outcome_unknown(command.key))
            return
        if command.node.effect is Effect.UNSAFE:
            self._start_task(command, self._run_unsafe(command))
            return
        pending = self._invoke(command)
        if pending is not None:
            self._start_task(command, pending)

    def _stops_before(self, breakpoints: Breakpoints, command: Run) -> bool:
        """Whether the execution stops before a step: not twice before the same, nor before one that had begun."""
        key = command.key
        if command.unknown or key not in self._execution.open or (key.node_id, key.scope) in self._execution.released:
            return False
        value = input_for(command, self.claimed.trigger_data)
        stop = breakpoints.stop(command, value, StepNames(command.scope, value, self._facts, self._now()))
        if stop is not None:
            self._stops[key] = stop
        return stop is not None

    def _all_stops(self) -> dict[StepKey, Stop]:
        """The steps before which it has stopped: those too that would have been next."""
        if self._stops and self._breakpoints is not None:
            for command in self._commands:
                if isinstance(command, Run):
                    self._stops_before(self._breakpoints, command)
        return {key: stop for key, stop in self._stops.items() if key in self._execution.open}

    async def _run_unsafe(self, command: Run) -> None:
        """Make the start durable before anything happens outside."""
        if not command.unknown:
            self._record(StepStarted(command.key), self._rows.bare(self._sequence + 1, command.key, StepStatus.STARTED))
        if not await self._tools.journal.written(self.claimed.execution_id, self.claimed.epoch):
            return
        pending = self._invoke(command)
        if pending is not None:
            await pending

    def _invoke(self, command: Run) -> Coroutine[Any, Any, None] | None:
        """Run the node; what it still waits for comes back as a coroutine."""
        kind = cast("NodeType", command.node.kind)
        return self._call(self._attempt(command), kind.run)

    def _call(self, attempt: Attempt, run: Callable[..., Any], *more: object) -> Coroutine[Any, Any, None] | None:
        try:
            result = run(self._resolve(attempt), attempt.context, *more)
        except Exception as error:  # noqa: BLE001 - whatever a node raises is the node's failure
            self._fail(attempt, error)
            return None
        if type(result) is not Outcome and isinstance(result, Awaitable):
            if isinstance(result, Coroutine):
                self._unbegun[attempt.command.key] = result
            return self._await(attempt, result)
        self._settle(attempt, result)
        return None

    async def _await(self, attempt: Attempt, result: Awaitable[Result]) -> None:
        self._unbegun.pop(attempt.command.key, None)
        limit = asyncio.timeout(attempt.command.node.node.timeout_seconds)
        try:
            async with limit:
                settled = await result
        except TimeoutError as error:
            # The node may have raised one of its own.
            self._fail(attempt, timed_out(attempt.command) if limit.expired() else error)
        except Exception as error:  # noqa: BLE001 - whatever a node raises is the node's failure
            self._fail(attempt, error)
        else:
            self._settle(attempt, settled)

    def _ask(self, command: Ask) -> None:
        if command.key not in self._execution.open:
            return
        attempt = self._attempt(command)
        kind = cast("NodeType", command.node.kind)
        try:
            again = kind.again is not None and kind.again(self._resolve(attempt), attempt.context)
        except Exception as error:  # noqa: BLE001 - whatever a node raises is the node's failure
            self._fail(attempt, error)
        else:
            self._settle(attempt, Round(again))

    def _attempt(self, command: Run | Ask | Sleep) -> Attempt:
        started = self._now()
        value = input_for(command, self.claimed.trigger_data)
        tools = self._tools
        return Attempt(
            command, started, StepContext(command, value, self.claimed, started, tools.make_http, tools.toolbox)
        )

    def _resolve(self, attempt: Attempt) -> Any:  # noqa: ANN401 - the node's own model
        command, context = attempt.command, attempt.context
        prepared = cast("Prepared", command.node.reading.prepared)
        value = context.input if context is not None else None
        facts = self._facts if not self._plan.addressed else self._with_addresses(command.scope)
        return prepared.resolve(StepNames(command.scope, value, facts, attempt.started))

    def _with_addresses(self, scope: Scope) -> dict[str, Json]:
        """What expressions see, with the addresses at which steps here can be called."""
        urls = self._tools.wait_addresses.of_scope(str(self.claimed.execution_id), scope, self._plan.addressed)
        return {**self._facts, "execution": {**cast("JsonObject", self._facts["execution"]), "resume_urls": urls}}

    # What steps come to.

    def _settle(self, attempt: Attempt, result: Result) -> None:
        """Take in a result: into the state machine and into the journal, or as a failure of the step."""
        key = attempt.command.key
        if key not in self._execution.open:
            return
        if type(result) is not Outcome:
            if type(attempt.command) is Sleep and not isinstance(result, Outcome | Await | Wait | End):
                self._fail(attempt, _unfit_after_a_wait(result))
                return
            if isinstance(result, Await) and result.soon:
                self._hold_on_for(key)
        blob = self._blobs.find(attempt.command, result)
        try:
            if blob is not None and isinstance(result, Outcome):
                said = say_stored(key, result, self._sequence + 1)
            else:
                said = say(key, result, self._sequence + 1, _deadline_of(attempt))
        except WingbeatError as error:
            self._fail(attempt, error)
            return
        if len(said.output) > self._tools.blob_threshold:
            self._start_task(attempt.command, self._settle_big(attempt, said))
        else:
            self._take_in(attempt, said, blob)

    async def _settle_big(self, attempt: Attempt, said: Said) -> None:
        """The output becomes a blob first; other steps go on meanwhile, and get their rows before this one."""
        key = attempt.command.key
        name = f"{key.node_id}-{self.claimed.epoch}-{time.monotonic_ns()}"
        try:
            blob = await self._tools.blobs.put(self.claimed.execution_id, name, said.output)
        except WingbeatError as error:
            self._fail(attempt, error)
            return
        if key in self._execution.open:
            self._take_in(attempt, renumbered(said, self._sequence + 1), blob)

    def _take_in(self, attempt: Attempt, said: Said, blob: str | None) -> None:
        sequence = self._sequence + 1
        try:
            self._record(said.event, self._rows.result(sequence, attempt, said, blob))
        except StepError as error:
            self._fail(attempt, error)
            return
        if blob is not None and isinstance(said.event, StepCompleted) and not said.event.outcome.split:
            self._blobs.know(sequence, blob)

    def _fail(self, attempt: Attempt, error: BaseException) -> None:
        key = attempt.command.key
        if key not in self._execution.open:
            return
        on_unknown = attempt.command.node.node.on_unknown
        if on_unknown is not OnUnknown.RETRY and may_have_happened(error, attempt.command):
            error = outcome_unknown(key, error)
            if on_unknown is OnUnknown.ASK:
                self._doubts[key] = error
                self._changed.set()
                return
        described, retryable = describe_error(error, key)
        self._record_failure(attempt, described, retryable=retryable)

    def _go_on_with_loop(self, command: Record | Fail | Spill | Load) -> None:
        if self._execution.open.get(command.key) is not command:
            return
        attempt = Attempt(command, self._now())
        match command:
            case Record(outcome=outcome, spilled=True):
                output = cast("JsonObject", outcome.output)
                reference = self._tools.streams.refer(self.claimed.execution_id, command.key, output)
                self._settle(attempt, replace(outcome, output=reference))
            case Record(outcome=outcome):
                self._settle(attempt, outcome)
            case Fail(error=error):
                self._record_failure(attempt, error)
            case Spill():
                self._start_task(command, self._spill(attempt, command))
            case Load():
                self._start_task(command, self._load(attempt, command))

    async def _spill(self, attempt: Attempt, command: Spill) -> None:
        """A part of a loop's results becomes a blob."""
        loop, values = command.loop.key, command.values
        try:
            await self._tools.streams.write(self.claimed.execution_id, loop, command.chunk, values)
        except WingbeatError as error:
            self._fail(attempt, error)
            return
        if self._execution.open.get(command.key) is command:
            told = encode_json({"chunk": command.chunk, "count": len(values)})
            self._take_in(attempt, Said(ChunkSpilled(command.key), StepStatus.SPILLED, told), None)

    async def _load(self, attempt: Attempt, command: Load) -> None:
        """A part of a stream comes into memory; its row refers to the blob in which it is."""
        try:
            chunk = await self._tools.streams.read(command.stream, command.chunk)
        except WingbeatError as error:
            self._fail(attempt, error)
            return
        if self._execution.open.get(command.key) is command:
            event = ChunkLoaded(command.key, chunk.values)
            self._take_in(attempt, Said(event, StepStatus.LOADED, b""), chunk.path)

    def _record_failure(self, attempt: Attempt, described: JsonObject, *, retryable: bool = False) -> None:
        key = attempt.command.key
        retry_at = self._execution.retry_at(key, described, retryable=retryable, at=self._now())
        row = self._rows.failure(self._sequence + 1, attempt, described, retryable=retryable, retry_at=retry_at)
        self._record(StepFailed(key, described, retry_at, row.sequence), row)

    def _record(self, event: Event, row: JournalRow) -> None:
        """The one place where the execution moves: state machine first, since it may refuse, then the journal."""
        commands = self._execution.advance(event)
        self._sequence += 1
        self._tools.journal.add(row)
        self._watch(self, row)
        if commands:
            self._commands.extend(commands)
            self._changed.set()

    # Waiting for what comes from outside.

    def _listen(self, command: Sleep, wait: str) -> None:
        """A step waits; what it waits for may have come already."""
        key = command.key
        if key not in self._execution.open:
            return
        signal = self._awaited.begin(key, wait)
        if signal is not None:
            pending = self._go_on(command, signal)
            if pending is not None:
                self._start_task(command, pending)
            return
        if command.due is not None:
            self._set_timer(command)
        if self._awaited.take_early(wait):
            self._find_out_about(key)

    def _hold_on_for(self, key: StepKey) -> None:
        loop = asyncio.get_running_loop()
        self._awaited.hold(key, loop.time() + SUSPEND_SECONDS)
        loop.call_later(SUSPEND_SECONDS, self._changed.set)

    def _find_out_about(self, key: StepKey) -> None:
        """Ask what has come for a wait, if there is reason to; one question at a time."""
        command = self._execution.open.get(key)
        asked = self._awaited.is_to_ask(key)
        if asked and isinstance(command, Sleep) and key not in self._tasks and not self._pausing:
            self._start_task(command, self._find_out(command))

    async def _find_out(self, command: Sleep) -> None:
        wait = cast("str", command.wait)
        while (due := self._awaited.next_question(wait)) is not None:
            waits = self._tools.waits
            if due and command.times_out:
                signal = await waits.give_up(wait, command.key, self.claimed)
            else:
                signal = await waits.find_out(wait, self.claimed, due=due)
            if signal is None:
                continue
            if self._pausing:
                # It is read again when the execution goes on.
                return
            pending = self._go_on(command, signal)
            if pending is not None:
                await pending
            return

    def _go_on(self, command: Sleep, signal: Signal) -> Coroutine[Any, Any, None] | None:
        """A wait is over: what came in time counts, even where nobody heard of it before the step's time was up."""
        if signal.kind == "expired" and command.times_out:
            self._forget_wait(command.key)
            self._fail(Attempt(command, self._now()), timed_out(command))
            return None
        return self._resume(command, signal)

    def _resume(self, command: Sleep, signal: Signal) -> Coroutine[Any, Any, None] | None:
        """Let the node say what its step comes to; what it still waits for comes back as a coroutine."""
        key = command.key
        if key not in self._execution.open:
            return None
        self._forget_wait(key)
        attempt = self._attempt(command)
        kind = cast("NodeType", command.node.kind)
        return self._call(attempt, kind.resume or _not_resumable, signal)

    def _forget_wait(self, key: StepKey) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        self._awaited.forget(key)

    def _withdraw(self, cancelled: list[StepKey]) -> None:
        """Nobody is to answer any more what is not waited for: once the journal says so, so do the waits."""
        nodes = self._plan.nodes
        may_wait = [key for key in cancelled if cast("NodeType", nodes[key.node_id].kind).resume is not None]
        steps = {(key.node_id, key.scope) for key in may_wait}
        if not steps or self._execution.finished is not None:
            return

        async def withdraw() -> None:
            if await self._tools.journal.written(self.claimed.execution_id, self.claimed.epoch):
                await self._tools.waits.withdraw(steps, self.claimed)

        def withdrawn(task: asyncio.Task[None]) -> None:
            self._withdrawing.discard(task)
            self._changed.set()

        task = asyncio.get_running_loop().create_task(withdraw())
        self._withdrawing.add(task)
        task.add_done_callback(withdrawn)

    # Tasks and timers.

    def _start_task(self, command: OpenCommand, work: Any) -> None:  # noqa: ANN401 - a coroutine
        key = command.key
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[key] = task
        if type(command) is Run:
            self._begun.setdefault(key, self._now())
            self._tools.stirred(self.claimed.execution_id)
        task.add_done_callback(lambda done: self._task_done(key, done))

    def _task_done(self, key: StepKey, task: asyncio.Task[None]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
            self._begun.pop(key, None)
        if task.cancelled() and (unbegun := self._unbegun.pop(key, None)) is not None:
            unbegun.close()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("step_task_failed", execution_id=str(self.claimed.execution_id), node=key.node_id, exc_info=error)
            command = self._execution.open.get(key)
            if command is not None:
                self._fail(Attempt(command, self._now()), error)
        self._find_out_about(key)
        self._changed.set()

    def _set_timer(self, command: Sleep | Retry) -> None:
        due = command.due or 0.0
        # Not 0: uvloop would give a plain handle, which does not tell when it is due.
        delay = max(0.001, due - self._now())
        self._timers[command.key] = asyncio.get_running_loop().call_later(delay, self._timer_is_due, command)

    def _timer_is_due(self, command: Sleep | Retry) -> None:
        self._timers.pop(command.key, None)
        if command.key not in self._execution.open or self._pausing:
            return
        if isinstance(command, Sleep) and command.wait is not None:
            self._awaited.ask_because_due(command.wait)
            self._find_out_about(command.key)
        elif isinstance(command, Sleep) and command.times_out:
            self._fail(Attempt(command, self._now()), timed_out(command))
        elif isinstance(command, Sleep):
            self._settle(Attempt(command, self._now()), command.outcome)
        else:
            self._commands.extend(self._execution.advance(RetryDue(command.key)))
            self._changed.set()

    def _only_far_timers(self) -> bool:
        """Whether nothing will happen for a while."""
        if not self._execution.open:
            raise PlatformError(
                "Nothing is left to do, and yet the execution has not ended.",
                code="EXECUTION_STUCK",
                remedy="This is a fault of Wingbeat; please report it with the execution's journal.",
            )
        now = asyncio.get_running_loop().time()
        if self._awaited.holds(now):
            return False
        horizon = now + SUSPEND_SECONDS
        return bool(self._timers or self._awaited) and all(timer.when() > horizon for timer in self._timers.values())

    def _time_is_up(self) -> None:
        self._commands.extend(self._execution.fail(out_of_time(self._limits.timeout_seconds)))
        self._changed.set()

    def _stop(self, key: StepKey) -> None:
        task = self._tasks.pop(key, None)
        if task is not None:
            self._begun.pop(key, None)
            task.cancel()
        self._forget_wait(key)

    def _stop_everything(self) -> None:
        for key in [*self._tasks, *self._timers]:
            self._stop(key)
        for task in self._withdrawing:
            task.cancel()
        if self._deadline is not None:
            self._deadline.cancel()

    # The end.

    async def _finish(self, finish: Finish) -> Left:
        self._stop_everything()
        self.leaving = True
        row = ended_row(self._rows, self._sequence + 1, finish)
        self._sequence += 1
        self._tools.journal.add(row)
        ending = ending_of(self.claimed, self._execution, finish, row)
        durable = await self._tools.journal.finish(ending, frees=self._freed())
        if not durable:
            return Left.LOST
        self._watch(self, row)
        claimed = self.claimed
        audit.trace_end(claimed.execution_id, claimed.workflow_id, finish.status, finish.error)
        self.ended.set_result(Ended(finish.status, finish.output, finish.error, ending.executed, ending.ended_at))
        return Left.FINISHED

    async def _try_later(self) -> Left:
        """What the journal refers to cannot be read now: let go for a while."""
        self.leaving = True
        release = self._release(ExecutionStatus.WAITING, self._now() + TRY_LATER_SECONDS)
        return Left.RELEASED if await self._tools.journal.release(release, frees=self._freed()) else Left.LOST

    async def _let_go(self) -> Left:
        """Give the execution back: paused, or waiting until the first of its times comes."""
        self.leaving = True
        if self._handing_back:
            release = self._release(ExecutionStatus.PENDING, None)
        elif questions := self._questions():
            question = encode_json(question_about(questions))
            release = self._release(ExecutionStatus.PAUSED, None)._replace(question=question)
        elif stops := self._all_stops():
            question = encode_json(question_at(stops))
            release = self._release(ExecutionStatus.PAUSED, None)._replace(question=question)
        elif self._pausing:
            release = self._release(ExecutionStatus.PAUSED, None)
        else:
            due = [command.due for command in self._execution.open.values() if isinstance(command, Sleep | Retry)]
            times = [time for time in due if time is not None]
            release = self._release(ExecutionStatus.WAITING, min(times, default=None if self._awaited else self._now()))
            if self._awaited:
                release = release._replace(awaits=f"{{{','.join(self._awaited.waits)}}}")
        durable = self._tools.journal.release(release, frees=self._freed())
        # Whatever comes from now on is for whoever goes on with it: nothing begins here any more.
        self._pausing = True
        self._stop_everything()
        return Left.RELEASED if await durable else Left.LOST

    def _questions(self) -> dict[StepKey, StepError]:
        """What a person is to be asked: nothing about steps that were cancelled meanwhile."""
        return {key: why for key, why in self._doubts.items() if key in self._execution.open}

    def _release(self, status: ExecutionStatus, wake: float | None) -> Release:
        return Release(self.claimed.execution_id, self.claimed.epoch, status.value, wake)

    def _freed(self) -> UUID | None:
        return self.claimed.workflow_id if self._plan.workflow.settings.max_concurrent is not None else None


def _deadline_of(attempt: Attempt) -> float | None:
    """Until when the step may wait: its time counts from its beginning, however often it goes on waiting."""
    command = attempt.command
    if isinstance(command, Sleep):
        return command.deadline
    seconds = command.node.node.timeout_seconds
    return None if seconds is None else attempt.started + seconds


def _not_resumable(*_: object) -> Outcome:
    raise StepError(
        "The step waited, but its node type does not say how it goes on.",
        code="NODE_TYPE_BROKEN",
        remedy="A node type that returns Await has a resume; report it to its author.",
    )


def _unfit_after_a_wait(result: object) -> StepError:
    return StepError(
        f"The node returned {type(result).__name__} after it had waited.",
        code="NODE_TYPE_BROKEN",
        remedy="A node's resume returns Outcome, Await, Wait or End.",
    )
