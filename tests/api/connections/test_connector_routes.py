"""Connectors over REST: a document becomes node types, which workflows can be made of at once, and run."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api.conftest import open_client
from tests.connectors.documents import SHOP, document_with
from tests.egress.test_http import serving, with_body

from wingbeat.api.app import Services
from wingbeat.bootstrap import open_platform
from wingbeat.cli.serve import services_of
from wingbeat.core.json_value import JsonObject
from wingbeat.settings import load_settings

ROOT = "/api/v1/connectors"


@pytest.fixture
async def services(database_dsn: str, tmp_path: Path) -> AsyncIterator[Services]:
    """All use cases of a process with a worker that may reach this machine."""
    settings = load_settings(
        {
            "DATABASE_URI": database_dsn,
            "WINGBEAT_DATA_DIR": str(tmp_path),
            "HTTP_ALLOW_PRIVATE_ADDRESSES": "true",
        }
    )
    async with open_platform(settings, run_worker=True, grace_seconds=0.1) as platform:
        yield services_of(platform)


@pytest.fixture
async def client(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """A client of that process."""
    async with open_client(services) as opened:
        yield opened


async def _types(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/v1/node-types?prefix=api.")
    return {found["type"]: found for found in answer.json()["data"]}


def _workflow(node_type: str, parameters: JsonObject) -> JsonObject:
    return {
        "name": "uses a connector",
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "call", "type": node_type, "parameters": parameters, "retry": {"max_attempts": 1}},
        ],
        "connections": [{"from": "start", "to": "call"}],
    }


async def _run(client: httpx.AsyncClient, workflow: JsonObject) -> dict[str, Any]:
    made = (await client.post("/api/v1/workflows", json=workflow)).json()["data"]
    address = f"/api/v1/workflows/{made['workflow_id']}"
    assert 200 == (await client.post(f"{address}/publish")).status_code
    ended = await client.post(f"{address}/execute?wait=20")
    data: dict[str, Any] = ended.json()["data"]
    assert data["status"] == "completed", data["error"]
    return data


async def test_each_operation_is_a_node_type_that_runs(client: httpx.AsyncClient) -> None:
    """From the document to the answer of the API, without anything in between being restarted."""
    async with serving(with_body(b'{"id": 7}', "Content-Type: application/json")) as api:
        document = document_with({"/orders/{id}": {"get": {"operationId": "getOrder", "summary": "Read"}}})
        made = await client.post(
            f"{ROOT}/openapi",
            json={"document": document, "slug": "shop", "base_url": f"http://127.0.0.1:{api.port}"},
        )
        ended = await _run(client, _workflow("api.shop.getOrder", {"id": "{{ 3 + 4 }}"}))

    line = {"type": "api.shop.getOrder", "title": "Read"}
    assert (201, [line]) == (made.status_code, made.json()["data"]["node_types"])
    assert ("completed", {"id": 7}) == (ended["status"], ended["final_output"]["body"])
    assert "GET /orders/7 HTTP/1.1" == api.heads[0].split("\r\n")[0]


async def test_a_document_is_fetched_from_its_address(client: httpx.AsyncClient) -> None:
    """As JSON or YAML; the servers of the document may be relative to it."""
    text = b"openapi: 3.1.0\ninfo: {title: My Shop!}\nservers: [{url: /v1}]\npaths:\n  /a:\n    get: {}\n"
    async with serving(with_body(text, "Content-Type: application/yaml")) as server:
        url = f"http://127.0.0.1:{server.port}/docs/api.yaml"
        made = (await client.post(f"{ROOT}/openapi", json={"url": url})).json()["data"]

    assert ("my_shop", url, "api.my_shop.get_a") == (made["slug"], made["source_url"], made["node_types"][0]["type"])


async def test_our_own_document_can_be_used(client: httpx.AsyncClient) -> None:
    """Every operation of Wingbeat's API is a node type, and each can be described."""
    document = (await client.get("/openapi.json")).json()
    body = {"document": document, "slug": "self", "base_url": "http://127.0.0.1:1"}
    made = (await client.post(f"{ROOT}/openapi", json=body)).json()["data"]
    operations = sum(len(path) for path in document["paths"].values())

    assert ([], operations) == (made["skipped"], len(made["node_types"]))
    assert {line["type"] for line in made["node_types"]} == (await _types(client)).keys()


async def test_one_node_type_can_be_read(client: httpx.AsyncClient) -> None:
    """One of a connector like one that is installed; one that there is not is a 404."""
    await client.post(f"{ROOT}/openapi", json={"document": SHOP, "slug": "shop"})
    one = await client.get("/api/v1/node-types/api.shop.getOrder")
    installed = await client.get("/api/v1/node-types/condition.if")
    missing = await client.get("/api/v1/node-types/api.shop.nothing")

    assert ("Read an order", "If") == (one.json()["data"]["title"], installed.json()["data"]["title"])
    assert (404, "NODE_TYPE_UNKNOWN") == (missing.status_code, missing.json()["error_code"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "OPENAPI_MISSING"),
        ({"document": "{"}, "OPENAPI_UNREADABLE"),
        ({"document": {"swagger": "2.0"}}, "OPENAPI_VERSION"),
        ({"document": document_with({})}, "OPENAPI_EMPTY"),
        ({"document": document_with({"/a": {"get": {}}}, servers=[])}, "OPENAPI_NO_SERVER"),
        ({"url": "http://127.0.0.1:1/api.json"}, "CONNECTOR_UNREACHABLE"),
        ({"url": "file:///etc/passwd"}, "INVALID_INPUT"),
        ({"document": {}, "slug": "Not A Slug"}, "INVALID_INPUT"),
    ],
)
async def test_what_cannot_be_used_is_refused(client: httpx.AsyncClient, body: JsonObject, code: str) -> None:
    """With a code, what is wrong, and how to mend it; nothing is stored."""
    answer = await client.post(f"{ROOT}/openapi", json=body)

    assert (400, code) == (answer.status_code, answer.json()["error_code"])
    assert [] == (await client.get(ROOT)).json()["data"]


async def test_a_slug_is_taken_once(client: httpx.AsyncClient) -> None:
    """The same request with the same key gives the first connector again."""
    body = {"document": SHOP, "slug": "shop"}
    first = await client.post(f"{ROOT}/openapi", json=body, headers={"Idempotency-Key": "k"})
    again = await client.post(f"{ROOT}/openapi", json=body, headers={"Idempotency-Key": "k"})
    other = await client.post(f"{ROOT}/openapi", json=body)

    assert first.json()["data"]["connector_id"] == again.json()["data"]["connector_id"]
    assert "true" == again.headers["Idempotency-Replayed"]
    assert (409, "CONNECTOR_EXISTS") == (other.status_code, other.json()["error_code"])


async def test_a_refreshed_connector_changes_what_runs(client: httpx.AsyncClient) -> None:
    """A workflow that is published already calls what the new description says."""
    async with serving(with_body(b"1", "Content-Type: application/json")) as api:
        base = f"http://127.0.0.1:{api.port}"
        old = document_with({"/old": {"get": {"operationId": "read"}}})
        new = document_with({"/new": {"get": {"operationId": "read"}}})
        made = (await client.post(f"{ROOT}/openapi", json={"document": old, "slug": "s", "base_url": base})).json()
        workflow = _workflow("api.s.read", {})
        await _run(client, workflow)
        address = f"{ROOT}/{made['data']['connector_id']}"
        refreshed = await client.post(f"{address}/refresh", json={"document": new})
        await _run(client, workflow)

    assert (200, 2) == (refreshed.status_code, refreshed.json()["data"]["revision"])
    assert ["GET /old HTTP/1.1", "GET /new HTTP/1.1"] == [head.split("\r\n")[0] for head in api.heads]


async def test_a_connector_in_use_is_not_deleted(client: httpx.AsyncClient) -> None:
    """Unless that is forced; its node types are gone then."""
    made = (await client.post(f"{ROOT}/openapi", json={"document": SHOP, "slug": "shop"})).json()["data"]
    await client.post("/api/v1/workflows", json=_workflow("api.shop.getOrder", {"id_path": 1}))
    refused = await client.delete(f"{ROOT}/{made['connector_id']}")
    forced = await client.delete(f"{ROOT}/{made['connector_id']}?force=true")

    assert (409, "CONNECTOR_IN_USE") == (refused.status_code, refused.json()["error_code"])
    assert 200 == forced.status_code
    assert "api.shop.getOrder" not in await _types(client)
    assert 404 == (await client.get(f"{ROOT}/{made['connector_id']}")).status_code


async def test_a_secret_in_the_address_is_not_repeated(client: httpx.AsyncClient) -> None:
    """What stands behind the question mark may be a key."""
    answer = await client.post(f"{ROOT}/openapi", json={"url": "http://127.0.0.1:1/api.json?key=s3cret"})

    assert "s3cret" not in json.dumps(answer.json())
