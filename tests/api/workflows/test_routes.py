"""Workflows over HTTP: saved, read, published, archived, and never overwritten unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from wingbeat.core.json_value import JsonObject

Make = Callable[..., Awaitable[str]]


async def test_a_new_workflow_is_a_draft_with_an_etag(client: httpx.AsyncClient, small: JsonObject) -> None:
    """Creating answers 201 with the workflow, where it is, and its revision."""
    answer = await client.post("/api/v1/workflows", json={**small, "version": "2.0.0"})
    data = answer.json()["data"]
    assert answer.status_code == 201
    assert ("draft", 1, "2.0.0", 2) == (data["status"], data["revision"], data["version"], data["node_count"])
    assert answer.headers["etag"] == '"1"'
    read = await client.get(answer.headers["location"])
    everything = ["delete", "edit", "execute", "view"]
    assert read.json()["data"] == {**data, "my_permissions": everything}


async def test_a_draft_may_have_problems(client: httpx.AsyncClient, create: Make) -> None:
    """Half a drawing can be saved, and is told what is wrong with it when it asks."""
    address = await create(nodes=[{"id": "lonely", "type": "no.such.type"}], connections=[])
    answer = await client.post(f"{address}/validate")
    assert answer.json()["data"]["valid"] is False
    assert "unknown_type" in {problem["code"] for problem in answer.json()["data"]["problems"]}


async def test_what_cannot_be_read_is_refused_with_every_fault(client: httpx.AsyncClient) -> None:
    """An unknown field is named, together with all else that is wrong."""
    answer = await client.post("/api/v1/workflows", json={"name": "", "nodes": [{"id": "a"}], "edges": []})
    problems = answer.json()["details"]["problems"]
    assert (400, "WORKFLOW_INVALID") == (answer.status_code, answer.json()["error_code"])
    assert {"edges", "name", "nodes[0].type"} <= {problem["parameter"] for problem in problems}


async def test_a_field_about_the_workflow_is_checked_too(client: httpx.AsyncClient, small: JsonObject) -> None:
    """What is not in the definition is refused by name."""
    answer = await client.post("/api/v1/workflows", json={**small, "version": "x" * 21, "enabled": "yes"})
    fields = {problem["field"] for problem in answer.json()["details"]["problems"]}
    assert (400, {"version", "enabled"}) == (answer.status_code, fields)


async def test_the_same_key_and_request_give_the_first_result(client: httpx.AsyncClient, small: JsonObject) -> None:
    """Sending a creation again with its key creates nothing, and says so."""
    headers = {"Idempotency-Key": "k1"}
    first = await client.post("/api/v1/workflows", json=small, headers=headers)
    again = await client.post("/api/v1/workflows", json=small, headers=headers)
    assert first.json()["data"] == again.json()["data"]
    assert (201, "true") == (again.status_code, again.headers["idempotency-replayed"])
    assert "idempotency-replayed" not in first.headers
    assert (await client.get("/api/v1/workflows")).json()["meta"]["total"] == 1


async def test_the_same_key_with_another_request_is_refused(client: httpx.AsyncClient, small: JsonObject) -> None:
    """A key stands for one request."""
    headers = {"Idempotency-Key": "k1"}
    await client.post("/api/v1/workflows", json=small, headers=headers)
    answer = await client.post("/api/v1/workflows", json={**small, "name": "other"}, headers=headers)
    assert (409, "IDEMPOTENCY_KEY_REUSED") == (answer.status_code, answer.json()["error_code"])


async def test_requests_with_one_key_at_the_same_moment_create_one(
    client: httpx.AsyncClient, small: JsonObject
) -> None:
    """A retry that overtakes its original changes nothing."""
    answers = await asyncio.gather(
        *(client.post("/api/v1/workflows", json=small, headers={"Idempotency-Key": "k"}) for _ in range(6))
    )
    assert {201} == {answer.status_code for answer in answers}
    assert len({answer.json()["data"]["workflow_id"] for answer in answers}) == 1


@pytest.mark.parametrize("key", ["", "with space", "x" * 256])
async def test_a_key_that_is_none_is_refused(client: httpx.AsyncClient, small: JsonObject, key: str) -> None:
    """A key is 1 to 255 visible characters."""
    answer = await client.post("/api/v1/workflows", json=small, headers={"Idempotency-Key": key})
    assert (400, "IDEMPOTENCY_KEY_INVALID") == (answer.status_code, answer.json()["error_code"])


async def test_a_save_raises_the_revision(client: httpx.AsyncClient, create: Make, small: JsonObject) -> None:
    """The next revision has the new definition and a new ETag."""
    address = await create()
    answer = await client.put(address, json={**small, "name": "renamed"}, headers={"If-Match": '"1"'})
    assert (200, '"2"', "renamed") == (answer.status_code, answer.headers["etag"], answer.json()["data"]["name"])


async def test_a_save_without_a_revision_is_refused(client: httpx.AsyncClient, create: Make, small: JsonObject) -> None:
    """Whoever does not say what they change could overwrite somebody's work."""
    answer = await client.put(await create(), json=small)
    assert (428, "IF_MATCH_REQUIRED") == (answer.status_code, answer.json()["error_code"])


async def test_a_save_over_somebody_elses_is_refused(
    client: httpx.AsyncClient, create: Make, small: JsonObject
) -> None:
    """An ETag that is not the present one changes nothing, and the answer has the present revision."""
    address = await create()
    answer = await client.put(address, json={**small, "name": "lost"}, headers={"If-Match": '"7"'})
    assert (412, "REVISION_STALE") == (answer.status_code, answer.json()["error_code"])
    assert answer.json()["details"]["current_revision"] == 1
    assert (await client.get(address)).json()["data"]["name"] == "small"


@pytest.mark.parametrize("etag", ['W/"1"', "1", '"1", "2"', '"0"', "*x", ""])
async def test_what_is_no_etag_of_ours_matches_nothing(
    client: httpx.AsyncClient, create: Make, small: JsonObject, etag: str
) -> None:
    """The answer says so, and nothing is changed by any method."""
    address = await create()
    headers = {"If-Match": etag}
    answers = [
        await client.put(address, json={**small, "name": "lost"}, headers=headers),
        await client.post(f"{address}/publish", headers=headers),
        await client.delete(address, headers=headers),
    ]
    assert {(412, "ETAG_UNKNOWN")} == {(answer.status_code, answer.json()["error_code"]) for answer in answers}
    data = (await client.get(address)).json()["data"]
    assert ("small", "draft") == (data["name"], data["status"])


async def test_a_star_matches_whatever_is_there(client: httpx.AsyncClient, create: Make, small: JsonObject) -> None:
    """Whichever revision it has; but not what is not there."""
    address, headers = await create(), {"If-Match": "*"}
    saves = [await client.put(address, json={**small, "name": name}, headers=headers) for name in ("b", "c")]
    assert [2, 3] == [answer.json()["data"]["revision"] for answer in saves]
    assert (await client.post(f"{address}/publish", headers=headers)).status_code == 200
    assert (await client.delete(address, headers=headers)).status_code == 200
    nowhere = "/api/v1/workflows/00000000-0000-7000-8000-000000000000"
    assert (await client.put(nowhere, json=small, headers=headers)).status_code == 404


async def test_of_two_saves_at_once_one_wins(client: httpx.AsyncClient, create: Make, small: JsonObject) -> None:
    """The other hears that it lost."""
    address = await create()
    saves = [client.put(address, json={**small, "name": f"n{n}"}, headers={"If-Match": '"1"'}) for n in range(5)]
    answers = await asyncio.gather(*saves)
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]


async def test_publishing_makes_the_present_revision_run(client: httpx.AsyncClient, create: Make) -> None:
    """The status and the published revision say so."""
    data = (await client.post(f"{await create()}/publish")).json()["data"]
    assert ("published", 1) == (data["status"], data["published_revision"])
    assert data["published_at"]


async def test_a_workflow_with_errors_is_not_published(client: httpx.AsyncClient, create: Make) -> None:
    """All problems are in the answer, and the workflow stays a draft."""
    address = await create(nodes=[{"id": "a", "type": "flow.end"}, {"id": "a", "type": "no.such"}], connections=[])
    answer = await client.post(f"{address}/publish")
    codes = {problem["code"] for problem in answer.json()["details"]["problems"]}
    assert (400, "WORKFLOW_INVALID") == (answer.status_code, answer.json()["error_code"])
    assert {"duplicate_id", "no_trigger"} <= codes
    assert (await client.get(address)).json()["data"]["status"] == "draft"


async def test_publishing_another_revision_than_was_read_is_refused(client: httpx.AsyncClient, create: Make) -> None:
    """If-Match is optional here, and kept when it is sent."""
    answer = await client.post(f"{await create()}/publish", headers={"If-Match": '"2"'})
    assert answer.status_code == 412


async def test_a_deleted_workflow_is_archived(client: httpx.AsyncClient, publish: Make, small: JsonObject) -> None:
    """It can be read, lists leave it out unless asked, and it can be neither changed nor run."""
    address = await publish()
    assert (await client.delete(address)).json()["data"]["status"] == "archived"
    assert (await client.delete(address)).status_code == 200
    assert (await client.get(address)).status_code == 200
    assert (await client.get("/api/v1/workflows")).json()["data"] == []
    assert len((await client.get("/api/v1/workflows?status=archived")).json()["data"]) == 1
    refused = [
        await client.put(address, json=small, headers={"If-Match": '"1"'}),
        await client.post(f"{address}/publish"),
        await client.post(f"{address}/execute"),
    ]
    assert [(409, "WORKFLOW_ARCHIVED")] * 3 == [(one.status_code, one.json()["error_code"]) for one in refused]


async def test_lists_come_in_pages_with_totals(client: httpx.AsyncClient, create: Make) -> None:
    """By number: the page, how many pages, how many in all."""
    for name in "edcba":
        await create(name=name)
    answer = (await client.get("/api/v1/workflows?sort=name&page=2&per_page=2")).json()
    assert ["c", "d"] == [item["name"] for item in answer["data"]]
    meta = answer["meta"]
    assert (2, 2, 5, 3) == (meta["page"], meta["per_page"], meta["total"], meta["total_pages"])


@pytest.mark.parametrize("sort", ["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"])
async def test_cursors_lead_through_the_whole_list(client: httpx.AsyncClient, create: Make, sort: str) -> None:
    """Each item comes once, in the order of the list without pages."""
    for name in ("b", "a", "b", "c", "a"):
        await create(name=name)
    whole = (await client.get(f"/api/v1/workflows?sort={sort}")).json()["data"]
    page = (await client.get(f"/api/v1/workflows?sort={sort}&per_page=2")).json()
    found = list(page["data"])
    while cursor := page["meta"]["next_cursor"]:
        page = (await client.get(f"/api/v1/workflows?sort={sort}&per_page=2&cursor={cursor}")).json()
        found += page["data"]
    assert whole == found


async def test_a_definition_is_checked_without_being_saved(client: httpx.AsyncClient, small: JsonObject) -> None:
    """Good or bad, the answer is a list of problems; the worst that happens is that there are some."""
    good = await client.post("/api/v1/workflows/validate", json=small)
    bad = await client.post("/api/v1/workflows/validate", json={"nodes": 3})
    assert {"valid": True, "problems": []} == good.json()["data"]
    assert (200, False) == (bad.status_code, bad.json()["data"]["valid"])
    assert (await client.get("/api/v1/workflows")).json()["meta"]["total"] == 0


@pytest.mark.parametrize("tail", ["", "/publish", "/validate", "/execute", "/test", "/executions"])
async def test_a_workflow_that_is_not_there_is_not_found(client: httpx.AsyncClient, tail: str) -> None:
    """Every address below it says so."""
    address = f"/api/v1/workflows/00000000-0000-7000-8000-000000000000{tail}"
    answer = await (client.get(address) if tail in {"", "/executions"} else client.post(address))
    assert answer.status_code == 404
