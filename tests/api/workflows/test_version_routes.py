"""Every save is a version: who made it and why; it can be read, compared, taken up again, and published."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx

from wingbeat.core.json_value import JsonObject

Make = Callable[..., Awaitable[str]]
ANY = {"If-Match": "*"}


async def test_versions_are_listed_with_who_and_why(client: httpx.AsyncClient, create: Make, small: JsonObject) -> None:
    """The newest first, in pages; which one runs and which one is being edited."""
    address = await create(name="one", message="begun")
    await client.post(f"{address}/publish")
    for name in ("two", "three"):
        await client.put(address, json={**small, "name": name, "message": f"to {name}"}, headers=ANY)
    first = await client.get(f"{address}/versions?per_page=2")
    rest = await client.get(f"{address}/versions?per_page=2&cursor={first.json()['meta']['next_cursor']}")
    lines = [*first.json()["data"], *rest.json()["data"]]
    shown = [(one["revision"], one["name"], one["message"], one["published"], one["current"]) for one in lines]
    assert shown == [
        (3, "three", "to three", False, True),
        (2, "two", "to two", False, False),
        (1, "one", "begun", True, False),
    ]
    assert ["service"] * 3 == [one["saved_by_name"] for one in lines]
    assert [False, False, True] == [one["published_at"] is not None for one in lines]
    assert rest.json()["meta"]["next_cursor"] is None


async def test_a_version_is_read_compared_and_taken_up_again(
    client: httpx.AsyncClient, create: Make, small: JsonObject
) -> None:
    """As the next revision; a missing one is none, and a stale ETag changes nothing."""
    address = await create(name="one")
    before = (await client.get(f"{address}/versions/1")).json()["data"]["definition"]
    two = {**small, "name": "two", "nodes": [{"id": "start", "type": "trigger.manual"}], "connections": []}
    await client.put(address, json=two, headers=ANY)
    difference = (await client.get(f"{address}/versions/1/diff/2")).json()["data"]
    assert (True, 1, ["name"]) == (
        difference["behaves_otherwise"],
        len(difference["nodes"]["removed"]),
        [change["path"] for change in difference["fields"]],
    )
    stale = await client.post(f"{address}/versions/1/restore", headers={"If-Match": '"1"'})
    assert (412, 2) == (stale.status_code, stale.json()["details"]["current_revision"])
    restored = await client.post(f"{address}/versions/1/restore", headers={"If-Match": '"2"'})
    data = restored.json()["data"]
    assert (200, '"3"', before) == (restored.status_code, restored.headers["etag"], data["definition"])
    back = await client.post(f"{address}/rollback/2", json={"message": "the other again"}, headers=ANY)
    assert (4, "two") == (back.json()["data"]["revision"], back.json()["data"]["name"])
    messages = [one["message"] for one in (await client.get(f"{address}/versions")).json()["data"]]
    assert ["the other again", "Restored version 1.", "", ""] == messages
    told = await client.patch(f"{address}/versions/2", json={"message": "two in other words"})
    assert (200, "two in other words", 2) == (
        told.status_code,
        told.json()["data"]["message"],
        told.json()["data"]["revision"],
    )
    await client.post(f"{address}/publish", json={"revision": 1, "message": "the first that runs"})
    messages = [one["message"] for one in (await client.get(f"{address}/versions")).json()["data"]]
    assert ["the other again", "Restored version 1.", "two in other words", "the first that runs"] == messages
    for missing in (
        await client.get(f"{address}/versions/9"),
        await client.patch(f"{address}/versions/9", json={"message": "x"}),
        await client.get(f"{address}/versions/1/diff/9"),
        await client.post(f"{address}/versions/9/restore", headers=ANY),
        await client.post(f"{address}/publish", json={"revision": 9}),
    ):
        assert (404, "REVISION_NOT_FOUND") == (missing.status_code, missing.json()["error_code"])


async def test_an_earlier_version_can_be_the_one_that_runs(
    client: httpx.AsyncClient, create: Make, small: JsonObject
) -> None:
    """What is being edited stays as it is, even if it could not be published itself."""
    address = await create(name="good")
    broken: JsonObject = {**small, "nodes": [{"id": "x", "type": "no.such"}], "connections": []}
    await client.put(address, json=broken, headers=ANY)
    assert 400 == (await client.post(f"{address}/publish")).status_code
    published = await client.post(f"{address}/publish", json={"revision": 1})
    data = published.json()["data"]
    assert (200, 1, 2, "no.such") == (
        published.status_code,
        data["published_revision"],
        data["revision"],
        data["definition"]["nodes"][0]["type"],
    )
    assert 202 == (await client.post(f"{address}/execute", json={})).status_code
