"""Which part of a journal a fork keeps: all that does not follow from the step where it begins anew.

The journal is taken part by part, so that a long one is never in memory as a whole. `Selection` folds it
under the plan that it was written under and says which rows go; `Trial` folds what is left under the plan that the fork
is to run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from wingbeat.core.commands import Retry, Run, Sleep
from wingbeat.core.errors import Conflict, StepError
from wingbeat.core.events import (
    ChunkLoaded,
    ChunkSpilled,
    LoopOpened,
    RoundDecided,
    StepCleared,
    StepCompleted,
    StepFailed,
    StepKey,
    StepReleased,
    StepStarted,
    StepWaiting,
)
from wingbeat.core.execution import Execution
from wingbeat.core.graph import OnError
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.core.node_kind import Join, Role
from wingbeat.core.refusals import JournalMismatch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wingbeat.core.commands import OpenCommand
    from wingbeat.core.events import ExecutionStarted
    from wingbeat.core.outcome import Outcome
    from wingbeat.core.plan import Plan, PlannedNode, Region

RecordedEvent: TypeAlias = (
    StepStarted
    | StepCleared
    | StepCompleted
    | StepFailed
    | StepWaiting
    | LoopOpened
    | RoundDecided
    | StepReleased
    | ChunkSpilled
    | ChunkLoaded
)


class Recorded(NamedTuple):
    """A row of the journal: what it tells, and the rows that its step's input came from, where it says so."""

    sequence: int
    event: RecordedEvent
    inputs: list[int] | None = None


class ForkPoint(NamedTuple):
    """The step to begin from. A loop with the scope of one of its own iterations means that iteration as a whole."""

    node_id: str
    scope: str


class Edit(NamedTuple):
    """An outcome that takes the place of the fork point's own: in its row `sequence`, or behind all that is kept."""

    outcome: Outcome
    sequence: int | None


class ForkIncompatible(Conflict):
    """What is kept of the journal could not have come about in the version that the fork is to run."""

    default_code = "FORK_INCOMPATIBLE"


class _Level(NamedTuple):
    """One scope on the way from the fork point outward: which of its nodes follow from it.

    `loop` and `iteration` are the iteration in it that the fork point is in, if any. `racing` leads at once to a race
    that the fork point takes part in, or ends the iteration; a failure of those that are `fatal` ends it too.
    """

    affected: frozenset[str]
    racing: frozenset[str]
    fatal: frozenset[str]
    loop: str | None
    iteration: int


class Cut:
    """Tells which events follow from the fork point. Made for one pass through the journal, in its order.

    With `later`, iterations after that of the fork point follow from it too. `first` is the fork point's first row.
    """

    def __init__(self, plan: Plan, point: ForkPoint, *, later: bool, first: int = 0) -> None:
        self._point = point
        self._later = later
        self._first = first
        self._levels: dict[str, _Level] = {}
        # The loops around the fork point: whether they were opened yet.
        self._opened: dict[tuple[str, str], bool] = {}
        regions = regions_of(plan)
        path, node_id, inner = point.scope, point.node_id, None
        if inside_own_loop(point):
            node_id, path, inner = _outward(path)
            self._levels[point.scope] = _whole(plan.nodes[node_id].body)
            self._opened[node_id, path] = False
        while True:
            self._levels[path] = _level(regions[node_id], plan.nodes[node_id], inner)
            if not path:
                break
            node_id, path, inner = _outward(path)
            self._opened[node_id, path] = False

    def drops(self, recorded: Recorded) -> bool:
        """Whether the event follows from the fork point."""
        event = recorded.event
        node_id, scope, _ = event.key
        if (node_id, scope) == self._point:
            return True
        level = self._levels.get(scope)
        if level is None:
            return self._is_inside_of_affected(scope)
        if (node_id, scope) in self._opened:
            return self._ends_loop_around(event)
        if node_id in level.affected:
            return True
        return recorded.sequence > self._first and _cuts_short(level, event)

    def _ends_loop_around(self, event: RecordedEvent) -> bool:
        """Whether the event is the end of a loop that the fork point is in, and not how the loop began."""
        place = event.key.node_id, event.key.scope
        if type(event) is LoopOpened:
            self._opened[place] = True
            return False
        return self._opened[place]

    def _is_inside_of_affected(self, scope: str) -> bool:
        """Whether a scope that the fork point is not in belongs to a loop that follows, or to a later iteration."""
        inner = scope
        while inner:
            loop, outer, (_, index) = _outward(inner)
            level = self._levels.get(outer)
            if level is not None and inner not in self._levels:
                if loop == level.loop:
                    return self._later and index > level.iteration
                return loop in level.affected
            inner = outer
        return False


class Selection:
    """Folds a journal without what follows from the fork point; `dropped` are the rows that go, in order.

    Rows go as well that cannot have come about without those: the fold itself tells.
    """

    def __init__(self, plan: Plan, started: ExecutionStarted, cut: Cut | None, edit: Edit | None = None) -> None:
        self.dropped: list[int] = []
        self.last = 0
        # Whether the fold stands where a fold of what is kept would: nothing was dropped that it has taken in.
        self.settled = True
        self._execution = Execution(plan, limits=DEFAULT_CAPS, with_values=False)
        self._execution.advance(started)
        self._cut = cut
        self._edit = edit
        self._over = False
        # Rows of attempts that have come to nothing yet.
        self._unfinished: dict[StepKey, list[int]] = {}

    def take(self, rows: Iterable[Recorded]) -> None:
        """Take in the next part of the journal."""
        for recorded in rows:
            self.last = recorded.sequence
            if not self._keeps(recorded):
                self.dropped.append(recorded.sequence)

    def close(self) -> None:
        """The journal is through. Steps that wait for something from outside begin anew: what answers is not theirs."""
        for key, command in self._execution.open.items():
            if isinstance(command, Sleep) and command.wait is not None:
                self.dropped += self._unfinished.get(key, [])
                self.settled = False
        self.dropped.sort()

    def awaits(self, point: ForkPoint) -> bool:
        """As of a trial under the same plan, where the selection is `settled`."""
        return _awaits(self._execution, point)

    def _keeps(self, recorded: Recorded) -> bool:
        recorded, edited = replaced(recorded, self._edit)
        event = recorded.event
        dropped = self._cut is not None and self._cut.drops(recorded)
        command = self._execution.awaiting(event.key)
        if self._over or (dropped and not edited) or command is None or not (edited or _same_input(command, recorded)):
            return False
        if type(event) is ChunkSpilled:
            # A stream belongs to one execution, so the fork stores what its loops come to itself.
            return False
        try:
            self._execution.replay((event,), to_be_continued=True)
        except (JournalMismatch, StepError):
            return False
        if self._execution.finished is not None:
            # What ended the execution shall not end the fork, unless a person has given it.
            self._over = True
            self.settled = False
            return edited
        self._note(recorded)
        return True

    def _note(self, recorded: Recorded) -> None:
        key = recorded.event.key
        if type(recorded.event) in {StepCompleted, StepFailed, LoopOpened}:
            self._unfinished.pop(key, None)
        else:
            self._unfinished.setdefault(key, []).append(recorded.sequence)


class Trial:
    """Folds what is kept under the plan that the fork is to run.

    Raises ForkIncompatible where it does not fit: nothing may be reused of which the new version makes something else.
    """

    def __init__(self, plan: Plan, before: Plan, started: ExecutionStarted, edit: Edit | None = None) -> None:
        self._plan = plan
        self._before = before
        self._edit = edit
        self._execution = Execution(plan, limits=DEFAULT_CAPS, with_values=False)
        if all(trigger.id != started.trigger_id for trigger in plan.triggers):
            raise incompatible(StepKey(started.trigger_id, "", 1), "is not there any more as a trigger")
        self._execution.advance(started)

    def take(self, rows: Iterable[Recorded]) -> None:
        """Take in the next part of what is kept."""
        for recorded in rows:
            given, _ = replaced(recorded, self._edit)
            self._check(given)
            try:
                self._execution.replay((given.event,), to_be_continued=True)
            except (JournalMismatch, StepError) as error:
                raise incompatible(given.event.key, "does not come about like this") from error

    def awaits(self, point: ForkPoint) -> bool:
        """Whether the step is the next thing to do, or among others that are."""
        return _awaits(self._execution, point)

    def _check(self, recorded: Recorded) -> None:
        key = recorded.event.key
        node = self._plan.nodes.get(key.node_id)
        if node is None:
            raise incompatible(key, "is not there any more")
        if node.node.type != self._before.nodes[key.node_id].node.type:
            raise incompatible(key, f"is of another type now ({node.node.type})")
        command = self._execution.awaiting(key)
        if command is None:
            why = "is disabled now" if node.node.disabled else "does not come about like this"
            raise incompatible(key, why)
        if not _same_input(command, recorded):
            raise incompatible(key, "gets its input from elsewhere now")
        if type(recorded.event) is StepCompleted:
            gone = [port for port in recorded.event.outcome.ports if port not in node.ports]
            if gone:
                raise incompatible(key, f"has no port {gone[0]!r} any more")


def _awaits(execution: Execution, point: ForkPoint) -> bool:
    if execution.finished is not None:
        return False
    if not inside_own_loop(point):
        return execution.awaiting(StepKey(point.node_id, point.scope, 1)) is not None
    inside = f"{point.scope}/"
    paths = (command.scope.path for command in execution.under_way())
    return any(path == point.scope or path.startswith(inside) for path in paths)


def replaced(recorded: Recorded, edit: Edit | None) -> tuple[Recorded, bool]:
    """The row with the outcome that takes the place of its own, and whether it has one."""
    if edit is None or recorded.sequence != edit.sequence:
        return recorded, False
    key = StepKey(recorded.event.key.node_id, recorded.event.key.scope, 1)
    return Recorded(recorded.sequence, StepCompleted(key, edit.outcome, recorded.sequence)), True


def inside_own_loop(point: ForkPoint) -> bool:
    """Whether an iteration as a whole is meant."""
    return point.scope.rpartition("/")[2].rpartition(":")[0] == point.node_id


def regions_of(plan: Plan) -> dict[str, Region]:
    """The region of every node, by its id."""
    found: dict[str, Region] = {}
    remaining = [plan.root]
    while remaining:
        region = remaining.pop()
        for node in region.nodes:
            found[node.id] = region
            if node.body is not None:
                remaining.append(node.body)
    return found


def _same_input(command: OpenCommand, recorded: Recorded) -> bool:
    """Whether the step's input comes from where it came when the row was written, as far as the row says so."""
    if not recorded.inputs or not isinstance(command, Run | Retry | Sleep):
        return True
    return recorded.inputs == [one.sequence for one in command.arrivals if one.sequence]


def incompatible(key: StepKey, why: str) -> ForkIncompatible:
    """The refusal that names the node."""
    where = f" in {key.scope!r}" if key.scope else ""
    return ForkIncompatible(
        f"The fork would keep what {key.node_id!r}{where} came to, and in this version the node {why}.",
        remedy="Fork from that node or one before it, or run the fork on the version that the execution ran on.",
        details={"node": key.node_id, "scope": key.scope},
    )


def _outward(scope: str) -> tuple[str, str, tuple[str, int]]:
    """The loop of which `scope` is an iteration, the scope that it is in, and both once more with the index."""
    outer, _, last = scope.rpartition("/")
    loop, _, index = last.rpartition(":")
    return loop, outer, (loop, int(index))


def _cuts_short(level: _Level, event: RecordedEvent) -> bool:
    """Whether the event may have ended what the fork runs again, before it came to its end."""
    if type(event) is StepFailed:
        return event.retry_at is None and event.key.node_id in level.fatal
    return type(event) is StepCompleted and event.key.node_id in level.racing


def _level(region: Region, node: PlannedNode, inner: tuple[str, int] | None) -> _Level:
    affected: set[str] = set()
    remaining = [*node.all_targets]
    if inner is None:
        affected.add(node.id)
    while remaining:
        target = remaining.pop()
        if target.id not in affected:
            affected.add(target.id)
            remaining += target.all_targets
    racing = {one.id for one in region.nodes if one.id not in affected and one is not node and _races(one, affected)}
    fatal = {
        one.id for one in region.nodes if one.node.on_error is OnError.STOP and not one.handled and one is not node
    }
    loop, index = inner or (None, 0)
    return _Level(frozenset(affected), frozenset(racing), frozenset(fatal), loop, index)


def _whole(body: Region | None) -> _Level:
    return _Level(frozenset(node.id for node in body.nodes) if body else frozenset(), frozenset(), frozenset(), None, 0)


def _races(node: PlannedNode, affected: set[str]) -> bool:
    """Whether the node may have cut short what the fork runs again: it ended the iteration, or won a race.

    That is one whose output goes straight into a join that takes the first, and that follows from the fork.
    """
    if node.role is Role.CONTINUE and not node.node.disabled:
        return True
    remaining = [*node.all_targets]
    while remaining:
        target = remaining.pop()
        if target.join is Join.FIRST and target.id in affected:
            return True
        if target.node.disabled:
            remaining += target.all_targets
    return False
