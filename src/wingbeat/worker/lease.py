"""The lease of a worker process: a row with a heartbeat, and a session lock that goes with the process.

One connection carries the lock and listens. When it is lost, the worker tries to come back as itself; if it was given
up meanwhile, or could not renew for the length of a lease, it must stop what it runs.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

import asyncpg
import structlog

from wingbeat.core.errors import DatabaseUnavailable
from wingbeat.storage import workers
from wingbeat.storage.pool import closed_on_error, connect, translate_errors
from wingbeat.worker.service import Outage, end_task

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

BEAT_SECONDS = 1.0
RECONNECT_SECONDS = 0.25
STOP_SECONDS = 5.0
# How long a lost session of another worker says nothing after our own was lost as well.
SETTLE_SECONDS = 2.0

log = structlog.get_logger()


class Lease:
    """Keeps this process known as a living worker. `lost` is called when it no longer is, before it begins anew.

    `missed` is called when it listens again after a while in which notices went by.

    `find_dsn` gives the database's address before each connection; it may start a server that is down.
    """

    def __init__(  # noqa: PLR0913 - whom it tells what
        self,
        find_dsn: Callable[[], Awaitable[str]],
        lease_seconds: float,
        *,
        channels: dict[str, Callable[[str], None]],
        lost: Callable[[], None],
        missed: Callable[[], None] = lambda: None,
        after_beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._find_dsn = find_dsn
        self._lease_seconds = lease_seconds
        self._channels = channels
        self._lost = lost
        self._missed = missed
        self._after_beat = after_beat
        self._connection: asyncpg.Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._broken = asyncio.Event()
        self._renewed = time.monotonic()
        self._resumed = 0.0
        self._session: int | None = None
        self._outage = Outage("lease_not_renewed", "lease_renewed_again")
        self._valid = False
        self.worker_id = uuid4()

    @property
    def valid(self) -> bool:
        """Whether new executions may be taken."""
        return self._valid and time.monotonic() - self._renewed < self._lease_seconds

    @property
    def just_resumed(self) -> bool:
        """Whether our own session broke a moment ago: if the server was away, the others may not be back yet."""
        return time.monotonic() - self._resumed < SETTLE_SECONDS

    async def start(self) -> None:
        """Register, and begin to renew."""
        await self._register()
        self._task = asyncio.create_task(self._run(), name="lease")

    async def stop(self) -> None:
        """Give back what is still held, and be known no more."""
        if self._task is not None:
            await end_task(self._task)
        self._valid = False
        connection = self._connection
        if connection is None or connection.is_closed():
            return
        try:
            with translate_errors():
                async with asyncio.timeout(STOP_SECONDS):
                    await workers.unregister(connection, self.worker_id)
                    await connection.close(timeout=2)
        except DatabaseUnavailable as error:
            log.warning("lease_not_given_back", error=error.message)
            connection.terminate()

    async def _run(self) -> None:
        while True:
            await self._pause()
            try:
                with translate_errors():
                    async with asyncio.timeout(self._patience()):
                        await self.run_once()
            except DatabaseUnavailable as error:
                await self._not_renewed(error=error.message)
            except Exception as error:  # noqa: BLE001 -- without its lease the worker would do nothing, and not say why
                await self._not_renewed(error=str(error), exc_info=True)
            else:
                self._outage.over()
                self._after_beat()

    def _patience(self) -> float:
        """How long one round may take, in seconds: where a lease is to be kept, not much longer than it lasts."""
        longest = max(self._lease_seconds / 2, BEAT_SECONDS)
        if not self._valid:
            return longest
        left = self._renewed + self._lease_seconds - time.monotonic()
        return min(longest, max(left, BEAT_SECONDS))

    async def _pause(self) -> None:
        """Until the next beat is due, or the connection breaks."""
        with suppress(TimeoutError):
            # `wait_for` would not be cancelled at the moment when the connection breaks.
            async with asyncio.timeout(BEAT_SECONDS):
                await self._broken.wait()
        self._broken.clear()

    async def _not_renewed(self, **about: object) -> None:
        self._outage.failed(**about)
        self._give_up_if_too_old()
        await asyncio.sleep(RECONNECT_SECONDS)
        self._broken.set()

    async def run_once(self) -> None:
        """Renew the lease; connect again, as the same worker or as a new one, where the connection is lost.

        A lease that was given up stays given up, even if nobody else noticed: its executions are stopped.
        """
        connection = self._connection
        asked = time.monotonic()
        if not self._valid:
            await self._begin_anew()
        elif connection is None or connection.is_closed():
            await self._reconnect()
        elif await self._beat(connection):
            self._renewed = asked
        else:
            log.warning("lease_lost", worker_id=str(self.worker_id))
            await self._begin_anew()

    async def _beat(self, connection: asyncpg.Connection) -> bool:
        """Renew; a connection that does not answer in time is given up, while there still is time for another one."""
        try:
            async with asyncio.timeout(max(self._lease_seconds / 3, BEAT_SECONDS)):
                return await workers.beat(connection, self.worker_id)
        except TimeoutError:
            connection.terminate()
            raise

    def _give_up_if_too_old(self) -> None:
        """Others may take over from now on: stop before they do."""
        if self._valid and time.monotonic() - self._renewed >= self._lease_seconds:
            self._valid = False
            log.warning("lease_expired", worker_id=str(self.worker_id))
            self._lost()

    async def _reconnect(self) -> None:
        asked = time.monotonic()
        connection = await self._open()
        async with closed_on_error(connection):
            resumed = await workers.resume(connection, self.worker_id, self._session)
        if resumed:
            self._adopt(connection, asked)
            self._resumed = time.monotonic()
            log.info("lease_resumed", worker_id=str(self.worker_id))
            return
        connection.terminate()
        await self._begin_anew()

    async def _begin_anew(self) -> None:
        """Be another worker from now on; what the former one held goes back to the queue first."""
        if self._valid:
            self._valid = False
            self._lost()
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
        await self._register()

    async def _register(self) -> None:
        asked = time.monotonic()
        worker_id = uuid4()
        connection = await self._open()
        async with closed_on_error(connection):
            with translate_errors():
                await workers.give_up(connection, self.worker_id)
                await workers.register(connection, worker_id, socket.gethostname(), os.getpid())
        self.worker_id = worker_id
        self._adopt(connection, asked)
        self._valid = True

    async def _open(self) -> asyncpg.Connection:
        connection = await connect(await self._find_dsn())
        async with closed_on_error(connection):
            with translate_errors():
                for channel, receive in self._channels.items():
                    await connection.add_listener(channel, _payload_to(receive))
        return connection

    def _adopt(self, connection: asyncpg.Connection, asked: float) -> None:
        """The lease counts from before the database was asked, which is the earliest that it can count from."""
        self._connection = connection
        self._session = connection.get_server_pid()
        self._renewed = asked
        connection.add_termination_listener(self._on_termination)
        self._missed()

    def _on_termination(self, connection: asyncpg.Connection) -> None:
        if connection is self._connection:
            self._broken.set()


def _payload_to(receive: Callable[[str], None]) -> Callable[[object, int, str, object], None]:
    def listener(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        receive(str(payload))

    return listener
