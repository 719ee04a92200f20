"""Every rule that a workflow must keep, one function each. All faults of a workflow are found in one go."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wingbeat.core.document import read_workflow
from wingbeat.core.drawing import draw
from wingbeat.core.handlers import check_handlers, handlers_by_node
from wingbeat.core.limits import DEFAULT_CAPS, DEFAULT_LIMITS
from wingbeat.core.names import Suggestions, closest
from wingbeat.core.node_kind import Role
from wingbeat.core.outcome import ERROR
from wingbeat.core.overflow import check_overflow
from wingbeat.core.places import ROOT
from wingbeat.core.problems import Problem, Severity
from wingbeat.core.reading import ROOT as ROOT_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wingbeat.core.graph import Connection, Workflow
    from wingbeat.core.json_value import Json
    from wingbeat.core.limits import Limits
    from wingbeat.core.node_kind import Catalog
    from wingbeat.core.places import Drawing, Place

LOOP_NAMES = frozenset({"item", "index", "loop"})
RUN_NAMES = frozenset({"trigger", "input", "execution", "workflow", "now", "nodes"})
RESERVED_NAMES = LOOP_NAMES | RUN_NAMES
# Without these there is no graph to look at.
UNREADABLE = frozenset({ROOT_PATH, "nodes", "connections"})


def validate(
    workflow: Workflow, catalog: Catalog, caps: Limits = DEFAULT_CAPS, limits: Limits = DEFAULT_LIMITS
) -> list[Problem]:
    """All that is wrong with `workflow`, errors and warnings; empty when it is fine.

    `limits` are those of an execution whose workflow asks for no others, `caps` the most that one may ask for.
    """
    return check(draw(workflow, catalog), catalog, caps, limits)


def validate_document(
    document: Json, catalog: Catalog, caps: Limits = DEFAULT_CAPS, limits: Limits = DEFAULT_LIMITS
) -> list[Problem]:
    """All that is wrong with a definition as JSON: faults of its shape, and of the graph as far as that can be told.

    What follows from a fault that is reported already is left out.
    """
    workflow, malformed = read_workflow(document)
    if any(problem.parameter in UNREADABLE for problem in malformed):
        return malformed
    explained = {problem.node for problem in malformed if problem.node} | {""}
    problems = validate(workflow, catalog, caps, limits)
    return [*malformed, *(found for found in problems if found.node not in explained)]


def check(drawing: Drawing, catalog: Catalog, caps: Limits, limits: Limits = DEFAULT_LIMITS) -> list[Problem]:
    """All that is wrong with a drawing that is already indexed; `limits` as in `validate`."""
    suggestions = Suggestions()
    return [
        *_duplicates(drawing),
        *_unknown_types(drawing, catalog, suggestions),
        *_connections(drawing, suggestions),
        *_parameters(drawing),
        *_triggers(drawing),
        *_cycle(drawing),
        *_loops(drawing),
        *check_handlers(drawing, suggestions),
        *_loop_depth(drawing, caps, limits),
        *check_overflow(drawing.workflow),
        *_variable_names(drawing),
        *_references(drawing, suggestions),
        *_unreachable(drawing),
    ]


def _duplicates(drawing: Drawing) -> Iterator[Problem]:
    nodes = Counter(node.id for node in drawing.workflow.nodes)
    for identifier in (identifier for identifier, times in nodes.items() if times > 1):
        message = f"{nodes[identifier]} nodes have the id {identifier!r}."
        yield Problem("duplicate_id", message, "Give each an id of its own.", identifier)
    connections = Counter(drawing.workflow.connections)
    for connection in (connection for connection, times in connections.items() if times > 1):
        message = f"The connection {connection} is drawn {connections[connection]} times."
        yield Problem("duplicate_connection", message, "Leave one.", connection.source, connection=connection)
    drawn = drawing.workflow.annotations
    annotations = Counter([*(note.id for note in drawn.notes), *(group.id for group in drawn.groups)])
    for identifier in (identifier for identifier, times in annotations.items() if times > 1):
        message = f"{annotations[identifier]} notes or groups have the id {identifier!r}."
        where = "annotations"
        fix = "Give each an id of its own."
        yield Problem("duplicate_annotation", message, fix, severity=Severity.WARNING, parameter=where)


def _unknown_types(drawing: Drawing, catalog: Catalog, suggestions: Suggestions) -> Iterator[Problem]:
    for place in drawing.places.values():
        if place.kind is None:
            near = suggestions.closest(place.node.type, catalog)
            fix = f"Did you mean {near!r}?" if near else "Install the package that brings it, or choose another."
            yield Problem("unknown_type", f"There is no node type {place.node.type!r:.120}.", fix, place.node.id)


def _connections(drawing: Drawing, suggestions: Suggestions) -> Iterator[Problem]:
    for connection in drawing.workflow.connections:
        for end in (connection.source, connection.target):
            if end not in drawing.places:
                near = suggestions.closest(end, drawing.places)
                fix = f"Did you mean {near!r}?" if near else "Remove the connection, or add the node."
                message = f"The connection {connection} names {end!r:.120}, and there is no such node."
                yield Problem("dangling_connection", message, fix, end, connection=connection)
    for place in drawing.places.values():
        yield from _ports(drawing, place)


def _ports(drawing: Drawing, place: Place) -> Iterator[Problem]:
    for connection in place.outgoing:
        target = drawing.places[connection.target]
        # What a node without a type or with wrong parameters gives and takes is not known.
        if place.kind is not None and not place.reading.problems and connection.source_port not in place.outputs:
            yield _no_output(place, connection)
        if target.kind is None:
            continue
        if not target.reading.takes:
            message = f"The connection {connection} leads into a trigger."
            fix = "Triggers begin a workflow: remove it."
            yield Problem("connection_into_trigger", message, fix, target.node.id, connection=connection)
        elif connection.target_port not in target.reading.takes:
            message = f"{target.node.id!r} has no input {connection.target_port!r:.120}."
            fix = f"Its inputs are: {', '.join(target.reading.takes)}."
            yield Problem("unknown_port", message, fix, target.node.id, connection=connection)


def _no_output(place: Place, connection: Connection) -> Problem:
    near = closest(connection.source_port, place.outputs)
    known = ", ".join(place.outputs) or "none"
    fix = f"Did you mean {near!r}? Its outputs are: {known}." if near else f"Its outputs are: {known}."
    if connection.source_port == ERROR:
        fix = f"Set on_error to 'branch' to have the port. {fix}"
    message = f"{place.node.id!r} has no output {connection.source_port!r:.120}."
    return Problem("unknown_port", message, fix, place.node.id, connection=connection)


def _parameters(drawing: Drawing) -> Iterator[Problem]:
    for place in drawing.places.values():
        for fault in place.reading.problems:
            yield Problem(
                fault.code, fault.message, fault.fix, place.node.id, parameter=fault.path, position=fault.position
            )


def _triggers(drawing: Drawing) -> Iterator[Problem]:
    triggers = [place for place in drawing.places.values() if place.role is Role.TRIGGER]
    if not triggers and any(place.kind is None for place in drawing.places.values()):
        return  # One of the unknown types may be meant for one.
    if not triggers:
        yield Problem(
            "no_trigger", "Nothing can start the workflow.", "Add a trigger, as trigger.manual. See docs/workflows.md."
        )
    elif all(place.node.disabled for place in triggers):
        yield Problem("no_trigger", "Every trigger is disabled.", "Enable one.", triggers[0].node.id)


def _cycle(drawing: Drawing) -> Iterator[Problem]:
    if drawing.cycle:
        way = " -> ".join((*drawing.cycle, drawing.cycle[0]))
        shown = way if len(way) < 500 else f"{way[:500]}..."  # noqa: PLR2004 - what a person still reads
        yield Problem(
            "cycle",
            f"The nodes go round in a circle: {shown}.",
            "Remove one of these connections; to repeat steps, put them into the body of a loop.",
            drawing.cycle[0],
            connection=_closing(drawing),
        )


def _closing(drawing: Drawing) -> Connection | None:
    """The connection that leads from the end of the circle to its beginning; none where an error handler does."""
    last, first = drawing.cycle[-1], drawing.cycle[0]
    return next((one for one in drawing.places[last].outgoing if one.target == first), None)


def _loops(drawing: Drawing) -> Iterator[Problem]:
    for connection, loop in drawing.leaving:
        where = drawing.places[connection.target].loop
        yield Problem(
            "connection_leaves_loop",
            f"The connection {connection} begins in the loop {loop!r} and ends {_region(where)}, "
            f"where other connections to {connection.target!r} come from.",
            "Continue from the loop's own port 'done', or refer to values from before the loop by nodes.<id>.",
            connection.source,
            connection=connection,
        )
    for place in drawing.places.values():
        if place.loop != ROOT or drawing.cycle:
            continue
        if place.role is Role.BREAK:
            message = f"{place.node.id!r} is not inside a loop, so there is nothing to break."
            yield Problem("break_outside_loop", message, "Put it behind the port 'body' of a loop.", place.node.id)
        if place.role is Role.CONTINUE:
            message = f"{place.node.id!r} is not inside a loop, so there is no iteration to end."
            yield Problem("continue_outside_loop", message, "Put it behind the port 'body' of a loop.", place.node.id)


def _loop_depth(drawing: Drawing, caps: Limits, limits: Limits) -> Iterator[Problem]:
    most = limits.raised_to(drawing.workflow.settings.limits, caps).loop_depth
    for place in drawing.places.values():
        if place.role is not Role.LOOP or place.depth < min(most, caps.loop_depth):
            continue
        reached = f"{place.node.id!r} is the {place.depth + 1}th loop around each other"
        if place.depth >= caps.loop_depth:
            message = f"{reached}; the limit is {caps.loop_depth}."
            yield Problem("loop_too_deep", message, "Nest fewer loops.", place.node.id)
        else:
            message = f"{reached}, and executions stop beyond {most}."
            fix = f"Nest fewer loops, or ask for more with settings.loop_depth; the most is {caps.loop_depth}."
            yield Problem("loop_deeper_than_limit", message, fix, place.node.id, Severity.WARNING)


def _region(loop: str) -> str:
    return "outside of every loop" if loop == ROOT else f"in the loop {loop!r}"


def _variable_names(drawing: Drawing) -> Iterator[Problem]:
    for name in drawing.workflow.global_variables:
        if name in RESERVED_NAMES:
            yield Problem("reserved_name", f"{name!r} is a name of Wingbeat's own.", "Give the variable another name.")
    for place in drawing.places.values():
        for name in place.reading.provides:
            if name in RESERVED_NAMES:
                message = f"{name!r} is a name of Wingbeat's own."
                yield Problem("reserved_name", message, "Give the variable another name.", place.node.id)


def _references(drawing: Drawing, suggestions: Suggestions) -> Iterator[Problem]:
    variables = set(drawing.workflow.global_variables)
    for place in drawing.places.values():
        variables.update(place.reading.provides)
    known = variables | RESERVED_NAMES
    upstream = _Upstream(drawing)
    for place in drawing.places.values():
        for index, reference in enumerate(place.reading.references):
            name = reference.name
            if name == "nodes":
                yield from _node_reference(drawing, place, index, upstream, suggestions)
            elif name in LOOP_NAMES and not reference.optional and place.loop == ROOT and not drawing.cycle:
                message = f"{name!r} exists only inside a loop, and {place.node.id!r} is in none."
                fix = "Put the node behind the port 'body' of a loop."
                yield _problem_at(place, index, "name_outside_loop", message, fix)
            elif name not in known and not reference.optional:
                near = suggestions.closest(name, known)
                fix = (
                    f"Did you mean {near!r}?" if near else "Declare it in global_variables, or set it in a node before."
                )
                message = f"Nothing provides the name {name!r:.120}."
                yield _problem_at(place, index, "unknown_name", message, fix)


def _problem_at(place: Place, index: int, code: str, message: str, fix: str) -> Problem:
    """A problem with one of the references of a node, and where it stands."""
    reading = place.reading
    position = reading.references[index].position
    return Problem(code, message, fix, place.node.id, parameter=reading.parameter_of(index), position=position)


def _node_reference(
    drawing: Drawing, place: Place, index: int, upstream: _Upstream, suggestions: Suggestions
) -> Iterator[Problem]:
    wanted = place.reading.references[index].node_id or ""
    found = drawing.places.get(wanted)
    if found is None:
        near = suggestions.closest(wanted, drawing.places)
        fix = f"Did you mean 'nodes.{near}'?" if near else "Refer to the id of a node."
        message = f"nodes.{wanted:.120} refers to a node that does not exist."
        yield _problem_at(place, index, "unknown_node_reference", message, fix)
        return
    if drawing.cycle:
        return
    around = _loops_around(drawing, place)
    if wanted in around:
        message = f"nodes.{wanted} has no value inside of the loop {wanted!r}, since it has one only when it is done."
        fix = "Use item, index or loop; or gather what you need in a variable."
    elif upstream.precedes(wanted, place.node.id):
        return
    else:
        message = f"nodes.{wanted} has no value here, because {wanted!r} does not come before {place.node.id!r}."
        fix = f"Connect {wanted!r} so that it comes before {place.node.id!r}."
        if found.loop != ROOT and found.loop not in around:
            fix = f"It is inside the loop {found.loop!r}: use what the loop gives at its port 'done'."
    yield _problem_at(place, index, "reference_not_upstream", message, fix)


def _loops_around(drawing: Drawing, place: Place) -> list[str]:
    around: list[str] = []
    while place.loop != ROOT:
        around.append(place.loop)
        place = drawing.places[place.loop]
    return around


class _Upstream:
    """Answers which node precedes which, with one bit per node; made when the first question comes."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._before: dict[str, int] | None = None

    def precedes(self, earlier: str, later: str) -> bool:
        """Whether `earlier` is decided before `later` on every way."""
        if self._before is None:
            self._before = self._mark()
        return bool(self._before[later] >> self._drawing.places[earlier].index & 1)

    def _mark(self) -> dict[str, int]:
        before: dict[str, int] = {}
        places = self._drawing.places
        for identifier in self._drawing.order:
            bits = 0
            for connection in places[identifier].incoming:
                bits |= before[connection.source] | 1 << places[connection.source].index
            for name in places[identifier].handles:
                bits |= before[name] | 1 << places[name].index
            before[identifier] = bits
        return before


def _unreachable(drawing: Drawing) -> Iterator[Problem]:
    reached = {identifier for identifier, place in drawing.places.items() if place.role is Role.TRIGGER}
    if not reached:
        return
    handlers = handlers_by_node(drawing)
    stack = list(reached)
    while stack:
        name = stack.pop()
        following = [connection.target for connection in drawing.places[name].outgoing]
        for target in (*following, *handlers.get(name, ())):
            if target not in reached:
                reached.add(target)
                stack.append(target)
    for identifier in drawing.places:
        if identifier not in reached:
            message = f"No trigger leads to {identifier!r}, so it never runs."
            yield Problem("unreachable", message, "Connect it, or remove it.", identifier, Severity.WARNING)
