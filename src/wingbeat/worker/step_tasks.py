"""What of an execution's steps is under way in this process: tasks and timers. What comes of them is for others."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

from wingbeat.core.commands import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from wingbeat.core.commands import OpenCommand, Retry, Sleep
    from wingbeat.core.events import StepKey
    from wingbeat.worker.course import Course

Over: TypeAlias = "Callable[[StepKey, BaseException | None], None]"
Due: TypeAlias = "Callable[[Sleep | Retry], None]"


class StepTasks:
    """The tasks and timers of one execution, at most one of each for a step."""

    __slots__ = ("_begun", "_course", "_due", "_over", "_tasks", "_timers", "_unbegun")

    def __init__(
        self,
        course: Course,
        over: Over,
        due: Due,
    ) -> None:
        """`over` is told when a task has ended, and with which error if it broke; `due` when a timer is."""
        self._course = course
        self._over = over
        self._due = due
        self._tasks: dict[StepKey, asyncio.Task[None]] = {}
        # Since when the steps run that have a task.
        self._begun: dict[StepKey, float] = {}
        # What nodes have returned to be awaited, until it is: a task may be cancelled before its first step.
        self._unbegun: dict[StepKey, Coroutine[Any, Any, Any]] = {}
        self._timers: dict[StepKey, asyncio.TimerHandle] = {}

    def __bool__(self) -> bool:
        """Whether any task is under way."""
        return bool(self._tasks)

    def __contains__(self, key: StepKey) -> bool:
        return key in self._tasks

    def begun(self) -> Iterable[tuple[StepKey, float]]:
        """The steps that run, and since when."""
        return self._begun.items()

    def start(self, command: OpenCommand, work: Coroutine[Any, Any, None]) -> None:
        """Let something happen for a step while others go on."""
        key = command.key
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[key] = task
        if type(command) is Run:
            self._begun.setdefault(key, self._course.now())
            self._course.tools.stirred(self._course.claimed.execution_id)
        # What is told is told even when everybody else has left meanwhile.
        over = self._over
        task.add_done_callback(lambda done: self._task_done(key, done, over))

    def expect(self, key: StepKey, coroutine: Coroutine[Any, Any, Any]) -> None:
        """What a node returned will be awaited in the step's task."""
        self._unbegun[key] = coroutine

    def awaits(self, key: StepKey) -> None:
        """It is."""
        self._unbegun.pop(key, None)

    def _task_done(self, key: StepKey, task: asyncio.Task[None], over: Over) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
            self._begun.pop(key, None)
        if task.cancelled() and (unbegun := self._unbegun.pop(key, None)) is not None:
            unbegun.close()
        over(key, None if task.cancelled() else task.exception())
        self._course.changed.set()

    def set_timer(self, command: Sleep | Retry) -> None:
        """Say when the command's time has come."""
        # Not 0: uvloop would give a plain handle, which does not tell when it is due.
        delay = max(0.001, (command.due or 0.0) - self._course.now())
        self._timers[command.key] = asyncio.get_running_loop().call_later(delay, self._timer_is_due, command)

    def _timer_is_due(self, command: Sleep | Retry) -> None:
        self._timers.pop(command.key, None)
        self._due(command)

    def drop_timer(self, key: StepKey) -> None:
        """Its time does not matter any more."""
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    @property
    def timed(self) -> bool:
        """Whether any timer is set."""
        return bool(self._timers)

    def none_due_before(self, horizon: float) -> bool:
        """Whether no timer is due by that time of the event loop."""
        return all(timer.when() > horizon for timer in self._timers.values())

    def stop(self, key: StepKey) -> asyncio.Task[None] | None:
        """Whatever happens for a step, no more; its task, if it had one, which may still have to end."""
        task = self._tasks.pop(key, None)
        if task is not None:
            self._begun.pop(key, None)
            task.cancel()
        self.drop_timer(key)
        return task

    def stop_all(self) -> None:
        """Nothing happens any more."""
        for key in [*self._tasks, *self._timers]:
            self.stop(key)

    def leave(self) -> None:
        """Nothing will; whoever was told before is not held on to."""
        self.stop_all()
        self._over = _nobody
        self._due = _nobody


def _nobody(*_: object) -> None:
    """Stands where somebody was told."""
