"""Keeps what triggers need as rows in step with what is published: the one place that publishing goes through.

Each kind of trigger has a function of its own, which makes the rows of one workflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from wingbeat.core.document import parse_workflow
from wingbeat.core.problems import InvalidWorkflow
from wingbeat.services.trigger_rows import forms, schedules, subscriptions
from wingbeat.storage import subscriptions as rows
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    import asyncpg

    from wingbeat.core.graph import Workflow
    from wingbeat.storage.pool import Database

# Rises with every change of what is made of a trigger: then the rows of all workflows are made anew at the next start.
FORMAT = 2
MOST_AT_ONCE = 500
FIRST = UUID(int=0)

log = structlog.get_logger()


async def bring_in_line(connection: asyncpg.Connection, workflow_id: UUID, workflow: Workflow | None) -> None:
    """Make the rows of a workflow's triggers those of what is published now; None for one that was taken out of use.

    In the transaction that publishes, after the row of the workflow has changed.
    """
    async with as_engine(connection):
        await subscriptions.bring_in_line(connection, workflow_id, workflow)
        await forms.bring_in_line(connection, workflow_id, workflow)
        await schedules.bring_in_line(connection, workflow_id, workflow)
        await rows.note_in_line(connection, workflow_id, FORMAT)


async def catch_up(database: Database) -> int:
    """Bring the workflows in line that another release published; returns how many. Several processes may do it.

    Raises:
        DatabaseUnavailable: some are not in line yet; the next start goes on.
    """
    done, after = 0, FIRST
    with translate_errors():
        async with database.pool.acquire() as connection:
            while found := await rows.find_behind(connection, FORMAT, after, MOST_AT_ONCE):
                async with connection.transaction():
                    for workflow_id in found:
                        done += await _catch_up_with(connection, workflow_id)
                after = found[-1]
    return done


async def _catch_up_with(connection: asyncpg.Connection, workflow_id: UUID) -> bool:
    behind = await rows.read_behind(connection, workflow_id, FORMAT)
    if behind is None:
        return False
    try:
        workflow = parse_workflow(behind.definition)
    except InvalidWorkflow as error:
        log.warning("triggers_unreadable", workflow_id=str(workflow_id), error=error.message)
        return False
    await bring_in_line(connection, workflow_id, workflow)
    return True
