"""The state machine of one execution: `advance(event)` gives the commands that follow. Pure: what it knows, it was told.

An execution is the fold of its events. `replay` folds a journal and leaves in `open` what has still to be done, so that
carrying on after a crash and carrying on after a step are the same thing.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from wingbeat.core.commands import Ask, Cancel, Finish, Record, Retry, Run, Sleep
from wingbeat.core.errors import PlatformError
from wingbeat.core.events import (
    ExecutionStarted,
    LoopOpened,
    RetryDue,
    RoundDecided,
    StepCompleted,
    StepFailed,
    StepKey,
    StepStarted,
    StepWaiting,
)
from wingbeat.core.graph import OnError
from wingbeat.core.limits import DEFAULT_LIMITS
from wingbeat.core.node_kind import Join, Role
from wingbeat.core.outcome import DONE, ERROR, AfterBreak, Outcome
from wingbeat.core.retry import NO_RETRY
from wingbeat.core.scope import Arrived, LoopState, Scope, input_of
from wingbeat.core.status import ExecutionStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wingbeat.core.commands import Command, OpenCommand
    from wingbeat.core.events import Event
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.limits import Limits
    from wingbeat.core.plan import Plan, PlannedNode
    from wingbeat.core.retry import RetryPolicy

FAILED_PORT = "failed"
COMPLETED_PORT = "completed"


class JournalMismatch(PlatformError):
    """The journal tells of a step that this workflow could not have been at."""

    default_code = "JOURNAL_MISMATCH"


class Execution:
    """One execution in memory. Everything here can be made again from the journal."""

    def __init__(
        self,
        plan: Plan,
        *,
        identity: str = "",
        limits: Limits = DEFAULT_LIMITS,
        default_retry: RetryPolicy = NO_RETRY,
    ) -> None:
        self.plan = plan
        self.identity = identity
        self.limits = limits
        self.trigger_data: Json = None
        self.finished: Finish | None = None
        self.open: dict[StepKey, OpenCommand] = {}
        self.started: set[StepKey] = set()
        self.operations = 0
        # How often each node ran to an outcome, and failed; in the order in which they first did.
        self.runs: dict[str, int] = {}
        self.failures: dict[str, int] = {}
        self.root = Scope(plan.root)
        self._default_retry = default_retry
        self._in_flight = 0
        self._commands: list[Command] = []
        self._ready: deque[tuple[Scope, PlannedNode, int, list[Arrived]]] = deque()
        self._dead: list[tuple[Scope, PlannedNode]] = []
        self._done: list[Scope] = []

    # What the outside calls.

    def advance(self, event: Event) -> Sequence[Command]:
        """Take in one event and say what is to be done now.

        Raises:
            StepError: when a completed step changes a variable in a way that does not fit; nothing has changed then.
            JournalMismatch: when the event tells of a step that cannot be under way.
        """
        if self.finished is not None:
            return ()
        _HANDLERS[type(event)](self, event)
        self._settle()
        commands, self._commands = self._commands, []
        return commands

    def replay(self, events: Iterable[Event]) -> None:
        """Fold a journal. Afterwards `open` holds what is still to be done, and `finished` the end if it was reached."""
        for event in events:
            self.advance(event)

    def outstanding(self) -> list[Command]:
        """All that is still to be done, after a replay; steps that had begun and may not be repeated are marked."""
        if self.finished is not None:
            return [self.finished]
        return [
            command._replace(unknown=True) if isinstance(command, Run) and key in self.started else command
            for key, command in self.open.items()
        ]

    def fail(self, error: JsonObject) -> Sequence[Command]:
        """End the execution from outside its graph, as when its time is up."""
        if self.finished is None:
            self._finish(Finish(ExecutionStatus.FAILED, None, error))
        commands, self._commands = self._commands, []
        return commands

    # Events.

    def _on_execution_started(self, event: ExecutionStarted) -> None:
        self.trigger_data = event.data
        self.root.variables = {**self.plan.workflow.global_variables, **event.variables}
        self.root.exposed = set(self.root.variables)
        for node in self.plan.root.roots:
            if node.id == event.trigger_id:
                self._ready.append((self.root, node, 1, []))
            else:
                self._dead.append((self.root, node))

    def _on_step_started(self, event: StepStarted) -> None:
        self.started.add(event.key)

    def _on_step_completed(self, event: StepCompleted) -> None:
        key, outcome = event.key, event.outcome
        command = self._find(key)
        for change in outcome.changes:
            command.scope.check(change)
        self._close(key)
        self.runs[key.node_id] = self.runs.get(key.node_id, 0) + 1
        for change in outcome.changes:
            command.scope.change(change)
        node, scope = command.node, command.scope
        if node.role is Role.END:
            self._end(node, outcome)
            return
        if node.role is Role.BREAK:
            self._break(scope)
        self._complete(scope, node, outcome, event.sequence)

    def _on_step_failed(self, event: StepFailed) -> None:
        key = event.key
        command = self._close(key)
        node, scope = command.node, command.scope
        self.failures[key.node_id] = self.failures.get(key.node_id, 0) + 1
        policy = node.node.retry or self._default_retry
        if event.retryable and key.attempt < policy.max_attempts and not isinstance(command, Sleep | Record):
            again = StepKey(key.node_id, key.scope, key.attempt + 1)
            delay = policy.delay_before(again.attempt, f"{self.identity}/{key.node_id}/{key.scope}")
            delay = max(delay, min(_asked_for(event.error), policy.max_delay_seconds))
            self._issue(Retry(again, node, scope, command.arrivals, event.at + delay))
            return
        match node.node.on_error:
            case OnError.STOP:
                self._finish(Finish(ExecutionStatus.FAILED, None, event.error))
            case OnError.CONTINUE:
                self._complete(scope, node, Outcome({"error": event.error}, node.ports[:1]), event.sequence)
            case OnError.BRANCH:
                self._complete(scope, node, Outcome({"error": event.error}, (ERROR,)), event.sequence)

    def _on_step_waiting(self, event: StepWaiting) -> None:
        command = self._close(event.key)
        self._issue(Sleep(event.key, command.node, command.scope, event.until, Outcome.of(event.output)))

    def _on_loop_opened(self, event: LoopOpened) -> None:
        command = self._close(event.key)
        if isinstance(command, Sleep | Record):
            raise _mismatch(event.key)
        loop = LoopState(event.key, command.node, command.scope, command.arrivals, event.opening)
        body = command.node.body
        if body is None:
            raise _mismatch(event.key)
        if body.depth > self.limits.loop_depth:
            self._limit("LOOP_DEPTH", f"loops are nested {body.depth} deep", self.limits.loop_depth, loop.node.id)
        elif loop.items is not None and len(loop.items) > self.limits.loop_iterations:
            self._too_many_iterations(loop, f"would go round {len(loop.items)} times")
        elif loop.items is not None and not body.nodes:
            self._issue(Record(loop.key, loop.node, loop.scope, Outcome(loop.items, (DONE,))))
        else:
            self._drive(loop)

    def _on_round_decided(self, event: RoundDecided) -> None:
        scope = self._close(event.key).scope
        loop = scope.loop
        if loop is None:
            raise _mismatch(event.key)
        if event.again:
            self._begin(loop, scope)
            return
        loop.ended = True
        loop.next = scope.index
        del loop.active[scope.index]
        self._drive(loop)

    def _on_retry_due(self, event: RetryDue) -> None:
        command = self._close(event.key)
        if isinstance(command, Retry):
            self._ready.append((command.scope, command.node, event.key.attempt, command.arrivals))

    # Commands.

    def _issue(self, command: OpenCommand) -> None:
        self.open[command.key] = command
        self._commands.append(command)

    def _find(self, key: StepKey) -> OpenCommand:
        command = self.open.get(key)
        return command if command is not None else self._issue_early(key)

    def _close(self, key: StepKey) -> OpenCommand:
        command = self.open.pop(key, None)
        if command is None:
            command = self._issue_early(key)
            del self.open[key]
        if isinstance(command, Run | Ask):
            self._in_flight -= 1
        if self.started:
            self.started.discard(key)
        return command

    def _issue_early(self, key: StepKey) -> OpenCommand:
        """In a replay, steps may end in another order than the one in which slots became free for them."""
        for position, (scope, node, attempt, arrivals) in enumerate(self._ready):
            if node.id == key.node_id and scope.path == key.scope and attempt == key.attempt:
                del self._ready[position]
                run = Run(key, node, scope, arrivals)
                self.open[key] = run
                self._in_flight += 1
                return run
        raise _mismatch(key)

    def _cancel_dead(self) -> None:
        """Cancel what is open in scopes that were given up."""
        keys = [key for key, command in self.open.items() if not command.scope.alive()]
        self._cancel(keys)

    def _cancel(self, keys: list[StepKey]) -> None:
        for key in keys:
            self._close(key)
        if keys:
            self._commands.append(Cancel(keys))

    def _finish(self, finish: Finish) -> None:
        self.finished = finish
        self._ready.clear()
        self._dead.clear()
        self._done.clear()
        self._cancel(list(self.open))
        self._commands.append(finish)

    def _limit(self, what: str, happened: str, limit: float, node_id: str | None = None) -> None:
        error: dict[str, Any] = {
            "code": f"LIMIT_{what}",
            "message": f"The execution was stopped: {happened}, and the limit is {limit:g}.",
            "fault": "workflow",
            "remedy": f"Raise settings.{what.lower()} of the workflow if this is intended.",
        }
        if node_id is not None:
            error["node"] = node_id
        self._finish(Finish(ExecutionStatus.FAILED, None, error))

    # Nodes become decided.

    def _settle(self) -> None:
        """Work off what has been decided until nothing follows from it, then hand out steps while there is room."""
        while self.finished is None:
            if self._dead:
                scope, node = self._dead.pop()
                self._pass_on(scope, node, None, 0)
            elif self._done:
                self._scope_done(self._done.pop())
            elif self._ready and self._in_flight < self.limits.parallel_nodes:
                self._hand_out(*self._ready.popleft())
            else:
                return

    def _hand_out(self, scope: Scope, node: PlannedNode, attempt: int, arrivals: list[Arrived]) -> None:
        if not scope.alive():
            return
        if node.node.disabled:
            port = DONE if node.role is Role.LOOP else (*node.ports, "")[0]
            value = self.trigger_data if node.role is Role.TRIGGER else input_of(arrivals)
            self._complete(scope, node, Outcome(value, (port,)), arrivals[0].sequence if arrivals else 0)
            return
        if self._operate():
            self._in_flight += 1
            self._issue(Run(StepKey(node.id, scope.path, attempt), node, scope, arrivals))

    def _operate(self) -> bool:
        self.operations += 1
        if self.operations > self.limits.total_operations:
            limit = self.limits.total_operations
            self._limit("TOTAL_OPERATIONS", f"it has run {limit} steps and wants to run more", limit)
            return False
        return True

    def _complete(self, scope: Scope, node: PlannedNode, outcome: Outcome, sequence: int) -> None:
        if scope.readers is not None and scope.readers.get(node.id):
            scope.outputs[node.id] = outcome.output
        if node.leaf:
            scope.results[node.id] = outcome.output
        self._pass_on(scope, node, outcome, sequence)

    def _pass_on(self, scope: Scope, node: PlannedNode, outcome: Outcome | None, sequence: int) -> None:
        """Decide the connections of a node that ran (or, without an outcome, was skipped)."""
        scope.waiting[node.index] = -1
        for port, targets in node.targets.items():
            if outcome is None or port not in outcome.ports:
                for target, _ in targets:
                    self._lose(scope, target)
                continue
            output = outcome.output
            value = output[port] if outcome.split and type(output) is dict else output
            for target, order in targets:
                self._arrive(scope, target, Arrived(order, node.id, port, value, sequence))
        for source in node.releases:
            self._release(scope, source)
        scope.live -= 1
        if scope.live == 0:
            self._done.append(scope)

    def _arrive(self, scope: Scope, target: PlannedNode, arrived: Arrived) -> None:
        left = scope.waiting[target.index]
        if left <= 0:
            return
        if target.join is Join.FIRST:
            scope.waiting[target.index] = 0
            self._ready.append((scope, target, 1, [arrived]))
            self._give_up(scope, target.exclusive)
            return
        scope.waiting[target.index] = left - 1
        if left == 1 and target.incoming == 1:
            self._ready.append((scope, target, 1, [arrived]))
            return
        arrivals = scope.arrivals.setdefault(target.index, [])
        arrivals.append(arrived)
        if left == 1:
            self._all_arrived(scope, target)

    def _all_arrived(self, scope: Scope, target: PlannedNode) -> None:
        arrivals = scope.arrivals.pop(target.index)
        arrivals.sort(key=lambda arrived: arrived.order)
        self._ready.append((scope, target, 1, arrivals))

    def _lose(self, scope: Scope, target: PlannedNode) -> None:
        left = scope.waiting[target.index]
        if left <= 0:
            return
        scope.waiting[target.index] = left - 1
        if left > 1:
            return
        if target.index in scope.arrivals:
            self._all_arrived(scope, target)
        else:
            self._dead.append((scope, target))

    def _release(self, scope: Scope, source: PlannedNode) -> None:
        """One reader fewer; when none is left, the value is dropped."""
        readers = scope.readers
        if readers is None:
            return
        readers[source.id] -= 1
        if readers[source.id] == 0:
            scope.outputs.pop(source.id, None)

    def _give_up(self, scope: Scope, nodes: tuple[PlannedNode, ...]) -> None:
        """A join was satisfied: whatever leads only to it is no longer wanted."""
        given_up = {node.id for node in nodes if scope.waiting[node.index] >= 0}
        if not given_up:
            return
        prefixes = tuple(f"{scope.path}/{name}:" if scope.path else f"{name}:" for name in given_up)
        keys = [
            key
            for key, command in self.open.items()
            if (command.scope is scope and key.node_id in given_up) or key.scope.startswith(prefixes)
        ]
        self._cancel(keys)
        self._ready = deque(
            entry
            for entry in self._ready
            if not (entry[0] is scope and entry[1].id in given_up) and not entry[0].path.startswith(prefixes)
        )
        for node in nodes:
            if node.id in given_up:
                scope.waiting[node.index] = -1
                scope.arrivals.pop(node.index, None)
                self._dead.append((scope, node))

    # Scopes and loops.

    def _scope_done(self, scope: Scope) -> None:
        if scope.loop is None:
            self._finish(Finish(ExecutionStatus.COMPLETED, scope.result()))
            return
        loop = scope.loop
        if loop.active.pop(scope.index, None) is not None:
            loop.keep(scope.index, scope.result())
            self._drive(loop)

    def _drive(self, loop: LoopState) -> None:
        """Begin iterations while the loop may, and close it when it is through."""
        while self.finished is None and loop.may_begin():
            index = loop.next
            loop.next += 1
            if loop.items is None and index >= self.limits.loop_iterations:
                self._too_many_iterations(loop, f"wants to go round a {index + 1}th time")
                return
            body = loop.node.body
            assert body is not None  # it was opened
            item = None if loop.items is None else loop.items[index]
            scope = Scope(body, f"{loop.prefix}{index}", loop.scope, loop, index, item)
            loop.active[index] = scope
            if loop.items is not None:
                self._begin(loop, scope)
            elif self._operate():
                self._in_flight += 1
                self._issue(Ask(StepKey(loop.node.id, scope.path, 1), loop.node, scope, loop.arrivals))
        if self.finished is None and loop.through():
            self._issue(Record(loop.key, loop.node, loop.scope, loop.outcome()))

    def _begin(self, loop: LoopState, scope: Scope) -> None:
        body = scope.region
        if not body.nodes:
            self._done.append(scope)
            return
        value = input_of(loop.arrivals) if loop.items is None else scope.item
        for target, order in body.entries:
            self._arrive(scope, target, Arrived(order, loop.node.id, "body", value, 0))

    def _break(self, scope: Scope) -> None:
        loop = scope.loop
        if loop is None:
            return
        loop.ended = True
        if loop.opening.after_break is AfterBreak.CANCEL:
            for index, other in list(loop.active.items()):
                if other is not scope:
                    other.cancelled = True
                    del loop.active[index]
            self._cancel_dead()

    def _too_many_iterations(self, loop: LoopState, happened: str) -> None:
        self._limit(
            "LOOP_ITERATIONS", f"the loop {loop.node.id!r} {happened}", self.limits.loop_iterations, loop.node.id
        )

    def _end(self, node: PlannedNode, outcome: Outcome) -> None:
        if FAILED_PORT not in outcome.ports:
            self._finish(Finish(ExecutionStatus.COMPLETED, outcome.output))
            return
        error: dict[str, Any] = {
            "code": "ENDED_AS_FAILED",
            "message": "The workflow ended itself as failed.",
            "fault": "workflow",
            "node": node.id,
        }
        if type(outcome.output) is dict and type(outcome.output.get("message")) is str:
            error["message"] = outcome.output["message"]
        self._finish(Finish(ExecutionStatus.FAILED, outcome.output, error))


def _asked_for(error: JsonObject) -> float:
    """The seconds after which the other side wants to be asked again, where the error says so."""
    details = error.get("details")
    seconds = details.get("retry_after_seconds") if isinstance(details, dict) else None
    return float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else 0.0


def _mismatch(key: StepKey) -> JournalMismatch:
    return JournalMismatch(
        f"The journal tells of {key.node_id!r} (scope {key.scope!r}, attempt {key.attempt}), which cannot be under way.",
        remedy="This is a fault of Wingbeat; the execution is left as it is. Please report it with the execution's journal.",
    )


_HANDLERS: dict[type, Callable[[Execution, Any], None]] = {
    ExecutionStarted: Execution._on_execution_started,  # noqa: SLF001 - the table is the class's own
    StepStarted: Execution._on_step_started,  # noqa: SLF001
    StepCompleted: Execution._on_step_completed,  # noqa: SLF001
    StepFailed: Execution._on_step_failed,  # noqa: SLF001
    StepWaiting: Execution._on_step_waiting,  # noqa: SLF001
    LoopOpened: Execution._on_loop_opened,  # noqa: SLF001
    RoundDecided: Execution._on_round_decided,  # noqa: SLF001
    RetryDue: Execution._on_retry_due,  # noqa: SLF001
}
