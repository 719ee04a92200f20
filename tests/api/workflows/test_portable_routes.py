"""Workflows are copied, and leave and come as files, with nothing secret and nothing of here alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx

from wingbeat.core.json_value import JsonObject

Make = Callable[..., Awaitable[str]]
ROOT = "/api/v1/workflows"
UNKNOWN = "00000000-0000-7000-8000-000000000000"


async def test_a_copy_is_a_draft_of_its_own(client: httpx.AsyncClient, create: Make) -> None:
    """With tags and folder, and without the addresses of the first; the same key gives the same copy."""
    address = await create(name="x" * 255, tags=["t"], folder="f", version="3.0")
    await client.post(f"{address}/publish")
    await client.post(f"{address}/webhooks", json={"name": "hook"})
    answer = await client.post(f"{address}/duplicate", headers={"Idempotency-Key": "k"})
    data = answer.json()["data"]
    assert (201, "draft", 1, None) == (answer.status_code, data["status"], data["revision"], data["published_revision"])
    assert (["t"], "f", "3.0", f"{'x' * 248} (copy)") == (
        data["tags"],
        data["folder"],
        data["version"],
        data["definition"]["name"],
    )
    assert [] == (await client.get(f"{answer.headers['location']}/webhooks")).json()["data"]
    again = await client.post(f"{address}/duplicate", headers={"Idempotency-Key": "k"})
    assert ("true", data) == (again.headers["idempotency-replayed"], again.json()["data"])
    other = await client.post(f"{address}/duplicate", json={"name": "named"}, headers={"Idempotency-Key": "k"})
    assert 409 == other.status_code
    named = await client.post(f"{address}/duplicate", json={"name": "named"})
    assert "named" == named.json()["data"]["name"]


async def make_connection(client: httpx.AsyncClient, name: str) -> str:
    """A connection that nodes can name."""
    body = {"name": name, "kind": "bearer", "allowed_hosts": ["api.example.com"], "secrets": {"token": "s3cret"}}
    answer = await client.post("/api/v1/connections", json=body)
    assert 201 == answer.status_code, answer.text
    return str(answer.json()["data"]["connection_id"])


async def test_a_file_names_connections_and_finds_them_again(client: httpx.AsyncClient, create: Make) -> None:
    """It has no ids of them; where one of the same name and kind is there, it is put in, and otherwise asked for."""
    connection_id = await make_connection(client, "Partner")
    parameters = {"url": "https://api.example.com", "connection": connection_id}
    nodes = [
        {"id": "start", "type": "trigger.manual"},
        {"id": "call", "type": "action.http_request", "parameters": parameters},
    ]
    arrows = [{"from": "start", "to": "call"}]
    address = await create(name="Orders & Co.", nodes=nodes, connections=arrows, tags=["t"])
    exported = await client.get(f"{address}/export")
    assert 'attachment; filename="orders-co.workflow.json"' == exported.headers["content-disposition"]
    file: JsonObject = exported.json()
    assert ("wingbeat.workflow", 1, ["t"]) == (file["format"], file["format_version"], file["tags"])
    need = {"node": "call", "parameter": "connection", "kinds": ["bearer"], "name": "Partner"}
    assert [need] == file["connections"]
    assert connection_id not in exported.text
    imported = (await client.post(f"{ROOT}/import?folder=in", json=file)).json()["data"]
    assert (True, [], ["t"], "in") == (imported["valid"], imported["problems"], imported["tags"], imported["folder"])
    assert connection_id == imported["definition"]["nodes"][1]["parameters"]["connection"]
    for name in ("Partner", "Other"):  # Now there are two of the first name, and none of the other.
        await make_connection(client, "Partner")
        asked = {**file, "connections": [{**need, "name": name}]}
        data = (await client.post(f"{ROOT}/import", json=asked)).json()["data"]
        found = [one for one in data["problems"] if one["parameter"] == "connection"]
        assert [("CONNECTION_UNKNOWN", "call")] == [(one["code"], one["node"]) for one in found]
        assert name in found[0]["message"]
        assert "connection" not in data["definition"]["nodes"][1]["parameters"]


async def test_a_draft_is_made_of_whatever_has_the_shape(client: httpx.AsyncClient, small: JsonObject) -> None:
    """Unknown types and lost error workflows are told; a definition alone will do, and the same key makes one."""
    body = {
        **small,
        "nodes": [{"id": "x", "type": "no.such"}],
        "connections": [],
        "settings": {"error_workflow": UNKNOWN},
    }
    answer = await client.post(f"{ROOT}/import", json=body, headers={"Idempotency-Key": "k"})
    data = answer.json()["data"]
    assert (201, False, "draft") == (answer.status_code, data["valid"], data["status"])
    assert {"unknown_type", "ERROR_WORKFLOW_NOT_FOUND"} <= {problem["code"] for problem in data["problems"]}
    again = await client.post(f"{ROOT}/import", json=body, headers={"Idempotency-Key": "k"})
    assert ("true", data["workflow_id"]) == (again.headers["idempotency-replayed"], again.json()["data"]["workflow_id"])
    assert 200 == (await client.get(answer.headers["location"])).status_code


async def test_what_has_not_the_shape_is_refused_with_every_fault(client: httpx.AsyncClient) -> None:
    """Of the file and of the definition in it."""
    file = {"format": "wingbeat.workflow", "format_version": 2, "tags": [""], "definition": {}, "more": 1}
    answer = await client.post(f"{ROOT}/import", json=file)
    fields = {problem["field"] for problem in answer.json()["details"]["problems"]}
    assert (400, {"format_version", "tags.0", "more"}) == (answer.status_code, fields)
    definition = {"nodes": [{"id": "1"}], "annotations": []}
    answer = await client.post(
        f"{ROOT}/import", json={"format": "wingbeat.workflow", "format_version": 1, "definition": definition}
    )
    found = {problem["parameter"] for problem in answer.json()["details"]["problems"]}
    assert (400, {"name", "nodes[0].id", "nodes[0].type", "annotations"}) == (answer.status_code, found)
    assert [] == (await client.get(ROOT)).json()["data"]
