"""Stands between a worker and PostgreSQL, counts the messages that it sends, and cuts the wire where a test says."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from enum import Enum
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

PORT = 5432
STARTUP_HEAD = 4
MESSAGE_HEAD = 5


class Cut(Enum):
    """Where the wire breaks: before the server gets the message, or after it got it and before it can answer."""

    BEFORE = "before"
    AFTER = "after"


class Proxy:
    """A second address of the server at `dsn`, as a socket in `folder`. All its connections are cut together."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self._upstream = parse_qs(urlsplit(dsn).query)["host"][0]
        self._folder = folder
        self._path = urlsplit(dsn)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._silent: set[asyncio.StreamWriter] = set()
        self._left: int | None = None
        self._cut = Cut.BEFORE
        self.messages = 0
        # What is longer makes the other side hang up, as PostgreSQL does above 1 GB.
        self.longest = 1 << 30
        self.cuts = 0

    @property
    def dsn(self) -> str:
        """The address by which the wire leads through here."""
        return self._path._replace(query=urlencode({"host": str(self._folder), "port": str(PORT)})).geturl()

    async def open(self) -> None:
        """Let connections through."""
        self._server = await asyncio.start_unix_server(self._serve, self._folder / f".s.PGSQL.{PORT}")

    async def refuse(self) -> None:
        """Cut all connections and let no new ones through, until `open`."""
        if self._server is not None:
            self._server.close()
            self._server = None
        (self._folder / f".s.PGSQL.{PORT}").unlink(missing_ok=True)
        self.cut_now()

    async def close(self) -> None:
        """The end."""
        await self.refuse()

    def cut_at(self, message: int, cut: Cut) -> None:
        """Cut all connections at the message with that number from now on (the first is 1)."""
        self._left, self._cut = message, cut

    def armed(self) -> bool:
        """Whether the cut is still to come."""
        return self._left is not None

    def disarm(self) -> None:
        """Do not cut."""
        self._left = None

    def cut_now(self) -> None:
        """Cut all connections."""
        self.cuts += 1
        self._left = None
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def silence(self) -> None:
        """Swallow from now on what the present connections carry, as a network does that has lost them."""
        self._silent |= self._writers

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            server, to_server = await asyncio.open_unix_connection(f"{self._upstream}/.s.PGSQL.{PORT}")
        except OSError:
            to_client.transport.abort()
            return
        self._writers |= {to_client, to_server}
        answers = asyncio.create_task(self._pass_on(server, to_client))
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._pass_messages(client, to_server)
        answers.cancel()
        await asyncio.gather(answers, return_exceptions=True)
        for writer in (to_client, to_server):
            self._writers.discard(writer)
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if writer in self._silent:
                    continue
                writer.write(data)
                await writer.drain()
        writer.transport.abort()

    async def _pass_messages(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readexactly(STARTUP_HEAD)
        writer.write(head + await reader.readexactly(struct.unpack("!i", head)[0] - STARTUP_HEAD))
        while True:
            head = await reader.readexactly(MESSAGE_HEAD)
            message = head + await reader.readexactly(struct.unpack("!xi", head)[0] - STARTUP_HEAD)
            self.messages += 1
            if len(message) > self.longest:
                self.cut_now()
                return
            if writer in self._silent:
                continue
            due = self._count()
            if due and self._cut is Cut.BEFORE:
                self.cut_now()
                return
            writer.write(message)
            await writer.drain()
            if due:
                self.cut_now()
                return

    def _count(self) -> bool:
        if self._left is None:
            return False
        self._left -= 1
        return self._left == 0
