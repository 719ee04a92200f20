"""The record of who did what, to what, and how it went. Written and never changed; no secret is ever part of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import JsonObject


class Category(StrEnum):
    """What an entry is about."""

    AUTH = "AUTH"
    AUTHZ = "AUTHZ"
    AUDIT = "AUDIT"
    ERROR = "ERROR"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One entry. `action` is like `connection.use`; `result` is `success`, or the code of what stood against it."""

    category: Category
    action: str
    object_type: str
    object_id: str
    actor: str = ""
    community_id: int = 0
    execution_id: UUID | None = None
    node_id: str | None = None
    result: str = "success"
    detail: JsonObject = field(default_factory=dict)


async def write(connection: asyncpg.Connection, event: AuditEvent) -> None:
    """Add an entry, within the caller's transaction if there is one."""
    await load("audit").insert_event(
        connection,
        audit_id=new_id(),
        category=event.category.value,
        action=event.action,
        actor=event.actor,
        community_id=event.community_id,
        object_type=event.object_type,
        object_id=event.object_id,
        execution_id=event.execution_id,
        node_id=event.node_id,
        result=event.result,
        detail=encode_json(event.detail),
    )
