"""The state of one running loop: which iterations are under way, and what they have come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wingbeat.core.outcome import DONE, Outcome

if TYPE_CHECKING:
    from wingbeat.core.events import StepKey
    from wingbeat.core.json_value import Json
    from wingbeat.core.outcome import OpenLoop
    from wingbeat.core.plan import PlannedNode
    from wingbeat.core.scope import Arrived, Scope


class _Absent:
    """Stands where an iteration has given nothing."""


ABSENT: Final = _Absent()


class LoopState:
    """One run of one loop node."""

    __slots__ = (
        "active",
        "advancing",
        "arrivals",
        "ended",
        "items",
        "key",
        "next",
        "node",
        "opening",
        "prefix",
        "results",
        "scope",
    )

    def __init__(
        self, key: StepKey, node: PlannedNode, scope: Scope, arrivals: list[Arrived], opening: OpenLoop
    ) -> None:
        self.key = key
        self.node = node
        self.scope = scope
        self.arrivals = arrivals
        self.opening = opening
        self.items = opening.items
        self.prefix = f"{scope.path}/{node.id}:" if scope.path else f"{node.id}:"
        self.next = 0
        self.active: dict[int, Scope] = {}
        self.results: list[Json | _Absent] = []
        # No further iteration begins: the list is through, the loop was broken, or it said that it is enough.
        self.ended = False
        self.advancing = False

    def may_begin(self) -> bool:
        """Whether another iteration can begin now."""
        if self.ended or len(self.active) >= self.opening.concurrency:
            return False
        return self.items is None or self.next < len(self.items)

    def through(self) -> bool:
        """Whether nothing is left to do."""
        if self.active:
            return False
        return self.ended or (self.items is not None and self.next >= len(self.items))

    def keep(self, index: int, result: Json) -> None:
        """Keep what an iteration came to, if the loop collects."""
        if not self.opening.collect:
            return
        results = self.results
        while len(results) <= index:
            results.append(ABSENT)
        results[index] = result

    def outcome(self) -> Outcome:
        """What leaves through `done`: the results in order, or how many iterations there were."""
        if self.opening.collect:
            return Outcome([result for result in self.results if not isinstance(result, _Absent)], (DONE,))
        return Outcome({"iterations": self.next}, (DONE,))
