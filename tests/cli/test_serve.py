"""`wingbeat serve` and `wingbeat worker`: ready, of use, and gone without a trace; kills heal by themselves."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx
import psutil
import pytest
from tests.rig.program import delay, one_step

if TYPE_CHECKING:
    from tests.rig.program import Program, Server


async def publish(server: Server, definition: dict[str, Any]) -> str:
    """The path at which the workflow is executed."""
    answer = await server.client.post("/api/v1/workflows", json=definition)
    workflow_id = answer.json()["data"]["workflow_id"]
    await server.client.post(f"/api/v1/workflows/{workflow_id}/publish")
    return f"/api/v1/workflows/{workflow_id}/execute"


async def insist(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """Ask until the answer is good; the test's own time-out is the limit."""
    while True:
        with suppress(httpx.TransportError):
            answer = await client.get(path, headers={"Connection": "close"})
            if answer.status_code == httpx.codes.OK:
                return answer
        await asyncio.sleep(0)


def children_of(pid: int) -> dict[int, psutil.Process]:
    """The processes that a supervisor keeps."""
    return {child.pid: child for child in psutil.Process(pid).children()}


async def test_it_says_when_it_is_ready_works_and_stops_cleanly(wingbeat: Program, database_dsn: str) -> None:
    """The address that it prints answers; after SIGTERM it is gone, and so is its worker."""
    async with wingbeat.serving() as server:
        health = await server.client.get("/health")
        answer = await server.client.post(await publish(server, one_step(6)), params={"wait": 10})
        server.process.send_signal(signal.SIGTERM)
        status = await server.process.wait()

    connection = await asyncpg.connect(database_dsn)
    workers = await connection.fetchval("SELECT count(*) FROM workers")
    await connection.close()
    assert (200, 0, 0) == (health.status_code, status, workers)
    assert ("completed", 6) == (answer.json()["data"]["status"], answer.json()["data"]["final_output"])


async def test_ctrl_c_is_answered(wingbeat: Program) -> None:
    """It says that it stops and what becomes of executions, once, however many processes there are."""
    for processes in ("1", "2"):
        process = await wingbeat.start("worker", "--processes", processes)
        assert process.stdout is not None
        assert b"Wingbeat runs executions" in await process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()

        assert (0, 1) == (process.returncode, errors.count(b"other executions are handed on"))


async def test_an_answer_under_way_is_given_before_it_stops(wingbeat: Program) -> None:
    """A caller who waits for a result gets it, although the server was told to stop meanwhile."""
    async with wingbeat.serving() as server:
        path = await publish(server, delay(0.7))
        waiting = asyncio.create_task(server.client.post(path, params={"wait": 10}))
        while (await server.client.get("/api/v1/executions")).json()["data"] == []:
            pass
        server.process.send_signal(signal.SIGTERM)

        answer = await waiting

    assert "completed" == answer.json()["data"]["status"]


async def test_the_sample_is_published_once_and_runs(wingbeat: Program) -> None:
    """However often the server is started; the printed command names it."""
    async with wingbeat.serving("--sample") as first:
        pass
    async with wingbeat.serving("--sample") as server:
        listed = (await server.client.get("/api/v1/workflows")).json()["data"]
        command = await asyncio.create_subprocess_shell(
            "\n".join(line for line in server.announcement if "curl" in line or "-d " in line),
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await command.communicate()

    assert first.process.returncode == 0
    assert ["Penguin census"] == [found["name"] for found in listed]
    assert b'"status":"completed"' in output


async def test_a_port_in_use_is_told_before_anything_starts(offline: Program) -> None:
    """With the port, and the setting that changes it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        finished = await offline("serve", "--port", port)

    assert finished.status == 1
    assert f"The port {port} is in use" in finished.errors
    assert "MODULE_PORT" in finished.errors
    assert not offline.made_data()


@pytest.mark.parametrize("key", ["x", "change-me-in-production"])
async def test_a_key_that_others_could_guess_keeps_it_on_this_machine(offline: Program, key: str) -> None:
    """`--host` obeys the same rule as BIND_HOST, and is named."""
    finished = await offline.with_settings(API_KEY=key)("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104

    assert finished.status == 2
    assert "API_KEY" in finished.errors
    assert "--host=0.0.0.0" in finished.errors
    assert "BIND_HOST" not in finished.errors


async def test_without_a_key_it_makes_one_and_says_where(wingbeat: Program) -> None:
    """For its owner alone to read, the same after every start; nobody comes in without it."""
    path = Path(wingbeat.environment["WINGBEAT_DATA_DIR"]) / "api.key"
    async with wingbeat.serving() as server:
        answer = await server.client.get("/api/v1/workflows")
        refused = await server.client.get("/api/v1/workflows", headers={"X-API-Key": ""})
        said = next(line for line in server.announcement if "Sign in" in line)
        key = path.read_text()
    async with wingbeat.serving():
        pass

    assert (200, 401) == (answer.status_code, refused.status_code)
    assert str(path) in said
    assert key.strip() not in "\n".join(server.announcement)
    assert 0o600 == path.stat().st_mode & 0o777
    assert key == path.read_text()


async def test_the_address_that_is_told_can_be_called(wingbeat: Program) -> None:
    """Also by a server that listens on all addresses."""
    program = wingbeat.with_settings(BIND_HOST="0.0.0.0", API_KEY="k" * 32)  # noqa: S104
    async with program.serving() as server:
        answer = await server.client.get("/api/v1/workflows")

    assert server.url.startswith("http://127.0.0.1:")
    assert 200 == answer.status_code


async def test_any_of_several_processes_may_be_killed(wingbeat: Program) -> None:
    """The supervisor starts another in its place; when it is killed itself, the others end."""
    async with wingbeat.serving("--processes", "2") as server:
        supervisor = server.process.pid
        first = children_of(supervisor)
        for child in first.values():
            child.kill()
        await insist(server.client, "/ready")
        second = children_of(supervisor)
        server.process.kill()
        await server.process.wait()
        gone, alive = await asyncio.to_thread(psutil.wait_procs, list(second.values()), 30)

    assert 2 == len(first)
    assert first.keys() != second.keys()
    assert ([], len(second)) == (alive, len(gone))


async def test_a_killed_database_of_its_own_is_started_again(alone: Program) -> None:
    """`kill -9` of the embedded server heals by itself, and an execution that was under way ends."""
    async with alone.serving() as server:
        path = await publish(server, delay(0.9))
        started = (await server.client.post(path)).json()["data"]["execution_id"]
        os.kill(int(alone.pid_files()[0].read_text().split()[0]), signal.SIGKILL)
        ended = f"/api/v1/workflows/executions/{started}"
        while (await insist(server.client, ended)).json()["data"]["status"] != "completed":
            pass
        server.process.send_signal(signal.SIGTERM)
        status = await server.process.wait()

    assert 0 == status
    assert [] == alone.pid_files()


async def test_a_worker_runs_what_a_server_took(wingbeat: Program, database_dsn: str) -> None:
    """Both are known as workers; the worker stops cleanly, too."""
    worker = await wingbeat.start("worker", stderr=None)
    assert worker.stdout is not None
    said = await worker.stdout.readline()
    connection = await asyncpg.connect(database_dsn)
    known = await connection.fetchval("SELECT count(*) FROM workers")

    worker.send_signal(signal.SIGTERM)
    await worker.communicate()

    left = await connection.fetchval("SELECT count(*) FROM workers")
    await connection.close()
    assert b"Wingbeat runs executions" in said
    assert (1, 0, 0) == (known, left, worker.returncode)


async def test_processes_that_can_never_start_are_given_up(offline: Program, tmp_path: Path) -> None:
    """With what is wrong, rather than again and again."""
    (tmp_path / "file").touch()
    program = offline.with_settings(WINGBEAT_DATA_DIR=str(tmp_path / "file" / "data"))

    finished = await program("serve", "--processes", "2", "--port", "0")

    assert finished.status == 2
    assert "WINGBEAT_DATA_DIR" in finished.errors
