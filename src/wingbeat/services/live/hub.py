"""Who watches what in this process, and is told what is new.

Workers of all processes are told what is watched, and say when it has moved; what is new is read from the journal. A
notice only says when to look: without any, it is looked at every second.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

import asyncpg
import structlog

from wingbeat.core.access import Permission
from wingbeat.core.errors import Conflict, DatabaseUnavailable, NotFound
from wingbeat.services.live.feed import MOST_STEPS, Feed, Following, News
from wingbeat.services.live.lists import Lists
from wingbeat.services.live.notices import WATCH_SECONDS, Edited, Moved, Present, read_notice, write_watch
from wingbeat.services.live.presence import Presence
from wingbeat.services.live.story import Event
from wingbeat.services.permissions import access
from wingbeat.storage import live
from wingbeat.storage.pool import closed_on_error, connect, translate_errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from uuid import UUID

    from wingbeat.core.json_value import JsonObject
    from wingbeat.services.live.listener import Listener
    from wingbeat.services.live.notices import Here, Listed
    from wingbeat.storage.pool import Database

# At most so often anything is told of one execution; without a notice it is looked at so often.
PAUSE_SECONDS = 0.1
LOOK_SECONDS = 1.0
# An execution that does too much to be told step by step is counted less often.
FLOOD_SECONDS = 0.3
RENEW_SECONDS = WATCH_SECONDS / 3
FAILED_SECONDS = 1.0
# One listener follows at most so many executions.
MOST_FOLLOWED = 50

Cursor: TypeAlias = "tuple[UUID, int]"

log = structlog.get_logger()


class Hub:
    """The live events of one process; it begins to work when somebody follows something, and rests when nobody does."""

    def __init__(self, database: Database, find_dsn: Callable[[], Awaitable[str]] | None = None) -> None:
        self._database = database
        self._find_dsn = find_dsn
        self._feeds: dict[UUID, Feed] = {}
        self._lists = Lists(database)
        self._presence = Presence(database, self._lists.followers)
        self._stale: set[UUID] = set()
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: asyncpg.Connection | None = None
        self._announced: tuple[frozenset[UUID], bool] = (frozenset(), False)
        self._announced_at = 0.0
        self._failed = False

    # What callers do.

    async def follow(self, listener: Listener, execution_id: UUID, after_sequence: int = 0) -> JsonObject:
        """Tell the listener what becomes of an execution, beginning after that row of its journal; gives how it stands.

        Raises:
            NotFound: there is no such execution, or the caller may not see it.
            Forbidden: the caller may see nothing at all.
            Conflict: `TOO_MUCH_FOLLOWED`.
            DatabaseUnavailable: it cannot be looked up.
        """
        if self._followed_by(listener) >= MOST_FOLLOWED:
            raise Conflict(
                f"This connection follows {MOST_FOLLOWED} executions already.",
                code="TOO_MUCH_FOLLOWED",
                remedy="Leave some of them first, or follow their workflow.",
            )
        with translate_errors():
            async with self._database.scoped(listener.principal) as connection:
                await access.require_execution(connection, listener.principal, execution_id, Permission.VIEW)
            async with self._database.pool.acquire() as connection:
                standing = (await live.read_standings(connection, [execution_id])).get(execution_id)
        if standing is None:
            raise access.missing(access.EXECUTION, execution_id)
        feed = self._feeds.setdefault(execution_id, Feed(execution_id))
        feed.followings[listener] = Following(listener, max(0, min(after_sequence, standing.sequence)))
        self._stale.add(execution_id)
        self._begin()
        return {
            "execution_id": str(execution_id),
            "workflow_id": str(standing.workflow_id),
            "status": standing.status.value,
            "sequence": standing.sequence,
        }

    async def follow_workflow(self, listener: Listener, workflow_id: UUID) -> None:
        """Tell the listener what becomes of the executions of a workflow, as far as lists show it.

        Raises:
            NotFound, Forbidden: as the workflow itself would.
        """
        await self._lists.follow_workflow(listener, workflow_id)
        self._presence.came(listener, workflow_id)
        self._begin()

    async def be_present(self, listener: Listener, here: Here) -> None:
        """Tell all who follow a workflow that the listener, who does too, has it open.

        Raises:
            Conflict: `ROOM_NOT_JOINED`.
        """
        if listener not in self._lists.followers(here.workflow_id):
            raise Conflict(
                "This connection is not in the room of that workflow.",
                code="ROOM_NOT_JOINED",
                remedy="Join 'workflow:<id>' first.",
            )
        await self._presence.say(listener, here)
        self._begin()

    def be_absent(self, listener: Listener, workflow_id: UUID) -> None:
        """The listener has that workflow open no more, though it may follow it."""
        self._presence.leave(listener, workflow_id)
        self._wanted.set()

    async def follow_all(self, listener: Listener) -> None:
        """The same of all that the caller may see."""
        await self._lists.follow_all(listener)
        self._begin()

    def unfollow(self, listener: Listener, execution_id: UUID) -> None:
        """Tell the listener nothing more of that execution."""
        feed = self._feeds.get(execution_id)
        if feed is None:
            return
        feed.followings.pop(listener, None)
        if not feed.followings:
            del self._feeds[execution_id]

    def unfollow_lists(self, listener: Listener, workflow_id: UUID | None) -> None:
        """Tell the listener nothing more of the workflow's executions, or of all."""
        if workflow_id is not None:
            self.be_absent(listener, workflow_id)
        self._lists.unfollow(listener, workflow_id)

    def forget(self, listener: Listener) -> None:
        """The listener is gone."""
        for execution_id in [one for one, feed in self._feeds.items() if listener in feed.followings]:
            self.unfollow(listener, execution_id)
        self._lists.forget(listener)
        self._presence.forget(listener)
        self._wanted.set()

    async def check(self, listener: Listener) -> None:
        """End what the listener may not watch any more, and say so to it."""
        followed = [feed for feed in self._feeds.values() if listener in feed.followings]
        for feed in followed:
            try:
                with translate_errors():
                    async with self._database.scoped(listener.principal) as connection:
                        await access.require_execution(
                            connection, listener.principal, feed.execution_id, Permission.VIEW
                        )
            except NotFound as gone:
                self.unfollow(listener, feed.execution_id)
                await listener.hear(tell_left({"execution_id": str(feed.execution_id)}, gone))
        for workflow_id, why in await self._lists.check(listener):
            self.be_absent(listener, workflow_id)
            await listener.hear(tell_left({"workflow_id": str(workflow_id)}, why))
        await self._presence.check(listener)

    def _followed_by(self, listener: Listener) -> int:
        return sum(listener in feed.followings for feed in self._feeds.values())

    # The service.

    async def stop(self) -> None:
        """Tell nobody anything any more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._hang_up()

    def _begin(self) -> None:
        self._wanted.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="live")

    async def _run(self) -> None:
        """Until nobody watches: whoever began to just as it was about to rest, or hung up, is served as well."""
        while True:
            await self._serve()
            await self._hang_up()
            if not (self._feeds or self._lists):
                return

    async def _serve(self) -> None:
        """Until nobody watches for as long as workers go by what they were told."""
        idle_since: float | None = None
        while idle_since is None or time.monotonic() - idle_since < WATCH_SECONDS:
            self._wanted.clear()
            try:
                await self._listen()
                await self.run_once()
            except (DatabaseUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
                self._say_failed(error)
                await asyncio.sleep(FAILED_SECONDS)
            except Exception:
                log.exception("live_events_failed")
                await asyncio.sleep(FAILED_SECONDS)
            else:
                self._failed = False
                await asyncio.sleep(PAUSE_SECONDS)
            if self._feeds or self._lists or self._presence.waits:
                idle_since = None
            elif idle_since is None:
                idle_since = time.monotonic()
            with suppress(TimeoutError):
                # `wait_for` would not be cancelled at the moment when it is wanted, and this would go on for long.
                async with asyncio.timeout(PAUSE_SECONDS if self._stale or self._presence.waits else LOOK_SECONDS):
                    await self._wanted.wait()

    async def run_once(self) -> None:
        """Say what is watched, look at what may have moved, and tell what is new."""
        await self._announce()
        await self._lists.run_once()
        await self._presence.run_once()
        now = time.monotonic()
        due = {
            execution_id: feed
            for execution_id, feed in self._feeds.items()
            if now >= feed.rests_until
            and (execution_id in self._stale or (not feed.settled and now - feed.looked_at >= LOOK_SECONDS))
        }
        self._stale -= due.keys() | (self._stale - self._feeds.keys())
        if due:
            try:
                await self._look(due)
            except BaseException:
                self._stale |= due.keys()
                raise

    async def _look(self, due: Mapping[UUID, Feed]) -> None:
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                standings = await live.read_standings(connection, due)
                followings = {
                    (execution_id, one.cursor): None for execution_id, feed in due.items() for one in feed.waiting()
                }
                found = await live.read_rows(connection, followings, MOST_STEPS + 1)
                news = {
                    cursor: await _in_few_words(connection, cursor, rows, standings.get(cursor[0]))
                    for cursor, rows in found.items()
                }
        for execution_id, feed in due.items():
            standing = standings.get(execution_id)
            if standing is None:
                await self._drop(feed)
                continue
            feed.looked_at = time.monotonic()
            feed.stands(standing)
            await self._tell(feed, news)

    async def _tell(self, feed: Feed, news: Mapping[Cursor, News]) -> None:
        for (execution_id, _), one in news.items():
            if execution_id == feed.execution_id:
                feed.settle(one)
        for following in list(feed.waiting()):
            new = news.get((feed.execution_id, following.cursor))
            if new is None:
                # Who joined meanwhile, or takes in again what it was told less of, comes next.
                self._stale.add(feed.execution_id)
                continue
            if new.counts:
                feed.rests_until = feed.looked_at + FLOOD_SECONDS
            for event in feed.tell(following, new):
                await following.listener.hear(event)

    async def _drop(self, feed: Feed) -> None:
        self._feeds.pop(feed.execution_id, None)
        gone = access.missing(access.EXECUTION, feed.execution_id)
        for listener in feed.followings:
            await listener.hear(tell_left({"execution_id": str(feed.execution_id)}, gone))

    # Between processes.

    async def _announce(self) -> None:
        """Say to all workers what is watched here: what is new at once, all of it before they forget."""
        wanted = frozenset(execution_id for execution_id, feed in self._feeds.items() if not feed.settled)
        lists = bool(self._lists)
        before, lists_before = self._announced
        now = time.monotonic()
        due = now - self._announced_at >= RENEW_SECONDS
        new: Iterable[UUID] = wanted if due else wanted - before
        if not (new or (lists and (due or not lists_before))):
            return
        with translate_errors():
            async with self._database.pool.acquire() as connection:
                await live.tell(connection, live.WATCHED, write_watch(list(new), lists=lists))
        self._announced = (wanted, lists)
        if due:
            self._announced_at = now

    async def _listen(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            return
        dsn = str(self._database.dsn) if self._find_dsn is None else await self._find_dsn()
        with translate_errors():
            connection = await connect(dsn)
            async with closed_on_error(connection):
                await connection.add_listener(live.MOVED, self._on_notice)
        self._connection = connection
        self._stale |= self._feeds.keys()
        self._lists.missed()
        self._presence.missed()
        self._announced = (frozenset(), False)

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=1)

    def _on_notice(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        notice = read_notice(str(payload))
        if notice is not None and self._concerns(notice):
            self._wanted.set()

    def _concerns(self, notice: Moved | Listed | Edited | Present) -> bool:
        """Take it in; whether anybody here is to be told."""
        if isinstance(notice, Moved):
            feed = self._feeds.get(notice.execution_id)
            if feed is None:
                return False
            feed.take_in(notice)
            self._stale.add(notice.execution_id)
            return True
        if isinstance(notice, Edited):
            return self._lists.take_in_edit(notice)
        if isinstance(notice, Present):
            return self._presence.take_in(notice)
        followed = notice.executions & self._feeds.keys()
        self._stale |= followed
        return self._lists.take_in(notice) or bool(followed)

    def _say_failed(self, error: Exception) -> None:
        if not self._failed:
            log.warning("live_events_wait_for_database", error=str(error))
        self._failed = True


async def _in_few_words(
    connection: asyncpg.Connection, cursor: Cursor, rows: list[live.WatchedRow], standing: live.Standing | None
) -> News:
    """The rows themselves, or where they are too many, what they come to by node."""
    execution_id, after = cursor
    if len(rows) <= MOST_STEPS or standing is None:
        return News(rows, rows[-1].sequence if rows else after)
    until = max(standing.sequence, rows[-1].sequence)
    counts, last = await live.count_rows(connection, execution_id, after, until)
    return News(last, until, counts)


def tell_left(about: JsonObject, why: NotFound) -> Event:
    """That somebody is told nothing more of something, and why."""
    return Event("left", {**about, "error": {"code": why.code, "message": why.message}})
