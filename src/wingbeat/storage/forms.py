"""Rows of forms that start workflows, and of what was sent. What a form asks for is read elsewhere."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import JsonObject

TOKEN_BYTES = 24


class FormDefinition(NamedTuple):
    """The form of one trigger: the parameters of its node."""

    node_id: str
    definition: JsonObject


def new_token() -> str:
    """An address that nobody guesses."""
    return secrets.token_urlsafe(TOKEN_BYTES)


async def replace(connection: asyncpg.Connection, workflow_id: UUID, wanted: Sequence[FormDefinition]) -> None:
    """Let a workflow show these forms and no others; in the caller's transaction. Each keeps its address."""
    statements = load("forms")
    await statements.withdraw(connection, workflow_id=workflow_id, nodes=[one.node_id for one in wanted])
    if wanted:
        await statements.keep(
            connection,
            ids=[new_id() for _ in wanted],
            tokens=[new_token() for _ in wanted],
            workflow_id=workflow_id,
            nodes=[one.node_id for one in wanted],
            definitions=[encode_json(one.definition) for one in wanted],
        )


async def forget(connection: asyncpg.Connection, before: datetime) -> None:
    """Forget what was sent before a time, and who sent it; forms stay."""
    await load("forms").forget_submissions(connection, before=before)
    await load("forms").forget_visits(connection)
