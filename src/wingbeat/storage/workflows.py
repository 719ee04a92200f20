"""Rows of workflows and their revisions: written and read. Whether a change is allowed is decided by the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.core.licence import licence_features
from wingbeat.core.overflow import Guard
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.graph import Workflow
    from wingbeat.core.json_value import Json, JsonObject

# What types of triggers that come with Wingbeat begin with; those of others are found in the plan.
TRIGGER = "trigger."


@dataclass(frozen=True, slots=True)
class WorkflowHeader:
    """What is about a workflow. `revision` rises with every save; `published_revision` is the one that runs."""

    workflow_id: UUID
    name: str
    description: str
    entity_id: int
    community_id: int
    author_id: int
    status: str
    version: str
    revision: int
    published_revision: int | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    enabled: bool
    tags: list[str]
    folder: str
    node_count: int


@dataclass(frozen=True, slots=True)
class StoredWorkflow:
    """A workflow as it is being edited; `definition` is the document that core.document reads."""

    header: WorkflowHeader
    definition: JsonObject


@dataclass(frozen=True, slots=True)
class WorkflowFields:
    """What a save writes: the definition, and what is about it.

    What is None stays as it is, and is the default of a new workflow. `message` says what has changed.
    """

    definition: JsonObject
    version: str | None = None
    enabled: bool | None = None
    entity_id: int | None = None
    community_id: int | None = None
    tags: tuple[str, ...] | None = None
    folder: str | None = None
    message: str = ""


class Changes(NamedTuple):
    """What is to change of what is about a workflow; None stays as it is."""

    enabled: bool | None = None
    tags: tuple[str, ...] | None = None
    folder: str | None = None


class Reach(NamedTuple):
    """Whether what a revision names while it runs may be its workflow's author's, and its community's."""

    author: bool
    community: bool


# Of what the installation itself saves.
EVERYWHERE = Reach(author=True, community=True)


class Saver(NamedTuple):
    """Who saves a revision, and how far it reaches for that; 0 is the installation itself, and the service."""

    user_id: int = 0
    name: str = "system"
    reach: Reach = EVERYWHERE


INSTALLATION = Saver()


async def insert(
    connection: asyncpg.Connection,
    workflow_id: UUID,
    fields: WorkflowFields,
    *,
    author_id: int = 0,
    saver: Saver = INSTALLATION,
) -> StoredWorkflow:
    """A new draft with revision 1. Within a transaction of the caller's."""
    row = await load("workflows").insert_workflow(
        connection, workflow_id=workflow_id, author_id=author_id, **columns(fields)
    )
    return await keep_revision(connection, row, fields, saver)


async def update(
    connection: asyncpg.Connection,
    workflow_id: UUID,
    fields: WorkflowFields,
    *,
    saver: Saver = INSTALLATION,
) -> StoredWorkflow:
    """The next revision of a workflow that exists. Within a transaction of the caller's."""
    row = await load("workflows").update_workflow(connection, workflow_id=workflow_id, **columns(fields))
    return await keep_revision(connection, row, fields, saver)


async def get(connection: asyncpg.Connection, workflow_id: UUID, *, lock: bool = False) -> StoredWorkflow | None:
    """The workflow, or None; with `lock`, kept from changing until the caller's transaction ends."""
    query = load("workflows").lock_workflow if lock else load("workflows").get_workflow
    row = await query(connection, workflow_id=workflow_id)
    return as_stored(row) if row is not None else None


async def publish(
    connection: asyncpg.Connection, workflow_id: UUID, revision: int, workflow: Workflow
) -> StoredWorkflow:
    """Make a revision the one that runs, with what those need of it who never read it as a whole."""
    settings = workflow.settings
    guard = Guard.of(settings)
    row = await load("workflows").publish_workflow(
        connection,
        workflow_id=workflow_id,
        revision=revision,
        max_concurrent=settings.max_concurrent,
        max_per_minute=settings.max_per_minute,
        error_workflow=settings.error_workflow,
        priority=settings.priority,
        licence_features=licence_features(workflow),
        guard=None if guard is None else encode_json(guard.to_json()),
        trigger_priorities=encode_json(dict(settings.trigger_priorities)),
        trigger_nodes=[node.id for node in workflow.nodes if node.type.startswith(TRIGGER) and not node.disabled],
    )
    return as_stored(row)


async def archive(connection: asyncpg.Connection, workflow_id: UUID) -> StoredWorkflow:
    """Take the workflow out of use; its executions stay readable."""
    return as_stored(await load("workflows").archive_workflow(connection, workflow_id=workflow_id))


async def withdraw(connection: asyncpg.Connection, workflow_id: UUID) -> StoredWorkflow:
    """Make it a draft of which nothing runs."""
    return as_stored(await load("workflows").withdraw_workflow(connection, workflow_id=workflow_id))


async def organise(connection: asyncpg.Connection, workflow_id: UUID, changes: Changes) -> StoredWorkflow:
    """Change what is about the workflow, and makes no revision."""
    row = await load("workflows").organise_workflow(
        connection,
        workflow_id=workflow_id,
        enabled=changes.enabled,
        tags=None if changes.tags is None else list(changes.tags),
        folder=changes.folder,
    )
    return as_stored(row)


async def get_revision(connection: asyncpg.Connection, workflow_id: UUID, revision: int) -> JsonObject | None:
    """The definition as it was saved under that number."""
    definition: JsonObject | None = await load("workflows").get_revision(
        connection, workflow_id=workflow_id, revision=revision
    )
    return definition


def columns(fields: WorkflowFields) -> dict[str, Any]:
    """The columns that a save writes."""
    definition = fields.definition
    return {
        "name": definition["name"],
        "description": definition.get("description", ""),
        "entity_id": fields.entity_id,
        "community_id": fields.community_id or 0,
        "version": fields.version,
        "enabled": fields.enabled,
        "tags": None if fields.tags is None else list(fields.tags),
        "folder": fields.folder,
        "nodes": encode_json(definition["nodes"]),
        "connections": encode_json(definition.get("connections", [])),
        "global_variables": encode_json(definition.get("global_variables", {})),
        "settings": encode_json(definition.get("settings", {})),
        "annotations": encode_json(definition["annotations"]) if "annotations" in definition else None,
    }


async def vouch(connection: asyncpg.Connection, header: WorkflowHeader, reach: Reach) -> None:
    """Let the published revision reach what whoever published it reaches, besides who saved it."""
    await load("workflows").vouch(
        connection,
        workflow_id=header.workflow_id,
        revision=header.published_revision,
        reaches_author=reach.author,
        reaches_community=reach.community,
    )


async def keep_revision(
    connection: asyncpg.Connection, row: asyncpg.Record, fields: WorkflowFields, saver: Saver
) -> StoredWorkflow:
    """Keep the definition under the number that the row has now."""
    await load("workflows").insert_revision(
        connection,
        workflow_id=row["workflow_id"],
        revision=row["revision"],
        definition=encode_json(fields.definition),
        reaches_author=saver.reach.author,
        reaches_community=saver.reach.community,
        message=fields.message,
        saved_by=saver.user_id,
        saved_by_name=saver.name,
    )
    return as_stored(row)


def as_stored(row: asyncpg.Record) -> StoredWorkflow:
    """A full row as a value."""
    definition: dict[str, Json] = {
        "name": row["name"],
        "description": row["description"] or "",
        "nodes": row["nodes"],
        "connections": row["connections"],
        "global_variables": row["global_variables"],
        "settings": row["settings"],
    }
    if row["annotations"] is not None:
        definition["annotations"] = row["annotations"]
    return StoredWorkflow(as_header({**row, "node_count": len(row["nodes"])}), definition)


def as_header(row: Mapping[str, Any]) -> WorkflowHeader:
    """A row of a list as a value."""
    return WorkflowHeader(
        **{name: row[name] for name in WorkflowHeader.__slots__ if name != "description"},
        description=row["description"] or "",
    )
