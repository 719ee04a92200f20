"""Lists of workflows: found by what they are called and where they lie, with how they have run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest

from wingbeat.services.workflow_lists import STATUSES
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import Database

Make = Callable[..., Awaitable[str]]
ROOT = "/api/v1/workflows"


async def names(client: httpx.AsyncClient, query: str) -> list[str]:
    """The names of a list, and that its total agrees."""
    answer = await client.get(f"{ROOT}?sort=name&{query}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["meta"]["total"] == len(answer.json()["data"])
    return [line["name"] for line in answer.json()["data"]]


async def test_a_list_is_sifted_by_everything_at_once(client: httpx.AsyncClient, create: Make) -> None:
    """Text in a name, description or tag; a tag; a folder with those under it; whether it is switched on; whose."""
    await create(name="Bills 100%", description="pays", tags=["money", "Daily"], folder="office/bills")
    await create(name="Orders", description="asks for 100 bills", tags=["money"], folder="office", enabled=False)
    await create(name="officers", folder="officers")
    expected = {
        "q=BILLS": ["Bills 100%", "Orders"],
        "q=100%25": ["Bills 100%"],
        "q=dail": ["Bills 100%"],
        "q=_": [],
        "q=": ["Bills 100%", "Orders", "officers"],
        "tag=money": ["Bills 100%", "Orders"],
        "tag=daily": [],
        "folder=office": ["Bills 100%", "Orders"],
        "folder=office/bills": ["Bills 100%"],
        "folder=": ["Bills 100%", "Orders", "officers"],
        "enabled=false": ["Orders"],
        "tag=money&enabled=true": ["Bills 100%"],
        "mine=true&author_id=0&community_id=0": ["Bills 100%", "Orders", "officers"],
        "author_id=7": [],
        "community_id=7": [],
    }
    assert expected == {query: await names(client, query) for query in expected}


async def test_tags_and_folders_are_counted(client: httpx.AsyncClient, create: Make) -> None:
    """Of workflows that are not archived."""
    await create(tags=["b", "a", "a"], folder="x/y")
    await create(tags=["b"], folder="x")
    await client.delete(await create(tags=["gone"], folder="gone"))
    tags = (await client.get(f"{ROOT}/tags")).json()["data"]
    assert [{"name": "b", "workflows": 2}, {"name": "a", "workflows": 1}] == tags
    folders = (await client.get(f"{ROOT}/folders")).json()["data"]
    assert [{"name": "x", "workflows": 1}, {"name": "x/y", "workflows": 1}] == folders


async def put_executions(database: Database, workflow_id: UUID, statuses: list[str]) -> list[UUID]:
    """Executions of a workflow, one after the other."""
    ids = sorted(new_id() for _ in statuses)
    await database.pool.executemany(
        "INSERT INTO workflow_executions (execution_id, workflow_id, revision, status, trigger_node_id, end_time)"
        " VALUES ($1, $2, 1, $3::text, 'start', CASE WHEN $3::text <> 'running' THEN now() END)",
        [(identifier, workflow_id, status) for identifier, status in zip(ids, statuses, strict=True)],
    )
    return ids


async def test_a_line_shows_how_the_workflow_ran(client: httpx.AsyncClient, create: Make, database: Database) -> None:
    """Its last execution, and how the last twenty went, the oldest first; and they can be sorted by when they ran."""
    never, often, once = [await create(name=name) for name in ("never", "often", "once")]
    await put_executions(database, UUID(once.rpartition("/")[2]), ["running"])
    ran = await put_executions(
        database, UUID(often.rpartition("/")[2]), ["failed"] * 3 + ["completed"] * 18 + ["cancelled"]
    )
    answer = await client.get(f"{ROOT}?sort=-last_run&per_page=2")
    lines = answer.json()["data"]
    assert ["often", "once"] == [line["name"] for line in lines]
    assert ["failed", *["completed"] * 18, "cancelled"] == lines[0]["recent"]
    last = lines[0]["last_execution"]
    assert (str(ran[-1]), "cancelled", True) == (last["execution_id"], last["status"], last["finished_at"] is not None)
    assert (["running"], None) == (lines[1]["recent"], lines[1]["last_execution"]["finished_at"])
    assert ["delete", "edit", "execute", "view"] == lines[0]["my_permissions"]
    rest = await client.get(f"{ROOT}?sort=-last_run&cursor={answer.json()['meta']['next_cursor']}")
    assert [("never", [], None)] == [(one["name"], one["recent"], one["last_execution"]) for one in rest.json()["data"]]
    assert never.endswith(rest.json()["data"][0]["workflow_id"])


@pytest.mark.parametrize("query", ["q=%00", "tag=%00", "folder=%00", "tag=", "enabled=maybe", "status=gone", "no=1"])
async def test_what_no_list_can_be_asked_is_refused(client: httpx.AsyncClient, query: str) -> None:
    """With 400, and never by the database."""
    assert (await client.get(f"{ROOT}?{query}")).status_code == 400


async def test_every_status_is_listed_when_all_are_asked_for(client: httpx.AsyncClient, create: Make) -> None:
    """Archived ones only then, or by name."""
    await client.delete(await create(name="archived"))
    await client.post(f"{await create(name='published')}/publish")
    await create(name="draft")
    assert sorted(STATUSES) == await names(client, "status=all")
    assert ["draft", "published"] == await names(client, "")
