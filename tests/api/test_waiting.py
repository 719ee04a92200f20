"""With a worker in the process: who waits gets the result, and what is decided over HTTP reaches what runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from wingbeat.api.app import Services
from wingbeat.bootstrap import open_platform
from wingbeat.cli.serve import services_of
from wingbeat.core.json_value import JsonObject
from wingbeat.settings import load_settings

Make = Callable[..., Awaitable[str]]


@pytest.fixture
async def services(database_dsn: str, tmp_path: Path) -> AsyncIterator[Services]:
    """All use cases of a process with a worker."""
    settings = load_settings({"DATABASE_URI": database_dsn, "WINGBEAT_DATA_DIR": str(tmp_path)})
    async with open_platform(settings, run_worker=True, grace_seconds=0.1) as platform:
        yield services_of(platform)


def through(node: JsonObject) -> JsonObject:
    """A workflow from a trigger through this node."""
    return {
        "nodes": [{"id": "start", "type": "trigger.manual"}, node],
        "connections": [{"from": "start", "to": node["id"]}],
    }


async def test_who_waits_gets_the_result(client: httpx.AsyncClient, publish: Make) -> None:
    """200 with what the execution came to; big numbers keep all their digits."""
    address = await publish(
        **through({"id": "sum", "type": "data.transform", "parameters": {"value": "{{ trigger.a + trigger.b }}"}})
    )
    answer = await client.post(f"{address}/execute?wait=30", json={"trigger_data": {"a": 10**30, "b": 1}})
    data = answer.json()["data"]
    assert (200, "completed", 10**30 + 1) == (answer.status_code, data["status"], data["final_output"])
    read = (await client.get(answer.headers["location"])).json()["data"]
    assert ("completed", data["final_output"]) == (read["status"], read["final_output"])
    for name in ("start_time", "end_time", "nodes_executed"):
        assert read[name] == data[name]
    assert read["execution_time_seconds"] == pytest.approx(data["execution_time_seconds"], abs=0.0011)


async def test_who_waits_hears_of_a_failure(client: httpx.AsyncClient, publish: Make) -> None:
    """The request was good, so it is 200; the execution failed, and says where and why."""
    address = await publish(
        **through({"id": "bad", "type": "data.transform", "parameters": {"value": "{{ 1 / trigger.zero }}"}})
    )
    answer = await client.post(f"{address}/execute?wait=30", json={"trigger_data": {"zero": 0}})
    data = answer.json()["data"]
    assert (200, "failed") == (answer.status_code, data["status"])
    assert data["error"]["code"]


async def test_who_does_not_wait_long_enough_can_ask_later(client: httpx.AsyncClient, publish: Make) -> None:
    """202 while it sleeps; cancelled, it has ended for good."""
    address = await publish(**through({"id": "nap", "type": "flow.delay", "parameters": {"seconds": 3600}}))
    answer = await client.post(f"{address}/execute?wait=0.05")
    execution = answer.headers["location"]
    assert 202 == answer.status_code
    assert (await client.post(f"{execution}/cancel")).status_code == 200
    assert (await client.get(execution)).json()["data"]["status"] == "cancelled"


async def test_many_wait_at_once(client: httpx.AsyncClient, publish: Make) -> None:
    """Each gets its own result."""
    address = await publish(
        **through({"id": "echo", "type": "data.transform", "parameters": {"value": "{{ trigger }}"}})
    )
    answers = await asyncio.gather(
        *(client.post(f"{address}/execute?wait=60", json={"trigger_data": n}) for n in range(40))
    )
    assert list(range(40)) == [answer.json()["data"]["final_output"] for answer in answers]


async def test_a_replay_gives_the_result_of_the_first(client: httpx.AsyncClient, publish: Make) -> None:
    """The second request waits for the first one's execution, and says that it was there before."""
    address = await publish(
        **through({"id": "echo", "type": "data.transform", "parameters": {"value": "{{ trigger }}"}})
    )
    headers = {"Idempotency-Key": "once"}
    first = await client.post(f"{address}/execute?wait=30", json={"trigger_data": 7}, headers=headers)
    again = await client.post(f"{address}/execute?wait=30", json={"trigger_data": 7}, headers=headers)
    assert first.json()["data"]["execution_id"] == again.json()["data"]["execution_id"]
    assert (200, 7, "true") == (
        again.status_code,
        again.json()["data"]["final_output"],
        again.headers["idempotency-replayed"],
    )


async def test_the_status_shows_the_worker(client: httpx.AsyncClient) -> None:
    """A process with a worker is ready, and its worker is alive."""
    assert (await client.get("/ready")).status_code == 200
    workers = (await client.get("/api/v1/status")).json()["data"]["workers"]
    assert [True] == [worker["alive"] for worker in workers]


async def test_a_published_event_wakes_who_waits_for_it(client: httpx.AsyncClient, publish: Make) -> None:
    """With its data and the id that it was given; another order does not."""
    node: JsonObject = {
        "id": "paid",
        "type": "flow.wait_for_event",
        "parameters": {"name": "order.*", "filter": "event.data.id == trigger.id"},
    }
    address = await publish(**through(node))
    waiting = asyncio.create_task(client.post(f"{address}/execute?wait=30", json={"trigger_data": {"id": 7}}))
    assert (
        0
        == (await client.post("/api/v1/events", json={"name": "order.paid", "data": {"id": 8}})).json()["data"]["woken"]
    )
    # Only who waits by then is woken: the same event once more would be a repetition.
    while not (await client.get("/api/v1/executions?status=waiting")).json()["data"]:
        pass
    event = {"id": "e-1", "name": "order.paid", "source": "shop", "data": {"id": 7}}
    assert 1 == (await client.post("/api/v1/events", json=event)).json()["data"]["woken"]
    got = (await waiting).json()["data"]["final_output"]
    assert event | {"type": "order.paid", "subject": None, "time": None} == got
