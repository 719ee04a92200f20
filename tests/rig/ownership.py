"""Puts things of certain owners into a test's database, and moves them to others."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from wingbeat.sdk.testing import ExampleContext
from wingbeat.storage import workflows
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.workflows import WorkflowFields

if TYPE_CHECKING:
    from wingbeat.core.json_value import JsonObject
    from wingbeat.storage.pool import Database

NODES: list[JsonObject] = [{"id": "start", "type": "trigger.manual"}]


async def put_workflow(
    database: Database, *, author: int = 0, community: int = 0, nodes: list[JsonObject] | None = None
) -> UUID:
    """A draft of somebody's, of a community or nobody's."""
    workflow_id = new_id()
    fields = WorkflowFields({"name": "test", "nodes": list(nodes or NODES), "connections": []})
    async with database.pool.acquire() as connection, connection.transaction():
        await workflows.insert(connection, workflow_id, fields)
    await give(database, "workflows", workflow_id, author=author, community=community)
    return workflow_id


# A worker has it: steps of an execution that nobody runs open no waits.
LEASED = "UPDATE workflow_executions SET worker_id = execution_id, epoch = 1 WHERE execution_id = $1"


async def put_execution(database: Database, workflow_id: UUID, execution_id: UUID | None = None) -> UUID:
    """An execution of the first revision that nobody runs."""
    execution_id = execution_id or new_id()
    await database.pool.execute(
        "INSERT INTO workflow_executions (execution_id, workflow_id, revision, status, trigger_node_id)"
        " VALUES ($1, $2, 1, 'waiting', 'start')",
        execution_id,
        workflow_id,
    )
    return execution_id


async def put_step(database: Database, *, idempotency_key: str = "example") -> ExampleContext:
    """A step of a workflow that is nobody's, as connections are that a test puts in."""
    execution_id = await put_execution(database, await put_workflow(database))
    return ExampleContext(execution_id=str(execution_id), idempotency_key=idempotency_key)


async def give(
    database: Database, table: str, identifier: UUID | str, *, author: int | None = None, community: int | None = None
) -> None:
    """Change whose a thing is: `table` has an author and a community. A workflow's new owner stands for it."""
    key = {"workflows": "workflow_id", "connector_instances": "connection_id", "tasks": "task_id"}[table]
    await database.pool.execute(
        f"UPDATE {table} SET author_id = coalesce($2, author_id), community_id = coalesce($3, community_id)"  # noqa: S608 - one of ours
        f" WHERE {key} = $1::text::uuid",
        str(identifier),
        author,
        community,
    )
    if table == "workflows":
        await limit_reach(database, UUID(str(identifier)), author=True, community=True)


async def limit_reach(database: Database, workflow_id: UUID, *, author: bool = False, community: bool = False) -> None:
    """As if the workflow's revisions were saved by somebody who is not its author, or not of its community."""
    await database.pool.execute(
        "UPDATE workflow_revisions SET reaches_author = $2, reaches_community = $3 WHERE workflow_id = $1",
        workflow_id,
        author,
        community,
    )


async def denials(database: Database) -> list[tuple[str, str, int]]:
    """What was written down as refused: action, result and whose community, in order."""
    rows = await database.pool.fetch(
        "SELECT action, result, community_id FROM audit_log WHERE category = 'AUTHZ' ORDER BY at, audit_id"
    )
    return [tuple(row) for row in rows]
