"""Steps that wait for something from outside: what has come for them, and how they go on with it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from wingbeat.core.commands import Sleep
from wingbeat.core.errors import StepError
from wingbeat.worker.journal_rows import Attempt
from wingbeat.worker.outcomes import timed_out

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable
    from typing import NoReturn

    from wingbeat.core.events import StepKey
    from wingbeat.sdk.node_type import NodeType
    from wingbeat.sdk.waits import Signal
    from wingbeat.worker.awaited import Awaited
    from wingbeat.worker.course import Course
    from wingbeat.worker.settling import Settling
    from wingbeat.worker.step_tasks import StepTasks
    from wingbeat.worker.steps import Steps


class Listening:
    """Asks what has come for the waits of one execution's steps, and withdraws those that nothing waits for."""

    __slots__ = ("_awaited", "_course", "_settling", "_steps", "_tasks", "_withdrawing")

    def __init__(self, course: Course, tasks: StepTasks, settling: Settling, steps: Steps, awaited: Awaited) -> None:
        self._course = course
        self._tasks = tasks
        self._settling = settling
        self._steps = steps
        self._awaited = awaited
        self._withdrawing: set[asyncio.Task[None]] = set()

    @property
    def withdraws(self) -> bool:
        """Whether a withdrawal is on its way."""
        return bool(self._withdrawing)

    async def take_up(self) -> None:
        """Read what has come for the waits that the journal tells of; steps of a fork open waits of their own."""
        execution, claimed = self._course.execution, self._course.claimed
        waiting = [one for one in execution.open.values() if isinstance(one, Sleep) and one.wait is not None]
        if not waiting:
            return
        own = await self._course.tools.waits.read([cast("str", one.wait) for one in waiting], claimed)
        self._awaited.know({wait: signal for wait, signal in own.items() if signal is not None})
        for command in waiting:
            if command.wait not in own:
                execution.wait_anew(command.key)

    def listen(self, command: Sleep, wait: str) -> None:
        """A step waits; what it waits for may have come already."""
        key = command.key
        if not self._course.is_open(key):
            return
        signal = self._awaited.begin(key, wait)
        if signal is not None:
            pending = self._go_on(command, signal)
            if pending is not None:
                self._tasks.start(command, pending)
            return
        if command.due is not None:
            self._tasks.set_timer(command)
        if self._awaited.take_early(wait):
            self.find_out_about(key)

    def signal(self, wait: str) -> None:
        """A wait of this execution has been resolved."""
        key = self._awaited.notice(wait)
        if key is not None:
            self.find_out_about(key)

    def deliver(self, wait: str, signal: Signal) -> None:
        """What a wait was for has come to be in this process, and is durable; the notice of it will be too late."""
        course, key = self._course, self._awaited.step_of(wait)
        command = course.execution.open.get(key) if key is not None else None
        if not isinstance(command, Sleep):
            self._awaited.keep(wait, signal)
        elif command.key not in self._tasks and not course.pausing:
            pending = self._resume(command, signal)
            if pending is not None:
                self._tasks.start(command, pending)
            course.changed.set()

    def is_due(self, key: StepKey, wait: str) -> None:
        """The time of a wait has come."""
        self._awaited.ask_because_due(wait)
        self.find_out_about(key)

    def find_out_about(self, key: StepKey) -> None:
        """Ask what has come for a wait, if there is reason to; one question at a time."""
        command = self._course.execution.open.get(key)
        asked = self._awaited.is_to_ask(key)
        if asked and isinstance(command, Sleep) and key not in self._tasks and not self._course.pausing:
            self._tasks.start(command, self._find_out(command))

    async def _find_out(self, command: Sleep) -> None:
        wait, course = cast("str", command.wait), self._course
        while (due := self._awaited.next_question(wait)) is not None:
            waits = course.tools.waits
            if due and command.times_out:
                signal = await waits.give_up(wait, command.key, course.claimed)
            else:
                signal = await waits.find_out(wait, course.claimed, due=due)
            if signal is None:
                continue
            if course.pausing:
                # It is read again when the execution goes on.
                return
            pending = self._go_on(command, signal)
            if pending is not None:
                await pending
            return

    def _go_on(self, command: Sleep, signal: Signal) -> Coroutine[Any, Any, None] | None:
        """A wait is over: what came in time counts, even where nobody heard of it before the step's time was up."""
        if signal.kind == "expired" and command.times_out:
            self.forget(command.key)
            self._settling.fail(Attempt(command, self._course.now()), timed_out(command))
            return None
        return self._resume(command, signal)

    def _resume(self, command: Sleep, signal: Signal) -> Coroutine[Any, Any, None] | None:
        """Let the node say what its step comes to; what it still waits for comes back as a coroutine."""
        key = command.key
        if not self._course.is_open(key):
            return None
        self.forget(key)
        kind = cast("NodeType", command.node.kind)
        return self._steps.call(self._steps.attempt(command), kind.resume or _not_resumable, signal)

    def forget(self, key: StepKey) -> None:
        """A step does not wait any more."""
        self._tasks.drop_timer(key)
        self._awaited.forget(key)

    def withdraw(self, stopped: Iterable[tuple[StepKey, asyncio.Task[None] | None]]) -> None:
        """Nobody is to answer any more what is not waited for: once the journal says so, so do the waits.

        A task of a step that was stopped may be about to open a wait; it ends first.
        """
        course, nodes = self._course, self._course.plan.nodes
        may_wait = {key: task for key, task in stopped if cast("NodeType", nodes[key.node_id].kind).resume is not None}
        steps = {(key.node_id, key.scope) for key in may_wait}
        if not steps or course.execution.finished is not None:
            return
        opening = [task for task in may_wait.values() if task is not None]

        async def withdraw() -> None:
            await asyncio.gather(*opening, return_exceptions=True)
            if await course.tools.journal.written(course.claimed.execution_id, course.claimed.epoch):
                await course.tools.waits.withdraw(steps, course.claimed)

        def withdrawn(task: asyncio.Task[None]) -> None:
            self._withdrawing.discard(task)
            course.changed.set()

        task = asyncio.get_running_loop().create_task(withdraw())
        self._withdrawing.add(task)
        task.add_done_callback(withdrawn)

    def stop(self) -> None:
        """Withdraw no more."""
        for task in self._withdrawing:
            task.cancel()


def _not_resumable(*_: object) -> NoReturn:
    raise StepError(
        "The step waited, but its node type does not say how it goes on.",
        code="NODE_TYPE_BROKEN",
        remedy="A node type that returns Await has a resume; report it to its author.",
    )
