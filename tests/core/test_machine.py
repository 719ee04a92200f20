"""Any order of events, sensible or not: the state machine keeps its own account right and ends exactly once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.core.drawings import documents
from tests.core.driver import ROOMY, Driver, plan_of

from wingbeat.core.commands import Ask, Cancel, Fail, Finish, Load, OpenCommand, Record, Retry, Run, Sleep, Spill
from wingbeat.core.errors import StepError
from wingbeat.core.events import Event, RoundDecided, StepCompleted, StepFailed, StepStarted, StepWaiting
from wingbeat.core.json_value import JsonObject
from wingbeat.core.node_kind import Role
from wingbeat.core.refusals import JournalMismatch
from wingbeat.core.scope import Scope


class Machine(RuleBasedStateMachine):
    """Does what a worker might do, in any order, and what a broken one might do."""

    @initialize(document=documents(), slots=st.integers(1, 4))
    def begin(self, document: JsonObject, slots: int) -> None:
        """Start a random workflow."""
        limits = replace(ROOMY, parallel_nodes=slots, total_operations=300)
        self.driver = Driver(plan_of(document), limits=limits).start({"order": 7})

    def running(self) -> bool:
        """Whether anything can still happen."""
        return self.driver.execution.finished is None

    def pick(self, place: int, *kinds: type) -> OpenCommand | None:
        """One of the open commands of these kinds."""
        found = [command for command in self.driver.execution.open.values() if isinstance(command, kinds)]
        return found[place % len(found)] if found else None

    @precondition(running)
    @rule(place=st.integers(0, 50))
    def carry_out(self, place: int) -> None:
        """Do what is asked for, in any order."""
        command = self.pick(place, Run, Ask, Record, Fail, Spill, Load, Sleep, Retry)
        if command is not None:
            self.driver.carry_out(command)

    @precondition(running)
    @rule(place=st.integers(0, 50), retryable=st.booleans())
    def fail(self, place: int, *, retryable: bool) -> None:
        """Any step may fail, a loop that is asked or is through included."""
        command = self.pick(place, Run, Ask, Record, Spill, Load, Sleep)
        if command is not None:
            self.driver.fail(command.key, StepError("Broken.", code="BROKEN", retryable=retryable))

    @precondition(running)
    @rule(place=st.integers(0, 50), seconds=st.integers(0, 5))
    def wait(self, place: int, seconds: int) -> None:
        """Any step may suspend."""
        command = self.pick(place, Run)
        if command is not None and command.node.role is Role.STEP:
            self.driver.tell(StepWaiting(command.key, self.driver.now + seconds, "later"))

    @precondition(running)
    @rule(place=st.integers(0, 50), again=st.booleans(), until=st.none() | st.integers(2000, 2005))
    def wait_for_outside(self, place: int, until: int | None, *, again: bool) -> None:
        """Any step may wait for something from outside, and after that for something else."""
        command = self.pick(place, Sleep if again else Run)
        if command is None or command.node.role is not Role.STEP:
            return
        event = StepWaiting(command.key, until, None, "wait")
        if isinstance(command, Sleep) and command.wait is None:
            with pytest.raises(JournalMismatch):
                self.driver.execution.advance(event)
        else:
            self.driver.tell(event)

    @precondition(running)
    @rule(place=st.integers(0, 50))
    def say_that_it_begins(self, place: int) -> None:
        """The start of an unsafe step is recorded."""
        command = self.pick(place, Run)
        if command is not None:
            self.driver.tell(StepStarted(command.key))

    @rule()
    def crash(self) -> None:
        """Another process takes up what is recorded."""
        self.driver = self.driver.crashed(len(self.driver.journal))

    @rule(place=st.integers(0, 500))
    def tell_again(self, place: int) -> None:
        """An event that was taken in already is refused or ignored."""
        closing = (StepCompleted, StepFailed, RoundDecided)
        events: list[Event] = [event for event in self.driver.journal if isinstance(event, closing)]
        if not events:
            return
        before = self.account()
        try:
            commands = self.driver.execution.advance(events[place % len(events)])
        except JournalMismatch:
            commands = ()
        assert (before, ()) == (self.account(), commands)

    def account(self) -> object:
        """Everything that an event could change."""
        execution = self.driver.execution
        counts = (execution.operations, execution._agenda.in_flight, dict(execution.runs), dict(execution.failures))
        return counts, dict(execution.open), list(execution._agenda.ready), execution.finished

    def scopes(self) -> set[Scope]:
        """Every scope that something may still happen in."""
        execution = self.driver.execution
        found: set[Scope] = {execution.root}
        for command in (*execution.open.values(), *execution._agenda.ready.values()):
            scope: Scope | None = command.scope
            while scope is not None:
                found.add(scope)
                scope = scope.parent
        return found

    @invariant()
    def every_live_node_is_undecided(self) -> None:
        """Each scope counts exactly the nodes that are not decided yet, and none is over that has some left."""
        if self.running():
            for scope in self.scopes():
                assert scope.live == sum(left >= 0 for left in scope.waiting) > 0

    @invariant()
    def slots_are_counted_right(self) -> None:
        """As many steps are in flight as are open, and never more than are allowed."""
        execution = self.driver.execution
        busy = sum(isinstance(command, Run | Ask) for command in execution.open.values())
        assert busy == execution._agenda.in_flight <= execution.limits.parallel_nodes

    @invariant()
    def something_is_to_be_done_until_the_end(self) -> None:
        """An execution that has not ended never stands still."""
        execution = self.driver.execution
        assert bool(execution.open) is self.running()

    @invariant()
    def it_ends_once(self) -> None:
        """One finish when it is over, none before."""
        ends = [command for command in self.driver.commands if isinstance(command, Finish)]
        assert ends == ([] if self.running() else [self.driver.finish])

    @invariant()
    def nothing_is_asked_for_that_was_cancelled(self) -> None:
        """A cancelled step is not open any more."""
        cancelled = {key for one in self.driver.commands if isinstance(one, Cancel) for key in one.keys}
        assert not cancelled & {*self.driver.execution.open}

    def teardown(self) -> None:
        """However far it came, it comes to its end."""
        if hasattr(self, "driver"):
            self.driver.work()
            assert self.driver.execution.finished is not None


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
