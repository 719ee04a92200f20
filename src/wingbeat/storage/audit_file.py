"""The log file of what was done: JSON lines, written by a thread, shared by all processes of a machine, rotated.

Every process appends whole lines to one file while it holds a lock beside it, so lines never mix, and whoever finds the
file too large or from another day rotates it for all. A rotation from outside (logrotate) does no harm either.
"""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import shutil
import threading
from collections import deque
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    Line: TypeAlias = dict[str, object]

OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
NAME = "wingbeat-aaa.log"
LOCK = ".wingbeat-aaa.lock"
MOST_WAITING = 50_000
GATHER_SECONDS = 0.2
RETRY_SECONDS = 1.0
STOP_SECONDS = 5.0


class AuditFile:
    """Takes lines from an event loop without making it wait, and writes them soon.

    While the disk is full or the directory cannot be written, `problem` is a sentence about it; lines wait, the oldest
    of too many are dropped, and how many is a line of its own afterwards.
    """

    def __init__(self, directory: Path, *, max_bytes: int, keep: int) -> None:
        self.path = directory / NAME
        self.problem: str | None = None
        self.dropped = 0
        self._directory = directory
        self._max_bytes = max_bytes
        self._keep = keep
        self._waiting: deque[Line] = deque()
        self._lock = threading.Lock()
        self._tidy_wanted = True
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write; whether that is possible shows soon."""
        self._stopping.clear()
        # It must not keep a process alive whose disk hangs.
        self._thread = threading.Thread(target=self._run, name="audit-file", daemon=True)
        self._thread.start()

    def add(self, line: Line) -> None:
        """Write a line soon. Never waits."""
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(line)
        if not self._wanted.is_set():
            self._wanted.set()

    def stop(self) -> None:
        """Write what is left, as far as that goes within a few seconds."""
        self._stopping.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
            self._thread = None

    def _run(self) -> None:
        self._attempt()
        while not self._stopping.is_set():
            self._wanted.wait()
            self._stopping.wait(GATHER_SECONDS)
            self._wanted.clear()
            if not self._attempt():
                self._stopping.wait(RETRY_SECONDS)
                self._wanted.set()
        self._attempt()

    def _attempt(self) -> bool:
        """Write all that waits; returns whether it could be written."""
        try:
            self.flush()
        except OSError as error:
            self.problem = f"The log of what is done cannot be written to {self.path}: {error.strerror or error}."
            return False
        self.problem = None
        return True

    def flush(self) -> None:
        """Write all that waits, now and in this thread; rotate the file first if it is time for that.

        Raises:
            OSError: nothing was written, and what waits goes on waiting.
        """
        with self._lock:
            taken, dropped = self._waiting, self.dropped
            self._waiting, self.dropped = deque(), 0
        try:
            self._write(taken, dropped)
        except OSError:
            with self._lock:
                kept = [*taken, *self._waiting]
                self.dropped += dropped + max(0, len(kept) - MOST_WAITING)
                self._waiting = deque(kept[-MOST_WAITING:])
            raise
        if self._tidy_wanted:
            self._tidy()

    def _write(self, taken: Iterable[Line], dropped: int) -> None:
        lines = [say_dropped(dropped), *taken] if dropped else taken
        data = b"".join(map(encode, lines))
        self._directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        with self._locked():
            self._rotate_if_due(len(data))
            self._append(data)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """No other process writes or rotates meanwhile. The lock goes with the process that holds it."""
        lock = os.open(self._directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _append(self, data: bytes) -> None:
        """All of it or nothing: half a line would spoil the next one."""
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        try:
            before = os.fstat(descriptor).st_size
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(descriptor, view) :]
            except OSError:
                os.ftruncate(descriptor, before)
                raise
        finally:
            os.close(descriptor)

    def _rotate_if_due(self, coming: int) -> None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return
        now = datetime.now(UTC)
        another_day = datetime.fromtimestamp(found.st_mtime, UTC).date() != now.date()
        if found.st_size and (another_day or found.st_size + coming > self._max_bytes):
            self.path.rename(self._directory / f"{NAME}.{now:%Y%m%dT%H%M%S.%f}")
            self._tidy_wanted = True

    def _tidy(self) -> None:
        """Compress what was rotated, and delete the oldest. Whoever died at it left its work to the next."""
        self._tidy_wanted = False
        with self._locked():
            for path in self._directory.glob(f"{NAME}.*"):
                if path.suffix not in {".gz", ".part"}:
                    compress(path)
        for path in sorted(self._directory.glob(f"{NAME}.*.gz"))[: -self._keep]:
            path.unlink(missing_ok=True)


def encode(line: Line) -> bytes:
    """One line of JSON; a text that is no Unicode is written with escapes, so that no line keeps others waiting."""
    try:
        return orjson.dumps(line, option=OPTIONS)
    except TypeError:
        return json.dumps(line, default=str).encode() + b"\n"


def compress(path: Path) -> None:
    """Replace a file by its compressed self."""
    part = path.with_name(f"{path.name}.part")
    with path.open("rb") as plain, gzip.open(part, "wb", compresslevel=1) as compressed:
        shutil.copyfileobj(plain, compressed)
    part.chmod(0o640)
    part.rename(path.with_name(f"{path.name}.gz"))
    path.unlink()


def say_dropped(count: int) -> Line:
    """The line that stands for lines which could not be kept."""
    return {
        "timestamp": datetime.now(UTC),
        "level": "ERROR",
        "module": "wingbeat",
        "event_type": "ERROR",
        "action": "audit.lines_dropped",
        "user": "system",
        "result": "LINES_DROPPED",
        "message": f"{count} lines could not be written in time and are missing here; their rows are in audit_log.",
    }
