"""What a fork keeps of a journal, and that it goes on from there as the execution did."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.drawings import STEPS, documents
from tests.core.driver import Driver, node, plan_of, run, start, value, workflow

from wingbeat.core.commands import OpenCommand
from wingbeat.core.events import Event, ExecutionStarted, StepCompleted, StepFailed, StepKey, StepReleased
from wingbeat.core.fork import (
    Cut,
    Edit,
    ForkIncompatible,
    ForkPoint,
    Recorded,
    RecordedEvent,
    Selection,
    Trial,
    inside_own_loop,
    replaced,
)
from wingbeat.core.json_value import JsonObject
from wingbeat.core.outcome import Outcome
from wingbeat.core.plan import Plan

thorough = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
# What follows from nothing but the graph: no race, and no variable that parallel branches change in turn.
STEADY = tuple(kind for kind in STEPS if kind not in {"any", "count", "gather"})


def recorded(driver: Driver) -> list[Recorded]:
    """The driver's journal as rows; the number of a row is its place."""
    return [Recorded(place, cast("RecordedEvent", event)) for place, event in enumerate(driver.journal) if place]


def without_output(row: Recorded) -> Recorded:
    """The row as it is read to find out what a fork keeps: what steps gave is not looked at."""
    event = row.event
    if not isinstance(event, StepCompleted):
        return row
    return row._replace(event=event._replace(outcome=dataclasses.replace(event.outcome, output=None)))


class Forked:
    """A fork of an execution at a step: what it keeps, and the execution that goes on from there."""

    def __init__(  # noqa: PLR0913 - how forks differ, by name
        self,
        driver: Driver,
        node_id: str,
        scope: str = "",
        *,
        later: bool = True,
        outcome: Outcome | None = None,
        plan: Plan | None = None,
    ) -> None:
        rows, point = recorded(driver), ForkPoint(node_id, scope)
        own = [row.sequence for row in rows if is_of(row, point)]
        edit = None if outcome is None else Edit(outcome, own[-1] if own else None)
        started = cast("ExecutionStarted", driver.journal[0])
        selection = Selection(
            driver.plan, started, Cut(driver.plan, point, later=later, first=min(own, default=0)), edit
        )
        outline = [without_output(row) for row in rows]
        for place in range(0, len(outline), 3):
            selection.take(outline[place : place + 3])
        selection.close()
        gone = set(selection.dropped)
        self.kept = [replaced(row, edit)[0] for row in rows if row.sequence not in gone]
        trial = Trial(plan or driver.plan, driver.plan, started, edit)
        trial.take([row for row in outline if row.sequence not in gone])
        self.begins = trial.awaits(point)
        if selection.settled and plan is None:
            assert selection.awaits(point) == self.begins
        self._journal: list[Event] = [started, *(row.event for row in self.kept)]
        self._driver = Driver(plan or driver.plan, limits=driver.execution.limits)
        self._driver.chunks = dict(driver.chunks)

    def steps(self) -> list[str]:
        """The steps whose outcomes are kept, as `node` or `node@scope`."""
        done = (row.event.key for row in self.kept if isinstance(row.event, StepCompleted | StepFailed))
        return [f"{key.node_id}@{key.scope}" if key.scope else key.node_id for key in done]

    def work(self, *released: StepReleased) -> Driver:
        """Let it go on to its end."""
        journal = [*self._journal, *released]
        return self._driver.replay(journal, [1_000.0] * len(journal)).work()


def is_of(row: Recorded, point: ForkPoint) -> bool:
    """Whether the row is of the fork point."""
    scope = row.event.key.scope
    if (row.event.key.node_id, scope) == point:
        return True
    return inside_own_loop(point) and (scope == point.scope or scope.startswith(f"{point.scope}/"))


def points(driver: Driver) -> list[tuple[str, str]]:
    """All steps that the journal tells of."""
    return list(dict.fromkeys((row.event.key.node_id, row.event.key.scope) for row in recorded(driver)))


@thorough
@given(documents(STEADY))
def test_a_fork_without_an_edit_ends_as_the_execution_did(document: JsonObject) -> None:
    """At any recorded step of any workflow: what is kept replays, and going on from there gives the same output."""
    whole = run(document, {"order": 7})
    for node_id, scope in points(whole):
        forked = Forked(whole, node_id, scope)
        assert (whole.finish.status, whole.finish.output) == (
            (again := forked.work().finish).status,
            again.output,
        ), (node_id, scope)


@thorough
@given(documents(STEADY))
def test_another_try_of_what_fails_again_keeps_all_that_completed(document: JsonObject) -> None:
    """However deep in loops it failed: the same error ends it, and nothing else runs than what had not completed."""
    whole = run(document, {"order": 7})
    if whole.finish.error is None:
        return
    causes = [
        event.key for event in whole.journal if isinstance(event, StepFailed) and event.error == whole.finish.error
    ]
    forked = Forked(whole, causes[-1].node_id, causes[-1].scope, later=False)
    done = {row.event.key for row in recorded(whole) if isinstance(row.event, StepCompleted)}
    assert done == {row.event.key for row in forked.kept if isinstance(row.event, StepCompleted)}
    assert whole.finish.error == forked.work().finish.error


@thorough
@given(documents(), st.integers(0, 5))
def test_a_fork_of_any_execution_comes_to_an_end(document: JsonObject, seed: int) -> None:
    """Races and shared variables may come out otherwise, but no step ends twice, and nothing hangs."""

    def by_hash(commands: Sequence[OpenCommand]) -> int:
        keys = [hashlib.blake2b(f"{seed}{one.key}".encode()).digest() for one in commands]
        return keys.index(min(keys))

    whole = run(document, {"order": 7}, choose=by_hash)
    for node_id, scope in points(whole):
        again = Forked(whole, node_id, scope).work()
        done = Counter(event.key for event in again.journal if isinstance(event, StepCompleted | StepFailed))
        assert again.execution.finished is not None
        assert {1} >= {*done.values()}


def orders(concurrency: int = 1) -> JsonObject:
    """Two orders of two lines each, a step before, within and after both loops."""
    nodes = [
        start(),
        value("before", 1),
        node("orders", "loop.foreach", items=[[1, 2], [3, 4]], concurrency=concurrency),
        value("head", "{{ index }}"),
        node("lines", "loop.foreach", items="{{ item }}"),
        value("line", "{{ item * 10 }}"),
        value("foot", "{{ input }}"),
        value("after", "{{ input }}"),
    ]
    return workflow(
        nodes,
        "start -> before -> orders.done -> after",
        "orders.body -> head -> lines.done -> foot",
        "lines.body -> line",
    )


class TestWhatIsKept:
    """What does not follow from the fork point, and nothing else."""

    def test_in_the_inner_of_two_loops(self) -> None:
        """Earlier iterations of both loops stay, later ones go, and so do both loops' ends and what follows them."""
        whole = run(orders())
        forked = Forked(whole, "line", "orders:1/lines:0")
        first = ["line@orders:0/lines:0", "line@orders:0/lines:1", "lines@orders:0", "foot@orders:0"]
        assert ["start", "before", "head@orders:0", *first, "head@orders:1"] == forked.steps()
        assert (forked.begins, whole.output) == (True, forked.work().output)

    def test_later_iterations_that_ran_at_the_same_time_go_too(self) -> None:
        """From an iteration means: from there on, however many ran at once."""
        forked = Forked(run(orders(concurrency=2)), "head", "orders:0")
        assert ["start", "before"] == forked.steps()

    def test_for_another_try_iterations_that_ran_at_the_same_time_stay(self) -> None:
        """What had completed beside a step that failed does not run again."""
        forked = Forked(run(orders(concurrency=2)), "line", "orders:0/lines:0", later=False)
        assert {"head@orders:1", "lines@orders:1", "foot@orders:1"} < {*forked.steps()}

    def test_a_whole_iteration(self) -> None:
        """A loop with the scope of one of its iterations means all that happened in it."""
        forked = Forked(run(orders()), "orders", "orders:1")
        assert "foot@orders:0" == forked.steps()[-1]
        assert forked.begins

    def test_a_loop_as_a_whole(self) -> None:
        """It asks for its items anew."""
        forked = Forked(run(orders()), "orders")
        assert ["start", "before"] == forked.steps()

    def test_a_round_of_a_loop_with_a_condition(self) -> None:
        """The condition is asked again for that round, with the variables of then."""
        loop = node("l", "loop.while", condition="n < 3", collect="results")
        add = node("add", "data.variable", name="n", operation="increment")
        document = workflow([start(), loop, add], "start -> l.body -> add", global_variables={"n": 0})
        forked = Forked(run(document), "l", "l:1")
        assert ["start", "add@l:0"] == forked.steps()
        assert 3 == forked.work().variables["n"]

    def test_branches_that_do_not_lead_there(self) -> None:
        """Of a join only the other branch stays, however late it came to its end."""
        nodes = [start(), value("a", 1), value("b", 2), node("join", "flow.merge"), value("last")]
        whole = run(workflow(nodes, "start -> a -> join -> last", "start -> b -> join"))
        forked = Forked(whole, "a")
        assert ["start", "b"] == forked.steps()
        assert whole.output == forked.work().output

    def test_a_race_that_the_step_takes_part_in_is_run_again(self) -> None:
        """The loser of then would otherwise have won before the forked step began."""
        nodes = [start(), value("a", 1), value("b", 2), value("c", 3), node("first", "flow.merge", mode="any")]
        whole = run(workflow(nodes, "start -> a -> first", "start -> b -> first", "b -> c"))
        forked = Forked(whole, "a")
        assert ["start"] == forked.steps()
        assert forked.begins

    def test_all_attempts_of_the_step_go(self) -> None:
        """It has all its attempts before it again."""
        failing = node("a", "test.fail", times=2, retry={"max_attempts": 3, "backoff_seconds": 1})
        whole = run(workflow([start(), failing], "start -> a"), 5)
        forked = Forked(whole, "a")
        assert (["start"], 5) == (forked.steps(), forked.work().output)

    def test_the_end_goes(self) -> None:
        """Even where it does not follow from the step: a fork has not ended."""
        nodes = [start(), value("a", 1), node("end", "flow.end", output="{{ input }}")]
        forked = Forked(run(workflow(nodes, "start -> a", "start -> end")), "a")
        assert "end" not in forked.steps()


class TestEdits:
    """Another outcome or another input than the execution had."""

    def test_another_outcome_takes_the_place_of_the_first(self) -> None:
        """What follows runs again, with the new value; what does not, stays."""
        nodes = [start(), value("a", 1), value("b", 2), node("join", "flow.merge"), value("c", "{{ nodes.a + 1 }}")]
        whole = run(workflow(nodes, "start -> a -> c -> join", "start -> b -> join"))
        forked = Forked(whole, "a", outcome=Outcome.of(41))
        assert ["start", "a", "b"] == forked.steps()
        assert {"c": 42, "b": 2} == forked.work().output

    def test_another_outcome_of_a_loop_skips_its_iterations(self) -> None:
        """And goes on behind it."""
        forked = Forked(run(orders()), "orders", outcome=Outcome.to("done", ["x"]))
        assert (["start", "before", "orders"], ["x"]) == (forked.steps(), forked.work().output)

    def test_another_input(self) -> None:
        """Every attempt of the step sees it."""
        failing = node("a", "test.fail", times=1, retry={"max_attempts": 2, "backoff_seconds": 1})
        forked = Forked(run(workflow([start(), value("x", 1), failing], "start -> x -> a")), "a")
        assert "new" == forked.work(StepReleased(StepKey("a", "", 1), {}, edited=True, value="new", sequence=9)).output

    def test_another_input_of_a_join(self) -> None:
        """An object with a value for each source is what each of them brought."""
        nodes = [start(), value("a", 1), value("b", 2), node("join", "flow.merge")]
        forked = Forked(run(workflow(nodes, "start -> a -> join", "start -> b -> join")), "join")
        released = StepReleased(StepKey("join", "", 1), {}, edited=True, value={"a": 10, "b": 20}, sequence=9)
        assert {"a": 10, "b": 20} == forked.work(released).output

    def test_other_variables(self) -> None:
        """They are changed where they are."""
        nodes = [start(), value("a", "{{ n }}")]
        forked = Forked(run(workflow(nodes, "start -> a", global_variables={"n": 1})), "a")
        assert 7 == forked.work(StepReleased(StepKey("a", "", 1), {"n": 7})).output


class TestNewerVersions:
    """What is kept must be what the new version would have come to as well."""

    def changed(self, nodes: list[JsonObject], *ways: str, at: str = "c") -> Forked:
        """A fork of `a -> b -> c` at c, on another version."""
        whole = run(workflow([start(), value("a", 1), value("b", 2), value("c", 3)], "start -> a -> b -> c"))
        return Forked(whole, at, plan=plan_of(workflow(nodes, *ways)))

    def test_what_comes_later_may_change(self) -> None:
        """Parameters, and all that follows."""
        nodes = [start(), value("a", 1), value("b", 9), value("c", "{{ input + 1 }}"), value("d", "{{ input + 1 }}")]
        assert 4 == self.changed(nodes, "start -> a -> b -> c -> d").work().output

    @pytest.mark.parametrize(
        ("nodes", "way", "why"),
        [
            ([start(), value("a", 1), value("c", 3)], "start -> a -> c", "not there any more"),
            ([start(), value("a", 1), node("b", "flow.merge"), value("c", 3)], "start -> a -> b -> c", "another type"),
            ([start(), value("a", 1), value("b", 2, disabled=True), value("c", 3)], "start -> a -> b -> c", "disabled"),
            ([start(), value("a", 1), value("b", 2), value("c", 3)], "start -> a -> c -> b", "does not come about"),
            ([start("other"), value("a", 1), value("b", 2), value("c", 3)], "other -> a -> b -> c", "as a trigger"),
        ],
    )
    def test_what_is_kept_may_not(self, nodes: list[JsonObject], way: str, why: str) -> None:
        """The refusal names the node and says why."""
        with pytest.raises(ForkIncompatible, match=why) as caught:
            self.changed(nodes, way)
        assert caught.value.details["node"] in {"b", "start"}


def test_a_fork_goes_through_a_stream_and_stores_its_own() -> None:
    """What is kept of an iteration is not made again of values that are not read."""
    nodes = [
        start(),
        node("a", "loop.foreach", items=[1, 2, 4], collect="blob", collect_value="8 // result"),
        value("v"),
    ]
    nodes += [node("b", "loop.foreach", items="{{ input }}"), value("w", "{{ item + 1 }}"), value("end")]
    whole = run(workflow(nodes, "start -> a.body -> v", "a.done -> b.body -> w", "b.done -> end"))
    for node_id, scope in points(whole):
        assert [9, 5, 3] == Forked(whole, node_id, scope).work().output
