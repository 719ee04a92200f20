"""Tells whoever watches what moves here. While nobody watches, it costs one question of an empty table."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING

from wingbeat.services.live.notices import WATCH_SECONDS, Listed, Moved, read_watch, write_listed, write_moved
from wingbeat.storage import live
from wingbeat.storage.pool import translate_errors
from wingbeat.worker.service import Loop

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from wingbeat.services.live.notices import RunningStep
    from wingbeat.storage.journal import Batch
    from wingbeat.storage.pool import Database
    from wingbeat.worker.runner import Runner

# At most so often anything is told of one execution, and of lists.
PAUSE_SECONDS = 0.1
LISTS_SECONDS = 0.5
MOST_STEPS = 60
# Of more executions between two notices, only whose they are is told.
MOST_LISTED = 150


class LiveNotices:
    """What this worker tells. `find` gives the runner of an execution that runs here."""

    def __init__(self, database: Database, find: Callable[[UUID], Runner | None]) -> None:
        self._database = database
        self._find = find
        self._watched: dict[UUID, float] = {}
        self._lists_until = 0.0
        self._moved: set[UUID] = set()
        self._listed: dict[UUID, UUID] = {}
        self._crowd: set[UUID] = set()
        self._lists_told = 0.0
        self._loop = Loop("live", self._round)

    # What the worker calls.

    def watch(self, payload: str) -> None:
        """Somebody says what is watched; what runs here of that is told at once."""
        wanted = read_watch(payload)
        if wanted is None:
            return
        until = time.monotonic() + WATCH_SECONDS
        for execution_id in wanted.executions:
            if self._find(execution_id) is not None:
                self._moved.add(execution_id)
            self._watched[execution_id] = until
        if wanted.lists:
            self._lists_until = until
        self._loop.wake()

    def stirred(self, execution_id: UUID) -> None:
        """A step began, or the execution came or went."""
        if execution_id in self._watched:
            self._moved.add(execution_id)
            self._loop.wake()

    def came(self, runner: Runner) -> None:
        """An execution begins to run here."""
        if self._watched or self._lists_until:
            self.stirred(runner.claimed.execution_id)
            self._list(runner.claimed.execution_id, runner)

    def written(self, batch: Batch) -> None:
        """What is in the batch is durable now."""
        if self._watched:
            for execution_id in self._watched.keys() & batch.epochs().keys():
                self.stirred(execution_id)
        if self._lists_until:
            for execution_id in [ending.execution_id for ending in batch.endings]:
                self._list(execution_id, self._find(execution_id))
            for execution_id in [release.execution_id for release in batch.releases]:
                self._list(execution_id, self._find(execution_id))

    def _list(self, execution_id: UUID, runner: Runner | None) -> None:
        if not self._lists_until or runner is None:
            return
        if len(self._listed) < MOST_LISTED:
            self._listed[execution_id] = runner.claimed.workflow_id
        elif len(self._crowd) < MOST_LISTED:
            self._crowd.add(runner.claimed.workflow_id)
        self._loop.wake()

    # The service.

    def start(self) -> None:
        """Begin to tell."""
        self._loop.start()

    async def stop(self) -> None:
        """Say no more."""
        await self._loop.stop()

    async def run_once(self) -> int:
        """Tell what has gathered; returns in how many notices."""
        now = time.monotonic()
        for execution_id in [one for one, until in self._watched.items() if until < now]:
            del self._watched[execution_id]
        if self._lists_until < now:
            self._lists_until = 0.0
        moved, self._moved = self._moved, set()
        notices = [write_moved(self._describe(one)) for one in sorted(moved & self._watched.keys())]
        notices += self._lists(now)
        if notices:
            with translate_errors():
                async with self._database.pool.acquire() as connection:
                    await live.tell(connection, live.MOVED, notices)
        return len(notices)

    async def _round(self) -> float:
        await self.run_once()
        await asyncio.sleep(PAUSE_SECONDS)
        return LISTS_SECONDS if self._listed or self._crowd else WATCH_SECONDS

    def _lists(self, now: float) -> list[str]:
        if not (self._listed or self._crowd) or now - self._lists_told < LISTS_SECONDS:
            return []
        listed, self._listed = self._listed, {}
        crowd, self._crowd = self._crowd, set()
        self._lists_told = now
        return [write_listed(Listed(frozenset(listed), frozenset({*listed.values(), *crowd}), bool(crowd)))]

    def _describe(self, execution_id: UUID) -> Moved:
        runner = self._find(execution_id)
        if runner is None:
            return Moved(execution_id)
        steps: list[RunningStep] = runner.running_steps()
        counts = Counter(step.node_id for step in steps)
        return Moved(execution_id, runner.sequence, tuple(steps[:MOST_STEPS]), counts)
