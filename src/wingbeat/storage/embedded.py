"""An embedded PostgreSQL that several processes share: started with its first user, stopped after its last.

Every user holds a shared lock on `postgres.users` for as long as it lives; the guardian (a process of its own) waits
for the exclusive one, stops the server when it gets it, and ends. The system lets a dead process's locks go, so nobody
has to be counted. `postgres.lock` serialises whoever starts, restarts or stops; `postgres.guardian` is held by the
guardian, so there is only one.
What the files of the database are and how its server is launched is not known here.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import asyncpg

from wingbeat.core.errors import BadSettings, DatabaseUnavailable
from wingbeat.storage import embedded_guardian
from wingbeat.storage.embedded_account import own_account
from wingbeat.storage.embedded_cluster import PORT, READY_SECONDS, SUPERUSER, Places, detach, ensure_server
from wingbeat.storage.embedded_guardian import POLL_SECONDS, running_postmaster, stop_server
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE = "wingbeat"
LOCK_SECONDS = 150.0  # Longer than a server may take to be ready, which is what the lock's holder waits for.
STOP_SECONDS = 40.0
REFUSED_PAUSE_SECONDS = 0.02
REFUSALS = (asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError, OSError)


class EmbeddedPostgres:
    """One process's use of the PostgreSQL in a data directory. Not for use by two tasks at the same moment.

    A child that this process forks (rather than spawns) shares its lock and so keeps the server up.
    """

    def __init__(self) -> None:
        self._places: Places | None = None
        self._users: int | None = None

    async def start(self, data_dir: Path) -> str:
        """Join the server in `data_dir` or start it, creating what is missing; returns the address for asyncpg.

        Raises `BadSettings` for a directory that cannot be used, `DatabaseUnavailable` if the server does not come up.
        """
        if self._places is not None:
            message = "This use of the embedded database has already started."
            raise RuntimeError(message)
        self._places = Places.below(data_dir)
        try:
            return await self.ensure_running()
        except Exception:
            await self.stop()
            raise

    async def ensure_running(self) -> str:
        """Start the server again if it is down, as after a kill; returns the address, which may have changed.

        To be called by any user when its connections break; all of them may do so at once.
        """
        if self._places is None:
            message = "Start the embedded database first."
            raise RuntimeError(message)
        # A full disk, for one, lets the server run and refuses every session.
        with translate_errors():
            return await self._reach(self._places)

    async def stop(self) -> None:
        """Leave; the last user to do so waits until the server has stopped. Does nothing if not started."""
        places, users = self._places, self._users
        self._places = self._users = None
        if places is not None and users is not None:
            await asyncio.to_thread(_leave, places, users)

    async def _reach(self, places: Places) -> str:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            sockets = await asyncio.to_thread(self._ensure_server, places)
            try:
                await _ensure_database(sockets)
            except REFUSALS as error:
                # It is recovering from the death of one of its processes, or was killed just now.
                if time.monotonic() > deadline:
                    message = f"The database in {places.data} runs, but lets nobody in: {error}."
                    raise DatabaseUnavailable(message, remedy=f"See {places.log}.") from error
                await asyncio.sleep(REFUSED_PAUSE_SECONDS)
            else:
                return _dsn(sockets, DATABASE)

    def _ensure_server(self, places: Places) -> Path:
        try:
            _make_directory(places)
            with _start_up_lock(places):
                if self._users is None:
                    self._users = _join(places)
                # Before the server, so that there is no moment in which we can be killed and leave it alone.
                _ensure_guardian(places)
                return ensure_server(places)
        except OSError as error:
            raise BadSettings(
                f"The data directory {places.data} cannot be used: {error}.",
                code="DATA_DIRECTORY_UNUSABLE",
                remedy="Set WINGBEAT_DATA_DIR to a directory on a local disk that this user may write to.",
            ) from error


@dataclass(frozen=True)
class EmbeddedStatus:
    """How the embedded database in `data_dir` is; `users` counts who uses it (`None` where that cannot be known)."""

    data_dir: Path
    version: str | None
    pid: int | None
    users: int | None
    size_bytes: int

    @property
    def initialised(self) -> bool:
        """Whether there are database files."""
        return self.version is not None

    @property
    def running(self) -> bool:
        """Whether its server runs."""
        return self.pid is not None


def status(data_dir: Path) -> EmbeddedStatus:
    """Look at the database in a data directory without starting or changing anything."""
    places = Places.below(data_dir)
    try:
        version = (places.cluster.directory / "PG_VERSION").read_text().strip()
    except OSError:
        version = None
    running = running_postmaster(places.cluster)
    return EmbeddedStatus(
        data_dir=places.data,
        version=version,
        pid=running.pid if running is not None else None,
        users=_count_users(places),
        size_bytes=_size_on_disk(places.cluster.directory),
    )


def _make_directory(places: Places) -> None:
    """Make the data directory for its owner alone; the server's user, if it is another, is let through later."""
    places.data.mkdir(mode=0o700, parents=True, exist_ok=True)


def _open_lock(places: Places, name: str) -> int:
    """A new descriptor of a lock file, which belongs to whom the directory belongs to, whoever was first to need it."""
    descriptor = os.open(places.data / f"postgres.{name}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    owner = places.data.stat()
    if os.geteuid() == 0 and os.fstat(descriptor).st_uid != owner.st_uid:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def _try_lock(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock(places: Places, descriptor: int, mode: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not _try_lock(descriptor, mode):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"The database in {places.data} has been locked by another process for more than {seconds:.0f} s.",
                code="DATABASE_LOCKED",
                remedy=f"See {places.log}; `wingbeat doctor` shows who uses the database.",
            )
        time.sleep(POLL_SECONDS)


@contextmanager
def _start_up_lock(places: Places, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    descriptor = _open_lock(places, "lock")
    try:
        _lock(places, descriptor, fcntl.LOCK_EX, seconds)
        yield
    finally:
        os.close(descriptor)


def _join(places: Places) -> int:
    """Become a user; waits for a guardian that is stopping the server. Returns the descriptor with the lock."""
    descriptor = _open_lock(places, "users")
    try:
        _lock(places, descriptor, fcntl.LOCK_SH, LOCK_SECONDS)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _ensure_guardian(places: Places) -> None:
    """Start the guardian if there is none. It inherits the lock that makes it the only one, so there is never a gap."""
    place = _open_lock(places, "guardian")
    try:
        if not _try_lock(place, fcntl.LOCK_EX):
            return
        users = _open_lock(places, "users")
        try:
            program = [sys.executable, "-I", "-S", embedded_guardian.__file__]
            arguments = [
                str(place),
                str(users),
                str(places.cluster.directory),
                places.cluster.name,
                str(places.launching),
            ]
            detach(own_account(), Path(os.devnull), [*program, *arguments], pass_fds=(place, users))
        finally:
            os.close(users)
    finally:
        os.close(place)


def _leave(places: Places, users: int) -> None:
    """Stop being a user; if that was the last one, wait until the server and the guardian are gone."""
    try:
        with _start_up_lock(places, STOP_SECONDS):
            os.close(users)
            if not _others_remain(places):
                _await_end(places)
    except DatabaseUnavailable:
        # Whoever holds the lock for so long is using the database, or the guardian will see to the rest.
        os.close(users)


def _others_remain(places: Places) -> bool:
    """Whether there are other users. If neither they nor the guardian hold the lock, stop the server here and now."""
    descriptor = _open_lock(places, "users")
    try:
        if _try_lock(descriptor, fcntl.LOCK_EX):
            stop_server(places.cluster, STOP_SECONDS)
            return False
        return _try_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _await_end(places: Places) -> None:
    descriptor = _open_lock(places, "guardian")
    try:
        _lock(places, descriptor, fcntl.LOCK_EX, STOP_SECONDS)
    finally:
        os.close(descriptor)


def _dsn(sockets: Path, database: str) -> str:
    return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(sockets), safe='')}&port={PORT}"


async def _ensure_database(sockets: Path) -> None:
    """Create the database if it is missing. Raises one of `REFUSALS` if the server lets nobody in."""
    try:
        connection = await asyncpg.connect(_dsn(sockets, DATABASE))
    except asyncpg.InvalidCatalogNameError:
        await _create_database(sockets)
    else:
        await connection.close()


async def _create_database(sockets: Path) -> None:
    connection = await asyncpg.connect(_dsn(sockets, "postgres"))
    try:
        await connection.execute(f'CREATE DATABASE "{DATABASE}"')
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        pass  # Another user was faster.
    finally:
        await connection.close()


def _count_users(places: Places) -> int | None:
    """How many shared locks there are on `postgres.users`, by the kernel's list of locks."""
    try:
        inode = (places.data / "postgres.users").stat().st_ino
        locks = Path("/proc/locks").read_text().splitlines()
    except FileNotFoundError:
        return 0 if Path("/proc/locks").exists() else None
    held = [line.split() for line in locks if "->" not in line]
    return sum(fields[1] == "FLOCK" and fields[3] == "READ" and fields[5].endswith(f":{inode}") for fields in held)


def _size_on_disk(directory: Path) -> int:
    total = 0
    for parent, _, files in os.walk(directory):
        for file in files:
            with suppress(OSError):  # Files come and go while the server runs.
                total += os.lstat(os.path.join(parent, file)).st_blocks * 512  # noqa: PTH118
    return total
