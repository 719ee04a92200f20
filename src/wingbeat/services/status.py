"""How this installation is: whether it can work, and what it is working on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import DatabaseUnavailable
from wingbeat.storage import executions, installation, workflow_lists
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.workflow_lists import WorkflowFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wingbeat.core.json_value import Json
    from wingbeat.storage.installation import DatabaseState, QueueState, WorkerState
    from wingbeat.storage.pool import Database

READY_SECONDS = 2.0


def nothing_wrong() -> list[str]:
    """No reason why this process could not work."""
    return []


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What `/api/v1/status` tells."""

    version: str
    workers: list[WorkerState]
    queue: QueueState
    executions: dict[str, int]
    workflows: int
    limits: Mapping[str, Json]
    database: DatabaseState
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Status:
    """The state of the installation.

    `problems_here` tells, in sentences, why this very process could not work, as when its worker has stopped;
    `limits` are shown as they are. `warnings_here` is what somebody should mend, although this process can work.
    """

    database: Database
    version: str
    limits: Mapping[str, Json] = field(default_factory=dict)
    lease: timedelta = timedelta(seconds=10)
    problems_here: Callable[[], list[str]] = nothing_wrong
    warnings_here: Callable[[], list[str]] = nothing_wrong

    async def problems(self) -> list[str]:
        """Why this process cannot work now, in sentences; empty if it can."""
        found = list(self.problems_here())
        try:
            with translate_errors():
                async with asyncio.timeout(READY_SECONDS):
                    await self.database.pool.fetchval("SELECT 1")
        except DatabaseUnavailable as error:
            found.append(str(error))
        return found

    async def report(self) -> StatusReport:
        """The state of the whole installation.

        Raises:
            DatabaseUnavailable: nothing can be told.
        """
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                return StatusReport(
                    version=self.version,
                    workers=await installation.list_workers(connection, self.lease),
                    queue=await installation.measure_queue(connection),
                    executions=await executions.count_by_status(connection),
                    workflows=await workflow_lists.count(connection, SYSTEM, WorkflowFilter(["draft", "published"])),
                    limits=self.limits,
                    database=await installation.describe_database(connection),
                    problems=[*self.problems_here(), *self.warnings_here()],
                )
