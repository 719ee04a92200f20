"""The use cases of executions that HTTP does not show."""

from __future__ import annotations

from uuid import UUID

import pytest

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import NotFound
from wingbeat.services.executions.executions import MAX_STEPS, Executions
from wingbeat.storage.dispatch import NewExecution, insert_executions
from wingbeat.storage.executions import Wanted
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.paging import Paging
from wingbeat.storage.pool import Database


@pytest.fixture
def executions(database: Database) -> Executions:
    """The use cases on this test's database."""
    return Executions(database)


@pytest.fixture
async def execution_id(database: Database) -> UUID:
    """A pending execution."""
    workflow_id, identifier = new_id(), new_id()
    statement = "INSERT INTO workflows (workflow_id, name, nodes, connections) VALUES ($1, 'w', '[]', '[]')"
    await database.pool.execute(statement, workflow_id)
    async with database.pool.acquire() as connection, connection.transaction():
        await insert_executions(connection, [NewExecution(identifier, workflow_id, 1, "start", b"1", b"{}")])
    return identifier


async def test_a_long_journal_comes_in_parts(executions: Executions, database: Database, execution_id: UUID) -> None:
    """A thousand rows at once, each row once, and an end."""
    await database.pool.execute(
        "INSERT INTO workflow_execution_steps "
        "(execution_id, sequence, node_id, scope, attempt, status, started_at, ended_at, epoch) "
        "SELECT $1, n, 'a', '', 1, 'completed', now(), now(), 1 FROM generate_series(1, $2) n",
        execution_id,
        MAX_STEPS + 5,
    )
    first = await executions.get(SYSTEM, execution_id, steps=True)
    rest = await executions.get(SYSTEM, execution_id, steps=True, after_sequence=MAX_STEPS)
    numbers = [step.sequence for step in (*(first.steps or ()), *(rest.steps or ()))]
    assert list(range(1, MAX_STEPS + 6)) == numbers
    assert (True, False) == (first.more_steps, rest.more_steps)


async def test_a_paused_execution_has_one_job_when_it_goes_on(
    executions: Executions, database: Database, execution_id: UUID
) -> None:
    """Going on puts it into the queue; the claim takes an execution once, however many jobs name it."""
    await executions.pause(SYSTEM, execution_id)
    resumed = await executions.resume(SYSTEM, execution_id)
    assert resumed.status == "pending"
    assert await database.pool.fetchval("SELECT count(*) FROM pgqueuer WHERE payload = $1", execution_id.bytes) >= 1


async def test_lists_of_a_workflow_that_is_not_there_are_not_empty_but_refused(executions: Executions) -> None:
    """An empty list would say that it exists and never ran."""
    with pytest.raises(NotFound):
        await executions.list(SYSTEM, Wanted(["pending"], new_id()), Paging("-start_time"))


async def test_an_unknown_id_is_not_found(executions: Executions) -> None:
    """By every use case that takes one."""
    for attempt in (executions.get, executions.cancel, executions.pause, executions.resume):
        with pytest.raises(NotFound):
            await attempt(SYSTEM, new_id())
