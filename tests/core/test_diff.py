"""What is different between two definitions, as people see it."""

from __future__ import annotations

from wingbeat.core.diff import Change, Difference, Kind, compare
from wingbeat.core.document import parse_workflow
from wingbeat.core.json_value import Json, JsonObject

BEFORE: JsonObject = {
    "name": "w",
    "nodes": [
        {"id": "a", "type": "t", "parameters": {"url": "x", "list": [1, 2], "deep": {"flag": True}}},
        {"id": "b", "type": "t"},
    ],
    "connections": [{"from": "a", "to": "b"}],
    "annotations": {"notes": [{"id": "n", "text": "old"}, {"id": "m"}]},
}


def difference(**changes: Json) -> Difference:
    """What a change makes of the definition."""
    return compare(parse_workflow(BEFORE), parse_workflow({**BEFORE, **changes}))


def with_node(**changes: Json) -> Difference:
    """What a change of its first node makes of it."""
    nodes = BEFORE["nodes"]
    assert isinstance(nodes, list)
    assert isinstance(nodes[0], dict)
    return difference(nodes=[{**nodes[0], **changes}, nodes[1]])


def test_what_is_the_same_has_no_difference() -> None:
    """However it is spelled."""
    assert Difference() == difference(description="", settings={})
    assert not difference().behaves_otherwise


def test_parameters_are_told_one_by_one() -> None:
    """By their dotted path, with what was and what is."""
    found = with_node(parameters={"url": "y", "list": [1, 3], "deep": {"flag": 1}, "more": None})
    (node,) = found.changed
    assert node.changes == (
        Change("parameters.url", Kind.CHANGED, "x", "y"),
        Change("parameters.list.1", Kind.CHANGED, 2, 3),
        Change("parameters.deep.flag", Kind.CHANGED, before=True, after=1),
        Change("parameters.more", Kind.ADDED, None, None),
    )
    assert ("a", True, True) == (node.id, node.behaves_otherwise, found.behaves_otherwise)
    gone = with_node(parameters={"url": "x", "list": [1], "deep": {}}).changed[0].changes
    assert (Change("parameters.list", Kind.CHANGED, [1, 2], [1]), Kind.REMOVED) == (gone[0], gone[1].kind)


def test_what_only_looks_different_is_told_apart() -> None:
    """Names, places, notes, pinned outputs, descriptions, annotations: an execution goes as before."""
    for found in (
        with_node(name="new", position={"x": 5, "y": 5}, notes="why", pinned_output=1),
        difference(name="other", description="new"),
        difference(annotations={"notes": [{"id": "m"}, {"id": "n", "text": "new"}], "groups": [{"id": "g"}]}),
    ):
        assert found != Difference()
        assert not found.behaves_otherwise


def test_notes_are_known_by_their_ids() -> None:
    """One that moved in the list is the same."""
    found = difference(annotations={"notes": [{"id": "m"}, {"id": "n", "text": "new"}]})
    assert (Change("notes.n.text", Kind.CHANGED, "old", "new"),) == found.annotations


def test_nodes_connections_and_settings_come_and_go() -> None:
    """Each is told where it belongs."""
    nodes: Json = [{"id": "b", "type": "t"}, {"id": "c", "type": "t"}]
    found = difference(nodes=nodes, connections=[{"from": "b", "to": "c"}], settings={"priority": 3})
    assert (["c"], ["a"], ()) == ([one.id for one in found.added], [one.id for one in found.removed], found.changed)
    assert (["b.out -> c"], ["a.out -> b"]) == (
        [str(one) for one in found.connected],
        [str(one) for one in found.disconnected],
    )
    assert (Change("settings.priority", Kind.ADDED, None, 3),) == found.fields
    assert found.behaves_otherwise
