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


async def test_stopping_looking_and_going_on(client: httpx.AsyncClient, publish: Callable[..., Awaitable[str]]) -> None:
    """Breakpoints at the start, the question where it stopped, an edit, and the next step."""
    address = await publish(**DEFINITION)
    body = {"trigger_data": {"n": 1}, "breakpoints": [{"node": "check", "condition": "input.n == 1"}]}
    started = (await client.post(f"{address}/execute", json=body)).json()["data"]
    one = f"{ONE}/{started['execution_id']}"
    found = await paused(client, one)
    assert ("BREAKPOINT", {"n": 1}) == (found["error"]["code"], found["error"]["steps"][0]["input"])
    assert body["breakpoints"] == found["breakpoints"]
    answer = await client.post(f"{one}/resume", json={"mode": "step", "node": "check", "edit": {"input": {"n": 41}}})
    assert 200 == answer.status_code
    assert 42 == (await ended(client, started["execution_id"]))["final_output"]


async def test_breakpoints_are_changed_on_the_way(
    client: httpx.AsyncClient, execution: dict[str, Any], publish: Callable[..., Awaitable[str]]
) -> None:
    """All of them at once; not of one that has ended."""
    address = await publish(**DEFINITION)
    body = {"breakpoints": [{"node": "start"}]}
    started = (await client.post(f"{address}/execute", json=body)).json()["data"]
    one = f"{ONE}/{started['execution_id']}"
    await paused(client, one)
    changed = await client.put(f"{one}/breakpoints", json={"breakpoints": [{"node": "check"}]})
    assert [{"node": "check"}] == changed.json()["data"]["breakpoints"]
    await client.post(f"{one}/resume")
    assert "check" == (await paused(client, one, "check"))["error"]["steps"][0]["node"]
    late = await client.put(f"{ONE}/{execution['execution_id']}/breakpoints", json={"breakpoints": []})
    assert (409, "EXECUTION_ENDED") == (late.status_code, late.json()["error_code"])


@pytest.mark.parametrize(
    "body",
    [
        {"scope": "each:1"},
        {"decision": "retry", "mode": "step"},
        {"edit": {"inputs": 1}},
        {"mode": "over"},
        {"edit": {"variables": {"a b": 1}}},
    ],
)
async def test_answers_that_say_nothing_sensible_are_refused(
    client: httpx.AsyncClient, execution: dict[str, Any], body: dict[str, Any]
) -> None:
    """Before anything is looked up."""
    answer = await client.post(f"{ONE}/{execution['execution_id']}/resume", json=body)
    assert (400, "INVALID_INPUT") == (answer.status_code, answer.json()["error_code"])


async def paused(client: httpx.AsyncClient, one: str, node: str = "") -> dict[str, Any]:
    """The execution once it rests, before that node if one is named."""
    while True:
        found = dict((await client.get(one)).json()["data"])
        if found["status"] == "paused" and node in {"", found["error"]["steps"][0]["node"]}:
            return found
