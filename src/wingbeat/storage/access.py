"""Whose things are, as the database knows it, and what a caller sees of many, as SQL. The rule is `core.access`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.core.access import Grant, Ownership, Permission, with_view
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal

GRANTS = {
    "can_view": Permission.VIEW,
    "can_edit": Permission.EDIT,
    "can_delete": Permission.DELETE,
    "can_execute": Permission.EXECUTE,
}
# What grants a permission: who may change a thing sees it.
GRANTED_BY = {
    Permission.VIEW: "(p.can_view OR p.can_edit OR p.can_delete)",
    Permission.EDIT: "p.can_edit",
    Permission.DELETE: "p.can_delete",
    Permission.EXECUTE: "p.can_execute",
}


# With so many workflows, one finds enough for a page soon by reading a list from its end; more are needed where the
# list is sifted by something else too, which those workflows may have little of.
MANY, MANY_WHEN_SIFTED = 100, 1000


class ExecutionOwnership(NamedTuple):
    """Whose an execution is: its workflow's, and who started it."""

    workflow_id: UUID
    started_by: int
    ownership: Ownership


class Condition(NamedTuple):
    """A condition of SQL and its arguments, which are numbered from where the caller said."""

    sql: str
    arguments: tuple[object, ...]


async def read_workflow_ownership(
    connection: asyncpg.Connection, principal: Principal, workflow_id: UUID
) -> Ownership | None:
    """Whose a workflow is, with what is granted to this caller; None if there is none."""
    row = await load("access").read_workflow_ownership(
        connection,
        workflow_id=workflow_id,
        user_id=principal.user_id,
        roles=list(principal.roles),
        communities=principal.member_of(),
    )
    return None if row is None else as_ownership(row)


async def read_workflow_ownerships(
    connection: asyncpg.Connection, principal: Principal, workflow_ids: Collection[UUID]
) -> dict[UUID, Ownership]:
    """Whose some workflows are, as `read_workflow_ownership` tells it of one."""
    rows = await load("access").read_workflow_ownerships(
        connection,
        workflow_ids=list(workflow_ids),
        user_id=principal.user_id,
        roles=list(principal.roles),
        communities=principal.member_of(),
    )
    return {row["workflow_id"]: as_ownership(row) for row in rows}


async def read_execution_ownership(
    connection: asyncpg.Connection, principal: Principal, execution_id: UUID
) -> ExecutionOwnership | None:
    """Whose an execution is, with what of its workflow is granted to this caller; None if there is none."""
    row = await load("access").read_execution_ownership(
        connection,
        execution_id=execution_id,
        user_id=principal.user_id,
        roles=list(principal.roles),
        communities=principal.member_of(),
    )
    return None if row is None else ExecutionOwnership(row["workflow_id"], row["started_by"], as_ownership(row))


def as_grant(row: Mapping[str, Any]) -> Grant:
    """A row of `workflow_permissions` as a value."""
    permissions = frozenset(permission for column, permission in GRANTS.items() if row[column])
    return Grant(permissions, row["user_id"], row["role"], row["community_id"])


def as_ownership(row: asyncpg.Record) -> Ownership:
    """A row as a value."""
    granted = frozenset(permission for column, permission in GRANTS.items() if row[column])
    return Ownership(row["author_id"], row["community_id"], granted)


def allowed_workflows(
    principal: Principal,
    permission: Permission = Permission.VIEW,
    *,
    first_argument: int,
    table: str = "workflows",
) -> Condition:
    """The condition that a row of `workflows` (or of an alias of it) is one that the caller may do this with."""
    if permission not in with_view(principal.scopes):
        return Condition("false", ())
    if principal.unrestricted:
        return Condition("true", ())
    by_role, user, roles, members = (f"${first_argument + number}" for number in range(4))
    # Put together from constants of this module, and names that its callers spell out.
    granted = (
        f"SELECT p.workflow_id FROM workflow_permissions p WHERE {GRANTED_BY[permission]} AND"  # noqa: S608
        f" (p.user_id = {user} OR p.role = ANY({roles}::text[]) OR p.community_id = ANY({members}::int[]))"
    )
    sql = (
        f"({table}.author_id = nullif({user}::int, 0) OR {table}.community_id = ANY({by_role}::int[])"
        f" OR {table}.workflow_id IN ({granted}))"
    )
    arguments = (
        principal.communities_with(permission),
        principal.user_id,
        list(principal.roles),
        principal.member_of(),
    )
    return Condition(sql, arguments)


def visible_executions(
    principal: Principal, *, first_argument: int, table: str = "workflow_executions", many: bool = False
) -> Condition:
    """The condition that a row of `workflow_executions` (or of an alias of it) is one that the caller may see.

    With `many`, it is for a list in the order of its index, of which the caller sees a good part.
    """
    workflows = of_visible_workflow(principal, first_argument=first_argument, table=table, many=many)
    if not workflows.arguments:
        return workflows
    user = f"${first_argument + 1}"
    return workflows._replace(sql=f"({table}.started_by = nullif({user}::int, 0) OR {workflows.sql})")


def of_visible_workflow(principal: Principal, *, first_argument: int, table: str, many: bool = False) -> Condition:
    """The condition that a row of a table is of a workflow that the caller may see; `many` as above."""
    workflows = allowed_workflows(principal, first_argument=first_argument, table="w")
    if not workflows.arguments:
        return workflows
    theirs = f"SELECT w.workflow_id FROM workflows w WHERE {workflows.sql}"  # noqa: S608 - put together above
    if many:
        # Row by row from the end of the list: soon there are enough for a page.
        return workflows._replace(sql=f"{table}.workflow_id IN ({theirs})")
    # An array, so that an index can look for all of them; what it finds is sorted as a whole.
    return workflows._replace(sql=f"{table}.workflow_id = ANY(ARRAY({theirs}))")


async def sees_many(connection: asyncpg.Connection, principal: Principal, *, sifted: bool) -> bool:
    """Whether the caller sees so many workflows that a list is better read in its order than by workflow."""
    least = MANY_WHEN_SIFTED if sifted else MANY
    allowed = allowed_workflows(principal, first_argument=2)
    if not allowed.arguments:
        return False
    statement = f"SELECT count(*) FROM (SELECT FROM workflows WHERE {allowed.sql} LIMIT $1) AS seen"  # noqa: S608
    return int(await connection.fetchval(statement, least, *allowed.arguments)) == least


async def select_workflows(
    connection: asyncpg.Connection, principal: Principal, ids: Collection[UUID], permission: Permission
) -> set[UUID]:
    """Those among these workflows that the caller may do this with."""
    allowed = allowed_workflows(principal, permission, first_argument=2)
    statement = f"SELECT workflow_id FROM workflows WHERE workflow_id = ANY($1::uuid[]) AND {allowed.sql}"  # noqa: S608
    return {row["workflow_id"] for row in await connection.fetch(statement, list(ids), *allowed.arguments)}
