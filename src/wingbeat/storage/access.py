"""Whose things are, as the database knows it; the rule what follows from that is `core.access`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.access import Ownership, Permission
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal

GRANTS = {
    "can_view": Permission.VIEW,
    "can_edit": Permission.EDIT,
    "can_delete": Permission.DELETE,
    "can_execute": Permission.EXECUTE,
}


async def read_workflow_ownership(
    connection: asyncpg.Connection, principal: Principal, workflow_id: UUID
) -> Ownership | None:
    """Whose a workflow is, with what is granted to this caller; None if there is none."""
    row = await load("access").read_workflow_ownership(
        connection,
        workflow_id=workflow_id,
        user_id=principal.user_id,
        communities=list(principal.communities),
    )
    if row is None:
        return None
    granted = frozenset(permission for column, permission in GRANTS.items() if row[column])
    return Ownership(row["author_id"], row["community_id"], granted)
