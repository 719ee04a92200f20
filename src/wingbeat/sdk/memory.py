"""What a step remembers for the executions after it: keys that were seen, and turns of a rate limit.

Both hold under crashes: a step that runs again is told what it was told before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.json_value import Json


class Turn(NamedTuple):
    """When a step may go on, in seconds since the epoch; where it is not `taken`, nothing was kept for it."""

    at: float
    taken: bool


class Memory(Protocol):
    """The memory of a workflow, or the one that all workflows of its community share, else of its author (`shared`)."""

    async def unseen(self, name: str, keys: Sequence[str], *, shared: bool, keep_seconds: float, most: int) -> set[str]:
        """Mark keys as seen in the set of that name; gives those that nobody marked within `keep_seconds`.

        A key that this very step marked counts as not seen for it. The set keeps about `most` keys, the latest.
        """
        ...

    async def turn(self, key: str, *, shared: bool, most: int, window_seconds: float, longest_wait: float) -> Turn:
        """Take a turn of which there are at most `most` in any `window_seconds`, in the order in which they are asked.

        One that is more than `longest_wait` seconds away is not taken.
        """
        ...


class ExampleMemory:
    """A memory in the examples of node types: `{"seen": [keys], "turn": seconds from the epoch}`."""

    def __init__(self, world: Json) -> None:
        held = world if isinstance(world, dict) else {}
        seen, turn = held.get("seen"), held.get("turn")
        self.seen = {str(key) for key in seen} if isinstance(seen, list) else set[str]()
        self.next = float(turn) if isinstance(turn, int | float) else 0.0

    async def unseen(self, name: str, keys: Sequence[str], *, shared: bool, keep_seconds: float, most: int) -> set[str]:
        """What the example does not name."""
        del name, shared, keep_seconds, most
        return set(keys) - self.seen

    async def turn(self, key: str, *, shared: bool, most: int, window_seconds: float, longest_wait: float) -> Turn:
        """The one that the example names; it counts as far away when the step would not wait at all."""
        del key, shared, most, window_seconds
        return Turn(self.next, taken=not self.next or longest_wait >= 1)


MEMORY: Tool[Memory] = Tool("memory", cast("type[Memory]", ExampleMemory))
