"""Every rule of a workflow: what is found, where, and what the fix says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.driver import CATALOG, node, plan_of, start, value, workflow

from wingbeat.core.checks import validate, validate_document
from wingbeat.core.document import parse_workflow
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.limits import DEFAULT_CAPS, DEFAULT_LIMITS
from wingbeat.core.problems import InvalidWorkflow, Problem, Severity


def each(identifier: str) -> JsonObject:
    """A loop over one item."""
    return node(identifier, "loop.foreach", items=[1])


def problems(document: JsonObject) -> list[Problem]:
    """All that is wrong."""
    return validate(parse_workflow(document), CATALOG)


def only(document: JsonObject) -> Problem:
    """The one thing that is wrong."""
    (found,) = problems(document)
    return found


def test_a_sound_workflow_has_no_problems() -> None:
    """Nothing is found where nothing is wrong."""
    assert [] == problems(
        workflow([start(), each("l"), value("a", "{{ item }}"), value("b")], "start -> l.body -> a", "l.done -> b")
    )


def test_two_nodes_with_one_id() -> None:
    """Once for each id, however often it is there."""
    found = only(workflow([start(), value("a"), value("a"), value("a")], "start -> a"))
    assert ("duplicate_id", "a", "3 nodes have the id 'a'.") == (found.code, found.node, found.message)


def test_a_connection_that_is_drawn_twice() -> None:
    """Its target would wait for the same thing twice."""
    found = only(workflow([start(), value("a")], "start -> a", "start -> a"))
    assert ("duplicate_connection", "start", "start.out -> a") == (found.code, found.node, str(found.connection))


def test_a_type_that_does_not_exist() -> None:
    """With the closest that does."""
    found = only(workflow([start(), node("a", "data.transfrom")], "start -> a"))
    assert ("unknown_type", "a", "Did you mean 'data.transform'?") == (found.code, found.node, found.fix)


def test_a_type_like_no_other() -> None:
    """Then a package may be missing."""
    assert "Install the package" in only(workflow([start(), node("a", "zzz.zzz")], "start -> a")).fix


def test_a_connection_to_nowhere() -> None:
    """Either end, with the closest id."""
    found = problems(workflow([start(), value("total")], "start -> total -> totl", "strat -> total"))
    assert [
        ("dangling_connection", "totl", "Did you mean 'total'?"),
        ("dangling_connection", "strat", "Did you mean 'start'?"),
    ] == [(one.code, one.node, one.fix) for one in found]


def test_a_port_that_the_node_does_not_have() -> None:
    """With the ports that it has."""
    document = workflow([start(), node("if", "condition.if", condition="true"), value("a")], "start -> if.ture -> a")
    found = only(document)
    assert ("unknown_port", "if", "Did you mean 'true'? Its outputs are: true, false.") == (
        found.code,
        found.node,
        found.fix,
    )


def test_an_error_port_that_was_not_asked_for() -> None:
    """It exists with on_error 'branch' only, and the fix says so."""
    document = workflow([start(), value("a"), value("b")], "start -> a.error -> b")
    assert only(document).fix.startswith("Set on_error to 'branch'")
    document["nodes"][1]["on_error"] = "branch"  # type: ignore[index, call-overload]
    assert [] == problems(document)


def test_an_input_that_the_node_does_not_have() -> None:
    """With those that it has."""
    document = workflow([start(), value("a")], "start -> a")
    document["connections"] = [{"from": "start", "to": "a", "to_port": "left"}]
    found = only(document)
    assert ("unknown_port", "a", "Its inputs are: in.") == (found.code, found.node, found.fix)
    assert {"from": "start", "from_port": "out", "to": "a", "to_port": "left"} == found.to_json()["connection"]


def test_a_connection_into_a_trigger() -> None:
    """Triggers begin a workflow."""
    found = only(workflow([start(), start("other")], "start -> other"))
    assert ("connection_into_trigger", "other") == (found.code, found.node)


def test_ports_of_a_node_with_wrong_parameters_are_not_complained_about() -> None:
    """Which ones it has may be what is wrong."""
    switch = node("s", "condition.switch", cases=[{"port": "a"}])
    assert {"parameter_invalid"} == {
        one.code for one in problems(workflow([start(), switch, value("x")], "start -> s.b -> x"))
    }


def test_a_parameter_that_is_missing_and_one_too_many() -> None:
    """Each with its path."""
    found = problems(workflow([start(), node("d", "data.transform", valeu=1)], "start -> d"))
    assert {("parameter_missing", "value"), ("parameter_unknown", "valeu")} == {
        (one.code, one.parameter) for one in found
    }
    assert {"d"} == {one.node for one in found}


def test_an_expression_that_cannot_be_read() -> None:
    """With the parameter and the position of the first character at fault."""
    found = only(workflow([start(), value("a", {"sum": "{{ 1 + + }}"})], "start -> a"))
    assert ("expression_invalid", "a", "value.sum") == (found.code, found.node, found.parameter)
    assert found.position is not None


def test_no_trigger() -> None:
    """Nothing can start it."""
    assert "no_trigger" == only(workflow([value("a")])).code


def test_only_disabled_triggers() -> None:
    """The same, with another fix."""
    document = workflow([start()])
    document["nodes"][0]["disabled"] = True  # type: ignore[index, call-overload]
    assert ("no_trigger", "Enable one.") == (only(document).code, only(document).fix)


def test_a_cycle_names_its_nodes_in_order() -> None:
    """And says that loops are what repeats."""
    found = only(workflow([start(), *map(value, "abc")], "start -> a -> b -> c -> a"))
    ways = {f"{first} -> {second} -> {third} -> {first}" for first, second, third in ("abc", "bca", "cab")}
    assert ("cycle", True) == (found.code, any(way in found.message for way in ways))
    assert "body of a loop" in found.fix
    assert str(found.connection) in ("a.out -> b", "b.out -> c", "c.out -> a")


def test_a_node_that_leads_to_itself() -> None:
    """The smallest cycle."""
    assert "a -> a" in only(workflow([start(), value("a")], "start -> a -> a")).message


def test_a_body_that_leads_back_to_its_loop() -> None:
    """Other systems draw loops like this; here it is a cycle, and the fix helps."""
    found = only(workflow([start(), each("l"), value("a")], "start -> l.body -> a -> l"))
    assert "cycle" == found.code


def test_a_cycle_hides_nothing_else() -> None:
    """What can be said without an order is said."""
    found = problems(workflow([start(), value("a"), value("b", "{{ nobody }}")], "start -> a -> b -> a"))
    assert {"cycle", "unknown_name"} == {one.code for one in found}


class TestLoops:
    """Regions and their borders."""

    def test_a_connection_out_of_a_loop(self) -> None:
        """To a node that other connections reach from outside."""
        found = only(workflow([start(), each("l"), value("a"), value("b")], "start -> l.body -> a -> b", "l.done -> b"))
        assert ("connection_leaves_loop", "a", "a.out -> b") == (found.code, found.node, str(found.connection))
        assert "begins in the loop 'l' and ends outside of every loop" in found.message

    def test_a_connection_into_a_loop(self) -> None:
        """The same border, from the other side."""
        found = only(workflow([start(), each("l"), value("a"), value("b")], "start -> l.body -> a", "start -> b -> a"))
        assert ("connection_leaves_loop", "l") == (found.code, found.node)

    def test_a_connection_between_two_loops(self) -> None:
        """Neither may lead into the other."""
        nodes = [start(), each("l"), each("m"), value("a"), value("b")]
        found = only(workflow(nodes, "start -> l.body -> a -> b", "start -> m.body -> b"))
        assert "begins in the loop 'm' and ends in the loop 'l'" in found.message

    def test_a_connection_out_of_an_inner_loop(self) -> None:
        """It may not even lead into the one around it."""
        nodes = [start(), each("outer"), each("inner"), value("a"), value("b")]
        found = only(workflow(nodes, "start -> outer.body -> inner.body -> a -> b", "inner.done -> b"))
        assert "begins in the loop 'inner' and ends in the loop 'outer'" in found.message

    def test_a_break_outside_of_a_loop(self) -> None:
        """After `done` is outside."""
        found = only(workflow([start(), each("l"), node("b", "loop.break")], "start -> l.done -> b"))
        assert ("break_outside_loop", "b") == (found.code, found.node)

    def test_loops_that_nest_too_deep(self) -> None:
        """Each that is too deep, with the operator's cap."""
        way = " -> ".join(["start", *(f"l{level}.body" for level in range(5)), "a"])
        document = workflow([start(), *(each(f"l{level}") for level in range(5)), value("a")], way)
        found = validate(parse_workflow(document), CATALOG, replace(DEFAULT_CAPS, loop_depth=3))
        assert [("loop_too_deep", "l3"), ("loop_too_deep", "l4")] == [(one.code, one.node) for one in found]

    def test_loops_that_nest_deeper_than_an_execution_may_go(self) -> None:
        """A warning, unless the workflow asks for enough; where the cap is passed as well, the error alone."""
        way = " -> ".join(["start", *(f"l{level}.body" for level in range(5)), "a"])
        nodes = [start(), *(each(f"l{level}") for level in range(5)), value("a")]
        caps, limits = replace(DEFAULT_CAPS, loop_depth=4), replace(DEFAULT_LIMITS, loop_depth=2)

        def found(**wanted: Json) -> list[tuple[str, str | None, str]]:
            document = workflow(nodes, way, settings=wanted)
            problems = validate(parse_workflow(document), CATALOG, caps, limits)
            return [(one.code, one.node, one.severity.value) for one in problems]

        too_deep = ("loop_too_deep", "l4", "error")
        assert [
            ("loop_deeper_than_limit", "l2", "warning"),
            ("loop_deeper_than_limit", "l3", "warning"),
            too_deep,
        ] == found()
        assert [("loop_deeper_than_limit", "l3", "warning"), too_deep] == found(loop_depth=3)
        assert [too_deep] == found(loop_depth=50)

    @pytest.mark.parametrize("name", ["item", "index", "loop"])
    def test_a_name_of_loops_outside_of_one(self, name: str) -> None:
        """With its position; one with a default is fine."""
        found = only(workflow([start(), value("a", f"{{{{ {name} }}}}")], "start -> a"))
        assert ("name_outside_loop", "a", "value", 3) == (found.code, found.node, found.parameter, found.position)
        assert [] == problems(workflow([start(), value("a", f"{{{{ {name} ?? 1 }}}}")], "start -> a"))


class TestNames:
    """What expressions refer to."""

    def test_a_name_that_nothing_provides(self) -> None:
        """With the closest that something does."""
        document = workflow([start(), value("a", "{{ 1 + totl }}")], "start -> a", global_variables={"total": 1})
        found = only(document)
        assert ("unknown_name", "a", "Did you mean 'total'?", 7) == (found.code, found.node, found.fix, found.position)

    def test_names_are_found_where_they_stand(self) -> None:
        """Each problem names the very text that holds the reference, inside of objects and lists too."""
        cases: list[Json] = [{"port": "x", "when": "true"}, {"port": "y", "when": "flag"}]
        nodes = [
            start(),
            value(
                "a", {"one": "{{ trigger }}", "two": ["{{ input }} {{ nobody }}", "{{ nodes.zzz }}"], "x": "{{ 1 + }}"}
            ),
            node("s", "condition.switch", cases=cases),
        ]
        assert {
            ("a", "unknown_name", "value.two.0", 15),
            ("a", "unknown_node_reference", "value.two.1", 3),
            ("a", "expression_invalid", "value.x", 5),
            ("s", "unknown_name", "cases.1.when", 0),
        } == {(one.node, one.code, one.parameter, one.position) for one in problems(workflow(nodes, "start -> a -> s"))}

    def test_a_name_with_a_default(self) -> None:
        """May be missing."""
        assert [] == problems(workflow([start(), value("a", "{{ nobody ?? 1 }}")], "start -> a"))

    def test_a_variable_that_some_node_sets(self) -> None:
        """Anywhere in the workflow."""
        nodes = [start(), node("set", "data.variable", name="total", value=1), value("a", "{{ total }}")]
        assert [] == problems(workflow(nodes, "start -> set -> a"))

    @pytest.mark.parametrize(
        "name", ["item", "index", "loop", "trigger", "input", "execution", "workflow", "now", "nodes"]
    )
    def test_names_of_wingbeat(self, name: str) -> None:
        """Cannot be those of variables: neither global ones nor those that nodes set."""
        assert "reserved_name" in {one.code for one in problems(workflow([start()], global_variables={name: 1}))}
        found = problems(workflow([start(), node("v", "data.variable", name=name, value=1)], "start -> v"))
        assert {"v"} == {one.node for one in found}

    def test_a_node_that_does_not_exist(self) -> None:
        """With the closest that does."""
        found = only(workflow([start(), value("fetch"), value("a", "{{ nodes.fetsh }}")], "start -> fetch -> a"))
        assert ("unknown_node_reference", "a", "Did you mean 'nodes.fetch'?") == (found.code, found.node, found.fix)

    def test_a_node_that_does_not_come_before(self) -> None:
        """A later one, one beside, or the node itself."""
        for wanted in ("later", "beside", "a"):
            nodes = [start(), value("a", f"{{{{ nodes.{wanted} }}}}"), value("later"), value("beside")]
            found = only(workflow(nodes, "start -> a -> later", "start -> beside"))
            assert ("reference_not_upstream", "a") == (found.code, found.node)

    def test_a_node_inside_another_loop(self) -> None:
        """What the loop gives is to be used instead."""
        nodes = [start(), each("l"), value("inside"), value("a", "{{ nodes.inside }}")]
        found = only(workflow(nodes, "start -> l.body -> inside", "l.done -> a"))
        assert ("reference_not_upstream", True) == (found.code, "port 'done'" in found.fix)

    def test_the_loop_itself_from_inside(self) -> None:
        """It has no value before it is done."""
        found = only(workflow([start(), each("l"), value("a", "{{ nodes.l }}")], "start -> l.body -> a"))
        assert ("reference_not_upstream", True) == (found.code, "done" in found.message)

    def test_a_node_around_the_loop_that_does_not_come_before(self) -> None:
        """Then it is to be connected, not to be had from `done`."""
        nodes = [start(), each("outer"), value("beside"), each("inner"), value("a", "{{ nodes.beside }}")]
        found = only(workflow(nodes, "start -> outer.body -> inner.body -> a", "outer.body -> beside"))
        assert found.fix.startswith("Connect 'beside'")

    def test_nodes_from_before_the_loop(self) -> None:
        """Are seen at any depth inside of it."""
        nodes = [start(), value("before"), each("l"), each("m"), value("a", "{{ nodes.before + nodes.start }}")]
        assert [] == problems(workflow(nodes, "start -> before -> l.body -> m.body -> a"))


class TestWarnings:
    """What keeps nobody from publishing."""

    def test_a_node_that_no_trigger_leads_to(self) -> None:
        """It never runs."""
        document = workflow([start(), value("a"), value("b")], "a -> b")
        found = problems(document)
        assert [("unreachable", "a"), ("unreachable", "b")] == [(one.code, one.node) for one in found]
        assert {Severity.WARNING} == {one.severity for one in found}
        assert ["start", "a", "b"] == [*plan_of(document).nodes]


def test_everything_at_once() -> None:
    """One look finds all faults, and the error carries them."""
    nodes = [
        value("a"),
        value("a"),
        node("b", "data.transfrom"),
        node("c", "loop.break"),
        value("d", "{{ nodes.zzz + nobody + item }}"),
        value("e", "{{ ) }}"),
    ]
    with pytest.raises(InvalidWorkflow) as caught:
        plan_of(workflow(nodes, "a -> b", "a -> zzz", "a.nowhere -> c", global_variables={"item": 1}))
    assert {
        "duplicate_id",
        "unknown_type",
        "dangling_connection",
        "unknown_port",
        "expression_invalid",
        "break_outside_loop",
        "reserved_name",
        "unknown_node_reference",
        "unknown_name",
        "name_outside_loop",
    } == {one.code for one in caught.value.problems}
    assert all(one.fix for one in caught.value.problems)


def test_thousands_of_faults_are_found_without_comparing_for_ever() -> None:
    """The first get a suggestion each; the rest are reported without."""
    names = [f"node_{number}" for number in range(2_500)]
    nodes = [start(), *(value(name, f"{{{{ nodes.{name}x + unknown_{name} }}}}") for name in names)]
    found = problems(workflow(nodes, *(f"start -> {name}" for name in names)))
    assert (5_000, "Did you mean 'nodes.node_0'?") == (len(found), found[0].fix)


def test_faults_of_shape_do_not_hide_faults_of_the_graph() -> None:
    """Unknown fields, an unknown type and a cycle are told at once, and nothing twice."""
    document: Json = {
        "name": "All at once",
        "colour": "red",
        "nodes": [
            {"id": "start", "type": "trigger.manul"},
            {"id": "a", "type": "data.transform", "parameters": {"value": 1}},
            {"id": "b", "type": "data.transform", "parameters": {"value": 1}, "timeout": 3},
        ],
        "connections": [{"from": "start", "to": "a"}, {"from": "a", "to": "b"}, {"from": "b", "to": "a"}],
    }
    found = validate_document(document, CATALOG)
    assert [
        ("unknown_field", "colour"),
        ("unknown_field", "nodes[2].timeout"),
        ("unknown_type", None),
        ("cycle", None),
    ] == [(problem.code, problem.parameter) for problem in found]


@pytest.mark.parametrize("document", [None, [], "x", {"name": "x"}, {"name": "x", "nodes": {}}])
def test_what_is_no_workflow_at_all_is_told_as_that(document: Json) -> None:
    """Where there are no nodes to look at, only the shape is at fault."""
    assert {"malformed"} == {problem.code for problem in validate_document(document, {})}


def test_notes_of_one_id_are_a_warning() -> None:
    """They keep nothing from running."""
    document: Json = {
        "name": "w",
        "nodes": [{"id": "start", "type": "trigger.manual"}],
        "annotations": {"notes": [{"id": "n"}], "groups": [{"id": "n"}]},
    }
    found = [problem for problem in validate_document(document, CATALOG) if problem.code == "duplicate_annotation"]
    assert [(Severity.WARNING, "annotations")] == [(one.severity, one.parameter) for one in found]
