"""Somebody who cancels, pauses and resumes executions while everything else comes to harm."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
from tests.campaigns.installation import Installation, pause

from wingbeat.core.errors import Conflict, DatabaseUnavailable
from wingbeat.storage import control
from wingbeat.storage.pool import translate_errors

UNENDED = """
    SELECT execution_id::text FROM workflow_executions
    WHERE status NOT IN ('completed', 'failed', 'cancelled') ORDER BY random() LIMIT 1
"""
PAUSED = "SELECT execution_id::text FROM workflow_executions WHERE status = 'paused' LIMIT 1"
CANCEL_SHARE = 0.2


class Meddler:
    """Counts what it did. `cancelled` are those whose cancellation was answered, `asked` all that it tried."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._stopped = False
        self.cancelled: set[UUID] = set()
        self.asked: set[UUID] = set()
        self.pauses = 0

    def stop(self) -> None:
        """No more of it."""
        self._stopped = True

    async def run(self) -> None:
        """Meddle until stopped, then let everything go on that is still paused."""
        while not self._stopped:
            await asyncio.sleep(pause(0, 0.3))
            found = await self._installation.ask(UNENDED)
            if found is None:
                continue
            execution_id = UUID(str(found))
            if random.random() < CANCEL_SHARE:  # noqa: S311 - no secret
                self.asked.add(execution_id)
                if await self._do(control.cancel, execution_id):
                    self.cancelled.add(execution_id)
            elif await self._do(control.pause, execution_id):
                self.pauses += 1
                await asyncio.sleep(pause(0, 0.5))
                await self._do(control.resume, execution_id)

    async def resume_all(self) -> None:
        """Let everything go on that is still paused."""
        while (found := await self._installation.ask(PAUSED)) is not None:
            await self._do(control.resume, UUID(str(found)))

    async def _do(self, what: Callable[[asyncpg.Connection, UUID], Awaitable[object]], execution_id: UUID) -> bool:
        """Whether it was done for certain."""
        try:
            with translate_errors():
                async with self._installation.database.pool.acquire() as connection:
                    await what(connection, execution_id)
        except Conflict:
            return False
        except DatabaseUnavailable:  # PostgreSQL was killed just now.
            await self._installation.heal()
            return False
        return True
