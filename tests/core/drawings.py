"""Random workflows: any mixture of branches, joins, loops, variables, failures and delays that passes the checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st
from tests.core.driver import node, start, value

from wingbeat.core.json_value import Json, JsonObject

T = TypeVar("T")
STEPS = ("value", "value", "if", "any", "all", "count", "gather", "fail", "delay", "fallback", "handler", "parallel")
LOOPS = ("foreach", "while")
LEAVES = ("break", "continue")


@dataclass
class Sketch:
    """A workflow that is being drawn."""

    draw: st.DrawFn
    kinds: tuple[str, ...]
    loops: bool
    nodes: list[JsonObject] = field(default_factory=list)
    connections: list[Json] = field(default_factory=list)
    handled: set[str] = field(default_factory=set)
    loop_kinds: tuple[str, ...] = LOOPS

    def pick(self, options: Sequence[T]) -> T:
        """One of these."""
        return self.draw(st.sampled_from(options))

    def number(self, least: int, most: int) -> int:
        """A number, both ends included."""
        return self.draw(st.integers(least, most))

    def several(self, options: Sequence[T], most: int) -> list[T]:
        """Some of these, at least one."""
        return self.draw(st.lists(st.sampled_from(options), min_size=1, max_size=most, unique=True))

    def size(self, depth: int) -> int:
        """How many nodes a region has."""
        del depth
        return self.number(1, 5)

    def region(self, entry: tuple[str, str], depth: int) -> None:
        """Draw some nodes behind a port, each behind one or more of those before it."""
        sources = [entry]
        for _ in range(self.size(depth)):
            kinds = self.kinds + (self.loop_kinds if self.loops and depth < 2 else ()) + (LEAVES if depth else ())
            kind = self.pick(kinds)
            identifier = f"n{len(self.nodes)}"
            if kind == "handler":
                sources += self.handler(identifier, {source for source, port in sources if port != "body"})
                continue
            for source, port in self.several(sources, 3):
                self.connections.append({"from": source, "from_port": port, "to": identifier})
            self.add(identifier, kind, depth)
            sources += [(identifier, port) for port in PORTS.get(kind, ("out",))]
            if any(one["id"] == identifier and one.get("on_error") == "branch" for one in self.nodes):
                sources.append((identifier, "error"))

    def handler(self, identifier: str, around: set[str]) -> list[tuple[str, str]]:
        """A handler of some of the nodes before it that have none."""
        free = sorted(around - self.handled - {"start"})
        if not free:
            return []
        names = self.several(free, len(free))
        self.handled.update(names)
        self.nodes.append(node(identifier, "flow.error_handler", nodes=list(names)))
        return [(identifier, "out")]

    def add(self, identifier: str, kind: str, depth: int) -> None:
        """Draw one node and, for a loop, its body."""
        self.nodes.append(self.node(identifier, kind, inside=depth > 0))
        if kind in LOOPS:
            self.region((identifier, "body"), depth + 1)

    def node(self, identifier: str, kind: str, *, inside: bool) -> JsonObject:
        """One node of a kind."""
        if kind in LOOPS:
            return self.foreach(identifier) if kind == "foreach" else self.rounds(identifier)
        if kind in {"count", "gather"}:
            return self.variable(identifier, kind, inside=inside)
        disabled = self.pick([False] * 9 + [True])
        conditions = ["true", "false", *(["index == 1", "index > 0"] if inside else [])]
        made = {
            "if": lambda: node(identifier, "condition.if", condition=self.pick(conditions)),
            "any": lambda: node(identifier, "flow.merge", mode="any"),
            "all": lambda: node(identifier, "flow.merge", mode="all"),
            "fail": lambda: self.failing(identifier),
            "delay": lambda: node(identifier, "flow.delay", seconds=self.number(0, 3)),
            "break": lambda: node(identifier, "loop.break"),
            "continue": lambda: node(identifier, "loop.continue"),
            "parallel": lambda: self.parallel(identifier),
            "fallback": lambda: node(identifier, "flow.fallback", on_error=self.policy()),
            "value": lambda: value(identifier, self.pick(["{{ trigger }}", identifier])),
        }[kind]()
        return {**made, "disabled": disabled and kind not in LEAVES}

    def parallel(self, identifier: str) -> JsonObject:
        """Three branches, of which perhaps only some run at once."""
        limit = self.pick([None, 1, 1, 2])
        return node(identifier, "flow.parallel", branches=["a", "b", "c"], limit=limit)

    def policy(self) -> str:
        """What happens after an error, where no port is needed."""
        return self.pick(["stop", "continue"])

    def variable(self, identifier: str, kind: str, *, inside: bool) -> JsonObject:
        """A node that counts or gathers."""
        if kind == "count":
            return node(identifier, "data.variable", name="total", operation="increment")
        where = self.pick(["execution", "iteration"])
        made = "{{ [index, 'x'] }}" if inside else identifier
        return node(identifier, "data.variable", name="seen", operation="append", value=made, scope=where)

    def foreach(self, identifier: str) -> JsonObject:
        """A loop over a short list."""
        return node(
            identifier,
            "loop.foreach",
            items=self.pick(ITEMS),
            concurrency=self.number(1, 3),
            collect=self.pick(["results", "results", "blob", "none"]),
            collect_value=self.pick([None, None, "[result, index]", "item * 1.0"]),
            after_break=self.pick(["finish", "cancel"]),
            batch_size=self.pick([None, None, 1, 2]),
            order=self.pick(["items", "items", "completion"]),
            on_item_error=self.pick(["stop", "continue"]),
            failed_items=self.pick(["keep", "leave_out"]),
            on_error=self.policy(),
        )

    def rounds(self, identifier: str) -> JsonObject:
        """A loop that goes round twice each time, or as often as an earlier run has left."""
        name = f"v{identifier}"
        self.nodes.append(node(name, "data.variable", name=name, operation="increment"))
        self.connections.append({"from": identifier, "from_port": "body", "to": name})
        return node(
            identifier,
            "loop.while",
            condition=f"({name} ?? 0) < 2",
            collect="results",
            check=self.pick(["before", "after"]),
            on_item_error=self.pick(["stop", "continue"]),
            on_error=self.policy(),
        )

    def failing(self, identifier: str) -> JsonObject:
        """A node that fails once or for ever, with any policy."""
        times = self.pick([1, 2, 1_000])
        on_error = self.pick(["continue", "continue", "branch", "stop"])
        retry: JsonObject = {"max_attempts": self.number(1, 3), "backoff_seconds": 1}
        return node(identifier, "test.fail", times=times, on_error=on_error, retry=retry)


ITEMS: list[Json] = [[], [0], [0, 1], [0, 1, 2], [0, 1, 2], "{{ input }}"]

PORTS = {
    "if": ("true", "false"),
    "parallel": ("a", "b", "c"),
    "foreach": ("done",),
    "while": ("done",),
    "break": (),
    "continue": (),
    "end": (),
    "stop": (),
}


@st.composite
def documents(draw: st.DrawFn, kinds: tuple[str, ...] = STEPS, *, loops: bool = True) -> JsonObject:
    """A workflow that has no problems."""
    sketch = Sketch(draw, kinds, loops)
    sketch.nodes.append(start())
    sketch.region(("start", "out"), 0)
    return {
        "name": "random",
        "nodes": list(sketch.nodes),
        "connections": sketch.connections,
        "global_variables": {"seen": [], "total": 0},
    }
