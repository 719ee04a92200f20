"""Secrets planted in a whole installation, and searched for in all that it says and keeps."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.campaigns.installation import new_data_dir
from tests.campaigns.verdicts import Report
from tests.rig.connections import dump
from tests.rig.harvest import (
    Harvest,
    read_everything,
    use_accounts,
    use_connections,
    use_credentials,
    use_webhooks,
)
from tests.rig.planted import find, find_whole, plain
from tests.rig.program import Program, make_program

from wingbeat.storage.embedded import EmbeddedPostgres
from wingbeat.storage.pool import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

MEGABYTE = 1_000_000
COMMANDS = (("doctor",), ("audit",), ("nodes",), ("token", "list"))


async def secrets(*, rounds: int) -> Report:
    """Each round plants some forty; none of them may be in an answer, an export, a log, a table or a file."""
    report = Report("secrets")
    folder = new_data_dir()
    data_dir, said = folder / "data", folder / "said"
    own = {"the service's key": plain(), "the master key": plain()}
    settings = {"API_KEY": own["the service's key"], "SECRET_KEY": own["the master key"], "LOG_LEVEL": "DEBUG"}
    settings |= {"HTTP_ALLOW_PRIVATE_ADDRESSES": "true", "API_RATE_LIMIT": "0", "LOG_DIR": str(folder / "logs")}
    program = make_program(WINGBEAT_DATA_DIR=str(data_dir), **settings)
    try:
        with said.open("wb") as log:
            async with program.serving(log=log) as server:
                harvest = Harvest(server.client)
                harvest.planted |= own
                for number in range(rounds):
                    await _use_all(harvest, f"-{number}")
                printed = [await _print(program, *command) for command in COMMANDS]
                database = await _dump(data_dir)
        kept = _files(folder / "logs")
        places: dict[str, list[str] | list[bytes]] = {
            "answers": harvest.answers,
            "log": [said.read_bytes()],
            "audit log": kept,
            "commands": printed,
        }
        places["database"] = [database]
        report.wrong |= dict.fromkeys(find(harvest.planted, places), "shows")
        files = _files(data_dir)
        report.expect("in the files of the data directory", [], find_whole(harvest.planted, b"\n".join(files)))
        sizes = {"answers": len(harvest.answers), "MB of files": sum(map(len, files)) // MEGABYTE}
        report.figures |= {"secrets": len(harvest.planted), **sizes, "kB of logs": said.stat().st_size // 1000}
        report.expect("logs and files to search", True, bool(kept and files and said.stat().st_size))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report


async def _use_all(harvest: Harvest, mark: str) -> None:
    connections = await use_connections(harvest, mark)
    async with _refusing_server() as port:
        workflow_id, execution_id = await _run(harvest, connections, port, mark)
    workflow = f"/api/v1/workflows/{workflow_id}"
    await use_webhooks(harvest, workflow, mark)
    await use_accounts(harvest, mark)
    await use_credentials(harvest, mark)
    names = {"workflow_id": workflow_id, "execution_id": execution_id, "connection_id": connections["bearer"]}
    names |= {"sequence": "1", "revision": "1", "other": "1", "node_id": "bearer", "name": "action.http_request"}
    await read_everything(harvest, names)


async def _run(harvest: Harvest, connections: dict[str, str], port: int, mark: str) -> tuple[str, str]:
    """Run a workflow in which every connection is used and nothing works; gives its id and its execution's."""
    asking: list[dict[str, Any]] = [
        {
            "id": kind,
            "type": "action.http_request",
            "on_error": "continue",
            "parameters": {"url": f"http://127.0.0.1:{port}/{kind}", "connection": connections[kind]},
        }
        for kind in ("bearer", "basic", "api_key")
    ]
    nodes: list[dict[str, Any]] = [{"id": "start", "type": "trigger.manual"}, *asking]
    links = [{"from": "start", "to": node["id"]} for node in asking]
    document: dict[str, Any] = {"name": f"asks{mark}", "nodes": nodes, "connections": links}
    literal = {**asking[0]["parameters"], "headers": {"Authorization": harvest.plant(f"a literal{mark}")}}
    refused = {**document, "nodes": [nodes[0], {**asking[0], "parameters": literal}], "connections": links[:1]}
    await harvest.ask("POST", "/api/v1/workflows/validate", json=refused)
    made = await harvest.ask("POST", "/api/v1/workflows", json=document)
    workflow_id = str(made.json()["data"]["workflow_id"])
    address = f"/api/v1/workflows/{workflow_id}"
    await harvest.ask("POST", f"{address}/publish")
    await harvest.ask("POST", f"{address}/test", json={})
    run = await harvest.ask("POST", f"{address}/execute?wait=30", json={})
    return workflow_id, str(run.json()["data"]["execution_id"])


@asynccontextmanager
async def _refusing_server() -> AsyncIterator[int]:
    """A server that lets nobody in, and does not repeat what it was told."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 9\r\nconnection: close\r\n\r\nnot today")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def _print(program: Program, *arguments: str) -> str:
    done = await program(*arguments)
    return done.output + done.errors


async def _dump(data_dir: Path) -> bytes:
    server = EmbeddedPostgres()
    database = await Database.open(await server.start(data_dir), max_size=1)
    try:
        return await dump(database)
    finally:
        await database.close()
        await server.stop()


def _files(folder: Path) -> list[bytes]:
    """Every file, those of the database with its log of changes among them."""
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
