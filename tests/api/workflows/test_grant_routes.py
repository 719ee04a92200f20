"""Saying over REST who else may do what with a workflow, and giving it away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from wingbeat.core.json_value import JsonObject

Make = Callable[..., Awaitable[str]]


async def test_a_grant_is_listed_changed_and_taken_back(client: httpx.AsyncClient, create: Make) -> None:
    """Granting something to somebody again takes the place of what was granted before."""
    address = f"{await create()}/permissions"
    first = (await client.post(address, json={"user_id": 5, "can_view": True})).json()["data"]
    again = (await client.post(address, json={"user_id": 5, "can_edit": True})).json()["data"]
    assert first["permission_id"] == again["permission_id"]
    assert (False, True) == (again["can_view"], again["can_edit"])
    await client.post(address, json={"role": "support", "can_execute": True})
    listed = (await client.get(address)).json()["data"]
    assert [(5, None), (None, "support")] == [(one["user_id"], one["role"]) for one in listed]
    assert (await client.delete(f"{address}/{first['permission_id']}")).json()["data"] == again
    assert (await client.delete(f"{address}/{first['permission_id']}")).json()["error_code"] == "GRANT_NOT_FOUND"
    assert [None] == [one["user_id"] for one in (await client.get(address)).json()["data"]]


async def test_a_list_takes_the_place_of_all_that_was_granted(client: httpx.AsyncClient, create: Make) -> None:
    """What is not in it is taken back, and who is named twice gets both."""
    address = f"{await create()}/permissions"
    await client.post(address, json={"user_id": 5, "can_view": True})
    grants = [{"community_id": 9, "can_view": True}, {"user_id": 6, "can_delete": True}]
    replaced = await client.put(address, json={"grants": grants})
    assert [(None, 9), (6, None)] == [(one["user_id"], one["community_id"]) for one in replaced.json()["data"]]
    twice = await client.put(address, json={"grants": [*grants, {"user_id": 6, "can_view": True}]})
    assert [(True, False), (True, True)] == [(one["can_view"], one["can_delete"]) for one in twice.json()["data"]]
    assert twice.json()["data"] == (await client.get(address)).json()["data"]


@pytest.mark.parametrize(
    "body",
    [
        {"can_view": True},
        {"user_id": 5},
        {"user_id": 5, "role": "a", "can_view": True},
        {"user_id": 0, "can_view": True},
        {"community_id": 0, "can_view": True},
        {"role": "", "can_view": True},
        {"user_id": 5, "can_own": True},
        {"user_id": 5, "can_view": True, "granted_by": 1},
    ],
)
async def test_a_grant_is_something_for_one_grantee(client: httpx.AsyncClient, create: Make, body: JsonObject) -> None:
    """Nobody, nobody's community, nothing, and fields that are not the caller's to set are refused."""
    address = f"{await create()}/permissions"
    assert (await client.post(address, json=body)).status_code == 400
    assert (await client.get(address)).json()["data"] == []


async def test_what_is_wrong_with_a_grant_as_a_whole_is_said_in_words(client: httpx.AsyncClient, create: Make) -> None:
    """It has no field that could be named."""
    refused = (await client.post(f"{await create()}/permissions", json={"can_view": True})).json()
    said = "Name one of 'user_id', 'role' and 'community_id'."
    assert (f"The body does not fit: {said}", said) == (
        refused["message"],
        refused["details"]["problems"][0]["message"],
    )


async def test_a_workflow_is_given_away(client: httpx.AsyncClient, create: Make) -> None:
    """It has another author, and is otherwise what it was."""
    address = await create()
    before = (await client.get(address)).json()["data"]
    assert (await client.put(f"{address}/owner", json={"user_id": 12})).status_code == 200
    after = (await client.get(address)).json()["data"]
    assert 12 == after["author_id"]
    assert {**before, "author_id": 12, "updated_at": after["updated_at"]} == after
    refused = await client.put(f"{address}/owner", json={"user_id": 1_999_999_999})
    assert (404, "USER_NOT_FOUND") == (refused.status_code, refused.json()["error_code"])
    assert after == (await client.get(address)).json()["data"]
