"""The last folds of journals, kept for whoever asks for the same again: somebody who writes an expression does, often.

What a journal says up to a row never changes, so nothing in here can be out of date. It is bounded by weight and time.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Iterable

    from wingbeat.core.json_value import Json

# In bytes, about: of all that is kept, and of one.
MOST_WEIGHT = 48_000_000
HEAVIEST = 16_000_000
# Whoever has not asked for so long, writes no more.
KEPT_SECONDS = 120.0
# What a value costs besides its text.
_EACH = 64

T = TypeVar("T")


class Kept(Generic[T]):
    """What was made under a name, the last asked for at the end; two who ask at the same time make it once."""

    def __init__(self, most_weight: int = MOST_WEIGHT, heaviest: int = HEAVIEST) -> None:
        self._most_weight = most_weight
        self._heaviest = heaviest
        self._found: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._weight = 0
        self._making: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self._forgetting: asyncio.TimerHandle | None = None

    async def get(
        self, key: Hashable, make: Callable[[], Awaitable[T | None]], values_of: Callable[[T], Iterable[Json]]
    ) -> T | None:
        """What is kept under the key, or else what is made; what weighs too much is not kept."""
        lock = self._making.setdefault(key, asyncio.Lock())
        async with lock:
            self._forget_later()
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key][0]
            made = await make()
            if made is not None:
                self._keep(key, made, weigh(values_of(made), self._heaviest))
            return made

    def _keep(self, key: Hashable, made: T, weight: int) -> None:
        if weight > self._heaviest:
            return
        self._found[key] = made, weight
        self._weight += weight
        while self._weight > self._most_weight:
            _, (_, freed) = self._found.popitem(last=False)
            self._weight -= freed

    def _forget_later(self) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._forgetting = asyncio.get_running_loop().call_later(KEPT_SECONDS, self._forget)

    def _forget(self) -> None:
        self._found.clear()
        self._weight = 0
        self._forgetting = None


def weigh(values: Iterable[Json], most: int) -> int:
    """About how many bytes the values take; not counted further where it is more than `most`."""
    weight = 0
    remaining: list[Json] = list(values)
    while remaining and weight <= most:
        value = remaining.pop()
        weight += _EACH
        if isinstance(value, str):
            weight += len(value)
        elif isinstance(value, list):
            weight += 8 * len(value)
            remaining += value
        elif isinstance(value, dict):
            weight += _EACH * len(value)
            remaining += value.values()
    return weight
