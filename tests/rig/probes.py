"""Node types whose behaviour a test decides while they run, and which remember how they were called."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from wingbeat.core.node_kind import Effect
from wingbeat.core.outcome import Outcome, Result
from wingbeat.sdk import Context, Example, Json, JsonObject, NodeType, Parameters, Signal, Template

Behaviour: TypeAlias = Callable[[Context], Awaitable[Result]]
Immediate: TypeAlias = Callable[[Context], Result]
Resuming: TypeAlias = Callable[[Context, Signal], Result | Awaitable[Result]]


class Probe(Parameters):
    """Which behaviour, what effect it claims to have, and a value for the test to look at."""

    name: str
    effect: str = Effect.PURE.value
    value: Template[Json] = None


class Gate:
    """A step that waits until the test opens it; `entered` counts the steps that came so far."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.entered = 0
        self._came = asyncio.Condition()

    async def __call__(self, context: Context) -> Outcome:
        """Wait at the gate."""
        async with self._came:
            self.entered += 1
            self._came.notify_all()
        await self.opened.wait()
        return Outcome.of(context.input)

    async def reached(self, times: int = 1) -> None:
        """Wait until that many steps came."""
        async with asyncio.timeout(100), self._came:
            await self._came.wait_for(lambda: self.entered >= times)


class Probes:
    """The behaviours of one test, by name: `waiting` are awaited, the others are plain functions."""

    def __init__(self) -> None:
        self.waiting: dict[str, Behaviour] = {}
        self.gates: dict[str, Gate] = {}
        self.immediate: dict[str, Immediate] = {}
        self.resuming: dict[str, Resuming] = {}
        self.calls: list[tuple[str, str, str]] = []

    def gate(self, name: str = "gate") -> Gate:
        """A new gate under that name."""
        gate = Gate()
        self.waiting[name] = self.gates[name] = gate
        return gate

    def keys(self, name: str) -> list[str]:
        """The idempotency keys under which the behaviour was called, in order."""
        return [key for called, key, _ in self.calls if called == name]

    def node_types(self) -> dict[str, NodeType]:
        """`test.waiting` and `test.immediate`, to be put beside the real ones."""
        return {
            "test.waiting": self._node_type("test.waiting", self._wait),
            "test.immediate": self._node_type("test.immediate", self._act),
        }

    def _node_type(self, name: str, run: Callable[[Probe, Context], Result | Awaitable[Result]]) -> NodeType:
        return NodeType(
            type=name,
            title=name,
            help="For tests.",
            parameters=Probe,
            run=run,
            examples=(Example("none", {"name": "x"}, expect={"out": None}),),
            effect_of=_effect_of,
            resume=self._resume,
        )

    async def _wait(self, parameters: Probe, context: Context) -> Result:
        self.calls.append((parameters.name, context.idempotency_key, context.node_id))
        return await self.waiting[parameters.name](context)

    def _resume(self, parameters: Probe, context: Context, signal: Signal) -> Result | Awaitable[Result]:
        self.calls.append((f"resume {parameters.name}", context.idempotency_key, context.node_id))
        return self.resuming[parameters.name](context, signal)

    def _act(self, parameters: Probe, context: Context) -> Result:
        self.calls.append((parameters.name, context.idempotency_key, context.node_id))
        return self.immediate[parameters.name](context)


def _effect_of(parameters: JsonObject) -> Effect:
    return Effect(str(parameters.get("effect", Effect.PURE.value)))
