"""Remembering for the steps that ask: which keys were seen, and whose turn is when."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from wingbeat.sdk.memory import Turn
from wingbeat.storage.memory import Rate, SeenSet, mark, owner_of, take_turn
from wingbeat.storage.pool import patiently

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.storage.pool import Database

# As many keys at once are marked in one statement, so that none takes long.
BATCH = 5_000


class Step(Protocol):
    """The step that a tool is used by."""

    @property
    def workflow_id(self) -> str:
        """A UUID."""
        ...

    @property
    def idempotency_key(self) -> str:
        """The same whenever this step runs."""
        ...


@dataclass(frozen=True, slots=True)
class StepMemory:
    """The tool `memory` of one step; implements `wingbeat.sdk.memory.Memory`."""

    database: Database
    step: Step

    async def unseen(self, name: str, keys: Sequence[str], *, shared: bool, keep_seconds: float, most: int) -> set[str]:
        """Mark keys, however long the database is away."""
        seen = SeenSet(await self._owner(shared=shared), name, keep_seconds, most)
        by_digest = {_digest(key): key for key in keys}
        digests = sorted(by_digest)
        found: set[str] = set()
        for start in range(0, len(digests), BATCH):
            batch = digests[start : start + BATCH]
            found.update(by_digest[digest] for digest in await self._mark(seen, batch))
        return found

    async def turn(self, key: str, *, shared: bool, most: int, window_seconds: float, longest_wait: float) -> Turn:
        """Take a turn, however long the database is away."""
        rate = Rate(await self._owner(shared=shared), _digest(key), most, window_seconds)

        async def take() -> Turn:
            async with self.database.pool.acquire() as connection:
                return Turn(*await take_turn(connection, rate, self.step.idempotency_key, longest_wait))

        return await patiently(take)

    async def _mark(self, seen: SeenSet, digests: Sequence[bytes]) -> set[bytes]:
        async def work() -> set[bytes]:
            async with self.database.pool.acquire() as connection:
                return await mark(connection, seen, digests, self.step.idempotency_key)

        return await patiently(work)

    async def _owner(self, *, shared: bool) -> UUID:
        workflow_id = UUID(self.step.workflow_id)

        async def look() -> UUID:
            async with self.database.pool.acquire() as connection:
                return await owner_of(connection, workflow_id)

        return await patiently(look) if shared else workflow_id


def _digest(key: str) -> bytes:
    """Keys of any length and content are kept as their fingerprints."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
