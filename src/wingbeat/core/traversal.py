"""How nodes become decided: connections are taken or die, joins wait for what can still come, branches begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.arrivals import Arrived
from wingbeat.core.branches import Branches
from wingbeat.core.commands import Run
from wingbeat.core.events import StepKey
from wingbeat.core.node_kind import Join
from wingbeat.core.plan import leading_only_to

if TYPE_CHECKING:
    from wingbeat.core.agenda import Agenda
    from wingbeat.core.outcome import Outcome
    from wingbeat.core.plan import PlannedNode
    from wingbeat.core.scope import Scope


class Traversal:
    """Walks the graph of one execution within its scopes; what follows from it goes onto the agenda."""

    __slots__ = ("_agenda", "_dead", "_done", "_ready")

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._ready = agenda.ready
        self._dead = agenda.dead
        self._done = agenda.done

    def enqueue(self, scope: Scope, node: PlannedNode, arrivals: list[Arrived]) -> None:
        """All that the node waited for is there."""
        if node.node.disabled:
            self._agenda.passing.append((scope, node, arrivals))
            return
        key = StepKey(node.id, scope.path, 1)
        self._ready[key] = Run(key, node, scope, arrivals)

    def skip(self, scope: Scope, node: PlannedNode) -> None:
        """Nothing comes to the node any more."""
        scope.waiting[node.index] = -1
        self._dead.append((scope, node))

    def complete(
        self,
        scope: Scope,
        node: PlannedNode,
        outcome: Outcome,
        sequence: int,
        arrived: type[Arrived] | None = Arrived,
    ) -> None:
        """A node has run: keep what others read of it, and go on along its connections."""
        if scope.readers is not None and scope.readers.get(node.id):
            scope.outputs[node.id] = outcome.output
        if node.leaf:
            scope.results[node.id] = outcome.output
        self.pass_on(scope, node, outcome, sequence, arrived)

    def pass_on(  # noqa: C901 - in one piece, since every step comes through here
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
                self.arrive(scope, target, arrived(order, node.id, port, value, sequence))
        for source in node.releases:
            _release(scope, source)
        for splitting, port in node.branches:
            self._leave_branch(scope, splitting, port)
        scope.live -= 1
        if scope.live == 0:
            self._done.append(scope)

    def branch_out(self, scope: Scope, node: PlannedNode, outcome: Outcome, sequence: int) -> None:
        """Begin as many branches as may run at once; the others are held until one of these is through."""
        scope.branches = scope.branches or {}
        scope.branches[node.index] = Branches(outcome.ports, outcome.output, sequence)
        self.complete(scope, node, outcome, sequence, None)
        self._begin_branches(scope, node)

    def _begin_branches(self, scope: Scope, node: PlannedNode) -> None:
        branches = scope.branches and scope.branches.get(node.index)
        if not branches:
            return
        while branches.held and len(branches.running) < (node.reading.limit or 1):
            port = branches.held.popleft()
            for target, order in node.targets.get(port, ()):
                self.arrive(scope, target, Arrived(order, node.id, port, branches.value, branches.sequence))
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

    def arrive(self, scope: Scope, target: PlannedNode, arrived: Arrived) -> None:
        """Something comes over a connection."""
        left = scope.waiting[target.index]
        if left <= 0:
            return
        if target.join is Join.FIRST:
            scope.waiting[target.index] = 0
            self.enqueue(scope, target, [arrived])
            self._give_up(scope, target)
            return
        scope.waiting[target.index] = left - 1
        if target.incoming == 1:
            self.enqueue(scope, target, [arrived])
            return
        scope.arrivals.setdefault(target.index, []).append(arrived)
        if left == 1:
            self._all_arrived(scope, target)

    def _all_arrived(self, scope: Scope, target: PlannedNode) -> None:
        arrivals = scope.arrivals.pop(target.index)
        arrivals.sort(key=lambda arrived: arrived.order)
        self.enqueue(scope, target, arrivals)

    def _lose(self, scope: Scope, target: PlannedNode) -> None:
        """A connection dies."""
        left = scope.waiting[target.index]
        if left <= 0:
            return
        scope.waiting[target.index] = left - 1
        if left > 1:
            return
        if target.index in scope.arrivals:
            self._all_arrived(scope, target)
        else:
            self.skip(scope, target)

    def _give_up(self, scope: Scope, join: PlannedNode) -> None:
        """A join was satisfied: whatever leads only to it is no longer wanted."""
        nodes = leading_only_to(join, scope.waiting)
        if not nodes:
            return
        names = {node.id for node in nodes}
        inside = tuple(f"{scope.path}/{name}:" if scope.path else f"{name}:" for name in names)
        self._agenda.drop(lambda where, node: (where is scope and node.id in names) or where.path.startswith(inside))
        for node in nodes:
            scope.arrivals.pop(node.index, None)
            self.skip(scope, node)


def _release(scope: Scope, source: PlannedNode) -> None:
    """One reader fewer; when none is left, the value is dropped."""
    readers = scope.readers
    if readers is None:
        return
    readers[source.id] -= 1
    if readers[source.id] == 0:
        scope.outputs.pop(source.id, None)
