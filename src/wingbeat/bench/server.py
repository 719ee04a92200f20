"""A `wingbeat serve` process that a benchmark asks over HTTP."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.bench.http_client import API_KEY, HttpClient, prepare
from wingbeat.bench.installation import free_port
from wingbeat.bench.processes import check_alive, running

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

POLL_SECONDS = 0.01
READY_SECONDS = 60.0
OK = 200


class Server(NamedTuple):
    """A server that is ready; `seconds` is how long that took from its start."""

    process: Process
    port: int
    seconds: float


@asynccontextmanager
async def serving(environment: Mapping[str, str], log: Path) -> AsyncIterator[Server]:
    """A `wingbeat serve` that has said that it is ready."""
    port = free_port()
    clock = asyncio.get_running_loop().time
    begun = clock()
    async with running(["serve"], {**environment, "MODULE_PORT": str(port), "API_KEY": API_KEY}, log) as process:
        async with asyncio.timeout(READY_SECONDS):
            while not await _is_ready(port):
                check_alive(process, log)
                await asyncio.sleep(POLL_SECONDS)
        yield Server(process, port, clock() - begun)


async def _is_ready(port: int) -> bool:
    try:
        async with HttpClient(port) as client:
            status, _ = await client.send(prepare("GET", "/ready"))
    except (OSError, asyncio.IncompleteReadError):
        return False
    return status == OK
