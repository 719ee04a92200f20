"""A part of a workflow, as somebody tries it who draws it: what leads to a node, a node alone, or with pinned outputs.

Pure: it makes another workflow, or another plan, of the one that is given. What a node alone finds, `Seed` tells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from wingbeat.core.arrivals import Arrived, ArrivedError
from wingbeat.core.drawing import draw
from wingbeat.core.errors import Conflict, NotFound
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.core.names import closest
from wingbeat.core.node_kind import Role
from wingbeat.core.outcome import DONE, OUT, Outcome
from wingbeat.core.places import ROOT
from wingbeat.core.plan import Plan, Region, make_plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wingbeat.core.graph import Workflow
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.limits import Limits
    from wingbeat.core.node_kind import Catalog
    from wingbeat.core.places import Drawing, Place
    from wingbeat.core.plan import PlannedNode

_STEERS = (Role.BREAK, Role.CONTINUE)
# The names that a seed gives in the place of those of an execution.
_FACTS = ("trigger", "item", "index", "loop")


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a workflow an execution runs: up to `to_node`, or `only_node` alone; `pins` count as outputs."""

    to_node: str = ""
    only_node: str = ""
    pins: bool = False

    @classmethod
    def read(cls, draft: Mapping[str, Json] | None) -> Part | None:
        """The part that is stored with an execution; None for the whole workflow as it is."""
        if draft is None:
            return None
        part = cls(
            cast("str", draft.get("to_node") or ""),
            cast("str", draft.get("only_node") or ""),
            bool(draft.get("use_pins")),
        )
        return None if part == cls() else part

    def to_json(self) -> JsonObject:
        """As it is stored."""
        return {"to_node": self.to_node or None, "only_node": self.only_node or None, "use_pins": self.pins}


@dataclass(frozen=True, slots=True)
class Seed:
    """What a node that runs alone finds: values that came in, outputs of other nodes, and names of an iteration.

    Variables are those of the execution.
    """

    arrivals: tuple[Arrived, ...] = ()
    outputs: Mapping[str, Json] | None = None
    facts: Mapping[str, Json] | None = None

    @classmethod
    def read(cls, stored: JsonObject | None) -> Seed:
        """As it was stored with an execution."""
        if stored is None:
            return cls()
        arrivals = cast("list[dict[str, Any]]", stored.get("arrivals") or [])
        return cls(
            tuple(
                (ArrivedError if one["error"] else Arrived)(order, one["node"], one["port"], one["value"], 0)
                for order, one in enumerate(arrivals)
            ),
            cast("JsonObject", stored.get("nodes") or {}),
            {name: stored[name] for name in _FACTS if name in stored},
        )

    def to_json(self) -> JsonObject:
        """As it is stored."""
        arrivals: list[Json] = [
            {"node": one.node_id, "port": one.port, "value": one.value, "error": isinstance(one, ArrivedError)}
            for one in self.arrivals
        ]
        return {"arrivals": arrivals, "nodes": dict(self.outputs or {}), **(self.facts or {})}


def given_input(node_id: str, value: Json) -> tuple[Arrived, ...]:
    """The arrivals of a node that is given an input, and nothing else."""
    return (Arrived(0, node_id, OUT, value, 0),)


def plan_part(workflow: Workflow, catalog: Catalog, part: Part | None, caps: Limits = DEFAULT_CAPS) -> Plan:
    """The plan of a part of the workflow.

    Raises:
        InvalidWorkflow: that part has errors; what is wrong elsewhere does not matter.
        NotFound: `NODE_UNKNOWN`.
        Conflict: `NODE_UNREACHABLE`: no trigger leads to the node.
    """
    if part is None:
        return make_plan(workflow, catalog, caps)
    target = part.only_node or part.to_node
    if target:
        workflow = narrowed(workflow, catalog, target, with_triggers=bool(part.only_node))
    plan = make_plan(workflow, catalog, caps)
    if part.only_node:
        plan = alone(plan, part.only_node)
    if part.pins:
        for planned in plan.nodes.values():
            planned.pin = None if planned.node.id == part.only_node else pinned_outcome(planned)
    return plan


def trigger_data_of(trigger: PlannedNode, given: Json) -> Json:
    """What a try begins with: what somebody gave for it, or else what is pinned at the trigger."""
    return trigger.node.pinned_output if given is None and trigger.role is Role.TRIGGER else given


def pinned_outcome(planned: PlannedNode) -> Outcome | None:
    """What a node is to have given, by the first of its ports; None where nothing is pinned.

    What is pinned at a trigger are the data that a try begins with where none are given: see `trigger_data_of`.
    """
    if not planned.node.pinned or planned.role is Role.TRIGGER:
        return None
    port = DONE if planned.role is Role.LOOP else planned.ports[0] if planned.ports else ""
    return Outcome(planned.node.pinned_output, (port,) if port else ())


def narrowed(workflow: Workflow, catalog: Catalog, target: str, *, with_triggers: bool = False) -> Workflow:
    """The workflow with what the node needs, and nothing else.

    That is what leads to it and what it refers to, however far; of a loop, its whole body; of a loop around the
    node, also what ends an iteration and what sets variables before, since that may end the loop.
    """
    drawing = draw(workflow, catalog)
    if target not in drawing.places:
        near = closest(target, drawing.places)
        raise NotFound(
            f"The workflow has no node {target!r:.120}.",
            code="NODE_UNKNOWN",
            remedy=f"Did you mean {near!r}?" if near else "Name one of its nodes.",
        )
    kept = _needed(drawing, target)
    triggers = {name for name, place in drawing.places.items() if place.role is Role.TRIGGER}
    if with_triggers:
        kept |= triggers
    elif not kept & triggers:
        raise Conflict(
            f"No trigger leads to the node {target!r}.",
            code="NODE_UNREACHABLE",
            remedy="Connect it, or run it alone with an input.",
        )
    connections = tuple(one for one in workflow.connections if one.source in kept and one.target in kept)
    return replace(workflow, nodes=tuple(node for node in workflow.nodes if node.id in kept), connections=connections)


def _needed(drawing: Drawing, target: str) -> set[str]:
    places = drawing.places
    around = set(_loops_around(drawing, target))
    after = _following(drawing, target)
    kept: set[str] = set()
    remaining = [target]
    while remaining:
        name = remaining.pop()
        if name in kept or name not in places:
            continue
        kept.add(name)
        place = places[name]
        remaining += _sources(place)
        if place.role is not Role.LOOP:
            continue
        remaining += [
            inner.node.id
            for inner in places.values()
            if inner.loop == name and (name not in around or (inner.node.id not in after and _matters(inner)))
        ]
    return kept


def _sources(place: Place) -> Iterator[str]:
    yield from (connection.source for connection in place.incoming)
    yield from (reference.node_id for reference in place.reading.references if reference.node_id is not None)
    yield from place.handles
    if place.loop != ROOT:
        yield place.loop


def _matters(inner: Place) -> bool:
    """Whether a node in a loop around the target may say how the loop goes on: it ends it, or sets a variable."""
    return inner.role in _STEERS or bool(inner.reading.provides)


def _loops_around(drawing: Drawing, name: str) -> Iterator[str]:
    loop = drawing.places[name].loop
    while loop != ROOT:
        yield loop
        loop = drawing.places[loop].loop


def _following(drawing: Drawing, name: str) -> set[str]:
    found: set[str] = set()
    remaining = [connection.target for connection in drawing.places[name].outgoing]
    while remaining:
        one = remaining.pop()
        if one not in found:
            found.add(one)
            remaining += [connection.target for connection in drawing.places[one].outgoing]
    return found


def alone(plan: Plan, node_id: str) -> Plan:
    """A plan of nothing but the node, which counts as its trigger; of a loop, with all that is in it."""
    planned = replace(
        plan.nodes[node_id],
        index=0,
        incoming=0,
        targets={},
        all_targets=(),
        readers=0,
        releases=(),
        sources=(),
        leaf=True,
        handled=False,
        members={},
        branches=(),
    )
    region = Region(ROOT, 0, [planned], [0], (), (planned,))
    nodes = {planned.id: planned}
    inner = [planned.body] if planned.body is not None else []
    while inner:
        body = inner.pop()
        nodes |= {one.id: one for one in body.nodes}
        inner += [one.body for one in body.nodes if one.body is not None]
    addressed = {loop: names for loop, names in plan.addressed.items() if loop in nodes}
    if planned.kind.addressed:
        addressed[ROOT] = [planned.id]
    return Plan(plan.workflow, region, nodes, (planned,), addressed)


def remembering(plan: Plan) -> Plan:
    """The same plan, of a fold that is to show what a step sees: it lets go of no output while its scope is there."""
    for planned in plan.nodes.values():
        planned.readers += 1
        if planned.body is not None:
            planned.body.has_readers = True
    plan.root.has_readers = True
    return plan
