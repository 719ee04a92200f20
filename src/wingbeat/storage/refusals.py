"""The record of what callers were refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.access import Denied
from wingbeat.storage.audit import AuditEvent, Category, write

if TYPE_CHECKING:
    import asyncpg

    from wingbeat.core.access import Hidden, Principal


async def record_refusal(connection: asyncpg.Connection, principal: Principal, refused: Hidden | Denied) -> None:
    """Note who tried what. Of one who may see everything, what is not there is a mistake, and no attempt."""
    if principal.unrestricted and not isinstance(refused, Denied):
        return
    attempt = refused.attempt
    await write(
        connection,
        AuditEvent(
            Category.AUTHZ,
            f"{attempt.object_type}.{attempt.permission.value}",
            attempt.object_type,
            attempt.object_id,
            actor=principal.name,
            result=refused.code,
        ),
    )
