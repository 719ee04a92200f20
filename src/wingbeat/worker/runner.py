"""Runs one execution: carries out the state machine's commands, and hands what happened to the journal.

The runner leads it from the first command to the moment when it leaves the worker. Its parts share a `Course`: `Steps`
runs nodes, `Settling` takes in what they come to, `Listening` is about waits, `StepTasks` about tasks and timers.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, cast

import structlog

from wingbeat.core.commands import Ask, Cancel, Fail, Finish, Load, Record, Retry, Run, Sleep, Spill
from wingbeat.core.errors import DatabaseUnavailable, PlatformError, StepError
from wingbeat.core.events import ExecutionStarted, RetryDue, StepKey
from wingbeat.core.part import Seed
from wingbeat.core.status import ExecutionStatus
from wingbeat.services.executions.start_requests import Ended
from wingbeat.services.live.notices import RunningStep
from wingbeat.storage import audit
from wingbeat.storage.blobs import BlobsUnavailable
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.journal import PAGE_ROWS, Release
from wingbeat.worker.awaited import Awaited
from wingbeat.worker.breakpoints import question_at
from wingbeat.worker.course import Course
from wingbeat.worker.journal_rows import Attempt
from wingbeat.worker.leaving import Left, ended_row, ending_of, out_of_time, poisoned
from wingbeat.worker.listening import Listening
from wingbeat.worker.outcomes import question_about, timed_out
from wingbeat.worker.replay import read_events
from wingbeat.worker.settling import Settling
from wingbeat.worker.step_tasks import StepTasks
from wingbeat.worker.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from uuid import UUID

    from wingbeat.core.commands import Command
    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.limits import Limits
    from wingbeat.core.plan import Plan
    from wingbeat.sdk.node_type import NodeType
    from wingbeat.sdk.waits import Signal
    from wingbeat.storage.dispatch import Claimed
    from wingbeat.storage.journal import JournalRow, RecordedRow
    from wingbeat.worker.course import Tools

# How long steps that need no waiting run in one go before others get their turn.
SLICE_SECONDS = 0.005
# A wait shorter than this is sat out in memory; a longer one gives the execution back to the database.
SUSPEND_SECONDS = 1.0
TRY_LATER_SECONDS = 5.0

log = structlog.get_logger()


class Runner:
    """One execution under this worker's lease. `run` ends when the execution has left the worker."""

    __slots__ = (
        "_awaited",
        "_course",
        "_deadline",
        "_handing_back",
        "_listening",
        "_settling",
        "_steps",
        "_tasks",
        "_watch",
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
        self._watch = watch
        self._course = Course(claimed, plan, limits, tools, partial(watch, self))
        self._awaited = Awaited()
        self._tasks = StepTasks(self._course, self._task_over, self._timer_is_due)
        self._settling = Settling(self._course, self._tasks, self._awaited, self._failed_for_good)
        self._steps = Steps(self._course, self._tasks, self._settling)
        self._listening = Listening(self._course, self._tasks, self._settling, self._steps, self._awaited)
        self._handing_back = False
        self._deadline: asyncio.TimerHandle | None = None

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
            self._course.tools.journal.drop(self.claimed.execution_id, self.claimed.epoch)
            return Left.LOST
        finally:
            self._stop_everything()
            self._tasks.leave()
            self._settling.leave()
            self._course.leave()
            if not self.ended.done():
                self.ended.set_result(None)

    def pause(self) -> None:
        """Begin no further step; let go when those under way are done."""
        self._course.pause()

    def break_at(self, breakpoints: Sequence[JsonObject] | None) -> None:
        """Stop at these from now on, and at no others."""
        self._steps.break_at(breakpoints)

    def hand_back(self) -> None:
        """Begin no further step; let another worker go on when those under way are done."""
        self._handing_back = True
        self.pause()

    def signal(self, wait: str) -> None:
        """A wait of this execution has been resolved."""
        self._listening.signal(wait)

    def deliver(self, wait: str, signal: Signal) -> None:
        """What a wait was for has come to be in this process, and is durable; the notice of it will be too late."""
        self._listening.deliver(wait, signal)

    @property
    def awaited(self) -> Collection[str]:
        """The waits of its steps."""
        return self._awaited.waits

    @property
    def sequence(self) -> int:
        """How far its journal goes, written or not."""
        return self._course.sequence

    def running_steps(self) -> list[RunningStep]:
        """The steps that are under way at this moment; those that end at once never are."""
        return [RunningStep(*key, started) for key, started in self._tasks.begun()]

    @property
    def open_nodes(self) -> set[str]:
        """The nodes that run or wait now."""
        return {key.node_id for key in self._course.execution.open}

    # From the first command to the last.

    async def _begin(self, recorded: Sequence[RecordedRow]) -> None:
        claimed, course = self.claimed, self._course
        seed = Seed.read(claimed.seed)
        self._steps.know(seed.facts or {})
        course.execution.root.outputs.update(seed.outputs or {})
        started = ExecutionStarted(claimed.trigger_node_id, claimed.trigger_data, claimed.variables, seed.arrivals)
        commands = course.execution.advance(started)
        if recorded:
            await self._replay_with_waits(recorded)
            commands = course.execution.outstanding()
        course.commands.extend(commands)
        if claimed.takeovers >= course.tools.most_takeovers:
            course.commands.extend(course.execution.fail(poisoned(claimed.takeovers)))
        left = course.limits.timeout_seconds - claimed.active_seconds
        self._deadline = asyncio.get_running_loop().call_later(max(left, 0.0), self._time_is_up)

    async def _replay_with_waits(self, recorded: Sequence[RecordedRow]) -> None:
        course = self._course
        execution, waits = course.execution, course.tools.waits
        may_wait = any(cast("NodeType", node.kind).resume is not None for node in course.plan.nodes.values())
        execution.watch(await waits.read_open(self.claimed) if may_wait else ())
        await self._replay(recorded)
        if execution.over and execution.finished is None:
            # A worker died after the journal said that these were not waited for, and before the waits said so.
            await waits.withdraw(execution.over, self.claimed)
        await self._listening.take_up()

    async def _replay(self, rows: Sequence[RecordedRow]) -> None:
        """Fold the journal, page by page."""
        course = self._course
        execution, tools = course.execution, course.tools
        while len(rows) == PAGE_ROWS:
            course.sequence = rows[-1].sequence
            execution.replay(await read_events(rows, tools.blobs, course.blobs), to_be_continued=True)
            await asyncio.sleep(0)
            rows = await tools.read_page(self.claimed.execution_id, course.sequence)
        if rows:
            course.sequence = rows[-1].sequence
        execution.replay(await read_events(rows, tools.blobs, course.blobs))

    async def _loop(self) -> Left:
        course = self._course
        journal = course.tools.journal
        while True:
            self._work(time.perf_counter() + SLICE_SECONDS)
            if course.execution.finished is not None:
                return await self._finish(course.execution.finished)
            if course.commands and not course.pausing:
                await (journal.room() if journal.crowded() else asyncio.sleep(0))
                continue
            busy = self._tasks or self._listening.withdraws
            if not busy and (course.pausing or self._questions() or self._only_far_timers()):
                return await self._let_go()
            await course.changed.wait()
            course.changed.clear()

    def _work(self, until: float) -> None:
        """Carry out commands until there are none, the slice is over, or the journal needs room."""
        course = self._course
        commands, execution, journal = course.commands, course.execution, course.tools.journal
        steps = 0
        while commands and not course.pausing and execution.finished is None:
            self._carry_out(commands.popleft())
            steps += 1
            if not steps & 15 and (time.perf_counter() > until or journal.crowded()):
                return

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, Run):
            self._steps.run(command)
        elif isinstance(command, Record | Fail | Spill | Load):
            self._settling.go_on_with_loop(command)
        elif isinstance(command, Ask):
            self._steps.ask(command)
        elif isinstance(command, Sleep) and command.wait is not None:
            self._listening.listen(command, command.wait)
        elif isinstance(command, Sleep | Retry):
            self._tasks.set_timer(command)
        elif isinstance(command, Cancel):
            stopped = [(key, self._tasks.stop(key)) for key in command.keys]
            for key in command.keys:
                self._listening.forget(key)
            self._listening.withdraw(stopped)

    # What tasks and timers come to.

    def _failed_for_good(self, key: StepKey) -> None:
        """It may have opened a wait, or started children, before it failed or its time was up."""
        self._listening.withdraw([(key, None)])

    def _task_over(self, key: StepKey, error: BaseException | None) -> None:
        if error is not None:
            log.error("step_task_failed", execution_id=str(self.claimed.execution_id), node=key.node_id, exc_info=error)
            command = self._course.execution.open.get(key)
            if command is not None:
                self._settling.fail(Attempt(command, self._course.now()), error)
        self._listening.find_out_about(key)

    def _timer_is_due(self, command: Sleep | Retry) -> None:
        course = self._course
        if not course.is_open(command.key) or course.pausing:
            return
        if isinstance(command, Retry):
            course.commands.extend(course.execution.advance(RetryDue(command.key)))
            course.changed.set()
        elif command.wait is not None:
            self._listening.is_due(command.key, command.wait)
        elif command.times_out:
            self._settling.fail(Attempt(command, course.now()), timed_out(command))
        else:
            self._settling.settle(Attempt(command, course.now()), command.outcome)

    def _only_far_timers(self) -> bool:
        """Whether nothing will happen for a while."""
        if not self._course.execution.open:
            raise PlatformError(
                "Nothing is left to do, and yet the execution has not ended.",
                code="EXECUTION_STUCK",
                remedy="This is a fault of Wingbeat; please report it with the execution's journal.",
            )
        now = asyncio.get_running_loop().time()
        if self._awaited.holds(now):
            return False
        return bool(self._tasks.timed or self._awaited) and self._tasks.none_due_before(now + SUSPEND_SECONDS)

    def _time_is_up(self) -> None:
        course = self._course
        course.commands.extend(course.execution.fail(out_of_time(course.limits.timeout_seconds)))
        course.changed.set()

    def _stop_everything(self) -> None:
        self._tasks.stop_all()
        self._listening.stop()
        if self._deadline is not None:
            self._deadline.cancel()

    # The end.

    async def _finish(self, finish: Finish) -> Left:
        course, claimed = self._course, self.claimed
        self._stop_everything()
        self.leaving = True
        row = ended_row(course.rows, course.sequence + 1, finish)
        course.sequence += 1
        course.tools.journal.add(row)
        ending = ending_of(claimed, course.execution, finish, row)
        durable = await course.tools.journal.finish(ending, frees=self._freed())
        if not durable:
            return Left.LOST
        self._watch(self, row)
        audit.trace_end(claimed.execution_id, claimed.workflow_id, finish.status, finish.error)
        self.ended.set_result(Ended(finish.status, finish.output, finish.error, ending.executed, ending.ended_at))
        return Left.FINISHED

    async def _try_later(self) -> Left:
        """What the journal refers to cannot be read now: let go for a while."""
        self.leaving = True
        journal = self._course.tools.journal
        release = self._release(ExecutionStatus.WAITING, self._course.now() + TRY_LATER_SECONDS)
        return Left.RELEASED if await journal.release(release, frees=self._freed()) else Left.LOST

    async def _let_go(self) -> Left:
        """Give the execution back: paused, or waiting until the first of its times comes."""
        self.leaving = True
        durable = self._course.tools.journal.release(self._how_it_rests(), frees=self._freed())
        # Whatever comes from now on is for whoever goes on with it: nothing begins here any more.
        self._course.pausing = True
        self._stop_everything()
        return Left.RELEASED if await durable else Left.LOST

    def _how_it_rests(self) -> Release:
        course = self._course
        if self._handing_back:
            return self._release(ExecutionStatus.PENDING, None)
        if questions := self._questions():
            question = encode_json(question_about(questions))
            return self._release(ExecutionStatus.PAUSED, None)._replace(question=question)
        if stops := self._steps.stops():
            question = encode_json(question_at(stops))
            return self._release(ExecutionStatus.PAUSED, None)._replace(question=question)
        if course.pausing:
            return self._release(ExecutionStatus.PAUSED, None)
        due = [command.due for command in course.execution.open.values() if isinstance(command, Sleep | Retry)]
        times = [time for time in due if time is not None]
        wake = min(times, default=None if self._awaited else course.now())
        release = self._release(ExecutionStatus.WAITING, wake)
        return release._replace(awaits=f"{{{','.join(self._awaited.waits)}}}") if self._awaited else release

    def _questions(self) -> dict[StepKey, StepError]:
        """What a person is to be asked: nothing about steps that were cancelled meanwhile."""
        return {key: why for key, why in self._course.doubts.items() if self._course.is_open(key)}

    def _release(self, status: ExecutionStatus, wake: float | None) -> Release:
        return Release(self.claimed.execution_id, self.claimed.epoch, status.value, wake)

    def _freed(self) -> UUID | None:
        return self.claimed.workflow_id if self._course.plan.workflow.settings.max_concurrent is not None else None
