"""Schedules over REST."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from wingbeat.api.app import Services
from wingbeat.core.access import Principal, PrincipalKind
from wingbeat.core.errors import Forbidden, NotFound
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.storage import dispatch
from wingbeat.storage.dispatch import NewExecution, StartTimes
from wingbeat.storage.paging import Paging
from wingbeat.storage.pool import Database
from wingbeat.storage.schedules import ScheduleFields

DAILY: JsonObject = {"name": "daily", "cron_expression": "0 9 * * *", "timezone": "Europe/Zurich"}
Publish = Callable[..., Awaitable[str]]


async def make(client: httpx.AsyncClient, address: str, **fields: Json) -> str:
    """A schedule of the workflow at this address; gives its own."""
    answer = await client.post(f"{address}/schedules", json={**DAILY, **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def test_a_schedule_is_made_with_what_the_installation_says(client: httpx.AsyncClient, publish: Publish) -> None:
    """What was left open is filled in; its next time is known at once, and it can be read at its address."""
    address = await publish()
    answer = await client.post(f"{address}/schedules", json=DAILY)
    made = answer.json()["data"]
    assert (201, 3, True, "skip", "api", '"1"') == (
        answer.status_code, made["max_instances"], made["coalesce"], made["misfire_policy"], made["source"],
        answer.headers["etag"],
    )  # fmt: skip
    assert datetime.fromisoformat(made["next_run_at"]).minute == 0
    assert made == (await client.get(answer.headers["location"])).json()["data"]


async def test_the_same_request_makes_one_schedule(client: httpx.AsyncClient, publish: Publish) -> None:
    """With an Idempotency-Key; another request with it is refused."""
    address = await publish()
    sent = [
        await client.post(f"{address}/schedules", json={**DAILY, "name": name}, headers={"Idempotency-Key": "k"})
        for name in ("one", "one", "two")
    ]
    assert [201, 201, 409] == [answer.status_code for answer in sent]
    assert sent[0].json()["data"]["schedule_id"] == sent[1].json()["data"]["schedule_id"]
    assert "true" == sent[1].headers["idempotency-replayed"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"cron_expression": "0 0 31 2 *"}, "cron_expression"),
        ({"cron_expression": "0 25 * * *"}, "cron_expression"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"interval_seconds": 5}, "cron_expression"),
        ({"cron_expression": None}, "cron_expression"),
        ({"misfire_policy": "all", "coalesce": True}, "coalesce"),
        ({"start_at": "2027-01-01T00:00:00Z", "end_at": "2026-01-01T00:00:00Z"}, "end_at"),
        ({"trigger_node_id": "nowhere"}, "trigger_node_id"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(
    client: httpx.AsyncClient, publish: Publish, fields: JsonObject, field: str
) -> None:
    """With one code, and a sentence for each."""
    address = await publish()
    answer = await client.post(f"{address}/schedules", json={**DAILY, **fields})
    assert (400, "SCHEDULE_INVALID") == (answer.status_code, answer.json()["error_code"])
    assert [field] == [problem["field"] for problem in answer.json()["details"]["problems"]]


@pytest.mark.parametrize(
    "name", ["schedule_id", "run_count", "source", "next_run_at", "paused", "revision", "__class__"]
)
async def test_what_is_not_the_callers_to_say_is_refused(
    client: httpx.AsyncClient, publish: Publish, name: str
) -> None:
    """Nothing is made."""
    address = await publish()
    answer = await client.post(f"{address}/schedules", json={**DAILY, name: "1"})
    assert 400 == answer.status_code
    assert [] == (await client.get(f"{address}/schedules")).json()["data"]


async def test_a_change_that_says_nothing_of_when_leaves_the_next_time(
    client: httpx.AsyncClient, publish: Publish, database: Database
) -> None:
    """And one that does plans anew."""
    one = await make(client, await publish())
    await database.pool.execute("UPDATE workflow_schedules SET next_run_at = '2050-01-01Z'")
    answer = await client.put(one, json={**DAILY, "name": "renamed"}, headers={"If-Match": '"1"'})
    assert ("renamed", 2050) == (
        answer.json()["data"]["name"], datetime.fromisoformat(answer.json()["data"]["next_run_at"]).year,
    )  # fmt: skip
    answer = await client.put(
        one, json={**DAILY, "cron_expression": "@hourly"}, headers={"If-Match": answer.headers["etag"]}
    )
    assert datetime.fromisoformat(answer.json()["data"]["next_run_at"]).year < 2050
    assert 412 == (await client.put(one, json=DAILY, headers={"If-Match": '"1"'})).status_code
    assert 428 == (await client.put(one, json=DAILY)).status_code


async def test_a_paused_schedule_has_no_next_time_until_it_goes_on(client: httpx.AsyncClient, publish: Publish) -> None:
    """Doing either again changes nothing."""
    one = await make(client, await publish())
    paused = [(await client.post(f"{one}/pause")).json()["data"] for _ in range(2)]
    assert [(True, None, 2)] * 2 == [(data["paused"], data["next_run_at"], data["revision"]) for data in paused]
    resumed = (await client.post(f"{one}/resume")).json()["data"]
    assert (False, True) == (resumed["paused"], resumed["next_run_at"] is not None)


async def test_a_deleted_schedule_is_gone(client: httpx.AsyncClient, publish: Publish) -> None:
    """Like one that never was."""
    one = await make(client, await publish())
    assert 200 == (await client.delete(one)).status_code
    answer = await client.get(one)
    assert (404, "SCHEDULE_NOT_FOUND") == (answer.status_code, answer.json()["error_code"])


async def test_a_schedule_runs_now_once_for_each_request(
    client: httpx.AsyncClient, publish: Publish, database: Database
) -> None:
    """Even paused, with its data; two of the same request at once lead to one execution."""
    one = await make(client, await publish(), data={"a": 1})
    await client.post(f"{one}/pause")
    answers = await asyncio.gather(
        *(client.post(f"{one}/run", headers={"Idempotency-Key": "k"}) for _ in range(4)), client.post(f"{one}/run")
    )
    assert [202] * 5 == [answer.status_code for answer in answers]
    assert 2 == len({answer.json()["data"]["execution_id"] for answer in answers})
    rows = await database.pool.fetch("SELECT trigger_data, trigger_kind FROM workflow_executions")
    assert [(1, "schedule")] * 2 == [(row["trigger_data"]["a"], row["trigger_kind"]) for row in rows]


async def test_a_run_that_the_database_has_give_way_begins_again(
    client: httpx.AsyncClient, publish: Publish, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one execution in the end, and no fault of the platform."""
    one = await make(client, await publish())
    insert, collisions = dispatch.insert_executions, iter((True, True))

    async def collide(connection: asyncpg.Connection, rows: Sequence[NewExecution]) -> StartTimes:
        inserted = await insert(connection, rows)
        if next(collisions, False):
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        return inserted

    monkeypatch.setattr(dispatch, "insert_executions", collide)
    assert 202 == (await client.post(f"{one}/run")).status_code
    assert 1 == await database.pool.fetchval("SELECT count(*) FROM workflow_executions")


async def test_what_cannot_be_started_says_why_and_leaves_a_decision(
    client: httpx.AsyncClient, create: Publish, database: Database
) -> None:
    """A draft runs neither by hand nor by schedule."""
    one = await make(client, await create())
    answer = await client.post(f"{one}/run")
    assert (409, "WORKFLOW_NOT_PUBLISHED") == (answer.status_code, answer.json()["error_code"])
    assert "disabled" == await database.pool.fetchval("SELECT outcome FROM trigger_decisions")


async def test_the_schedule_of_a_node_changes_with_its_workflow_only(
    client: httpx.AsyncClient, publish: Publish
) -> None:
    """It can be paused, resumed and run; what it says belongs to the node."""
    trigger: Json = {"id": "clock", "type": "trigger.schedule", "parameters": {"cron": "@daily"}}
    address = await publish(
        nodes=[trigger, {"id": "end", "type": "flow.end"}], connections=[{"from": "clock", "to": "end"}]
    )
    listed = (await client.get(f"{address}/schedules")).json()["data"]
    assert [("node", "clock", "UTC", 3)] == [
        (one["source"], one["trigger_node_id"], one["timezone"], one["max_instances"]) for one in listed
    ]
    one = f"{address}/schedules/{listed[0]['schedule_id']}"
    for answer in (
        await client.put(one, json=DAILY, headers={"If-Match": "*"}),
        await client.delete(one),
    ):
        assert (409, "SCHEDULE_OF_NODE") == (answer.status_code, answer.json()["error_code"])
    assert (await client.post(f"{one}/pause")).json()["data"]["paused"]
    assert 202 == (await client.post(f"{one}/run")).status_code


async def test_times_can_be_seen_ahead(client: httpx.AsyncClient, publish: Publish) -> None:
    """Of a schedule, and of one that nobody made; in the zone's own time as well."""
    one = await make(client, await publish())
    saved = (await client.get(f"{one}/preview", params={"count": 3})).json()["data"]
    body = {"cron_expression": "0 9 * * *", "timezone": "Europe/Zurich", "count": 3}
    unsaved = (await client.post("/api/v1/schedules/preview", json=body)).json()["data"]
    assert saved == unsaved
    assert ["09:00:00"] * 3 == [time["local_time"][11:19] for time in saved["times"]]
    never = await client.post("/api/v1/schedules/preview", json={"cron_expression": "0 0 30 2 *"})
    assert (400, "SCHEDULE_INVALID") == (never.status_code, never.json()["error_code"])


async def test_lists_go_over_all_workflows_page_by_page(client: httpx.AsyncClient, publish: Publish) -> None:
    """By cursor, each schedule once, with the name of its workflow."""
    made = [await make(client, await publish(), name=f"s{number}") for number in range(5)]
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get("/api/v1/schedules", params={"per_page": "2", "sort": "name", **cursor})).json()
        found += [f"/api/v1/workflows/{one['workflow_id']}/schedules/{one['schedule_id']}" for one in page["data"]]
        assert {"small"} == {one["workflow_name"] for one in page["data"]}
        if page["meta"]["next_cursor"] is None:
            break
        cursor = {"cursor": page["meta"]["next_cursor"]}
    assert made == found


async def test_a_foreign_schedule_is_a_missing_one(
    services: Services, client: httpx.AsyncClient, publish: Publish, database: Database
) -> None:
    """To a stranger; who may only see the workflow can neither change its schedules nor run them."""
    one = await make(client, await publish())
    workflow_id, schedule_id = UUID(one.split("/")[4]), UUID(one.split("/")[-1])
    await database.pool.execute("UPDATE workflows SET author_id = 1, community_id = 5")
    stranger = Principal(PrincipalKind.USER, 2, "stranger")
    viewer = Principal(PrincipalKind.USER, 3, "viewer", communities={5: "viewer"})
    operator = Principal(PrincipalKind.USER, 4, "operator", communities={5: "operator"})
    author = Principal(PrincipalKind.USER, 1, "author")
    use = services.schedules
    fields = ScheduleFields("x", cron_expression="@daily")
    for principal, refused in ((stranger, NotFound), (viewer, Forbidden)):
        for attempt in (
            use.create(principal, workflow_id, fields),
            use.update(principal, workflow_id, schedule_id, fields),
            use.delete(principal, workflow_id, schedule_id),
            use.set_paused(principal, workflow_id, schedule_id, paused=True),
            use.run(principal, workflow_id, schedule_id),
        ):
            with pytest.raises(refused):
                await attempt
    seen = [await use.list(one, Paging("name")) for one in (stranger, viewer, operator, author)]
    assert [(0, 0), (1, 1), (1, 1), (1, 1)] == [(len(page.items), total) for page, total in seen]
    with pytest.raises(NotFound):
        await use.get(stranger, workflow_id, schedule_id)
    assert schedule_id == (await use.get(viewer, workflow_id, schedule_id)).schedule_id
    started = await use.run(operator, workflow_id, schedule_id, idempotency_key="k")
    assert 4 == await database.pool.fetchval(
        "SELECT started_by FROM workflow_executions WHERE execution_id = $1", started.execution_id
    )
    assert (await use.set_paused(author, workflow_id, schedule_id, paused=True)).paused
    assert (await use.update(author, workflow_id, schedule_id, fields)).revision == 3
    created = await use.create(author, workflow_id, fields, idempotency_key="k")
    assert created.schedule.next_run_at is not None
    await use.delete(author, workflow_id, schedule_id)


async def test_a_schedule_of_another_workflow_is_not_found(client: httpx.AsyncClient, publish: Publish) -> None:
    """Both ids must belong together."""
    one = await make(client, await publish())
    other = await publish()
    wrong = f"{other}/schedules/{one.split('/')[-1]}"
    answers = [
        await client.get(wrong),
        await client.delete(wrong),
        await client.post(f"{wrong}/run"),
        await client.get(f"/api/v1/workflows/{uuid4()}/schedules/{one.split('/')[-1]}"),
    ]
    assert [404] * 4 == [answer.status_code for answer in answers]


async def test_who_does_what_is_recorded(client: httpx.AsyncClient, publish: Publish, database: Database) -> None:
    """In the audit log, each with the schedule."""
    one = await make(client, await publish())
    await client.post(f"{one}/pause")
    await client.post(f"{one}/resume")
    await client.post(f"{one}/run")
    await client.delete(one)
    rows = await database.pool.fetch("SELECT action FROM audit_log WHERE object_type = 'schedule' ORDER BY audit_id")
    assert ["create", "pause", "resume", "run", "delete"] == [row["action"].removeprefix("schedule.") for row in rows]
