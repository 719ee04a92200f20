"""Takes over the executions of dead workers: at once when their session ended, else when their heartbeat is old."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from wingbeat.storage import audit, workers
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.pool import translate_errors
from wingbeat.worker.service import Loop

if TYPE_CHECKING:
    from wingbeat.storage.pool import Database
    from wingbeat.worker.lease import Lease

LOOK_SECONDS = 0.5

log = structlog.get_logger()


class Recovery:
    """Every worker looks after all others; whoever sees it first gives the executions back to the queue."""

    def __init__(self, database: Database, lease: Lease, lease_seconds: float) -> None:
        self._database = database
        self._lease = lease
        self._lease_seconds = lease_seconds
        self._loop = Loop("recovery", self._round)
        self._rounds = 0

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    async def stop(self) -> None:
        """Stop."""
        await self._loop.stop()

    async def run_once(self) -> int:
        """Look once; returns how many executions were given back."""
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                given_back = await workers.take_over_dead(
                    connection, self._lease.worker_id, self._lease_seconds, by_lock=not self._lease.just_resumed
                )
                self._rounds += 1
                if self._rounds % 20 == 1:
                    given_back += await workers.take_over_orphans(connection)
        if given_back:
            log.info("executions_taken_over", count=given_back)
            audit.note(lost_worker(given_back))
        return given_back

    async def _round(self) -> float:
        await self.run_once()
        return LOOK_SECONDS


def lost_worker(executions: int) -> AuditEvent:
    """What is written down when executions of a worker that is gone are given back."""
    message = f"{executions} executions of workers that are gone go on elsewhere"
    return AuditEvent(Category.SYSTEM, "worker.lost", "worker", "", actor="system", result="lost", message=message)
