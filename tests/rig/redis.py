"""A Redis of a test's own, where the server is installed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from wingbeat.bench.installation import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START_SECONDS = 60.0


@contextmanager
def redis_server(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Its address and its process; the test is skipped where there is no `redis-server`."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("There is no redis-server here, so nothing was tried against a real Redis.")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as process:  # noqa: S603 - a program of this machine
        try:
            deadline = time.monotonic() + START_SECONDS
            while not answers(port):
                assert process.poll() is None, "redis-server ended at once"
                assert time.monotonic() < deadline, "redis-server did not begin to answer"
            yield f"redis://127.0.0.1:{port}/0", process
        finally:
            process.terminate()


def answers(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
