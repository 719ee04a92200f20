"""The wire to the database is cut at every place where an execution uses it, and nothing is lost or done twice."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.rig.checker import check
from tests.rig.engine import START, Engine, node, retry, statuses
from tests.rig.proxy import Cut, Proxy

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import DatabaseUnavailable, StepError
from wingbeat.core.outcome import Outcome
from wingbeat.sdk import Context
from wingbeat.services.executions.start_requests import StartRequest
from wingbeat.worker import journal_writer

END = node("end", "flow.end", output="{{ input }}")


@pytest.fixture
async def proxy(database_dsn: str) -> AsyncIterator[Proxy]:
    """A wire that can be cut. Its socket has a short path, as sockets must."""
    with tempfile.TemporaryDirectory() as folder:
        opened = Proxy(database_dsn, Path(folder))
        await opened.open()
        yield opened
        await opened.close()


@pytest.mark.parametrize("cut", list(Cut))
@pytest.mark.parametrize("first", [1, 2, 3])
async def test_an_execution_survives_a_cut_at_any_message(engine: Engine, proxy: Proxy, cut: Cut, first: int) -> None:
    """Whichever message is the last that gets through, each unsafe step is tried at most once and the end is right."""

    async def brief(context: Context) -> Outcome:
        return Outcome.of(context.input)

    engine.probes.waiting["brief"] = brief
    steps = [node(name, "test.waiting", name="brief") for name in ("one", "two")]
    workflow_id = await engine.publish(START, *steps, END)
    await engine.worker(proxy.dsn)
    for n, message in enumerate(range(first, 60, 12)):
        proxy.cut_at(message, cut)
        execution_id = await engine.start(workflow_id, n)
        row = await engine.ended(execution_id)
        assert ("completed", n, None) == (row["status"], row["final_output"], row["error"])
        proxy.disarm()
    verdict = await check(engine.database.dsn)
    assert {} == verdict.wrong
    assert proxy.cuts > 0


@pytest.mark.parametrize("cut", list(Cut))
async def test_a_commit_whose_answer_is_lost_is_not_repeated(engine: Engine, proxy: Proxy, cut: Cut) -> None:
    """Cut around the commits of the journal, an unsafe step is recorded and done once."""
    calls: list[str] = []

    async def unsafe(context: Context) -> Outcome:
        calls.append(context.execution_id)
        proxy.cut_at(message, cut)
        return Outcome.of(context.input)

    engine.probes.waiting["unsafe"] = unsafe
    workflow_id = await engine.publish(START, node("step", "test.waiting", name="unsafe", effect="unsafe"), END)
    await engine.worker(proxy.dsn)
    for message in (1, 2, 3, 4, 5, 6, 8, 10, 12):
        execution_id = await engine.start(workflow_id, message)
        row = await engine.ended(execution_id)
        if row["status"] == "failed":
            # The lease was lost with the wire, and what was not recorded is not known: it is said, not repeated.
            assert "STEP_OUTCOME_UNKNOWN" == row["error"]["code"]
        else:
            assert message == row["final_output"]
        assert 1 == calls.count(str(execution_id))
        proxy.disarm()
    assert {} == (await check(engine.database.dsn)).wrong


async def test_a_worker_survives_a_database_that_is_away(engine: Engine, proxy: Proxy) -> None:
    """While nobody answers, running steps go on; afterwards everything ends, and no step ran twice."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, node("step", "test.waiting", name="gate"), END)
    worker = await engine.worker(proxy.dsn, lease_seconds=3600)
    ids = [await engine.start(workflow_id, n) for n in range(10)]
    await gate.reached(10)
    await proxy.refuse()
    gate.opened.set()
    later = [await engine.start(workflow_id, n) for n in range(10, 15)]
    await asyncio.sleep(0)
    await proxy.open()
    for n, execution_id in enumerate([*ids, *later]):
        row = await engine.ended(execution_id)
        assert ("completed", n) == (row["status"], row["final_output"])
    assert 15 == gate.entered
    assert worker.lease.valid


async def test_a_start_says_that_the_database_is_away(engine: Engine, proxy: Proxy) -> None:
    """The caller learns that nothing was started, by the error's own code; when it is back, starts work again."""
    workflow_id = await engine.publish(START, END)
    worker = await engine.worker(proxy.dsn)
    starter = engine.starter(worker)
    await starter.start_and_wait(SYSTEM, StartRequest(workflow_id, "x"), 20)
    await proxy.refuse()
    with pytest.raises(DatabaseUnavailable):
        await starter.start(SYSTEM, StartRequest(workflow_id, "x"))
    await proxy.open()
    started = await starter.start(SYSTEM, StartRequest(workflow_id, "x"))
    assert "completed" == (await engine.ended(started.execution_id))["status"]


async def test_retries_go_on_when_the_database_is_back(engine: Engine, proxy: Proxy) -> None:
    """A step that fails while the wire is cut is recorded later, and its attempts are numbered without a gap."""

    async def fail(context: Context) -> Outcome:
        if context.attempt == 2:
            proxy.cut_now()
        if context.attempt < 4:
            raise StepError("again", code="AGAIN", retryable=True)
        return Outcome.of(context.attempt)

    engine.probes.waiting["fail"] = fail
    await engine.worker(proxy.dsn)
    workflow_id = await engine.publish(START, node("step", "test.waiting", name="fail", retry=retry(4)), END)
    execution_id = await engine.start(workflow_id)
    assert 4 == (await engine.ended(execution_id))["final_output"]
    rows = await engine.journal(execution_id)
    assert ["completed", *["failed"] * 3, "completed", "completed", "ended"] == statuses(rows)


async def test_a_value_that_makes_the_database_hang_up_ends_its_execution_alone(
    engine: Engine, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is too big for one message looks like a database that is away; the others do not wait for it for ever."""
    monkeypatch.setattr(journal_writer, "BIG_BYTES", 50_000)
    proxy.longest = 200_000
    engine.probes.immediate["step"] = lambda context: Outcome.of("x" * 500_000 if context.input == 2 else context.input)
    workflow_id = await engine.publish(START, node("step", "test.immediate", name="step"), END)
    ids = [await engine.start(workflow_id, n) for n in range(4)]
    await engine.worker(proxy.dsn, blob_threshold_bytes=10_000_000)
    for n, execution_id in enumerate(ids):
        row = await engine.ended(execution_id)
        expected = ("failed", "JOURNAL_REFUSED") if n == 2 else ("completed", None)
        assert expected == (row["status"], (row["error"] or {}).get("code"))
    assert "completed" == (await engine.ended(await engine.start(workflow_id, 9)))["status"]
