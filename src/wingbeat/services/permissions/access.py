"""The loader's first half: whether a caller may do something with a thing. Every use case asks here before it acts.

What is refused is recorded when the transaction of the caller ends (`Database.scoped`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.core.access import (
    ON_A_THING,
    Attempt,
    Denied,
    Hidden,
    Permission,
    may_own,
    owns,
    permissions_on,
    permissions_on_execution,
)
from wingbeat.storage import access as rows

if TYPE_CHECKING:
    import asyncpg

    from wingbeat.core.access import Principal

WHAT = {
    Permission.VIEW: "see",
    Permission.EDIT: "change",
    Permission.DELETE: "delete",
    Permission.EXECUTE: "run",
    Permission.SERVICE: "administer",
}
NOTHING: frozenset[Permission] = frozenset()


class Kind(NamedTuple):
    """A kind of thing: its name, and what a missing one answers."""

    name: str
    code: str
    remedy: str


WORKFLOW = Kind("workflow", "WORKFLOW_NOT_FOUND", "List the workflows to find its id.")
EXECUTION = Kind("execution", "EXECUTION_NOT_FOUND", "List the executions of its workflow to find its id.")


class Allowed(NamedTuple):
    """What the caller may do with an execution, and the workflow that it is of."""

    permissions: frozenset[Permission]
    workflow_id: UUID


async def require(
    connection: asyncpg.Connection, principal: Principal, workflow_id: UUID, permission: Permission
) -> frozenset[Permission]:
    """Make sure that the caller may do this with the workflow; gives all that it may do.

    Raises:
        NotFound: there is no such workflow, or the caller may not even see it: the two answer alike.
        Forbidden: `PERMISSION_DENIED`, it may see it, but not do this.
    """
    ownership = await rows.read_workflow_ownership(connection, principal, workflow_id)
    allowed = permissions_on(principal, ownership) if ownership is not None else NOTHING
    return decide(allowed, permission, WORKFLOW, workflow_id)


async def require_execution(
    connection: asyncpg.Connection, principal: Principal, execution_id: UUID, permission: Permission
) -> Allowed:
    """Make sure that the caller may do this with the execution: through its workflow, or having started it.

    Raises:
        NotFound: there is no such execution, or the caller may not even see it: the two answer alike.
        Forbidden: `PERMISSION_DENIED`, it may see it, but not do this.
    """
    found = await rows.read_execution_ownership(connection, principal, execution_id)
    if found is None:
        raise missing(EXECUTION, execution_id, permission)
    allowed = permissions_on_execution(principal, found.ownership, found.started_by)
    return Allowed(decide(allowed, permission, EXECUTION, execution_id), found.workflow_id)


async def require_ownership(connection: asyncpg.Connection, principal: Principal, workflow_id: UUID) -> None:
    """Make sure that the caller may say who else may do what with the workflow.

    Raises:
        NotFound, Forbidden: as `require`.
    """
    ownership = await rows.read_workflow_ownership(connection, principal, workflow_id)
    allowed = permissions_on(principal, ownership) if ownership is not None else NOTHING
    decide(allowed, Permission.VIEW, WORKFLOW, workflow_id)
    if ownership is None or not owns(principal, ownership):
        raise Denied(
            "Only its author and the administrators of its community may say who may do what with this workflow.",
            remedy="Ask one of them.",
            attempt=Attempt(Permission.EDIT, "workflow grants", str(workflow_id)),
        )


def require_community(principal: Principal, community_id: int) -> None:
    """Make sure that the caller may make things that belong to a community; whether there is one is not told.

    Raises:
        Forbidden: `PERMISSION_DENIED`.
    """
    if may_own(principal, community_id):
        return
    where = f"for the community {community_id}" if community_id else "of one's own without being a user"
    raise Denied(
        f"You may not make things {where}.",
        remedy="Name a community in which you are an editor or administrator, or leave community_id out.",
        attempt=Attempt(Permission.EDIT, "community", str(community_id)),
    )


def decide(
    allowed: frozenset[Permission], permission: Permission, kind: Kind, object_id: object
) -> frozenset[Permission]:
    """Let pass who is allowed this, and to see the thing; gives back what is allowed.

    Raises:
        NotFound, Forbidden: as `require`.
    """
    if Permission.VIEW not in allowed:
        raise missing(kind, object_id, permission)
    if permission not in allowed:
        raise denied(kind.name, permission, object_id)
    return allowed & ON_A_THING


def missing(kind: Kind, object_id: object, permission: Permission = Permission.VIEW) -> Hidden:
    """What a missing thing answers, and a foreign one."""
    return Hidden(
        f"There is no {kind.name} {object_id}.",
        code=kind.code,
        remedy=kind.remedy,
        attempt=Attempt(permission, kind.name, str(object_id)),
    )


def workflow_not_found(workflow_id: UUID) -> Hidden:
    """What a missing workflow answers, and a foreign one."""
    return missing(WORKFLOW, workflow_id)


def denied(what: str, permission: Permission, object_id: object = "") -> Denied:
    """What somebody hears who may see a thing, but not do this with it."""
    return Denied(
        f"You may see this {what}, but not {WHAT[permission]} it.",
        remedy=f"Ask its author, or an administrator of its community, for the right to {WHAT[permission]} it.",
        attempt=Attempt(permission, what, str(object_id)),
    )
