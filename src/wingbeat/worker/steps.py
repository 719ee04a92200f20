"""Runs the nodes of one execution: what each sees, whether it may run at all, and what it gives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import TYPE_CHECKING, Any, cast

from wingbeat.core.commands import Run
from wingbeat.core.events import StepStarted
from wingbeat.core.graph import OnUnknown
from wingbeat.core.node_kind import Effect
from wingbeat.core.outcome import Outcome, Result, Round
from wingbeat.core.scope import StepNames
from wingbeat.core.status import StepStatus
from wingbeat.worker.breakpoints import Breakpoints, Stop
from wingbeat.worker.journal_rows import Attempt
from wingbeat.worker.outcomes import outcome_unknown, timed_out
from wingbeat.worker.step_context import StepContext, input_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wingbeat.core.commands import Ask, Sleep
    from wingbeat.core.events import StepKey
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.scope import Scope
    from wingbeat.sdk.node_type import NodeType
    from wingbeat.sdk.prepare import Prepared
    from wingbeat.worker.course import Course
    from wingbeat.worker.settling import Settling
    from wingbeat.worker.step_tasks import StepTasks


class Steps:
    """Carries out `Run` and `Ask`; stops before steps with a breakpoint."""

    __slots__ = ("_breakpoints", "_course", "_facts", "_settling", "_stops", "_tasks", "_wanted_breakpoints")

    def __init__(self, course: Course, tasks: StepTasks, settling: Settling) -> None:
        claimed = course.claimed
        self._course = course
        self._tasks = tasks
        self._settling = settling
        # Where it is to stop, and the steps before which it has.
        self._wanted_breakpoints: Sequence[JsonObject] | None = claimed.breakpoints
        self._breakpoints = Breakpoints.of(claimed.breakpoints, stepping=claimed.stepping)
        self._stops: dict[StepKey, Stop] = {}
        self._facts: dict[str, Json] = {
            "trigger": claimed.trigger_data,
            "execution": {"id": course.execution.identity, "start_time": claimed.start_time.isoformat()},
            "workflow": {
                "id": str(claimed.workflow_id),
                "name": course.plan.workflow.name,
                "revision": claimed.revision,
            },
        }

    def know(self, facts: Mapping[str, Json]) -> None:
        """Let expressions see these as well, under their names."""
        self._facts.update(facts)

    def run(self, command: Run) -> None:
        """Run a node, unless the execution stops before it or nobody knows whether it ran already."""
        course = self._course
        if command.key not in course.execution.open:
            return
        if self._breakpoints is not None and self._stops_before(self._breakpoints, command):
            course.pause()
            return
        if command.node.pin is not None:
            self._settling.settle(self.attempt(command), command.node.pin)
            return
        if command.unknown and command.node.node.on_unknown is OnUnknown.ASK:
            course.doubts[command.key] = outcome_unknown(command.key)
            return
        if command.unknown and command.node.node.on_unknown is not OnUnknown.RETRY:
            self._settling.fail(Attempt(command, course.now()), outcome_unknown(command.key))
            return
        if command.node.effect is Effect.UNSAFE:
            self._tasks.start(command, self._run_unsafe(command))
            return
        pending = self._invoke(command)
        if pending is not None:
            self._tasks.start(command, pending)

    async def _run_unsafe(self, command: Run) -> None:
        """Make the start durable before anything happens outside."""
        course = self._course
        if not command.unknown:
            row = course.rows.bare(course.sequence + 1, command.key, StepStatus.STARTED)
            course.record(StepStarted(command.key), row)
        if not await course.tools.journal.written(course.claimed.execution_id, course.claimed.epoch):
            return
        pending = self._invoke(command)
        if pending is not None:
            await pending

    def _invoke(self, command: Run) -> Coroutine[Any, Any, None] | None:
        """Run the node; what it still waits for comes back as a coroutine."""
        kind = cast("NodeType", command.node.kind)
        return self.call(self.attempt(command), kind.run)

    def call(self, attempt: Attempt, run: Callable[..., Any], *more: object) -> Coroutine[Any, Any, None] | None:
        """Call what a node type gives for an attempt; what it still waits for comes back as a coroutine."""
        try:
            result = run(self._resolve(attempt), attempt.context, *more)
        except Exception as error:  # noqa: BLE001 - whatever a node raises is the node's failure
            self._settling.fail(attempt, error)
            return None
        if type(result) is not Outcome and isinstance(result, Awaitable):
            if isinstance(result, Coroutine):
                self._tasks.expect(attempt.command.key, result)
            return self._await(attempt, result)
        self._settling.settle(attempt, result)
        return None

    async def _await(self, attempt: Attempt, result: Awaitable[Result]) -> None:
        self._tasks.awaits(attempt.command.key)
        limit = asyncio.timeout(attempt.command.node.node.timeout_seconds)
        try:
            async with limit:
                settled = await result
        except TimeoutError as error:
            # The node may have raised one of its own.
            self._settling.fail(attempt, timed_out(attempt.command) if limit.expired() else error)
        except Exception as error:  # noqa: BLE001 - whatever a node raises is the node's failure
            self._settling.fail(attempt, error)
        else:
            self._settling.settle(attempt, settled)

    def ask(self, command: Ask) -> None:
        """Ask a loop whether to go round again."""
        if not self._course.is_open(command.key):
            return
        attempt = self.attempt(command)
        kind = cast("NodeType", command.node.kind)
        try:
            again = kind.again is not None and kind.again(self._resolve(attempt), attempt.context)
        except Exception as error:  # noqa: BLE001 - whatever a node raises is the node's failure
            self._settling.fail(attempt, error)
        else:
            self._settling.settle(attempt, Round(again))

    # What a node sees.

    def attempt(self, command: Run | Ask | Sleep) -> Attempt:
        """An attempt that begins now."""
        course = self._course
        started, claimed, tools = course.now(), course.claimed, course.tools
        value = input_for(command, claimed.trigger_data)
        return Attempt(command, started, StepContext(command, value, claimed, started, tools.make_http, tools.toolbox))

    def _resolve(self, attempt: Attempt) -> Any:  # noqa: ANN401 - the node's own model
        command, context = attempt.command, attempt.context
        prepared = cast("Prepared", command.node.reading.prepared)
        value = context.input if context is not None else None
        facts = self._facts if not self._course.plan.addressed else self._with_addresses(command.scope)
        return prepared.resolve(StepNames(command.scope, value, facts, attempt.started))

    def _with_addresses(self, scope: Scope) -> dict[str, Json]:
        """What expressions see, with the addresses at which steps here can be called."""
        course = self._course
        urls = course.tools.wait_addresses.of_scope(course.execution.identity, scope, course.plan.addressed)
        return {**self._facts, "execution": {**cast("JsonObject", self._facts["execution"]), "resume_urls": urls}}

    # Breakpoints.

    def break_at(self, breakpoints: Sequence[JsonObject] | None) -> None:
        """Stop at these from now on, and at no others."""
        if breakpoints != self._wanted_breakpoints:
            self._wanted_breakpoints = breakpoints
            self._breakpoints = Breakpoints.of(breakpoints, stepping=self._course.claimed.stepping)

    def _stops_before(self, breakpoints: Breakpoints, command: Run) -> bool:
        """Whether the execution stops before a step: not twice before the same, nor before one that had begun."""
        key, course = command.key, self._course
        if command.unknown or not course.is_open(key) or (key.node_id, key.scope) in course.execution.released:
            return False
        value = input_for(command, course.claimed.trigger_data)
        stop = breakpoints.stop(command, value, StepNames(command.scope, value, self._facts, course.now()))
        if stop is not None:
            self._stops[key] = stop
        return stop is not None

    def stops(self) -> dict[StepKey, Stop]:
        """The steps before which it has stopped: those too that would have been next."""
        if self._stops and self._breakpoints is not None:
            for command in self._course.commands:
                if type(command) is Run:
                    self._stops_before(self._breakpoints, command)
        return {key: stop for key, stop in self._stops.items() if self._course.is_open(key)}
