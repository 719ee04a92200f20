"""Databases as a connection of the kind `sql` finds them: over TCP, with TLS or without, and able to break."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from tests.rig.certificate import Certificate
from tests.rig.places import make_server_folder

from wingbeat.bench.installation import free_port
from wingbeat.egress.kinds import SqlConfig
from wingbeat.egress.vault import Opened
from wingbeat.storage.secret import Secret

if TYPE_CHECKING:
    import ssl

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
NAME = "db.example.com"
PASSWORD = "s3cret-of-mysql"  # noqa: S105 - of a server that lives as long as the test


def sql_connection(config: dict[str, Any], password: str = "") -> Opened:
    """A connection as the vault opens it."""
    secrets = {"password": Secret(password)} if password else {}
    return Opened(uuid4(), "a database", "sql", SqlConfig.model_validate(config), secrets, ())


class Forwarder:
    """Passes on what goes to a PostgreSQL server on its socket; breaks the wire when `cut_after` was sent there."""

    def __init__(self, dsn: str, tls: ssl.SSLContext | None = None) -> None:
        self._upstream = f"{parse_qs(urlsplit(dsn).query)['host'][0]}/.s.PGSQL.5432"
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self.cut_after: bytes | None = None
        self.port = 0
        self.connections = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        writers = [writer]
        try:
            await self._talk(reader, writers)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            for one in writers:
                if not one.transport.is_closing():
                    one.transport.abort()
            self._tasks.discard(task)

    async def _talk(self, reader: asyncio.StreamReader, writers: list[asyncio.StreamWriter]) -> None:
        writer = writers[0]
        first = await reader.readexactly(8)
        if first == SSL_REQUEST:
            writer.write(b"N" if self._tls is None else b"S")
            await writer.drain()
            if self._tls is not None:
                await writer.start_tls(self._tls)
            first = await reader.readexactly(8)
        upstream, to_upstream = await asyncio.open_unix_connection(self._upstream)
        writers.append(to_upstream)
        to_upstream.write(first)
        back = asyncio.create_task(_pass_on(upstream, writer))
        try:
            while data := await reader.read(65_536):
                to_upstream.write(data)
                await to_upstream.drain()
                if self.cut_after is not None and self.cut_after in data:
                    return
        finally:
            back.cancel()
            await asyncio.gather(back, return_exceptions=True)

    async def stop(self) -> None:
        """Cut everything."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Whatever one side says, and that it hangs up."""
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def postgres_over_tcp(dsn: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Forwarder]:
    """The test's PostgreSQL on a port of 127.0.0.1."""
    forwarder = Forwarder(dsn, tls)
    listener = await asyncio.start_server(forwarder.handle, "127.0.0.1", 0)
    forwarder.port = listener.sockets[0].getsockname()[1]
    try:
        yield forwarder
    finally:
        listener.close()
        await forwarder.stop()


def mariadb_program() -> str | None:
    """The server's program, if it is on this machine."""
    return shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextmanager
def mariadb(certificate: Certificate) -> Iterator[int]:
    """A MariaDB of the test's own with a user `me`, a database `shop` and TLS; gives its port."""
    folder = make_server_folder()
    user = "nobody" if os.geteuid() == 0 else None
    for name, source in (("cert.pem", certificate.certificate), ("key.pem", certificate.key)):
        (folder / name).write_bytes(source.read_bytes())
    (folder / "init.sql").write_text(
        f"CREATE DATABASE shop;\nCREATE USER me@'%' IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON *.* TO me@'%';\n"
    )
    if user is not None:
        owner = pwd.getpwnam(user)
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    port = free_port()
    install = shutil.which("mariadb-install-db") or "mariadb-install-db"
    common = ["--no-defaults", f"--datadir={folder / 'data'}"]
    subprocess.run(  # noqa: S603 - a fixed command
        [install, *common, "--skip-test-db", "--auth-root-authentication-method=normal"],
        check=True,
        capture_output=True,
        user=user,
    )
    server = subprocess.Popen(  # noqa: S603 - a fixed command
        [
            mariadb_program() or "mariadbd",
            *common,
            f"--port={port}",
            f"--socket={folder / 'socket'}",
            f"--pid-file={folder / 'pid'}",
            f"--init-file={folder / 'init.sql'}",
            f"--ssl-cert={folder / 'cert.pem'}",
            f"--ssl-key={folder / 'key.pem'}",
            "--bind-address=127.0.0.1",
            "--innodb-buffer-pool-size=16M",
            "--innodb-flush-log-at-trx-commit=0",
            "--skip-name-resolve",
        ],
        user=user,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("MariaDB did not start.")
