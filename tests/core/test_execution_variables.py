"""Variables: what changes them, where they are seen, and that nobody else's values change with them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.core.driver import Driver, node, plan_of, run, start, value, workflow

from wingbeat.core.errors import StepError
from wingbeat.core.events import ExecutionStarted, StepCompleted, StepKey
from wingbeat.core.execution import Execution
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.outcome import Operation, Outcome, VariableChange
from wingbeat.core.scope import StepNames


def variable(identifier: str, name: str, operation: str, **fields: Json) -> JsonObject:
    """A node that changes a variable."""
    return node(identifier, "data.variable", name=name, operation=operation, **fields)


def after(document: JsonObject, data: Json = None, **variables: Json) -> JsonObject:
    """The variables at the end."""
    driver = run(document, data, variables=variables)
    assert driver.finish.error is None
    return driver.variables


class TestChanges:
    """Set, append, increment."""

    @pytest.mark.parametrize(
        ("before", "operation", "amount", "expected"),
        [
            ({}, "set", 5, 5),
            ({"x": 1}, "set", None, None),
            ({}, "append", 5, [5]),
            ({"x": None}, "append", 5, [5]),
            ({"x": [4]}, "append", [5], [4, [5]]),
            ({}, "increment", 5, 5),
            ({"x": None}, "increment", 5, 5),
            ({"x": 1.5}, "increment", -2, -0.5),
        ],
    )
    def test_a_change_makes_the_value(self, before: JsonObject, operation: str, amount: Json, expected: Json) -> None:
        """One that is not there begins empty."""
        document = workflow(
            [start(), variable("v", "x", operation, value=amount)], "start -> v", global_variables=before
        )
        assert {"x": expected} == after(document)

    @pytest.mark.parametrize(
        ("before", "operation", "amount"),
        [
            (5, "append", 1),
            ({}, "append", 1),
            ("text", "increment", 1),
            (True, "increment", 1),
            ([], "increment", 1),
            (1e308, "increment", 1e308),
            (10**400, "increment", 0.5),
            (2**4096, "increment", 1),
        ],
    )
    def test_a_change_that_does_not_fit_fails_the_step(self, before: Json, operation: str, amount: Json) -> None:
        """And changes nothing; numbers stay such as can be stored."""
        document = workflow(
            [start(), variable("v", "x", operation, value=amount)], "start -> v", global_variables={"x": before}
        )
        driver = run(document)
        assert ("VARIABLE_WRONG_KIND", before) == (driver.error_code, driver.variables["x"])

    def test_the_changes_of_one_step_are_checked_one_after_the_other(self) -> None:
        """And made all or none."""
        execution = Execution(plan_of(workflow([start(), value("a")], "start -> a", global_variables={"x": 5})))
        execution.advance(ExecutionStarted("start", None, {}))
        key = StepKey("start", "", 1)
        emptied = VariableChange("x", Operation.SET, [])
        appended = VariableChange("x", Operation.APPEND, 1)
        counted = VariableChange("x", Operation.INCREMENT, 1)
        with pytest.raises(StepError):
            execution.advance(StepCompleted(key, Outcome(None, changes=(emptied, appended, counted))))
        assert {"x": 5} == execution.root.variables
        execution.advance(StepCompleted(key, Outcome(None, changes=(emptied, appended, appended))))
        assert {"x": [1, 1]} == execution.root.variables

    def test_parallel_branches_lose_nothing(self) -> None:
        """Changes apply to the value as it is when they come."""
        names = [f"n{number}" for number in range(50)]
        nodes = [start(), *(variable(name, "x", "increment") for name in names)]
        assert {"x": 50} == after(workflow(nodes, *(f"start -> {name}" for name in names)))


class TestScopes:
    """Where a variable lives."""

    def test_variables_of_the_start_come_before_those_of_the_workflow(self) -> None:
        """The workflow's are defaults."""
        document = workflow([start()], global_variables={"x": 1, "y": 2})
        assert {"x": 5, "y": 2} == after(document, x=5)

    def test_a_variable_of_the_execution_outlives_its_loop(self) -> None:
        """Each iteration sees what the one before left."""
        nodes = [
            start(),
            node("l", "loop.foreach", items=[1, 2, 3]),
            variable("v", "x", "set", value="{{ (x ?? 0) * 10 + item }}"),
        ]
        assert {"x": 123} == after(workflow(nodes, "start -> l.body -> v"))

    @pytest.mark.parametrize(("operation", "expected"), [("append", [["{}"], ["{}"]]), ("increment", [1, 1])])
    def test_a_variable_of_an_iteration_begins_anew_in_each(self, operation: str, expected: Json) -> None:
        """Whatever there is by that name outside."""
        amount: Json = "{}" if operation == "append" else 1
        nodes = [
            start(),
            node("l", "loop.foreach", items=[1, 2]),
            variable("v", "x", operation, value=amount, scope="iteration"),
            value("out", "{{ x }}"),
        ]
        driver = run(workflow(nodes, "start -> l.body -> v -> out", global_variables={"x": 77}))
        assert (expected, {"x": 77}) == (driver.output, driver.variables)

    def test_outside_of_loops_there_is_one_scope(self) -> None:
        """So both are the same."""
        document = workflow([start(), variable("v", "x", "set", value=1, scope="iteration")], "start -> v")
        assert {"x": 1} == after(document)


class TestAliases:
    """A list that was read is not the list that grows."""

    def test_a_value_that_was_read_does_not_grow(self) -> None:
        """It is in an output, and another append follows."""
        nodes = [
            start(),
            variable("one", "x", "append", value=1),
            value("seen", "{{ x }}"),
            variable("two", "x", "append", value=2),
            value("end", "{{ [nodes.seen, x] }}"),
        ]
        assert [[1], [1, 2]] == run(workflow(nodes, "start -> one -> seen -> two -> end")).output

    def test_a_value_that_was_set_does_not_grow_where_it_came_from(self) -> None:
        """It may be the trigger's data or a node's output."""
        nodes = [start(), variable("set", "x", "set", value="{{ trigger }}"), variable("v", "x", "append", value=2)]
        data: list[Json] = [1]
        driver = run(workflow([*nodes, value("end", "{{ [trigger, x] }}")], "start -> set -> v -> end"), data)
        assert ([[1], [1, 2]], [1]) == (driver.output, data)

    def test_two_variables_with_one_value_grow_apart(self) -> None:
        """Setting one to the other does not tie them together."""
        nodes = [
            start(),
            variable("set", "y", "set", value="{{ x }}"),
            variable("v", "x", "append", value=2),
            variable("w", "y", "append", value=3),
        ]
        document = workflow(nodes, "start -> set -> v -> w", global_variables={"x": [1]})
        assert {"x": [1, 2], "y": [1, 3]} == after(document)

    def test_executions_do_not_share_the_variables_of_their_plan(self) -> None:
        """However many append to them."""
        document = workflow([start(), variable("v", "x", "append", value=2)], "start -> v", global_variables={"x": [1]})
        before = copy.deepcopy(document)
        plan = plan_of(document)
        ends = [Driver(plan).start().work().variables for _ in range(3)]
        assert ([{"x": [1, 2]}] * 3, before, {"x": [1]}) == (ends, document, plan.workflow.global_variables)

    def test_a_loop_goes_through_the_list_as_it_was(self) -> None:
        """Its body may append to the variable that it came from."""
        nodes = [start(), node("l", "loop.foreach", items="{{ x }}"), variable("v", "x", "append", value="{{ item }}")]
        assert {"x": [1, 2, 1, 2]} == after(workflow(nodes, "start -> l.body -> v", global_variables={"x": [1, 2]}))

    def test_a_list_that_nobody_reads_is_not_copied(self) -> None:
        """The first append makes a list of its own, and that one grows; so many appends take linear time."""
        document = workflow([start(), variable("v", "x", "append", value=1)], "start -> v", global_variables={"x": [0]})
        driver = Driver(plan_of(document)).start().work()
        first = driver.variables["x"]
        driver.execution.root.change(VariableChange("x", Operation.APPEND, 2))
        assert (True, [0, 1, 2]) == (first is driver.variables["x"], first)


class TestNames:
    """What a step sees by which name."""

    def names(self, **variables: Json) -> StepNames:
        """The names of the first step of an execution."""
        execution = Execution(plan_of(workflow([start()])))
        execution.advance(ExecutionStarted("start", None, variables))
        facts: JsonObject = {"trigger": "data", "workflow": {}, "execution": {}}
        return StepNames(execution.root, "in", facts, 86_400.0)

    def test_names_of_the_run_hide_variables(self) -> None:
        """A caller cannot pass off something else as the trigger's data."""
        names = self.names(trigger="forged", input="forged")
        assert ["data", "in"] == [names.name("trigger"), names.name("input")]

    def test_now_is_when_the_step_began(self) -> None:
        """With its time zone."""
        assert "1970-01-02T00:00:00+00:00" == self.names().name("now")

    @pytest.mark.parametrize("name", ["item", "index", "loop", "nobody"])
    def test_a_name_that_does_not_exist(self, name: str) -> None:
        """Is a KeyError, from which the expression makes its own."""
        with pytest.raises(KeyError):
            self.names().name(name)

    def test_known_names_are_those_that_can_be_asked_for(self) -> None:
        """For "did you mean"."""
        names = self.names(x=1)
        known: list[Any] = [*names.known()]
        assert {"input", "now", "trigger", "workflow", "execution", "x"} == {*known}
        assert [1, "data"] == [names.name("x"), names.name("trigger")]
