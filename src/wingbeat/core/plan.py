"""A workflow made ready to run: nodes in regions, connections counted, what each node needs and who needs it.

A plan is made once per revision and shared by all its executions; it holds no state of any of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wingbeat.core.checks import check
from wingbeat.core.drawing import draw
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.core.node_kind import Join, Role
from wingbeat.core.outcome import BODY, ERROR
from wingbeat.core.places import ROOT
from wingbeat.core.problems import InvalidWorkflow, Severity

if TYPE_CHECKING:
    from wingbeat.core.graph import Node, Workflow
    from wingbeat.core.limits import Limits
    from wingbeat.core.node_kind import Catalog, Effect, NodeKind, Reading
    from wingbeat.core.outcome import Outcome
    from wingbeat.core.places import Drawing, Place


# Ports of the plan's own, whose names no node can give: the implicit way from a failed node to its handler, and one
# that is never taken, of connections that only say where a handler is.
FAILURE = "!failure"
NEVER = "!never"


@dataclass(slots=True, eq=False)
class PlannedNode:
    """A node ready to run. Read-only once the plan is made.

    `index` counts within the region. `targets` maps a port to the nodes that it leads to, with the place of the
    connection among the target's own; those of a loop's body are in the region instead. `sources` are where connections
    come from, once for each; they are known only in regions where a node goes on with the first of its inputs.
    `releases` are the nodes of the same region whose outputs this one is a reader of. `leaf` says that its output is a
    result of the region. `handled` says that its errors have a handler: then one of the targets of `FAILURE` is it.
    `branches` are those that the node belongs to, among them that are limited: the node that splits, and its port;
    `members` is how many nodes there are in each of the branches of that one. `pin` is what it gives without running.
    """

    id: str
    node: Node
    kind: NodeKind
    reading: Reading
    index: int
    role: Role
    effect: Effect
    join: Join
    ports: tuple[str, ...]
    incoming: int = 0
    targets: dict[str, tuple[tuple[PlannedNode, int], ...]] = field(default_factory=dict)
    all_targets: tuple[PlannedNode, ...] = ()
    readers: int = 0
    releases: tuple[PlannedNode, ...] = ()
    body: Region | None = None
    sources: tuple[PlannedNode, ...] = ()
    leaf: bool = False
    handled: bool = False
    members: dict[str, int] = field(default_factory=dict)
    branches: tuple[tuple[PlannedNode, str], ...] = ()
    pin: Outcome | None = None

    def __repr__(self) -> str:
        return f"PlannedNode({self.id})"


@dataclass(slots=True, eq=False)
class Region:
    """The whole workflow, or the body of one loop. `waiting` is how many connections each node at first waits for."""

    loop: str
    depth: int
    nodes: list[PlannedNode] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    # Where an iteration begins: the targets of the loop's port `body`.
    entries: tuple[tuple[PlannedNode, int], ...] = ()
    # Nodes that nothing leads to: triggers, and nodes that are not connected.
    roots: tuple[PlannedNode, ...] = ()
    has_readers: bool = False


@dataclass(slots=True, eq=False)
class Plan:
    """A workflow ready to run. `addressed` are the nodes whose steps can be called from outside, by their regions."""

    workflow: Workflow
    root: Region
    nodes: dict[str, PlannedNode]
    triggers: tuple[PlannedNode, ...]
    addressed: dict[str, list[str]]

    def trigger(self, node_id: str | None = None) -> PlannedNode | None:
        """The trigger of that id, or the first that is enabled."""
        for trigger in self.triggers:
            if node_id == trigger.id or (node_id is None and not trigger.node.disabled):
                return trigger
        return None


def make_plan(workflow: Workflow, catalog: Catalog, caps: Limits = DEFAULT_CAPS) -> Plan:
    """Make `workflow` ready to run.

    Raises:
        InvalidWorkflow: when it has errors; warnings do not matter here.
    """
    drawing = draw(workflow, catalog)
    problems = check(drawing, catalog, caps)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise InvalidWorkflow(problems)
    return _Planner(drawing).plan()


class _Planner:
    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._regions: dict[str, Region] = {ROOT: Region(ROOT, 0)}
        self._nodes: dict[str, PlannedNode] = {}
        self._racing: set[str] = set()

    def plan(self) -> Plan:
        for identifier in self._drawing.order:
            self._place(self._drawing.places[identifier])
        self._connect()
        for loop in self._racing:
            _find_sources(self._regions[loop])
        self._find_readers()
        for region in self._regions.values():
            region.waiting = [planned.incoming for planned in region.nodes]
            _find_branches(region)
            region.roots = tuple(planned for planned in region.nodes if planned.incoming == 0)
        in_file_order = (self._nodes[node.id] for node in self._drawing.workflow.nodes)
        triggers = tuple(planned for planned in in_file_order if planned.role is Role.TRIGGER)
        addressed: dict[str, list[str]] = {}
        for loop, region in self._regions.items():
            if found := [planned.id for planned in region.nodes if planned.kind.addressed]:
                addressed[loop] = found
        return Plan(self._drawing.workflow, self._regions[ROOT], self._nodes, triggers, addressed)

    def _place(self, place: Place) -> None:
        kind = place.kind
        if kind is None:
            return
        region = self._regions[place.loop]
        reading = place.reading
        planned = PlannedNode(
            id=place.node.id,
            node=place.node,
            kind=kind,
            reading=reading,
            index=len(region.nodes),
            role=kind.role,
            effect=reading.effect or kind.effect,
            join=reading.join,
            ports=place.outputs,
        )
        region.nodes.append(planned)
        self._nodes[planned.id] = planned
        if planned.join is Join.FIRST:
            self._racing.add(place.loop)
        if kind.role is Role.LOOP:
            planned.body = self._regions[planned.id] = Region(planned.id, place.depth + 1)

    def _connect(self) -> None:
        """In the order of the file, so that a connection's place among those of its target is how many came before."""
        targets: dict[str, dict[str, list[tuple[PlannedNode, int]]]] = {}
        for connection in self._drawing.workflow.connections:
            target = self._nodes[connection.target]
            port = connection.source_port
            if target.role is Role.HANDLER and port != ERROR:
                if port == BODY and self._nodes[connection.source].role is Role.LOOP:
                    continue
                port = NEVER
            ports = targets.setdefault(connection.source, {})
            ports.setdefault(port, []).append((target, target.incoming))
            target.incoming += 1
        self._connect_handlers(targets)
        for identifier, ports in targets.items():
            planned = self._nodes[identifier]
            if planned.body is not None:
                planned.body.entries = tuple(ports.pop(BODY, ()))
            planned.targets = {port: tuple(found) for port, found in ports.items()}
            planned.all_targets = tuple(
                [target for port, found in ports.items() if port not in (FAILURE, NEVER) for target, _ in found]
            )
        for planned in self._nodes.values():
            # Nothing comes out of a break or a continue.
            leaves = planned.role in (Role.BREAK, Role.CONTINUE) and not planned.node.disabled
            planned.leaf = not planned.all_targets and not leaves

    def _connect_handlers(self, targets: dict[str, dict[str, list[tuple[PlannedNode, int]]]]) -> None:
        """A handler waits until all that it handles is decided; one that is disabled does so in vain."""
        for place in self._drawing.places.values():
            handler = self._nodes[place.node.id]
            for name in place.handles:
                targets.setdefault(name, {}).setdefault(FAILURE, []).append((handler, handler.incoming))
                handler.incoming += 1
                self._nodes[name].handled |= not place.node.disabled

    def _find_readers(self) -> None:
        """Who reads whose output; a reader inside a loop counts as the loop, since every iteration may read again."""
        places = self._drawing.places
        releases: dict[str, dict[str, PlannedNode]] = {}
        for place in places.values():
            for reference in place.reading.references:
                if reference.node_id is None:
                    continue
                source = places[reference.node_id]
                reader = place
                while reader.loop != source.loop:
                    reader = places[reader.loop]
                releases.setdefault(reader.node.id, {})[source.node.id] = self._nodes[source.node.id]
        for identifier, sources in releases.items():
            self._nodes[identifier].releases = tuple(sources.values())
            for source_node in sources.values():
                source_node.readers += 1
                self._regions[places[source_node.id].loop].has_readers = True


def _find_sources(region: Region) -> None:
    """The way back, where it is asked for: a plan without one is gone as soon as nobody has it any more."""
    sources: dict[int, list[PlannedNode]] = {}
    for planned in region.nodes:
        for target in planned.all_targets:
            sources.setdefault(target.index, []).append(planned)
    for target in region.nodes:
        target.sources = tuple(sources.get(target.index, ()))


def _find_branches(region: Region) -> None:
    """Tell every node of a region of the limited branches that it belongs to.

    A branch is the nodes that nothing but its port leads to: all ways to them begin there. So it waits for nothing
    else, and comes to its end, whatever others wait for. The nodes are in an order that follows the connections.
    """
    limited = [node for node in region.nodes if node.reading.limit is not None and not node.node.disabled]
    if not limited:
        return
    incoming: dict[int, list[tuple[PlannedNode, str]]] = {node.index: [] for node in region.nodes}
    for node in region.nodes:
        for port, targets in node.targets.items():
            for target, _ in targets:
                incoming[target.index].append((node, port))
    for splitting in limited:
        _find_members(region, splitting, incoming)


def _find_members(region: Region, splitting: PlannedNode, incoming: dict[int, list[tuple[PlannedNode, str]]]) -> None:
    branch_of: dict[int, str] = {}
    entered = {target.index for target, _ in region.entries}
    for node in region.nodes:
        if node.index in entered:
            continue
        origins = {
            port if source is splitting else branch_of.get(source.index) for source, port in incoming[node.index]
        }
        if len(origins) != 1:
            continue
        (port,) = origins
        if port is None or port not in splitting.ports:
            continue
        branch_of[node.index] = port
        splitting.members[port] = splitting.members.get(port, 0) + 1
        node.branches = (*node.branches, (splitting, port))


def leading_only_to(join: PlannedNode, waiting: list[int]) -> list[PlannedNode]:
    """The nodes whose outputs nobody needs, now that `join` has what it waited for; in no particular order.

    `waiting` is how many connections each node of the region still waits for: 0 once it has what it needs, less than 0
    once it is decided. Nobody needs a node that leads only to nodes that have what they need or are not needed either.
    """
    wanted: dict[int, int] = {}
    found: dict[int, PlannedNode] = {}
    unneeded = [join]
    while unneeded:
        target = unneeded.pop()
        for source in target.sources:
            if waiting[source.index] < 0 or source.index in found:
                continue
            if source.index not in wanted:
                wanted[source.index] = sum(waiting[other.index] > 0 for other in source.all_targets)
            wanted[source.index] -= waiting[target.index] > 0
            if wanted[source.index] == 0:
                found[source.index] = source
                unneeded.append(source)
    return list(found.values())
