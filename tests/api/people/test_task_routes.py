"""Tasks over HTTP: a list of things to do that many may work on at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from wingbeat.core.json_value import Json, JsonObject

ROOT = "/api/v1/tasks"
Make = Callable[..., Awaitable[str]]


@pytest.fixture
def make(client: httpx.AsyncClient) -> Make:
    """Creates a task; gives its address."""

    async def create(**fields: Json) -> str:
        answer = await client.post(ROOT, json={"title": "Call back", **fields})
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    return create


async def titles(client: httpx.AsyncClient, query: str) -> list[str]:
    """What a list gives."""
    answer = await client.get(f"{ROOT}?{query}")
    assert answer.status_code == 200, answer.text
    return [task["title"] for task in answer.json()["data"]]


async def test_a_task_is_there_until_it_is_done(client: httpx.AsyncClient, make: Make) -> None:
    """Create, read, change, assign, complete; and then no more."""
    address = await make(labels=["a"], due_at="2030-01-01T00:00:00+01:00", data={"x": [1]})
    found = await client.get(address)
    assert ('"1"', "2029-12-31T23:00:00Z", {"x": [1]}) == (
        found.headers["etag"],
        found.json()["data"]["due_at"],
        found.json()["data"]["data"],
    )
    changed = await client.patch(address, json={"status": "in_progress"}, headers={"If-Match": '"1"'})
    assert (200, "in_progress", "Call back") == (
        changed.status_code,
        changed.json()["data"]["status"],
        changed.json()["data"]["title"],
    )
    assert (await client.post(f"{address}/assign", json={"assignee": "ada"})).json()["data"]["assignee"] == "ada"
    done = await client.post(f"{address}/complete", json={"result": "ok", "completed_by": "ada"})
    assert ("done", "ok", "ada", 4) == tuple(
        done.json()["data"][name] for name in ("status", "result", "closed_by", "revision")
    )
    for action in ("complete", "cancel"):
        assert "TASK_CLOSED" == (await client.post(f"{address}/{action}")).json()["error_code"]


async def test_nobody_overwrites_what_others_did(client: httpx.AsyncClient, make: Make) -> None:
    """A change says what it is a change of."""
    address = await make()
    unsure = await client.patch(address, json={"title": "x"})
    stale = await client.patch(address, json={"title": "x"}, headers={"If-Match": '"7"'})
    other = await client.post(f"{address}/complete", headers={"If-Match": '"7"'})
    assert [428, 412, 412] == [unsure.status_code, stale.status_code, other.status_code]
    assert "open" == (await client.get(address)).json()["data"]["status"]


async def test_the_same_request_makes_one_task(client: httpx.AsyncClient) -> None:
    """With the same key; and another request with it is refused."""
    headers = {"Idempotency-Key": "k"}
    answers = [await client.post(ROOT, json={"title": title}, headers=headers) for title in ("a", "a", "b")]
    assert [201, 201, 409] == [answer.status_code for answer in answers]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert ["a"] == await titles(client, "")


async def test_lists_are_of_what_was_asked_for(client: httpx.AsyncClient, make: Make) -> None:
    """By status, assignee, label, time and text; whatever signs the text holds."""
    await make(title="first 100%", assignee="ada", priority=1)
    await make(title="second", labels=["x", "y"], due_at="2030-01-01T00:00:00Z", priority=2)
    await client.post(f"{await make(title='third', description='Some_Text')}/cancel")
    expected = {
        "sort=created_at": ["first 100%", "second", "third"],
        "status=open&sort=-priority": ["second", "first 100%"],
        "assignee=ada": ["first 100%"],
        "assignee=nobody": [],
        "label=y": ["second"],
        "due_before=2030-01-02T00:00:00Z": ["second"],
        "text=0%25": ["first 100%"],
        "text=some_t": ["third"],
        "text=%25": ["first 100%"],
        "sort=due_at&status=open": ["second", "first 100%"],
        "execution_id=00000000-0000-7000-8000-000000000000": [],
    }
    assert expected == {query: await titles(client, query) for query in expected}
    assert 400 == (await client.get(f"{ROOT}?text=%00")).status_code


@pytest.mark.parametrize("sort", ["-created_at", "created_at", "due_at", "-priority"])
async def test_pages_follow_one_another(client: httpx.AsyncClient, make: Make, sort: str) -> None:
    """Each task is on one page, whatever they are sorted by; those without a time come last."""
    for number in range(5):
        await make(title=str(number), priority=number % 2, **({"due_at": "2030-01-01T00:00:00Z"} if number else {}))
    found: list[str] = []
    cursor = ""
    while True:
        answer = (await client.get(f"{ROOT}?sort={sort}&per_page=2{cursor}")).json()
        found += [task["title"] for task in answer["data"]]
        if answer["meta"]["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['meta']['next_cursor']}"
    assert sorted(found) == ["0", "1", "2", "3", "4"]
    if sort == "due_at":
        assert found[-1] == "0"


@pytest.mark.parametrize(
    "body",
    [
        {}, {"title": ""}, {"title": " "}, {"title": "x" * 501}, {"title": None}, {"title": "x", "due_at": "soon"},
        {"title": "x", "due_at": "2030-01-01T00:00:00"}, {"title": "x", "due_at": "0001-01-01T00:00:00+01:00"},
        {"title": "x", "priority": 1.5}, {"title": "x", "labels": [""]}, {"title": "x", "status": "done"},
        {"title": "x", "more": 1},
    ],
)  # fmt: skip
async def test_what_is_no_task_is_refused(client: httpx.AsyncClient, body: JsonObject) -> None:
    """With all that is wrong, and nothing is made."""
    answer = await client.post(ROOT, json=body)
    assert (400, []) == (answer.status_code, await titles(client, ""))


async def test_a_task_that_there_is_not(client: httpx.AsyncClient) -> None:
    """Is not found."""
    answer = await client.get(f"{ROOT}/00000000-0000-7000-8000-000000000000")
    assert (404, "TASK_NOT_FOUND") == (answer.status_code, answer.json()["error_code"])
