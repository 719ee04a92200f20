"""The state machine of one execution: `advance(event)` gives the commands that follow. Pure: it knows what it was told.

An execution is the fold of its events. `replay` folds a journal and leaves in `open` what has still to be done, so that
carrying on after a crash and carrying on after a step are the same thing. This says what each event means; the agenda
keeps what is to be done, and the traversal and the loops say what follows from a node that is decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wingbeat.core.agenda import Agenda
from wingbeat.core.arrivals import Arrived, ArrivedError
from wingbeat.core.commands import Ask, Fail, Finish, Load, Record, Retry, Run, Sleep, Spill
from wingbeat.core.endings import ended_by
from wingbeat.core.errors import StepError
from wingbeat.core.events import (
    ChunkLoaded,
    ChunkSpilled,
    ExecutionStarted,
    LoopOpened,
    RetryDue,
    RoundDecided,
    StepCleared,
    StepCompleted,
    StepFailed,
    StepKey,
    StepReleased,
    StepStarted,
    StepWaiting,
)
from wingbeat.core.graph import OnError
from wingbeat.core.limits import DEFAULT_LIMITS
from wingbeat.core.loops import Loops, asked
from wingbeat.core.node_kind import Role
from wingbeat.core.outcome import DONE, ERROR, Outcome
from wingbeat.core.plan import FAILURE
from wingbeat.core.refusals import (
    answer_unfit,
    asked_for,
    check_outcome,
    mismatch,
)
from wingbeat.core.retry import NO_RETRY
from wingbeat.core.scope import LoopState, Scope, edited_arrivals, input_of
from wingbeat.core.status import ExecutionStatus
from wingbeat.core.traversal import Traversal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from wingbeat.core.commands import Command, OpenCommand
    from wingbeat.core.events import Event
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.limits import Limits
    from wingbeat.core.plan import Plan, PlannedNode
    from wingbeat.core.retry import RetryPolicy

# What each event may answer. A retry is among them, since the event that its time has come is not recorded.
_COMPLETES = (Run, Record, Sleep, Retry)
_FAILS = (Run, Ask, Record, Fail, Spill, Load, Sleep, Retry)
_RUNS = (Run, Retry)
_SUSPENDS = (Run, Retry, Sleep)
_ASKS = (Ask, Retry)
# What runs something, so that it may be tried again.
_TRIES = (Run, Ask, Retry)


class Execution:
    """One execution in memory. Everything here can be made again from the journal."""

    def __init__(
        self,
        plan: Plan,
        *,
        identity: str = "",
        limits: Limits = DEFAULT_LIMITS,
        default_retry: RetryPolicy = NO_RETRY,
        with_values: bool = True,
    ) -> None:
        """Without values, it only follows the journal: what its rows give is not looked at."""
        self.plan = plan
        self.identity = identity
        self.limits = limits
        self.trigger_data: Json = None
        # Steps, by node and scope, that a person has let go on from a breakpoint, or with another input.
        self.released: set[tuple[str, str]] = set()
        # How often each node ran to an outcome, and failed; in the order in which they first did.
        self.runs: dict[str, int] = {}
        self.failures: dict[str, int] = {}
        self.root = Scope(plan.root)
        self._default_retry = default_retry
        self._begun = False
        self._agenda = Agenda()
        # What has been handed out and is not answered yet, and which steps of it are known to have begun.
        self.open = self._agenda.open
        self.started = self._agenda.started
        self._traversal = Traversal(self._agenda)
        self._loops = Loops(self._agenda, self._traversal, limits, with_values=with_values)

    # What the outside calls.

    def advance(self, event: Event) -> Sequence[Command]:
        """Take in one event and say what is to be done now.

        Raises:
            StepError: when the outcome of a step does not fit: a port that the node does not have, or a change that its
                variable does not allow. Nothing has changed then.
            JournalMismatch: when the event tells of a step that cannot be under way. Nothing has changed then.
        """
        agenda = self._agenda
        if agenda.finished is not None:
            return ()
        _HANDLERS[type(event)](self, event)
        self._settle()
        return agenda.take()

    def replay(self, events: Iterable[Event], *, to_be_continued: bool = False) -> None:
        """Fold a journal. Afterwards `open` holds what is still to be done, and `finished` the end if it was reached.

        Nothing is handed out meanwhile: the journal says which steps ran, in whatever order they came to their ends. A
        long journal is folded part by part, all but the last `to_be_continued`.
        """
        agenda = self._agenda
        agenda.replaying = True
        for event in events:
            agenda.exceeded = None
            self.advance(event)
        if to_be_continued:
            return
        agenda.replaying = False
        if agenda.exceeded is not None and agenda.finished is None:
            agenda.finish(agenda.exceeded)
        self._settle()
        agenda.commands.clear()

    @property
    def finished(self) -> Finish | None:
        """How it ended, once it has."""
        return self._agenda.finished

    @property
    def operations(self) -> int:
        """How many steps were handed out."""
        return self._agenda.operations

    def watch(self, steps: Collection[tuple[str, str]]) -> None:
        """Note from now on which of these steps, by node and scope, a replay cancels or brings to their ends."""
        self._agenda.watched = steps

    @property
    def over(self) -> Collection[tuple[str, str]]:
        """Those of the steps watched that a replay has cancelled, or brought to their ends."""
        return self._agenda.over

    def outstanding(self) -> list[Command]:
        """All that is still to be done, after a replay; steps that had begun and may not be repeated are marked."""
        return self._agenda.outstanding() if self.finished is None else [self.finished]

    def awaiting(self, key: StepKey) -> OpenCommand | None:
        """What is open of a step, or ready and not handed out yet; None for a step that is not under way."""
        return self.open.get(key) or self._agenda.ready.get(key)

    def under_way(self) -> Iterator[OpenCommand]:
        """All that is open, and all that is ready and not handed out yet."""
        return self._agenda.under_way()

    def wait_anew(self, key: StepKey) -> None:
        """Run a step again that waits for something from outside: what it waits for is not there any more."""
        command = self._agenda.find(key, (Sleep,))
        self.started.discard(key)
        self._agenda.reopen(Run(key, command.node, command.scope, list(command.arrivals)))

    def retry_at(self, key: StepKey, error: JsonObject, *, retryable: bool, at: float) -> float | None:
        """When a step that fails `at` that time is to be tried again (seconds since the epoch); None for not at all."""
        command = self._agenda.find(key, _FAILS)
        policy = command.node.node.retry or self._default_retry
        if not retryable or key.attempt >= policy.max_attempts or not isinstance(command, _TRIES):
            return None
        delay = policy.delay_before(key.attempt + 1, f"{self.identity}/{key.node_id}/{key.scope}")
        return at + max(delay, min(asked_for(error), policy.max_delay_seconds))

    def fail(self, error: JsonObject) -> Sequence[Command]:
        """End the execution from outside its graph, as when its time is up."""
        if self.finished is None:
            self._agenda.fail(error)
        return self._agenda.take()

    # Events.

    def _on_execution_started(self, event: ExecutionStarted) -> None:
        if self._begun or all(trigger.id != event.trigger_id for trigger in self.plan.triggers):
            raise mismatch(StepKey(event.trigger_id, "", 1))
        self._begun = True
        self.trigger_data = event.data
        self.root.variables = {**self.plan.workflow.global_variables, **event.variables}
        self.root.exposed = set(self.root.variables)
        for node in self.plan.root.roots:
            if node.id == event.trigger_id:
                self._traversal.enqueue(self.root, node, list(event.arrivals))
            else:
                self._traversal.skip(self.root, node)

    def _on_step_started(self, event: StepStarted) -> None:
        key = event.key
        command = self._agenda.find(key, _RUNS)
        if key not in self.open or type(command) is Retry:
            # A replay: it had been handed out.
            self._agenda.close(key, command)
            self._agenda.reopen(Run(key, command.node, command.scope, command.arrivals))
        self.started.add(key)

    def _on_step_cleared(self, event: StepCleared) -> None:
        self.started.discard(event.key)

    def _on_step_released(self, event: StepReleased) -> None:
        key = event.key
        command = self._agenda.find(key, _TRIES)
        if event.edited:
            arrivals = edited_arrivals(command.arrivals, key.node_id, event.value, event.sequence)
            (self.open if key in self.open else self._agenda.ready)[key] = command._replace(arrivals=arrivals)
        command.scope.assign(event.variables)
        self.released.add((key.node_id, key.scope))

    def _on_step_completed(self, event: StepCompleted) -> None:
        agenda, key, outcome = self._agenda, event.key, event.outcome
        if key in agenda.unanswered:
            return
        command = agenda.find(key, _COMPLETES)
        node, scope = command.node, command.scope
        why = self._misfit(key, node, outcome)
        if why is not None:
            self._on_step_failed(StepFailed(key, answer_unfit(key, why), None, event.sequence))
            return
        if outcome.changes:
            scope.check(outcome.changes)
        agenda.close(key, command)
        if agenda.watched:
            agenda.notice([key])
        self.runs[key.node_id] = self.runs.get(key.node_id, 0) + 1
        for change in outcome.changes:
            scope.change(change)
        if node.role is not Role.STEP and self._steers(node, scope, outcome, event.sequence):
            return
        self._traversal.complete(scope, node, outcome, event.sequence)

    def _steers(self, node: PlannedNode, scope: Scope, outcome: Outcome, sequence: int) -> bool:
        """What a node does to the way of the execution by what it is; True when nothing follows from it there."""
        match node.role:
            case Role.END:
                self._agenda.finish(ended_by(node, outcome))
                return True
            case Role.PARALLEL if node.reading.limit is not None:
                self._traversal.branch_out(scope, node, outcome, sequence)
                return True
            case Role.BREAK if scope.loop is not None:
                self._loops.break_out(scope.loop, scope)
            case Role.CONTINUE if scope.loop is not None:
                self._loops.go_on(scope.loop, scope)
                return True
            case _:
                pass
        return False

    def _misfit(self, key: StepKey, node: PlannedNode, outcome: Outcome) -> str | None:
        """What is wrong with a recorded outcome: a person gave it, for those of nodes are refused before that."""
        if node.role is Role.END or (self._agenda.replaying and key not in self.started):
            return None
        try:
            check_outcome(node, outcome)
        except StepError as error:
            if not self._agenda.replaying:
                raise
            return error.message
        return None

    def _on_step_failed(self, event: StepFailed) -> None:
        key = event.key
        if key in self._agenda.unanswered:
            return
        command = self._agenda.find(key, _FAILS)
        self._agenda.close(key, command)
        node, scope = command.node, command.scope
        self.failures[key.node_id] = self.failures.get(key.node_id, 0) + 1
        if event.retry_at is not None and isinstance(command, _TRIES):
            again = StepKey(key.node_id, key.scope, key.attempt + 1)
            self._agenda.issue(Retry(again, node, scope, command.arrivals, event.retry_at))
            return
        self._agenda.notice([key])
        loop = asked(command)
        if loop is not None:
            # The loop could not say whether to go on: it is the loop that failed, where it stands.
            self._loops.abandon(loop)
            scope = loop.scope
        cause = command.cause if type(command) is Fail else event.error
        self._handle_error(scope, node, event, cause)

    def _handle_error(self, scope: Scope, node: PlannedNode, event: StepFailed, cause: JsonObject) -> None:
        output: Json = {"error": event.error}
        match node.node.on_error:
            case OnError.CONTINUE:
                self._traversal.complete(scope, node, Outcome(output, _first_port(node)), event.sequence, ArrivedError)
            case OnError.BRANCH:
                self._traversal.complete(scope, node, Outcome(output, (ERROR,)), event.sequence, ArrivedError)
            case OnError.STOP if node.handled:
                self._traversal.pass_on(scope, node, Outcome(output, (FAILURE,)), event.sequence, ArrivedError)
            case OnError.STOP if scope.loop is not None:
                self._loops.fail_iteration(scope.loop, scope, cause)
            case OnError.STOP:
                self._agenda.fail(cause)

    def _on_step_waiting(self, event: StepWaiting) -> None:
        key = event.key
        command = self._agenda.find(key, _SUSPENDS)
        if isinstance(command, Sleep) and command.wait is None:
            raise mismatch(key)
        self._agenda.close(key, command)
        node, scope, outcome = command.node, command.scope, Outcome.of(event.output)
        self._agenda.issue(Sleep(key, node, scope, event.until, outcome, event.wait, command.arrivals, event.deadline))

    def _on_loop_opened(self, event: LoopOpened) -> None:
        command = self._agenda.find(event.key, _RUNS)
        body = command.node.body
        if body is None:
            raise mismatch(event.key)
        self._agenda.close(event.key, command)
        loop = LoopState(event.key, command.node, command.scope, command.arrivals, event.opening)
        self._loops.open(loop, body.depth)

    def _on_round_decided(self, event: RoundDecided) -> None:
        command = self._agenda.find(event.key, _ASKS)
        loop = asked(command)
        if loop is None:
            raise mismatch(event.key)
        self._agenda.close(event.key, command)
        self._loops.decide_round(loop, command.scope, again=event.again)

    def _on_chunk_spilled(self, event: ChunkSpilled) -> None:
        command = self._agenda.find(event.key, (Spill,))
        self._agenda.close(event.key, command)
        self._loops.spilled(command.loop)

    def _on_chunk_loaded(self, event: ChunkLoaded) -> None:
        command = self._agenda.find(event.key, (Load,))
        self._agenda.close(event.key, command)
        self._loops.loaded(command.loop, event.values)

    def _on_retry_due(self, event: RetryDue) -> None:
        """One that is not waited for, as of a step that was cancelled meanwhile, changes nothing."""
        command = self.open.get(event.key)
        if not isinstance(command, Retry):
            return
        del self.open[event.key]
        kind = Run if asked(command) is None else Ask
        self._agenda.ready[event.key] = kind(event.key, command.node, command.scope, command.arrivals)

    # Nodes become decided.

    def _settle(self) -> None:
        """Work off what has been decided until nothing follows from it, then hand out steps while there is room."""
        agenda, limits = self._agenda, self.limits
        while agenda.finished is None:
            if agenda.dead:
                scope, node = agenda.dead.pop()
                self._traversal.pass_on(scope, node, None, 0)
            elif agenda.done:
                scope = agenda.done.pop()
                if scope.loop is None:
                    agenda.finish(Finish(ExecutionStatus.COMPLETED, scope.result()))
                else:
                    self._loops.end_iteration(scope.loop, scope)
            elif agenda.passing:
                self._pass_through(*agenda.passing.popleft())
            elif agenda.ready and agenda.in_flight < limits.parallel_nodes and not agenda.replaying:
                agenda.hand_out(limits.total_operations)
            else:
                return

    def _pass_through(self, scope: Scope, node: PlannedNode, arrivals: list[Arrived]) -> None:
        """A disabled node gives on what it got, through the first of its ports."""
        value = self.trigger_data if node.role is Role.TRIGGER else input_of(arrivals)
        sequence = arrivals[0].sequence if arrivals else 0
        self._traversal.complete(scope, node, Outcome(value, _first_port(node)), sequence)


def _first_port(node: PlannedNode) -> tuple[str, ...]:
    """Where a node goes on that could not choose: for a loop, past its body."""
    return (DONE,) if node.role is Role.LOOP else node.ports[:1]


_HANDLERS: dict[type, Callable[[Execution, Any], None]] = {
    ExecutionStarted: Execution._on_execution_started,  # noqa: SLF001 - the table is the class's own
    StepStarted: Execution._on_step_started,  # noqa: SLF001
    StepCleared: Execution._on_step_cleared,  # noqa: SLF001
    StepReleased: Execution._on_step_released,  # noqa: SLF001
    StepCompleted: Execution._on_step_completed,  # noqa: SLF001
    StepFailed: Execution._on_step_failed,  # noqa: SLF001
    StepWaiting: Execution._on_step_waiting,  # noqa: SLF001
    LoopOpened: Execution._on_loop_opened,  # noqa: SLF001
    RoundDecided: Execution._on_round_decided,  # noqa: SLF001
    ChunkSpilled: Execution._on_chunk_spilled,  # noqa: SLF001
    ChunkLoaded: Execution._on_chunk_loaded,  # noqa: SLF001
    RetryDue: Execution._on_retry_due,  # noqa: SLF001
}
