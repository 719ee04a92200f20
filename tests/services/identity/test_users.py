"""Users: created once, changed with care, let in by links; and who they are at any moment."""

from __future__ import annotations

import asyncio

import pytest

from wingbeat.core.access import SYSTEM, Principal, PrincipalKind
from wingbeat.core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from wingbeat.services.identity.passwords import PasswordCost, Passwords
from wingbeat.services.identity.users import Users, hash_token, principal_of_user
from wingbeat.storage import users as rows
from wingbeat.storage.paging import Paging
from wingbeat.storage.pool import Database
from wingbeat.storage.secret import Secret
from wingbeat.storage.users import StoredUser, UserFields, UserFilter

GOOD = Secret("three swifts and a lark")
ANYBODY = Principal(PrincipalKind.USER, 7, "ada", communities={1: "admin"})


@pytest.fixture
def users(database: Database) -> Users:
    """The use cases, with passwords that cost little."""
    return Users(database, Passwords(PasswordCost(rounds=1, memory_kib=8)))


async def make(users: Users, name: str, *, admin: bool = False) -> StoredUser:
    """A user."""
    return (await users.create(SYSTEM, UserFields(name, is_admin=admin))).user


async def who(users: Users, user_id: int) -> Principal:
    """Who the user is now."""
    async with users.database.pool.acquire() as connection:
        return await principal_of_user(connection, user_id)


async def record(users: Users) -> list[tuple[str, str]]:
    """What was written to the record."""
    found = await users.database.pool.fetch("SELECT action, object_id FROM audit_log ORDER BY at, audit_id")
    return [(row["action"], row["object_id"]) for row in found]


async def test_names_are_taken_however_they_are_written(users: Users) -> None:
    """Ada and ada are one; nothing is changed by a refusal."""
    ada = (await users.create(SYSTEM, UserFields("Ada"), GOOD)).user
    with pytest.raises(Conflict, match="taken"):
        await make(users, "aDA")
    bo = await make(users, "bo")
    with pytest.raises(Conflict, match="taken"):
        await users.change(SYSTEM, bo.user_id, {"username": "ADA", "is_admin": True})
    assert (await users.get(SYSTEM, bo.user_id)) == bo
    assert [("user.create", str(ada.user_id)), ("user.create", str(bo.user_id))] == await record(users)
    assert 2 == (await users.list(SYSTEM, UserFilter(), Paging("username")))[1]


@pytest.mark.parametrize("name", ["", " ada", "a b", "-x", "x" * 101, "ада", "a\n", "a\0", "a/b", "<b>"])
async def test_not_everything_is_a_name(users: Users, name: str) -> None:
    """Names that look alike, or that would be another in a log, are none."""
    with pytest.raises(InvalidInput, match="cannot be the name"):
        await make(users, name)


async def test_only_administrators_get_anywhere(users: Users) -> None:
    """An administrator of a community is none of the installation."""
    made = await make(users, "bo")
    attempts = [
        users.create(ANYBODY, UserFields("cy")),
        users.get(ANYBODY, made.user_id),
        users.find_by_name(ANYBODY, "bo"),
        users.list(ANYBODY, UserFilter(), Paging("username")),
        users.change(ANYBODY, made.user_id, {"is_admin": True}),
        users.set_password(ANYBODY, made.user_id, GOOD),
        users.make_link(ANYBODY, made.user_id),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden):
            await attempt
    assert await users.get(SYSTEM, made.user_id) == made
    assert 1 == len(await record(users))


async def test_the_last_administrator_stays(users: Users) -> None:
    """Disabled ones do not count; of two who go at the same moment, one stays."""
    one, two, off = [await make(users, name, admin=True) for name in ("one", "two", "off")]
    await users.change(SYSTEM, off.user_id, {"enabled": False})
    results = await asyncio.gather(
        users.change(SYSTEM, one.user_id, {"enabled": False}),
        users.change(SYSTEM, two.user_id, {"is_admin": False}),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, Conflict)]
    assert ["LAST_ADMINISTRATOR"] == [error.code for error in refused]
    page, _ = await users.list(SYSTEM, UserFilter(enabled=True, is_admin=True), Paging("username"))
    assert 1 == len(page.items)


async def test_what_ends_sessions(users: Users) -> None:
    """Being another, or nobody, or having another password; not having another display name."""
    await make(users, "boss", admin=True)
    ada = await make(users, "ada")
    changes: list[dict[str, object]] = [
        {"display_name": "A"},
        {"is_admin": True},
        {"is_admin": False},
        {"enabled": False},
    ]
    changed = [(await users.change(SYSTEM, ada.user_id, one)).session_version for one in changes]
    versions = [ada.session_version, *changed, (await users.set_password(SYSTEM, ada.user_id, GOOD)).session_version]
    assert [1, 1, 2, 3, 4, 5] == versions


async def test_who_somebody_is(users: Users) -> None:
    """Read anew each time; whoever is disabled, or was never there, is nobody."""
    boss, ada = await make(users, "boss", admin=True), await make(users, "ada")
    async with users.database.pool.acquire() as connection:
        await connection.execute("INSERT INTO roles (role_id, name) VALUES (1, 'night-shift'), (2, 'other')")
        await connection.execute("INSERT INTO user_roles VALUES ($1, 1, 'local'), ($1, 1, 'oidc')", ada.user_id)
        await connection.execute("INSERT INTO communities VALUES (3, 'birds'), (5, 'bees')")
        await connection.execute(
            "INSERT INTO community_members VALUES (5, $1, 'viewer'), (3, $1, 'admin')", ada.user_id
        )
    expected = Principal(PrincipalKind.USER, ada.user_id, "ada", frozenset({"night-shift"}), {3: "admin", 5: "viewer"})
    assert expected == await who(users, ada.user_id)
    assert (await who(users, boss.user_id)).unrestricted
    await users.change(SYSTEM, ada.user_id, {"enabled": False})
    for user_id in (ada.user_id, 5):
        with pytest.raises(Unauthenticated):
            await who(users, user_id)


async def test_a_link_is_kept_as_a_hash_and_the_last_one_holds(users: Users) -> None:
    """It is taken once, by one of those who try at the same moment."""
    ada = await make(users, "ada")
    first, second = [await users.make_link(SYSTEM, ada.user_id) for _ in range(2)]
    kept = await users.database.pool.fetchval("SELECT string_agg(sign_in_links::text, '') FROM sign_in_links")
    assert second.token not in kept

    async def take(token: str) -> int | None:
        async with users.database.pool.acquire() as connection:
            return await rows.use_link(connection, hash_token(token))

    assert await take(first.token) is None
    taken = await asyncio.gather(*(take(second.token) for _ in range(5)))
    assert sorted([None, None, None, None, ada.user_id], key=bool) == sorted(taken, key=bool)


async def test_a_disabled_user_has_no_links(users: Users) -> None:
    """Those that it has are over, and it gets no new one."""
    ada = await make(users, "ada")
    link = await users.make_link(SYSTEM, ada.user_id)
    await users.change(SYSTEM, ada.user_id, {"enabled": False})
    with pytest.raises(Conflict, match="disabled"):
        await users.make_link(SYSTEM, ada.user_id)
    await users.change(SYSTEM, ada.user_id, {"enabled": True})
    async with users.database.pool.acquire() as connection:
        assert await rows.get_link(connection, hash_token(link.token)) is None


async def test_the_first_start_makes_one_administrator(users: Users) -> None:
    """However many processes start at once; each start gives a new link until somebody has signed in."""
    links = await asyncio.gather(*(users.ensure_administrator() for _ in range(4)))
    found, total = await users.list(SYSTEM, UserFilter(), Paging("username"))
    assert (1, "admin", True) == (total, found.items[0].username, found.items[0].is_admin)
    async with users.database.pool.acquire() as connection:
        holding = [link for link in links if link and await rows.get_link(connection, hash_token(link.token))]
        assert 1 == len(holding)
        await rows.note_sign_in(connection, found.items[0].user_id)
    assert await users.ensure_administrator() is None


async def test_an_installation_with_users_gets_no_administrator(users: Users) -> None:
    """Nor a link for somebody who is none."""
    await make(users, "admin")
    assert await users.ensure_administrator() is None
    with pytest.raises(NotFound):
        await users.get(SYSTEM, 1)
