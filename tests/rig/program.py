"""The real program `wingbeat` in processes of its own, and definitions to give it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PROGRAM = (sys.executable, "-m", "wingbeat")
INHERITED = ("PATH", "PYTHONPATH", "HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_START")


class Finished(NamedTuple):
    """What a command printed, and its exit status."""

    status: int
    output: str
    errors: str

    def json(self) -> Any:  # noqa: ANN401 - whatever it printed
        """The JSON on standard output."""
        return json.loads(self.output)


@dataclass
class Program:
    """`wingbeat` with an environment of its own."""

    environment: dict[str, str]

    def with_settings(self, **settings: str) -> Program:
        """The same with other settings."""
        return Program({**self.environment, **settings})

    def without(self, *names: str) -> Program:
        """The same without some settings."""
        return Program({name: value for name, value in self.environment.items() if name not in names})

    def pid_files(self) -> list[Path]:
        """The file that names the process of the embedded server, while it runs."""
        return list(Path(self.environment["WINGBEAT_DATA_DIR"]).glob("*/postmaster.pid"))

    def service_key(self) -> str:
        """What whoever is to come in sends: API_KEY, else what the program has made for itself."""
        given = self.environment.get("API_KEY")
        return given or (Path(self.environment["WINGBEAT_DATA_DIR"]) / "api.key").read_text().strip()

    def made_data(self) -> bool:
        """Whether there is a data directory."""
        return Path(self.environment["WINGBEAT_DATA_DIR"]).exists()

    async def start(self, *arguments: str | Path, **options: Any) -> asyncio.subprocess.Process:  # noqa: ANN401 - Popen's
        """Start it with pipes."""
        pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE, **options}
        return await asyncio.create_subprocess_exec(*PROGRAM, *map(str, arguments), env=self.environment, **pipes)

    async def __call__(self, *arguments: str | Path, given: bytes = b"") -> Finished:
        """Run it to its end."""
        process = await self.start(*arguments, stdin=asyncio.subprocess.PIPE)
        output, errors = await process.communicate(given)
        return Finished(await process.wait(), output.decode(), errors.decode())

    @asynccontextmanager
    async def serving(self, *arguments: str, log: IO[bytes] | None = None) -> AsyncIterator[Server]:
        """`wingbeat serve` on a free port, ready; it is stopped at the end if it still runs."""
        process = await self.start("serve", "--port", "0", *arguments, stderr=log)
        try:
            lines = await read_announcement(process)
            url = lines[0].rsplit(" ", 1)[-1]
            headers = {"X-API-Key": self.service_key()}
            async with httpx.AsyncClient(base_url=url, headers=headers, timeout=100, trust_env=False) as client:
                yield Server(process, url, client, lines)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()


class Server(NamedTuple):
    """A server that runs."""

    process: asyncio.subprocess.Process
    url: str
    client: httpx.AsyncClient
    announcement: list[str]


async def read_announcement(process: asyncio.subprocess.Process) -> list[str]:
    """The lines that the server prints once it is ready."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or not lines[-1].startswith("  Stop"):
        line = await process.stdout.readline()
        assert line, "the server ended before it was ready"
        lines.append(line.decode().rstrip())
    return lines


def make_program(**settings: str) -> Program:
    """The program with these settings and no others."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return Program({**inherited, **settings})


def workflow(*nodes: dict[str, Any], connections: tuple[tuple[str, str], ...] = (), **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A definition that begins with the manual trigger `start`; connections name ports as `node.port`."""
    return {
        "name": "test",
        "nodes": [{"id": "start", "type": "trigger.manual"}, *nodes],
        "connections": [
            {"from": source.partition(".")[0], "from_port": source.partition(".")[2] or "out", "to": target}
            for source, target in connections
        ],
        **more,
    }


def transform(value: object, node_id: str = "made") -> dict[str, Any]:
    """A node that makes a value."""
    return {"id": node_id, "type": "data.transform", "parameters": {"value": value}}


def one_step(value: object) -> dict[str, Any]:
    """A workflow that makes a value and ends with it."""
    end = {"id": "end", "type": "flow.end", "parameters": {"output": "{{ input }}"}}
    return workflow(transform(value), end, connections=(("start", "made"), ("made", "end")))


def delay(seconds: float) -> dict[str, Any]:
    """A workflow that waits and then ends with what its trigger gave."""
    return workflow(
        {"id": "wait", "type": "flow.delay", "parameters": {"seconds": seconds}},
        {"id": "end", "type": "flow.end", "parameters": {"output": "{{ trigger }}"}},
        connections=(("start", "wait"), ("wait", "end")),
    )


def write(folder: Path, document: object, name: str = "workflow.json") -> Path:
    """A JSON file."""
    path = folder / name
    path.write_text(json.dumps(document))
    return path
