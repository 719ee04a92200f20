"""The one shape of a background service: something to do once, again and again, until it is stopped."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

import asyncpg
import structlog

from wingbeat.core.errors import WingbeatError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FAILED_PAUSE_SECONDS = 1.0
CANCEL_AGAIN_SECONDS = 0.5
LONGEST_SILENCE_SECONDS = 600.0

log = structlog.get_logger()


class Service(Protocol):
    """What runs in the background. Each has a `run_once` of its own kind as well, for tests to ask for one round."""

    def start(self) -> None:
        """Begin; needs a running event loop."""

    async def stop(self) -> None:
        """Stop, wherever it is."""


class Outage:
    """Says that something keeps failing: the first time, then after 1, 2, 4 ... seconds, and when it is over."""

    def __init__(self, failed: str, over: str, clock: Callable[[], float] = time.monotonic, **about: object) -> None:
        """`failed` and `over` are the names of the log's events; `about` goes with each of them."""
        self._failed = failed
        self._over = over
        self._clock = clock
        self._about = about
        self._since: float | None = None
        self._silent_until = 0.0
        self._silence = 1.0

    def failed(self, **fields: object) -> None:
        """It failed now. With `exc_info` the log gets the traceback."""
        now = self._clock()
        if self._since is None:
            self._since, self._silent_until, self._silence = now, now, 1.0
        if now < self._silent_until:
            return
        log.warning(self._failed, **self._about, **fields, seconds=round(now - self._since, 1))
        self._silent_until = now + self._silence
        self._silence = min(self._silence * 2, LONGEST_SILENCE_SECONDS)

    def over(self) -> None:
        """It works; nothing is said unless it failed before."""
        if self._since is not None:
            log.info(self._over, **self._about, seconds=round(self._clock() - self._since, 1))
            self._since = None


class Loop:
    """Calls `run_once` until stopped. It returns the seconds until the next round; `wake` brings the round forward.

    An error is logged and the service goes on: a background service never dies in silence.
    """

    def __init__(self, name: str, run_once: Callable[[], Awaitable[float]]) -> None:
        self._name = name
        self._run_once = run_once
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._outage = Outage("service_round_failed", "service_works_again", service=name)

    def start(self) -> None:
        """Begin with the first round at once."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """Stop, wherever it is."""
        if self._task is not None:
            await end_task(self._task)
            self._task = None

    def wake(self) -> None:
        """There is something to do now."""
        self._wanted.set()

    async def _run(self) -> None:
        while True:
            self._wanted.clear()
            try:
                pause = await self._run_once()
            except (WingbeatError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
                self._outage.failed(error=str(error))
                pause = FAILED_PAUSE_SECONDS
            except Exception as error:  # noqa: BLE001 -- a service never dies; the log gets the traceback
                self._outage.failed(error=str(error), exc_info=True)
                pause = FAILED_PAUSE_SECONDS
            else:
                self._outage.over()
            if pause > 0:
                await _wait(self._wanted, pause)


async def end_task(task: asyncio.Task[None]) -> None:
    """Cancel until it is done: a driver whose connection breaks at that moment may swallow a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_AGAIN_SECONDS)
    await asyncio.gather(task, return_exceptions=True)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
