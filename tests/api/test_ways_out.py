"""Every way out of a process as operators start it, towards this machine: nothing arrives.

The process has the usual settings, and each feature that opens a connection is led to a port that nobody is to reach.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.api.conftest import open_client
from tests.connectors.documents import document_with
from tests.rig.engine import until

from wingbeat.api.app import Services
from wingbeat.bootstrap import open_platform
from wingbeat.cli.serve import services_of
from wingbeat.core.json_value import JsonObject
from wingbeat.settings import load_settings

HERE = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"]
SECRET = "a-secret-of-this-test"  # noqa: S105 - it is
HTTP: JsonObject = {"allow_plain_http": True}
REFUSED = {"EGRESS_ADDRESS_REFUSED", "EGRESS_NAME_UNKNOWN"}


class Canary:
    """A port on this machine; `visits` counts the connections to it."""

    def __init__(self) -> None:
        self.visits = 0
        self.port = 0

    def take(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Somebody came."""
        self.visits += 1
        writer.close()


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    """It listens on every loopback address."""
    found = Canary()
    four = await asyncio.start_server(found.take, "127.0.0.1", 0)
    found.port = four.sockets[0].getsockname()[1]
    try:
        six = await asyncio.start_server(found.take, "::1", found.port)
    except OSError:
        six = None
    yield found
    for server in (four, six):
        if server is not None:
            server.close()


@pytest.fixture
async def client(database_dsn: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a process with a worker and the usual settings."""
    settings = load_settings({"DATABASE_URI": database_dsn, "WINGBEAT_DATA_DIR": str(tmp_path)})
    async with open_platform(settings, run_worker=True, grace_seconds=0.1) as platform:
        services: Services = services_of(platform)
        async with open_client(services) as opened:
            yield opened


async def connect(client: httpx.AsyncClient, kind: str, config: JsonObject, secrets: JsonObject, **more: Any) -> str:  # noqa: ANN401 - JSON
    """The id of a new connection."""
    body = {"name": kind, "kind": kind, "config": config, "secrets": secrets, **more}
    answer = await client.post("/api/v1/connections", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["connection_id"])


async def run(client: httpx.AsyncClient, node_type: str, parameters: JsonObject) -> dict[str, Any]:
    """The error that a workflow of one step ends in."""
    workflow = {
        "name": "out",
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "out", "type": node_type, "parameters": parameters, "retry": {"max_attempts": 1}},
        ],
        "connections": [{"from": "start", "to": "out"}],
    }
    made = await client.post("/api/v1/workflows", json=workflow)
    assert made.status_code == 201, made.text
    address = f"/api/v1/workflows/{made.json()['data']['workflow_id']}"
    published = await client.post(f"{address}/publish")
    assert published.status_code == 200, published.text
    started = (await client.post(f"{address}/execute")).json()["data"]["execution_id"]

    async def has_ended() -> dict[str, Any] | None:
        found: dict[str, Any] = (await client.get(f"/api/v1/workflows/executions/{started}")).json()["data"]
        return found if found["end_time"] else None

    # The first question to a model takes a while: libraries are loaded.
    ended = await until(has_ended, f"{node_type} ends", 120)
    assert ended is not None
    assert ended["status"] == "failed", ended
    assert SECRET not in json.dumps(ended)
    error: dict[str, Any] = ended["error"]
    return error


@pytest.mark.parametrize("host", HERE)
async def test_no_node_reaches_this_machine(client: httpx.AsyncClient, canary: Canary, host: str) -> None:
    """Requests, downloads, uploads with tokens, mail, databases, buckets, models, operations and tools."""
    url = f"http://{host}:{canary.port}"
    hosts: dict[str, Any] = {"allowed_hosts": [host]}
    password: JsonObject = {"password": SECRET}
    document = document_with({"/x": {"get": {"operationId": "getX", "responses": {"200": {"description": "x"}}}}})
    made = await client.post("/api/v1/connectors/openapi", json={"document": document, "slug": "here", "base_url": url})
    assert made.status_code == 201, made.text
    token = await connect(client, "bearer", HTTP, {"token": SECRET}, **hosts)
    oauth: JsonObject = {**HTTP, "token_url": f"{url}/token", "client_id": "c"}
    program = await connect(
        client, "oauth2_client_credentials", oauth, {"client_secret": SECRET}, allowed_hosts=["api.example.com"]
    )
    sql: JsonObject = {"host": host, "port": canary.port, "database": "d", "username": "u", "tls": "disable"}
    postgres = await connect(client, "sql", {**sql, "dialect": "postgresql"}, password)
    mysql = await connect(client, "sql", {**sql, "dialect": "mysql"}, password)
    smtp = await connect(client, "smtp", {"host": host, "port": canary.port, "security": "none"}, password)
    keys: JsonObject = {"access_key_id": SECRET, "secret_access_key": SECRET}
    bucket = await connect(client, "s3", {"bucket": "b", "endpoint_url": url}, keys)
    model = await connect(client, "llm", {"base_url": f"{url}/v1", "model": "m"}, {"api_key": SECRET})
    letter: JsonObject = {
        "connection": smtp,
        "from": "a@example.com",
        "to": "b@example.com",
        "subject": "s",
        "text": "t",
    }
    attempts: list[tuple[str, JsonObject]] = [
        ("action.http_request", {"url": url}),
        ("action.http_request", {"url": url, "response": "file", "connection": token}),
        ("action.http_request", {"url": url, "pagination": {"by": "link_header"}}),
        ("action.http_request", {"url": "https://api.example.com/", "connection": program}),
        ("api.here.getX", {}),
        ("action.database", {"connection": postgres, "sql": "SELECT 1"}),
        ("action.database", {"connection": mysql, "sql": "SELECT 1"}),
        ("action.email", letter),
        ("action.file", {"operation": "read", "connection": bucket, "path": "a.txt"}),
        ("action.ai", {"connection": model, "instructions": "Hi"}),
    ]
    codes = [(await run(client, *attempt))["code"] for attempt in attempts]
    assert codes == ["EGRESS_ADDRESS_REFUSED"] * len(attempts)
    assert canary.visits == 0


async def test_no_service_of_ours_reaches_this_machine(client: httpx.AsyncClient, canary: Canary) -> None:
    """Reading descriptions of APIs and lists of tools, testing connections, and fetching tokens for a sign-in."""
    url = f"http://127.0.0.1:{canary.port}"
    hosts: dict[str, Any] = {"allowed_hosts": ["127.0.0.1"]}
    seen = []
    for path in ("openapi", "mcp"):
        answer = await client.post(f"/api/v1/connectors/{path}", json={"url": f"{url}/x", "slug": path})
        assert (answer.status_code, answer.json()["error_code"]) == (400, "CONNECTOR_UNREACHABLE")
        seen.append(answer.text)
    plain: JsonObject = {**HTTP, "test_url": f"{url}/me"}
    oauth: JsonObject = {**HTTP, "token_url": f"{url}/token", "client_id": "c"}
    sql: JsonObject = {"host": "127.0.0.1", "port": canary.port, "database": "d", "username": "u"}
    keys: JsonObject = {"access_key_id": SECRET, "secret_access_key": SECRET}
    kinds: list[tuple[str, JsonObject, JsonObject]] = [
        ("bearer", plain, {"token": SECRET}),
        ("api_key", {**plain, "placement": "query"}, {"api_key": SECRET}),
        ("basic", {**plain, "username": "u"}, {"password": SECRET}),
        ("oauth2_client_credentials", oauth, {"client_secret": SECRET}),
        ("sql", sql, {"password": SECRET}),
        ("sql", {**sql, "dialect": "mysql"}, {"password": SECRET}),
        ("smtp", {"host": "127.0.0.1", "port": canary.port}, {"password": SECRET}),
        ("s3", {"bucket": "b", "endpoint_url": url}, keys),
        ("llm", {"base_url": url}, {"api_key": SECRET}),
        ("mcp", {"url": url}, {"token": SECRET}),
    ]
    for kind, config, secrets in kinds:
        more: dict[str, Any] = hosts if kind in {"bearer", "api_key", "basic", "oauth2_client_credentials"} else {}
        tried = await client.post(f"/api/v1/connections/{await connect(client, kind, config, secrets, **more)}/test")
        result = tried.json()["data"]["result"]
        assert (result["ok"], result["error_code"]) == (False, "EGRESS_ADDRESS_REFUSED"), kind
        seen.append(tried.text)
    signed_in: JsonObject = {**oauth, "authorization_url": f"{url}/authorize"}
    found = await connect(client, "oauth2_authorization_code", signed_in, {"client_secret": SECRET}, **hosts)
    begun = (await client.post(f"/api/v1/connections/{found}/authorize")).json()["data"]["url"]
    state = parse_qs(urlsplit(begun).query)["state"][0]
    back = await client.get("/api/v1/connections/oauth/callback", params={"state": state, "code": SECRET})
    assert back.json()["error_code"] == "EGRESS_ADDRESS_REFUSED"
    assert SECRET not in "".join([*seen, back.text])
    assert canary.visits == 0
