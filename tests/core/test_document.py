"""Workflows as JSON: what is read is what is written, and every fault is reported in one go."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wingbeat.core.document import MAX_CONNECTIONS, MAX_NODES, parse_workflow, workflow_to_json
from wingbeat.core.graph import (
    Annotations,
    Color,
    Connection,
    Group,
    Node,
    Note,
    OnError,
    OnUnknown,
    Workflow,
    WorkflowSettings,
)
from wingbeat.core.json_value import Json
from wingbeat.core.limits import LimitsWanted
from wingbeat.core.problems import InvalidWorkflow, Problem
from wingbeat.core.reading import MOST_PROBLEMS
from wingbeat.core.retry import RetryPolicy

numbers = st.floats(0, 1e6, allow_nan=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ids = st.from_regex(r"[A-Za-z_][A-Za-z0-9_\-]{0,8}", fullmatch=True)
variables = st.dictionaries(st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True), values, max_size=3)
counts = st.none() | st.integers(1, 1000)
retries = st.builds(
    RetryPolicy,
    max_attempts=st.integers(1, 1000),
    backoff_seconds=numbers,
    factor=st.floats(0.1, 10),
    max_delay_seconds=numbers,
    jitter=st.floats(0, 1),
)
nodes = st.builds(
    Node,
    id=ids,
    type=ids,
    name=st.text(max_size=10),
    position=st.tuples(numbers, numbers),
    parameters=st.dictionaries(st.text(max_size=5), values, max_size=3),
    on_error=st.sampled_from(OnError),
    on_unknown=st.sampled_from(OnUnknown),
    retry=st.none() | retries,
    timeout_seconds=st.none() | st.floats(0.1, 1e6),
    disabled=st.booleans(),
    notes=st.text(max_size=10),
    pinned=st.just(value=True),
    pinned_output=values,
) | st.builds(Node, id=ids, type=ids)
places = {
    "position": st.tuples(numbers, numbers),
    "width": st.floats(1, 1e5),
    "height": st.floats(1, 1e5),
    "color": st.sampled_from(Color),
}
drawn = st.builds(
    Annotations,
    notes=st.lists(st.builds(Note, st.just("n"), st.text(max_size=10), **places), max_size=1).map(tuple),
    groups=st.lists(st.builds(Group, st.just("g"), st.text(max_size=10), **places), max_size=1).map(tuple),
)
workflows = st.builds(
    Workflow,
    name=st.text(min_size=1, max_size=20).filter(str.strip),
    nodes=st.lists(nodes, max_size=4).map(tuple),
    connections=st.lists(st.builds(Connection, ids, ids, ids, ids), max_size=4).map(tuple),
    description=st.text(max_size=20),
    global_variables=variables,
    settings=st.builds(
        WorkflowSettings,
        limits=st.builds(LimitsWanted, st.none() | st.floats(0.1, 1e6), counts, counts, counts, counts),
        max_concurrent=counts,
        max_per_minute=counts,
        priority=st.integers(-1000, 1000),
    ),
    annotations=drawn,
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(workflows)
def test_a_workflow_is_read_back_as_it_was_written(workflow: Workflow) -> None:
    """Nothing is lost and nothing is added."""
    assert workflow == parse_workflow(workflow_to_json(workflow))


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(
    values
    | st.dictionaries(
        st.sampled_from(["name", "nodes", "connections", "settings", "global_variables", "annotations"]), values
    )
)
def test_any_document_is_read_or_refused(document: Json) -> None:
    """Never anything else, whatever it holds."""
    try:
        parse_workflow(document)
    except InvalidWorkflow as refused:
        faulty = [problem for problem in refused.problems if not (problem.message and problem.fix)]
    else:
        faulty = []
    assert [] == faulty


def faults(document: Json) -> list[Problem]:
    """All that is wrong with a document."""
    with pytest.raises(InvalidWorkflow) as caught:
        parse_workflow(document)
    return list(caught.value.problems)


def fault(**changes: Json) -> tuple[str, str | None, str | None]:
    """The code, node and place of the one fault that a change makes in a sound document."""
    (found,) = faults({"name": "w", "nodes": [], **changes})
    return found.code, found.node, found.parameter


def in_node(**changes: Json) -> tuple[str, str | None]:
    """The code and place of the one fault that a change makes in a sound node."""
    code, node, place = fault(nodes=[{"id": "a", "type": "t", **changes}])
    assert node in {"a", changes.get("id")}
    return code, place


def test_the_smallest_workflow_has_defaults_everywhere() -> None:
    """A name and a list of nodes are enough."""
    assert Workflow("w", ()) == parse_workflow({"name": "w", "nodes": []})


@pytest.mark.parametrize("document", [None, 5, "text", [], True])
def test_a_workflow_is_an_object(document: Json) -> None:
    """Anything else is refused, with what it is."""
    assert "must be an object" in faults(document)[0].message


def test_a_workflow_needs_a_name_and_nodes() -> None:
    """Both are reported."""
    assert {"name", "nodes"} == {found.parameter for found in faults({})}
    assert "nodes is missing." in {found.message for found in faults({})}
    assert ["nodes must be a list, not null."] == [found.message for found in faults({"name": "w", "nodes": None})]


def test_an_unknown_field_names_the_closest() -> None:
    """In the workflow, in nodes, in connections and in settings."""
    (found,) = faults({"name": "w", "nodes": [], "conections": []})
    assert ("unknown_field", "Did you mean 'connections'?") == (found.code, found.fix)
    assert ("unknown_field", "nodes[0].retires") == in_node(retires=3)
    assert ("unknown_field", None, "settings.timeout") == fault(settings={"timeout": 3})
    connection: Json = {"from": "a", "to": "b", "port": "x"}
    assert ("unknown_field", None, "connections[0].port") == fault(connections=[connection])


def test_a_node_is_an_object() -> None:
    """With an id and a type; all three are said of a number."""
    places = [found.parameter for found in faults({"name": "w", "nodes": [5]})]
    assert ["nodes[0]", "nodes[0].id", "nodes[0].type"] == places


@pytest.mark.parametrize("identifier", ["", "1a", "a b", "a.b", "a/b", "a:1", "ä", "a" * 101, None, 5])
def test_an_id_has_only_characters_that_names_of_scopes_can_hold(identifier: Json) -> None:
    """No dot, colon or slash, and not too long."""
    assert ["nodes[0].id"] == [
        found.parameter for found in faults({"name": "w", "nodes": [{"id": identifier, "type": "t"}]})
    ]


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("type", 5),
        ("name", None),
        ("name", "n" * 256),
        ("parameters", []),
        ("on_error", "ignore"),
        ("on_error", {"deep": [[[]]]}),
        ("on_unknown", None),
        ("timeout_seconds", 0),
        ("timeout_seconds", -1),
        ("timeout_seconds", "5"),
        ("timeout_seconds", True),
        ("timeout_seconds", float("nan")),
        ("timeout_seconds", 10**400),
        ("disabled", "yes"),
        ("disabled", 1),
        ("position", [0, 0]),
        ("position", {"x": 0}),
        ("position", {"x": 0, "y": 10**400}),
        ("position", {"x": 0, "y": float("inf")}),
        ("retry", 3),
    ],
)
def test_a_field_of_the_wrong_kind(field: str, bad: Json) -> None:
    """The node and the field are named."""
    assert [f"nodes[0].{field}"] == [
        found.parameter for found in faults({"name": "w", "nodes": [{"id": "a", "type": "t", field: bad}]})
    ]


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("max_attempts", 0),
        ("max_attempts", 1.5),
        ("max_attempts", 10**4000),
        ("factor", 0),
        ("jitter", 1.1),
        ("backoff_seconds", -1),
    ],
)
def test_a_retry_policy_out_of_bounds(field: str, bad: Json) -> None:
    """Every number has its range."""
    assert ("malformed", f"nodes[0].retry.{field}") == in_node(retry={field: bad})


def test_a_retry_policy_has_defaults() -> None:
    """Three attempts, unless it says otherwise."""
    (node,) = parse_workflow({"name": "w", "nodes": [{"id": "a", "type": "t", "retry": {}}]}).nodes
    assert RetryPolicy(max_attempts=3) == node.retry


def test_a_connection_needs_both_ends() -> None:
    """Ports have defaults, ends have none."""
    places = [found.parameter for found in faults({"name": "w", "nodes": [], "connections": [{}]})]
    assert ["connections[0].from", "connections[0].to"] == places


@pytest.mark.parametrize("name", ["1a", "a-b", "a b", ""])
def test_a_variable_has_a_name_that_expressions_can_say(name: str) -> None:
    """Letters, digits and underscores."""
    assert "malformed" == fault(global_variables={name: 1})[0]


@pytest.mark.parametrize(
    "name", ["loop_iterations", "total_operations", "loop_depth", "parallel_nodes", "max_concurrent"]
)
def test_limits_are_positive_whole_numbers(name: str) -> None:
    """Zero would mean that nothing ever runs."""
    for bad in (0, -1, 1.5, "5", True):
        assert ("malformed", None, f"settings.{name}") == fault(settings={name: bad})


def test_a_pinned_null_is_pinned() -> None:
    """Null is a value."""
    (pinned, free) = parse_workflow(
        {"name": "w", "nodes": [{"id": "a", "type": "t", "pinned_output": None}, {"id": "b", "type": "t"}]}
    ).nodes
    assert (True, False) == (pinned.pinned, free.pinned)


def test_too_many_nodes_or_connections() -> None:
    """With how many there may be."""
    assert "too_large" == fault(nodes=[{}] * (MAX_NODES + 1))[0]
    assert "too_large" == fault(connections=[{}] * (MAX_CONNECTIONS + 1))[0]


def test_a_flood_of_faults_is_cut() -> None:
    """Who has a million faults is helped by the first thousand."""
    assert MOST_PROBLEMS == len(faults({"name": "w", "nodes": [], **{f"x{number}": 1 for number in range(50_000)}}))


def test_notes_and_groups_have_defaults_and_are_left_out_when_there_are_none() -> None:
    """A note of an id alone is a small yellow one; a document without any says nothing about them."""
    read = parse_workflow({"name": "w", "nodes": [], "annotations": {"notes": [{"id": "n"}], "groups": [{"id": "g"}]}})
    assert Annotations((Note("n"),), (Group("g"),)) == read.annotations
    assert "annotations" not in workflow_to_json(parse_workflow({"name": "w", "nodes": [], "annotations": {}}))


@pytest.mark.parametrize(
    ("annotations", "code", "place"),
    [
        ([], "malformed", "annotations"),
        ({"note": []}, "unknown_field", "annotations.note"),
        ({"notes": {}}, "malformed", "annotations.notes"),
        ({"notes": [{"id": "n"}] * 1001}, "too_large", "annotations.notes"),
        ({"groups": [{"id": "g"}] * 1001}, "too_large", "annotations.groups"),
        ({"notes": [{}]}, "malformed", "annotations.notes[0].id"),
        ({"notes": [{"id": "1"}]}, "malformed", "annotations.notes[0].id"),
        ({"notes": [{"id": "n", "text": "x" * 10_001}]}, "malformed", "annotations.notes[0].text"),
        ({"notes": [{"id": "n", "title": "x"}]}, "unknown_field", "annotations.notes[0].title"),
        ({"notes": [{"id": "n", "position": [1, 2]}]}, "malformed", "annotations.notes[0].position"),
        ({"groups": [{"id": "g", "width": 0}]}, "malformed", "annotations.groups[0].width"),
        ({"groups": [{"id": "g", "height": 1e6}]}, "malformed", "annotations.groups[0].height"),
        ({"groups": [{"id": "g", "title": 3}]}, "malformed", "annotations.groups[0].title"),
        ({"groups": [{"id": "g", "color": "#ff0000"}]}, "malformed", "annotations.groups[0].color"),
    ],
)
def test_what_is_wrong_with_notes_and_groups_is_named(annotations: Json, code: str, place: str) -> None:
    """Each fault with its place, as in nodes."""
    assert (code, None, place) == fault(annotations=annotations)
