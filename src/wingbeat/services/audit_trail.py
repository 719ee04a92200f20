"""Where the record of what was done goes besides the transactions that write it: the log file, and rows by batch."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import structlog

from wingbeat.core.errors import WingbeatError
from wingbeat.storage import audit
from wingbeat.storage.audit import Category
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import as_unavailable, translate_errors

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from wingbeat.storage.audit import Entry
    from wingbeat.storage.audit_file import AuditFile
    from wingbeat.storage.pool import Database

ROUND_SECONDS = 0.5
AT_ONCE = 500
MOST_WAITING = 20_000
# Longer than any transaction of ours lasts: what is not there by then was rolled back.
SETTLED_SECONDS = 120.0
STOP_SECONDS = 5.0
MINUTE_SECONDS = 60.0
# So many failed sign-ins of one address have a row of their own in a minute, and of so many addresses.
REFUSALS_A_MINUTE = 20
MOST_ADDRESSES = 1_000

log = structlog.get_logger()


class _Wrote(NamedTuple):
    """The line of a row whose transaction may still be under way."""

    line: dict[str, object]
    since: float


class AuditTrail:
    """One for each process. Nobody who records something waits for it; what it holds is bounded.

    A row that was written within a change gets its line once it is seen to be committed, so that the file tells of no
    change that was rolled back. Everything else gets its line at once, and its row with the next batch.
    """

    def __init__(self, database: Database, file: AuditFile | None) -> None:
        self._database = database
        self._file = file
        self._wrote: dict[UUID, _Wrote] = {}
        self._noted: deque[tuple[float, Entry]] = deque()
        self._lost = 0
        self._minute = 0.0
        self._refusals: Counter[str] = Counter()
        self._failure: str | None = None
        self._file_was_broken = False
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    # What `storage.audit` calls.

    def wrote(self, identifier: UUID, line: dict[str, object]) -> None:
        """A row was written in somebody's transaction."""
        if self._file is None:
            return
        if len(self._wrote) >= MOST_WAITING:
            self._wrote.pop(next(iter(self._wrote)))
            self._lost += 1
        self._wrote[identifier] = _Wrote(line, time.monotonic())

    def note(self, entry: Entry) -> None:
        """Something happened that is to have a row and a line.

        Of what strangers can do as often as they like, each address gets some rows a minute; the file, which is
        bounded, has the rest.
        """
        if entry.event.category in {Category.AUTH, Category.AUTHZ} and self._is_flood(entry):
            self.trace(entry.line())
            return
        if len(self._noted) >= MOST_WAITING:
            self._noted.popleft()
            self._lost += 1
        self._noted.append((time.monotonic(), entry))
        self.trace(entry.line())

    def _is_flood(self, entry: Entry) -> bool:
        if entry.event.result == audit.SUCCESS:
            return False
        now = time.monotonic()
        if now - self._minute > MINUTE_SECONDS:
            self._minute, self._refusals = now, Counter()
        self._refusals[entry.caller.address] += 1
        return self._refusals[entry.caller.address] > REFUSALS_A_MINUTE or len(self._refusals) > MOST_ADDRESSES

    def trace(self, line: dict[str, object]) -> None:
        """Something happened that is to have a line."""
        if self._file is not None:
            line["timestamp"] = datetime.now(UTC)
            self._file.add(line)

    def problems(self) -> list[str]:
        """What keeps entries from where they belong, in sentences."""
        found = [self._file.problem] if self._file is not None and self._file.problem else []
        if self._failure is not None:
            found.append(f"Entries of the audit log wait for the database: {self._failure}")
        if self._lost:
            found.append(f"{self._lost} entries of the audit log were lost since the start of this process.")
        return found

    # The service.

    def start(self) -> None:
        """Begin."""
        if self._file is not None:
            self._file.start()
        self._task = asyncio.create_task(self._run(), name="audit")

    async def stop(self) -> None:
        """Write what is left, as far as that goes within a few seconds."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        with suppress(WingbeatError, TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self.run_once()
        if self._file is not None:
            await asyncio.to_thread(self._file.stop)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                await self.run_once()
            except Exception as error:
                if self._failure is None:
                    log.exception("audit_entries_wait")
                self._failure = error.message if isinstance(error, WingbeatError) else type(error).__name__
            self._say_how_the_file_is()

    async def run_once(self) -> None:
        """Write the rows that were noted, and give the committed rows of others their lines.

        Raises:
            DatabaseUnavailable: both wait for the next round.
        """
        async with self._one_at_a_time:
            if self._noted or self._wrote:
                with translate_errors():
                    await self._insert_noted()
                    await self._tell_committed()
            self._failure = None

    async def _insert_noted(self) -> None:
        while self._noted:
            now = time.monotonic()
            batch = [self._noted[place] for place in range(min(AT_ONCE, len(self._noted)))]
            async with self._database.pool.acquire() as connection:
                await self._insert(connection, [(now - since, entry) for since, entry in batch])
            written = {entry.audit_id for _, entry in batch}
            while self._noted and self._noted[0][1].audit_id in written:
                self._noted.popleft()

    async def _insert(self, connection: asyncpg.Connection, batch: list[tuple[float, Entry]]) -> None:
        """Write a batch; where the database refuses it, one by one, so that only the guilty entry is lost."""
        try:
            await audit.insert_noted(connection, batch)
        except Exception as error:
            if as_unavailable(error) is not None:
                raise
            if len(batch) > 1:
                for one in batch:
                    await self._insert(connection, [one])
                return
            log.exception("audit_entry_refused", action=batch[0][1].event.action)
            self._lost += 1

    async def _tell_committed(self) -> None:
        asked = list(self._wrote.items())
        if not asked or self._file is None:
            return
        async with self._database.pool.acquire() as connection:
            committed = await audit.find_committed(connection, [identifier for identifier, _ in asked])
        now = time.monotonic()
        for identifier, (line, since) in asked:
            at = committed.get(identifier)
            if at is not None:
                line["timestamp"] = at
                self._file.add(line)
            if at is not None or now - since > SETTLED_SECONDS:
                self._wrote.pop(identifier, None)

    def _say_how_the_file_is(self) -> None:
        problem = None if self._file is None else self._file.problem
        if problem is not None and not self._file_was_broken:
            log.error("audit_file_unwritable", problem=problem)
            self._note_system("audit.file_lost", problem, result="unwritable")
        elif problem is None and self._file_was_broken:
            log.info("audit_file_written_again")
            self._note_system("audit.file_back", "The log file is written again.", result=audit.SUCCESS)
        self._file_was_broken = problem is not None

    def _note_system(self, action: str, message: str, *, result: str) -> None:
        path = "" if self._file is None else str(self._file.path)
        event = audit.AuditEvent(
            audit.Category.SYSTEM, action, "file", path, actor="system", result=result, message=message
        )
        self.note(audit.Entry(new_id(), event, audit.Caller()))
