"""A workflow runs to its end, whichever way it was started, and its journal tells how."""

from __future__ import annotations

import asyncio
import gc

from tests.rig.engine import START, Engine, idle, node, statuses, until

from wingbeat.core.access import SYSTEM
from wingbeat.core.status import ExecutionStatus
from wingbeat.services.executions.start_requests import StartRequest
from wingbeat.worker.runner import Runner

ADD = node("add", "data.transform", value="{{ input.n + 1 }}")
END = node("end", "flow.end", output="{{ input }}")


async def test_a_queued_execution_runs_to_its_end(engine: Engine) -> None:
    """What is put in the queue is taken by a worker and ends with the output of its end node."""
    workflow_id = await engine.publish(START, ADD, END)
    await engine.worker()
    row = await engine.ended(await engine.start(workflow_id, {"n": 1}))
    assert ("completed", 2, 3, None) == (row["status"], row["final_output"], row["nodes_executed"], row["worker_id"])


async def test_an_execution_that_somebody_waits_for_runs_in_the_same_process(engine: Engine) -> None:
    """A caller that waits gets the result, and no job ever was in the queue."""
    workflow_id = await engine.publish(START, ADD, END)
    worker = await engine.worker()
    summary = await engine.starter(worker).start_and_wait(SYSTEM, StartRequest(workflow_id, {"n": 1}), 20)
    assert (ExecutionStatus.COMPLETED, 2) == (summary.status, summary.output)
    assert await engine.count("SELECT count(*) FROM pgqueuer_log") == 0


async def test_the_journal_has_one_row_for_each_step_and_one_for_the_end(engine: Engine) -> None:
    """Rows are numbered from 1 without gaps, say which rows they took in, and close with the end."""
    workflow_id = await engine.publish(START, ADD, END)
    await engine.worker()
    execution_id = await engine.start(workflow_id, {"n": 1})
    await engine.ended(execution_id)
    rows = await engine.journal(execution_id)
    assert [(1, "start", None), (2, "add", [1]), (3, "end", [2]), (4, "", None)] == [
        (row["sequence"], row["node_id"], row["inputs"]) for row in rows
    ]
    assert ["completed", "completed", "completed", "ended"] == statuses(rows)


async def test_many_executions_share_a_commit(engine: Engine) -> None:
    """Rows of executions that run side by side are written in one transaction, not in one each."""
    workflow_id = await engine.publish(START, ADD, END)
    ids = [await engine.start(workflow_id, {"n": n}) for n in range(60)]
    worker = await engine.worker()
    for n, execution_id in enumerate(ids):
        assert n + 1 == (await engine.ended(execution_id))["final_output"]
    assert worker._journal.rows_written == 4 * 60
    assert worker._journal.flushes < 60


async def test_an_execution_that_is_stopped_before_its_first_step_is_held_no_longer(engine: Engine) -> None:
    """However early it ends, its place is free and whoever waits for it hears of it."""
    workflow_id = await engine.publish(START, END)
    worker = await engine.worker(start=False)
    await worker.lease.start()
    await engine.start(workflow_id)
    assert 1 == await worker.run_once()
    ((runner, _),) = worker._running.values()
    worker._abandon_all()
    assert await asyncio.wait_for(runner.ended, 100) is None
    await idle(worker)


async def test_an_execution_that_has_ended_leaves_no_garbage_to_search_for(engine: Engine) -> None:
    """What led it is gone with the last who held it, or looking for it would take a part of all time."""
    worker = await engine.worker()
    workflow_id = await engine.publish(START, END)
    gc.collect()
    gc.disable()
    try:
        execution_id = await engine.start(workflow_id, 1)
        await engine.ended(execution_id)
        await idle(worker)

        async def is_gone() -> bool:
            runners = [one for one in gc.get_objects() if type(one) is Runner]
            return all(one.claimed.execution_id != execution_id for one in runners)

        await until(is_gone, "the runner is gone")
    finally:
        gc.enable()
