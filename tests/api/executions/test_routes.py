"""Executions over HTTP: started once, listed, read, cancelled, paused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest

from wingbeat.core.json_value import JsonObject
from wingbeat.storage.pool import Database

Make = Callable[..., Awaitable[str]]


async def test_an_execution_is_answered_once_it_is_recorded(client: httpx.AsyncClient, publish: Make) -> None:
    """202 with its id, status and time, and where it can be read."""
    address = await publish()
    body = {"trigger_data": {"n": 10**30}, "variables": {"user": "jo"}, "priority": 5, "community_id": 123}
    answer = await client.post(f"{address}/execute", json=body)
    data = answer.json()["data"]
    assert (202, {"execution_id", "status", "start_time"}, "pending") == (
        answer.status_code,
        data.keys(),
        data["status"],
    )
    read = (await client.get(answer.headers["location"])).json()["data"]
    assert ({"n": 10**30}, {"user": "jo"}, 5) == (read["trigger_data"], read["variables"], read["priority"])


async def test_who_waits_in_vain_gets_the_same_as_who_does_not(client: httpx.AsyncClient, publish: Make) -> None:
    """Without a worker nothing ends, so the answer is 202 when the time is up."""
    answer = await client.post(f"{await publish()}/execute?wait=0.01")
    assert (202, "pending") == (answer.status_code, answer.json()["data"]["status"])


@pytest.mark.parametrize("wait", ["x", "-1", "301", "nan", "inf", "", "1_0", " 1"])
async def test_a_wait_that_is_no_time_is_refused(client: httpx.AsyncClient, publish: Make, wait: str) -> None:
    """Waiting is 0 to 300 seconds."""
    answer = await client.post(f"{await publish()}/execute", params={"wait": wait})
    assert (400, "INVALID_INPUT") == (answer.status_code, answer.json()["error_code"])


async def test_the_same_key_starts_one_execution(client: httpx.AsyncClient, publish: Make) -> None:
    """The second answer is the first one's, and says so; another request under the key is refused."""
    address = await publish()
    headers = {"Idempotency-Key": "k"}
    first = await client.post(f"{address}/execute", json={"trigger_data": 1}, headers=headers)
    again = await client.post(f"{address}/execute", json={"trigger_data": 1}, headers=headers)
    other = await client.post(f"{address}/execute", json={"trigger_data": 2}, headers=headers)
    assert first.json()["data"] == again.json()["data"]
    assert "true" == again.headers["idempotency-replayed"]
    assert (409, "IDEMPOTENCY_KEY_REUSED") == (other.status_code, other.json()["error_code"])
    assert (await client.get("/api/v1/executions")).json()["meta"]["total"] == 1


async def test_a_draft_and_a_disabled_workflow_do_not_run(
    client: httpx.AsyncClient, create: Make, publish: Make
) -> None:
    """Each has a code of its own."""
    draft = await client.post(f"{await create()}/execute")
    disabled = await client.post(f"{await publish(enabled=False)}/execute")
    assert (409, "WORKFLOW_NOT_PUBLISHED") == (draft.status_code, draft.json()["error_code"])
    assert (409, "WORKFLOW_DISABLED") == (disabled.status_code, disabled.json()["error_code"])


async def test_a_trigger_that_is_not_there_is_refused(client: httpx.AsyncClient, publish: Make) -> None:
    """Starting elsewhere than asked would run something else."""
    answer = await client.post(f"{await publish()}/execute", json={"trigger_node_id": "strat"})
    assert (404, "TRIGGER_UNKNOWN") == (answer.status_code, answer.json()["error_code"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"data": 1}, "data"),
        ({"variables": []}, "variables"),
        ({"priority": "high"}, "priority"),
        ({"priority": 1001}, "priority"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(
    client: httpx.AsyncClient, publish: Make, body: JsonObject, field: str
) -> None:
    """An unknown or wrong field is in the details."""
    answer = await client.post(f"{await publish()}/execute", json=body)
    assert (400, [field]) == (answer.status_code, [found["field"] for found in answer.json()["details"]["problems"]])


async def test_executions_are_listed_newest_first_by_status(client: httpx.AsyncClient, publish: Make) -> None:
    """Of one workflow or of all, with totals, and only the statuses that were asked for."""
    one, other = await publish(), await publish()
    ids = [(await client.post(f"{one}/execute")).json()["data"]["execution_id"] for _ in range(3)]
    await client.post(f"{other}/execute")
    await client.post(f"/api/v1/workflows/executions/{ids[0]}/cancel")
    listed = (await client.get(f"{one}/executions")).json()
    assert (ids[::-1], 3) == ([item["execution_id"] for item in listed["data"]], listed["meta"]["total"])
    cancelled = (await client.get(f"{one}/executions?status=cancelled&status=failed")).json()
    assert [ids[0]] == [item["execution_id"] for item in cancelled["data"]]
    traced = (await client.get(f"/api/v1/executions?root_execution_id={ids[1]}")).json()
    assert ([ids[1]], 1) == ([item["execution_id"] for item in traced["data"]], traced["meta"]["total"])
    assert (await client.get("/api/v1/executions")).json()["meta"]["total"] == 4


@pytest.mark.parametrize("kind", ["workflow", "error"])
async def test_what_other_workflows_started_is_told_and_found_as_such(
    client: httpx.AsyncClient, publish: Make, database: Database, kind: str
) -> None:
    """A run that a sub-workflow or a failure began, among those that somebody started."""
    address = await publish()
    ids = [(await client.post(f"{address}/execute")).json()["data"]["execution_id"] for _ in range(2)]
    change = "UPDATE workflow_executions SET trigger_kind = $1 WHERE execution_id = $2"
    await database.pool.execute(change, kind, UUID(ids[0]))
    listed = (await client.get(f"/api/v1/executions?trigger_kind={kind}")).json()
    assert [(ids[0], kind)] == [(item["execution_id"], item["trigger_kind"]) for item in listed["data"]]


async def test_cursors_lead_through_all_executions(client: httpx.AsyncClient, publish: Make) -> None:
    """In both directions, each once."""
    address = await publish()
    ids = [(await client.post(f"{address}/execute")).json()["data"]["execution_id"] for _ in range(5)]
    for sort, expected in (("start_time", sorted(ids)), ("-start_time", sorted(ids, reverse=True))):
        first = (await client.get(f"{address}/executions?sort={sort}&per_page=3")).json()
        rest = (await client.get(f"{address}/executions?sort={sort}&cursor={first['meta']['next_cursor']}")).json()
        assert expected == [item["execution_id"] for item in first["data"] + rest["data"]]
        assert rest["meta"] == {"per_page": 20, "next_cursor": None}


async def test_an_execution_shows_as_much_as_is_asked_for(client: httpx.AsyncClient, publish: Make) -> None:
    """Steps, logs and metrics only on request."""
    start = await client.post(f"{await publish()}/execute")
    address = start.headers["location"]
    await client.post(f"{address}/cancel")
    plain = (await client.get(address)).json()["data"]
    full = (await client.get(f"{address}?include_steps=true&include_logs=true&include_metrics=true")).json()["data"]
    steps = (await client.get(f"{address}?include_steps=true")).json()["data"]["steps"]
    assert full.keys() - plain.keys() == {"steps", "more_steps", "metrics"}
    assert ["ended"] == [step["status"] for step in full["steps"]]
    assert full["steps"][0].keys() - steps[0].keys() == {"log"}
    after = (await client.get(f"{address}?include_steps=true&after_sequence=1")).json()["data"]
    assert after["steps"] == []


async def test_an_end_is_final(client: httpx.AsyncClient, publish: Make) -> None:
    """What was cancelled cannot be cancelled, paused or resumed."""
    address = (await client.post(f"{await publish()}/execute")).headers["location"]
    cancelled = await client.post(f"{address}/cancel")
    assert (200, "cancelled") == (cancelled.status_code, cancelled.json()["data"]["status"])
    assert cancelled.json()["data"]["end_time"]
    for action in ("cancel", "pause", "resume"):
        assert (await client.post(f"{address}/{action}")).status_code == 409
    assert (await client.get(address)).json()["data"]["status"] == "cancelled"


async def test_a_pause_holds_until_it_is_resumed(client: httpx.AsyncClient, publish: Make) -> None:
    """Pausing twice is as good as once; resuming what is not paused is a conflict."""
    address = (await client.post(f"{await publish()}/execute")).headers["location"]
    statuses = [
        (await client.post(f"{address}/{action}")).json()["data"]["status"] for action in ("pause", "pause", "resume")
    ]
    assert ["paused", "paused", "pending"] == statuses
    refused = await client.post(f"{address}/resume")
    assert (409, "EXECUTION_NOT_PAUSED") == (refused.status_code, refused.json()["error_code"])


@pytest.mark.parametrize("tail", ["", "/cancel", "/pause", "/resume"])
async def test_an_execution_that_is_not_there_is_not_found(client: httpx.AsyncClient, tail: str) -> None:
    """Every address below it says so."""
    address = f"/api/v1/workflows/executions/00000000-0000-7000-8000-000000000000{tail}"
    answer = await (client.post(address) if tail else client.get(address))
    assert answer.status_code == 404


async def test_a_test_run_shows_every_step_and_leaves_nothing(client: httpx.AsyncClient, create: Make) -> None:
    """A draft can be tried before it is published; no execution comes of it."""
    answer = await client.post(f"{await create()}/test", json={"trigger_data": {"a": 1}})
    report = answer.json()["data"]
    assert (200, "completed") == (answer.status_code, report["status"])
    assert ["start", "end"] == [step["node_id"] for step in report["trace"]]
    assert report["trace"][0]["output"] == {"a": 1}
    assert (await client.get("/api/v1/executions")).json()["meta"]["total"] == 0


async def test_a_test_run_of_a_broken_workflow_lists_its_problems(client: httpx.AsyncClient, create: Make) -> None:
    """It is refused like a publication."""
    answer = await client.post(f"{await create(nodes=[], connections=[])}/test")
    assert (400, "WORKFLOW_INVALID") == (answer.status_code, answer.json()["error_code"])


async def test_a_test_run_that_takes_too_long_is_a_time_out(client: httpx.AsyncClient, create: Make) -> None:
    """504, and a hint at what may be the cause."""
    address = await create(
        nodes=[
            {"id": "start", "type": "trigger.manual"},
            {"id": "again", "type": "loop.while", "parameters": {"condition": "true"}},
            {"id": "body", "type": "data.transform", "parameters": {"value": {"a": 1}}},
        ],
        connections=[{"from": "start", "to": "again"}, {"from": "again", "from_port": "body", "to": "body"}],
        settings={"timeout_seconds": 0.001, "loop_iterations": 100_000, "total_operations": 1_000_000},
    )
    answer = await client.post(f"{address}/test")
    assert (504, "WORKFLOW_TIMEOUT") == (answer.status_code, answer.json()["error_code"])
