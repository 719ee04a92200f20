"""Random bytes that a step gets again when it runs again after a crash, and that nobody else can guess."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol, cast

from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json


class Chance(Protocol):
    """Gives a step its random bytes."""

    def draw(self, count: int) -> bytes:
        """The first `count` of the step's random bytes: the same ones whenever it asks."""
        ...


class ExampleChance:
    """Gives the examples of node types bytes that look random, and are the same each time."""

    def __init__(self, world: Json) -> None:
        self._seed = repr(world).encode()

    def draw(self, count: int) -> bytes:
        """The first so many."""
        return hashlib.shake_256(self._seed).digest(count)


CHANCE: Tool[Chance] = Tool("chance", cast("type[Chance]", ExampleChance))
