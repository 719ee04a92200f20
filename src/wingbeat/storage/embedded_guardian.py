"""The process that outlives every user of an embedded PostgreSQL and stops it; and how a server is found and stopped.

It runs as a script of its own, so it may import a few standard modules only and nothing of Wingbeat. Starting a server
is not its task.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from typing import NamedTuple

POLL_SECONDS = 0.005
RESEND_SECONDS = 1.0
GENTLE_SECONDS = 30.0
LAUNCH_SECONDS = 5.0
STATUS_LINE = 7


class Cluster(NamedTuple):
    """The directory with the database files, and the name that its server's processes carry in their command lines."""

    directory: Path
    name: str


class Postmaster(NamedTuple):
    """What `postmaster.pid` says: process, directory of the socket, and `starting`, `ready`, `stopping` or ''."""

    pid: int
    socket_directory: str
    status: str


def read_postmaster(cluster: Cluster) -> Postmaster | None:
    """The server that the cluster's `postmaster.pid` names, alive or not; `None` without a (complete) file."""
    try:
        lines = (cluster.directory / "postmaster.pid").read_text().splitlines()
        return Postmaster(int(lines[0]), lines[4], lines[7].strip() if len(lines) > STATUS_LINE else "")
    except (OSError, ValueError, IndexError):
        return None


def process_serves(pid: int, cluster: Cluster) -> bool:
    """Whether process `pid` lives and is a server of this cluster, and not one that got the number of a dead server."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    if not Path("/proc/self").exists():  # A system without /proc: the number is all there is to go by.
        return True
    try:
        # Empty for a zombie: dead, but it may stay where the first process does not collect its orphans.
        return cluster.name.encode() in Path("/proc", str(pid), "cmdline").read_bytes()
    except OSError:
        return False


def running_postmaster(cluster: Cluster) -> Postmaster | None:
    """The server of this cluster if its process lives."""
    postmaster = read_postmaster(cluster)
    return postmaster if postmaster is not None and process_serves(postmaster.pid, cluster) else None


def stop_server(cluster: Cluster, give_up_seconds: float = float("inf")) -> None:
    """Stop the server and wait until it is gone: clients are cut off, and after some time it may not tidy up either."""
    began = time.monotonic()
    resend_at = began
    while (postmaster := running_postmaster(cluster)) is not None:
        now = time.monotonic()
        if now - began > give_up_seconds:
            return
        if now >= resend_at:  # Again and again, for a server in its first milliseconds may not listen yet.
            resend_at = now + RESEND_SECONDS
            late = now - began > GENTLE_SECONDS
            try:
                os.kill(postmaster.pid, signal.SIGQUIT if late else signal.SIGINT)
            except ProcessLookupError:
                return
        time.sleep(POLL_SECONDS)


def await_launch(cluster: Cluster, launching: Path) -> None:
    """Wait for a server that somebody was about to launch when killed; `launching` is the mark that they left."""
    deadline = time.monotonic() + LAUNCH_SECONDS
    while launching.exists() and running_postmaster(cluster) is None and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    launching.unlink(missing_ok=True)


def main(guardian_lock: int, users_lock: int, cluster: Cluster, launching: Path) -> None:
    """Wait until nobody holds `users_lock` (a file descriptor), then stop the server and let `guardian_lock` go."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    fcntl.flock(users_lock, fcntl.LOCK_EX)
    await_launch(cluster, launching)
    stop_server(cluster)
    # In this order: whoever gets the users' lock next must find the guardian's place free.
    os.close(guardian_lock)
    os.close(users_lock)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Cluster(Path(sys.argv[3]), sys.argv[4]), Path(sys.argv[5]))
