"""Runs a node's examples the way the engine would run the node, for the tests of node types, ours and others'."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wingbeat.core.errors import StepError, WingbeatError
from wingbeat.core.outcome import End, OpenLoop, Outcome, Result, Round, Wait
from wingbeat.sdk.context import Arrival

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wingbeat.core.json_value import Json
    from wingbeat.sdk.context import Http
    from wingbeat.sdk.node_type import Example, NodeType
    from wingbeat.sdk.parameters import Prepared

FROZEN_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass
class ExampleNames:
    """The names that an example says are there."""

    names: Mapping[str, Json]
    outputs: Mapping[str, Json]

    def name(self, name: str) -> Json:
        """Raise `KeyError` when the example does not give it."""
        return self.names[name]

    def node(self, node_id: str) -> Json:
        """Raise `KeyError` when the example does not give it."""
        return self.outputs[node_id]

    def known(self) -> Iterable[str]:
        """Every name that the example gives."""
        return self.names


@dataclass
class ExampleContext:
    """A context without a world: no network unless the test brings one."""

    input: Json = None
    arrivals: Sequence[Arrival] = ()
    client: Http | None = None
    lines: list[str] = field(default_factory=list)
    execution_id: str = "00000000-0000-7000-8000-000000000000"
    workflow_id: str = "00000000-0000-7000-8000-000000000001"
    node_id: str = "example"
    scope: str = ""
    attempt: int = 1
    idempotency_key: str = "example"
    now: datetime = FROZEN_NOW

    @property
    def http(self) -> Http:
        """The client that the test brought."""
        if self.client is None:
            raise StepError("An example has no network.", code="NO_NETWORK")
        return self.client

    def log(self, message: str, **fields: Json) -> None:
        """Keep the line."""
        self.lines.append(message if not fields else f"{message} {fields}")


def run_example(node_type: NodeType, example: Example, *, context: ExampleContext | None = None) -> Result:
    """Run one example; raises what the node raises.

    Raises:
        AssertionError: when the example's own parameters do not pass the node's checks.
    """
    reading = node_type.read(dict(example.parameters))
    assert not reading.problems, reading.problems
    names = {"input": example.input, "trigger": example.trigger, "now": FROZEN_NOW.isoformat(), **example.variables}
    prepared: Prepared = reading.prepared  # type: ignore[assignment] # what this very node type prepared
    parameters = prepared.resolve(ExampleNames(names, example.nodes))
    seen = context or ExampleContext(input=example.input, arrivals=(Arrival("before", "out", example.input),))
    result = node_type.run(parameters, seen)
    if not inspect.isawaitable(result):
        return result

    async def wait() -> Result:
        return await result

    return asyncio.run(wait())


def outcome_of(result: Result) -> dict[str, Any]:
    """What `Example.expect` is compared with: the value of every taken port, or the shape of another result."""
    match result:
        case Outcome(output=output, ports=ports, split=True):
            assert isinstance(output, dict)
            return {port: output[port] for port in ports}
        case Outcome(output=output, ports=ports):
            return dict.fromkeys(ports, output)
        case OpenLoop(items=items):
            return {"body": items}
        case Wait(output=output):
            return {"out": output}
        case End(output=output):
            return {"end": output}
        case Round(again=again):
            return {"again": again}


def check_example(node_type: NodeType, example: Example) -> None:
    """Assert that the example does what it says."""
    if example.expect_error is None:
        assert example.expect == outcome_of(run_example(node_type, example))
        return
    try:
        result = run_example(node_type, example)
    except WingbeatError as error:
        assert example.expect_error == error.code  # noqa: PT017 - the helper is not a test, and pytest is not at hand here
    else:
        raise AssertionError(f"{example.title}: expected {example.expect_error}, got {result}")
