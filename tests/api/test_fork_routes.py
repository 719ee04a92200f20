"""Going on from a part of an execution over REST: another try, and a fork."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from tests.api.test_waiting import services

__all__ = ["services"]

ONE = "/api/v1/workflows/executions"
DEFINITION: dict[str, Any] = {
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {"id": "check", "type": "data.transform", "parameters": {"value": "{{ input.n + 1 }}"}},
    ],
    "connections": [{"from": "start", "to": "check"}],
}


@pytest.fixture
async def execution(client: httpx.AsyncClient, publish: Callable[..., Awaitable[str]]) -> dict[str, Any]:
    """An execution that failed, since its input had no n."""
    address = await publish(**DEFINITION)
    answer = await client.post(f"{address}/execute?wait=20", json={"trigger_data": {}})
    return dict(answer.json()["data"])


async def ended(client: httpx.AsyncClient, execution_id: str) -> dict[str, Any]:
    """The execution once it has ended."""
    while True:
        found = dict((await client.get(f"{ONE}/{execution_id}")).json()["data"])
        if found["status"] in {"completed", "failed"}:
            return found


async def test_another_try(client: httpx.AsyncClient, execution: dict[str, Any]) -> None:
    """202, where the new execution is, and what it comes from."""
    answer = await client.post(f"{ONE}/{execution['execution_id']}/retry")
    assert (202, "pending") == (answer.status_code, answer.json()["data"]["status"])
    found = await ended(client, answer.headers["location"].rpartition("/")[2])
    assert (execution["execution_id"], "check", "") == (
        found["forked_from"],
        found["forked_node_id"],
        found["forked_scope"],
    )


async def test_a_fork_with_another_input(client: httpx.AsyncClient, execution: dict[str, Any]) -> None:
    """What the step was missing is given to it."""
    body = {"node_id": "check", "input": {"n": 1}}
    answer = await client.post(f"{ONE}/{execution['execution_id']}/fork", json=body)
    found = await ended(client, answer.json()["data"]["execution_id"])
    assert ("completed", 2) == (found["status"], found["final_output"])


async def test_null_is_an_output_too(client: httpx.AsyncClient, execution: dict[str, Any]) -> None:
    """Given is given."""
    body = {"node_id": "check", "output": None}
    answer = await client.post(f"{ONE}/{execution['execution_id']}/fork", json=body)
    assert answer.status_code == 202, answer.text
    found = await ended(client, answer.json()["data"]["execution_id"])
    assert ("completed", None) == (found["status"], found["final_output"])


async def test_the_same_key_gives_the_same_fork(client: httpx.AsyncClient, execution: dict[str, Any]) -> None:
    """And says that it did."""
    address, headers = f"{ONE}/{execution['execution_id']}/retry", {"Idempotency-Key": "once"}
    first, again = [await client.post(address, headers=headers) for _ in range(2)]
    assert first.headers["location"] == again.headers["location"]
    assert (None, "true") == (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"node_id": "chekc"}, 404, "NODE_UNKNOWN"),
        ({"node_id": "check", "scope": "each:1"}, 404, "SCOPE_UNKNOWN"),
        ({"node_id": "check", "scope": "each:x/"}, 404, "SCOPE_UNKNOWN"),
        ({"node_id": "check", "revision": 7}, 404, "REVISION_UNKNOWN"),
        ({"node_id": "check", "output": 1, "port": "ou"}, 400, "OUTPUT_UNFIT"),
        ({"node_id": "check", "output": 1, "input": 1}, 400, "INVALID_INPUT"),
        ({"node_id": "check", "port": "out"}, 400, "INVALID_INPUT"),
        ({"node_id": "check", "revision": "newest"}, 400, "INVALID_INPUT"),
        ({}, 400, "INVALID_INPUT"),
    ],
)
async def test_what_cannot_be_forked_is_refused(
    client: httpx.AsyncClient, execution: dict[str, Any], body: dict[str, Any], status: int, code: str
) -> None:
    """With a code that says why."""
    answer = await client.post(f"{ONE}/{execution['execution_id']}/fork", json=body)
    assert (status, code) == (answer.status_code, answer.json()["error_code"])


async def test_a_completed_execution_has_nothing_to_retry(
    client: httpx.AsyncClient, publish: Callable[..., Awaitable[str]]
) -> None:
    """409, and what to do instead."""
    address = await publish(**DEFINITION)
    done = await client.post(f"{address}/execute?wait=20", json={"trigger_data": {"n": 1}})
    answer = await client.post(f"{ONE}/{done.json()['data']['execution_id']}/retry")
    assert (409, "NOTHING_TO_RETRY") == (answer.status_code, answer.json()["error_code"])
