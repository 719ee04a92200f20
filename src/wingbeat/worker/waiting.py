"""What the executions of a worker wait for from outside, as the database knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.sdk.waits import Signal
from wingbeat.storage import waits
from wingbeat.storage.pool import patiently, translate_errors
from wingbeat.storage.waits import Settled, WaitOutcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from wingbeat.core.events import StepKey
    from wingbeat.storage.dispatch import Claimed
    from wingbeat.storage.pool import Database


class WaitReader(NamedTuple):
    """Reads and closes waits for the executions that run here."""

    database: Database

    async def read(self, ids: Iterable[str], held: Claimed) -> dict[str, Signal | None]:
        """What has come for those of these waits that are the execution's own; raises `DatabaseUnavailable`."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                own = await waits.read_own(connection, [UUID(wait) for wait in ids], held.execution_id)
        return {str(wait): None if settled is None else _signal(settled) for wait, settled in own.items()}

    async def read_open(self, held: Claimed) -> set[tuple[str, str]]:
        """The steps of the execution, by node and scope, whose waits are open; raises `DatabaseUnavailable`."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                return await waits.read_open(connection, held.execution_id)

    async def find_out(self, wait: str, held: Claimed, *, due: bool) -> Signal | None:
        """What has come for a wait; one whose time is `due` closes now. It takes as long as the database is away."""

        async def ask() -> Settled | None:
            async with self.database.pool.acquire() as connection:
                if due:
                    return await waits.expire(connection, UUID(wait), held.execution_id, held.epoch)
                return (await waits.read_own(connection, [UUID(wait)], held.execution_id)).get(UUID(wait))

        settled = await patiently(ask)
        return None if settled is None else _signal(settled)

    async def give_up(self, wait: str, key: StepKey, held: Claimed) -> Signal | None:
        """Close a wait because its step's time is up; gives what came before."""

        async def close() -> Settled | None:
            async with self.database.pool.acquire() as connection:
                await waits.withdraw(connection, {(key.node_id, key.scope)}, held.execution_id, held.epoch)
                return (await waits.read_own(connection, [UUID(wait)], held.execution_id)).get(UUID(wait))

        settled = await patiently(close)
        return None if settled is None else _signal(settled)

    async def withdraw(self, steps: Collection[tuple[str, str]], held: Claimed) -> None:
        """These steps, by node and scope, wait for nothing any more."""

        async def close() -> None:
            async with self.database.pool.acquire() as connection:
                await waits.withdraw(connection, steps, held.execution_id, held.epoch)

        await patiently(close)


def _signal(settled: Settled) -> Signal:
    if settled.outcome is WaitOutcome.RESOLVED:
        return Signal("resolved", settled.value, settled.opening)
    return Signal("expired", None, settled.opening)
