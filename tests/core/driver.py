"""Runs executions in memory: carries out what the state machine asks for, and keeps the journal that a worker would."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from wingbeat.bootstrap import discover_node_types
from wingbeat.core.commands import Ask, Cancel, Command, Finish, OpenCommand, Record, Retry, Run, Sleep
from wingbeat.core.document import parse_workflow
from wingbeat.core.errors import StepError, WingbeatError
from wingbeat.core.events import (
    Event,
    ExecutionStarted,
    LoopOpened,
    RetryDue,
    RoundDecided,
    StepCompleted,
    StepFailed,
    StepKey,
    StepWaiting,
)
from wingbeat.core.execution import COMPLETED_PORT, FAILED_PORT, Execution
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.limits import Limits
from wingbeat.core.outcome import End, OpenLoop, Outcome, Round, Wait
from wingbeat.core.plan import Plan, make_plan
from wingbeat.core.retry import NO_RETRY, RetryPolicy
from wingbeat.core.scope import StepNames, input_of
from wingbeat.sdk import Arrival, Example, NodeType, Parameters
from wingbeat.sdk.prepare import Prepared

Choose = Callable[[Sequence[OpenCommand]], int]
ROOMY = Limits(loop_iterations=1_000_000, total_operations=10_000_000, loop_depth=100, parallel_nodes=1000)


class Failing(Parameters):
    """How often a step fails before it works."""

    times: int = 1_000_000
    retryable: bool = True


def _fail(parameters: Failing, context: StepContext) -> Outcome:
    if context.attempt <= parameters.times:
        raise StepError("It does not work.", code="TEST_FAILURE", retryable=parameters.retryable)
    return Outcome.of(context.input)


FAILING = NodeType(
    type="test.fail", title="Fail", help="Fails.", parameters=Failing, run=_fail, examples=(Example("fails", {}),)
)
CATALOG: Mapping[str, NodeType] = {**discover_node_types().types, FAILING.type: FAILING}


@dataclass
class StepContext:
    """What a node sees of its run."""

    command: Run | Ask
    input: Json
    now: datetime
    attempt: int
    arrivals: Sequence[Arrival] = ()
    lines: list[str] = field(default_factory=list)

    def log(self, message: str, **fields: Json) -> None:
        """Keep a line."""
        self.lines.append(f"{message} {fields}")


def in_order(_open: Sequence[OpenCommand]) -> int:
    """Carry out what was asked for first."""
    return 0


class Driver:
    """One execution. `work` goes on to the end, or as far as it is told; a new one can go on from any piece of `journal`.

    `choose` picks which of the steps that are under way ends next.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        limits: Limits = ROOMY,
        default_retry: RetryPolicy = NO_RETRY,
        choose: Choose = in_order,
        identity: str = "execution",
    ) -> None:
        self.plan = plan
        self.execution = Execution(plan, identity=identity, limits=limits, default_retry=default_retry)
        self.journal: list[Event] = []
        self.asked: list[StepKey] = []
        self.commands: list[Command] = []
        self.now = 1_000.0
        self._choose = choose
        self._to_do: list[OpenCommand] = []

    # The beginning.

    def start(self, data: Json = None, variables: JsonObject | None = None, trigger: str | None = None) -> Driver:
        """Fire a trigger: the one named, or the first."""
        found = self.plan.trigger(trigger)
        assert found is not None
        self._tell(ExecutionStarted(found.id, data, variables or {}))
        return self

    def replay(self, journal: Sequence[Event]) -> Driver:
        """Take up an execution from its journal, as after a crash."""
        self.journal = list(journal)
        if journal:
            self.execution.advance(journal[0])
            self.execution.replay(journal[1:])
        self._take_in(self.execution.outstanding())
        return self

    # The way.

    def work(self, events: int | None = None) -> Driver:
        """Carry out what is asked for until nothing is left, or until the journal has grown by so many events."""
        enough = None if events is None else len(self.journal) + events
        while self._to_do and self.execution.finished is None and (enough is None or len(self.journal) < enough):
            self.step()
        return self

    def step(self) -> None:
        """Carry out one thing; time passes only when nothing else is left to do."""
        self._carry_out(self._pick())

    def _pick(self) -> OpenCommand:
        busy = [command for command in self._to_do if not isinstance(command, Sleep | Retry)]
        command = busy[self._choose(busy)] if busy else min(self._to_do, key=_due)
        self._to_do.remove(command)
        return command

    def _carry_out(self, command: OpenCommand) -> None:
        key = command.key
        match command:
            case Retry(due=due):
                self.now = max(self.now, due)
                self._tell(RetryDue(key))
            case Sleep(until=until, outcome=outcome):
                self.now = max(self.now, until)
                self._complete(key, outcome)
            case Record(outcome=outcome):
                self._complete(key, outcome)
            case Run() | Ask():
                self.asked.append(key)
                self._run(command)

    def _run(self, command: Run | Ask) -> None:
        key = command.key
        try:
            result = self._result_of(command)
        except WingbeatError as error:
            self.fail(key, error)
            return
        match result:
            case Outcome():
                self._complete(key, result)
            case Wait(until=until, output=output):
                self._tell(StepWaiting(key, until, output))
            case OpenLoop():
                self._tell(LoopOpened(key, result))
            case Round(again=again):
                self._tell(RoundDecided(key, again))
            case End(output=output, failed=failed, message=message):
                value: Json = {"message": message, "output": output} if failed and message else output
                self._complete(key, Outcome(value, (FAILED_PORT if failed else COMPLETED_PORT,)))

    def _result_of(self, command: Run | Ask) -> object:
        kind = cast("NodeType", command.node.kind)
        given = self.execution.trigger_data if command.node.incoming == 0 else input_of(command.arrivals)
        arrivals = tuple(Arrival(one.node_id, one.port, one.value) for one in command.arrivals)
        moment = datetime.fromtimestamp(self.now, UTC)
        context: Any = StepContext(command, given, moment, command.key.attempt, arrivals)
        facts: JsonObject = {"trigger": self.execution.trigger_data, "execution": {}, "workflow": {}}
        names = StepNames(command.scope, given, facts, self.now)
        parameters = cast("Prepared", command.node.reading.prepared).resolve(names)
        if isinstance(command, Ask):
            assert kind.again is not None
            return Round(kind.again(parameters, context))
        return kind.run(parameters, context)

    def _complete(self, key: StepKey, outcome: Outcome) -> None:
        try:
            self._tell(StepCompleted(key, outcome, len(self.journal)))
        except StepError as error:
            self.fail(key, error)

    def fail(self, key: StepKey, error: WingbeatError) -> None:
        """Let a step fail."""
        retryable = isinstance(error, StepError) and error.retryable
        self._tell(StepFailed(key, {**error.to_json(), "node": key.node_id}, retryable, self.now, len(self.journal)))

    def _tell(self, event: Event) -> None:
        commands = self.execution.advance(event)
        if not isinstance(event, RetryDue):
            self.journal.append(copy.deepcopy(event))
        self._take_in(commands)

    def _take_in(self, commands: Sequence[Command]) -> None:
        self.commands.extend(commands)
        for command in commands:
            if isinstance(command, Cancel):
                cancelled = set(command.keys)
                self._to_do = [open_ for open_ in self._to_do if open_.key not in cancelled]
            elif not isinstance(command, Finish):
                self._to_do.append(command)

    # The end.

    @property
    def finish(self) -> Finish:
        """How it ended."""
        assert self.execution.finished is not None
        return self.execution.finished

    @property
    def status(self) -> str:
        """The status at the end."""
        return self.finish.status.value

    @property
    def output(self) -> Json:
        """The output of an execution that completed; of another one, the error shows."""
        assert self.finish.error is None, self.finish.error
        return self.finish.output

    @property
    def error_code(self) -> Json:
        """The code of the error that ended it."""
        assert self.finish.error is not None
        return self.finish.error["code"]

    @property
    def variables(self) -> JsonObject:
        """The execution's variables as they are."""
        return self.execution.root.variables

    def ran(self) -> list[str]:
        """The ids of the nodes that ran, in the order in which they first came to an outcome."""
        return list(self.execution.runs)


def _due(command: OpenCommand) -> float:
    match command:
        case Sleep(until=until):
            return until
        case Retry(due=due):
            return due
    raise AssertionError(command)


# Short ways to write a workflow.


def node(identifier: str, kind: str, **fields: Json) -> JsonObject:
    """A node; fields that are not a node's own are its parameters."""
    own = {"on_error", "retry", "disabled", "timeout_seconds", "on_unknown", "name"}
    parameters = {name: value for name, value in fields.items() if name not in own}
    return {
        "id": identifier,
        "type": kind,
        "parameters": parameters,
        **{name: value for name, value in fields.items() if name in own},
    }


def start(identifier: str = "start") -> JsonObject:
    """A manual trigger."""
    return node(identifier, "trigger.manual")


def value(identifier: str, made: Json = "{{ input }}", **fields: Json) -> JsonObject:
    """A node that gives a value: its input, unless told otherwise."""
    return node(identifier, "data.transform", value=made, **fields)


def workflow(nodes: Sequence[JsonObject], *ways: str, **fields: Json) -> JsonObject:
    """A document; each way is a chain of connections: `a -> b.port -> c`."""
    connections = [connection for way in ways for connection in _chain(way)]
    return {"name": "test", "nodes": list(nodes), "connections": cast("Json", connections), **fields}


def _chain(way: str) -> list[JsonObject]:
    places = [place.strip().partition(".") for place in way.split("->")]
    return [
        {"from": source, "to": target, **({"from_port": port} if port else {})}
        for (source, _, port), (target, _, _) in zip(places, places[1:], strict=False)
    ]


def plan_of(document: JsonObject) -> Plan:
    """The plan of a document; raises what is wrong with it."""
    return make_plan(parse_workflow(document), CATALOG)


def run(
    document: JsonObject,
    data: Json = None,
    *,
    variables: JsonObject | None = None,
    trigger: str | None = None,
    limits: Limits = ROOMY,
    choose: Choose = in_order,
) -> Driver:
    """Run a document to its end."""
    return Driver(plan_of(document), limits=limits, choose=choose).start(data, variables, trigger).work()
