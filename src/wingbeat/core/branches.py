"""Branches of which only some run at once: how those of one node stand."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wingbeat.core.json_value import Json


class Branches:
    """One run of a node whose branches do not all begin at once."""

    __slots__ = ("held", "running", "sequence", "value")

    def __init__(self, ports: Iterable[str], value: Json, sequence: int) -> None:
        self.held = deque(ports)
        self.running: set[str] = set()
        self.value = value
        self.sequence = sequence
