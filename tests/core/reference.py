"""What a workflow means, said a second time: a small interpreter that shares nothing with the engine but the document.

It knows no journal, no commands and no cancellation. Every step takes a time of its own (`seconds_of`), so everything
happens in one order. A loop is evaluated as soon as it begins, up to its own end, as if nothing around it could stop
it; whatever then lies behind the moment at which something did stop it is struck out.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Value = Any
Path = tuple[str, ...]
# Long enough that two different ways hardly ever take the same time, short enough for a calendar.
LONGEST = 100_000_000
FAILURE = "(failure)"


class Tied(Exception):
    """Two things happen at the same moment, so that what follows is not said."""


def seconds_of(node: str, scope: str, attempt: int) -> int:
    """How long one attempt at a step takes; the same whoever asks."""
    digest = hashlib.blake2b(f"{node}|{scope}|{attempt}".encode(), digest_size=8).digest()
    return 1 + int.from_bytes(digest, "big") % LONGEST


@dataclass
class Came:
    """A value that came over a connection."""

    order: int
    source: str
    port: str
    value: Value
    failed: bool


@dataclass
class Result:
    """How a step or a whole region ended, and when. `steps` are the outcomes that were recorded on the way.

    `how` is `done` (through `ports`), `failed`, `skipped` (an iteration that `continue` ended) or `ended` (the whole
    execution). `left` is when a break was reached.
    """

    at: float
    how: str
    value: Value = None
    ports: tuple[str, ...] = ()
    error: Value = None
    steps: list[tuple[float, str, str]] = field(default_factory=list)
    left: float | None = None
    empty: bool = False


@dataclass
class Drawn:
    """A node and its ways out: port, target, the connection's place at the target, and whether it carries a value."""

    document: dict[str, Any]
    out: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    incoming: list[tuple[str, str]] = field(default_factory=list)
    handled_by: str | None = None

    @property
    def kind(self) -> str:
        """Its type."""
        return str(self.document["type"])

    @property
    def disabled(self) -> bool:
        """Whether what comes in goes through."""
        return bool(self.document.get("disabled"))

    def get(self, name: str, default: Value = None) -> Value:
        """A parameter."""
        return self.document["parameters"].get(name, default)


@dataclass
class Around:
    """What the nodes of a region see: the path of their iteration and its place, and what went into the workflow."""

    path: str
    index: int | None
    item: Value
    trigger: Value


class Reference:
    """One workflow."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.nodes = {one["id"]: Drawn(one) for one in document["nodes"]}
        self.entries: dict[str, list[tuple[str, int]]] = {name: [] for name in self.nodes}
        self.streams: dict[str, list[Value]] = {}
        self._connect(document)
        self.region_of = {name: self._find_region(name) for name in self.nodes}

    def run(self, data: Value) -> Result:
        """Run it, from its one trigger."""
        result = self._region("", Around("", None, None, data), 1_000.0, [("start", 0)], data)
        result.steps = [step for step in result.steps if step[0] <= result.at]
        return result

    def count(self, result: Result) -> tuple[Counter[str], Counter[str]]:
        """How often each node ran to an outcome, and failed."""
        ran = Counter(node for _, node, how in result.steps if how == "ran")
        return ran, Counter(node for _, node, how in result.steps if how == "failed")

    # The drawing.

    def _connect(self, document: dict[str, Any]) -> None:
        for one in document["connections"]:
            source, target, port = one["from"], one["to"], one.get("from_port", "out")
            place = len(self.nodes[target].incoming)
            self.nodes[target].incoming.append((source, port))
            if port == "body":
                self.entries[source].append((target, place))
            else:
                self.nodes[source].out.setdefault(port, []).append((target, place))
        for name, node in self.nodes.items():
            for handled in node.get("nodes", ()) if node.kind == "flow.error_handler" else ():
                self.nodes[handled].out.setdefault(FAILURE, []).append((name, len(node.incoming)))
                node.incoming.append((handled, FAILURE))
                if not node.disabled:
                    self.nodes[handled].handled_by = name

    def _find_region(self, name: str) -> str:
        """The loop in whose body the node is, or ''."""
        for source, port in self.nodes[name].incoming:
            return source if port == "body" else self._find_region(source)
        return ""

    def members(self, loop: str) -> list[str]:
        """The nodes of a region."""
        return [name for name, region in self.region_of.items() if region == loop]

    def wants(self, name: str) -> list[str]:
        """Who gets a value from a node, handlers apart."""
        return [target for port, ways in self.nodes[name].out.items() if port != FAILURE for target, _ in ways]

    def belongs(self, name: str, splitting: str, port: str) -> bool:
        """Whether every way to a node begins at one port."""
        ways = self.nodes[name].incoming
        return bool(ways) and all(
            (source == splitting and way == port)
            or (source != splitting and way != "body" and self.belongs(source, splitting, port))
            for source, way in ways
        )

    # A region.

    def _region(self, loop: str, around: Around, at: float, entries: list[tuple[str, int]], value: Value) -> Result:
        return _Region(self, loop, around).run(at, entries, value)

    # Steps.

    def step(self, name: str, around: Around, came: list[Came], at: float) -> Result:
        """What a node comes to that has all its inputs at this moment, its retries included."""
        node = self.nodes[name]
        given = around.trigger if name == "start" else input_of(came)
        if node.kind in {"loop.foreach", "loop.while"}:
            return self._loop(name, around, given, at)
        most = (node.document.get("retry") or {"max_attempts": 1})["max_attempts"]
        steps: list[tuple[float, str, str]] = []
        for attempt in count(1):
            at += seconds_of(name, around.path, attempt)
            result = self._attempt(name, around, came, given, at, attempt)
            if result.how != "failed":
                result.steps = [*steps, (result.at, name, "ran")]
                return result
            steps.append((at, name, "failed"))
            if result.error["code"] != "TEST_FAILURE" or attempt >= most:
                result.steps = steps
                return result
            at += 2 ** (attempt - 1)
        raise AssertionError

    def _attempt(  # noqa: C901, PLR0911, PLR0912, PLR0913, PLR0917 - one line for each type of node
        self, name: str, around: Around, came: list[Came], given: Value, at: float, attempt: int
    ) -> Result:
        node = self.nodes[name]
        match node.kind:
            case "trigger.manual":
                return Result(at, "done", given, ("out",))
            case "data.transform":
                made = {"{{ input }}": given, "{{ trigger }}": around.trigger}.get(node.get("value"), node.get("value"))
                return Result(at, "done", made, ("out",))
            case "condition.if":
                holds = {"true": True, "false": False, "index == 1": around.index == 1}.get(node.get("condition"))
                taken = (around.index or 0) > 0 if holds is None else holds
                return Result(at, "done", given, ("true" if taken else "false",))
            case "flow.merge":
                return Result(at, "done", came[0].value if node.get("mode") == "any" else by_node(came), ("out",))
            case "flow.delay":
                return Result(at + node.get("seconds"), "done", given, ("out",))
            case "flow.parallel":
                return Result(at, "done", given, tuple(node.get("branches")))
            case "flow.error_handler":
                errors = [one.value["error"] for one in came]
                return Result(at, "done", {"error": errors[0], "errors": errors}, ("out",))
            case "flow.fallback":
                good = [one.value for one in came if not one.failed and one.port != "error"]
                return Result(at, "done", good[0], ("out",)) if good else failed(at, name, "FALLBACK_EXHAUSTED")
            case "test.fail":
                if attempt <= node.get("times"):
                    return failed(at, name, "TEST_FAILURE")
                return Result(at, "done", given, ("out",))
            case "flow.end":
                return Result(at, "ended", given)
            case "flow.stop_and_error":
                return Result(at, "ended", None, error={"code": "STOPPED", "node": name})
            case "loop.break" | "loop.continue":
                return Result(at, "done", given)
        raise AssertionError(node.kind)

    # Loops.

    def _loop(self, name: str, around: Around, given: Value, at: float) -> Result:
        node = self.nodes[name]
        at += seconds_of(name, around.path, 1)
        if node.kind == "loop.while":
            return _Loop(self, name, around, None, given).run(at)
        items = given if node.get("items") == "{{ input }}" else node.get("items")
        if isinstance(items, dict) and items.keys() == {"stream"}:
            if not self.members(name):
                passed: Value = items if node.get("collect") != "none" else {"iterations": self._rounds(node, items)}
                return Result(at, "done", passed, ("done",), steps=[(at, name, "ran")])
            items = items["stream"]
        if not isinstance(items, list):
            result = failed(at, name, "PARAMETER_INVALID")
            result.steps = [(at, name, "failed")]
            return result
        size = node.get("batch_size")
        if size is not None:
            items = [items[begin : begin + size] for begin in range(0, len(items), size)]
        if not self.members(name):
            passed = items if node.get("collect") != "none" else {"iterations": len(items)}
            return Result(at, "done", passed, ("done",), steps=[(at, name, "ran")])
        return _Loop(self, name, around, items, given).run(at)

    @staticmethod
    def _rounds(node: Drawn, stream: dict[str, Any]) -> int:
        return -(-len(stream["stream"]) // (node.get("batch_size") or 1))


class _Region:
    """One run of the nodes of a region, in the order of time."""

    def __init__(self, reference: Reference, loop: str, around: Around) -> None:
        self.reference = reference
        self.around = around
        self.loop = loop
        self.names = reference.members(loop)
        # Disabled nodes that what is there goes through next, and when each race was won, with what.
        self.passing: list[tuple[str, Value]] = []
        self.won: dict[str, tuple[float, Value]] = {}
        self.left_to_come = {name: len(reference.nodes[name].incoming) for name in self.names}
        self.came: dict[str, list[Came]] = {name: [] for name in self.names}
        self.begun: set[str] = set()
        self.decided: set[str] = set()
        self.given_up: set[str] = set()
        self.pending: list[tuple[float, int, str, Result]] = []
        self.numbers = count()
        self.steps: list[tuple[float, str, str]] = []
        self.results: dict[str, Value] = {}
        self.broke: float | None = None
        self.held: dict[str, list[str]] = {}
        self.running: dict[str, set[str]] = {}
        self.values: dict[str, Value] = {}

    def run(self, at: float, entries: list[tuple[str, int]], value: Value) -> Result:
        if not self.names:
            return Result(at, "done", None)
        if self.loop:
            for name, place in entries:
                self._arrive(name, Came(place, self.loop, "body", value, failed=False), at)
        else:
            self._begin("start", at)
        self._pass_through(at)
        last = at
        while len(self.decided) < len(self.names):
            last, _, name, result = heapq.heappop(self.pending)
            if self.pending and self.pending[0][0] == last:
                raise Tied
            if name in self.given_up:
                continue
            self.steps += result.steps
            stopped = self._finish(name, result, last)
            self._pass_through(last)
            if stopped is not None:
                return self._stopped(stopped, last)
        return self._stopped(Result(last, "done", self._value()), last)

    def _pass_through(self, at: float) -> None:
        while self.passing:
            name, value = self.passing.pop(0)
            if name not in self.given_up:
                self._complete(name, self._first_port(self.reference.nodes[name]), value, at, failed=False)

    def _stopped(self, result: Result, at: float) -> Result:
        """The end of the region: only what was recorded by then counts."""
        kept = [step for step in self.steps if step[0] <= at]
        for _, _, name, pending in self.pending:
            if name not in self.given_up:
                kept += [step for step in pending.steps if step[0] < at]
        result.steps, result.left, result.empty = kept, self.broke, not self.results
        return result

    def _value(self) -> Value:
        if len(self.results) == 1:
            return next(iter(self.results.values()))
        return dict(self.results) or None

    def _finish(self, name: str, result: Result, at: float) -> Result | None:
        """A step came to its end; what the whole region comes to by that, if it does."""
        node = self.reference.nodes[name]
        if result.how == "ended":
            return Result(at, "ended", result.value, error=result.error)
        if result.how == "failed":
            return self._failed(name, result, at)
        if node.kind == "loop.continue":
            return Result(at, "skipped", self._value())
        if node.kind == "loop.break":
            self.broke = at if self.broke is None else self.broke
        self._complete(name, result.ports, result.value, at, failed=False)
        return None

    def _failed(self, name: str, result: Result, at: float) -> Result | None:
        node = self.reference.nodes[name]
        policy = node.document.get("on_error", "stop")
        value = {"error": result.error}
        if policy == "continue":
            self._complete(name, self._first_port(node), value, at, failed=True)
        elif policy == "branch":
            self._complete(name, ("error",), value, at, failed=True)
        elif node.handled_by:
            self._decide(name, (FAILURE,), value, at, failed=True)
        else:
            return Result(at, "failed", error=result.error.get("cause", result.error))
        return None

    @staticmethod
    def _first_port(node: Drawn) -> tuple[str, ...]:
        if node.kind.startswith("loop."):
            return ("done",) if node.kind in {"loop.foreach", "loop.while"} else ()
        ports = {"condition.if": ("true",), "flow.parallel": tuple(node.get("branches") or ())[:1]}
        return ports.get(node.kind, ("out",))

    def _complete(self, name: str, ports: tuple[str, ...], value: Value, at: float, *, failed: bool) -> None:
        node = self.reference.nodes[name]
        leaves = node.kind in {"loop.break", "loop.continue", "flow.end", "flow.stop_and_error"} and not node.disabled
        if not self.reference.wants(name) and not leaves:
            self.results[name] = value
        self._decide(name, ports, value, at, failed=failed)

    def _decide(self, name: str, ports: tuple[str, ...], value: Value, at: float, *, failed: bool) -> None:
        """Give on what comes out of a node, and let everything else behind it know that nothing comes."""
        node = self.reference.nodes[name]
        self.decided.add(name)
        limit = node.get("limit") if node.kind == "flow.parallel" and not node.disabled and not failed else None
        for port, ways in node.out.items():
            for target, place in ways:
                if port not in ports:
                    self._miss(target, at)
                elif limit is None:
                    self._arrive(target, Came(place, name, port, value, failed), at)
        if limit is not None and ports:
            self.held[name], self.running[name], self.values[name] = list(ports), set(), value
        self._go_on_with_branches(at)

    def _go_on_with_branches(self, at: float) -> None:
        """Let held branches begin where those that run leave room."""
        for name, held in list(self.held.items()):
            running = self.running[name]
            for port in list(running):
                if not self._undecided(name, port):
                    running.discard(port)
            while held and len(running) < self.reference.nodes[name].get("limit"):
                port = held.pop(0)
                running.add(port)
                for target, place in self.reference.nodes[name].out.get(port, ()):
                    self._arrive(target, Came(place, name, port, self.values[name], failed=False), at)
                if not self._undecided(name, port):
                    running.discard(port)

    def _undecided(self, splitting: str, port: str) -> bool:
        return any(self.reference.belongs(name, splitting, port) for name in self.names if name not in self.decided)

    def _arrive(self, name: str, came: Came, at: float) -> None:
        if name in self.begun or name in self.decided:
            if name in self.won and self.won[name][0] == at and self.won[name][1] != came.value:
                raise Tied
            return
        self.left_to_come[name] -= 1
        self.came[name].append(came)
        node = self.reference.nodes[name]
        if node.kind == "flow.merge" and node.get("mode") == "any":
            self.won[name] = at, came.value
            self.begun.add(name)
            self._give_up(name, at)
            self._begin(name, at)
        elif self.left_to_come[name] == 0:
            self._begin(name, at)

    def _miss(self, name: str, at: float) -> None:
        """A connection will not be taken."""
        if name in self.begun or name in self.decided:
            return
        self.left_to_come[name] -= 1
        if self.left_to_come[name] == 0:
            if self.came[name]:
                self._begin(name, at)
            else:
                self._decide(name, (), None, at, failed=False)

    def _begin(self, name: str, at: float) -> None:
        self.begun.add(name)
        node = self.reference.nodes[name]
        came = sorted(self.came[name], key=lambda one: one.order)
        if node.disabled:
            self.passing.append((name, input_of(came)))
            return
        result = self.reference.step(name, self.around, came, at)
        heapq.heappush(self.pending, (result.at, next(self.numbers), name, result))

    def _give_up(self, join: str, at: float) -> None:
        """Whatever leads only to what has all it needs, or is given up itself, is not wanted any more."""
        unwanted: set[str] = set()
        while more := [name for name in self.names if name not in unwanted and self._unwanted(name, join, unwanted)]:
            unwanted.update(more)
        for name in unwanted:
            if name in self.begun:
                self._strike_out(name, at)
            self.given_up.add(name)
            self.begun.add(name)
        for name in unwanted:
            if name not in self.decided:
                self._decide(name, (), None, at, failed=False)

    def _unwanted(self, name: str, join: str, unwanted: set[str]) -> bool:
        if name in self.decided or name == join:
            return False
        wanting = self.reference.wants(name)
        satisfied = all(one in self.begun or one in self.decided or one in unwanted for one in wanting)
        return satisfied and any(one == join or one in unwanted for one in wanting)

    def _strike_out(self, name: str, at: float) -> None:
        for _, _, other, pending in self.pending:
            if other == name:
                self.steps += [step for step in pending.steps if step[0] < at]


class _Loop:
    """One run of a loop, from when it knows what it goes through."""

    def __init__(
        self, reference: Reference, name: str, around: Around, items: list[Value] | None, given: Value
    ) -> None:
        self.reference = reference
        self.name = name
        self.node = reference.nodes[name]
        self.around = around
        self.items = items
        self.given = given
        self.events: list[tuple[float, int, str, int]] = []
        self.running: dict[int, Result] = {}
        self.next = 0
        self.over = False
        self.kept: dict[int, Value] = {}
        self.steps: list[tuple[float, str, str]] = []
        self.concurrency = 1 if items is None else self.node.get("concurrency", 1)

    def run(self, at: float) -> Result:
        self._begin(at)
        while self.running:
            at, _, what, index = heapq.heappop(self.events)
            if index not in self.running:
                continue
            if self.events and self.events[0][0] == at and self.events[0][3] != index:
                raise Tied
            stopped = self._take(what, index, at)
            if stopped is not None:
                return stopped
            self._begin(at)
        at = max(at, self.asked)
        return Result(at, "done", self._value(), ("done",), steps=[*self.steps, (at, self.name, "ran")])

    asked: float = 0.0

    def _begin(self, at: float) -> None:
        while not self.over and len(self.running) < self.concurrency:
            index, path = self.next, f"{self.around.path}/{self.name}:{self.next}".removeprefix("/")
            began = at
            if self.items is None and (index or self.node.get("check", "before") == "before"):
                began = self.asked = at + seconds_of(self.name, path, 1)
                if index >= int(self.node.get("condition").rpartition(" ")[2]):
                    self.over = True
                    return
            if self.items is not None and index >= len(self.items):
                return
            self.next += 1
            item = None if self.items is None else self.items[index]
            value = self.given if self.items is None else item
            inside = Around(path, index, item, self.around.trigger)
            result = self.reference._region(self.name, inside, began, self.reference.entries[self.name], value)
            self.running[index] = result
            if result.left is not None and result.left <= result.at:
                heapq.heappush(self.events, (result.left, 0, "left", index))
            heapq.heappush(self.events, (result.at, 1, result.how, index))

    def _take(self, what: str, index: int, at: float) -> Result | None:  # noqa: C901 - the ways in which one ends
        if what == "left":
            self.over = True
            if self.node.get("after_break", "finish") == "cancel":
                for other in [other for other in self.running if other != index]:
                    self._cancel(other, at)
            return None
        result = self.running.pop(index)
        self.steps += result.steps
        if what == "ended" or (what == "failed" and self.node.get("on_item_error", "stop") == "stop"):
            for other in list(self.running):
                self._cancel(other, at)
            if what == "ended":
                return Result(at, "ended", result.value, error=result.error, steps=self.steps)
            error = {**result.error, "cause": result.error}
            return Result(at, "failed", error=error, steps=[*self.steps, (at, self.name, "failed")])
        if what == "failed" and self.node.get("failed_items", "keep") == "keep":
            self.kept[index] = {"error": result.error}
        elif (what == "skipped" and not result.empty) or (what == "done" and (not result.empty or result.left is None)):
            self.kept[index] = self._collected(result.value, index)
        return None

    def _cancel(self, index: int, at: float) -> None:
        self.steps += [step for step in self.running.pop(index).steps if step[0] < at]

    def _collected(self, value: Value, index: int) -> Value:
        return [value, index] if self.node.get("collect_value") else value

    def _value(self) -> Value:
        collect = self.node.get("collect", "results" if self.items is not None else "none")
        if collect == "none":
            return {"iterations": self.next}
        # Kept as they ended, so that is their order unless that of the items is asked for.
        order: Callable[[dict[int, Value]], Iterator[int]] = iter if self.node.get("order") == "completion" else sorted  # type: ignore[assignment]
        values = [self.kept[index] for index in order(self.kept)]
        return {"stream": values} if collect == "blob" else values


def failed(at: float, node: str, code: str) -> Result:
    """A step that failed."""
    return Result(at, "failed", error={"code": code, "node": node})


def input_of(came: list[Came]) -> Value:
    """What a node sees."""
    if len(came) == 1:
        return came[0].value
    return {one.source: one.value for one in came} if came else None


def by_node(came: list[Came]) -> Value:
    """What `merge` in the mode `all` gives."""
    times = Counter(one.source for one in came)
    made: dict[str, Any] = {}
    for one in came:
        if times[one.source] == 1:
            made[one.source] = one.value
        else:
            made.setdefault(one.source, {})[one.port] = one.value
    return made
