"""Workflows that come from a file: the same file is the same workflow, and a changed one its next revision."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from wingbeat.core.document import parse_workflow
from wingbeat.services.trigger_rows.in_line import bring_in_line
from wingbeat.services.workflow_rules import normalise
from wingbeat.storage import workflows as rows
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.workflows import EVERYWHERE, WorkflowFields

if TYPE_CHECKING:
    import asyncpg

    from wingbeat.core.json_value import JsonObject
    from wingbeat.storage.pool import Database
    from wingbeat.storage.workflows import StoredWorkflow

# Where ids of workflows that come from files are taken from.
NAMESPACE = UUID("6f2c9a1e-6d0b-4b43-9f5e-2a35c3a8d1f7")
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


def id_for(*names: str) -> UUID:
    """The id of the workflow that these names stand for, the same each time."""
    return uuid5(NAMESPACE, "\0".join(names))


async def register(database: Database, workflow_id: UUID, definition: JsonObject, *, keep: bool = False) -> int:
    """Have a checked definition published under an id: as a new workflow, or as the next revision if it has changed.

    With `keep`, a workflow that is there already stays as it is. Several processes may do this at once. Returns the
    revision.

    Raises:
        InvalidWorkflow: it cannot be read.
        DatabaseUnavailable: nothing was changed.
    """
    fields = normalise(WorkflowFields(definition))
    with translate_errors():
        async with database.pool.acquire() as connection, connection.transaction():
            await connection.execute(LOCK, str(workflow_id))
            stored = await rows.get(connection, workflow_id, lock=True)
            if stored is None or not keep:
                stored = await _bring_up_to_date(connection, workflow_id, stored, fields)
    return stored.header.revision


async def _bring_up_to_date(
    connection: asyncpg.Connection, workflow_id: UUID, stored: StoredWorkflow | None, fields: WorkflowFields
) -> StoredWorkflow:
    if stored is None:
        stored = await rows.insert(connection, workflow_id, fields)
    elif stored.definition != fields.definition:
        stored = await rows.update(connection, workflow_id, fields)
    if stored.header.status != "published" or stored.header.published_revision != stored.header.revision:
        workflow = parse_workflow(fields.definition)
        stored = await rows.publish(connection, workflow_id, stored.header.revision, workflow)
        await rows.vouch(connection, stored.header, EVERYWHERE)
        await bring_in_line(connection, workflow_id, workflow)
    return stored
