"""Who has a workflow open is seen by those who may see the workflow, in whichever process, and by nobody else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.api.conftest import credentials_of
from tests.rig.accounts import add_user, principal_of
from tests.rig.engine import until
from tests.rig.live import Ear, serving_live
from tests.rig.ownership import put_workflow

from wingbeat.api.app import Services
from wingbeat.core.access import Principal
from wingbeat.core.errors import Conflict, NotFound
from wingbeat.services.live import presence
from wingbeat.services.live.hub import Hub
from wingbeat.services.live.notices import LONGEST_NOTICE, Here, Present, read_notice, write_present
from wingbeat.storage.pool import Database


@pytest.fixture
async def hubs(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Hub]]:
    """Those of two processes, which are in no hurry to wait."""
    monkeypatch.setattr(presence, "PAUSE_SECONDS", 0.0)
    opened = [Hub(database), Hub(database)]
    yield opened
    for hub in opened:
        await hub.stop()


def here(workflow_id: UUID, who: Principal, **more: Any) -> Here:  # noqa: ANN401 - of Here
    """A tab of somebody with the workflow open."""
    return Here(workflow_id, who.user_id, who.name, **{"tab": "one", **more})


def seen(ear: Ear) -> list[tuple[Any, ...]]:
    """Whom it was last told of."""
    told = [event.body for event in ear.heard if event.name == "present"]
    people: Any = told[-1]["people"] if told else []
    return [(one["name"], one["you"], one["editing"], one["node"]) for one in people]


async def sees(ear: Ear, *people: tuple[Any, ...]) -> None:
    """Wait until it is told of just these."""

    async def is_told() -> bool:
        return seen(ear) == list(people)

    await until(is_told, f"{ear.principal.name} sees {people}")


async def test_people_see_each_other_across_processes_and_no_stranger_does(
    hubs: list[Hub], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who came first too; who may only view only looks on, whatever it says; whose right is taken away is gone."""
    ids = [await add_user(database, name, c3="editor") for name in ("ada", "bo")]
    ids += [await add_user(database, "cy", c3="viewer"), await add_user(database, "eve")]
    ada, bo, cy, eve = [Ear(await principal_of(database, user_id)) for user_id in ids]
    workflow = await put_workflow(database, author=99, community=3)
    first, second = hubs
    await first.follow_workflow(ada, workflow)
    await first.be_present(ada, here(workflow, ada.principal, editing=True, node="price"))
    for ear in (bo, cy):
        await second.follow_workflow(ear, workflow)
    await sees(cy, ("ada", False, True, "price"))
    await second.be_present(cy, here(workflow, cy.principal, editing=True, node="price"))
    await sees(ada, ("cy", False, False, None))
    await second.be_present(bo, here(workflow, bo.principal, node="end"))
    await sees(ada, ("bo", False, False, "end"), ("cy", False, False, None))

    for there in (workflow, uuid4()):
        with pytest.raises(NotFound):
            await first.follow_workflow(eve, there)
        with pytest.raises(Conflict, match="not in the room"):
            await first.be_present(eve, here(there, eve.principal))
    assert [] == eve.heard

    twin = Ear(ada.principal)
    await second.follow_workflow(twin, workflow)
    await second.be_present(twin, here(workflow, ada.principal, tab="two"))
    await sees(ada, ("ada", True, False, None), ("bo", False, False, "end"), ("cy", False, False, None))
    second.forget(twin)
    await sees(ada, ("bo", False, False, "end"), ("cy", False, False, None))

    await database.pool.execute("DELETE FROM community_members WHERE user_id = $1", ids[1])
    bo.principal = await principal_of(database, ids[1])
    await second.check(bo)
    assert "left" == bo.heard[-1].name
    await sees(ada, ("cy", False, False, None))
    await database.pool.execute("UPDATE community_members SET role = 'viewer' WHERE user_id = $1", ids[0])
    ada.principal = await principal_of(database, ids[0])
    await first.check(ada)
    await sees(cy, ("ada", False, False, None))

    # A process that is gone without a word is not heard of again.
    await second.stop()
    monkeypatch.setattr(presence, "GONE_SECONDS", 0.0)
    await sees(ada)


async def test_somebody_is_there_from_the_first_word_to_the_last(
    services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a real connection: what is no such word is refused, and who leaves or closes the tab is gone."""
    monkeypatch.setattr(presence, "PAUSE_SECONDS", 0.0)
    user_id = await add_user(database, "ada")
    workflow = await put_workflow(database, author=user_id)
    room = f"workflow:{workflow}"
    async with database.pool.acquire() as connection:
        secret = await services.authentication.sessions.open(connection, user_id)
    async with serving_live(services) as server:
        watcher = await server.connect(headers=credentials_of(services))
        await watcher.join(room)
        ada = await server.connect(headers={"Cookie": f"wingbeat_session={secret}"})
        said = {"room": room, "tab": "one", "node": "price"}
        assert "ROOM_NOT_JOINED" == (await ada.client.call("present", said))["error"]["error_code"]
        await ada.join(room)
        for wrong in (None, {}, {**said, "tab": ""}, {**said, "node": "x" * 201}, {**said, "room": "executions"}):
            assert "PRESENCE_UNKNOWN" == (await ada.client.call("present", wrong))["error"]["error_code"]
        person = {"user_id": user_id, "name": "ada", "tab": "one", "you": False, "editing": False, "node": "price"}
        for leave in ({**said, "gone": True}, None):
            assert (await ada.client.call("present", said))["ok"]
            await watcher.hears("present", people=[person])
            # The service is nobody who could be met.
            assert (await watcher.client.call("present", {**said, "tab": "two"}))["ok"]
            if leave:
                await ada.client.call("present", leave)
            else:
                await ada.client.disconnect()
            await watcher.hears("present", people=[])
            watcher.heard.clear()
        assert [] == [name for name, _ in ada.heard if name == "present"]


def test_what_processes_say_of_people_is_read_as_it_was_said() -> None:
    """However many there are, and in however long words."""
    people = [(number, Here(uuid4(), 1, "\U0001f426" * 200, "tab", node="ü" * 200)) for number in range(5)]
    said = Present("here", asks=True, people=(*people, (9, None)))
    notices = write_present(said)
    assert all(len(one) <= LONGEST_NOTICE + 100 for one in notices)
    read = [read_notice(one) for one in notices]
    assert list(said.people) == [one for part in read if isinstance(part, Present) for one in part.people]
    assert {True} == {part.asks for part in read if isinstance(part, Present)}
    assert None is read_notice(json.dumps({"present": ["here", False, [[1, ["no id"]]]]}))
