"""Runner processes as the platform sees them: started when needed, one job at a time, killed when time is up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.sandbox.frames import ANSWER, ERROR, FAILURE, JOB, LINE, READY, VALUE, Language
from wingbeat.sandbox.launch import command_for

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable
    from pathlib import Path

    from wingbeat.sandbox.artifacts import Artifacts

START_SECONDS = 60.0
LONGEST_LINE_BYTES = 64_000
LONGEST_ERROR_BYTES = 200_000
# A runner that sends more lines than this is not what it was when it was started.
MOST_LINES = 100_000


class RunnerBroken(Exception):
    """The process ended, or said what no runner says."""


class TimeIsUp(Exception):
    """The job took too long; its process is gone."""


class AnswerTooLarge(Exception):
    """The job's value has more bytes than it may; its process is gone."""


class Request(NamedTuple):
    """A job as it is sent, and what its answer may be."""

    language: Language
    memory_mb: int
    code: bytes
    limits: bytes
    data: bytes
    seconds: float
    most_bytes: int
    write: Callable[[str], None]


class Answer(NamedTuple):
    """`VALUE` or `ERROR` with JSON, or `FAILURE` with a text of machines.py."""

    kind: bytes
    body: bytes


class RunnerProcess:
    """One runner. After anything but an answer it is dead."""

    def __init__(self, process: Process, walls: dict[str, bool]) -> None:
        self._process = process
        self.walls = walls
        self.alive = True

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @classmethod
    async def start(cls, artifacts: Artifacts, folder: Path) -> RunnerProcess:
        """Start one and wait until it has shut itself in; raises `RunnerBroken`."""
        given = {
            "python": str(artifacts.python),
            "javascript": str(artifacts.javascript),
            "places": artifacts.places,
            "parent": os.getpid(),
        }
        process = await asyncio.create_subprocess_exec(
            *command_for("wingbeat.sandbox.runner", json.dumps(given)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd=folder,
            start_new_session=True,
        )
        runner = cls(process, {})
        try:
            async with asyncio.timeout(START_SECONDS):
                _, body = await runner._receive({READY: LONGEST_LINE_BYTES})
            runner.walls = json.loads(body)
        except BaseException as error:
            await runner.kill()
            if isinstance(error, TimeoutError | ValueError):
                raise RunnerBroken("It did not start.") from error
            raise
        return runner

    async def run(self, request: Request) -> Answer:
        """Do one job.

        Raises:
            TimeIsUp: it took longer than it may.
            AnswerTooLarge: its value is larger than it may be.
            RunnerBroken: the process ended before it answered.
        """
        limit = asyncio.timeout(request.seconds)
        try:
            async with limit:
                return await self._run(request)
        except BaseException as error:
            await self.kill()
            if limit.expired() and isinstance(error, TimeoutError):
                raise TimeIsUp from None
            raise

    async def kill(self) -> None:
        """End it now."""
        self.alive = False
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is not None:
            stdin.close()
        if stdout is not None:
            with contextlib.suppress(OSError):
                while await stdout.read(1 << 20):
                    """What it still had to say goes nowhere; its end of the pipe is to be seen."""
        await self._process.wait()

    async def _run(self, request: Request) -> Answer:
        stdin = self._process.stdin
        if stdin is None:
            raise RunnerBroken("It has no input.")
        sizes = len(request.code), len(request.limits), len(request.data)
        head = JOB.pack(request.language, request.memory_mb, *sizes)
        try:
            stdin.write(b"".join((head, request.code, request.limits, request.data)))
            await stdin.drain()
        except ConnectionError as error:
            raise RunnerBroken("It does not read.") from error
        most = {
            LINE: LONGEST_LINE_BYTES,
            VALUE: request.most_bytes,
            ERROR: LONGEST_ERROR_BYTES,
            FAILURE: LONGEST_LINE_BYTES,
        }
        for _ in range(MOST_LINES):
            kind, body = await self._receive(most)
            if kind != LINE:
                return Answer(kind, body)
            request.write(body.decode(errors="replace"))
        raise RunnerBroken("It does not stop writing lines.")

    async def _receive(self, most: dict[bytes, int]) -> tuple[bytes, bytes]:
        stdout = self._process.stdout
        if stdout is None:
            raise RunnerBroken("It has no output.")
        try:
            kind, size = ANSWER.unpack(await stdout.readexactly(ANSWER.size))
            if kind not in most:
                raise RunnerBroken(f"It said {kind!r}.")
            if size > most[kind]:
                raise AnswerTooLarge if kind == VALUE else RunnerBroken(f"It said {size} bytes at once.")
            return kind, await stdout.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise RunnerBroken("It ended.") from error
