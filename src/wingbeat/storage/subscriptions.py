"""Rows of triggers that listen to events and commands. What a trigger listens to is read out of it by the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wingbeat.storage.encoding import encode_json
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import JsonObject

EVENT = "event"
COMMAND = "command"


class Subscription(NamedTuple):
    """What one trigger listens to, under one key; `names` are the values that its filter sees."""

    node_id: str
    kind: str
    key: str
    pattern: str
    platforms: tuple[str, ...]
    filter: str | None
    names: JsonObject


class Behind(NamedTuple):
    """A published workflow whose triggers have no rows as they are made now."""

    revision: int
    definition: JsonObject


async def replace(connection: asyncpg.Connection, workflow_id: UUID, wanted: Sequence[Subscription]) -> None:
    """Let a workflow listen to this and nothing else; in the caller's transaction."""
    statements = load("subscriptions")
    await statements.forget(connection, workflow_id=workflow_id)
    if wanted:
        await statements.insert(
            connection,
            workflow_id=workflow_id,
            nodes=[one.node_id for one in wanted],
            kinds=[one.kind for one in wanted],
            keys=[one.key for one in wanted],
            patterns=[one.pattern for one in wanted],
            platforms=[encode_json(list(one.platforms)) for one in wanted],
            filters=[one.filter for one in wanted],
            names=[encode_json(one.names) for one in wanted],
        )


async def find_behind(connection: asyncpg.Connection, row_format: int, after: UUID, most: int) -> list[UUID]:
    """The next published workflows whose triggers are not in line, in the order of their ids."""
    rows = await load("subscriptions").find_behind(connection, format=row_format, after=after, most=most)
    return [row["workflow_id"] for row in rows]


async def read_behind(connection: asyncpg.Connection, workflow_id: UUID, row_format: int) -> Behind | None:
    """One of them, locked until the caller's transaction ends; None if it is in line, or somebody is at it."""
    row = await load("subscriptions").read_behind(connection, workflow_id=workflow_id, format=row_format)
    return None if row is None else Behind(row["published_revision"], row["definition"])


async def note_in_line(connection: asyncpg.Connection, workflow_id: UUID, row_format: int) -> None:
    """Note that the rows are those of the revision that is published now."""
    await load("subscriptions").note_in_line(connection, workflow_id=workflow_id, format=row_format)


class Listens(NamedTuple):
    """What a trigger of a published revision listens to, and what it started last.

    `pattern` is that of an event, or a command's prefix, with which `keys` are its name and aliases.
    """

    node_id: str
    kind: str
    name: str
    pattern: str
    keys: list[str]
    platforms: list[str]
    filter: str | None
    last_execution_id: UUID | None
    last_started_at: datetime | None


async def list_of_workflow(connection: asyncpg.Connection, workflow_id: UUID, latest: int) -> list[Listens]:
    """One for each of its triggers that listen; what they started is looked for among its latest executions."""
    rows = await load("subscriptions").list_of_workflow(connection, workflow_id=workflow_id, latest=latest)
    return [Listens(*row) for row in rows]
