"""Group commit: rows of all running executions gather here and are written in one transaction after another."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

import asyncpg
import structlog

from wingbeat.core.errors import Conflict, DatabaseUnavailable, Fault
from wingbeat.core.status import ExecutionStatus
from wingbeat.storage import control, journal
from wingbeat.storage.journal import Batch
from wingbeat.storage.pool import translate_errors
from wingbeat.worker.service import Outage, end_task

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from wingbeat.core.json_value import JsonObject
    from wingbeat.storage.journal import Ending, JournalRow, Release
    from wingbeat.storage.pool import Database

# Above this many unwritten rows, executions wait before they run on: memory stays bounded.
BACKLOG_ROWS = 5_000
DRAIN_SECONDS = 5.0
RETRY_SECONDS = 0.2
# A commit whose answer was lost may still be under way when it is repeated; the second then collides with the first.
MOST_COLLISIONS = 5
# PostgreSQL hangs up on a message of more than 1 GB, which looks as if it had gone away. So a batch that is this big
# and fails that often, while smaller questions are answered, is written in parts; what is too big alone is refused.
BIG_BYTES = 64_000_000
MOST_BIG_FAILURES = 3
LONGEST_MESSAGE = 500

log = structlog.get_logger()


class Waiter(NamedTuple):
    """Somebody who wants to know when all that an execution has handed in is durable."""

    execution_id: UUID
    epoch: int
    future: asyncio.Future[bool]


class JournalWriter:
    """The one writer of a worker.

    `refused` is called for each execution, with the epoch of its lease, that turned out to be no longer ours, and
    `wrote` with every batch that was written.
    """

    def __init__(
        self,
        database: Database,
        refused: Callable[[UUID, int], None],
        wrote: Callable[[Batch], None] = lambda _batch: None,
    ) -> None:
        self._database = database
        self._refused = refused
        self._wrote = wrote
        self._rows: list[JournalRow] = []
        self._endings: list[Ending] = []
        self._releases: list[Release] = []
        self._freed: list[UUID] = []
        self._waiters: list[Waiter] = []
        self._wanted = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._outage = Outage("journal_waits_for_database", "journal_writes_again")
        self.flushes = 0
        self.rows_written = 0

    # What executions call.

    def add(self, row: JournalRow) -> None:
        """Hand in a row. It will be written, in order, soon; `written` tells when."""
        self._rows.append(row)
        self._wanted.set()
        if len(self._rows) > BACKLOG_ROWS:
            self._room.clear()

    def finish(self, ending: Ending, *, frees: UUID | None = None) -> asyncio.Future[bool]:
        """Hand in the end of an execution; the future is true once it is durable, false if the fence refused it."""
        self._endings.append(ending)
        if frees is not None:
            self._freed.append(frees)
        return self.written(ending.execution_id, ending.epoch)

    def release(self, release: Release, *, frees: UUID | None = None) -> asyncio.Future[bool]:
        """Hand in that an execution lets go of its worker."""
        self._releases.append(release)
        if frees is not None:
            self._freed.append(frees)
        return self.written(release.execution_id, release.epoch)

    def written(self, execution_id: UUID, epoch: int) -> asyncio.Future[bool]:
        """A future that is true once all that was handed in is durable and the lease was seen to hold, else false."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiters.append(Waiter(execution_id, epoch, future))
        self._wanted.set()
        return future

    def crowded(self) -> bool:
        """Whether executions should wait for `room` before they go on."""
        return not self._room.is_set()

    async def room(self) -> None:
        """Wait until the backlog is small enough."""
        await self._room.wait()

    def drop(self, execution_id: UUID, epoch: int) -> None:
        """Forget what is not written yet under a lease that is no longer ours."""
        gone = (execution_id, epoch)
        self._rows = [row for row in self._rows if (row.execution_id, row.epoch) != gone]
        self._endings = [item for item in self._endings if (item.execution_id, item.epoch) != gone]
        self._releases = [item for item in self._releases if (item.execution_id, item.epoch) != gone]
        for waiter in self._waiters:
            if (waiter.execution_id, waiter.epoch) == gone and not waiter.future.done():
                waiter.future.set_result(False)
        self._waiters = [waiter for waiter in self._waiters if not waiter.future.done()]

    # The service.

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="journal")

    async def stop(self) -> None:
        """Write what is left, as far as the database allows it within a few seconds, and stop."""
        if self._task is None:
            return
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                async with self._one_at_a_time:
                    # A batch under way is written to its end.
                    pass
                while self._has_work():
                    await self.flush()
        except TimeoutError:
            log.warning("journal_not_drained", rows=len(self._rows))
        await end_task(self._task)
        self._task = None

    def _has_work(self) -> bool:
        return bool(self._rows or self._endings or self._releases or self._waiters)

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if self._has_work():
                await self.flush()

    async def flush(self) -> None:
        """Write all that has gathered, as often as it takes. One at a time: rows are written in order."""
        async with self._one_at_a_time:
            await self._flush()

    async def _flush(self) -> None:
        waiters = [waiter for waiter in self._waiters if not waiter.future.done()]
        checks = [(waiter.execution_id, waiter.epoch) for waiter in waiters]
        batch = Batch(self._rows, self._endings, self._releases, self._freed, checks)
        self._rows, self._endings, self._releases, self._freed, self._waiters = [], [], [], [], []
        self._room.set()
        epochs = batch.epochs()
        try:
            refused = await self._write(batch)
        except Exception:
            # The executions cannot go on with a gap in their journals: they start again from what is written.
            log.exception("journal_batch_lost", rows=len(batch.rows))
            refused = set(epochs)
        self.flushes += 1
        self.rows_written += len(batch.rows)
        self._wrote(batch)
        for execution_id in refused:
            self._refused(execution_id, epochs[execution_id])
        for waiter in waiters:
            if not waiter.future.done():
                waiter.future.set_result(waiter.execution_id not in refused)

    async def _write(self, batch: Batch) -> set[UUID]:
        """Write a batch, whatever it takes; returns the executions of which nothing was written."""
        ambiguous = False
        collisions = failures = 0
        while True:
            try:
                left = await self._without_written(batch) if ambiguous else batch
                failures += 1
                refused = await self._attempt(left)
            except DatabaseUnavailable as error:
                self._outage.failed(error=error.message, rows=len(batch.rows))
                ambiguous = True
                if failures >= MOST_BIG_FAILURES and batch.size() > BIG_BYTES:
                    return await self._write_each(batch, error)
                await asyncio.sleep(RETRY_SECONDS)
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                continue
            except Exception as error:
                collisions += 1
                if isinstance(error, asyncpg.UniqueViolationError) and ambiguous and collisions <= MOST_COLLISIONS:
                    continue
                log.exception("journal_batch_refused", rows=len(batch.rows))
                return await self._write_each(batch, error)
            else:
                self._outage.over()
                return refused

    async def _attempt(self, batch: Batch) -> set[UUID]:
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                return await journal.write(connection, batch)

    async def _without_written(self, batch: Batch) -> Batch:
        """What an attempt whose answer was lost has not written."""
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                return await journal.without_written(connection, batch)

    async def _write_each(self, batch: Batch, error: Exception) -> set[UUID]:
        """Write a refused batch one execution at a time, so that only the guilty one is ended."""
        epochs = batch.epochs()
        if len(epochs) > 1:
            parts = [batch.part(execution_id) for execution_id in sorted(epochs)]
            return {refused for part in parts for refused in await self._write(part)}
        for execution_id, epoch in epochs.items():
            await self._end(execution_id, epoch, error)
        return set(epochs)

    async def _end(self, execution_id: UUID, epoch: int, error: Exception) -> None:
        """End an execution whose rows the database will never take."""
        while True:
            try:
                with translate_errors():
                    async with self._database.pool.acquire() as connection:
                        await control.end(
                            connection, execution_id, ExecutionStatus.FAILED, _describe_refusal(error), epoch=epoch
                        )
            except DatabaseUnavailable:
                await asyncio.sleep(RETRY_SECONDS)
            except Conflict:
                return
            else:
                return


def _describe_refusal(error: Exception) -> JsonObject:
    text = f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE].encode("utf-8", "replace").decode().replace("\0", "")
    return {
        "code": "JOURNAL_REFUSED",
        "message": f"The database refuses to record what the execution did: {text}",
        "fault": Fault.PLATFORM.value,
        "remedy": "Look for values of unusual size or depth in the step after the last one in the journal.",
    }
