"""Failed steps: who is told, whether they are tried again, and when."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.driver import CATALOG, ROOMY, Driver, node, plan_of, run, start, value, workflow

from wingbeat.core.commands import Record, Retry
from wingbeat.core.errors import StepError
from wingbeat.core.events import StepCompleted, StepKey
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.outcome import Outcome
from wingbeat.core.retry import RetryPolicy


def failing(**fields: Json) -> JsonObject:
    """A node that fails, with a node behind each of its ports."""
    nodes = [start(), node("bad", "test.fail", **fields), value("next"), value("rescue")]
    rescue = ("bad.error -> rescue",) if fields.get("on_error") == "branch" else ()
    return workflow(nodes, "start -> bad -> next", *rescue)


class TestPolicies:
    """What `on_error` decides."""

    def test_by_default_the_execution_fails(self) -> None:
        """With the error of the step, and everything else is cancelled."""
        driver = run(failing())
        assert ("failed", "TEST_FAILURE", {}) == (driver.status, driver.error_code, driver.execution.open)

    def test_continue_goes_on_with_the_error_as_output(self) -> None:
        """Through the first port."""
        driver = run(failing(on_error="continue"))
        assert "TEST_FAILURE" == driver.output["error"]["code"]  # type: ignore[index, call-overload]

    def test_branch_takes_the_port_error(self) -> None:
        """And no other."""
        driver = run(failing(on_error="branch"))
        assert ["start", "rescue"] == driver.ran()
        assert "TEST_FAILURE" == driver.output["error"]["code"]  # type: ignore[index, call-overload]

    def test_a_step_that_works_does_not_take_the_port_error(self) -> None:
        """Whatever hangs on it is skipped."""
        assert ["start", "bad", "next"] == run(failing(on_error="branch", times=0)).ran()

    def test_runs_and_failures_are_counted_apart(self) -> None:
        """By node."""
        driver = run(failing(times=2, retry={"max_attempts": 3}))
        assert ({"bad": 2}, 1) == (driver.execution.failures, driver.execution.runs["bad"])

    def test_the_failure_of_one_iteration_stays_in_its_place(self) -> None:
        """The others have their results."""
        nodes = [
            start(),
            node("l", "loop.foreach", items=[1, "a", 3]),
            value("v", "{{ item * 1.0 }}", on_error="continue"),
        ]
        output = run(workflow(nodes, "start -> l.body -> v")).output
        assert [1.0, True, 3.0] == [one if isinstance(one, float) else "error" in one for one in output]  # type: ignore[union-attr, operator]


class TestRetries:
    """Trying again."""

    def test_a_step_is_tried_again_until_it_works(self) -> None:
        """Each attempt has its number."""
        driver = run(failing(times=2, retry={"max_attempts": 3}), 5)
        assert (5, [1, 2, 3]) == (driver.output, [key.attempt for key in driver.asked if key.node_id == "bad"])

    def test_when_the_attempts_are_used_up_the_policy_decides(self) -> None:
        """The last error counts."""
        driver = run(failing(retry={"max_attempts": 3}, on_error="branch"))
        assert (3, "rescue") == (driver.execution.failures["bad"], driver.ran()[-1])

    def test_an_error_that_will_come_again_is_not_tried_again(self) -> None:
        """The node says so."""
        assert 1 == run(failing(retryable=False, retry={"max_attempts": 3})).execution.failures["bad"]

    def test_delays_grow_as_the_policy_says(self) -> None:
        """Counted from the failure."""
        driver = run(failing(times=3, retry={"max_attempts": 4, "backoff_seconds": 1, "factor": 3, "jitter": 0}))
        assert [1_000.0, 1_001.0, 1_004.0, 1_013.0] == sorted({*driver.times})

    def test_the_default_policy_holds_for_nodes_without_one(self) -> None:
        """The operator sets it."""
        plan = plan_of(failing(times=1))
        assert "failed" == Driver(plan).start().work().status
        assert "completed" == Driver(plan, default_retry=RetryPolicy(2)).start().work().status

    def test_jitter_is_the_same_after_a_crash(self) -> None:
        """And another one for another execution."""
        plan = plan_of(failing(retry={"max_attempts": 2, "jitter": 1}))
        driver = Driver(plan, identity="one").start().work(2)
        other = Driver(plan, identity="other").start().work(2)
        due = [
            command.due
            for one in (driver, driver.crashed(3), other)
            for command in one.execution.open.values()
            if isinstance(command, Retry)
        ]
        assert (True, True) == (due[0] == due[1], due[0] != due[2])

    def test_a_waiting_retry_takes_no_slot(self) -> None:
        """Others run meanwhile."""
        nodes = [start(), node("bad", "test.fail", times=1, retry={"max_attempts": 2}), value("other")]
        driver = run(workflow(nodes, "start -> bad", "start -> other"), limits=replace(ROOMY, parallel_nodes=1))
        assert ["start", "other", "bad"] == driver.ran()


class TestDelays:
    """Steps that suspend."""

    def test_a_delay_goes_on_when_its_time_comes(self) -> None:
        """With its input."""
        driver = run(workflow([start(), node("nap", "flow.delay", seconds=90), value("end")], "start -> nap -> end"), 5)
        assert (5, 1_090.0) == (driver.output, driver.now)

    def test_a_sleeping_step_takes_no_slot(self) -> None:
        """Any number may sleep."""
        names = [f"n{number}" for number in range(20)]
        nodes = [start(), *(node(name, "flow.delay", seconds=60) for name in names)]
        driver = run(workflow(nodes, *(f"start -> {name}" for name in names)), limits=replace(ROOMY, parallel_nodes=1))
        assert ("completed", 1_060.0) == (driver.status, driver.now)

    def test_sleeping_goes_on_after_a_crash(self) -> None:
        """Until the same time."""
        plan = plan_of(workflow([start(), node("nap", "flow.delay", seconds=90)], "start -> nap"))
        assert 1_090.0 == Driver(plan).start().work(2).crashed(3).work().now


class TestBrokenNodeTypes:
    """What a node type of somebody else may give."""

    def begun(self) -> Driver:
        """An if that is about to end."""
        nodes = [start(), node("if", "condition.if", condition="true"), value("a")]
        return Driver(plan_of(workflow(nodes, "start -> if.true -> a"))).start().work(1)

    @pytest.mark.parametrize(
        "outcome",
        [Outcome(1, ("maybe",)), Outcome(1, ("true",), split=True), Outcome({"false": 1}, ("true",), split=True)],
    )
    def test_an_outcome_that_the_node_cannot_have_is_refused(self, outcome: Outcome) -> None:
        """Before anything changes, so that the step can fail instead."""
        driver = self.begun()
        key = StepKey("if", "", 1)
        with pytest.raises(StepError) as caught:
            driver.execution.advance(StepCompleted(key, outcome))
        assert ("NODE_TYPE_BROKEN", [key]) == (caught.value.code, list(driver.execution.open))
        assert ["start", "if", "a"] == driver.work().ran()

    def test_results_of_a_loop_that_cannot_be_recorded_fail_the_loop(self) -> None:
        """Its policy decides where it goes on."""
        nodes = [start(), node("l", "loop.foreach", items=[1], on_error="branch"), value("a"), value("end", "saved")]
        driver = Driver(plan_of(workflow(nodes, "start -> l.body -> a", "l.error -> end"))).start().work(3)
        (command,) = driver.execution.open.values()
        assert isinstance(command, Record)
        driver.fail(command.key, StepError("Too big.", code="TOO_BIG", retryable=True))
        assert "saved" == driver.work().output


def test_the_node_types_of_the_tests_are_real_ones() -> None:
    """The tests run what users run."""
    assert {"condition.if", "loop.foreach", "loop.while", "loop.break", "flow.merge", "flow.end"} <= {*CATALOG}
