"""A workflow indexed for the checks and the plan: who is connected to whom, in which order, inside which loop."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from wingbeat.core.handlers import find_named, handlers_of, keep_to_regions
from wingbeat.core.node_kind import Reading, Role
from wingbeat.core.outcome import BODY
from wingbeat.core.places import ROOT, Drawing, Place

if TYPE_CHECKING:
    from wingbeat.core.graph import Connection, Workflow
    from wingbeat.core.node_kind import Catalog

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
    handlers = handlers_of(drawing)
    find_named(drawing, handlers)
    _sort(drawing)
    _find_loops(drawing)
    if handlers and not drawing.cycle:
        keep_to_regions(drawing, handlers)
        _sort(drawing)
    return drawing


def _sort(drawing: Drawing) -> None:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for identifier, place in drawing.places.items():
        sorter.add(identifier, *(connection.source for connection in place.incoming), *place.handles)
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
            # A handler is where the first of those is whose errors it handles.
            handled = [drawing.places[name] for name in place.handles[:1]]
            place.depth, place.loop = (handled[0].depth, handled[0].loop) if handled else (0, ROOT)
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
