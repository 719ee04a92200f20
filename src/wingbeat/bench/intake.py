"""How many deliveries of webhooks are taken in: signed, from a listed address, counted against a limit, and durable."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING

import psutil

from wingbeat.bench.http_client import HttpClient
from wingbeat.bench.installation import open_installation
from wingbeat.bench.processes import cpu_seconds
from wingbeat.bench.report import BenchmarkBroken, Figure, Goal, Report, percentile
from wingbeat.bench.server import serving
from wingbeat.bench.workloads import reference_workflow
from wingbeat.core.access import SYSTEM
from wingbeat.services.webhooks.secrets import keys_of
from wingbeat.services.webhooks.signatures import sign_body
from wingbeat.services.webhooks.webhooks import ADDRESS, WebhookRequest
from wingbeat.storage.webhooks import WebhookFields

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from wingbeat.bench.report import Effort
    from wingbeat.core.json_value import JsonObject
    from wingbeat.services.webhooks.secrets import SigningKeys

CONNECTIONS = 128
WARM_UP_SECONDS = 1.0
ACCEPTED = 202
MILLISECONDS = 1_000
MICROSECONDS = 1_000_000

METHOD = (
    f"POST to the address of one webhook at one `wingbeat serve` process, over {CONNECTIONS} connections that stay "
    "open; each sends its next delivery when it has the 202 for the last one, which says that the execution is "
    "durable. Every delivery has another body and is signed; the webhook has a list of addresses and a rate limit. "
    "No execution runs meanwhile: the one that may holds its place. The client is this process, the server another."
)


class _Sender:
    """Makes signed deliveries, each unlike all others."""

    def __init__(self, token: str, keys: SigningKeys, *, with_ids: bool) -> None:
        self._token = token
        self._address = (ADDRESS.encode(), token.encode())
        self._keys = keys
        self._with_ids = with_ids
        self._numbers = count()

    def next(self) -> bytes:
        """A request."""
        number = next(self._numbers)
        body = b'{"n":21,"order":%d,"customer":{"name":"Ada","mail":"ada@example.com"}}' % number
        own_id = b"X-Delivery-Id: %d\r\n" % number if self._with_ids else b""
        head = b"POST %b%b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" % self._address
        signature = sign_body(self._keys, self._token, body)
        signed = b"X-Webhook-Signature: %b\r\nContent-Length: %d\r\n\r\n%b" % (signature, len(body), body)
        return head + own_id + signed


async def measure(effort: Effort) -> Report:
    """Measure without ids of deliveries, then with; half of the time each."""
    seconds = effort.seconds / 2
    figures: list[Figure] = []
    settings = {"MAX_CONCURRENT_WORKFLOWS": "1", "HTTP_ALLOW_PRIVATE_ADDRESSES": "true"}
    async with open_installation(**settings) as here, _silent() as silent:
        await here.enqueue(await here.publish(_asking(silent)), [None])
        workflow_id = await here.publish(reference_workflow())
        created = await here.platform.webhooks.create(SYSTEM, workflow_id, WebhookRequest(_fields()))
        if created.secret is None:
            raise BenchmarkBroken("The webhook has no secret.")
        keys, token = keys_of(created.secret), created.stored.token
        if effort.size >= 1:
            await here.compile_code()
        async with serving(here.environment, here.folder / "serve.log") as server:
            process = psutil.Process(server.process.pid)
            await _load(server.port, _Sender(token, keys, with_ids=False), effort.size * WARM_UP_SECONDS)
            for name, with_ids in (("", False), ("with ids, ", True)):
                before = cpu_seconds(process)
                latencies = await _load(server.port, _Sender(token, keys, with_ids=with_ids), seconds)
                used = cpu_seconds(process) - before
                figures += [
                    Figure(f"{name}rate", len(latencies) / seconds, "deliveries/s", Goal(3_000)),
                    Figure(f"{name}p50", percentile(latencies, 0.5) * MILLISECONDS, "ms"),
                    Figure(f"{name}p99", percentile(latencies, 0.99) * MILLISECONDS, "ms"),
                    Figure(f"{name}server's processor time", used / len(latencies) * MICROSECONDS, "us/delivery"),
                ]
        taken = await here.query("SELECT trigger_count FROM workflow_webhooks")
        there = await here.query("SELECT count(*) FROM workflow_executions WHERE trigger_kind = 'webhook'")
    if taken != there:
        raise BenchmarkBroken(f"{taken} deliveries were counted, and there are {there} executions.")
    return Report("intake", METHOD, tuple(figures), {"server_processes": 1})


@asynccontextmanager
async def _silent() -> AsyncIterator[int]:
    """The port of a server that answers nothing."""
    callers: list[asyncio.StreamWriter] = []

    def keep(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(writer)

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for caller in callers:
            caller.close()


def _asking(port: int) -> JsonObject:
    """A workflow that waits for a server's answer, and holds its place meanwhile."""
    ask: JsonObject = {"url": f"http://127.0.0.1:{port}/", "timeout_seconds": 300}
    return {
        "name": "Benchmark: holds its place",
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "ask", "type": "action.http_request", "parameters": ask},
        ],
        "connections": [{"from": "start", "to": "ask"}],
    }


def _fields() -> WebhookFields:
    return WebhookFields(
        name="Benchmark",
        description="",
        enabled=True,
        trigger_node_id=None,
        methods=("POST",),
        answer="immediately",
        timeout_seconds=30,
        require_signature=True,
        signature_scheme="any",
        ip_allowlist=("10.0.0.0/8", "192.0.2.1", "127.0.0.0/8"),
        rate_limit_max=1_000_000,
        rate_limit_window=60,
        replay_window_seconds=86_400,
    )


async def _load(port: int, sender: _Sender, seconds: float) -> list[float]:
    """Keep all connections busy; returns the seconds that each delivery took."""
    until = time.perf_counter() + seconds
    loads = await asyncio.gather(*(_deliver_until(port, sender, until) for _ in range(CONNECTIONS)))
    return [latency for load in loads for latency in load]


async def _deliver_until(port: int, sender: _Sender, until: float) -> list[float]:
    latencies: list[float] = []
    async with HttpClient(port) as client:
        while (begun := time.perf_counter()) < until or not latencies:
            status, body = await client.send(sender.next())
            latencies.append(time.perf_counter() - begun)
            if status != ACCEPTED:
                raise BenchmarkBroken(f"The server answered {status}: {body[:500]!r}.")
    return latencies
