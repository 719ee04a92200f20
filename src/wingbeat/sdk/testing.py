"""Runs a node's examples the way the engine would run the node, for the tests of node types, ours and others'."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from wingbeat.core.errors import StepError, WingbeatError
from wingbeat.core.outcome import Await, End, OpenLoop, Outcome, Result, Round, Wait
from wingbeat.sdk.context import Arrival, HttpResponse, HttpStream, Upload
from wingbeat.sdk.waits import Signal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence

    from wingbeat.core.json_value import Json
    from wingbeat.sdk.context import Http
    from wingbeat.sdk.node_type import Example, NodeType
    from wingbeat.sdk.prepare import Prepared
    from wingbeat.sdk.tool import Tool

T = TypeVar("T")
FROZEN_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass
class ExampleNames:
    """The names that an example says are there."""

    names: Mapping[str, Json]
    outputs: Mapping[str, Json] = field(default_factory=dict)

    def name(self, name: str) -> Json:
        """Raise `KeyError` when the example does not give it."""
        return self.names[name]

    def node(self, node_id: str) -> Json:
        """Raise `KeyError` when the example does not give it."""
        return self.outputs[node_id]

    def known(self) -> Iterable[str]:
        """Every name that the example gives."""
        return self.names


@dataclass(frozen=True)
class SentRequest:
    """What a node sent in an example."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    content: bytes | None
    connection: str | None = None


class ExampleHttp:
    """Gives the answers that an example holds, in order, and keeps what was sent."""

    def __init__(self, answers: Sequence[HttpResponse] = ()) -> None:
        self.answers = deque(answers)
        self.sent: list[SentRequest] = []

    async def send(  # noqa: PLR0913 - the signature of the real one
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Sequence[tuple[str, str]] = (),
        content: bytes | Upload | None = None,
        timeout_seconds: float = 30.0,
        follow_redirects: bool = True,
        connection: str | None = None,
    ) -> HttpResponse:
        """Give the next answer; raises `StepError` when the example holds no more."""
        del timeout_seconds, follow_redirects
        if isinstance(content, Upload):
            whole = b"".join([chunk async for chunk in content.open()])
            assert content.size == len(whole), "the upload is not as long as it says"
            content = whole
        self.sent.append(SentRequest(method, url, headers or {}, query, content, connection))
        if not self.answers:
            raise StepError("An example has no network.", code="NO_NETWORK", remedy="Give the example `answers`.")
        return self.answers.popleft()

    @asynccontextmanager
    async def stream(self, method: str, url: str, **parts: Any) -> AsyncIterator[HttpStream]:  # noqa: ANN401 - of `send`
        """Give the next answer in parts of one byte."""
        answer = await self.send(method, url, **parts)

        async def chunks() -> AsyncIterator[bytes]:
            for place in range(len(answer.body)):
                yield answer.body[place : place + 1]

        yield HttpStream(answer.status, answer.headers, chunks(), answer.url, answer.redirected)


@dataclass
class ExampleContext:
    """A context without a world: no network unless the test brings one."""

    input: Json = None
    arrivals: Sequence[Arrival] = ()
    http: Http = field(default_factory=ExampleHttp)
    lines: list[str] = field(default_factory=list)
    execution_id: str = "00000000-0000-7000-8000-000000000000"
    workflow_id: str = "00000000-0000-7000-8000-000000000001"
    node_id: str = "example"
    scope: str = ""
    attempt: int = 1
    idempotency_key: str = "example"
    now: datetime = FROZEN_NOW
    world: Mapping[str, Any] = field(default_factory=dict)
    tools: dict[str, object] = field(default_factory=dict)

    def use(self, tool: Tool[T]) -> T:
        """The tool's stand-in, the same each time, made of what the world holds for it; or one that the test put in."""
        if tool.name not in self.tools:
            self.tools[tool.name] = tool.example(self.world.get(tool.name))
        return cast("T", self.tools[tool.name])

    def log(self, message: str, **fields: Json) -> None:
        """Keep the line."""
        self.lines.append(message if not fields else f"{message} {fields}")


def context_of(example: Example) -> ExampleContext:
    """The context that the example describes."""
    arrivals = example.arrivals or (Arrival("before", "out", example.input),)
    several = {arrival.node_id: arrival.value for arrival in arrivals}
    seen = example.input if len(arrivals) == 1 else several
    return ExampleContext(input=seen, arrivals=arrivals, http=ExampleHttp(example.answers), world=example.world)


def run_example(
    node_type: NodeType, example: Example, *, context: ExampleContext | None = None, rehearse: bool = False
) -> Result:
    """Run one example, or rehearse it; raises what the node raises.

    Where the step then waits, `Example.world["signal"]` is what comes: `{"resolved": value}`, or `{"expired": true}`.

    Raises:
        AssertionError: when the example's own parameters do not pass the node's checks.
    """
    seen = context or context_of(example)
    reading = node_type.read(dict(example.parameters))
    if reading.problems:
        raise AssertionError(f"{example.title}: {reading.problems}")
    names = {"input": seen.input, "trigger": example.trigger, "now": FROZEN_NOW.isoformat(), **example.variables}
    prepared = cast("Prepared", reading.prepared)
    parameters = prepared.resolve(ExampleNames(names, example.nodes))
    run = node_type.rehearse if rehearse and node_type.rehearse else node_type.run
    result = _now(run(parameters, seen))
    for signal in _signals(example):
        if isinstance(result, Await) and node_type.resume is not None:
            result = _now(node_type.resume(parameters, seen, signal))
    return result


def _now(result: Result | Awaitable[Result]) -> Result:
    return asyncio.run(_wait_for(result)) if inspect.isawaitable(result) else result


def _signals(example: Example) -> list[Signal]:
    """What comes for the waits of an example, one after the other."""
    given = example.world.get("signal", [])
    return [
        Signal("resolved", one["resolved"], one.get("opening"))
        if "resolved" in one
        else Signal("expired", None, one.get("opening"))
        for one in (given if isinstance(given, list) else [given])
    ]


async def _wait_for(result: Awaitable[Result]) -> Result:
    return await result


def outcome_of(result: Result) -> dict[str, Any]:
    """What `Example.expect` is compared with: the value of every taken port, or the shape of another result."""
    match result:
        case Outcome(output=output, ports=ports, split=split):
            return {port: output[port] if split and isinstance(output, dict) else output for port in ports}
        case OpenLoop(items=items, stream=stream):
            return {"body": items if stream is None else stream}
        case Wait(output=output):
            return {"out": output}
        case Await(until=until):
            return {"until": until}
        case End(output=output, error=error):
            return {"end": output if error is None else error}
        case Round(again=again):
            return {"again": again}


def check_example(node_type: NodeType, example: Example, *, tools: Mapping[str, object] | None = None) -> None:
    """Raise `AssertionError` unless the example does what it says; `tools` take the place of stand-ins."""
    context = context_of(example)
    context.tools.update(tools or {})
    try:
        came = outcome_of(run_example(node_type, example, context=context))
    except WingbeatError as error:
        if example.expect_error != error.code:
            raise AssertionError(f"{example.title}: expected {example.expect_error}, got {error.code}") from error
        return
    if example.expect_error is not None:
        raise AssertionError(f"{example.title}: expected the error {example.expect_error}, got {came}")
    if example.expect != came:
        raise AssertionError(f"{example.title}: expected {example.expect}, got {came}")
