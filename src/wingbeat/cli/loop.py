"""Runs a command's coroutine on uvloop: the first signal asks it to stop, the second ends the process at once."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(SystemExit):
    """A signal ended the command before it had anything to show."""


class Stopping:
    """Tells a command that it shall stop; `signal_number` is why."""

    def __init__(self) -> None:
        self.signal_number: int | None = None
        self._wanted = asyncio.Event()
        self._task = asyncio.current_task()
        self._interruptible = True

    def request(self, signal_number: int) -> None:
        """Ask once; whoever asks twice does not want to wait."""
        if self.signal_number is not None:
            os._exit(128 + signal_number)
        self.signal_number = signal_number
        self._wanted.set()
        if self._interruptible and self._task is not None:
            self._task.cancel()

    def take_charge(self) -> None:
        """From now on the command waits for `wanted` itself, and is not cancelled any more."""
        self._interruptible = False

    def watch(self, descriptor: int | None) -> None:
        """Stop, too, when the other end of a pipe is closed: whoever held it is gone."""
        if descriptor is not None:
            asyncio.get_running_loop().add_reader(descriptor, self._on_closed, descriptor)

    def _on_closed(self, descriptor: int) -> None:
        asyncio.get_running_loop().remove_reader(descriptor)
        if self.signal_number is None:
            self.request(signal.SIGTERM)

    async def wanted(self) -> None:
        """Wait until somebody asks."""
        await self._wanted.wait()

    async def wanted_or(self, other: Coroutine[object, object, None]) -> None:
        """Wait until somebody asks or `other` ends; raises what ended it."""
        tasks = [asyncio.ensure_future(self.wanted()), asyncio.ensure_future(other)]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()


def run(command: Callable[[Stopping], Coroutine[object, object, T]]) -> T:
    """Run a command to its end; one that is interrupted ends the process with 128 + the signal's number."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_with_signals(command))


async def _with_signals(command: Callable[[Stopping], Coroutine[object, object, T]]) -> T:
    stopping = Stopping()
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, stopping.request, number)
    try:
        return await command(stopping)
    except asyncio.CancelledError:
        if stopping.signal_number is None:
            raise
        raise Interrupted(128 + stopping.signal_number) from None
