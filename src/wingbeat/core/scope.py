"""Where values live while an execution runs: its own scope, one for each iteration of a loop, and what a step sees."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from wingbeat.core.arrivals import Arrived
from wingbeat.core.collected import Results
from wingbeat.core.errors import StepError
from wingbeat.core.loop_items import Items
from wingbeat.core.outcome import DONE, OUT, Operation, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wingbeat.core.branches import Branches
    from wingbeat.core.events import StepKey
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.outcome import OpenLoop, VariableChange
    from wingbeat.core.plan import PlannedNode, Region


# Chunks of results that may be on their way to the store before a loop waits for one to arrive.
MOST_SPILLING = 4
# The longest whole number that a variable can grow to; as long as one that an expression can make.
MOST_BITS = 4096


class Scope:
    """The state of one region: of the workflow, or of one iteration of a loop.

    `waiting` counts for each node the connections that are still undecided; `live` the nodes that are.
    """

    __slots__ = (
        "arrivals",
        "branches",
        "broken",
        "cancelled",
        "exposed",
        "index",
        "item",
        "live",
        "loop",
        "outputs",
        "parent",
        "path",
        "readers",
        "region",
        "results",
        "undecided",
        "variables",
        "waiting",
    )

    def __init__(self, region: Region, loop: LoopState | None = None, index: int = 0, item: Json = None) -> None:
        self.region = region
        self.path: str = "" if loop is None else f"{loop.prefix}{index}"
        self.parent = None if loop is None else loop.scope
        self.loop = loop
        self.index = index
        self.item = item
        self.waiting = region.waiting.copy()
        self.live = len(region.nodes)
        self.arrivals: dict[int, list[Arrived]] = {}
        # Of nodes that do not begin all their branches at once: how they stand, and how many nodes of a branch are not
        # decided yet, where some are.
        self.branches: dict[int, Branches] | None = None
        self.undecided: dict[tuple[int, str], int] | None = None
        self.outputs: dict[str, Json] = {}
        self.readers: dict[str, int] | None = (
            {node.id: node.readers for node in region.nodes if node.readers} if region.has_readers else None
        )
        self.results: dict[str, Json] = {}
        self.variables: JsonObject = {}
        # Variables whose value somebody else may hold, so that an append must not change it in place.
        self.exposed: set[str] = set()
        self.cancelled = False
        # The loop was left from here, so this iteration need not have come to anything.
        self.broken = False

    def alive(self) -> bool:
        """Whether neither this scope nor one around it was cancelled."""
        scope: Scope | None = self
        while scope is not None:
            if scope.cancelled:
                return False
            scope = scope.parent
        return True

    def result(self) -> Json:
        """What the region came to: the output of its one last node, or an object of them by id."""
        if not self.results:
            return None
        if len(self.results) == 1:
            return next(iter(self.results.values()))
        return {node.id: self.results[node.id] for node in self.region.nodes if node.id in self.results}

    def root(self) -> Scope:
        """The execution's own scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def holder(self, name: str) -> Scope | None:
        """The nearest scope in which a variable of that name exists."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope
            scope = scope.parent
        return None

    def assign(self, values: JsonObject) -> None:
        """Set variables where they are: in the nearest scope that has one of that name, else for the execution."""
        for name, value in values.items():
            target = self.holder(name) or self.root()
            target.variables[name] = value
            target.exposed.add(name)

    def check(self, changes: Sequence[VariableChange]) -> None:
        """Raise `StepError` if the changes, one after the other, do not fit the variables' values; changes nothing."""
        root = self.root()
        coming: dict[tuple[int, str], Json] = {}
        for change in changes:
            target = self if change.iteration else root
            key = id(target), change.name
            coming[key] = _changed(change, coming[key] if key in coming else target.variables.get(change.name))

    def change(self, change: VariableChange) -> None:
        """Apply a change that `check` has passed."""
        target = self if change.iteration else self.root()
        variables, name = target.variables, change.name
        if change.operation is Operation.SET:
            variables[name] = change.value
            target.exposed.add(name)
        elif change.operation is Operation.INCREMENT:
            present = variables.get(name)
            variables[name] = (0 if present is None else present) + change.value  # type: ignore[operator] # checked
        else:
            present = variables.get(name)
            if type(present) is not list:
                variables[name] = [change.value]
                return
            if name in target.exposed:
                present = variables[name] = present.copy()
                target.exposed.discard(name)
            present.append(change.value)


def _changed(change: VariableChange, present: Json) -> Json:
    """What a variable would become, as far as the next change must know: of a list only that it is one."""
    if change.operation is Operation.SET:
        return change.value
    if change.operation is Operation.APPEND:
        if present is not None and type(present) is not list:
            raise _does_not_fit(change, "is not a list, so nothing can be appended to it")
        return []
    if not (present is None or _is_number(present)) or not _is_number(change.value):
        raise _does_not_fit(change, "or the amount is not a number, so it cannot be incremented")
    total = _sum(present or 0, change.value)
    if total is None:
        raise _does_not_fit(change, "would become too large a number")
    return total


def _sum(left: Any, right: Any) -> int | float | None:  # noqa: ANN401 - two numbers
    """None where the sum is not finite, or longer than a number may be."""
    try:
        total: int | float = left + right
    except OverflowError:
        return None
    fits = math.isfinite(total) if isinstance(total, float) else total.bit_length() <= MOST_BITS
    return total if fits else None


def _is_number(value: Json) -> bool:
    return type(value) is int or type(value) is float


def _does_not_fit(change: VariableChange, why: str) -> StepError:
    return StepError(
        f"The variable {change.name!r} {why}.",
        code="VARIABLE_WRONG_KIND",
        remedy="Set it to a fitting value first, or choose another operation.",
    )


class LoopState:
    """One run of one loop node."""

    __slots__ = (
        "active",
        "arrivals",
        "concurrency",
        "count",
        "ended",
        "items",
        "key",
        "loading",
        "next",
        "node",
        "opening",
        "prefix",
        "results",
        "scope",
        "spilling",
    )

    def __init__(
        self, key: StepKey, node: PlannedNode, scope: Scope, arrivals: list[Arrived], opening: OpenLoop
    ) -> None:
        self.key = key
        self.node = node
        self.scope = scope
        self.arrivals = arrivals
        self.opening = opening
        self.items = None if opening.items is None and opening.stream is None else Items(opening)
        # How many iterations a list gives.
        self.count: int | None = None if self.items is None else self.items.count
        # Whether there is a next round follows from the one before, unless there is a list.
        self.concurrency = 1 if self.items is None else max(opening.concurrency, 1)
        self.prefix: str = f"{scope.path}/{node.id}:" if scope.path else f"{node.id}:"
        self.next = 0
        self.active: dict[int, Scope] = {}
        self.results = Results(opening)
        # No further iteration begins: the list is through, the loop was broken, or it said that it is enough.
        self.ended = False
        # What is on its way to and from the store: how many chunks of results, and a chunk of items.
        self.spilling = 0
        self.loading: StepKey | None = None

    def may_begin(self) -> bool:
        """Whether another iteration can begin now."""
        if self.ended or len(self.active) >= self.concurrency or self.spilling >= MOST_SPILLING:
            return False
        if self.items is None:
            return True
        return self.next < self.items.count and self.items.missing() is None

    def begin(self) -> Scope:
        """The scope of the next iteration."""
        body, index = self.node.body, self.next
        if body is None:
            raise LookupError(self.node.id)
        scope = Scope(body, self, index, None if self.items is None else self.items.take())
        self.active[index] = scope
        self.next = index + 1
        return scope

    def missing(self) -> int | None:
        """The chunk of items that is to be fetched now, if one is."""
        if self.items is None or self.ended or self.loading is not None or self.next >= self.items.count:
            return None
        return self.items.missing()

    def through(self) -> bool:
        """Whether nothing is left to do but to keep what it came to."""
        if self.active:
            return False
        return self.ended or (self.count is not None and self.next >= self.count)

    def passed_through(self) -> Outcome:
        """The outcome of a loop with an empty body: every item comes out as it went in."""
        if not self.opening.collect or self.items is None:
            return Outcome({"iterations": self.count or 0}, (DONE,))
        if self.items.stream is not None:
            return Outcome(self.items.stream, (DONE,))
        return Outcome([self.items.take() for _ in range(self.items.count)], (DONE,))


class StepNames:
    """What the expressions of one step see. Looked up when asked for, never copied."""

    __slots__ = ("_facts", "_input", "_now", "_scope")

    def __init__(self, scope: Scope, value: Json, facts: Mapping[str, Json], now: float) -> None:
        self._scope = scope
        self._input = value
        self._facts = facts
        self._now = now

    def name(self, name: str) -> Json:
        """Raise `KeyError` when nothing of that name exists."""
        if name == "input":
            return self._input
        scope = self._scope
        if scope.loop is not None and name in _OF_LOOPS:
            return _OF_LOOPS[name](scope)
        if name in self._facts:
            return self._facts[name]
        holder = scope.holder(name)
        if holder is not None:
            holder.exposed.add(name)
            return holder.variables[name]
        if name == "now":
            return datetime.fromtimestamp(self._now, UTC).isoformat()
        raise KeyError(name)

    def node(self, node_id: str) -> Json:
        """Raise `KeyError` when the node was skipped or has not run."""
        scope: Scope | None = self._scope
        while scope is not None:
            if node_id in scope.outputs:
                return scope.outputs[node_id]
            scope = scope.parent
        raise KeyError(node_id)

    def known(self) -> Iterable[str]:
        """Every name that exists here."""
        names = ["input", "now", *self._facts]
        scope: Scope | None = self._scope
        if scope is not None and scope.loop is not None:
            names += ["item", "index", "loop"]
        while scope is not None:
            names += scope.variables
            scope = scope.parent
        return names


def describe_loop(scope: Scope) -> Json:
    """The value of `loop` in an iteration; `parent` is that of the loop around it, or null."""
    loop = scope.loop
    if loop is None:
        return None
    outer = scope.parent
    count = loop.count
    return {
        "item": scope.item,
        "index": scope.index,
        "first": scope.index == 0,
        "last": None if count is None else scope.index == count - 1,
        "count": count,
        "parent": describe_loop(outer) if outer is not None else None,
    }


_OF_LOOPS: Mapping[str, Callable[[Scope], Json]] = MappingProxyType(
    {"item": attrgetter("item"), "index": attrgetter("index"), "loop": describe_loop}
)


def input_of(arrivals: Sequence[Arrived]) -> Json:
    """The value that a node sees as `input`: that of the one arrival, or an object by source when there are several."""
    if len(arrivals) == 1:
        return arrivals[0].value
    return {arrival.node_id: arrival.value for arrival in arrivals} if arrivals else None


def edited_arrivals(arrivals: list[Arrived], node_id: str, value: Json, sequence: int) -> list[Arrived]:
    """What arrived, once a person has put `value` in the place of the input; `sequence` is the row that says so.

    Where several values came in and the new one is an object with one for each source, each has its own again.
    """
    if len(arrivals) > 1 and type(value) is dict and value.keys() == {one.node_id for one in arrivals}:
        return [one._replace(value=value[one.node_id], sequence=sequence) for one in arrivals]
    if arrivals:
        return [arrivals[0]._replace(value=value, sequence=sequence)]
    return [Arrived(0, node_id, OUT, value, sequence)]
