"""Whose connections are: who sees, uses, changes, moves and deletes them, and whose sign-ins they take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest
from tests.rig.connections import KEYS, put_connection
from tests.rig.ownership import denials, put_workflow
from tests.rig.people import (
    ADMIN,
    AUTHOR,
    COOK,
    COOKS,
    EDITOR,
    EVERYBODY,
    GARDENERS,
    MEMBER,
    NOBODY,
    OPERATOR,
    STRANGER,
    VIEWER,
    user,
)

from wingbeat.core.access import SERVICE, Denied, Hidden, Permission, Principal
from wingbeat.core.errors import Conflict, WingbeatError
from wingbeat.core.json_value import JsonObject
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.http import Egress
from wingbeat.egress.step_http import ConnectedHttp
from wingbeat.egress.vault import Vault
from wingbeat.services.connections.authorization import Authorizations, Browser
from wingbeat.services.connections.connections import Connections
from wingbeat.services.connections.requests import ConnectionRequest
from wingbeat.storage.connections import ConnectionFields
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.paging import Paging
from wingbeat.storage.pool import Database

PASSWORD = "a planted password"  # noqa: S105
OAUTH: JsonObject = {
    "client_id": "us",
    "authorization_url": "https://login.example.com/authorize",
    "token_url": "https://login.example.com/token",
}


@pytest.fixture
def connections(database: Database) -> Connections:
    """The use cases."""
    return Connections(database, KEYS)


@pytest.fixture
async def shared(database: Database) -> UUID:
    """A connection of the gardeners, made by the author."""
    return await put_connection(
        database,
        "basic",
        {"username": "me"},
        {"password": PASSWORD},
        allowed_hosts=["api.example.com"],
        author=AUTHOR.user_id,
        community=GARDENERS,
    )


def request(name: str = "new", *, community: int | None = None) -> ConnectionRequest:
    """A save."""
    fields = ConnectionFields(name, "", {"username": "me"}, ["api.example.com"], community_id=community)
    return ConnectionRequest("basic", fields, {"password": PASSWORD})


async def outcome(work: Awaitable[object]) -> str:
    """What became of it."""
    try:
        await work
    except (Denied, Hidden) as error:
        return "denied" if isinstance(error, Denied) else "hidden"
    return "done"


DOINGS: dict[str, Callable[[Connections, Principal, UUID], Awaitable[object]]] = {
    "see": lambda connections, who, one: connections.get(who, one),
    "change": lambda connections, who, one: connections.update(who, one, request(), expected_revision=None),
    "rotate": lambda connections, who, one: connections.rotate(who, one, {"password": "another"}),
    "delete": lambda connections, who, one: connections.delete(who, one),
}


@pytest.mark.parametrize(
    ("doing", "done", "denied"),
    [
        ("see", {AUTHOR.name, ADMIN.name, EDITOR.name, OPERATOR.name, VIEWER.name}, set()),
        ("change", {AUTHOR.name, ADMIN.name, EDITOR.name}, {OPERATOR.name, VIEWER.name}),
        ("rotate", {AUTHOR.name, ADMIN.name, EDITOR.name}, {OPERATOR.name, VIEWER.name}),
        ("delete", {AUTHOR.name, ADMIN.name}, {EDITOR.name, OPERATOR.name, VIEWER.name}),
    ],
)
async def test_who_may_do_what(connections: Connections, doing: str, done: set[str], denied: set[str]) -> None:
    """By author and role; to all others it is as if it were not there."""
    for who in EVERYBODY:
        one = await put_connection(
            connections.database, "basic", {"username": "me"}, author=AUTHOR.user_id, community=GARDENERS
        )
        expected = "done" if who.name in done or who is SERVICE else "denied" if who.name in denied else "hidden"
        assert (who.name, expected) == (who.name, await outcome(DOINGS[doing](connections, who, one)))


async def test_a_foreign_one_is_like_a_missing_one(connections: Connections, shared: UUID) -> None:
    """The same answer but for the id, and what was tried is written down."""
    missing = new_id()
    said = []
    for one in (shared, missing):
        with pytest.raises(Hidden) as caught:
            await connections.get(COOK, one)
        said.append((caught.value.code, caught.value.message.replace(str(one), "ID"), caught.value.remedy))
    assert said[0] == said[1]
    assert 2 * [("connection.view", "CONNECTION_NOT_FOUND", 0)] == await denials(connections.database)


async def test_who_may_not_use_it_sees_its_name_and_kind(connections: Connections, shared: UUID) -> None:
    """And not where it leads; nobody sees secrets."""
    seen = {who.name: (await connections.get(who, shared)).to_json() for who in (ADMIN, OPERATOR, VIEWER)}
    assert {"username": "me"}.items() <= seen[OPERATOR.name]["config"].items()  # type: ignore[union-attr] # an object
    viewers = seen[VIEWER.name]
    assert [{}, [], [], "a connection", "basic", ["view"]] == [
        viewers[name] for name in ("config", "allowed_hosts", "secret_fields_set", "name", "kind", "permissions")
    ]
    assert PASSWORD not in str(seen)


async def test_a_list_has_what_the_caller_may_see(connections: Connections, shared: UUID) -> None:
    """Its count too, and a cursor of what it may not see leads nowhere."""
    database = connections.database
    own = await put_connection(database, "basic", {"username": "me"}, author=STRANGER.user_id)
    cooks = await put_connection(database, "basic", {"username": "me"}, author=COOK.user_id, community=COOKS)
    nobodys = await put_connection(database, "basic", {"username": "me"})
    expected = {
        SERVICE.name: {shared, own, cooks, nobodys},
        AUTHOR.name: {shared},
        VIEWER.name: {shared},
        MEMBER.name: set[UUID](),
        COOK.name: {cooks},
        STRANGER.name: {own},
        NOBODY.name: set[UUID](),
    }
    for who in (SERVICE, AUTHOR, VIEWER, MEMBER, COOK, STRANGER, NOBODY):
        page, total = await connections.list(who, ["basic"], Paging("created_at"))
        assert (expected[who.name], len(expected[who.name])) == (
            {one.stored.connection_id for one in page.items},
            total,
        )
    after, _ = await connections.list(VIEWER, ["basic"], Paging("-created_at", cursor=nobodys))
    assert [] == after.items


async def test_making_one_in_a_community_needs_an_editor(connections: Connections) -> None:
    """Whoever makes one is its author; one of nobody's community is its author's alone."""
    for who in EVERYBODY:
        expected = "done" if who in (SERVICE, ADMIN, EDITOR) else "denied"
        assert expected == await outcome(connections.create(who, request(community=GARDENERS)))
    assert "denied" == await outcome(connections.create(NOBODY, request()))
    made = (await connections.create(MEMBER, request())).connection.stored
    assert (MEMBER.user_id, 0) == (made.author_id, made.community_id)
    assert "hidden" == await outcome(connections.get(ADMIN, made.connection_id))


async def test_an_idempotency_key_is_its_callers(connections: Connections) -> None:
    """Somebody else's request with the same key is another one."""
    first = await connections.create(AUTHOR, request(), idempotency_key="key")
    again = await connections.create(AUTHOR, request(), idempotency_key="key")
    others = await connections.create(STRANGER, request(), idempotency_key="key")
    assert [False, True, False] == [first.replayed, again.replayed, others.replayed]
    assert again.connection.stored.connection_id == first.connection.stored.connection_id
    assert others.connection.stored.connection_id != first.connection.stored.connection_id


async def test_moving_one_is_for_who_owns_it(connections: Connections, shared: UUID) -> None:
    """Out of its community, and into one in which the mover may make such things; a save without one moves nothing."""

    async def move(who: Principal, community: int | None) -> str:
        return await outcome(connections.update(who, shared, request(community=community), expected_revision=None))

    assert "done" == await move(EDITOR, None)
    assert GARDENERS == (await connections.get(EDITOR, shared)).stored.community_id
    both = user(EDITOR.user_id, EDITOR.name, c7="editor", c8="editor")
    assert ["denied", "denied", "denied"] == [await move(both, COOKS), await move(EDITOR, 0), await move(ADMIN, COOKS)]
    assert "done" == await move(user(ADMIN.user_id, ADMIN.name, c7="admin", c8="editor"), COOKS)
    assert "hidden" == await outcome(connections.get(ADMIN, shared))
    assert COOKS == (await connections.get(AUTHOR, shared)).stored.community_id


async def test_scopes_narrow(connections: Connections, shared: UUID) -> None:
    """An author's token that may only see changes nothing."""
    only_view = user(AUTHOR.user_id, AUTHOR.name, frozenset({Permission.VIEW}))
    assert "done" == await outcome(connections.get(only_view, shared))
    assert "denied" == await outcome(connections.rotate(only_view, shared, {"password": "x"}))
    assert "denied" == await outcome(connections.create(only_view, request()))


async def test_workflows_of_others_are_not_named_and_hold_up_nothing(connections: Connections, shared: UUID) -> None:
    """Only those that can use a connection keep it, and the caller hears the names of those that it may see."""
    database = connections.database
    nodes: list[JsonObject] = [{"id": "call", "type": "x", "parameters": {"connection": str(shared)}}]
    await put_workflow(database, author=COOK.user_id, community=COOKS, nodes=nodes)
    await put_workflow(database, author=EDITOR.user_id, community=GARDENERS, nodes=nodes)
    said = []
    for who in (AUTHOR, ADMIN):
        with pytest.raises(Conflict) as caught:
            await connections.delete(who, shared)
        assert "named by 1 workflows" in caught.value.message
        said.append(len(caught.value.details["workflows"]))  # type: ignore[arg-type] # a list
    assert [0, 1] == said


async def test_the_database_shows_a_caller_no_ciphertext(connections: Connections, shared: UUID) -> None:
    """Even if a service forgot to ask: the second wall."""
    async with connections.database.scoped(COOK) as connection:
        assert 0 == await connection.fetchval("SELECT count(*) FROM connector_instances")
        assert "UPDATE 0" == await connection.execute("UPDATE connector_instances SET name = 'x'")
        assert "DELETE 0" == await connection.execute("DELETE FROM connector_instances")
    for who in (AUTHOR, COOK):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with connections.database.scoped(who) as connection:
                await connection.fetch("SELECT * FROM connector_secrets")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with connections.database.scoped(COOK) as connection:
            await connection.execute(
                "INSERT INTO connector_instances (connection_id, name, kind, author_id, community_id)"
                " VALUES ($1, 'planted', 'basic', $2, $3)",
                new_id(),
                COOK.user_id,
                GARDENERS,
            )
    assert (await connections.get(AUTHOR, shared)).stored.name == "a connection"


@pytest.mark.parametrize(
    ("asked_by", "session", "browser", "taken"),
    [
        (AUTHOR, "", Browser(), True),
        (AUTHOR, "", Browser(AUTHOR.user_id, "any"), True),
        (AUTHOR, "", Browser(STRANGER.user_id, "any"), False),
        (AUTHOR, "s1", Browser(AUTHOR.user_id, "s1"), True),
        (AUTHOR, "s1", Browser(AUTHOR.user_id, "s2"), False),
        (AUTHOR, "s1", Browser(), False),
        (SERVICE, "", Browser(STRANGER.user_id, "any"), True),
    ],
)
async def test_a_sign_in_is_taken_from_who_asked_for_it(
    connections: Connections, asked_by: Principal, session: str, browser: Browser, taken: bool
) -> None:
    """Nobody can have somebody else's account join a connection of their own, and each answer counts once."""
    one = await put_connection(
        connections.database, "oauth2_authorization_code", OAUTH, author=AUTHOR.user_id, community=GARDENERS
    )
    http = ConnectedHttp(Egress(Addresses()), Vault(connections.database, KEYS))
    authorizations = Authorizations(connections.database, KEYS, http, "https://here.example.com")
    assert "denied" == await outcome(authorizations.begin(OPERATOR, one))
    assert "hidden" == await outcome(authorizations.begin(COOK, one))
    url = await authorizations.begin(asked_by, one, session=session)
    assert "redirect_uri=https%3A%2F%2Fhere.example.com%2Fapi%2Fv1%2Fconnections%2Foauth%2Fcallback" in url
    state = url.partition("state=")[2].partition("&")[0]
    codes = []
    for _ in range(2):
        with pytest.raises(WingbeatError) as caught:
            await authorizations.finish(state, None, "access_denied", browser)
        codes.append(caught.value.code)
    assert codes == ["AUTHORIZATION_DENIED" if taken else "AUTHORIZATION_UNKNOWN", "AUTHORIZATION_UNKNOWN"]
