"""Transactions of callers: what the database knows of the caller, for how long, and what it lets the caller do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from wingbeat.core.access import SERVICE, Hidden, Permission, Principal, PrincipalKind
from wingbeat.core.errors import PlatformError
from wingbeat.core.json_value import JsonObject
from wingbeat.services.permissions.access import WORKFLOW, missing
from wingbeat.storage import workflows
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.migrate import migrate
from wingbeat.storage.pool import Database
from wingbeat.storage.roles import SCOPED, ensure_scoped_role
from wingbeat.storage.scoping import as_engine
from wingbeat.storage.workflows import WorkflowFields

DEFINITION: JsonObject = {"name": "one", "nodes": [{"id": "start", "type": "trigger.manual"}], "connections": []}
HOSTILE = "a'b\"c\\d{e},f\u00e9$$;--"
ANN = Principal(
    PrincipalKind.USER, 7, "ann", roles=frozenset({HOSTILE, "plain"}), communities={3: "viewer", 4: "member"}
)


async def test_the_database_knows_the_caller_until_the_transaction_ends(database: Database) -> None:
    """Names come through whatever is in them; the next one on the same connection is nobody, and the owner again."""
    async with database.scoped(ANN) as connection:
        told = await connection.fetchrow(
            "SELECT current_user, wingbeat_user(), wingbeat_roles(), wingbeat_communities('view'),"
            " wingbeat_communities('member'), wingbeat_scope('edit'), wingbeat_scope('service')"
        )
        await connection.fetchval("SELECT 1")
    assert (SCOPED, 7, sorted([HOSTILE, "plain"]), [3], [3, 4], True, False) == (*told[:2], sorted(told[2]), *told[3:])
    async with database.pool.acquire() as connection:
        after = await connection.fetchrow("SELECT current_user <> $1, wingbeat_user(), wingbeat_roles()", SCOPED)
    assert (True, None, []) == tuple(after)


async def test_it_is_one_message_more_or_less(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller is told to the database along with BEGIN."""
    sent: list[str] = []
    execute = asyncpg.Connection.execute

    async def listen(connection: asyncpg.Connection, query: str, *arguments: object, **more: object) -> object:
        sent.append(query)
        return await execute(connection, query, *arguments, **more)

    monkeypatch.setattr(asyncpg.Connection, "execute", listen)
    async with database.scoped(ANN) as connection, connection.transaction():
        pass
    assert ["BEGIN", "SAVEPOINT", "RELEASE", "COMMIT"] == [query.replace(";", " ").split()[0] for query in sent]


async def test_whoever_may_do_everything_is_not_held(database: Database) -> None:
    """The service and administrators work as the owner does."""
    async with database.scoped(SERVICE) as connection:
        assert await connection.fetchval("SELECT current_user") != SCOPED


async def test_the_engine_steps_out_and_comes_back(database: Database) -> None:
    """Within a caller's transaction, also when what it does goes wrong; and a caller who was not held stays so."""
    who = "SELECT current_user"
    async with database.scoped(ANN) as connection:
        async with as_engine(connection):
            assert await connection.fetchval(who) != SCOPED
        assert await connection.fetchval(who) == SCOPED
        with pytest.raises(ZeroDivisionError):
            async with as_engine(connection):
                raise ZeroDivisionError
        assert await connection.fetchval(who) == SCOPED
        with pytest.raises(asyncpg.DivisionByZeroError):
            async with connection.transaction(), as_engine(connection):
                await connection.fetchval("SELECT 1 / 0")
        assert await connection.fetchval(who) == SCOPED
    async with database.scoped(SERVICE) as connection:
        async with as_engine(connection):
            pass
        assert await connection.fetchval(who) != SCOPED


async def test_what_was_refused_is_recorded_and_the_rest_undone(database: Database) -> None:
    """The record survives the transaction that the refusal ends. The service made a mistake; that is no attempt."""
    wanted = new_id()

    async def refuse(principal: Principal) -> None:
        async with database.scoped(principal) as connection:
            await workflows.insert(connection, new_id(), WorkflowFields(DEFINITION), author_id=principal.user_id)
            raise missing(WORKFLOW, wanted, Permission.EDIT)

    for principal in (ANN, SERVICE):
        with pytest.raises(Hidden):
            await refuse(principal)
    rows = await database.pool.fetch("SELECT category, action, actor, object_id, result FROM audit_log")
    assert [("AUTHZ", "workflow.edit", "ann", str(wanted), "WORKFLOW_NOT_FOUND")] == [tuple(row) for row in rows]
    assert await database.pool.fetchval("SELECT count(*) FROM workflows") == 0


@pytest.fixture
async def plain_login(empty_dsn: str) -> AsyncIterator[str]:
    """A login without any right beyond its own schema of an empty database; dropped with all that it owns."""
    name = f"login_{new_id().hex}"
    owner = await asyncpg.connect(empty_dsn)
    await owner.execute(f"CREATE ROLE {name} LOGIN; GRANT ALL ON SCHEMA public TO {name}")
    yield name
    await owner.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")
    await owner.close()


async def test_a_login_that_may_not_take_the_role_on_is_told_what_to_run(empty_dsn: str, plain_login: str) -> None:
    """The two statements are those that help."""
    owner = await asyncpg.connect(empty_dsn)
    await ensure_scoped_role(owner)
    connection = await asyncpg.connect(empty_dsn)
    await connection.execute(f"SET SESSION AUTHORIZATION {plain_login}")
    with pytest.raises(PlatformError) as caught:
        await ensure_scoped_role(connection)
    assert caught.value.code == "SCOPED_ROLE_MISSING"
    assert f"CREATE ROLE {SCOPED} NOLOGIN; GRANT {SCOPED} TO {plain_login};" in caught.value.remedy
    await owner.execute(f"GRANT {SCOPED} TO {plain_login}")
    await ensure_scoped_role(connection)
    await connection.execute(f"SET ROLE {SCOPED}")
    await connection.close()
    await owner.close()


async def test_databases_of_one_server_may_begin_at_once(empty_dsn: str) -> None:
    """The role is the server's, and only one of them makes it."""
    await asyncio.gather(*(migrate(empty_dsn) for _ in range(3)))
    connections = [await asyncpg.connect(empty_dsn) for _ in range(4)]
    await asyncio.gather(*(ensure_scoped_role(connection) for connection in connections))
    for connection in connections:
        await connection.close()


async def test_without_a_caller_nothing_is_seen_and_nothing_changed(database: Database) -> None:
    """Somebody who forgets to say who acts gets nothing, rather than everything."""
    identifier: UUID = new_id()
    async with database.pool.acquire() as connection:
        await workflows.insert(connection, identifier, WorkflowFields(DEFINITION), author_id=0)
        async with connection.transaction():
            await connection.execute(f"SET LOCAL ROLE {SCOPED}")
            assert await connection.fetchval("SELECT count(*) FROM workflows") == 0
            assert await connection.execute("UPDATE workflows SET name = 'x'") == "UPDATE 0"
