"""The state machine of one execution: `advance(event)` gives the commands that follow. Pure: it knows what it was told.

An execution is the fold of its events. `replay` folds a journal and leaves in `open` what has still to be done, so that
carrying on after a crash and carrying on after a step are the same thing.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from itertools import chain
from typing import TYPE_CHECKING, Any

from wingbeat.core.arrivals import Arrived, ArrivedError
from wingbeat.core.branches import Branches
from wingbeat.core.collected import CHUNK
from wingbeat.core.commands import Ask, Cancel, Fail, Finish, Load, Record, Retry, Run, Sleep, Spill
from wingbeat.core.errors import StepError, WingbeatError
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
from wingbeat.core.node_kind import Join, Role
from wingbeat.core.outcome import BODY, DONE, ERROR, AfterBreak, OnItemError, Outcome
from wingbeat.core.plan import FAILURE, leading_only_to
from wingbeat.core.refusals import (
    COMPLETED_PORT,
    FAILED_PORT,
    STOPPED_PORT,
    JournalMismatch,
    answer_unfit,
    asked_for,
    check_outcome,
    ended_as_failed,
    limit_reached,
    loop_failed,
    mismatch,
)
from wingbeat.core.retry import NO_RETRY
from wingbeat.core.scope import LoopState, Scope, edited_arrivals, input_of
from wingbeat.core.status import ExecutionStatus

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
        self.finished: Finish | None = None
        self.open: dict[StepKey, OpenCommand] = {}
        self.started: set[StepKey] = set()
        # Steps, by node and scope, that a person has let go on from a breakpoint, or with another input.
        self.released: set[tuple[str, str]] = set()
        # Steps, by node and scope, of which somebody wants to hear when a replay cancels them, and those that it did.
        self.watched: Collection[tuple[str, str]] = ()
        self.cancelled: set[tuple[str, str]] = set()
        self.operations = 0
        # How often each node ran to an outcome, and failed; in the order in which they first did.
        self.runs: dict[str, int] = {}
        self.failures: dict[str, int] = {}
        self.root = Scope(plan.root)
        self._default_retry = default_retry
        self._with_values = with_values
        self._begun = False
        self._replaying = False
        # The limit that the last event of a journal went beyond, by the settings of whoever replays it.
        self._exceeded: Finish | None = None
        # Steps with unknown outcomes that a replay cancelled: answers to several questions come together, and the first
        # may settle that another step is not wanted any more.
        self._unanswered: set[StepKey] = set()
        self._in_flight = 0
        self._commands: list[Command] = []
        # Steps that wait for room, in the order in which they became ready, and disabled nodes, which need none.
        self._ready: OrderedDict[StepKey, Run | Ask] = OrderedDict()
        self._passing: deque[tuple[Scope, PlannedNode, list[Arrived]]] = deque()
        # Nodes that are to be skipped, and scopes in which every node is decided.
        self._dead: list[tuple[Scope, PlannedNode]] = []
        self._done: list[Scope] = []

    # What the outside calls.

    def advance(self, event: Event) -> Sequence[Command]:
        """Take in one event and say what is to be done now.

        Raises:
            StepError: when the outcome of a step does not fit: a port that the node does not have, or a change that its
                variable does not allow. Nothing has changed then.
            JournalMismatch: when the event tells of a step that cannot be under way. Nothing has changed then.
        """
        if self.finished is not None:
            return ()
        _HANDLERS[type(event)](self, event)
        self._settle()
        commands, self._commands = self._commands, []
        return commands

    def replay(self, events: Iterable[Event], *, to_be_continued: bool = False) -> None:
        """Fold a journal. Afterwards `open` holds what is still to be done, and `finished` the end if it was reached.

        Nothing is handed out meanwhile: the journal says which steps ran, in whatever order they came to their ends. A
        long journal is folded part by part, all but the last `to_be_continued`.
        """
        self._replaying = True
        for event in events:
            self._exceeded = None
            self.advance(event)
        if to_be_continued:
            return
        self._replaying = False
        if self._exceeded is not None and self.finished is None:
            self._finish(self._exceeded)
        self._settle()
        self._commands.clear()

    def outstanding(self) -> list[Command]:
        """All that is still to be done, after a replay; steps that had begun and may not be repeated are marked."""
        if self.finished is not None:
            return [self.finished]
        return [
            command._replace(unknown=True) if isinstance(command, Run) and key in self.started else command
            for key, command in self.open.items()
        ]

    def awaiting(self, key: StepKey) -> OpenCommand | None:
        """What is open of a step, or ready and not handed out yet; None for a step that is not under way."""
        return self.open.get(key) or self._ready.get(key)

    def under_way(self) -> Iterator[OpenCommand]:
        """All that is open, and all that is ready and not handed out yet."""
        return chain(self.open.values(), self._ready.values())

    def wait_anew(self, key: StepKey) -> None:
        """Run a step again that waits for something from outside: what it waits for is not there any more."""
        command = self._find(key, (Sleep,))
        self.open[key] = Run(key, command.node, command.scope, list(command.arrivals))
        self.started.discard(key)
        self._in_flight += 1

    def retry_at(self, key: StepKey, error: JsonObject, *, retryable: bool, at: float) -> float | None:
        """When a step that fails `at` that time is to be tried again (seconds since the epoch); None for not at all."""
        command = self._find(key, _FAILS)
        node = command.node
        policy = node.node.retry or self._default_retry
        if not retryable or key.attempt >= policy.max_attempts or not isinstance(command, _TRIES):
            return None
        delay = policy.delay_before(key.attempt + 1, f"{self.identity}/{key.node_id}/{key.scope}")
        return at + max(delay, min(asked_for(error), policy.max_delay_seconds))

    def fail(self, error: JsonObject) -> Sequence[Command]:
        """End the execution from outside its graph, as when its time is up."""
        if self.finished is None:
            self._finish(Finish(ExecutionStatus.FAILED, None, error))
        commands, self._commands = self._commands, []
        return commands

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
                self._enqueue(self.root, node, list(event.arrivals))
            else:
                self._skip(self.root, node)

    def _on_step_started(self, event: StepStarted) -> None:
        key = event.key
        command = self._find(key, _RUNS)
        if key not in self.open or type(command) is Retry:
            # A replay: it had been handed out.
            self._close(key, command)
            self._in_flight += 1
            self.open[key] = Run(key, command.node, command.scope, command.arrivals)
        self.started.add(key)

    def _on_step_cleared(self, event: StepCleared) -> None:
        self.started.discard(event.key)

    def _on_step_released(self, event: StepReleased) -> None:
        key = event.key
        command = self._find(key, _TRIES)
        if event.edited:
            arrivals = edited_arrivals(command.arrivals, key.node_id, event.value, event.sequence)
            (self.open if key in self.open else self._ready)[key] = command._replace(arrivals=arrivals)
        command.scope.assign(event.variables)
        self.released.add((key.node_id, key.scope))

    def _on_step_completed(self, event: StepCompleted) -> None:
        key, outcome = event.key, event.outcome
        if key in self._unanswered:
            return
        command = self._find(key, _COMPLETES)
        node, scope = command.node, command.scope
        why = self._misfit(key, node, outcome)
        if why is not None:
            self._on_step_failed(StepFailed(key, answer_unfit(key, why), None, event.sequence))
            return
        if outcome.changes:
            scope.check(outcome.changes)
        self._close(key, command)
        self.runs[key.node_id] = self.runs.get(key.node_id, 0) + 1
        for change in outcome.changes:
            scope.change(change)
        if node.role is not Role.STEP and self._steers(node, scope, outcome, event.sequence):
            return
        self._complete(scope, node, outcome, event.sequence)

    def _steers(self, node: PlannedNode, scope: Scope, outcome: Outcome, sequence: int) -> bool:
        """What a node does to the way of the execution by what it is; True when nothing follows from it there."""
        match node.role:
            case Role.END:
                self._end(node, outcome)
                return True
            case Role.PARALLEL if node.reading.limit is not None:
                self._branch_out(scope, node, outcome, sequence)
                return True
            case Role.BREAK:
                self._break(scope)
            case Role.CONTINUE if scope.loop is not None:
                if not scope.results or self._keep(scope.loop, scope):
                    self._leave(scope.loop, scope)
                    self._drive(scope.loop)
                return True
            case _:
                pass
        return False

    def _misfit(self, key: StepKey, node: PlannedNode, outcome: Outcome) -> str | None:
        """What is wrong with a recorded outcome: a person gave it, for those of nodes are refused before that."""
        if node.role is Role.END or (self._replaying and key not in self.started):
            return None
        try:
            check_outcome(node, outcome)
        except StepError as error:
            if not self._replaying:
                raise
            return error.message
        return None

    def _on_step_failed(self, event: StepFailed) -> None:
        key = event.key
        if key in self._unanswered:
            return
        command = self._find(key, _FAILS)
        self._close(key, command)
        node, scope = command.node, command.scope
        self.failures[key.node_id] = self.failures.get(key.node_id, 0) + 1
        if event.retry_at is not None and isinstance(command, _TRIES):
            again = StepKey(key.node_id, key.scope, key.attempt + 1)
            self._issue(Retry(again, node, scope, command.arrivals, event.retry_at))
            return
        loop = _asked(command)
        if loop is not None:
            # The loop could not say whether to go on: it is the loop that failed, where it stands.
            self._abandon(loop)
            scope = loop.scope
        cause = command.cause if type(command) is Fail else event.error
        self._handle_error(scope, node, event, cause)

    def _handle_error(self, scope: Scope, node: PlannedNode, event: StepFailed, cause: JsonObject) -> None:
        output: Json = {"error": event.error}
        match node.node.on_error:
            case OnError.CONTINUE:
                self._complete(scope, node, Outcome(output, _first_port(node)), event.sequence, ArrivedError)
            case OnError.BRANCH:
                self._complete(scope, node, Outcome(output, (ERROR,)), event.sequence, ArrivedError)
            case OnError.STOP if node.handled:
                self._pass_on(scope, node, Outcome(output, (FAILURE,)), event.sequence, ArrivedError)
            case OnError.STOP if scope.loop is not None:
                self._fail_iteration(scope.loop, scope, cause)
            case OnError.STOP:
                self._finish(Finish(ExecutionStatus.FAILED, None, cause))

    def _fail_iteration(self, loop: LoopState, scope: Scope, cause: JsonObject) -> None:
        """Nothing in the iteration handles an error: it ends alone, or the loop fails where it stands."""
        how = loop.opening.on_item_error
        if how is OnItemError.STOP:
            self._abandon(loop)
            self._issue(Fail(loop.key, loop.node, loop.scope, loop_failed(cause), cause))
            return
        self._leave(loop, scope)
        if how is OnItemError.KEEP:
            loop.results.keep(scope.index, {"error": cause})
        self._drive(loop)

    def _on_step_waiting(self, event: StepWaiting) -> None:
        key = event.key
        command = self._find(key, _SUSPENDS)
        if isinstance(command, Sleep) and command.wait is None:
            raise mismatch(key)
        self._close(key, command)
        node, scope, outcome = command.node, command.scope, Outcome.of(event.output)
        self._issue(Sleep(key, node, scope, event.until, outcome, event.wait, command.arrivals, event.deadline))

    def _on_loop_opened(self, event: LoopOpened) -> None:
        command = self._find(event.key, _RUNS)
        body = command.node.body
        if body is None or not isinstance(command, _RUNS):
            raise mismatch(event.key)
        self._close(event.key, command)
        loop = LoopState(event.key, command.node, command.scope, command.arrivals, event.opening)
        if body.depth > self.limits.loop_depth:
            self._limit("LOOP_DEPTH", f"loops are nested {body.depth} deep", self.limits.loop_depth, loop.node.id)
        elif loop.count is not None and loop.count > self.limits.loop_iterations:
            self._too_many_iterations(loop, f"would go round {loop.count} times")
        if self.finished is not None:
            return
        if loop.count is not None and not body.nodes:
            self._issue(Record(loop.key, loop.node, loop.scope, loop.passed_through()))
        else:
            self._drive(loop)

    def _on_round_decided(self, event: RoundDecided) -> None:
        command = self._find(event.key, _ASKS)
        loop = _asked(command)
        if loop is None:
            raise mismatch(event.key)
        self._close(event.key, command)
        if event.again:
            self._begin(loop, command.scope)
            return
        loop.ended = True
        loop.next = command.scope.index
        del loop.active[command.scope.index]
        self._drive(loop)

    def _on_retry_due(self, event: RetryDue) -> None:
        """One that is not waited for, as of a step that was cancelled meanwhile, changes nothing."""
        command = self.open.get(event.key)
        if not isinstance(command, Retry):
            return
        del self.open[event.key]
        kind = Run if _asked(command) is None else Ask
        self._ready[event.key] = kind(event.key, command.node, command.scope, command.arrivals)

    # Commands.

    def _issue(self, command: OpenCommand) -> None:
        self.open[command.key] = command
        self._commands.append(command)

    def _find(self, key: StepKey, kinds: tuple[type, ...]) -> Any:  # noqa: ANN401 - one of `kinds`
        """What an event answers: something open or, in a replay, something ready that had been handed out."""
        command: OpenCommand | None = self.open.get(key) or self._ready.get(key)
        if type(command) not in kinds:
            raise mismatch(key)
        return command

    def _close(self, key: StepKey, command: OpenCommand) -> None:
        if self.open.pop(key, None) is None:
            del self._ready[key]
            self.operations += 1
        elif type(command) is Run or type(command) is Ask:
            self._in_flight -= 1
        elif type(command) is Retry:
            self.operations += 1
        if self.started:
            self.started.discard(key)

    def _cancel(self, keys: list[StepKey]) -> None:
        for key in keys:
            command = self.open.pop(key)
            if type(command) is Run or type(command) is Ask:
                self._in_flight -= 1
            if key in self.started:
                self.started.discard(key)
                if self._replaying:
                    self._unanswered.add(key)
        if keys:
            self._commands.append(Cancel(keys))
            self._notice(keys)

    def _drop(self, unwanted: Callable[[Scope, PlannedNode], bool]) -> None:
        """Cancel what is open, and forget what is ready, of steps that are no longer wanted."""
        self._cancel([key for key, command in self.open.items() if unwanted(command.scope, command.node)])
        ready = [key for key, command in self._ready.items() if unwanted(command.scope, command.node)]
        for key in ready:
            del self._ready[key]
        self._notice(ready)
        self._passing = deque(entry for entry in self._passing if not unwanted(entry[0], entry[1]))
        self._dead = [entry for entry in self._dead if entry[0].alive()]
        self._done = [scope for scope in self._done if scope.alive()]

    def _notice(self, cancelled: list[StepKey]) -> None:
        if self.watched and self._replaying:
            steps = [(key.node_id, key.scope) for key in cancelled]
            self.cancelled.update(step for step in steps if step in self.watched)

    def _finish(self, finish: Finish) -> None:
        self.finished = finish
        self._ready.clear()
        self._passing.clear()
        self._dead.clear()
        self._done.clear()
        self._cancel(list(self.open))
        self._commands.append(finish)

    def _limit(self, what: str, happened: str, limit: int, node_id: str | None = None) -> None:
        """Fail. Not in a replay: if anything follows in the journal, then that was within the limits of its time."""
        finish = Finish(ExecutionStatus.FAILED, None, limit_reached(what, happened, limit, node_id))
        if self._replaying:
            self._exceeded = finish
        else:
            self._finish(finish)

    # Nodes become decided.

    def _settle(self) -> None:
        """Work off what has been decided until nothing follows from it, then hand out steps while there is room."""
        while self.finished is None:
            if self._dead:
                scope, node = self._dead.pop()
                self._pass_on(scope, node, None, 0)
            elif self._done:
                self._scope_done(self._done.pop())
            elif self._passing:
                self._pass_through(*self._passing.popleft())
            elif self._ready and self._in_flight < self.limits.parallel_nodes and not self._replaying:
                self._hand_out()
            else:
                return

    def _hand_out(self) -> None:
        limit = self.limits.total_operations
        if self.operations >= limit:
            self._limit("TOTAL_OPERATIONS", f"it has run {limit} steps and wants to run more", limit)
            return
        _, command = self._ready.popitem(last=False)
        self.operations += 1
        self._in_flight += 1
        self._issue(command)

    def _enqueue(self, scope: Scope, node: PlannedNode, arrivals: list[Arrived]) -> None:
        """All that the node waited for is there."""
        if node.node.disabled:
            self._passing.append((scope, node, arrivals))
            return
        key = StepKey(node.id, scope.path, 1)
        self._ready[key] = Run(key, node, scope, arrivals)

    def _pass_through(self, scope: Scope, node: PlannedNode, arrivals: list[Arrived]) -> None:
        """A disabled node gives on what it got, through the first of its ports."""
        value = self.trigger_data if node.role is Role.TRIGGER else input_of(arrivals)
        self._complete(scope, node, Outcome(value, _first_port(node)), arrivals[0].sequence if arrivals else 0)

    def _skip(self, scope: Scope, node: PlannedNode) -> None:
        scope.waiting[node.index] = -1
        self._dead.append((scope, node))

    def _complete(
        self,
        scope: Scope,
        node: PlannedNode,
        outcome: Outcome,
        sequence: int,
        arrived: type[Arrived] | None = Arrived,
    ) -> None:
        if scope.readers is not None and scope.readers.get(node.id):
            scope.outputs[node.id] = outcome.output
        if node.leaf:
            scope.results[node.id] = outcome.output
        self._pass_on(scope, node, outcome, sequence, arrived)

    def _pass_on(  # noqa: C901 - in one piece, since every step comes through here
        self,
        scope: Scope,
        node: PlannedNode,
        outcome: Outcome | None,
        sequence: int,
        arrived: type[Arrived] | None = Arrived,
    ) -> None:
        """Decide the connections of a node that ran (or, without an outcome, was skipped).

        What comes over those that are taken is an `arrived`; None leaves them undecided for now.
        """
        scope.waiting[node.index] = -1
        for port, targets in node.targets.items():
            if outcome is None or port not in outcome.ports:
                for target, _ in targets:
                    self._lose(scope, target)
                continue
            if arrived is None:
                continue
            output = outcome.output
            value = output[port] if outcome.split and type(output) is dict else output
            for target, order in targets:
                self._arrive(scope, target, arrived(order, node.id, port, value, sequence))
        for source in node.releases:
            self._release(scope, source)
        for splitting, port in node.branches:
            self._leave_branch(scope, splitting, port)
        scope.live -= 1
        if scope.live == 0:
            self._done.append(scope)

    def _branch_out(self, scope: Scope, node: PlannedNode, outcome: Outcome, sequence: int) -> None:
        """Begin as many branches as may run at once; the others are held until one of these is through."""
        scope.branches = scope.branches or {}
        scope.branches[node.index] = Branches(outcome.ports, outcome.output, sequence)
        self._complete(scope, node, outcome, sequence, None)
        self._begin_branches(scope, node)

    def _begin_branches(self, scope: Scope, node: PlannedNode) -> None:
        branches = scope.branches and scope.branches.get(node.index)
        if not branches:
            return
        while branches.held and len(branches.running) < (node.reading.limit or 1):
            port = branches.held.popleft()
            for target, order in node.targets.get(port, ()):
                self._arrive(scope, target, Arrived(order, node.id, port, branches.value, branches.sequence))
            if (scope.undecided or {}).get((node.index, port), node.members.get(port, 0)):
                branches.running.add(port)

    def _leave_branch(self, scope: Scope, splitting: PlannedNode, port: str) -> None:
        """A node of a branch is decided; with the last one, the branch is through."""
        if scope.undecided is None:
            scope.undecided = {}
        key = splitting.index, port
        left = scope.undecided[key] = scope.undecided.get(key, splitting.members[port]) - 1
        branches = scope.branches and scope.branches.get(splitting.index)
        if left or not branches or port not in branches.running:
            return
        branches.running.discard(port)
        self._begin_branches(scope, splitting)

    def _arrive(self, scope: Scope, target: PlannedNode, arrived: Arrived) -> None:
        left = scope.waiting[target.index]
        if left <= 0:
            return
        if target.join is Join.FIRST:
            scope.waiting[target.index] = 0
            self._enqueue(scope, target, [arrived])
            self._give_up(scope, target)
            return
        scope.waiting[target.index] = left - 1
        if target.incoming == 1:
            self._enqueue(scope, target, [arrived])
            return
        scope.arrivals.setdefault(target.index, []).append(arrived)
        if left == 1:
            self._all_arrived(scope, target)

    def _all_arrived(self, scope: Scope, target: PlannedNode) -> None:
        arrivals = scope.arrivals.pop(target.index)
        arrivals.sort(key=lambda arrived: arrived.order)
        self._enqueue(scope, target, arrivals)

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
            self._skip(scope, target)

    def _release(self, scope: Scope, source: PlannedNode) -> None:
        """One reader fewer; when none is left, the value is dropped."""
        readers = scope.readers
        if readers is None:
            return
        readers[source.id] -= 1
        if readers[source.id] == 0:
            scope.outputs.pop(source.id, None)

    def _give_up(self, scope: Scope, join: PlannedNode) -> None:
        """A join was satisfied: whatever leads only to it is no longer wanted."""
        nodes = leading_only_to(join, scope.waiting)
        if not nodes:
            return
        names = {node.id for node in nodes}
        inside = tuple(f"{scope.path}/{name}:" if scope.path else f"{name}:" for name in names)
        self._drop(lambda where, node: (where is scope and node.id in names) or where.path.startswith(inside))
        for node in nodes:
            scope.arrivals.pop(node.index, None)
            self._skip(scope, node)

    # Scopes and loops.

    def _scope_done(self, scope: Scope) -> None:
        loop = scope.loop
        if loop is None:
            self._finish(Finish(ExecutionStatus.COMPLETED, scope.result()))
            return
        if (scope.results or not scope.broken) and not self._keep(loop, scope):
            return
        del loop.active[scope.index]
        loop.results.over(scope.index)
        self._drive(loop)

    def _keep(self, loop: LoopState, scope: Scope) -> bool:
        """Keep what an iteration came to; False when that cannot be told, so that the iteration has failed."""
        result = scope.result()
        collects = loop.node.reading.collects
        if collects is not None and self._with_values:
            try:
                result = collects(result, scope.item, scope.index)
            except WingbeatError as error:
                place: JsonObject = {"node": loop.node.id, "scope": scope.path, "attempt": 1}
                self._fail_iteration(loop, scope, {**error.to_json(), **place})
                return False
        loop.results.keep(scope.index, result)
        return True

    def _drive(self, loop: LoopState) -> None:
        """Begin iterations while the loop may, and close it when it is through."""
        while loop.may_begin():
            if loop.count is None and loop.next >= self.limits.loop_iterations:
                self._too_many_iterations(loop, "wants to go round once more")
                if self.finished is not None:
                    return
            scope = loop.begin()
            if loop.count is None and (scope.index or loop.opening.ask_first):
                key = StepKey(loop.node.id, scope.path, 1)
                self._ready[key] = Ask(key, loop.node, scope, loop.arrivals)
            else:
                self._begin(loop, scope)
        through = loop.through()
        if loop.results.spill:
            self._spill(loop, through=through)
        if through and not loop.spilling:
            self._give_up_loading(loop)
            outcome = Outcome(loop.results.output(loop.next), (DONE,))
            self._issue(Record(loop.key, loop.node, loop.scope, outcome, loop.results.spill))
        elif loop.items is not None and loop.items.stream is not None:
            self._load(loop, loop.items.stream)

    def _spill(self, loop: LoopState, *, through: bool) -> None:
        for chunk in loop.results.complete(through=through):
            loop.spilling += 1
            key = StepKey(loop.node.id, f"{loop.prefix}{chunk.number * CHUNK}", 1)
            self._issue(Spill(key, loop.node, loop.scope, loop, chunk.number, chunk.values))

    def _load(self, loop: LoopState, stream: JsonObject) -> None:
        missing = loop.missing()
        if missing is not None:
            loop.loading = StepKey(loop.node.id, f"{loop.prefix}{loop.next}", 1)
            self._issue(Load(loop.loading, loop.node, loop.scope, loop, missing, stream))

    def _give_up_loading(self, loop: LoopState) -> None:
        """A loop that was broken needs no more items."""
        if loop.loading is not None:
            self._cancel([loop.loading])
            loop.loading = None

    def _on_chunk_spilled(self, event: ChunkSpilled) -> None:
        command = self._find(event.key, (Spill,))
        self._close(event.key, command)
        command.loop.spilling -= 1
        self._drive(command.loop)

    def _on_chunk_loaded(self, event: ChunkLoaded) -> None:
        command = self._find(event.key, (Load,))
        loop = command.loop
        self._close(event.key, command)
        loop.loading = None
        loop.items.add(event.values)
        self._drive(loop)

    def _begin(self, loop: LoopState, scope: Scope) -> None:
        body = scope.region
        if not body.nodes:
            self._done.append(scope)
            return
        value = input_of(loop.arrivals) if loop.count is None else scope.item
        for target, order in body.entries:
            self._arrive(scope, target, Arrived(order, loop.node.id, BODY, value, 0))

    def _break(self, scope: Scope) -> None:
        loop = scope.loop
        if loop is None:
            return
        scope.broken = True
        loop.ended = True
        others = [other for other in loop.active.values() if other is not scope]
        if others and loop.opening.after_break is AfterBreak.CANCEL:
            for other in others:
                other.cancelled = True
            loop.active = {scope.index: scope}
            self._drop(lambda where, _: not where.alive())

    def _leave(self, loop: LoopState, scope: Scope) -> None:
        """One iteration ends here and now, whatever else runs in it."""
        del loop.active[scope.index]
        loop.results.over(scope.index)
        scope.cancelled = True
        # The step that it ends with is still counted: it has what it waited for.
        if scope.waiting.count(0) > 1:
            self._drop(lambda where, _: not where.alive())

    def _abandon(self, loop: LoopState) -> None:
        """The loop is not gone on with: all its iterations end here and now."""
        for scope in loop.active.values():
            scope.cancelled = True
        loop.active.clear()
        loop.ended = True
        self._drop(lambda where, node: (where is loop.scope and node is loop.node) or not where.alive())

    def _too_many_iterations(self, loop: LoopState, happened: str) -> None:
        self._limit(
            "LOOP_ITERATIONS", f"the loop {loop.node.id!r} {happened}", self.limits.loop_iterations, loop.node.id
        )

    def _end(self, node: PlannedNode, outcome: Outcome) -> None:
        if STOPPED_PORT in outcome.ports:
            self._finish(Finish(ExecutionStatus.FAILED, None, ended_as_failed(node, outcome)))
        elif FAILED_PORT in outcome.ports:
            self._finish(Finish(ExecutionStatus.FAILED, outcome.output, ended_as_failed(node, outcome)))
        else:
            self._finish(Finish(ExecutionStatus.COMPLETED, outcome.output))


def _asked(command: OpenCommand) -> LoopState | None:
    """The loop that cannot go on without an answer to the command, as when it is asked for another round."""
    if isinstance(command, Spill | Load):
        return command.loop
    loop = command.scope.loop
    return loop if loop is not None and loop.node is command.node else None


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

__all__ = ["COMPLETED_PORT", "FAILED_PORT", "STOPPED_PORT", "Execution", "JournalMismatch"]
