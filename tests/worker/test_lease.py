"""A worker keeps its lease as long as it can, gives it up when it cannot, and comes back from everything."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.rig.engine import START, Engine, node, until
from tests.rig.proxy import Proxy

from wingbeat.worker.plans import Plans

END = node("end", "flow.end", output="{{ input }}")
GATE = node("step", "test.waiting", name="gate")


@pytest.fixture
async def proxy(database_dsn: str) -> AsyncIterator[Proxy]:
    """A wire that can fall silent. Its socket has a short path, as sockets must."""
    with tempfile.TemporaryDirectory() as folder:
        opened = Proxy(database_dsn, Path(folder))
        await opened.open()
        yield opened
        await opened.close()


async def test_a_worker_whose_lease_expired_unnoticed_begins_anew(engine: Engine) -> None:
    """It has stopped its executions though nobody took them over, so it gives them back itself and goes on."""
    gate = engine.probes.gate()
    worker = await engine.worker()
    execution_id = await engine.start(await engine.publish(START, GATE, END), "x")
    await gate.reached()
    former = worker.worker_id
    worker.lease._renewed -= 3600
    worker.lease._give_up_if_too_old()
    await gate.reached(2)
    gate.opened.set()
    assert "completed" == (await engine.ended(execution_id))["status"]
    assert [worker.worker_id] == [row[0] for row in await engine.database.pool.fetch("SELECT worker_id FROM workers")]
    assert former != worker.worker_id


async def test_a_worker_whose_connection_fell_silent_goes_on_as_itself(engine: Engine, proxy: Proxy) -> None:
    """The server still keeps the lock for the lost session; the worker ends that session and takes its lock again."""
    worker = await engine.worker(proxy.dsn, start=False, lease_seconds=15)
    await worker.lease.start()
    worker_id, session = worker.worker_id, worker.lease._session

    async def another() -> bool:
        return worker.lease._session != session

    proxy.silence()
    await until(another, "the worker has another connection")
    assert (worker_id, True) == (worker.worker_id, worker.lease.valid)


async def test_a_worker_whose_connections_all_fell_silent_runs_what_comes(engine: Engine, proxy: Proxy) -> None:
    """No statement waits longer than about a lease for an answer that does not come."""
    workflow_id = await engine.publish(START, END)
    await engine.worker(proxy.dsn, lease_seconds=2)
    await engine.ended(await engine.start(workflow_id))
    proxy.silence()
    assert "completed" == (await engine.ended(await engine.start(workflow_id)))["status"]


async def test_nothing_unexpected_ends_the_renewing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker without a lease would do nothing and say nothing: whatever is raised, the next round is made."""
    worker = await engine.worker(start=False)
    await worker.lease.start()
    former = worker.lease._renewed
    raised: list[str] = []

    async def fail(*_: object) -> bool:
        monkeypatch.undo()
        raised.append("once")
        raise KeyError

    monkeypatch.setattr("wingbeat.storage.workers.beat", fail)

    async def renewed() -> bool:
        return bool(raised) and worker.lease._renewed > former

    await until(renewed, "the lease is renewed")
    assert worker.lease.valid


async def test_what_went_by_while_nobody_listened_is_made_up_for(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker whose connection broke may have missed that node types changed: it makes its plans anew."""
    expired: list[bool] = []
    worker = await engine.worker()
    monkeypatch.setattr(Plans, "expire", lambda _: expired.append(True))
    worker.lease._connection.terminate()  # type: ignore[union-attr] # it was started

    async def made_up() -> bool:
        return bool(expired)

    await until(made_up, "the plans are made anew")
