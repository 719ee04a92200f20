"""The files and the server of an embedded PostgreSQL: creating, launching, and finding out how it is.

Everything here blocks, and expects its caller to hold the start-up lock. Who uses the server is not known here.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
import tempfile
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from wingbeat.core.errors import BadSettings, DatabaseUnavailable, PlatformError
from wingbeat.storage.embedded_account import MAJOR_VERSION, binaries, open_data_directory, server_account
from wingbeat.storage.embedded_guardian import (
    POLL_SECONDS,
    Cluster,
    Postmaster,
    read_postmaster,
    running_postmaster,
    stop_server,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.storage.embedded_account import Account

SUPERUSER = "wingbeat"
PORT = 5432
READY_SECONDS = 120.0
LAUNCHES = 3
MAX_LOG_BYTES = 10_000_000
MAX_SOCKET_PATH_BYTES = 103  # The smallest limit of the systems that we know (macOS); Linux has 107.
DETACH = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'

# For a small machine and many small transactions. Nothing here trades a commit's durability for speed.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "io_method": "sync",  # Three I/O worker processes fewer, for data that fits the cache.
    "max_parallel_workers_per_gather": "0",  # Parallel queries want more /dev/shm than containers give.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "wal_compression": "pglz",
    "max_wal_size": "2GB",
    "min_wal_size": "128MB",
    "checkpoint_timeout": "15min",
    "synchronous_commit": "on",
    "autovacuum_naptime": "15s",
    "idle_in_transaction_session_timeout": "60s",
    "log_min_messages": "log",  # What a client did wrong is the client's to log; here only the server's own life.
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}


class _DiedEarlyError(Exception):
    """A server died before it was ready; the text is what it said."""


@dataclass(frozen=True)
class Places:
    """Where everything of an embedded database is; `data` is absolute and free of symbolic links."""

    data: Path

    @classmethod
    def below(cls, data_dir: Path) -> Places:
        """The places of a data directory as the user names it."""
        return cls(Path(os.path.realpath(data_dir.expanduser())))

    @property
    def cluster(self) -> Cluster:
        """The database files, and a name for the server's processes that follows from where they are."""
        return Cluster(self.data / "postgres", f"wingbeat-{sha256(os.fsencode(self.data)).hexdigest()[:16]}")

    @property
    def log(self) -> Path:
        """What the server says about itself."""
        return self.data / "postgres.log"

    @property
    def launching(self) -> Path:
        """There while a server is being launched, so that whoever finds it alone knows that one may yet appear."""
        return self.data / "postgres.launching"


def ensure_server(places: Places) -> Path:
    """Bring the server up if it is down, creating its files if there are none; returns the socket's directory.

    Raises `BadSettings` for a directory that cannot be used, `DatabaseUnavailable` if the server does not come up.
    """
    _check_version(places)
    said = ""
    for _ in range(LAUNCHES):
        running = _await_decided(places)
        if running is not None:
            return Path(running.socket_directory)
        try:
            return _start(places)
        except _DiedEarlyError as died:
            # It may have been killed, or have met a server whose starter was killed before that could be seen.
            said = str(died)
    raise _failure(places, "PostgreSQL did not start", said)


def _start(places: Places) -> Path:
    account = server_account(places.cluster.directory)
    open_data_directory(places.data, account)
    programs = binaries(places.data, account)
    if not places.cluster.directory.exists():
        _initialise(places, account, programs)
    return _launch(places, account, programs)


def _check_version(places: Places) -> None:
    try:
        found = (places.cluster.directory / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return
    if found != str(MAJOR_VERSION):
        raise BadSettings(
            f"PostgreSQL {found} wrote the database in {places.cluster.directory}; this is PostgreSQL {MAJOR_VERSION}.",
            code="DATABASE_VERSION",
            remedy=f"Dump it with PostgreSQL {found} (pg_dump), move the directory away, start, and load the dump.",
        )


def _await_decided(places: Places) -> Postmaster | None:
    """The server once it is ready, or `None` once it is certain that none runs."""
    deadline = time.monotonic() + READY_SECONDS
    while (running := running_postmaster(places.cluster)) is not None:
        if running.status == "ready":
            return running
        if running.status == "stopping":
            # It may be waiting for its clients to leave, and lets nobody in: it has to go before it can come back.
            stop_server(places.cluster)
        elif time.monotonic() > deadline:
            raise _not_ready(places)
        time.sleep(POLL_SECONDS)
    recorded = read_postmaster(places.cluster)
    return recorded if recorded is not None and _answers(recorded) else None


def _answers(recorded: Postmaster) -> bool:
    """Whether somebody listens on the socket although the process cannot be seen: a server in another container."""
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
        probe.settimeout(1)
        probe.connect(f"{recorded.socket_directory}/.s.PGSQL.{PORT}")
        return True
    return False


def _initialise(places: Places, account: Account, programs: Path) -> None:
    """Create the database files beside their place and move them there when they are complete."""
    for unfinished in places.data.glob("postgres.new-*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=places.data))
    if account.switch:
        os.chown(temporary, account.uid, account.gid)
    done = account.run(
        [
            programs / "initdb",
            f"--pgdata={temporary}",
            f"--username={SUPERUSER}",
            # Whoever can enter the socket's directory is the owner or root; nobody else gets as far as authentication.
            "--auth-local=trust",
            "--auth-host=reject",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ]
    )
    if done.returncode != 0:
        shutil.rmtree(temporary, ignore_errors=True)
        raise _failure(places, "PostgreSQL could not create its files", done.stderr)
    temporary.rename(places.cluster.directory)
    _sync_directory(places.data)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _launch(places: Places, account: Account, programs: Path) -> Path:
    """Start the server in a session of its own, so that no signal for us reaches it, and wait until it is ready."""
    _end_orphans(places)
    sockets = _socket_directory(places, account)
    _open_log(places, account)
    settings = SERVER_SETTINGS | {"unix_socket_directories": str(sockets), "cluster_name": places.cluster.name}
    options = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
    logged = places.log.stat().st_size
    places.launching.touch()
    try:
        pid = detach(account, places.log, [programs / "postgres", "-D", places.cluster.directory, *options])
        _await_ready(places, pid, logged)
    finally:
        places.launching.unlink(missing_ok=True)
    return sockets


def detach(account: Account, log: Path, command: Sequence[str | Path], *, pass_fds: Sequence[int] = ()) -> int:
    """Start a process that is nobody's child and no terminal's; its output goes to `log`. Returns its number."""
    return int(account.run(["/bin/sh", "-c", DETACH, "sh", log, *command], pass_fds=pass_fds).stdout)


def _end_orphans(places: Places) -> None:
    """End what is left of a server that was killed, and the file by which it would keep a new one from starting."""
    left_over = places.cluster.directory / "postmaster.pid"
    if not left_over.exists():
        return
    own = [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and places.cluster.name in " ".join(process.info["cmdline"] or ())
    ]
    for process in own:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    deadline = time.monotonic() + READY_SECONDS
    while not all(_is_dead(process.pid) for process in own) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    left_over.unlink(missing_ok=True)


def _socket_directory(places: Places, account: Account) -> Path:
    """A directory that only the server's user (and root) may enter, with a path short enough for a socket's address."""
    preferred = places.data / "run"
    directory = preferred if _fits(preferred) else Path(tempfile.gettempdir()) / places.cluster.name
    if not _fits(directory):
        directory = Path("/tmp") / places.cluster.name  # noqa: S108 - its owner and mode are checked below
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    found = directory.lstat()
    private = stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & 0o077
    if not private or found.st_uid not in (account.uid, os.geteuid()):
        raise BadSettings(
            f"{directory}, which is to hold the database's socket, is not a private directory of '{account.name}'.",
            code="SOCKET_DIRECTORY_TAKEN",
            remedy=f"Remove {directory}.",
        )
    if found.st_uid != account.uid:
        os.chown(directory, account.uid, account.gid)
    for left_over in directory.glob(".s.PGSQL.*"):
        left_over.unlink(missing_ok=True)
    return directory


def _fits(directory: Path) -> bool:
    path = os.fsencode(directory / f".s.PGSQL.{PORT}.lock")
    return len(path) <= MAX_SOCKET_PATH_BYTES and not set(b',"') & set(
        path
    )  # A comma or quote parts the server's list.


def _open_log(places: Places, account: Account) -> None:
    """Make the log file the server's, and empty it when it has grown too long."""
    descriptor = os.open(places.log, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        if account.switch:
            os.fchown(descriptor, account.uid, account.gid)
        if os.fstat(descriptor).st_size > MAX_LOG_BYTES:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _await_ready(places: Places, pid: int, logged: int) -> None:
    """Wait until process `pid` serves; if it dies, the log from byte `logged` on says why."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        running = read_postmaster(places.cluster)
        if running is not None and running.pid == pid and running.status == "ready":
            return
        if _is_dead(pid):
            raise _DiedEarlyError(places.log.read_bytes()[logged:].decode(errors="replace"))
        if time.monotonic() > deadline:
            raise _not_ready(places)
        time.sleep(POLL_SECONDS)


def _is_dead(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _not_ready(places: Places) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        f"The database in {places.data} is still not ready after {READY_SECONDS:.0f} s.",
        code="DATABASE_NOT_READY",
        remedy=f"It may be recovering from a crash: try again later, and see {places.log}.",
    )


def _failure(places: Places, what: str, said: str) -> PlatformError:
    """The error for what PostgreSQL said when it failed; its last lines are the reason."""
    reason = " ".join(said.strip().splitlines()[-3:])
    details = {"output": said[-2000:]}
    if "No space left on device" in said or "Disk quota exceeded" in said:
        free = shutil.disk_usage(places.data).free // 1_000_000
        remedy = f"Free some space ({free} MB are free; 100 MB are enough to start), or set WINGBEAT_DATA_DIR."
        return PlatformError(
            f"{what}: the disk of {places.data} is full.", code="DISK_FULL", remedy=remedy, details={**details}
        )
    if "Permission denied" in said or "Read-only file system" in said:
        remedy = "Set WINGBEAT_DATA_DIR to a directory that this user owns."
        return BadSettings(
            f"{what} in {places.data}: {reason}", code="DATA_DIRECTORY_UNUSABLE", remedy=remedy, details={**details}
        )
    remedy = f"See {places.log}, or set DATABASE_URI to use another PostgreSQL."
    return DatabaseUnavailable(
        f"{what} in {places.data}: {reason}", code="DATABASE_START_FAILED", remedy=remedy, details={**details}
    )
