"""The loader's first half: whether a caller may do something with a thing. Every use case asks here before it acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.access import Permission, permissions_on
from wingbeat.core.errors import Forbidden, NotFound
from wingbeat.storage import access as rows

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal

WHAT = {
    Permission.VIEW: "see",
    Permission.EDIT: "change",
    Permission.DELETE: "delete",
    Permission.EXECUTE: "run",
    Permission.SERVICE: "administer",
}


async def require(
    connection: asyncpg.Connection, principal: Principal, workflow_id: UUID, permission: Permission
) -> frozenset[Permission]:
    """Make sure that the caller may do this with the workflow; gives all that it may do.

    Raises:
        NotFound: there is no such workflow, or the caller may not even see it: the two answer alike.
        Forbidden: `PERMISSION_DENIED`, it may see it, but not do this.
    """
    ownership = await rows.read_workflow_ownership(connection, principal, workflow_id)
    allowed = permissions_on(principal, ownership) if ownership is not None else frozenset()
    if Permission.VIEW not in allowed and permission not in allowed:
        raise workflow_not_found(workflow_id)
    if permission not in allowed:
        raise denied("workflow", permission)
    return allowed


def workflow_not_found(workflow_id: UUID) -> NotFound:
    """What a missing workflow answers, and a foreign one."""
    return NotFound(
        f"There is no workflow {workflow_id}.",
        code="WORKFLOW_NOT_FOUND",
        remedy="List the workflows to find its id.",
    )


def denied(what: str, permission: Permission) -> Forbidden:
    """What somebody hears who may see a thing, but not do this with it."""
    return Forbidden(
        f"You may see this {what}, but not {WHAT[permission]} it.",
        code="PERMISSION_DENIED",
        remedy=f"Ask its author, or an administrator of its community, for the right to {WHAT[permission]} it.",
    )
