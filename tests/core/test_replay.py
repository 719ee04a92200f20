"""An execution that was taken up from its journal goes on as if nothing had happened, wherever the crash was."""

from __future__ import annotations

import copy
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.drawings import STEPS, documents
from tests.core.driver import ROOMY, Choose, Driver, node, plan_of, run, start, value, workflow

from wingbeat.core.commands import OpenCommand, Run
from wingbeat.core.events import (
    Event,
    ExecutionStarted,
    LoopOpened,
    RetryDue,
    RoundDecided,
    StepCleared,
    StepCompleted,
    StepFailed,
    StepKey,
    StepStarted,
    StepWaiting,
)
from wingbeat.core.execution import Execution
from wingbeat.core.json_value import JsonObject
from wingbeat.core.limits import Limits
from wingbeat.core.outcome import OpenLoop, Outcome
from wingbeat.core.refusals import JournalMismatch
from wingbeat.core.retry import RetryPolicy

thorough = settings(
    max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
WITHOUT_RETRIES = tuple(kind for kind in STEPS if kind != "fail")
STARTED = ExecutionStarted("start", None, {})


def by_hash(seed: int) -> Choose:
    """End steps in an order that depends on nothing but which are under way."""

    def rank(command: OpenCommand) -> bytes:
        return hashlib.blake2b(f"{seed}{command.key}".encode(), digest_size=8).digest()

    return lambda commands: min(range(len(commands)), key=lambda place: rank(commands[place]))


def began(document: JsonObject, seed: int, parallel_nodes: int = 1000) -> Driver:
    """A started execution with a fixed schedule."""
    limits = replace(ROOMY, parallel_nodes=parallel_nodes)
    return Driver(plan_of(document), limits=limits, choose=by_hash(seed)).start({"order": 7})


def ends(journal: Sequence[Event]) -> list[StepKey]:
    """The steps whose outcomes the journal tells of."""
    return [event.key for event in journal if isinstance(event, StepCompleted | StepFailed)]


def assert_goes_on(whole: Driver, after: int) -> None:
    """A crash after so many events changes neither what happens nor how it ends."""
    again = whole.crashed(after).work()
    assert whole.journal == again.journal
    assert (whole.finish, whole.variables) == (again.finish, again.variables)
    assert not {*ends(whole.journal[:after])} & {*again.asked}


@thorough
@given(documents(), st.integers(0, 5))
def test_an_execution_ends_the_same_after_a_crash_at_any_point(document: JsonObject, seed: int) -> None:
    """After every prefix of the journal: same events, same end, same variables, and no step runs again."""
    whole = began(document, seed).work()
    for after in range(1, len(whole.journal) + 1):
        assert_goes_on(whole, after)


@thorough
@given(documents(WITHOUT_RETRIES), st.integers(0, 5), st.integers(1, 3))
def test_steps_that_ended_out_of_order_are_replayed_with_few_slots(document: JsonObject, seed: int, slots: int) -> None:
    """In a replay no slots are given out, so the journal's order fits whatever was under way at once."""
    whole = began(document, seed, slots).work()
    for after in range(1, len(whole.journal) + 1):
        assert_goes_on(whole, after)


@thorough
@given(documents(), st.integers(0, 5), st.integers(1, 3))
def test_the_limit_of_operations_never_ends_an_execution_earlier_after_a_crash(
    document: JsonObject, seed: int, slots: int
) -> None:
    """With as many operations as it took, it completes after any crash as well."""
    whole = began(document, seed, slots).work()
    limits = replace(whole.execution.limits, total_operations=whole.execution.operations)
    whole.execution.limits = limits
    for after in range(1, len(whole.journal) + 1):
        again = whole.crashed(after).work()
        assert (again.finish.error or {}).get("code") != "LIMIT_TOTAL_OPERATIONS"


@thorough
@given(documents(), st.integers(0, 5))
def test_no_outcome_is_recorded_twice(document: JsonObject, seed: int) -> None:
    """Every step of every attempt ends once."""
    whole = began(document, seed, 3).work()
    assert [] == [key for key, times in Counter(ends(whole.journal)).items() if times > 1]


@thorough
@given(documents(), st.integers(0, 5))
def test_the_same_events_give_the_same_commands(document: JsonObject, seed: int) -> None:
    """Nothing but the events decides what comes next."""
    first, second = began(document, seed, 2).work(), began(document, seed, 2).work()
    assert (first.told, first.commands) == (second.told, second.commands)


@thorough
@given(documents(), st.integers(0, 5))
def test_a_whole_journal_leaves_nothing_to_do(document: JsonObject, seed: int) -> None:
    """The end follows from the journal, even when it was not recorded."""
    whole = began(document, seed).work()
    again = whole.crashed(len(whole.journal))
    assert (whole.finish, {}) == (again.finish, again.execution.open)
    assert [whole.finish] == again.execution.outstanding()


@thorough
@given(documents(), st.integers(0, 5))
def test_an_execution_never_changes_what_the_journal_was_told(document: JsonObject, seed: int) -> None:
    """Values of the journal are shared with the execution, and replaying them does not write to them."""
    whole = began(document, seed).work()
    before = copy.deepcopy(whole.journal)
    whole.crashed(len(whole.journal) // 2 + 1).work()
    assert before == whole.journal


def test_a_step_that_never_got_its_turn_is_not_counted_by_a_replay() -> None:
    """A retry held the only slot until the step was given up; the journal knows nothing of slots."""
    failing = node("x", "test.fail", times=1, retry={"max_attempts": 2})
    nodes = [start(), failing, value("y"), value("z"), node("first", "flow.merge", mode="any")]
    plan = plan_of(workflow(nodes, "start -> x -> first", "start -> y -> z -> first"))
    driver = Driver(plan, limits=replace(ROOMY, parallel_nodes=1, total_operations=5)).start().work(2)
    driver.tell(RetryDue(StepKey("x", "", 2)))
    assert ["start", "y", "x", "first"] == driver.work().ran()
    for after in range(1, len(driver.journal) + 1):
        assert "completed" == driver.crashed(after).work().status


class TestUnsafeSteps:
    """Steps whose start was recorded, and whose outcome was not."""

    def begun(self) -> Execution:
        """An execution in which `a` was about to run."""
        execution = Execution(plan_of(workflow([start(), value("a"), value("b")], "start -> a -> b")))
        execution.advance(STARTED)
        return execution

    def test_a_step_that_had_begun_is_marked(self) -> None:
        """Whether it had its effect is not known."""
        execution = self.begun()
        execution.replay([StepCompleted(StepKey("start", "", 1), Outcome.of(1)), StepStarted(StepKey("a", "", 1))])
        assert [("a", True)] == [(run.key.node_id, run.unknown) for run in execution.outstanding()]  # type: ignore[union-attr]

    def test_a_second_attempt_that_had_begun_is_marked_too(self) -> None:
        """That its time had come was not recorded, but its start was."""
        document = workflow([start(), node("a", "test.fail", retry={"max_attempts": 3})], "start -> a")
        execution = Execution(plan_of(document))
        execution.advance(STARTED)
        key = StepKey("a", "", 1)
        failed = StepFailed(key, {"code": "X"}, retry_at=7.0)
        again = StepStarted(StepKey("a", "", 2))
        execution.replay([StepCompleted(StepKey("start", "", 1), Outcome.of(1)), failed, again])
        (command,) = execution.outstanding()
        assert isinstance(command, Run)
        assert (again.key, True) == (command.key, command.unknown)

    def test_a_step_that_only_became_ready_is_not_marked(self) -> None:
        """It was never begun, so it simply runs."""
        execution = self.begun()
        execution.replay([StepCompleted(StepKey("start", "", 1), Outcome.of(1))])
        assert [("a", False)] == [(run.key.node_id, run.unknown) for run in execution.outstanding()]  # type: ignore[union-attr]

    def test_a_step_that_a_person_cleared_runs_as_if_it_had_not_begun(self) -> None:
        """Its outcome was not known, and somebody decided that it may run again."""
        execution = self.begun()
        key = StepKey("a", "", 1)
        execution.replay([StepCompleted(StepKey("start", "", 1), Outcome.of(1)), StepStarted(key), StepCleared(key)])
        assert [("a", False)] == [(run.key.node_id, run.unknown) for run in execution.outstanding()]  # type: ignore[union-attr]
        execution.advance(StepStarted(key))
        assert ["b"] == [run.key.node_id for run in execution.advance(StepCompleted(key, Outcome.of(1)))]  # type: ignore[union-attr]

    def test_an_answer_that_does_not_fit_fails_the_step(self) -> None:
        """Nobody checked the port that a person named; the node's policy decides where it goes on."""
        document = workflow([start(), value("a", on_error="branch"), value("b")], "start -> a", "a.error -> b")
        execution = Execution(plan_of(document))
        execution.advance(STARTED)
        key = StepKey("a", "", 1)
        execution.replay(
            [StepCompleted(DONE_STEP, Outcome.of(1)), StepStarted(key), StepCompleted(key, Outcome.to("nowhere", 1))]
        )
        (command,) = execution.outstanding()
        assert isinstance(command, Run)
        assert ("b", "ANSWER_UNFIT") == (command.key.node_id, command.arrivals[0].value["error"]["code"])  # type: ignore[index, call-overload]

    @pytest.mark.parametrize("failed", [True, False])
    def test_an_answer_to_what_nobody_wants_any_more_changes_nothing(self, *, failed: bool) -> None:
        """The answer to another question, given at the same time, has settled it."""
        nodes = [start(), value("a"), value("b"), node("first", "flow.merge", mode="any")]
        document = workflow(nodes, "start -> a -> first", "start -> b -> first")
        execution = Execution(plan_of(document))
        execution.advance(STARTED)
        one, other = StepKey("a", "", 1), StepKey("b", "", 1)
        late = StepFailed(other, {"code": "X"}, None) if failed else StepCompleted(other, Outcome.of(2))
        begun: list[Event] = [StepCompleted(DONE_STEP, Outcome.of(1)), StepStarted(one), StepStarted(other)]
        execution.replay([*begun, StepCompleted(one, Outcome.of(1)), late])
        assert ["first"] == [run.key.node_id for run in execution.outstanding()]  # type: ignore[union-attr]


class TestOtherSettings:
    """A journal is taken up by a process with other retries and other limits than the one that wrote it."""

    def taken_up(self, driver: Driver, events: int, limits: Limits = ROOMY) -> Driver:
        """The same execution after so many events, by a process that retries nothing of its own accord."""
        return Driver(driver.plan, limits=limits).replay(driver.journal[:events], driver.times[:events])

    def test_a_retry_that_was_decided_takes_place(self) -> None:
        """Its time is the recorded one."""
        nodes = [start(), node("bad", "test.fail", times=1), value("next")]
        plan = plan_of(workflow(nodes, "start -> bad -> next"))
        driver = Driver(plan, default_retry=RetryPolicy(4)).start(5).work()
        events = len(driver.journal)
        assert ("completed", 5) == (driver.status, driver.output)
        outcomes = [self.taken_up(driver, count).work().output for count in range(3, events + 1)]
        assert [5] * len(outcomes) == outcomes

    @pytest.mark.parametrize(
        "loop", [node("l", "loop.foreach", items=[1, 2, 3]), node("l", "loop.while", condition="index < 3")]
    )
    def test_a_loop_that_was_allowed_goes_on(self, loop: JsonObject) -> None:
        """What it had come to is not judged again."""
        driver = Driver(plan_of(workflow([start(), loop, value("v", 7)], "start -> l.body -> v"))).start().work()
        narrow = replace(ROOMY, loop_iterations=2, loop_depth=0)
        other = self.taken_up(driver, len(driver.journal) - 1, narrow)
        assert ("completed", driver.output) == (other.work().status, other.output)

    @pytest.mark.parametrize(
        "loop", [node("l", "loop.foreach", items=[1, 2, 3]), node("l", "loop.while", condition="true")]
    )
    def test_a_limit_that_was_reached_is_reached_again(self, loop: JsonObject) -> None:
        """If the process died before it could record the end."""
        narrow = replace(ROOMY, loop_iterations=2)
        plan = plan_of(workflow([start(), loop, value("v", 7)], "start -> l.body -> v"))
        driver = Driver(plan, limits=narrow).start().work()
        other = self.taken_up(driver, len(driver.journal), narrow)
        assert ("LIMIT_LOOP_ITERATIONS", driver.finish) == (driver.error_code, other.execution.finished)


DONE_STEP = StepKey("start", "", 1)
LOOPING = StepKey("each", "", 1)


@pytest.mark.parametrize(
    "event",
    [
        STARTED,
        ExecutionStarted("each", None, {}),
        StepStarted(DONE_STEP),
        StepCompleted(DONE_STEP, Outcome.of(1)),
        StepFailed(DONE_STEP, {}, retry_at=2.0),
        StepWaiting(DONE_STEP, 5.0, None),
        LoopOpened(DONE_STEP, OpenLoop([1])),
        RoundDecided(LOOPING, again=True),
        StepCompleted(StepKey("a", "each:0", 1), Outcome.of(1)),
        StepCompleted(StepKey("nobody", "", 1), Outcome.of(1)),
        StepCompleted(StepKey("each", "", 2), Outcome.of(1)),
    ],
)
def test_an_event_that_cannot_have_happened_is_refused_and_changes_nothing(event: Event) -> None:
    """Twice the same outcome, another kind of step, a step that is not under way: the execution stays as it was."""
    document = workflow([start(), node("each", "loop.foreach", items=[1, 2]), value("a")], "start -> each.body -> a")
    driver = Driver(plan_of(document)).start().work(1)
    before = (dict(driver.execution.open), driver.execution.operations, dict(driver.execution.runs))
    with pytest.raises(JournalMismatch):
        driver.execution.advance(event)
    assert before == (driver.execution.open, driver.execution.operations, driver.execution.runs)
    assert driver.work().output == [1, 2]


def test_an_event_after_the_end_changes_nothing() -> None:
    """A terminal status is final."""
    driver = run(workflow([start()]), 5)
    end = driver.finish
    assert driver.execution.advance(StepCompleted(DONE_STEP, Outcome.of(9))) == ()
    assert (driver.execution.fail({"code": "LATE"}), driver.finish) == ([], end)


def test_the_time_of_a_retry_that_comes_twice_counts_once() -> None:
    """A timer may fire late, or for a step that was cancelled."""
    document = workflow([start(), node("a", "test.fail", retry={"max_attempts": 2})], "start -> a")
    driver = Driver(plan_of(document)).start().work(2)
    key = StepKey("a", "", 2)
    assert [key] == [command.key for command in driver.execution.advance(RetryDue(key))]  # type: ignore[union-attr]
    assert () == tuple(driver.execution.advance(RetryDue(key)))
    assert [key] == list(driver.execution.open)
