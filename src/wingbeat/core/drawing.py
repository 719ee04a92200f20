"""A workflow indexed for the checks and the plan: who is connected to whom, in which order, inside which loop."""

from __future__ import annotations

from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from wingbeat.core.graph import OnError
from wingbeat.core.node_kind import Reading, Role
from wingbeat.core.outcome import BODY, ERROR

if TYPE_CHECKING:
    from wingbeat.core.graph import Connection, Node, Workflow
    from wingbeat.core.node_kind import Catalog, NodeKind

ROOT = ""


@dataclass(slots=True)
class Place:
    """One node of the drawing with what is known about it. `loop` is the id of the loop whose body it is in, or ''."""

    node: Node
    kind: NodeKind | None
    reading: Reading
    index: int
    incoming: list[Connection] = field(default_factory=list)
    outgoing: list[Connection] = field(default_factory=list)
    loop: str = ROOT
    depth: int = 0

    @property
    def role(self) -> Role:
        """A step, where the type is unknown."""
        return self.kind.role if self.kind else Role.STEP

    @property
    def outputs(self) -> tuple[str, ...]:
        """Every port that a connection may leave from."""
        if self.node.on_error is OnError.BRANCH:
            return (*self.reading.outputs, ERROR)
        return self.reading.outputs


@dataclass(slots=True)
class Drawing:
    """The places by id, an order in which every node follows its sources, or the ids of a cycle instead.

    `leaving` are the connections that lead into another region than the one that they come from, each with the loop in
    which they begin.
    """

    workflow: Workflow
    places: dict[str, Place]
    order: list[str] = field(default_factory=list)
    cycle: list[str] = field(default_factory=list)
    leaving: list[tuple[Connection, str]] = field(default_factory=list)


_UNKNOWN = Reading()


def draw(workflow: Workflow, catalog: Catalog) -> Drawing:
    """Index a workflow. Connections between nodes that do not exist are left out; the first of two equal ids counts."""
    places: dict[str, Place] = {}
    for node in workflow.nodes:
        if node.id in places:
            continue
        kind = catalog.get(node.type)
        reading = kind.read(node.parameters) if kind else _UNKNOWN
        places[node.id] = Place(node, kind, reading, len(places))
    for connection in workflow.connections:
        source, target = places.get(connection.source), places.get(connection.target)
        if source is not None and target is not None:
            source.outgoing.append(connection)
            target.incoming.append(connection)
    drawing = Drawing(workflow, places)
    _sort(drawing)
    _find_loops(drawing)
    return drawing


def _sort(drawing: Drawing) -> None:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for identifier, place in drawing.places.items():
        sorter.add(identifier, *(connection.source for connection in place.incoming))
    try:
        drawing.order = list(sorter.static_order())
    except CycleError as error:
        drawing.cycle = list(error.args[1])[:-1]


def _find_loops(drawing: Drawing) -> None:
    """Give every place the loop whose body it is in: that of its sources, or the one whose `body` leads to it."""
    for identifier in drawing.order:
        place = drawing.places[identifier]
        origins = [_origin(drawing, connection) for connection in place.incoming]
        if not origins:
            continue
        place.depth, place.loop = min(origins)
        if len(origins) == 1:
            continue
        for connection, (_, loop) in zip(place.incoming, origins, strict=True):
            if loop != place.loop:
                drawing.leaving.append((connection, loop))


def _origin(drawing: Drawing, connection: Connection) -> tuple[int, str]:
    source = drawing.places[connection.source]
    if source.role is Role.LOOP and connection.source_port == BODY:
        return source.depth + 1, source.node.id
    return source.depth, source.loop
