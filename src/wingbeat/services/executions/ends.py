"""Waiting for executions to end or to answer, whether they run in this process or elsewhere."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from wingbeat.core.errors import DatabaseUnavailable, NotFound
from wingbeat.core.status import ExecutionStatus
from wingbeat.services.executions.responses import Given
from wingbeat.services.executions.start_requests import Summary
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.services.executions.responses import Responses
    from wingbeat.services.executions.start_requests import Held, Started
    from wingbeat.storage.pool import Database

POLL_SECONDS = 0.05
LONGEST_POLL_SECONDS = 1.0


class Ends:
    """Tells what executions came to, as soon as it is known here."""

    def __init__(self, database: Database, responses: Responses) -> None:
        self._database = database
        self._responses = responses

    async def wait_for(
        self, started: Started, held: Held | None, seconds: float, *, until_end: bool = False
    ) -> Summary:
        """Wait up to `seconds` for the end or, unless `until_end`, for a response."""
        if until_end:
            self._responses.forget(started.execution_id)
        try:
            return await self._wait_for(started, held, seconds, until_end=until_end)
        finally:
            self._responses.forget(started.execution_id)

    async def _wait_for(
        self, started: Started, held: Held | None, seconds: float, *, until_end: bool = False
    ) -> Summary:
        deadline = asyncio.get_running_loop().time() + seconds
        if held is not None:
            response = self._responses.waiting(started.execution_id)
            either: set[asyncio.Future[Any]] = {held.ended} if response is None else {held.ended, response}
            done, _ = await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if response is not None and response.done():
                return Summary(
                    started.execution_id,
                    started.workflow_id,
                    ExecutionStatus.RUNNING,
                    started.start_time,
                    response=response.result(),
                )
            ended = held.ended.result() if done else None
            if ended is not None:
                return Summary(
                    started.execution_id,
                    started.workflow_id,
                    ended.status,
                    started.start_time,
                    ended.output,
                    ended.error,
                    ended.executed,
                    ended.end_time,
                )
            await self._make_durable(started.execution_id)
        return await self._poll(started, deadline, until_end=until_end)

    async def _make_durable(self, execution_id: UUID) -> None:
        """Make sure of an execution whose insertion did not wait for the disk, before anything is said of it.

        Raises:
            DatabaseUnavailable: the database was stopped hard just then, and the execution is gone; it had no effect
                that may not be repeated, since before such a step there is a commit that waits.
        """
        with translate_errors():
            found = await load("starts").touch(self._database.pool, execution_id=execution_id)
        if found is None:
            raise DatabaseUnavailable(
                "The database stopped just when the execution was to start; nothing was started.",
                remedy="Send the request again.",
            )

    async def _poll(self, started: Started, deadline: float, *, until_end: bool) -> Summary:
        pause = POLL_SECONDS
        while True:
            summary = await self.read(started.execution_id)
            left = deadline - asyncio.get_running_loop().time()
            answered = summary.response is not None and not until_end
            if summary.status.terminal or answered or left <= 0:
                return summary._replace(replayed=started.replayed)
            await asyncio.sleep(min(pause, left))
            pause = min(pause * 1.5, LONGEST_POLL_SECONDS)

    async def read(self, execution_id: UUID) -> Summary:
        """Where the execution stands."""
        with translate_errors():
            row = await load("starts").read_summary(self._database.pool, execution_id=execution_id)
        if row is None:
            raise NotFound(f"There is no execution {execution_id}.", remedy="Check the id.")
        return Summary(
            row["execution_id"],
            row["workflow_id"],
            ExecutionStatus(row["status"]),
            row["start_time"],
            row["final_output"],
            row["error"],
            row["nodes_executed"],
            row["end_time"],
            response=None if row["response"] is None else Given.of(row["response"]),
        )
