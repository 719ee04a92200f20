"""A few runner processes for all code of a worker, started when they are needed and ended when they are not."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from typing import TYPE_CHECKING

import structlog

from wingbeat.sandbox.processes import RunnerBroken, RunnerProcess

if TYPE_CHECKING:
    from wingbeat.sandbox.artifacts import ArtifactStore
    from wingbeat.sandbox.processes import Answer, Request

IDLE_SECONDS = 60.0
# A job whose runner dies is done once more by another: code changes nothing outside.
TRIES = 2

log = structlog.get_logger()


def default_size() -> int:
    """One for each core, and two at least, so that one long run does not hold up all others."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(2, available)


class RunnerPool:
    """Runs jobs, as many at a time as there may be runners; the others wait in their order."""

    def __init__(self, artifacts: ArtifactStore, size: int) -> None:
        self._artifacts = artifacts
        self._slots = asyncio.Semaphore(size)
        self._idle: deque[RunnerProcess] = deque()
        self._busy: set[RunnerProcess] = set()
        self._reaping: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def processes(self) -> list[int]:
        """The runners that live now."""
        return [runner.pid for runner in (*self._idle, *self._busy)]

    async def run(self, request: Request) -> Answer:
        """Do one job; raises what `RunnerProcess.run` does, `RunnerBroken` only when that helped nothing twice."""
        async with self._slots:
            for _ in range(TRIES - 1):
                try:
                    return await self._try(request)
                except RunnerBroken as error:
                    log.warning("code_runner_broken", error=str(error))
            return await self._try(request)

    async def walls(self) -> dict[str, bool]:
        """What stands around the runners on this machine."""
        async with self._slots:
            runner = await self._take()
            self._give_back(runner)
            return runner.walls

    async def close(self) -> None:
        """End all of them."""
        if self._reaping is not None:
            self._reaping.cancel()
        runners = [*self._idle, *self._busy]
        self._idle.clear()
        await asyncio.gather(*(runner.kill() for runner in runners), *self._ending, return_exceptions=True)

    async def _try(self, request: Request) -> Answer:
        runner = await self._take()
        try:
            return await runner.run(request)
        finally:
            self._give_back(runner)

    async def _take(self) -> RunnerProcess:
        if self._reaping is not None:
            self._reaping.cancel()
            self._reaping = None
        # The one that has rested longest: the others may still be making their next machine.
        runner = self._idle.popleft() if self._idle else None
        if runner is None or not runner.alive:
            artifacts = await self._artifacts.get()
            runner = await RunnerProcess.start(artifacts, self._artifacts.empty_folder)
        self._busy.add(runner)
        return runner

    def _give_back(self, runner: RunnerProcess) -> None:
        self._busy.discard(runner)
        if runner.alive:
            self._idle.append(runner)
        if not self._busy and self._reaping is None:
            self._reaping = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._reap)

    def _reap(self) -> None:
        """Nobody needed one for a while: let their memory go."""
        self._reaping = None
        while self._idle:
            task = asyncio.create_task(self._idle.pop().kill())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
