"""The workflow of the campaigns: its result is a pure function of its input, and a server counts its effects."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wingbeat.core.json_value import Json, JsonObject

ITEMS = 5


def expected(n: int) -> int:
    """What the execution number `n` must come to."""
    return 2 * n + sum(n * item for item in range(ITEMS)) + n + (n + 7)


def workflow(port: int) -> JsonObject:
    """Fan-out, a loop, delays short and long, a request that fails at first, an unsafe one, and a merge."""
    soon: JsonObject = {"max_attempts": 8, "backoff_seconds": 0.05, "factor": 2, "max_delay_seconds": 2, "jitter": 0.1}
    total = "{{ nodes.double + (nodes.loop | sum) + nodes.later.n + nodes.ask.body.value }}"
    return {
        "name": "Campaign",
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            _node("double", "data.transform", value="{{ input.n * 2 }}"),
            _node("loop", "loop.foreach", items=list(range(ITEMS)), concurrency=2),
            _node("multiply", "data.transform", value="{{ item * trigger.n }}"),
            _node("brief", "flow.delay", seconds=0.02),
            _node("later", "flow.delay", seconds="{{ 1.5 if trigger.n % 4 == 0 else 0.1 }}"),
            {**_node("ask", "action.http_request", url=_url(port, "ask")), "retry": soon},
            {
                **_node("pay", "action.http_request", method="POST", url=_url(port, "pay")),
                "on_error": "continue",
                "retry": {**soon, "max_attempts": 1},
            },
            _node("merge", "flow.merge"),
            _node("end", "flow.end", output={"total": total, "paid": "{{ nodes.pay }}"}),
        ],
        "connections": [
            *_between(("start",), ("double", "loop", "later", "ask", "pay")),
            {"from": "loop", "from_port": "body", "to": "multiply"},
            {"from": "multiply", "to": "brief"},
            {"from": "loop", "from_port": "done", "to": "merge"},
            *_between(("double", "later", "ask", "pay"), ("merge",)),
            {"from": "merge", "to": "end"},
        ],
        "settings": {"timeout_seconds": 3600},
    }


def _node(node_id: str, node_type: str, **parameters: Json) -> JsonObject:
    return {"id": node_id, "type": node_type, "parameters": parameters}


def _between(sources: tuple[str, ...], targets: tuple[str, ...]) -> list[Json]:
    return [{"from": source, "to": target} for source in sources for target in targets]


def _url(port: int, what: str) -> str:
    return f"http://127.0.0.1:{port}/{what}/{{{{ trigger.n }}}}"


class Ledger:
    """The other server: `ask` fails at the first try and then answers, `pay` takes the money each time."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: Counter[int] = Counter()
        self.paid: Counter[int] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while request := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(_length(request))
                _, what, number = request.split(b" ", 2)[1].decode().split("/")
                status, body = self._answer(what, int(number))
                head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
                await writer.drain()
        writer.close()

    def _answer(self, what: str, n: int) -> tuple[str, bytes]:
        if what == "pay":
            self.paid[n] += 1
            return "200 OK", b'{"paid": true}'
        self.asked[n] += 1
        if self.asked[n] == 1:
            return "503 Busy", b"{}"
        return "200 OK", b'{"value": %d}' % (n + 7)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


@asynccontextmanager
async def ledger() -> AsyncIterator[Ledger]:
    """The other server, running."""
    opened = Ledger()
    server = await asyncio.start_server(opened.serve, "127.0.0.1", 0)
    opened.port = server.sockets[0].getsockname()[1]
    yield opened
    server.close()
