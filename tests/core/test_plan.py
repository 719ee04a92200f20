"""The plan: regions, readers and ways, made in linear time whatever the shape."""

from __future__ import annotations

from itertools import pairwise

from tests.core.driver import node, plan_of, start, value, workflow

from wingbeat.core.json_value import JsonObject
from wingbeat.core.plan import leading_only_to


def each(identifier: str) -> JsonObject:
    """A loop over one item."""
    return node(identifier, "loop.foreach", items=[1])


def test_nodes_are_in_the_region_of_their_loop() -> None:
    """`done` leads back out."""
    plan = plan_of(workflow([start(), each("l"), value("a"), value("b")], "start -> l.body -> a", "l.done -> b"))
    assert ["start", "l", "b"] == [planned.id for planned in plan.root.nodes]
    body = plan.nodes["l"].body
    assert body is not None
    assert (["a"], 1, "l") == ([planned.id for planned in body.nodes], body.depth, body.loop)


def test_connections_keep_their_places_among_those_of_the_target() -> None:
    """Whatever the order in which the sources are worked off."""
    plan = plan_of(
        workflow([start(), value("a"), value("b"), value("c")], "b -> c", "start -> a -> b", "a -> c", "start -> c")
    )
    places = {
        (one.id, place)
        for one in plan.nodes.values()
        for targets in one.targets.values()
        for to, place in targets
        if to.id == "c"
    }
    assert {("b", 0), ("a", 1), ("start", 2)} == places


def test_each_reader_counts_once_and_one_in_a_loop_counts_as_the_loop() -> None:
    """However often it refers to the node."""
    nodes = [
        start(),
        value("a"),
        each("l"),
        each("m"),
        value("x", "{{ nodes.a + nodes.a }}"),
        value("y", "{{ nodes.a }}"),
    ]
    plan = plan_of(workflow(nodes, "start -> a -> l.body -> m.body -> x", "l.done -> y"))
    readers = [planned.id for planned in plan.nodes.values() if plan.nodes["a"] in planned.releases]
    assert (["l", "y"], 2) == (sorted(readers), plan.nodes["a"].readers)


def test_the_trigger_of_a_plan() -> None:
    """The one that is named, or the first that is enabled."""
    document = workflow([start("off"), start("on")])
    document["nodes"][0]["disabled"] = True  # type: ignore[index, call-overload]
    plan = plan_of(document)
    assert ["on", "off", None] == [
        found and found.id for found in (plan.trigger(), plan.trigger("off"), plan.trigger("no"))
    ]


def test_what_leads_only_to_a_join_is_found_through_any_number_of_steps() -> None:
    """What is decided already is not among it, nor what leads elsewhere too."""
    nodes = [start(), *map(value, "abcd"), node("m", "flow.merge", mode="any"), value("other")]
    plan = plan_of(workflow(nodes, "start -> a -> b -> m", "start -> c -> m", "c -> other", "start -> d -> m"))
    waiting = plan.root.waiting.copy()
    for decided in ("start", "d"):
        waiting[plan.nodes[decided].index] = -1
    waiting[plan.nodes["m"].index] = 0
    assert {"a", "b"} == {planned.id for planned in leading_only_to(plan.nodes["m"], waiting)}


def test_a_hundred_thousand_connections() -> None:
    """Every node of a layer leads to every one of the next."""
    layers = [[f"n{layer}_{place}" for place in range(100)] for layer in range(11)]
    ways = [f"{a} -> {b}" for first, second in pairwise(layers) for a in first for b in second]
    nodes = [start(), *(value(name, "{{ nodes.start }}") for layer in layers for name in layer)]
    plan = plan_of(workflow(nodes, *ways[:99_900], *(f"start -> {name}" for name in layers[0])))
    assert 100_000 == sum(planned.incoming for planned in plan.nodes.values())


def test_joins_one_after_the_other() -> None:
    """Each that takes the first gives up what leads to it; thousands in a row are planned as fast as other nodes."""
    names = [f"m{number}" for number in range(5_000)]
    document = workflow(
        [start(), *(node(name, "flow.merge", mode="any") for name in names)], " -> ".join(["start", *names])
    )
    assert 5_001 == len(plan_of(document).nodes)
