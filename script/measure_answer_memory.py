"""How much memory a worker needs while a 20 MB answer passes through three nodes. Linux; takes a few seconds.

Usage: python script/measure_answer_memory.py [text|json]
"""

from __future__ import annotations

import asyncio
import gc
import json
import multiprocessing
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from wingbeat.bootstrap import open_platform
from wingbeat.core.access import SYSTEM
from wingbeat.services.executions.start_requests import StartRequest
from wingbeat.settings import load_settings
from wingbeat.storage.workflows import WorkflowFields

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from uuid import UUID

    from wingbeat.bootstrap import Platform
    from wingbeat.core.json_value import JsonObject

BYTES = 20_000_000
ROW = {"id": 123456, "name": "A name of some length", "price": 12.5, "tags": ["a", "b"], "text": "y" * 100}
PASSING_ON = 3


def serve(kind: str, told: Connection) -> None:
    """Answer with 20 MB, or under /small with next to nothing; in a process of its own."""
    big = b"x" * BYTES if kind == "text" else json.dumps([ROW] * (BYTES // len(json.dumps(ROW)))).encode()
    media = "text/plain" if kind == "text" else "application/json"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"x" if self.path == "/small" else big
            self.send_response(200)
            self.send_header("Content-Type", "text/plain" if self.path == "/small" else media)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_parts: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_port)
    server.serve_forever()


def memory(what: str) -> float:
    """A figure of this process in MB: VmRSS now, VmHWM at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(f"{what}:"))


async def publish(platform: Platform, url: str) -> UUID:
    """A workflow that asks for the answer, hands it on three times, and ends with its length."""
    steps: list[tuple[str, str, JsonObject]] = [
        ("start", "trigger.manual", {}),
        ("get", "action.http_request", {"url": url, "extract": "response.body"}),
    ]
    steps += [(f"on{number}", "data.transform", {"value": "{{ input }}"}) for number in range(PASSING_ON)]
    steps.append(("size", "data.transform", {"value": "{{ input | length }}"}))
    document: JsonObject = {
        "name": "big answer",
        "nodes": [{"id": name, "type": kind, "parameters": parameters} for name, kind, parameters in steps],
        "connections": [{"from": one[0], "to": two[0]} for one, two in pairwise(steps)],
    }
    created = await platform.workflows.create(SYSTEM, WorkflowFields(document))
    await platform.workflows.publish(SYSTEM, created.workflow.header.workflow_id)
    return created.workflow.header.workflow_id


async def measure(kind: str, port: int, folder: str) -> None:
    """Run the small one to have everything loaded, then the big one."""
    settings = load_settings({"WINGBEAT_DATA_DIR": folder, "HTTP_ALLOW_PRIVATE_ADDRESSES": "true"})
    async with open_platform(settings, run_worker=True) as platform:
        small, big = [await publish(platform, f"http://127.0.0.1:{port}/{path}") for path in ("small", "big")]
        await platform.starter.start_and_wait(SYSTEM, StartRequest(small, None), 60)
        gc.collect()
        before = memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # noqa: ASYNC240 - resets the peak, at once
        ended = await platform.starter.start_and_wait(SYSTEM, StartRequest(big, None), 60)
        peak = memory("VmHWM")
    blobs = [path.stat().st_size for path in Path(folder, "blobs").rglob("*.json")]  # noqa: ASYNC240 - a few files
    print(f"{kind}: {ended.status}, length {ended.output}")
    print(f"before {before:.0f} MB, peak {peak:.0f} MB, so {peak - before:.0f} MB for it; stored: {blobs}")


def main() -> None:
    """Measure one kind of answer."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "text"
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(kind, there), daemon=True)
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(measure(kind, here.recv(), folder))
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
