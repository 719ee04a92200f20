"""What is about workflows changes without a revision, of one or of many; they leave use and come back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from wingbeat.core.json_value import Json, JsonObject

Make = Callable[..., Awaitable[str]]
ROOT = "/api/v1/workflows"
ANY = {"If-Match": "*"}


async def test_tags_folder_and_switch_make_no_revision(client: httpx.AsyncClient, create: Make) -> None:
    """What is not named stays; the ETag stays too, and an old one is refused."""
    address = await create(tags=["one"], folder="a")
    answer = await client.patch(address, json={"tags": ["x", "y", "x"], "enabled": False}, headers={"If-Match": '"1"'})
    data = answer.json()["data"]
    assert (200, '"1"') == (answer.status_code, answer.headers["etag"])
    assert (["x", "y"], "a", False, 1) == (data["tags"], data["folder"], data["enabled"], data["revision"])
    data = (await client.patch(address, json={"folder": ""}, headers=ANY)).json()["data"]
    assert (["x", "y"], "", False) == (data["tags"], data["folder"], data["enabled"])
    assert 428 == (await client.patch(address, json={})).status_code
    stale = await client.patch(address, json={"tags": []}, headers={"If-Match": '"9"'})
    assert (412, "REVISION_STALE") == (stale.status_code, stale.json()["error_code"])
    assert 1 == len((await client.get(f"{address}/versions")).json()["data"])


async def test_a_save_leaves_what_it_does_not_name(client: httpx.AsyncClient, create: Make, small: JsonObject) -> None:
    """A workflow that is switched off is not switched on by whoever draws on."""
    address = await create(tags=["t"], folder="f", enabled=False, version="2.1", entity_id=4)
    data = (await client.put(address, json=small, headers=ANY)).json()["data"]
    assert (["t"], "f", False, "2.1", 4) == tuple(
        data[name] for name in ("tags", "folder", "enabled", "version", "entity_id")
    )


@pytest.mark.parametrize(
    "body",
    [
        {"tags": [""]},
        {"tags": [" a"]},
        {"tags": ["x" * 51]},
        {"tags": ["a\nb"]},
        {"tags": [str(number) for number in range(21)]},
        {"folder": "/a"},
        {"folder": "a//b"},
        {"folder": "a/ b"},
        {"folder": "/".join("abcdefghijk")},
        {"folder": "x" * 101},
        {"name": "new"},
    ],
)
async def test_what_is_no_tag_and_no_folder_is_refused(client: httpx.AsyncClient, create: Make, body: Json) -> None:
    """With 400, and nothing is changed."""
    assert 400 == (await client.patch(await create(), json=body, headers=ANY)).status_code


async def test_what_is_not_published_any_more_begins_no_more(client: httpx.AsyncClient, create: Make) -> None:
    """It is a draft again; unpublishing it twice changes nothing; publishing it again lets it begin."""
    address = await create()
    await client.post(f"{address}/publish")
    for _ in range(2):
        data = (await client.post(f"{address}/unpublish")).json()["data"]
        assert ("draft", None) == (data["status"], data["published_revision"])
    refused = await client.post(f"{address}/execute", json={})
    assert (409, "WORKFLOW_NOT_PUBLISHED") == (refused.status_code, refused.json()["error_code"])
    await client.post(f"{address}/publish")
    assert 202 == (await client.post(f"{address}/execute", json={})).status_code


async def test_an_archived_workflow_comes_back_as_a_draft(client: httpx.AsyncClient, create: Make) -> None:
    """In between it can be neither changed nor published."""
    address = await create()
    await client.post(f"{address}/publish")
    await client.delete(address)
    for refused in (
        await client.patch(address, json={"tags": []}, headers=ANY),
        await client.post(f"{address}/unpublish"),
    ):
        assert (409, "WORKFLOW_ARCHIVED") == (refused.status_code, refused.json()["error_code"])
    for _ in range(2):
        data = (await client.post(f"{address}/restore")).json()["data"]
        assert ("draft", None) == (data["status"], data["published_revision"])
    assert 200 == (await client.post(f"{address}/publish")).status_code


async def test_many_are_changed_each_by_itself(client: httpx.AsyncClient, create: Make) -> None:
    """What one is refused keeps no other from being changed, and each is told what became of it."""
    good, bad = await create(tags=["old"]), await create(nodes=[{"id": "x", "type": "no.such"}], connections=[])
    ids = [address.rpartition("/")[2] for address in (good, bad)]

    async def change(action: str, **more: Json) -> list[JsonObject]:
        answer = await client.post(f"{ROOT}/bulk", json={"action": action, "ids": [*ids, ids[0]], **more})
        assert 200 == answer.status_code, answer.text
        results: list[JsonObject] = answer.json()["data"]
        assert ids == [result["workflow_id"] for result in results]
        return results

    def of(results: list[JsonObject], name: str) -> list[Json]:
        return [one["workflow"][name] if isinstance(one["workflow"], dict) else None for one in results]

    published = await change("publish")
    assert ["published", None] == of(published, "status")
    error = published[1]["error"]
    assert isinstance(error, dict)
    assert "WORKFLOW_INVALID" == error["error_code"]
    assert [["new"], ["new"]] == of(await change("tag", add_tags=["new"], remove_tags=["old"]), "tags")
    assert ["a/b", "a/b"] == of(await change("move", folder="a/b"), "folder")
    assert [False, False] == of(await change("disable"), "enabled")
    assert [True, True] == of(await change("enable"), "enabled")
    assert ["draft", "draft"] == of(await change("unpublish"), "status")
    assert ["archived", "archived"] == of(await change("archive"), "status")
    assert ["draft", "draft"] == of(await change("restore"), "status")
    full = await change("tag", add_tags=[str(number) for number in range(20)])
    assert isinstance(full[0]["error"], dict)
    assert "TAGS_FULL" == full[0]["error"]["error_code"]
    refused = await client.post(f"{ROOT}/bulk", json={"action": "publish", "ids": []})
    assert 400 == refused.status_code
