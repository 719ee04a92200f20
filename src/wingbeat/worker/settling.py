"""What steps come to: results and failures, on their way into the state machine and into the journal."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from wingbeat.core.commands import Fail, Load, Record, Sleep, Spill
from wingbeat.core.errors import StepError, WingbeatError
from wingbeat.core.events import ChunkLoaded, ChunkSpilled, StepCompleted, StepFailed
from wingbeat.core.graph import OnUnknown
from wingbeat.core.outcome import Await, End, Outcome, Wait
from wingbeat.core.status import StepStatus
from wingbeat.storage.encoding import encode_json
from wingbeat.worker.journal_rows import Attempt, Said, renumbered, say, say_stored
from wingbeat.worker.outcomes import describe_error, may_have_happened, outcome_unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from wingbeat.core.events import StepKey
    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.outcome import Result
    from wingbeat.worker.awaited import Awaited
    from wingbeat.worker.course import Course
    from wingbeat.worker.step_tasks import StepTasks

# For so long the execution is held on to when a step awaits what is said to come soon.
HOLD_SECONDS = 1.0


class Settling:
    """Takes in what the steps of one execution come to."""

    __slots__ = ("_awaited", "_course", "_failed_for_good", "_tasks")

    def __init__(
        self, course: Course, tasks: StepTasks, awaited: Awaited, failed_for_good: Callable[[StepKey], None]
    ) -> None:
        """`failed_for_good` is told of steps that failed and are not tried again."""
        self._course = course
        self._tasks = tasks
        self._awaited = awaited
        self._failed_for_good = failed_for_good

    def leave(self) -> None:
        """Nothing will be told; whoever was is not held on to, and needs no search for garbage."""
        self._failed_for_good = _nobody

    def settle(self, attempt: Attempt, result: Result) -> None:
        """Take in a result: into the state machine and into the journal, or as a failure of the step."""
        course, key = self._course, attempt.command.key
        if key not in course.execution.open:
            return
        if type(result) is not Outcome:
            if type(attempt.command) is Sleep and not isinstance(result, Outcome | Await | Wait | End):
                self.fail(attempt, _unfit_after_a_wait(result))
                return
            if isinstance(result, Await) and result.soon:
                self._hold_on_for(key)
        blob = course.blobs.find(attempt.command, result)
        try:
            if blob is not None and isinstance(result, Outcome):
                said = say_stored(key, result, course.sequence + 1)
            else:
                said = say(key, result, course.sequence + 1, _deadline_of(attempt))
        except WingbeatError as error:
            self.fail(attempt, error)
            return
        if len(said.output) > course.tools.blob_threshold:
            self._tasks.start(attempt.command, self._settle_big(attempt, said))
        else:
            self._take_in(attempt, said, blob)

    async def _settle_big(self, attempt: Attempt, said: Said) -> None:
        """The output becomes a blob first; other steps go on meanwhile, and get their rows before this one."""
        course, key = self._course, attempt.command.key
        name = f"{key.node_id}-{course.claimed.epoch}-{time.monotonic_ns()}"
        try:
            blob = await course.tools.blobs.put(course.claimed.execution_id, name, said.output)
        except WingbeatError as error:
            self.fail(attempt, error)
            return
        if course.is_open(key):
            self._take_in(attempt, renumbered(said, course.sequence + 1), blob)

    def _take_in(self, attempt: Attempt, said: Said, blob: str | None) -> None:
        course = self._course
        sequence = course.sequence + 1
        try:
            course.record(said.event, course.rows.result(sequence, attempt, said, blob))
        except StepError as error:
            self.fail(attempt, error)
            return
        if blob is not None and isinstance(said.event, StepCompleted) and not said.event.outcome.split:
            course.blobs.know(sequence, blob)

    def _hold_on_for(self, key: StepKey) -> None:
        loop = asyncio.get_running_loop()
        self._awaited.hold(key, loop.time() + HOLD_SECONDS)
        loop.call_later(HOLD_SECONDS, self._course.changed.set)

    # Failures.

    def fail(self, attempt: Attempt, error: BaseException) -> None:
        """Take in what went wrong; what may have had its effect all the same is in doubt."""
        key = attempt.command.key
        if not self._course.is_open(key):
            return
        on_unknown = attempt.command.node.node.on_unknown
        if on_unknown is not OnUnknown.RETRY and may_have_happened(error, attempt.command):
            error = outcome_unknown(key, error)
            if on_unknown is OnUnknown.ASK:
                self._course.doubts[key] = error
                self._course.changed.set()
                return
        described, retryable = describe_error(error, key)
        self._record_failure(attempt, described, retryable=retryable)

    def _record_failure(self, attempt: Attempt, described: JsonObject, *, retryable: bool = False) -> None:
        course, key = self._course, attempt.command.key
        retry_at = course.execution.retry_at(key, described, retryable=retryable, at=course.now())
        row = course.rows.failure(course.sequence + 1, attempt, described, retryable=retryable, retry_at=retry_at)
        course.record(StepFailed(key, described, retry_at, row.sequence), row)
        if retry_at is None:
            self._failed_for_good(key)

    # Loops, which the state machine goes on with by itself.

    def go_on_with_loop(self, command: Record | Fail | Spill | Load) -> None:
        """Carry out what a loop needs: its end recorded, or a part of its results or items moved."""
        course = self._course
        if course.execution.open.get(command.key) is not command:
            return
        attempt = Attempt(command, course.now())
        match command:
            case Record(outcome=outcome, spilled=True):
                output = cast("JsonObject", outcome.output)
                reference = course.tools.streams.refer(course.claimed.execution_id, command.key, output)
                self.settle(attempt, replace(outcome, output=reference))
            case Record(outcome=outcome):
                self.settle(attempt, outcome)
            case Fail(error=error):
                self._record_failure(attempt, error)
            case Spill():
                self._tasks.start(command, self._spill(attempt, command))
            case Load():
                self._tasks.start(command, self._load(attempt, command))

    async def _spill(self, attempt: Attempt, command: Spill) -> None:
        """A part of a loop's results becomes a blob."""
        course, loop, values = self._course, command.loop.key, command.values
        try:
            await course.tools.streams.write(course.claimed.execution_id, loop, command.chunk, values)
        except WingbeatError as error:
            self.fail(attempt, error)
            return
        if course.execution.open.get(command.key) is command:
            told = encode_json({"chunk": command.chunk, "count": len(values)})
            self._take_in(attempt, Said(ChunkSpilled(command.key), StepStatus.SPILLED, told), None)

    async def _load(self, attempt: Attempt, command: Load) -> None:
        """A part of a stream comes into memory; its row refers to the blob in which it is."""
        course = self._course
        try:
            chunk = await course.tools.streams.read(command.stream, command.chunk)
        except WingbeatError as error:
            self.fail(attempt, error)
            return
        if course.execution.open.get(command.key) is command:
            event = ChunkLoaded(command.key, chunk.values)
            self._take_in(attempt, Said(event, StepStatus.LOADED, b""), chunk.path)


def _deadline_of(attempt: Attempt) -> float | None:
    """Until when the step may wait: its time counts from its beginning, however often it goes on waiting."""
    command = attempt.command
    if isinstance(command, Sleep):
        return command.deadline
    seconds = command.node.node.timeout_seconds
    return None if seconds is None else attempt.started + seconds


def _unfit_after_a_wait(result: object) -> StepError:
    return StepError(
        f"The node returned {type(result).__name__} after it had waited.",
        code="NODE_TYPE_BROKEN",
        remedy="A node's resume returns Outcome, Await, Wait or End.",
    )


def _nobody(_key: StepKey) -> None:
    """Stands where somebody was told."""
