"""Branches, joins and triggers: who runs, who is skipped, and what the execution comes to."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from tests.core.drawings import documents
from tests.core.driver import ROOMY, Driver, node, plan_of, run, start, value, workflow

from wingbeat.core.commands import Cancel, Run
from wingbeat.core.document import parse_workflow
from wingbeat.core.json_value import Json, JsonObject


def when(identifier: str, condition: str, **fields: Json) -> JsonObject:
    """An if."""
    return node(identifier, "condition.if", condition=condition, **fields)


def merge(identifier: str, mode: str) -> JsonObject:
    """A merge."""
    return node(identifier, "flow.merge", mode=mode)


class TestDeadPaths:
    """A node runs when all its connections are decided and one was taken."""

    @pytest.mark.parametrize(("given_value", "taken"), [(5, "yes"), (0, "no")])
    def test_both_ways_of_an_if_meet_again(self, given_value: int, taken: str) -> None:
        """Without any special node, and with the value of the way that was taken."""
        nodes = [start(), when("if", "input > 1"), value("yes", "yes"), value("no", "no"), value("end")]
        driver = run(workflow(nodes, "start -> if.true -> yes -> end", "if.false -> no -> end"), given_value)
        assert (["start", "if", taken, "end"], taken) == (driver.ran(), driver.output)

    def test_a_skipped_branch_is_skipped_to_its_end(self) -> None:
        """Nested ifs on it included."""
        nodes = [start(), when("a", "false"), when("b", "true"), value("c"), value("d"), value("end", "end")]
        driver = run(workflow(nodes, "start -> a.true -> b.true -> c -> end", "b.false -> d -> end", "a.false -> end"))
        assert ["start", "a", "end"] == driver.ran()

    def test_a_join_waits_for_every_branch_that_can_still_come(self) -> None:
        """And gives one value for each that did, by the node it came from."""
        nodes = [start(), value("a", 1), when("if", "false"), value("b", 2), value("c", 3), value("end")]
        driver = run(workflow(nodes, "start -> a -> end", "start -> if.true -> b -> end", "start -> c -> end"))
        assert {"a": 1, "c": 3} == driver.output

    def test_a_node_with_only_dead_connections_is_skipped(self) -> None:
        """Nothing comes out, and the execution completes."""
        nodes = [start(), when("if", "true"), value("a"), value("b"), value("end")]
        driver = run(workflow(nodes, "start -> if.false -> a -> end", "if.false -> b -> end"))
        assert (["start", "if"], None) == (driver.ran(), driver.output)

    def test_both_ports_of_one_node_may_lead_to_the_same_node(self) -> None:
        """It runs once, with the value of the port that was taken."""
        driver = run(
            workflow([start(), when("if", "true"), value("end")], "start -> if.true -> end", "if.false -> end"), 4
        )
        assert 4 == driver.output

    def test_a_join_sees_its_inputs_in_the_order_of_the_connections(self) -> None:
        """Whichever came first."""
        nodes = [
            start(),
            value("slow", [1]),
            value("slower", "{{ input }}"),
            value("fast", [2]),
            merge("all", "append"),
        ]
        ways = ("start -> slow -> slower -> all", "start -> fast -> all")
        assert [1, 2] == run(workflow(nodes, *ways)).output

    @settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(documents(("value", "if", "if", "all", "count"), loops=False))
    def test_exactly_the_nodes_that_a_taken_connection_reaches_run(self, document: JsonObject) -> None:
        """Checked against the definition itself, node by node in their order."""
        driver = run(document, {"order": 7})
        assert reached(document) == {*driver.ran()} | skipping_nothing(document)


def reached(document: JsonObject) -> set[str]:
    """The enabled nodes that run, by the definition of a taken connection."""
    plan = plan_of(document)
    taken: dict[str, tuple[str, ...]] = {"start": ("out",)}
    for drawn in parse_workflow(document).nodes:
        sources = [c for c in parse_workflow(document).connections if c.target == drawn.id]
        if any(connection.source_port in taken.get(connection.source, ()) for connection in sources):
            condition = drawn.parameters.get("condition")
            port = "true" if drawn.disabled or condition == "true" else "false"
            taken[drawn.id] = (port,) if drawn.type == "condition.if" else plan.nodes[drawn.id].ports
    return {*taken}


def skipping_nothing(document: JsonObject) -> set[str]:
    """The disabled nodes that were passed: they never count as having run."""
    drawn = parse_workflow(document).nodes
    return {one.id for one in drawn if one.disabled} & reached(document)


class TestTriggers:
    """Several ways to begin."""

    def document(self) -> JsonObject:
        """Two triggers with a branch each, which meet."""
        nodes = [start("a"), start("b"), value("after_a", "a"), value("after_b", "b"), value("end")]
        return workflow(nodes, "a -> after_a -> end", "b -> after_b -> end")

    @pytest.mark.parametrize("fired", ["a", "b"])
    def test_only_the_branch_of_the_trigger_that_fired_runs(self, fired: str) -> None:
        """And nobody waits for the other."""
        driver = run(self.document(), trigger=fired)
        assert ([fired, f"after_{fired}", "end"], fired) == (driver.ran(), driver.output)

    def test_the_first_enabled_trigger_fires_when_none_is_named(self) -> None:
        """In the order of the file."""
        document = self.document()
        document["nodes"][0]["disabled"] = True  # type: ignore[index, call-overload]
        assert "b" == run(document).output

    def test_the_data_of_the_trigger_is_the_input_of_the_first_node(self) -> None:
        """As it came."""
        assert {"id": 7} == run(workflow([start(), value("end", "{{ input }}")], "start -> end"), {"id": 7}).output

    def test_a_node_that_no_trigger_leads_to_is_skipped(self) -> None:
        """It is a warning of the checks, and no reason to stop."""
        assert ["start"] == run(workflow([start(), value("island")])).ran()


class TestDisabledNodes:
    """They pass on what they get."""

    def test_the_input_passes_unchanged(self) -> None:
        """As if the node were not there, and it does not count as run."""
        nodes = [start(), value("off", "changed", disabled=True), value("end")]
        driver = run(workflow(nodes, "start -> off -> end"), 5)
        assert (5, ["start", "end"]) == (driver.output, driver.ran())

    def test_a_choice_goes_its_first_way(self) -> None:
        """Which for an if is `true`."""
        nodes = [start(), when("off", "false", disabled=True), value("yes", "yes"), value("no", "no")]
        assert "yes" == run(workflow(nodes, "start -> off.true -> yes", "off.false -> no")).output

    def test_a_loop_is_passed_by(self) -> None:
        """Its body does not run."""
        nodes = [start(), node("off", "loop.foreach", items=[1, 2], disabled=True), value("a"), value("end")]
        driver = run(workflow(nodes, "start -> off.body -> a", "off.done -> end"), 5)
        assert (5, ["start", "end"]) == (driver.output, driver.ran())

    def test_an_end_does_not_end(self) -> None:
        """What came to it is the result."""
        nodes = [start(), node("off", "flow.end", output="ended", disabled=True)]
        assert 5 == run(workflow(nodes, "start -> off"), 5).output


class TestMergeAny:
    """The first wins, and nobody waits for the rest."""

    def race(self, *ways: str, extra: tuple[JsonObject, ...] = ()) -> JsonObject:
        """A fast and a slow branch that meet in `first`."""
        nodes = [start(), value("fast", "fast"), value("slow", "slow"), merge("first", "any"), value("end"), *extra]
        return workflow(nodes, "start -> fast -> first", "first -> end", *ways)

    def test_the_first_value_wins(self) -> None:
        """Even when the others are under way already: they are cancelled."""
        driver = run(self.race("start -> slow -> first"))
        assert ("fast", ["start", "fast", "first", "end"]) == (driver.output, driver.ran())
        assert [["slow"]] == [[key.node_id for key in c.keys] for c in driver.commands if isinstance(c, Cancel)]

    def test_the_whole_way_to_it_is_given_up(self) -> None:
        """Steps that have not begun never do."""
        driver = run(self.race("start -> slow -> slower -> first", extra=(value("slower"),)))
        assert ["start", "fast", "first", "end"] == driver.ran()

    def test_a_branch_that_leads_elsewhere_too_goes_on(self) -> None:
        """Its other targets need it."""
        driver = run(self.race("start -> slow -> first", "slow -> other", extra=(value("other"),)))
        assert {"end": "fast", "other": "slow"} == driver.output

    def test_a_branch_that_only_two_satisfied_joins_wanted_is_given_up(self) -> None:
        """It leads to both, and both have what they need."""
        nodes = [start(), value("a"), value("b"), value("c"), value("slow"), merge("x", "any"), merge("y", "any")]
        ways = ("start -> a -> x", "start -> b -> y", "start -> c -> slow -> x", "slow -> y")
        assert ["start", "a", "b", "x", "y"] == run(workflow(nodes, *ways)).ran()

    def test_a_sleeping_branch_is_woken_by_nobody(self) -> None:
        """The delay is cancelled with the rest."""
        document = self.race("start -> nap -> slow -> first", extra=(node("nap", "flow.delay", seconds=3600),))
        driver = run(document)
        assert ("fast", 1_000.0) == (driver.output, driver.now)

    def test_a_loop_on_the_losing_way_ends_with_all_its_iterations(self) -> None:
        """Also those that run, wait and have not begun."""
        nodes = [
            start(),
            value("fast"),
            node("each", "loop.foreach", items=[1, 2, 3], concurrency=2),
            node("inner", "loop.foreach", items=[1, 2], concurrency=2),
            node("nap", "flow.delay", seconds=60),
            merge("first", "any"),
        ]
        ways = ("start -> each.body -> inner.body -> nap", "each.done -> first", "start -> fast -> first")
        plan = plan_of(workflow(nodes, *ways))
        driver = Driver(plan, choose=lambda open_: next((i for i, c in enumerate(open_) if c.node.id != "fast"), 0))
        driver.start("x").work(8)
        assert 4 == sum(key.scope.count("/") == 1 for key in driver.execution.open)
        assert ["first"] == [key.node_id for key in driver.work(1).execution.open]
        assert ("x", ["start", "fast", "first"]) == (driver.work().output, driver.ran())

    def test_a_dead_branch_of_an_if_before_it_is_counted_once(self) -> None:
        """The way that was not taken dies on its own; the join does not skip it again."""
        nodes = [start(), when("if", "false"), value("a"), merge("first", "any"), value("b"), value("end")]
        driver = run(workflow(nodes, "start -> if.true -> a -> first", "if.false -> first -> b -> end"), 3)
        assert (3, ["start", "if", "first", "b", "end"]) == (driver.output, driver.ran())

    def test_disabled_nodes_that_wait_to_be_passed_are_given_up_too(self) -> None:
        """Also those in a loop on the losing way; nothing is counted twice, so the execution goes on to its end."""
        nodes = [
            start(),
            value("a", disabled=True),
            value("b", disabled=True),
            node("each", "loop.foreach", items=[1, 2], disabled=True),
            merge("first", "any"),
            value("end"),
        ]
        ways = ("start -> a -> first -> end", "start -> b -> first", "start -> each.body -> c", "each.done -> first")
        driver = run(workflow([*nodes, value("c")], *ways), 5)
        assert (5, ["start", "first", "end"]) == (driver.output, driver.ran())

    def test_it_is_skipped_when_nothing_comes(self) -> None:
        """As any other node."""
        nodes = [start(), when("if", "false"), value("a"), value("b"), merge("first", "any")]
        assert ["start", "if"] == run(workflow(nodes, "start -> if.true -> a -> first", "if.true -> b -> first")).ran()


class TestEnd:
    """What an execution comes to."""

    def test_the_output_of_the_one_last_node_is_that_of_the_execution(self) -> None:
        """No node of its own is needed for it."""
        assert [1] == run(workflow([start(), value("end", [1])], "start -> end")).output

    def test_several_last_nodes_give_an_object_in_the_order_of_the_drawing(self) -> None:
        """By id; those that were skipped are not in it."""
        nodes = [start(), when("if", "true"), value("no"), value("b", 2), value("a", 1)]
        driver = run(workflow(nodes, "start -> if.false -> no", "if.true -> b", "if.true -> a"))
        assert '{"b": 2, "a": 1}' == str(driver.output).replace("'", '"')

    def test_a_trigger_alone_gives_its_data(self) -> None:
        """It is the last node."""
        assert {"a": 1} == run(workflow([start()]), {"a": 1}).output

    def test_an_end_ends_everything(self) -> None:
        """Other branches are cancelled, and what they would have given is not in the output."""
        nodes = [start(), node("end", "flow.end", output="over"), value("a"), value("b")]
        driver = run(workflow(nodes, "start -> end", "start -> a -> b"))
        assert ("over", ["start", "end"]) == (driver.output, driver.ran())
        assert [["a"]] == [[key.node_id for key in c.keys] for c in driver.commands if isinstance(c, Cancel)]

    def test_an_end_inside_of_loops_ends_everything_too(self) -> None:
        """However deep."""
        nodes = [
            start(),
            *(node(name, "loop.foreach", items=[1, 2]) for name in "abc"),
            node("end", "flow.end", output=8),
        ]
        assert 8 == run(workflow(nodes, "start -> a.body -> b.body -> c.body -> end")).output

    def test_an_end_can_fail_the_execution(self) -> None:
        """With its message and its output."""
        nodes = [start(), node("end", "flow.end", status="failed", message="No lines.", output=[1])]
        driver = run(workflow(nodes, "start -> end"))
        assert ("failed", "ENDED_AS_FAILED") == (driver.status, driver.error_code)
        assert {"message": "No lines.", "output": [1]} == driver.finish.output

    def test_failing_from_outside_cancels_what_is_open(self) -> None:
        """As when the time is up."""
        driver = (
            Driver(plan_of(workflow([start(), value("a"), value("b")], "start -> a", "start -> b"))).start().work(1)
        )
        commands = driver.execution.fail({"code": "LIMIT_TIMEOUT"})
        assert ["Cancel", "Finish"] == [type(command).__name__ for command in commands]
        assert ("LIMIT_TIMEOUT", {}) == (driver.error_code, driver.execution.open)


class TestWidth:
    """Large drawings, in linear time and without recursion."""

    def test_ten_thousand_nodes_in_a_row(self) -> None:
        """Each takes what the one before gave."""
        nodes = [start(), *(value(f"n{number}") for number in range(9_999))]
        document = workflow(nodes, " -> ".join(["start", *(f"n{number}" for number in range(9_999))]))
        driver = run(document, 5)
        assert (5, 10_000) == (driver.output, len(driver.ran()))

    def test_a_skipped_row_of_ten_thousand(self) -> None:
        """Dead paths are no recursion either."""
        nodes = [start(), when("if", "true"), *(value(f"n{number}") for number in range(9_998))]
        document = workflow(nodes, " -> ".join(["start", "if.false", *(f"n{number}" for number in range(9_998))]))
        assert ["start", "if"] == run(document).ran()

    def test_ten_thousand_branches_that_meet(self) -> None:
        """Each is waited for, at most so many at once."""
        names = [f"n{number}" for number in range(9_998)]
        document = workflow(
            [start(), *map(value, names), merge("end", "all")], *(f"start -> {n} -> end" for n in names)
        )
        driver = Driver(plan_of(document), limits=ROOMY).start(1).work(1)
        assert ROOMY.parallel_nodes == sum(isinstance(command, Run) for command in driver.execution.open.values())
        assert dict.fromkeys(names, 1) == driver.work().output
