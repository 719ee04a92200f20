"""Group commit: rows of all running executions gather here and are written in one transaction after another."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import structlog

from wingbeat.core.errors import DatabaseUnavailable
from wingbeat.storage import journal
from wingbeat.storage.journal import Batch
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from wingbeat.storage.journal import Ending, JournalRow, Release
    from wingbeat.storage.pool import Database

# Above this many unwritten rows, executions wait before they run on: memory stays bounded.
BACKLOG_ROWS = 5_000
DRAIN_SECONDS = 5.0
RETRY_SECONDS = 0.2

log = structlog.get_logger()


class JournalWriter:
    """The one writer of a worker. `refused` is called for each execution that turned out to be somebody else's."""

    def __init__(self, database: Database, refused: Callable[[UUID], None]) -> None:
        self._database = database
        self._refused = refused
        self._rows: list[JournalRow] = []
        self._endings: list[Ending] = []
        self._releases: list[Release] = []
        self._freed: list[UUID] = []
        self._waiters: list[tuple[UUID, asyncio.Future[bool]]] = []
        self._wanted = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._dropped: set[UUID] = set()
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
        return self.written(ending.execution_id)

    def release(self, release: Release, *, frees: UUID | None = None) -> asyncio.Future[bool]:
        """Hand in that an execution lets go of its worker."""
        self._releases.append(release)
        if frees is not None:
            self._freed.append(frees)
        return self.written(release.execution_id)

    def written(self, execution_id: UUID) -> asyncio.Future[bool]:
        """A future that is true once all that was handed in so far is durable, false if the fence refused it."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiters.append((execution_id, future))
        self._wanted.set()
        return future

    def crowded(self) -> bool:
        """Whether executions should wait for `room` before they go on."""
        return not self._room.is_set()

    async def room(self) -> None:
        """Wait until the backlog is small enough."""
        await self._room.wait()

    def drop(self, execution_id: UUID) -> None:
        """Forget what is not written yet of an execution that is no longer ours."""
        self._rows = [row for row in self._rows if row.execution_id != execution_id]
        self._endings = [item for item in self._endings if item.execution_id != execution_id]
        self._releases = [item for item in self._releases if item.execution_id != execution_id]
        for owner, future in self._waiters:
            if owner == execution_id and not future.done():
                future.set_result(False)
        self._waiters = [one for one in self._waiters if not one[1].done()]

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
                while self._rows or self._endings or self._releases or self._waiters:
                    await self.flush()
        except TimeoutError:
            log.warning("journal_not_drained", rows=len(self._rows))
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if self._rows or self._endings or self._releases or self._waiters:
                await self.flush()

    async def flush(self) -> None:
        """Write all that has gathered, as often as it takes. One at a time: rows are written in order."""
        async with self._one_at_a_time:
            await self._flush()

    async def _flush(self) -> None:
        batch = Batch(self._rows, self._endings, self._releases, self._freed)
        waiters = self._waiters
        self._rows, self._endings, self._releases, self._freed, self._waiters = [], [], [], [], []
        self._room.set()
        refused = await self._write(batch)
        self.flushes += 1
        self.rows_written += len(batch.rows)
        for execution_id in refused:
            self._refused(execution_id)
        for execution_id, future in waiters:
            if not future.done():
                future.set_result(execution_id not in refused)

    async def _write(self, batch: Batch) -> set[UUID]:
        ambiguous = False
        while True:
            try:
                with translate_errors():
                    async with self._database.pool.acquire() as connection:
                        if ambiguous:
                            batch = await journal.without_written(connection, batch)
                        return await journal.write(connection, batch)
            except DatabaseUnavailable as error:
                log.warning("journal_waits_for_database", error=error.message, rows=len(batch.rows))
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                continue
            except asyncpg.PostgresError:
                if len(batch.rows) + len(batch.endings) <= 1:
                    raise
                log.exception("journal_batch_refused", rows=len(batch.rows))
                return await self._write_each(batch)
            ambiguous = True
            await asyncio.sleep(RETRY_SECONDS)

    async def _write_each(self, batch: Batch) -> set[UUID]:
        """Write a batch that the database refuses one execution at a time, so that only the guilty one is refused."""
        refused: set[UUID] = set()
        for execution_id in sorted(batch.epochs()):
            part = Batch(
                [row for row in batch.rows if row.execution_id == execution_id],
                [item for item in batch.endings if item.execution_id == execution_id],
                [item for item in batch.releases if item.execution_id == execution_id],
                batch.freed,
            )
            try:
                async with self._database.pool.acquire() as connection:
                    refused |= await journal.write(connection, part)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                log.exception("journal_rows_refused", execution_id=str(execution_id))
                refused.add(execution_id)
        return refused
