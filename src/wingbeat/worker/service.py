"""The one shape of a background service: something to do once, again and again, until it is stopped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import asyncpg
import structlog

from wingbeat.core.errors import WingbeatError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FAILED_PAUSE_SECONDS = 1.0
CANCEL_AGAIN_SECONDS = 0.5

log = structlog.get_logger()


class Startable(Protocol):
    """What can be started and stopped."""

    def start(self) -> None:
        """Begin; needs a running event loop."""

    async def stop(self) -> None:
        """Stop, wherever it is."""


class Service(Startable, Protocol):
    """A service that can be asked for one round in a test."""

    async def run_once(self) -> object:
        """Do what there is to do now."""


class Loop:
    """Calls `run_once` until stopped. It returns the seconds until the next round; `wake` brings the round forward.

    An error is logged and the service goes on: a background service never dies in silence.
    """

    def __init__(self, name: str, run_once: Callable[[], Awaitable[float]]) -> None:
        self._name = name
        self._run_once = run_once
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

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
                log.warning("service_round_failed", service=self._name, error=str(error))
                pause = FAILED_PAUSE_SECONDS
            except Exception:
                log.exception("service_round_failed", service=self._name)
                pause = FAILED_PAUSE_SECONDS
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
