"""Runs executions in memory: carries out what the state machine asks for, and keeps the journal that a worker would."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, cast

from wingbeat.bootstrap import discover_node_types
from wingbeat.core.arrivals import ArrivedError
from wingbeat.core.commands import (
    Ask,
    Cancel,
    Command,
    Fail,
    Finish,
    Load,
    OpenCommand,
    Record,
    Retry,
    Run,
    Sleep,
    Spill,
)
from wingbeat.core.document import parse_workflow
from wingbeat.core.endings import COMPLETED_PORT, FAILED_PORT, STOPPED_PORT
from wingbeat.core.errors import StepError, WingbeatError
from wingbeat.core.events import (
    ChunkLoaded,
    ChunkSpilled,
    Event,
    ExecutionStarted,
    LoopOpened,
    RetryDue,
    RoundDecided,
    StepCompleted,
    StepFailed,
    StepKey,
    StepStarted,
    StepWaiting,
)
from wingbeat.core.execution import Execution
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
    idempotency_key: str = ""
    lines: list[str] = field(default_factory=list)

    def log(self, message: str, **fields: Json) -> None:
        """Keep a line."""
        self.lines.append(f"{message} {fields}")


class Driver:
    """One execution. `work` goes on to the end, or as far as it is told; `crashed` takes it up from its journal.

    `choose` picks which of the steps that are under way ends next; without it, the one that was asked for first.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        limits: Limits = ROOMY,
        default_retry: RetryPolicy = NO_RETRY,
        choose: Choose | None = None,
        identity: str = "execution",
    ) -> None:
        self.plan = plan
        self.execution = Execution(plan, identity=identity, limits=limits, default_retry=default_retry)
        self.journal: list[Event] = []
        # When each event of the journal happened.
        self.times: list[float] = []
        self.asked: list[StepKey] = []
        # What was to be done, in order; of what is open only the key, since a command holds a scope.
        self.commands: list[Cancel | Finish] = []
        self.told: list[tuple[type, StepKey]] = []
        self.now = 1_000.0
        # What loops have stored; it outlives a crash.
        self.chunks: dict[tuple[StepKey, int], list[Json]] = {}
        self._identity = identity
        self._default_retry = default_retry
        self._choose = choose
        self._to_do: dict[StepKey, OpenCommand] = {}

    # The beginning.

    def start(self, data: Json = None, variables: JsonObject | None = None, trigger: str | None = None) -> Driver:
        """Fire a trigger: the one named, or the first."""
        found = self.plan.trigger(trigger)
        assert found is not None
        self.tell(ExecutionStarted(found.id, data, variables or {}))
        return self

    def crashed(self, after: int) -> Driver:
        """A new process that takes this execution up, when the old one died after so many events."""
        other = Driver(
            self.plan,
            limits=self.execution.limits,
            default_retry=self._default_retry,
            choose=self._choose,
            identity=self._identity,
        )
        other.chunks = self.chunks
        return other.replay(self.journal[:after], self.times[:after])

    def replay(self, journal: Sequence[Event], times: Sequence[float]) -> Driver:
        """Take up an execution from its journal; the first event is its start."""
        self.journal, self.times = list(journal), list(times)
        self.now = max(times)
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
        self.carry_out(self._pick())

    def _pick(self) -> OpenCommand:
        busy = (command for command in self._to_do.values() if _due(command) <= self.now)
        if self._choose is not None and (found := list(busy)):
            return found[self._choose(found)]
        return next(busy, None) or min(self._to_do.values(), key=_due)

    def carry_out(self, command: OpenCommand) -> None:
        """Do what a command asks for."""
        key = command.key
        match command:
            case Retry(due=due):
                self.now = max(self.now, due)
                self.tell(RetryDue(key))
            case Sleep(until=until, outcome=outcome):
                # One that waits for something from outside may get it at any time.
                self.now = max(self.now, until or 0.0)
                self._complete(key, outcome)
            case Record(outcome=outcome):
                self._complete(key, self._refer(command) if command.spilled else outcome)
            case Spill(loop=loop, chunk=chunk, values=values):
                self.chunks[loop.key, chunk] = copy.deepcopy(values)
                self.tell(ChunkSpilled(key))
            case Load(stream=stream, chunk=chunk):
                self._load(key, stream, chunk)
            case Fail(error=error):
                self.tell(StepFailed(key, copy.deepcopy(error), None, len(self.journal)))
            case Run() | Ask():
                self.asked.append(key)
                self._run(command)

    def _refer(self, command: Record) -> Outcome:
        counted = cast("dict[str, Any]", command.outcome.output)
        stream: JsonObject = {"id": [*command.key[:2]], "chunks": counted["stream"]["chunks"]}
        return replace(command.outcome, output={"stream": stream, "count": counted["count"]})

    def _load(self, key: StepKey, stream: JsonObject, chunk: int) -> None:
        node_id, scope = cast("dict[str, Any]", stream)["stream"]["id"]
        self.tell(ChunkLoaded(key, self.chunks[StepKey(node_id, scope, 1), chunk]))

    def stream(self, output: Json) -> list[Json]:
        """What a reference stands for."""
        told = cast("dict[str, Any]", output)
        node_id, scope = told["stream"]["id"]
        loop = StepKey(node_id, scope, 1)
        return [value for chunk in range(told["stream"]["chunks"]) for value in self.chunks[loop, chunk]]

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
                self.tell(StepWaiting(key, until, output))
            case OpenLoop():
                self.tell(LoopOpened(key, result))
            case Round(again=again):
                self.tell(RoundDecided(key, again))
            case End(error=described) if described is not None:
                self._complete(key, Outcome(described, (STOPPED_PORT,)))
            case End(output=output, failed=failed, message=message):
                value: Json = {"message": message, "output": output} if failed and message else output
                self._complete(key, Outcome(value, (FAILED_PORT if failed else COMPLETED_PORT,)))

    def _result_of(self, command: Run | Ask) -> object:
        kind = cast("NodeType", command.node.kind)
        given = self.execution.trigger_data if not command.arrivals else input_of(command.arrivals)
        arrivals = tuple(
            Arrival(one.node_id, one.port, one.value, isinstance(one, ArrivedError)) for one in command.arrivals
        )
        moment = datetime.fromtimestamp(self.now, UTC)
        own = f"{self._identity}:{command.key.node_id}:{command.key.scope}"
        context: Any = StepContext(command, given, moment, command.key.attempt, arrivals, own)
        facts: JsonObject = {"trigger": self.execution.trigger_data, "execution": {}, "workflow": {}}
        names = StepNames(command.scope, given, facts, self.now)
        prepared = command.node.reading.prepared
        assert isinstance(prepared, Prepared)
        parameters = prepared.resolve(names)
        if isinstance(command, Ask):
            assert kind.again is not None
            return Round(kind.again(parameters, context))
        return kind.run(parameters, context)

    def _complete(self, key: StepKey, outcome: Outcome) -> None:
        try:
            self.tell(StepCompleted(key, outcome, len(self.journal)))
        except StepError as error:
            self.fail(key, error)

    def fail(self, key: StepKey, error: WingbeatError) -> None:
        """Let a step fail."""
        retryable = isinstance(error, StepError) and error.retryable
        described: JsonObject = {**error.to_json(), "node": key.node_id}
        retry_at = self.execution.retry_at(key, described, retryable=retryable, at=self.now)
        self.tell(StepFailed(key, described, retry_at, len(self.journal)))

    def tell(self, event: Event) -> None:
        """Let the execution and the journal know of an event."""
        commands = self.execution.advance(event)
        if not isinstance(event, ExecutionStarted | StepStarted):
            self._to_do.pop(event.key, None)
        if not isinstance(event, RetryDue):
            self.journal.append(copy.deepcopy(event))
            self.times.append(self.now)
        self._take_in(commands)

    def _take_in(self, commands: Sequence[Command]) -> None:
        for command in commands:
            if isinstance(command, Cancel | Finish):
                self.commands.append(command)
            else:
                self.told.append((type(command), command.key))
            if isinstance(command, Cancel):
                for key in command.keys:
                    self._to_do.pop(key, None)
            elif not isinstance(command, Finish):
                self._to_do[command.key] = command

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
            return until or 0.0
        case Retry(due=due):
            return due
    return 0.0


# Short ways to write a workflow.


def node(identifier: str, kind: str, **fields: Json) -> JsonObject:
    """A node; fields that are not a node's own are its parameters."""
    own = {"on_error", "retry", "disabled", "timeout_seconds", "on_unknown"}
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
        for (source, _, port), (target, _, _) in pairwise(places)
    ]


def plan_of(document: JsonObject) -> Plan:
    """The plan of a document; raises what is wrong with it."""
    return make_plan(parse_workflow(document), CATALOG)


def run(  # noqa: PLR0913 - what differs between executions, by name
    document: JsonObject,
    data: Json = None,
    *,
    variables: JsonObject | None = None,
    trigger: str | None = None,
    limits: Limits = ROOMY,
    choose: Choose | None = None,
) -> Driver:
    """Run a document to its end."""
    return Driver(plan_of(document), limits=limits, choose=choose).start(data, variables, trigger).work()
