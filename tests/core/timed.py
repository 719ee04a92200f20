"""Executions in which every step takes a time of its own, and workflows of which the reference knows the meaning."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st
from tests.core.drawings import LOOPS, Sketch
from tests.core.driver import ROOMY, Driver, node, start, value
from tests.core.reference import seconds_of

from wingbeat.core.commands import Ask, Command, OpenCommand, Retry, Run, Sleep
from wingbeat.core.events import StepKey
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.plan import Plan

T = TypeVar("T")
# No variables: what they come to depends on more than the graph, and other tests are about them.
KINDS = (
    *("value",) * 8,
    *("if", "any", "any", "all", "fail", "fail", "delay", "delay", "fallback", "handler", "handler", "parallel") * 2,
    *("end", "stop"),
)

# Outside of loops an error that nothing handles ends everything, so there are fewer of them.
POLICIES = ("continue", "continue", "continue", "branch", "branch", "stop")


class Timed(Driver):
    """Ends steps in the order of their times; what the engine does by itself takes none.

    When a step is due stays as it is when another process takes the execution up.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan, limits=ROOMY)
        self.due: dict[StepKey, float] = {}

    def taken_up(self, after: int) -> Timed:
        """A new process, when the old one died after so many events."""
        other = Timed(self.plan)
        other.due, other.chunks = self.due, self.chunks
        other.replay(self.journal[:after], self.times[:after])
        return other

    def _take_in(self, commands: Sequence[Command]) -> None:
        super()._take_in(commands)
        for command in commands:
            if isinstance(command, Run | Ask):
                self.due.setdefault(command.key, self.now + seconds_of(*command.key))

    def _when(self, command: OpenCommand) -> float:
        if isinstance(command, Run | Ask):
            return self.due[command.key]
        if isinstance(command, Sleep):
            return command.until or 0.0
        return command.due if isinstance(command, Retry) else 0.0

    def _pick(self) -> OpenCommand:
        command = min(self._to_do.values(), key=self._when)
        self.now = max(self.now, self._when(command))
        return command

    def meaning(self, made: Json) -> Any:  # noqa: ANN401 - JSON, for comparing
        """A value as the reference has it: of errors what they are and where, of streams what is in them."""
        if isinstance(made, list):
            return [self.meaning(one) for one in made]
        if not isinstance(made, dict):
            return made
        if made.keys() == {"stream", "count"}:
            return {"stream": self.meaning(self.stream(made))}
        if {"code", "message"} <= made.keys():
            return {name: self.meaning(made[name]) for name in ("code", "node", "cause") if name in made}
        return {name: self.meaning(one) for name, one in made.items()}


class Meant(Sketch):
    """A workflow in which nothing but the graph and the times decide."""

    dice: random.Random
    most: int

    def pick(self, options: Sequence[T]) -> T:
        """One of these."""
        return self.dice.choice(options)

    def number(self, least: int, most: int) -> int:
        """A number, both ends included."""
        return self.dice.randint(least, most)

    def several(self, options: Sequence[T], most: int) -> list[T]:
        """Some of these, at least one."""
        return self.dice.sample(list(options), self.dice.randint(1, min(most, len(options))))

    def size(self, depth: int) -> int:
        """How many nodes a region has."""
        return self.dice.randint(1, max(2, self.most // 2)) if depth else self.most

    def node(self, identifier: str, kind: str, *, inside: bool) -> JsonObject:
        """The other kinds, and some more."""
        if kind == "end":
            return node(identifier, "flow.end")
        if kind == "stop":
            return node(identifier, "flow.stop_and_error", message="Stop.")
        if kind == "value":
            return value(identifier, self.pick(["{{ input }}", "{{ input }}", "{{ trigger }}", identifier]))
        made = super().node(identifier, kind, inside=inside)
        parameters: Any = made["parameters"]
        if kind == "foreach":
            parameters["collect_value"] = self.pick([None, None, "[result, index]"])
        if kind == "delay":
            parameters["seconds"] = self.pick([0, 12_345_678])
        if kind == "fail":
            retry: Any = made["retry"]
            retry["jitter"] = 0
            made["on_error"] = self.pick(("stop", "stop", "continue", "branch") if inside else POLICIES)
        return made

    def rounds(self, identifier: str) -> JsonObject:
        """A loop that counts its rounds."""
        return node(
            identifier,
            "loop.while",
            condition=f"index < {self.number(0, 2)}",
            collect=self.pick(["results", "none"]),
            check=self.pick(["before", "after"]),
            on_item_error=self.pick(["stop", "continue"]),
            failed_items=self.pick(["keep", "leave_out"]),
            on_error=self.policy(),
        )


@st.composite
def meant_documents(draw: st.DrawFn) -> JsonObject:
    """A workflow of which the reference knows the meaning, of up to so many nodes in a region.

    It is made of one number: what is drawn piece by piece is small as a rule, and small workflows hold few surprises.
    """
    most = draw(st.sampled_from((14, 9, 6, 4, 2)))
    dice = random.Random(draw(st.integers(0, 2**64)))  # noqa: S311 - nothing secret
    sketch = Meant(draw, KINDS, loops=True)
    sketch.dice, sketch.most, sketch.loop_kinds = dice, most, LOOPS * 4
    sketch.nodes.append(start())
    sketch.region(("start", "out"), 0)
    return {"name": "random", "nodes": list(sketch.nodes), "connections": sketch.connections}
