"""Starting executions: one for each request, none for a refused one, and the same again for the same key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from tests.rig.engine import START, Engine, node, until

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Conflict, DatabaseUnavailable, InvalidInput, NotFound, PlatformError, WingbeatError
from wingbeat.core.plan import Plan
from wingbeat.core.status import ExecutionStatus
from wingbeat.services.executions import start
from wingbeat.services.executions.start_requests import StartRequest
from wingbeat.storage.dispatch import Claimed
from wingbeat.worker.runner import Runner

END = node("end", "flow.end", output="{{ input }}")
COUNT = "SELECT count(*) FROM workflow_executions"


async def test_a_start_leaves_the_execution_to_a_worker(engine: Engine) -> None:
    """The answer says pending, and the row and its job are there together."""
    started = await engine.begin(await engine.publish(START, END), "x")
    assert (ExecutionStatus.PENDING, False) == (started.status, started.replayed)
    assert "pending" == await engine.status(started.execution_id)
    assert 1 == await engine.count("SELECT count(*) FROM pgqueuer")


async def test_parallel_starts_with_one_key_are_one_execution(engine: Engine) -> None:
    """A hundred at the same moment with the same Idempotency-Key: one starts it, the others hear of it."""
    workflow_id = await engine.publish(START, END)
    starters = [engine.starter() for _ in range(4)]
    request = StartRequest(workflow_id, {"n": 1}, idempotency_key="once")
    started = await asyncio.gather(*(starters[n % 4].start(SYSTEM, request) for n in range(100)))
    assert 1 == len({one.execution_id for one in started})
    assert 99 == sum(one.replayed for one in started)
    assert 1 == await engine.count(COUNT)


async def test_parallel_waits_with_one_key_get_one_result(engine: Engine) -> None:
    """Whoever sent it first, all get the result of the one execution."""
    workflow_id = await engine.publish(START, END)
    starter = engine.starter(await engine.worker())
    request = StartRequest(workflow_id, "x", idempotency_key="once")
    summaries = await asyncio.gather(*(starter.start_and_wait(SYSTEM, request, 20) for _ in range(20)))
    assert {"x"} == {summary.output for summary in summaries}
    assert 1 == await engine.count(COUNT)


async def test_a_key_with_another_request_is_refused(engine: Engine) -> None:
    """A key stands for one request; with another body nothing is started."""
    workflow_id = await engine.publish(START, END)
    await engine.begin(workflow_id, 1, idempotency_key="once")
    with pytest.raises(Conflict) as caught:
        await engine.begin(workflow_id, 2, idempotency_key="once")
    assert "IDEMPOTENCY_KEY_REUSED" == caught.value.code
    assert 1 == await engine.count(COUNT)


async def test_a_caller_that_goes_away_takes_nothing_with_it(engine: Engine) -> None:
    """The execution of a caller that stopped waiting during its start runs to its end all the same."""
    workflow_id = await engine.publish(START, END)
    starter = engine.starter(await engine.worker())
    async with engine.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE workflow_executions IN SHARE MODE")
        waiting = asyncio.create_task(starter.start_and_wait(SYSTEM, StartRequest(workflow_id, "x"), 20))

        async def writing() -> bool:
            return starter._writing is not None

        await until(writing, "the start is on its way")
        waiting.cancel()

    async def ended() -> bool:
        return await engine.count(COUNT + " WHERE status = 'completed'") == 1

    await until(ended, "the execution has ended")


async def test_a_start_that_its_worker_fails_to_begin_is_given_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in the database, so the caller waits for it: somebody else runs it."""
    workflow_id = await engine.publish(START, END)
    worker = await engine.worker()

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(worker, "begin", fail)
    starter = engine.starter(worker)
    waiting = [asyncio.create_task(starter.start_and_wait(SYSTEM, StartRequest(workflow_id, n), 100)) for n in range(2)]

    async def in_database() -> bool:
        return await engine.count(COUNT + " WHERE worker_id IS NOT NULL") == 2

    await until(in_database, "both are in")
    await engine.database.pool.execute("UPDATE workflow_executions SET leased_at = leased_at - interval '1 hour'")
    worker._changes.wake()
    assert [0, 1] == [(await one).output for one in waiting]


async def test_what_no_worker_can_begin_fails_and_holds_up_no_other(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with it: those that were claimed together with it run."""
    bad, good = await engine.publish(START, END), await engine.publish(START, END)
    worker = await engine.worker(start=False)
    make = worker._runner

    def fail(claimed: Claimed, plan: Plan) -> Runner:
        if claimed.workflow_id == bad:
            raise RecursionError
        return make(claimed, plan)

    monkeypatch.setattr(worker, "_runner", fail)
    ids = [await engine.start(bad), await engine.start(good, "x")]
    await worker.start()
    rows = [await engine.ended(one) for one in ids]
    assert ["failed", "completed"] == [row["status"] for row in rows]


async def test_a_caller_whose_time_is_up_hears_how_far_it_is(engine: Engine) -> None:
    """The execution goes on, and the answer names it and its status."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, node("step", "test.waiting", name="gate"), END)
    starter = engine.starter(await engine.worker())
    summary = await starter.start_and_wait(SYSTEM, StartRequest(workflow_id, "x"), 0.1)
    assert ExecutionStatus.RUNNING == summary.status
    gate.opened.set()
    assert "completed" == (await engine.ended(summary.execution_id))["status"]


async def test_a_caller_gets_the_result_of_what_another_worker_took_over(engine: Engine) -> None:
    """When the execution leaves this process before its end, the caller goes on waiting for it in the database."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, node("step", "test.waiting", name="gate"), END)
    first = await engine.worker()
    starter = engine.starter(first)
    waiting = asyncio.create_task(starter.start_and_wait(SYSTEM, StartRequest(workflow_id, "x"), 20))
    await gate.reached()
    for runner, task in first._running.values():
        task.cancel()
        assert not runner.leaving
    await first._claimer.stop()
    await engine.database.pool.execute(
        "UPDATE workflow_executions SET leased_at = leased_at - interval '1 minute', status = 'running'"
    )
    await engine.worker()
    gate.opened.set()
    assert "x" == (await waiting).output


REFUSED: list[tuple[str, Callable[[Any], StartRequest], type[WingbeatError], str]] = [
    ("no workflow", lambda _: StartRequest(uuid4()), NotFound, "WORKFLOW_NOT_FOUND"),
    ("no trigger", lambda one: StartRequest(one, trigger_node_id="strat"), NotFound, "TRIGGER_UNKNOWN"),
    ("NaN", lambda one: StartRequest(one, float("nan")), InvalidInput, "JSON_NOT_STORABLE"),
    ("U+0000", lambda one: StartRequest(one, "a\0b"), InvalidInput, "JSON_NOT_STORABLE"),
    ("surrogate", lambda one: StartRequest(one, variables={"a": "\ud800"}), InvalidInput, "JSON_NOT_STORABLE"),
]


@pytest.mark.parametrize(("what", "request_for", "error", "code"), REFUSED, ids=[case[0] for case in REFUSED])
async def test_a_refused_start_changes_nothing(
    engine: Engine, what: str, request_for: Callable[[Any], StartRequest], error: type[WingbeatError], code: str
) -> None:
    """What cannot be started is refused with its code, and there is no execution and no job."""
    del what
    workflow_id = await engine.publish(START, END)
    with pytest.raises(error) as caught:
        await engine.starter().start(SYSTEM, request_for(workflow_id))
    assert code == caught.value.code
    assert 0 == await engine.count(COUNT)
    assert 0 == await engine.count("SELECT count(*) FROM pgqueuer")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("status = 'archived'", "WORKFLOW_ARCHIVED"),
        ("published_revision = NULL", "WORKFLOW_NOT_PUBLISHED"),
        ("enabled = false", "WORKFLOW_DISABLED"),
    ],
)
async def test_a_workflow_that_is_not_in_use_cannot_be_started(engine: Engine, change: str, code: str) -> None:
    """The refusal says what the workflow is."""
    workflow_id = await engine.publish(START, END)
    await engine.database.pool.execute(f"UPDATE workflows SET {change}")  # noqa: S608 - from the table above
    with pytest.raises(Conflict) as caught:
        await engine.start(workflow_id)
    assert code == caught.value.code


async def test_a_start_that_the_database_refuses_takes_no_other_with_it(engine: Engine) -> None:
    """Of many that share a transaction, the guilty one alone gets the error."""
    workflow_id = await engine.publish(START, END)
    await engine.database.pool.execute("ALTER TABLE workflow_executions ADD CHECK (trigger_data::text <> '3')")
    starter = engine.starter()
    requests = [starter.start(SYSTEM, StartRequest(workflow_id, n)) for n in range(6)]
    results = await asyncio.gather(*requests, return_exceptions=True)
    assert [3] == [n for n, result in enumerate(results) if isinstance(result, PlatformError)]
    assert 5 == await engine.count(COUNT)


async def test_big_starts_do_not_go_into_one_message(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much is started at once, each transaction stays within bounds, and all are started."""
    monkeypatch.setattr(start, "MOST_BYTES", 2_500)
    workflow_id = await engine.publish(START, END)
    starter = engine.starter()
    await asyncio.gather(*(starter.start(SYSTEM, StartRequest(workflow_id, "x" * 1_000)) for _ in range(7)))
    assert 7 == await engine.count(COUNT)
    assert 4 <= await engine.count("SELECT count(DISTINCT xmin::text) FROM workflow_executions")


async def test_a_start_that_the_database_lost_is_no_start(engine: Engine) -> None:
    """An insertion does not wait for the disk where the caller waits anyway; what a crash takes is no start."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, node("step", "test.waiting", name="gate"), END)
    starter = engine.starter(await engine.worker())
    waiting = asyncio.create_task(starter.start_and_wait(SYSTEM, StartRequest(workflow_id, "x"), 0.5))
    await gate.reached()
    await until(lambda: engine.count("SELECT count(*) FROM workflow_execution_steps"), "the first step is recorded")
    async with engine.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("DELETE FROM workflow_executions")
        await connection.execute("DELETE FROM workflow_execution_steps")
    with pytest.raises(DatabaseUnavailable):
        await waiting
    gate.opened.set()


async def test_a_wait_that_was_too_short_leaves_an_execution_behind(engine: Engine) -> None:
    """The answer says that it runs, and it comes to its end."""
    gate = engine.probes.gate()
    workflow_id = await engine.publish(START, node("step", "test.waiting", name="gate"), END)
    starter = engine.starter(await engine.worker())
    summary = await starter.start_and_wait(SYSTEM, StartRequest(workflow_id, "x"), 0.05)
    gate.opened.set()
    assert ExecutionStatus.RUNNING == summary.status
    assert "completed" == (await engine.ended(summary.execution_id))["status"]
