"""Keeps a number of equal processes alive: one that dies is started again, and all stop with this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import structlog

from wingbeat.cli.reporting import INVALID, say_stopping

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

# A process that cannot even start is not started again without end in no time.
RESTART_SECONDS = 1.0
LOOK_SECONDS = 0.2
# A little more than a process takes to stop gracefully.
STOP_SECONDS = 25.0

log = structlog.get_logger()


class Supervisor:
    """The processes of one command. Each gets the reading end of a pipe that closes when the supervisor is gone."""

    def __init__(self, command: Sequence[str], count: int, pass_fds: Sequence[int]) -> None:
        self._command = [sys.executable, "-m", "wingbeat", *command]
        self._pass_fds = pass_fds
        self._alive_end, self._kept_end = os.pipe()
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._started: dict[int, float] = {}
        self._count = count
        self._stopping = 0
        self._give_up = 0

    def run(self) -> int:
        """Start all, and return when all have ended after a signal; the status to exit with."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        for slot in range(self._count):
            self._start(slot, first=slot == 0)
        while not self._stopping:
            self._start_again()
            time.sleep(LOOK_SECONDS)
        if not self._give_up:
            say_stopping()
        self._await_end()
        return self._give_up

    def _start(self, slot: int, *, first: bool = False) -> None:
        extra = ["--supervised-by", str(self._alive_end), *(["--announce"] if first else [])]
        self._children[slot] = subprocess.Popen(  # noqa: S603 - our own program
            [*self._command, *extra], pass_fds=[self._alive_end, *self._pass_fds], start_new_session=True
        )
        self._started[slot] = time.monotonic()

    def _start_again(self) -> None:
        for slot, child in list(self._children.items()):
            status = child.poll()
            if status is None or time.monotonic() - self._started[slot] < RESTART_SECONDS:
                continue
            log.warning("process_ended", pid=child.pid, status=status)
            if status == INVALID:  # It would end like that again and again.
                self._give_up = status
                self._on_signal(signal.SIGTERM, None)
                return
            self._start(slot)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._stopping += 1
        for child in self._children.values():
            child.send_signal(signal.SIGKILL if self._stopping > 1 else number)

    def _await_end(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children.values():
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def supervise(command: Sequence[str], count: int, pass_fds: Sequence[int] = ()) -> None:
    """Run `wingbeat COMMAND` in `count` processes until a signal comes; they inherit the descriptors."""
    status = Supervisor(command, count, pass_fds).run()
    if status:
        sys.exit(status)
