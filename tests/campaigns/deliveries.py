"""Deliveries: senders that send everything several times, to several processes, of which one dies now and then."""

from __future__ import annotations

import asyncio
import json
import random
import signal
from collections import defaultdict
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, cast

from tests.campaigns.installation import Installation, Process, install, pause
from tests.campaigns.verdicts import Report

from wingbeat.bench.http_client import HttpClient
from wingbeat.bench.installation import free_port
from wingbeat.core.access import SYSTEM
from wingbeat.core.json_value import JsonObject
from wingbeat.services.webhooks.secrets import SigningKeys, keys_of
from wingbeat.services.webhooks.signatures import sign_body
from wingbeat.services.webhooks.webhooks import ADDRESS, WebhookRequest, Webhooks
from wingbeat.settings import load_settings
from wingbeat.storage.keys import Keys
from wingbeat.storage.webhooks import WebhookFields

if TYPE_CHECKING:
    from wingbeat.services.webhooks.intake import WebhookIntake

SENDERS = 64
OK = 200
ACCEPTED = 202
TOO_MANY = 429
LIMIT, WINDOW = 50, 5
# What is counted is recorded a little later, and on a machine that has a lot to do not always equally much later.
LAG = 1.5
DOCUMENT: JsonObject = {
    "name": "delivered",
    "nodes": [{"id": "start", "type": "trigger.webhook"}, {"id": "end", "type": "flow.end"}],
    "connections": [{"from": "start", "to": "end"}],
}


async def deliveries(*, events: int, copies: int, processes: int) -> Report:
    """Each event starts one execution, whatever dies; and a second webhook never lets in more than its limit."""
    report = Report("deliveries")
    async with install() as installation:
        workflow = await installation.publish(DOCUMENT)
        keys = Keys.open(load_settings({"WINGBEAT_DATA_DIR": str(installation.data_dir)}))
        webhooks = Webhooks(installation.database, keys, cast("WebhookIntake", None), "http://127.0.0.1")
        free, tight = [
            await webhooks.create(SYSTEM, workflow.workflow_id, WebhookRequest(_fields(most))) for most in (None, LIMIT)
        ]
        ports = [free_port() for _ in range(processes)]
        started = [await installation.add("-m", "wingbeat", "serve", "--port", str(port)) for port in ports]
        assert free.secret is not None
        assert tight.secret is not None
        sender = _Sender(free.stored.token, keys_of(free.secret), ports)
        flood = _Sender(tight.stored.token, keys_of(tight.secret), ports)
        numbers = [number for number in range(events) for _ in range(copies)]
        random.shuffle(numbers)
        killed: list[int] = []
        killer = asyncio.create_task(_kill_now_and_then(started, ports, killed))
        flooding = asyncio.create_task(flood.send(list(range(events)) * 5, patient=False))
        await sender.send(numbers, patient=True)
        killer.cancel()
        flooding.cancel()
        ended = await asyncio.gather(killer, flooding, return_exceptions=True)
        report.expect("failed beside it", [], [repr(one) for one in ended if isinstance(one, Exception)])
        await _judge(report, installation, sender, events)
        report.figures |= {
            "deliveries": events * copies,
            "kills": len(killed),
            "sent again": sender.failures,
            "refused": flood.refused,
        }
    return report


class _Sender:
    """Sends until it is told that it was taken, as senders do."""

    def __init__(self, token: str, keys: SigningKeys, ports: list[int]) -> None:
        self._token = token
        self._keys = keys
        self._ports = ports
        self.led_to: defaultdict[int, set[str]] = defaultdict(set)
        self.failures = 0
        self.refused = 0

    async def send(self, numbers: list[int], *, patient: bool) -> None:
        """Send all of these; without patience, what is refused for the limit's sake is not sent again."""
        await asyncio.gather(*(self._send_some(numbers, patient=patient) for _ in range(SENDERS)))

    async def _send_some(self, numbers: list[int], *, patient: bool) -> None:
        while numbers:
            async with AsyncExitStack() as stack:
                with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                    client = await stack.enter_async_context(HttpClient(random.choice(self._ports)))  # noqa: S311
                    while numbers:
                        number = numbers.pop()
                        if not await self._sent(client, number, patient=patient):
                            numbers.append(number)
                            break
                    continue
            self.failures += 1
            await asyncio.sleep(pause(0.01, 0.1))

    async def _sent(self, client: HttpClient, number: int, *, patient: bool) -> bool:
        body = b'{"event":%d}' % number
        head = f"POST {ADDRESS}{self._token} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        head += f"X-Delivery-Id: event-{number}\r\nContent-Length: {len(body)}\r\n"
        signature = sign_body(self._keys, self._token, body).decode()
        try:
            async with asyncio.timeout(30):
                status, answer = await client.send(f"{head}X-Webhook-Signature: {signature}\r\n\r\n".encode() + body)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            return False
        if status == ACCEPTED:
            self.led_to[number].add(json.loads(answer)["data"]["execution_id"])
        self.refused += status == TOO_MANY
        return status == ACCEPTED or not patient


async def _kill_now_and_then(processes: list[Process], ports: list[int], killed: list[int]) -> None:
    """Kill one while all answer: on a slow machine, where a start takes longer than a life, nothing would be taken."""
    while True:
        for port in ports:
            while not await _answers(port):  # noqa: ASYNC110 - another process brings it about
                await asyncio.sleep(pause(0.1, 0.5))
        await asyncio.sleep(pause(3, 8))
        process = random.choice(processes)  # noqa: S311 - no secret
        killed.append(process.pid)
        await process.end(signal.SIGKILL)
        await process.start()


async def _answers(port: int) -> bool:
    try:
        async with asyncio.timeout(5), HttpClient(port) as client:
            status, _ = await client.send(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    except (OSError, asyncio.IncompleteReadError, TimeoutError):
        return False
    return status == OK


async def _judge(report: Report, installation: Installation, sender: _Sender, events: int) -> None:
    pool = installation.database.pool
    free = await pool.fetchrow("SELECT webhook_id, trigger_count FROM workflow_webhooks WHERE rate_limit_max IS NULL")
    ids = {
        str(row["execution_id"])
        for row in await pool.fetch("SELECT execution_id FROM workflow_executions WHERE trigger_id = $1", free[0])
    }
    fired = "SELECT count(*) FROM trigger_decisions WHERE trigger_id = $1 AND outcome = 'fired'"
    report.expect("executions", events, len(ids))
    report.expect("counted", events, free["trigger_count"])
    report.expect("recorded", events, await pool.fetchval(fired, free["webhook_id"]))
    report.expect("events that led to several", [], [n for n, found in sender.led_to.items() if len(found) > 1][:5])
    report.expect("told and not there", set(), set.union(*sender.led_to.values()) - ids)
    most = await pool.fetchval(
        "SELECT max(n) FROM (SELECT count(*) OVER (ORDER BY at RANGE BETWEEN make_interval(secs => $2) PRECEDING AND "
        "CURRENT ROW) AS n FROM trigger_decisions WHERE trigger_id <> $1 AND outcome = 'fired') w",
        free["webhook_id"],
        WINDOW - LAG,
    )
    report.figures["most in a window"] = most or 0
    report.expect("windows over the limit", False, (most or 0) > LIMIT)


def _fields(most: int | None) -> WebhookFields:
    return WebhookFields(
        name=f"at most {most}",
        description="",
        enabled=True,
        trigger_node_id=None,
        methods=("POST",),
        answer="immediately",
        timeout_seconds=30,
        require_signature=True,
        signature_scheme="body",
        ip_allowlist=("127.0.0.0/8",),
        rate_limit_max=most,
        rate_limit_window=WINDOW,
        replay_window_seconds=86_400,
    )
