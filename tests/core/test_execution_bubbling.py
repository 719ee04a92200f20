"""Errors that nothing handles where they happen: through iterations and loops outward, and to whoever handles them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.core.driver import CATALOG, Driver, node, plan_of, run, start, value, workflow

from wingbeat.core.checks import validate_document
from wingbeat.core.events import StepFailed, StepKey
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.problems import InvalidWorkflow

CONVERT = "{{ item * 1.0 }}"


def loop(convert: JsonObject | None = None, **fields: Json) -> JsonObject:
    """A loop over 1, a text and 3, whose body fails for the text, and a node behind it."""
    each = node("each", "loop.foreach", items=[1, "a", 3], **fields)
    rescue = ("each.error -> rescue",) if fields.get("on_error") == "branch" else ()
    nodes = [start(), each, convert or value("v", CONVERT), value("after"), value("rescue")]
    return workflow(nodes, "start -> each.body -> v", "each.done -> after", *rescue)


def nested(inner: JsonObject, outer: JsonObject) -> JsonObject:
    """Two loops, the inner one of which holds what fails for a text."""
    nodes = [
        start(),
        node("o", "loop.foreach", items=[["a"], [1]], **outer),
        node("i", "loop.foreach", items="{{ item }}", **inner),
        value("v", CONVERT),
        value("after"),
    ]
    return workflow(nodes, "start -> o.body -> i.body -> v", "o.done -> after")


def assert_survives_crashes(driver: Driver) -> None:
    """From every prefix of the journal it comes to the same end by the same way."""
    for after in range(1, len(driver.journal) + 1):
        again = driver.crashed(after).work()
        assert (driver.journal, driver.finish) == (again.journal, again.finish)


class TestLoops:
    """What becomes of a loop in which something fails."""

    def test_at_the_root_the_execution_fails_with_the_error_of_the_step(self) -> None:
        """As if there were no loop around it; the loop's own failure is in the journal before."""
        driver = run(loop())
        error: Any = driver.finish.error
        assert ("failed", "v", True) == (driver.status, error["node"], "cause" not in error)
        last = driver.journal[-1]
        assert isinstance(last, StepFailed)
        assert (StepKey("each", "", 1), error["code"], error) == (last.key, last.error["code"], last.error["cause"])
        assert_survives_crashes(driver)

    @pytest.mark.parametrize(("on_error", "reached"), [("continue", "after"), ("branch", "rescue")])
    def test_the_policy_of_the_loop_decides(self, on_error: str, reached: str) -> None:
        """It goes on past its body with the error, which names the node that failed and holds its whole error."""
        driver = run(loop(on_error=on_error))
        assert driver.ran()[-1] == reached
        output: Any = driver.output
        assert ("v", "v") == (output["error"]["node"], output["error"]["cause"]["node"])
        assert_survives_crashes(driver)

    def test_the_other_iterations_are_cancelled(self) -> None:
        """What they come to no longer matters."""
        nodes = [
            start(),
            node("each", "loop.foreach", items=[0, 1], concurrency=2, on_error="continue"),
            node("if", "condition.if", condition="index == 0"),
            node("nap", "flow.delay", seconds=60),
            node("bad", "test.fail"),
        ]
        driver = run(workflow(nodes, "start -> each.body -> if.true -> nap", "if.false -> bad"))
        assert (1_000.0, "completed") == (driver.now, driver.status)
        assert_survives_crashes(driver)

    def test_an_error_stops_where_it_is_handled(self) -> None:
        """The inner loop lets it through, the outer one goes on with its other items."""
        driver = run(nested({}, {"on_item_error": "continue"}))
        output: Any = driver.output
        assert ("v", [1.0]) == (output[0]["error"]["node"], output[1])
        assert_survives_crashes(driver)

    def test_an_error_goes_through_any_number_of_loops(self) -> None:
        """And is still the same at the root."""
        driver = run(nested({}, {}))
        error: Any = driver.finish.error
        assert ("v", "o:0/i:0") == (error["node"], str(driver.journal[-3].key.scope))  # type: ignore[union-attr]
        assert [("v", "o:0/i:0"), ("i", "o:0"), ("o", "")] == [
            (event.key.node_id, event.key.scope) for event in driver.journal if isinstance(event, StepFailed)
        ]
        assert_survives_crashes(driver)

    def test_a_loop_does_not_try_again_because_of_what_happened_in_it(self) -> None:
        """Its steps would have run twice."""
        driver = run(loop(retry={"max_attempts": 5}, convert=node("v", "test.fail")))
        assert {"v": 1, "each": 1} == driver.execution.failures


class TestItems:
    """Iterations that fail alone."""

    @pytest.mark.parametrize("concurrency", [1, 3])
    def test_a_failed_iteration_leaves_its_error_among_the_results(self, concurrency: int) -> None:
        """In its place."""
        driver = run(loop(on_item_error="continue", concurrency=concurrency))
        output: Any = driver.output
        assert [1.0, "v", 3.0] == [output[0], output[1]["error"]["node"], output[2]]
        assert_survives_crashes(driver)

    def test_or_nothing_at_all(self) -> None:
        """If the loop says so."""
        assert [1.0, 3.0] == run(loop(on_item_error="continue", failed_items="leave_out")).output

    def test_what_else_runs_in_the_iteration_is_cancelled(self) -> None:
        """The time of the delay never comes."""
        nodes = [
            start(),
            node("each", "loop.foreach", items=[1, 2], on_item_error="continue"),
            node("bad", "test.fail"),
            node("nap", "flow.delay", seconds=60),
        ]
        driver = run(workflow(nodes, "start -> each.body -> bad", "each.body -> nap"))
        assert (1_000.0, 2) == (driver.now, len(driver.output))  # type: ignore[arg-type]
        assert_survives_crashes(driver)

    def test_rounds_go_on_as_well(self) -> None:
        """The condition is asked again."""
        nodes = [
            start(),
            node("l", "loop.while", condition="index < 3", collect="results", on_item_error="continue"),
            value("v", "{{ [1, 'a', 3][index] * 1.0 }}"),
        ]
        driver = run(workflow(nodes, "start -> l.body -> v"))
        output: Any = driver.output
        assert [1.0, "v", 3.0] == [output[0], output[1]["error"]["node"], output[2]]
        assert_survives_crashes(driver)

    def test_continue_ends_an_iteration_early(self) -> None:
        """What still runs in it is cancelled, and it has no place among the results."""
        nodes = [
            start(),
            node("each", "loop.foreach", items=[1, 2, 3]),
            node("if", "condition.if", condition="item == 2"),
            node("next", "loop.continue"),
            node("nap", "flow.delay", seconds=60),
        ]
        driver = run(workflow(nodes, "start -> each.body -> if.true -> next", "each.body -> nap"))
        assert ([1, 3], 1_120.0) == (driver.output, driver.now)
        assert_survives_crashes(driver)


class TestShapes:
    """Batches, order, and when a condition is asked."""

    def test_batches(self) -> None:
        """The last one is shorter, and `loop` counts batches."""
        nodes = [start(), node("l", "loop.foreach", items=[1, 2, 3, 4, 5], batch_size=2)]
        nodes.append(value("v", "{{ [item, index, loop.count, loop.last] }}"))
        expected = [[[1, 2], 0, 3, False], [[3, 4], 1, 3, False], [[5], 2, 3, True]]
        assert expected == run(workflow(nodes, "start -> l.body -> v")).output

    def test_batches_without_a_body(self) -> None:
        """They come out as they would have gone in."""
        nodes = [start(), node("l", "loop.foreach", items=[1, 2, 3], batch_size=2), value("v")]
        assert [[1, 2], [3]] == run(workflow(nodes, "start -> l.done -> v")).output

    @pytest.mark.parametrize(("order", "expected"), [("items", ["slow", "fast"]), ("completion", ["fast", "slow"])])
    def test_order(self, order: str, expected: list[Json]) -> None:
        """Of the items, or of the ends."""
        each = node("l", "loop.foreach", items=["slow", "fast"], concurrency=2, order=order)
        nap = node("nap", "flow.delay", seconds="{{ 60 if item == 'slow' else 1 }}")
        assert expected == run(workflow([start(), each, nap], "start -> l.body -> nap")).output

    def test_a_condition_that_is_asked_afterwards(self) -> None:
        """The first round takes place, however it would have been answered."""
        again = node("l", "loop.while", condition="false", check="after", collect="results")
        driver = run(workflow([start(), again, value("v", "{{ index }}")], "start -> l.body -> v"))
        assert [0] == driver.output
        assert_survives_crashes(driver)


class TestHandlers:
    """Nodes whose errors have a handler."""

    def handled(self, *more: JsonObject, names: list[Json], ways: tuple[str, ...] = ()) -> JsonObject:
        """Two nodes beside each other, and a handler of some nodes."""
        nodes = [start(), node("a", "test.fail", times=1), value("b"), node("h", "flow.error_handler", nodes=names)]
        nodes += [value("behind"), value("saved", "{{ [error.node for error in input.errors] }}"), *more]
        return workflow(nodes, "start -> a -> behind", "start -> b", "h -> saved", *ways)

    def test_a_handled_failure_does_not_end_the_execution(self) -> None:
        """The other ways out of the node die, and the handler knows the error."""
        driver = run(self.handled(names=["a", "b"]))
        assert {"start", "b", "h", "saved"} == {*driver.ran()}
        assert ["a"] == driver.output["saved"]  # type: ignore[call-overload, index]
        assert_survives_crashes(driver)

    def test_a_handler_that_names_nobody_handles_all_that_do_not_come_after_it(self) -> None:
        """Its own followers are not among them."""
        driver = run(self.handled(names=[]))
        assert ["a"] == driver.output["saved"]  # type: ignore[call-overload, index]
        assert ["a", "b", "behind"] == sorted(name for name, one in driver.plan.nodes.items() if one.handled)

    def test_without_an_error_it_is_skipped(self) -> None:
        """And so is what comes after it."""
        driver = run(self.handled(names=["b"]) | {"settings": {}}, 5)
        assert "failed" == driver.status
        nodes = [start(), value("b"), node("h", "flow.error_handler", nodes=["b"]), value("saved")]
        assert ["start", "b"] == run(workflow(nodes, "start -> b", "h -> saved")).ran()

    def test_a_disabled_handler_handles_nothing(self) -> None:
        """It is still decided, so that nothing waits for it."""
        nodes = [start(), node("a", "test.fail"), node("h", "flow.error_handler", nodes=["a"], disabled=True)]
        assert "TEST_FAILURE" == run(workflow(nodes, "start -> a")).error_code

    def test_in_the_body_of_a_loop_it_handles_each_iteration(self) -> None:
        """There it gives what the iteration comes to."""
        handler = node("h", "flow.error_handler", nodes=["v"])
        nodes = [
            start(),
            node("each", "loop.foreach", items=[1, "a", 3]),
            value("v", CONVERT),
            handler,
            value("s", "no"),
        ]
        driver = run(workflow(nodes, "start -> each.body -> v", "h -> s"))
        assert [1.0, "no", 3.0] == driver.output
        assert_survives_crashes(driver)

    def test_a_handled_loop_covers_what_fails_in_it(self) -> None:
        """Its error tells of the node."""
        nodes = [start(), node("each", "loop.foreach", items=["a"]), value("v", CONVERT)]
        nodes += [
            node("h", "flow.error_handler", nodes=["each"]),
            value("s", "{{ input.error.cause.scope ?? 'none' }}"),
        ]
        driver = run(workflow(nodes, "start -> each.body -> v", "h -> s"))
        assert ("completed", ["start", "h", "s"]) == (driver.status, driver.ran())
        assert_survives_crashes(driver)

    def test_the_port_error_may_lead_to_a_handler_and_other_connections_carry_nothing(self) -> None:
        """The handler waits for them, but they do not make it run."""
        bad = node("a", "test.fail", on_error="branch")
        nodes = [start(), bad, value("b"), node("h", "flow.error_handler", nodes=["b"]), value("s")]
        assert {"start", "b", "h", "s"} == {*run(workflow(nodes, "start -> a.error -> h -> s", "start -> b")).ran()}
        nodes[1] = value("a")
        assert {"start", "a", "b"} == {*run(workflow(nodes, "start -> a -> h -> s", "start -> b")).ran()}

    def test_a_race_that_is_won_cancels_handled_nodes_too(self) -> None:
        """That a handler would like to know how they end is no reason to go on with them."""
        nodes = [start(), value("fast"), node("slow", "flow.delay", seconds=60), node("f", "flow.merge", mode="any")]
        nodes += [node("h", "flow.error_handler", nodes=[]), value("s")]
        driver = run(workflow(nodes, "start -> fast -> f", "start -> slow -> f", "h -> s"))
        assert (1_000.0, ["start", "fast", "f"]) == (driver.now, driver.ran())

    @pytest.mark.parametrize(
        ("names", "ways", "code"),
        [
            (["nobody"], (), "handled_unknown"),
            (["saved"], (), "handled_later"),
            (["h"], (), "handled_later"),
            (["b", "inside"], ("start -> l.body -> inside",), "handled_elsewhere"),
            (["a", "b"], ("start -> other",), "handled_twice"),
        ],
    )
    def test_what_cannot_be_handled_is_a_fault(self, names: list[Json], ways: tuple[str, ...], code: str) -> None:
        """With the handler as its place, and a fix."""
        more = [node("l", "loop.foreach", items=[1]), value("inside"), value("other")]
        if code == "handled_twice":
            more.append(node("second", "flow.error_handler", nodes=["a"]))
        with pytest.raises(InvalidWorkflow) as caught:
            plan_of(self.handled(*more, names=names, ways=ways))
        (problem,) = [problem for problem in caught.value.problems if problem.severity.value == "error"]
        assert (code, True) == (problem.code, bool(problem.fix))

    def test_a_handler_without_anybody_is_a_fault(self) -> None:
        """There is nothing before it."""
        problems = validate_document(workflow([start(), node("h", "flow.error_handler")]), CATALOG)
        assert "handles_nothing" in [problem.code for problem in problems]


class TestFallbacks:
    """The first input that succeeded."""

    @pytest.mark.parametrize(("times", "expected"), [(0, "first"), (1, "second")])
    def test_a_failure_does_not_count(self, times: int, expected: str) -> None:
        """Whether it came by the port `error` or as output."""
        nodes = [start(), value("x", "first"), node("a", "test.fail", times=times, on_error="continue")]
        nodes += [value("b", "second"), node("f", "flow.fallback")]
        driver = run(workflow(nodes, "start -> x -> a -> f", "start -> b -> f"))
        assert expected == driver.output

    def test_one_after_the_other(self) -> None:
        """The second is tried only when the first has failed."""
        nodes = [start(), node("a", "test.fail", on_error="branch"), value("b", "second"), node("f", "flow.fallback")]
        assert "second" == run(workflow(nodes, "start -> a -> f", "a.error -> b -> f")).output

    def test_an_output_that_merely_looks_like_an_error_counts(self) -> None:
        """What matters is whether its node failed."""
        nodes = [start(), value("a", {"error": {"code": "DATA"}}), node("f", "flow.fallback")]
        assert {"error": {"code": "DATA"}} == run(workflow(nodes, "start -> a -> f")).output

    def test_if_all_have_failed_so_does_it(self) -> None:
        """With their errors."""
        nodes = [start(), node("a", "test.fail", on_error="continue"), node("f", "flow.fallback")]
        driver = run(workflow(nodes, "start -> a -> f"))
        error: Any = driver.finish.error
        assert ("FALLBACK_EXHAUSTED", "TEST_FAILURE") == (error["code"], error["details"]["causes"][0]["code"])


def test_stop_and_error_ends_the_execution_from_inside_of_a_loop() -> None:
    """No policy and no handler keeps it from that."""
    stop = node("s", "flow.stop_and_error", code="NO_GOOD", message="At {{ index }}.", details={"item": "{{ item }}"})
    each = node("each", "loop.foreach", items=["x"], on_error="continue", on_item_error="continue")
    driver = run(workflow([start(), each, stop], "start -> each.body -> s"))
    expected = {"code": "NO_GOOD", "message": "At 0.", "details": {"item": "x"}, "fault": "workflow", "node": "s"}
    assert expected == driver.finish.error


def test_a_split_without_a_key_keeps_its_lot() -> None:
    """A crash draws no other."""
    variants: list[Json] = [{"name": "a", "percent": 50}, {"name": "b", "percent": 50}]
    nodes = [
        start(),
        node("each", "loop.foreach", items="{{ range(40) }}"),
        node("s", "flow.ab_split", variants=variants),
    ]
    nodes += [value("x", "a"), value("y", "b")]
    driver = run(workflow(nodes, "start -> each.body -> s.a -> x", "s.b -> y"))
    assert {"a", "b"} == {*driver.output}  # type: ignore[misc]
    assert_survives_crashes(driver)
