"""Randomness for steps: derived from the installation's key and the step, so that a step that runs again gets the same.

To whoever does not have the key it is random. Drawing anew after a crash would give a second id to what may already
have gone out under the first one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol


class Step(Protocol):
    """The step that a tool is used by."""

    @property
    def idempotency_key(self) -> str:
        """The same whenever this step runs."""
        ...


@dataclass(frozen=True, slots=True)
class StepChance:
    """The tool `chance` of one step; implements `wingbeat.sdk.chance.Chance`. The key has 32 bytes."""

    key: bytes
    step: Step

    def draw(self, count: int) -> bytes:
        """The first `count` bytes of a stream that the key and the step choose (SHAKE256 of both)."""
        return hashlib.shake_256(self.key + self.step.idempotency_key.encode()).digest(count)
