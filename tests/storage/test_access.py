"""The forms of the one rule agree: the pure function, the conditions of lists, and the policies of the database."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import pytest

from wingbeat.core.access import (
    ON_A_THING,
    CommunityRole,
    Grant,
    Ownership,
    Permission,
    Principal,
    PrincipalKind,
    granted_to,
    permissions_on,
    permissions_on_execution,
)
from wingbeat.core.errors import WingbeatError
from wingbeat.services.permissions import access
from wingbeat.storage.access import (
    GRANTS,
    allowed_workflows,
    of_visible_workflow,
    sees_many,
    select_workflows,
    visible_executions,
)
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import Database
from wingbeat.storage.roles import SCOPED

USERS, COMMUNITIES, ROLES = range(4), range(4), ("one", "two")
WORKFLOWS, CALLERS = 40, 40
VIEW, EDIT, DELETE, EXECUTE = Permission.VIEW, Permission.EDIT, Permission.DELETE, Permission.EXECUTE


@dataclass(frozen=True)
class Facts:
    """What there is: whose each workflow is with what is granted on it, and who started its execution."""

    workflows: Mapping[UUID, tuple[Ownership, list[Grant]]]
    executions: Mapping[UUID, tuple[UUID, int]]

    def workflow(self, principal: Principal, workflow_id: UUID) -> frozenset[Permission]:
        """What the rule says."""
        ownership, grants = self.workflows[workflow_id]
        return permissions_on(principal, self._as_seen(principal, ownership, grants))

    def execution(self, principal: Principal, execution_id: UUID) -> frozenset[Permission]:
        """What the rule says."""
        workflow_id, started_by = self.executions[execution_id]
        ownership = self._as_seen(principal, *self.workflows[workflow_id])
        return permissions_on_execution(principal, ownership, started_by)

    @staticmethod
    def _as_seen(principal: Principal, ownership: Ownership, grants: list[Grant]) -> Ownership:
        return Ownership(ownership.author_id, ownership.community_id, granted_to(principal, grants))

    def workflows_with(self, principal: Principal, *wanted: Permission) -> set[UUID]:
        """The workflows with which the caller may do all of these."""
        return {one for one in self.workflows if {*wanted} <= self.workflow(principal, one)}

    def executions_with(self, principal: Principal, *wanted: Permission) -> set[UUID]:
        """The same for executions."""
        return {one for one in self.executions if {*wanted} <= self.execution(principal, one)}


def some(chance: random.Random, values: frozenset[Permission]) -> frozenset[Permission]:
    """Any part of them."""
    return frozenset(one for one in sorted(values) if chance.random() < 0.5)


def any_principal(chance: random.Random) -> Principal:
    """Any caller: sometimes nobody, sometimes in the community that is nobody's, sometimes narrowed."""
    communities = {community: chance.choice(list(CommunityRole)).value for community in COMMUNITIES}
    return Principal(
        PrincipalKind.USER,
        chance.choice(USERS),
        "somebody",
        frozenset(role for role in ROLES if chance.random() < 0.3),
        {community: role for community, role in communities.items() if chance.random() < 0.4},
        ON_A_THING if chance.random() < 0.6 else some(chance, ON_A_THING),
        unrestricted=chance.random() < 0.05,
    )


@pytest.fixture
async def facts(database: Database) -> Facts:
    """Workflows of all sorts of owners with all sorts of grants, each with an execution and a webhook."""
    chance = random.Random(7)  # noqa: S311 - the same each time
    workflows: dict[UUID, tuple[Ownership, list[Grant]]] = {}
    executions: dict[UUID, tuple[UUID, int]] = {}
    async with database.pool.acquire() as connection, connection.transaction():
        for _ in range(WORKFLOWS):
            workflow_id, execution_id = new_id(), new_id()
            ownership = Ownership(chance.choice(USERS), chance.choice(COMMUNITIES))
            grants = [any_grant(chance) for _ in range(chance.choice([0, 0, 1, 3]))]
            grants = list({(one.user_id, one.role, one.community_id): one for one in grants}.values())
            workflows[workflow_id] = ownership, grants
            executions[execution_id] = workflow_id, chance.choice(USERS)
            await put(connection, workflow_id, ownership, grants)
            await connection.execute(
                "INSERT INTO workflow_executions (execution_id, workflow_id, started_by, revision, status,"
                " trigger_node_id) VALUES ($1, $2, $3, 1, 'pending', 'a')",
                execution_id,
                *executions[execution_id],
            )
    return Facts(workflows, executions)


def any_grant(chance: random.Random) -> Grant:
    """Something for somebody, which may be nothing."""
    permissions = some(chance, ON_A_THING)
    grantee = chance.choice(("user_id", "role", "community_id"))
    if grantee == "role":
        return Grant(permissions, role=chance.choice(ROLES))
    who = chance.choice(USERS[1:])
    return Grant(permissions, who) if grantee == "user_id" else Grant(permissions, community_id=who)


async def put(connection: asyncpg.Connection, workflow_id: UUID, ownership: Ownership, grants: list[Grant]) -> None:
    """Put in a workflow with its grants and a schedule."""
    await connection.execute(
        "INSERT INTO workflows (workflow_id, name, nodes, connections, author_id, community_id)"
        " VALUES ($1, 'w', '[]', '[]', $2, $3)",
        workflow_id,
        ownership.author_id,
        ownership.community_id,
    )
    await connection.execute(
        "INSERT INTO workflow_schedules (schedule_id, workflow_id, name, cron_expression)"
        " VALUES ($1, $2, 's', '@daily')",
        new_id(),
        workflow_id,
    )
    for grant in grants:
        await connection.execute(
            "INSERT INTO workflow_permissions (workflow_id, user_id, role, community_id,"
            " can_view, can_edit, can_delete, can_execute) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            workflow_id,
            grant.user_id,
            grant.role,
            grant.community_id,
            *(permission in grant.permissions for permission in GRANTS.values()),
        )


def callers() -> list[Principal]:
    """The same callers each time."""
    chance = random.Random(11)  # noqa: S311 - the same each time
    return [any_principal(chance) for _ in range(CALLERS)]


async def test_the_conditions_of_lists_say_what_the_rule_says(database: Database, facts: Facts) -> None:
    """For every caller, permission and workflow, and for executions."""
    async with database.pool.acquire() as connection:
        for principal in callers():
            for permission in ON_A_THING:
                expected = facts.workflows_with(principal, permission)
                assert expected == await select_workflows(connection, principal, list(facts.workflows), permission)
            for many in (False, True):
                visible = visible_executions(principal, first_argument=1, many=many)
                found = await connection.fetch(
                    f"SELECT execution_id FROM workflow_executions WHERE {visible.sql}",  # noqa: S608 - ours
                    *visible.arguments,
                )
                assert facts.executions_with(principal, VIEW) == {row["execution_id"] for row in found}
                of = of_visible_workflow(principal, first_argument=1, table="s", many=many)
                statement = f"SELECT workflow_id FROM workflow_schedules s WHERE {of.sql}"  # noqa: S608 - ours
                of_workflows = {row["workflow_id"] for row in await connection.fetch(statement, *of.arguments)}
                assert facts.workflows_with(principal, VIEW) == of_workflows


async def test_who_sees_much_is_told_from_who_sees_little(
    database: Database, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By how many workflows a caller sees; who sees everything needs no condition to be chosen."""
    monkeypatch.setattr("wingbeat.storage.access.MANY", 3)
    monkeypatch.setattr("wingbeat.storage.access.MANY_WHEN_SIFTED", 8)
    found = set()
    async with database.pool.acquire() as connection:
        for principal in callers():
            seen = 0 if principal.unrestricted else len(facts.workflows_with(principal, VIEW))
            told = [await sees_many(connection, principal, sifted=sifted) for sifted in (False, True)]
            assert [seen >= 3, seen >= 8] == told
            found.add(tuple(told))
    assert {(False, False), (True, False), (True, True)} == found


async def test_the_loader_says_what_the_rule_says(database: Database, facts: Facts) -> None:
    """What may not even be seen is missing, whatever else may be done with it."""
    async with database.pool.acquire() as connection:
        for principal in callers()[:12]:
            for permission in ON_A_THING:
                allowed = {
                    one
                    for one in facts.workflows
                    if await passes(access.require(connection, principal, one, permission))
                }
                assert facts.workflows_with(principal, permission, VIEW) == allowed
                steered = {
                    one
                    for one in facts.executions
                    if await passes(access.require_execution(connection, principal, one, permission))
                }
                assert facts.executions_with(principal, permission, VIEW) == steered


async def passes(asked: object) -> bool:
    """Whether the loader lets it pass."""
    try:
        await asked  # type: ignore[misc] # a coroutine
    except WingbeatError:
        return False
    return True


async def test_the_database_says_what_the_rule_says(database: Database, facts: Facts) -> None:
    """Statements that forget to ask whose a row is find no row of others, and change none."""
    statements = {
        "SELECT workflow_id FROM workflows": (VIEW,),
        "SELECT workflow_id FROM workflow_schedules": (VIEW,),
        "UPDATE workflow_schedules SET name = name RETURNING workflow_id": (VIEW, EDIT),
        "DELETE FROM workflow_schedules RETURNING workflow_id": (VIEW, EDIT),
    }
    for principal in (one for one in callers() if not one.unrestricted):
        for statement, wanted in statements.items():
            assert facts.workflows_with(principal, *wanted) == await first_column(database, principal, statement)
        changed = await first_column(database, principal, "UPDATE workflows SET name = name RETURNING workflow_id")
        either = facts.workflows_with(principal, EDIT) | facts.workflows_with(principal, DELETE)
        assert either & facts.workflows_with(principal, VIEW) == changed
        seen = await first_column(database, principal, "SELECT execution_id FROM workflow_executions")
        assert facts.executions_with(principal, VIEW) == seen
        held = await first_column(database, principal, "SELECT execution_id FROM workflow_executions FOR UPDATE")
        assert facts.executions_with(principal, VIEW, EXECUTE) == held


async def first_column(database: Database, principal: Principal, statement: str) -> set[UUID]:
    """What a statement finds for a caller; what it changed is undone."""
    async with database.scoped(principal) as connection:
        undone = connection.transaction()
        await undone.start()
        found = {row[0] for row in await connection.fetch(statement)}
        await undone.rollback()
    return found


async def test_nobody_makes_anything_that_is_not_theirs(database: Database, facts: Facts) -> None:
    """Neither for others, nor in communities where they may make nothing, nor by handing it over."""
    principal = Principal(PrincipalKind.USER, 3, communities={1: "editor", 2: "viewer"})
    insert = (
        "INSERT INTO workflows (workflow_id, name, nodes, connections, author_id, community_id)"
        " VALUES (gen_random_uuid(), 'w', '[]', '[]', $1, $2)"
    )
    for author, community, passes_wall in ((3, 0, True), (3, 1, True), (3, 2, False), (2, 0, False), (2, 1, False)):
        assert passes_wall == await tolerated(database, principal, insert, author, community)
    foreign = next(iter(facts.workflows.keys() - facts.workflows_with(principal, EDIT)))
    for statement in (
        "INSERT INTO workflow_revisions (workflow_id, revision, definition) VALUES ($1, 9, '{}')",
        "INSERT INTO workflow_permissions (workflow_id, user_id, can_view) VALUES ($1, 3, true)",
        "DELETE FROM workflows WHERE workflow_id = $1",
    ):
        assert not await tolerated(database, principal, statement, foreign)


async def tolerated(database: Database, principal: Principal, statement: str, *arguments: object) -> bool:
    """Whether the database lets a caller's statement pass."""
    try:
        async with database.scoped(principal) as connection:
            await connection.execute(statement, *arguments)
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True


async def test_every_table_that_callers_reach_is_behind_the_wall(database: Database) -> None:
    """A table that is granted to them has policies for all that is granted; the others they cannot even read."""
    rows = await database.pool.fetch(
        "SELECT c.relname, c.relrowsecurity,"
        " ARRAY(SELECT p.polcmd::text FROM pg_policy p WHERE p.polrelid = c.oid) AS has,"
        " ARRAY(SELECT word FROM unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS word"
        "       WHERE has_table_privilege($1, c.oid, word)) AS granted"
        " FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relnamespace = 'public'::regnamespace",
        SCOPED,
    )
    letters = {"SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}
    open_tables = [
        (row["relname"], word)
        for row in rows
        for word in row["granted"]
        if not (row["relrowsecurity"] and {letters[word], "*"} & set(row["has"]))
    ]
    assert [] == open_tables
    assert {"workflows", "workflow_executions"} <= {row["relname"] for row in rows if row["granted"]}
    assert not {"users", "connector_secrets", "pgqueuer"} & {row["relname"] for row in rows if row["granted"]}


def test_a_condition_without_anything_to_ask_has_no_arguments() -> None:
    """Those who may do everything are not asked, and those whose scopes lack it get nothing."""
    everything = Principal(PrincipalKind.SERVICE, unrestricted=True)
    nothing = Principal(PrincipalKind.USER, 1, scopes=frozenset())
    assert ("true", ()) == allowed_workflows(everything, first_argument=1)
    assert ("false", ()) == allowed_workflows(nothing, first_argument=1)
