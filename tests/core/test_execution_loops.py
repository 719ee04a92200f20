"""Loops: order, concurrency, nesting to any depth, leaving them, and that memory does not grow with the iterations."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.core.driver import ROOMY, Driver, node, plan_of, run, start, value, workflow

from wingbeat.core.commands import Cancel, OpenCommand, Run
from wingbeat.core.errors import StepError
from wingbeat.core.events import LoopOpened, StepCompleted, StepKey
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.outcome import OpenLoop, Outcome
from wingbeat.core.scope import Scope


def each(identifier: str, items: Json, **fields: Json) -> JsonObject:
    """A foreach."""
    return node(identifier, "loop.foreach", items=items, **fields)


def when(identifier: str, condition: str) -> JsonObject:
    """An if."""
    return node(identifier, "condition.if", condition=condition)


def count(identifier: str, name: str) -> JsonObject:
    """A variable that counts."""
    return node(identifier, "data.variable", name=name, operation="increment")


def last(commands: Sequence[OpenCommand]) -> int:
    """End what was asked for last."""
    return len(commands) - 1


class TestForEach:
    """One iteration for each item."""

    def doubling(self, **fields: Json) -> JsonObject:
        """A loop that doubles."""
        nodes = [start(), each("each", "{{ input }}", **fields), value("twice", "{{ item * 2 }}"), value("end")]
        return workflow(nodes, "start -> each.body -> twice", "each.done -> end")

    def test_results_come_in_the_order_of_the_items(self) -> None:
        """One after the other."""
        assert [2, 4, 6] == run(self.doubling(), [1, 2, 3]).output

    def test_results_come_in_order_whichever_iteration_ends_first(self) -> None:
        """Several at once."""
        assert [2, 4, 6, 8] == run(self.doubling(concurrency=4), [1, 2, 3, 4], choose=last).output

    @pytest.mark.parametrize(("concurrency", "at_once"), [(1, 1), (3, 3), (100, 5)])
    def test_as_many_run_at_once_as_it_says(self, concurrency: int, at_once: int) -> None:
        """And no more than there are items."""
        driver = Driver(plan_of(self.doubling(concurrency=concurrency))).start([1, 2, 3, 4, 5]).work(2)
        assert at_once == sum(isinstance(command, Run) for command in driver.execution.open.values())

    def test_a_concurrency_below_one_is_one(self) -> None:
        """A node type of somebody else may say so; the loop must not stand still."""
        driver = Driver(plan_of(self.doubling())).start([1, 2]).work(1)
        driver.tell(LoopOpened(StepKey("each", "", 1), OpenLoop([1, 2], concurrency=0)))
        assert [2, 4] == driver.work().output

    def test_a_loop_that_collects_nothing_says_how_often_it_went_round(self) -> None:
        """And holds no results."""
        assert {"iterations": 3} == run(self.doubling(collect="none"), [1, 2, 3]).output

    @pytest.mark.parametrize(("collect", "expected"), [("results", []), ("none", {"iterations": 0})])
    def test_an_empty_list_goes_straight_on(self, collect: str, expected: Json) -> None:
        """The body does not run."""
        driver = run(self.doubling(collect=collect), [])
        assert (expected, ["start", "each", "end"]) == (driver.output, driver.ran())

    @pytest.mark.parametrize(("collect", "expected"), [("results", [5, 6]), ("none", {"iterations": 2})])
    def test_an_empty_body_gives_the_items_back(self, collect: str, expected: Json) -> None:
        """Each iteration gives what came in."""
        document = workflow([start(), each("each", [5, 6], collect=collect), value("end")], "start -> each.done -> end")
        assert expected == run(document).output

    def test_an_iteration_in_which_everything_was_skipped_gives_null(self) -> None:
        """So that results stay beside their items."""
        nodes = [start(), each("each", [1, 2, 3]), when("odd", "item % 2 == 1"), value("kept", "{{ item }}")]
        assert [1, None, 3] == run(workflow(nodes, "start -> each.body -> odd.true -> kept")).output

    def test_an_iteration_with_several_last_nodes_gives_an_object(self) -> None:
        """By node."""
        nodes = [start(), each("each", [1]), value("a", "{{ item }}"), value("b", "{{ index }}")]
        assert [{"a": 1, "b": 0}] == run(workflow(nodes, "start -> each.body -> a", "each.body -> b")).output

    def test_branches_meet_within_an_iteration(self) -> None:
        """Dead ones included."""
        nodes = [
            start(),
            each("each", [1, 2]),
            when("if", "item == 1"),
            value("one", "one"),
            value("other"),
            value("m"),
        ]
        ways = ("start -> each.body -> if.true -> one -> m", "if.false -> other -> m")
        assert ["one", 2] == run(workflow(nodes, *ways)).output

    def test_a_list_that_is_none_fails_the_loop(self) -> None:
        """With the node's own error."""
        assert "PARAMETER_INVALID" == run(self.doubling(), 5).error_code

    @pytest.mark.parametrize(("on_error", "port"), [("continue", "done"), ("branch", "error")])
    def test_a_loop_that_could_not_begin_goes_on_past_its_body(self, on_error: str, port: str) -> None:
        """Its policy decides through which port."""
        nodes = [
            start(),
            each("each", "{{ input }}", on_error=on_error),
            value("a"),
            value("end", "{{ input.error.code }}"),
        ]
        driver = run(workflow(nodes, "start -> each.body -> a", f"each.{port} -> end"), 5)
        assert ("PARAMETER_INVALID", ["start", "end"]) == (driver.output, driver.ran())


class TestWhile:
    """Asked before each round."""

    def counting(self, condition: str, **fields: Json) -> JsonObject:
        """A loop that counts `n`."""
        nodes = [start(), node("while", "loop.while", condition=condition, **fields), count("one", "n"), value("end")]
        ways = ("start -> while.body -> one", "while.done -> end")
        return workflow(nodes, *ways, global_variables={"n": 0})

    def test_it_goes_round_while_the_condition_holds(self) -> None:
        """With the variables as they are then."""
        driver = run(self.counting("n < 3"))
        assert ({"iterations": 3}, {"n": 3}) == (driver.output, driver.variables)

    def test_a_condition_that_never_holds_skips_the_body(self) -> None:
        """It is asked before the first round too."""
        driver = run(self.counting("n > 0"))
        assert ({"iterations": 0}, ["start", "while", "end"]) == (driver.output, driver.ran())

    def test_a_body_that_decides_afterwards_runs_at_least_once(self) -> None:
        """Break where the question is asked, and the condition can always hold."""
        nodes = [
            start(),
            node("w", "loop.while", condition="true"),
            count("c", "n"),
            when("if", "n >= 1"),
            node("b", "loop.break"),
        ]
        assert {"n": 1} == run(workflow(nodes, "start -> w.body -> c -> if.true -> b")).variables

    def test_rounds_see_their_number_and_the_input(self) -> None:
        """There are no items."""
        nodes = [
            start(),
            node("w", "loop.while", condition="n < 2", collect="results"),
            count("c", "n"),
            value("v", "{{ [input, index] }}"),
        ]
        ways = ("start -> w.body -> c -> v",)
        assert [["x", 0], ["x", 1]] == run(workflow(nodes, *ways, global_variables={"n": 0}), "x").output

    @pytest.mark.parametrize(("on_error", "port"), [("continue", "done"), ("branch", "error")])
    def test_a_condition_that_fails_is_the_failure_of_the_loop(self, on_error: str, port: str) -> None:
        """Also in a later round, and the loop goes on where it stands, not inside of itself."""
        document = self.counting("n < 2 if n < 2 else 'broken'", on_error=on_error)
        document["connections"][2]["from_port"] = port  # type: ignore[index, call-overload]
        driver = run(document)
        assert ("CONDITION_NOT_BOOLEAN", 2) == (driver.output["error"]["code"], driver.variables["n"])  # type: ignore[index, call-overload]

    def test_a_condition_that_fails_stops_the_execution_by_default(self) -> None:
        """With the node's error."""
        assert "CONDITION_NOT_BOOLEAN" == run(self.counting("'broken'")).error_code

    def test_a_condition_is_asked_again_when_that_may_help(self) -> None:
        """The round takes place afterwards; nothing is opened a second time."""
        document = self.counting("n < 1", retry={"max_attempts": 2, "backoff_seconds": 5, "jitter": 0})
        driver = Driver(plan_of(document)).start().work(2)
        (key,) = driver.execution.open
        driver.fail(key, StepError("Not now.", retryable=True))
        assert {"n": 1} == driver.work().variables
        assert [1_005.0] == sorted({*driver.times} - {1_000.0})

    def test_a_loop_that_would_never_end_is_stopped(self) -> None:
        """With a code and the setting to raise."""
        driver = run(self.counting("true"), limits=replace(ROOMY, loop_iterations=10))
        assert ("LIMIT_LOOP_ITERATIONS", {"n": 10}) == (driver.error_code, driver.variables)

    def test_an_empty_body_goes_round_without_anything(self) -> None:
        """Until the limit."""
        document = workflow([start(), node("w", "loop.while", condition="true")], "start -> w")
        assert "LIMIT_LOOP_ITERATIONS" == run(document, limits=replace(ROOMY, loop_iterations=50)).error_code


class TestNesting:
    """Loops in loops, to any depth."""

    DEPTH = 9

    def nested(self, inmost: JsonObject, depth: int = DEPTH, **fields: Json) -> JsonObject:
        """Loops over ["a", "b"] in each other, with one node in the last."""
        loops = [each(f"l{level}", ["a", "b"], collect="none", **fields) for level in range(depth)]
        way = " -> ".join(["start", *(f"l{level}.body" for level in range(depth)), str(inmost["id"])])
        return workflow([start(), *loops, inmost], way, global_variables={"seen": []})

    def gather(self, made: str) -> JsonObject:
        """A node that gathers a value."""
        return node("gather", "data.variable", name="seen", operation="append", value=made)

    def all_of(self, depth: int) -> list[str]:
        """Every way through the loops."""
        return [f"{number:0{depth}b}" for number in range(2**depth)]

    def test_every_combination_comes_once_and_in_order(self) -> None:
        """By the index of each loop, from the nearest to the outmost."""
        places = ", ".join(["loop" + ".parent" * up + ".index" for up in range(self.DEPTH)])
        seen = run(self.nested(self.gather("{{ [" + places + "] }}"))).variables["seen"]
        assert self.all_of(self.DEPTH) == ["".join(map(str, reversed(one))) for one in seen]  # type: ignore[union-attr, arg-type]

    @pytest.mark.parametrize("concurrency", [1, 2])
    def test_items_are_right_at_every_depth(self, concurrency: int) -> None:
        """Also when iterations of all loops run at once."""
        items = ", ".join(["item", *["loop" + ".parent" * up + ".item" for up in range(1, 6)]])
        document = self.nested(self.gather("{{ [" + items + "] }}"), 6, concurrency=concurrency)
        seen = run(document, choose=last).variables["seen"]
        expected = [way.replace("0", "a").replace("1", "b") for way in self.all_of(6)]
        assert expected == sorted("".join(reversed(one)) for one in seen)  # type: ignore[union-attr, arg-type]

    def test_the_loop_says_where_it_is(self) -> None:
        """First, last, how many, and null outside of the outmost."""
        made = "{{ [loop.first, loop.last, loop.count, loop.parent == None] }}"
        assert [[True, False, 2, True], [False, True, 2, True]] == run(self.nested(self.gather(made), 1)).variables[
            "seen"
        ]

    def test_variables_of_an_iteration_are_seen_inside_and_nowhere_else(self) -> None:
        """At every depth each iteration has its own, and the nearest hides those around."""
        names = [f"l{level}" for level in range(7)]
        nodes: list[JsonObject] = [start()]
        for name in names:
            nodes.append(each(name, [1, 2]))
            nodes.append(
                node(
                    f"set_{name}",
                    "data.variable",
                    name="here",
                    scope="iteration",
                    value="{{ (here ?? '') + str(item) }}",
                )
            )
        way = " -> ".join(["start", *(f"{name}.body -> set_{name}" for name in names), "gather"])
        document = workflow([*nodes, self.gather("{{ here }}")], way, global_variables={"seen": []})
        driver = run(document)
        expected = [way.replace("1", "2").replace("0", "1") for way in self.all_of(7)]
        assert (expected, {"seen"}) == (driver.variables["seen"], {*driver.variables})

    def test_a_loop_deeper_than_the_limit_is_refused_when_it_opens(self) -> None:
        """The operator may have lowered it since the workflow was published."""
        document = self.nested(value("x"), 4)
        assert "LIMIT_LOOP_DEPTH" == run(document, limits=replace(ROOMY, loop_depth=3)).error_code
        assert "completed" == run(document, limits=replace(ROOMY, loop_depth=4)).status

    def test_fifty_loops_in_each_other(self) -> None:
        """One item each."""
        loops = [each(f"l{level}", [1]) for level in range(50)]
        way = " -> ".join(["start", *(f"l{level}.body" for level in range(50)), "x"])
        output = run(workflow([start(), *loops, value("x", "x")], way)).output
        for _ in range(50):
            assert isinstance(output, list)
            output = output[0]
        assert "x" == output


class TestBreak:
    """Leaving the nearest loop."""

    def until(self, item: int, **fields: Json) -> JsonObject:
        """A loop over 0 to 5 that is left at an item."""
        nodes = [
            start(),
            each("each", [0, 1, 2, 3, 4, 5], **fields),
            when("if", f"item == {item}"),
            node("break", "loop.break"),
        ]
        nodes += [value("kept", "{{ item }}"), value("end")]
        ways = ("start -> each.body -> if.true -> break", "if.false -> kept", "each.done -> end")
        return workflow(nodes, *ways)

    def test_no_further_iteration_begins(self) -> None:
        """What came before is the result; the iteration that broke gives none."""
        assert [0, 1, 2] == run(self.until(3)).output

    def test_iterations_that_run_may_finish(self) -> None:
        """Those that had begun, in their places."""
        assert [0, 2, 3, 4] == run(self.until(1, concurrency=4)).output

    def test_iterations_that_run_may_be_cancelled(self) -> None:
        """Those that had not ended give nothing."""
        driver = run(self.until(1, concurrency=4, after_break="cancel"))
        keys = [key for command in driver.commands if isinstance(command, Cancel) for key in command.keys]
        assert ([0], {"each:2", "each:3", "each:4"}) == (driver.output, {key.scope for key in keys} - {"each:0"})

    def test_what_else_runs_in_the_iteration_finishes(self) -> None:
        """It is its result."""
        nodes = [start(), each("each", [1, 2]), node("break", "loop.break"), value("a"), value("b", "b")]
        assert ["b"] == run(workflow(nodes, "start -> each.body -> break", "each.body -> a -> b")).output

    @pytest.mark.parametrize(("after_break", "kept"), [("finish", ["0", "2"]), ("cancel", ["0"])])
    def test_only_the_nearest_loop_ends(self, after_break: str, kept: list[str]) -> None:
        """The ones around go on with all their iterations."""
        nodes = [
            start(),
            each("outer", ["a", "b", "c"], concurrency=3),
            each("inner", [0, 1, 2], concurrency=2, after_break=after_break),
            when("if", "item == 1"),
            node("break", "loop.break"),
            value("kept", "{{ loop.parent.item + str(item) }}"),
        ]
        document = workflow(nodes, "start -> outer.body -> inner.body -> if.true -> break", "if.false -> kept")
        assert [[name + place for place in kept] for name in "abc"] == run(document).output

    def test_cancelled_iterations_take_their_inner_loops_along(self) -> None:
        """Whatever is under way in there."""
        nodes = [
            start(),
            each("outer", [1, 2, 3], concurrency=3, after_break="cancel"),
            when("if", "item == 3"),
            node("break", "loop.break"),
            each("inner", [1, 2], concurrency=2),
            node("nap", "flow.delay", seconds=100),
            value("end", "left"),
        ]
        ways = ("start -> outer.body -> if.true -> break", "if.false -> inner.body -> nap", "outer.done -> end")
        driver = run(
            workflow(nodes, *ways), choose=lambda open_: min(range(len(open_)), key=lambda at: open_[at].key.scope)
        )
        assert ("left", 1_000.0) == (driver.output, driver.now)

    def test_a_disabled_break_does_not_break(self) -> None:
        """What came to it is the iteration's result."""
        document = workflow(
            [start(), each("each", [1, 2]), node("b", "loop.break", disabled=True)], "start -> each.body -> b"
        )
        assert [1, 2] == run(document).output


class TestLimits:
    """Reaching one fails the execution with a code of its own."""

    def looping(self, items: int) -> JsonObject:
        """A loop with one node."""
        return workflow([start(), each("each", list(range(items))), value("x")], "start -> each.body -> x")

    def test_a_list_that_is_too_long_does_not_even_begin(self) -> None:
        """Nothing is truncated, and no step runs in vain."""
        driver = run(self.looping(6), limits=replace(ROOMY, loop_iterations=5))
        assert ("LIMIT_LOOP_ITERATIONS", ["start"]) == (driver.error_code, driver.ran())

    @pytest.mark.parametrize("parallel_nodes", [1, 10])
    def test_no_more_steps_run_than_are_allowed(self, parallel_nodes: int) -> None:
        """The one that would be too many is not begun; the opening of a loop counts as one."""
        limits = replace(ROOMY, total_operations=7, parallel_nodes=parallel_nodes)
        driver = run(self.looping(6), limits=limits)
        assert ("LIMIT_TOTAL_OPERATIONS", 7) == (driver.error_code, len(driver.asked))
        assert "completed" == run(self.looping(5), limits=limits).status

    def test_a_retry_counts_as_a_step(self) -> None:
        """Before a crash and after it."""
        document = workflow([start(), node("a", "test.fail", retry={"max_attempts": 9})], "start -> a")
        driver = Driver(plan_of(document), limits=replace(ROOMY, total_operations=4)).start().work()
        assert ("LIMIT_TOTAL_OPERATIONS", 4) == (driver.error_code, len(driver.asked))
        for after in range(1, len(driver.journal) + 1):
            assert driver.journal == driver.crashed(after).work().journal

    def test_at_most_so_many_steps_run_at_once(self) -> None:
        """The others wait for their turn, in the order in which they became ready."""
        names = [f"n{number}" for number in range(6)]
        document = workflow([start(), *map(value, names)], *(f"start -> {name}" for name in names))
        driver = Driver(plan_of(document), limits=replace(ROOMY, parallel_nodes=2)).start().work(1)
        assert ["n0", "n1"] == [key.node_id for key in driver.execution.open]
        assert names == driver.work().ran()[1:]


class TestMemory:
    """Bounded by what is still needed."""

    def live_scopes(self, driver: Driver) -> int:
        """How many scopes of this execution's plan exist in the process."""
        regions = {driver.plan.root, *(planned.body for planned in driver.plan.nodes.values())}
        return sum(isinstance(thing, Scope) and thing.region in regions for thing in gc.get_objects())

    def test_iterations_leave_nothing_behind(self) -> None:
        """Neither scopes nor outputs, however many went by."""
        nodes = [
            start(),
            each("each", "{{ input }}", collect="none"),
            value("a", "{{ item }}"),
            value("b", "{{ nodes.a }}"),
        ]
        driver = Driver(plan_of(workflow(nodes, "start -> each.body -> a -> b"))).start(list(range(3_000))).work(100)
        early = self.live_scopes(driver)
        driver.work(5_000)
        execution = driver.execution
        assert (early, 1) == (self.live_scopes(driver), len(execution.open))
        assert {} == execution.root.outputs

    def test_an_output_is_dropped_when_its_last_reader_is_decided(self) -> None:
        """A skipped reader counts as well."""
        nodes = [
            start(),
            value("big", "big"),
            when("if", "true"),
            value("a", "{{ nodes.big }}"),
            value("b", "{{ nodes.big }}"),
        ]
        ways = ("start -> big -> if.true -> a -> end", "if.false -> b -> end")
        driver = Driver(plan_of(workflow([*nodes, value("end")], *ways))).start().work(3)
        assert {"big": "big"} == driver.execution.root.outputs
        driver.work(1)
        assert {} == driver.execution.root.outputs

    def test_an_output_that_nobody_reads_is_not_kept(self) -> None:
        """It goes to the next node and no further."""
        driver = Driver(plan_of(workflow([start(), value("a", "x"), value("b")], "start -> a -> b"))).start().work(2)
        assert {} == driver.execution.root.outputs

    def test_a_reader_in_a_loop_keeps_the_output_until_the_loop_is_done(self) -> None:
        """Every iteration may read it."""
        nodes = [start(), value("big", "big"), each("each", [1, 2, 3]), value("a", "{{ nodes.big }}"), value("end")]
        driver = Driver(plan_of(workflow(nodes, "start -> big -> each.body -> a", "each.done -> end"))).start().work(5)
        assert {"big": "big"} == driver.execution.root.outputs
        driver.work(2)
        assert {} == driver.execution.root.outputs
        assert ["big"] * 3 == driver.work().output

    def test_ready_steps_are_not_told_of_before_there_is_room(self) -> None:
        """A wide fan-out asks for as much as may run at once."""
        names = [f"n{number}" for number in range(500)]
        document = workflow([start(), *map(value, names)], *(f"start -> {name}" for name in names))
        driver = Driver(plan_of(document), limits=replace(ROOMY, parallel_nodes=10)).start().work(1)
        driver.tell(StepCompleted(StepKey("n3", "", 1), Outcome.of(1)))
        assert 10 == len(driver.execution.open)
