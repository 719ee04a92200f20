"""A workflow made ready to run: nodes in regions, connections as numbers, and for each node what it needs and who needs it.

A plan is made once per revision and shared by all its executions; it holds no state of any of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wingbeat.core.checks import check
from wingbeat.core.drawing import ROOT, draw
from wingbeat.core.graph import OnError
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.core.node_kind import Effect, Join, Role
from wingbeat.core.outcome import BODY
from wingbeat.core.problems import InvalidWorkflow, Severity

if TYPE_CHECKING:
    from wingbeat.core.drawing import Drawing, Place
    from wingbeat.core.graph import Node, Workflow
    from wingbeat.core.limits import Limits
    from wingbeat.core.node_kind import Catalog, NodeKind, Reading


@dataclass(slots=True, eq=False)
class PlannedNode:
    """A node ready to run. Read-only once the plan is made.

    `index` counts within the region. `targets` maps a port to the nodes that it leads to, with the place of the connection
    among the target's own. `releases` are the nodes of the same region whose outputs this one is a reader of.
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
    leaf: bool = False
    # For a join that takes the first: the nodes that lead nowhere else, and are given up when it runs.
    exclusive: tuple[PlannedNode, ...] = ()

    def __repr__(self) -> str:
        return f"PlannedNode({self.id})"


@dataclass(slots=True, eq=False)
class Region:
    """The whole workflow, or the body of one loop. `waiting` is how many connections each node starts by waiting for."""

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
    """A workflow ready to run."""

    workflow: Workflow
    root: Region
    nodes: dict[str, PlannedNode]
    triggers: tuple[PlannedNode, ...]

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

    def plan(self) -> Plan:
        for identifier in self._drawing.order:
            self._place(self._drawing.places[identifier])
        for identifier in self._drawing.order:
            self._connect(self._drawing.places[identifier])
        self._find_readers()
        for planned in self._nodes.values():
            if planned.join is Join.FIRST:
                planned.exclusive = self._exclusive(planned)
        for region in self._regions.values():
            region.waiting = [planned.incoming for planned in region.nodes]
            region.roots = tuple(planned for planned in region.nodes if planned.incoming == 0)
        in_file_order = (self._nodes[node.id] for node in self._drawing.workflow.nodes)
        triggers = tuple(planned for planned in in_file_order if planned.role is Role.TRIGGER)
        return Plan(self._drawing.workflow, self._regions[ROOT], self._nodes, triggers)

    def _place(self, place: Place) -> None:
        kind = place.kind
        assert kind is not None  # the checks have passed
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
        if kind.role is Role.LOOP:
            planned.body = self._regions[planned.id] = Region(planned.id, place.depth + 1)

    def _connect(self, place: Place) -> None:
        planned = self._nodes[place.node.id]
        targets: dict[str, list[tuple[PlannedNode, int]]] = {}
        for connection in place.outgoing:
            target = self._nodes[connection.target]
            order = self._drawing.places[connection.target].incoming.index(connection)
            targets.setdefault(connection.source_port, []).append((target, order))
            target.incoming += 1
        body = targets.pop(BODY, []) if planned.body is not None else []
        if planned.body is not None:
            planned.body.entries = tuple(body)
        planned.targets = {port: tuple(found) for port, found in targets.items()}
        planned.all_targets = tuple(target for found in targets.values() for target, _ in found)
        planned.leaf = not planned.all_targets

    def _find_readers(self) -> None:
        """Who reads whose output; a reader inside a loop counts as the loop, since every iteration may read again."""
        places = self._drawing.places
        releases: dict[str, dict[str, PlannedNode]] = {}
        for identifier, place in places.items():
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

    def _exclusive(self, join: PlannedNode) -> tuple[PlannedNode, ...]:
        places = self._drawing.places
        inside = {join.id}
        found = []
        for identifier in reversed(self._drawing.order):
            planned = self._nodes[identifier]
            if planned is join or planned.leaf or planned.role is Role.TRIGGER:
                continue
            same_loop = places[identifier].loop == places[join.id].loop
            if same_loop and all(target.id in inside for target in planned.all_targets):
                inside.add(identifier)
                found.append(planned)
        return tuple(found)


__all__ = ["OnError", "Plan", "PlannedNode", "Region", "make_plan"]
