"""When a failed step is tried again: the policy and the arithmetic of its delays. Who waits is not decided here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how soon a failed step is tried again.

    The delay before attempt n + 1 is `backoff_seconds * factor ** (n - 1)`, at most `max_delay_seconds`, shortened by
    up to `jitter` of itself. The defaults give the 2, 4, 8 ... seconds of the configuration guide.
    """

    max_attempts: int = 1
    backoff_seconds: float = 2.0
    factor: float = 2.0
    max_delay_seconds: float = 300.0
    jitter: float = 0.1

    def delay_before(self, next_attempt: int, key: str) -> float:
        """Seconds to wait before `next_attempt` (2 or more).

        The jitter is derived from `key`, so that a replay of the same journal finds the same delay.
        """
        try:
            delay = self.backoff_seconds * self.factor ** (next_attempt - 2)
        except OverflowError:
            delay = self.max_delay_seconds if self.backoff_seconds else 0.0
        delay = min(delay, self.max_delay_seconds)
        digest = hashlib.blake2b(f"{key}#{next_attempt}".encode(), digest_size=8).digest()
        share = int.from_bytes(digest, "big") / 2**64
        return delay * (1.0 - self.jitter * share)


NO_RETRY = RetryPolicy()
