"""How many deliveries a webhook lets in within a window of time that slides. Pure; the counts lie in its row.

The window is cut into slices. A slice counts as long as any part of it lies within the window, so that never more than
the limit come in within any window, at the price of letting one in again up to a slice later than it could be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SLICES = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """At most this many in any window of so many seconds; None is as many as come."""

    most: int | None
    window_seconds: int

    @property
    def slice_seconds(self) -> float:
        """How long a slice is."""
        return self.window_seconds / SLICES


class Recent:
    """What was let in of late: slice numbers with their counts, in the order of time."""

    def __init__(self, rate: Rate, stored: Sequence[int], now: float) -> None:
        """`stored` is what `to_list` gave; `now` is in seconds since 1970."""
        self._rate = rate
        counts = dict(zip(stored[::2], stored[1::2], strict=False))
        # A clock that went back must not let in more.
        latest = max(counts, default=0) * rate.slice_seconds
        self._now = max(now, latest)
        self._counts = {number: count for number, count in counts.items() if self._ends(number) > 0}
        self._held = sum(self._counts.values())

    def _ends(self, number: int) -> float:
        """In how many seconds a slice has left the window."""
        return (number + 1) * self._rate.slice_seconds + self._rate.window_seconds - self._now

    def room(self) -> float:
        """How many more may come in now."""
        return math.inf if self._rate.most is None else max(0, self._rate.most - self._held)

    def add(self, count: int) -> None:
        """Let in so many now."""
        if count and self._rate.most is not None:
            number = int(self._now / self._rate.slice_seconds)
            self._counts[number] = self._counts.get(number, 0) + count
            self._held += count

    def seconds_to_room(self) -> int:
        """In how many whole seconds the next one may come in; at least 1."""
        if self._rate.most is None:
            return 1
        held = self._held
        for number in sorted(self._counts):
            held -= self._counts[number]
            if held < self._rate.most:
                return max(1, math.ceil(self._ends(number)))
        return 1

    def to_list(self) -> list[int]:
        """As it is kept."""
        return [part for number in sorted(self._counts) for part in (number, self._counts[number])]
