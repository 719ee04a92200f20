"""The program as an operator has it: its log file, its licence server, and where its settings come from."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from tests.rig.program import one_step
from tests.rig.web import Asked, Reply, web

if TYPE_CHECKING:
    from tests.rig.program import Program

KEYS = {"SECRET_KEY": "s" * 32, "API_KEY": "a" * 32}


async def test_the_log_file_tells_what_was_done_by_which_request(wingbeat: Program, tmp_path: Path) -> None:
    """From the start of the process to its end; through the server, the starter and the worker."""
    logs = tmp_path / "logs"
    async with wingbeat.with_settings(LOG_DIR=str(logs)).serving() as server:
        created = await server.client.post("/api/v1/workflows", json=one_step(6), headers={"X-Request-Id": "creating"})
        path = f"/api/v1/workflows/{created.json()['data']['workflow_id']}"
        await server.client.post(f"{path}/publish", headers={"X-Request-Id": "publishing"})
        answer = await server.client.post(f"{path}/execute", params={"wait": 10}, headers={"X-Request-Id": "executing"})
        server.process.send_signal(signal.SIGTERM)
        await server.process.wait()

    lines = [json.loads(line) for line in (logs / "wingbeat-aaa.log").read_text().splitlines()]
    execution = answer.json()["data"]["execution_id"]
    told = {(line["action"], line.get("request_id"), line["execution_id"], line["user"]) for line in lines}
    assert {
        ("process.start", None, None, "system"),
        ("workflow.create", "creating", None, "service"),
        ("workflow.publish", "publishing", None, "service"),
        ("execution.start", "executing", execution, "service"),
        ("execution.end", "executing", execution, "service"),
        ("process.stop", None, None, "system"),
    } <= told
    assert ["127.0.0.1"] * 4 == [line["address"] for line in lines if "request_id" in line]
    assert 0o640 == (logs / "wingbeat-aaa.log").stat().st_mode & 0o777


async def test_a_log_directory_that_is_lost_stops_no_work_and_is_told(wingbeat: Program, tmp_path: Path) -> None:
    """In the state of the installation, and in the table."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    async with wingbeat.with_settings(LOG_DIR=str(blocked / "logs")).serving() as server:
        created = await server.client.post("/api/v1/workflows", json=one_step(6))
        problems: list[str] = []
        entries: list[object] = []
        while not (problems and entries):
            problems = (await server.client.get("/api/v1/status")).json()["data"]["problems"]
            entries = (await server.client.get("/api/v1/audit", params={"action": "audit.file_lost"})).json()["data"]
        ready = await server.client.get("/ready")
    assert (201, 200, [True]) == (
        created.status_code,
        ready.status_code,
        [str(blocked) in problem for problem in problems],
    )


async def test_without_a_licence_nothing_is_made_and_the_doctor_says_why(wingbeat: Program) -> None:
    """With RELEASE_MODE alone: the same server is asked nothing without it."""

    def refuse(_asked: Asked) -> Reply:
        return Reply(402, orjson.dumps({"valid": False, "message": "The licence was not paid."}))

    async with web(refuse) as vendor:
        program = wingbeat.with_settings(LICENSE_SERVER_URL=vendor.url, RELEASE_MODE="true", **KEYS)
        async with program.serving() as server:
            refused = await server.client.post("/api/v1/workflows", json=one_step(6))
        examined = await program("doctor", "--json")
        asked = len(vendor.asked)
        async with wingbeat.with_settings(LICENSE_SERVER_URL=vendor.url).serving() as server:
            created = await server.client.post("/api/v1/workflows", json=one_step(6))
        assert asked == len(vendor.asked)
    body = refused.json()
    assert (402, "LICENSE_REQUIRED", True) == (refused.status_code, body["error_code"], "paid" in body["message"])
    findings = {finding["about"]: finding for finding in examined.json()["findings"]}
    assert ("warning", True) == (findings["licence"]["state"], "paid" in findings["licence"]["message"])
    assert created.status_code == 201


async def test_settings_and_secrets_come_from_files(wingbeat: Program, tmp_path: Path) -> None:
    """What the file says holds for the server, and what looks questionable is in its log."""
    (tmp_path / "key").write_text("k" * 40 + "\n")
    (tmp_path / "settings").write_text(f"API_KEY_FILE={tmp_path}/key\nMAX_LOOP_DEPTH_CAP=77\nGRPC_PORT=1\n")
    (tmp_path / "settings").chmod(0o600)
    program = wingbeat.with_settings(WINGBEAT_ENV_FILE=str(tmp_path / "settings"))
    process = await program.start("serve", "--port", "0")
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().rsplit(" ", 1)[-1].strip()
    process.send_signal(signal.SIGTERM)
    _, errors = await process.communicate()
    said = [json.loads(line) for line in errors.decode().splitlines() if line.startswith("{")]
    assert url.startswith("http://")
    assert ["GRPC_PORT"] == [
        line["setting"] for line in said if line["event"] == "setting_in_doubt" and line["setting"] == "GRPC_PORT"
    ]
    assert "kkk" not in errors.decode()
