"""What somebody hears who watches executions, over a real server from workers with connections of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tests.api.conftest import credentials_of
from tests.rig.engine import START, Engine, node, running_engine, until
from tests.rig.live import Ear, LiveServer, Watcher, serving_live

from wingbeat.api.app import Services
from wingbeat.core.access import SYSTEM
from wingbeat.services.live import hub as module
from wingbeat.services.live import lists as lists_module
from wingbeat.services.live.hub import Hub
from wingbeat.services.live.lists import Lists
from wingbeat.services.live.notices import Listed
from wingbeat.storage import control, live
from wingbeat.storage.live import ListedExecution
from wingbeat.storage.pool import Database
from wingbeat.storage.workflows import WorkflowFields


@pytest.fixture
async def engine(database: Database, tmp_path: Path) -> AsyncIterator[Engine]:
    """Workers on the database of the server."""
    async with running_engine(database, tmp_path) as opened:
        yield opened


@pytest.fixture
async def server(services: Services) -> AsyncIterator[LiveServer]:
    """A server of live events, without a worker."""
    async with serving_live(services) as opened:
        yield opened


@pytest.fixture
async def watcher(server: LiveServer, services: Services) -> Watcher:
    """Somebody who may see everything."""
    return await server.connect(headers=credentials_of(services))


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_whoever_watches_hears_of_every_step_once_and_in_order(
    engine: Engine, server: LiveServer, services: Services, transport: str
) -> None:
    """What was before it joined as well, what runs at the moment, and the end; a second one begins where it says."""
    await engine.worker()
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, node("gate", "test.waiting", name="gate"), node("end", "flow.end"))
    execution_id = await engine.start(workflow_id)
    await gate.reached()
    watcher = await server.connect(transport=transport, headers=credentials_of(services))

    answer = await watcher.join(f"execution:{execution_id}")
    assert (True, str(workflow_id), "running") == (answer["ok"], answer["workflow_id"], answer["status"])
    begun = await watcher.hears("step_started", node="gate")
    assert ("", 1, None) == (begun["scope"], begun["attempt"], begun["sequence"])
    assert {"gate": 1} == (await watcher.hears("running"))["running"]
    gate.opened.set()
    ended = await watcher.hears("completed")

    assert ["start", "gate", "end"] == [step["node"] for step in watcher.steps()]
    assert [1, 2, 3] == [step["sequence"] for step in watcher.steps()]
    assert "output" not in str(watcher.heard)
    assert ended["status"] == "completed"
    assert {} == (await watcher.hears("running", running={}))["running"]
    late = await server.connect(headers=credentials_of(services))
    await late.join(f"execution:{execution_id}", after_sequence=2)
    await late.hears("completed")
    assert ["end"] == [step["node"] for step in late.steps()]


async def test_a_flood_of_steps_is_told_in_few_words(engine: Engine, watcher: Watcher) -> None:
    """By node, how many there were; nothing is counted twice, nothing left out."""
    await engine.worker()
    gate = engine.probes.gate()
    workflow_id = await engine.publish(
        START,
        node("gate", "test.waiting", name="gate"),
        node("loop", "loop.foreach", items="{{ range(500) }}", concurrency=1),
        node("step", "data.transform", value="{{ item }}"),
        node("end", "flow.end"),
        connections="start>gate, gate>loop, loop.body>step, loop.done>end",
    )
    execution_id = await engine.start(workflow_id)
    await gate.reached()
    await watcher.join(f"execution:{execution_id}")
    await watcher.hears("running", running={"gate": 1})
    gate.opened.set()
    await watcher.hears("completed")

    counted = sum(
        count["completed"]
        for name, body in watcher.heard
        if name == "steps"
        for count in body["counts"]
        if count["node"] == "step"
    )
    single = sum(step["node"] == "step" for step in watcher.steps())
    assert counted + single == 500
    ports = [
        count["ports"]
        for name, body in watcher.heard
        if name == "steps"
        for count in body["counts"]
        if count["node"] == "step"
    ]
    assert sum(one["out"] for one in ports) == counted > 0
    assert len(watcher.heard) < 100


async def test_a_pause_a_failure_and_a_cancellation_are_told(engine: Engine, watcher: Watcher) -> None:
    """Each with why, whoever decided it, and whether or not a worker holds the execution."""
    await engine.worker()
    workflow_id = await engine.publish(START, node("wait", "flow.delay", seconds=3600), node("end", "flow.end"))
    execution_id = await engine.start(workflow_id)
    await engine.reaches(execution_id, "waiting")
    await watcher.join(f"execution:{execution_id}")
    assert (await watcher.hears("waiting"))["wake_at"]
    await engine.control(control.pause, execution_id)
    await watcher.hears("paused")
    await engine.control(control.resume, execution_id)
    await watcher.hears("resumed")
    await engine.cancel(execution_id)
    await watcher.hears("cancelled")

    failing = await engine.publish(START, node("bad", "flow.stop_and_error", message="No good."))
    broken = await engine.start(failing)
    await watcher.join(f"execution:{broken}")
    assert "No good." in (await watcher.hears("failed"))["error"]["message"]
    assert (await watcher.hears("step_completed", node="bad"))["port"] == "stopped"


async def test_lists_hear_of_what_begins_and_ends(engine: Engine, watcher: Watcher) -> None:
    """Of one workflow or of all, within what the caller may see."""
    await engine.worker()
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, node("gate", "test.waiting", name="gate"))
    assert (await watcher.join(f"workflow:{workflow_id}"))["ok"]
    first = await engine.start(workflow_id)
    await gate.reached()
    gate.opened.set()
    await engine.ended(first)
    second = await engine.start(workflow_id)

    async def told() -> bool:
        return any(
            entry["execution_id"] == str(second) and entry["status"] == "completed"
            for name, body in watcher.heard
            if name == "executions"
            for entry in body["executions"]
        )

    await until(told, "the second one is told of")


async def test_who_has_a_workflow_open_hears_who_changes_it(
    engine: Engine, watcher: Watcher, services: Services
) -> None:
    """At which revision it is now, and what runs; the definition is not told, and other workflows are none of it."""
    workflow_id, other = await engine.publish(START), await engine.publish(START)
    assert (await watcher.join(f"workflow:{workflow_id}"))["ok"]
    await watcher.hears("edited", revision=1)
    workflows = services.workflows
    for one in (other, workflow_id):
        stored = await workflows.get(SYSTEM, one)
        fields = WorkflowFields({**stored.definition, "name": "Another name"})
        await workflows.update(SYSTEM, one, fields, expected_revision=None)
    told = await watcher.hears("edited", action="update", revision=2)
    assert (str(workflow_id), 2, 1, "system") == tuple(
        told[name] for name in ("workflow_id", "revision", "published_revision", "by")
    )
    await workflows.publish(SYSTEM, workflow_id)
    assert 2 == (await watcher.hears("edited", action="publish"))["published_revision"]
    assert {str(workflow_id)} == {body["workflow_id"] for name, body in watcher.heard if name == "edited"}


async def test_nothing_is_missed_or_told_twice_when_a_connection_breaks(
    engine: Engine, server: LiveServer, services: Services
) -> None:
    """Whoever comes back says how far it has heard, and hears the rest: steps, and what runs at that moment."""
    await engine.worker()
    first, second = engine.probes.gate("first"), engine.probes.gate("second")
    workflow_id = await engine.publish(
        START,
        node("first", "test.waiting", name="first"),
        node("between", "data.transform", value=1),
        node("second", "test.waiting", name="second"),
        node("end", "flow.end"),
    )
    execution_id = await engine.start(workflow_id)
    await first.reached()
    before = await server.connect(headers=credentials_of(services))
    await before.join(f"execution:{execution_id}")
    await before.hears("step_started", node="first")
    await before.hears("step_completed", node="start")
    await before.client.disconnect()
    first.opened.set()
    await second.reached()

    heard = [step["sequence"] for step in before.steps()]
    after = await server.connect(headers=credentials_of(services))
    await after.join(f"execution:{execution_id}", after_sequence=heard[-1])
    await after.hears("step_started", node="second")
    second.opened.set()
    await after.hears("completed")
    assert [1, 2, 3, 4, 5] == heard + [step["sequence"] for step in after.steps()]


async def test_who_does_not_read_is_told_less_not_later(engine: Engine) -> None:
    """What it could not take in comes as one event when it can, with everything that has happened meanwhile."""
    await engine.worker()
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, node("gate", "test.waiting", name="gate"), node("end", "flow.end"))
    execution_id = await engine.start(workflow_id)
    await gate.reached()

    async def written() -> bool:
        return len(await engine.journal(execution_id)) == 1

    await until(written, "the first step is in the journal")
    ear = Ear(SYSTEM)
    hub = Hub(engine.database)
    hub._begin = lambda: None  # type: ignore[method-assign] # its rounds are asked for
    await hub.follow(ear, execution_id)
    await hub.run_once()
    known = len(ear.heard)
    ear.reads = False
    gate.opened.set()
    await engine.ended(execution_id)
    await hub.run_once()
    assert known == len(ear.heard)
    ear.reads = True
    hub._stale.add(execution_id)
    await hub.run_once()
    await hub.stop()
    names = [event.name for event in ear.heard]
    assert ["step_completed", "step_completed", "completed"] == [name for name in names[known:] if name != "running"]
    assert names.count("completed") == 1


async def test_it_stops_at_once_even_while_something_is_new(database: Database) -> None:
    """What is new in that moment does not make it go on."""
    for turns in range(6):
        hub = Hub(database)
        await hub.follow_all(Ear(SYSTEM))
        task = hub._task
        assert task is not None

        async def rests(hub: Hub = hub) -> bool:
            return bool(hub._wanted._waiters)

        await until(rests, "it waits for what is new")
        hub._wanted.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        await hub.stop()
        assert task.cancelled()


async def test_it_leaves_no_connection_when_it_stops_while_it_connects(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is not listened to yet is closed like one that is."""
    connected = asyncio.Event()
    connections: list[asyncpg.Connection] = []

    async def listens(connection: asyncpg.Connection, *_: object) -> None:
        connections.append(connection)
        connected.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncpg.Connection, "add_listener", listens)
    hub = Hub(database)
    await hub.follow_all(Ear(SYSTEM))
    await connected.wait()
    await hub.stop()
    assert [True] == [connection.is_closed() for connection in connections]


async def test_whoever_comes_while_it_goes_to_rest_is_served(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has watched for a while, and it is just hanging up."""
    monkeypatch.setattr(module, "WATCH_SECONDS", 0.0)
    hub, ear = Hub(database), Ear(SYSTEM)
    hanging, go_on, hang_up = asyncio.Event(), asyncio.Event(), hub._hang_up

    async def slowly() -> None:
        hanging.set()
        await go_on.wait()
        await hang_up()

    hub._hang_up = slowly  # type: ignore[method-assign]
    await hub.follow_all(ear)
    hub.forget(ear)
    await hanging.wait()
    await hub.follow_all(ear)
    task, former = hub._task, hub._connection
    go_on.set()
    assert task is not None

    async def listens_or_has_ended() -> bool:
        return task.done() or hub._connection not in {None, former}

    await until(listens_or_has_ended, "it listens, or does not")
    assert not task.done()
    await hub.stop()


async def test_what_moves_while_a_list_is_read_is_told_afterwards(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end may be committed after the look, and nothing would ever say so."""
    monkeypatch.setattr(lists_module, "PAUSE_SECONDS", 0.0)
    execution_id = await engine.start(await engine.publish(START, node("end", "flow.end")))
    lists, ear, read = Lists(engine.database), Ear(SYSTEM), live.read_listed
    moved = Listed(frozenset({execution_id}), frozenset())

    async def meanwhile(connection: asyncpg.Connection, ids: list[UUID]) -> list[ListedExecution]:
        found = await read(connection, ids)
        if not ear.heard:
            await engine.cancel(execution_id)
            lists.take_in(moved)
        return found

    monkeypatch.setattr(live, "read_listed", meanwhile)
    await lists.follow_all(ear)
    lists.take_in(moved)
    for _ in range(2):
        await lists.run_once()
    told: Any = [event.body["executions"] for event in ear.heard]
    assert [["pending"], ["cancelled"]] == [[one["status"] for one in executions] for executions in told]
