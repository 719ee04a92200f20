"""Communities: who may make them, who says who is in them, and what others learn of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wingbeat.core.access import SYSTEM, CommunityRole, Principal, PrincipalKind
from wingbeat.core.errors import Conflict, Forbidden, NotFound
from wingbeat.services.identity.communities import Communities
from wingbeat.services.identity.passwords import PasswordCost, Passwords
from wingbeat.services.identity.users import Users, principal_of_user
from wingbeat.storage import communities as rows
from wingbeat.storage.paging import Paging
from wingbeat.storage.pool import Database
from wingbeat.storage.users import UserFields


@pytest.fixture
def communities(database: Database) -> Communities:
    """The use cases."""
    return Communities(database)


@pytest.fixture
async def people(database: Database, communities: Communities) -> dict[str, Principal]:
    """Two communities; an administrator, a viewer and a member of the first, and somebody of the second."""
    users = Users(database, Passwords(PasswordCost(rounds=1, memory_kib=8)))
    await communities.create(SYSTEM, "birds", 1)
    await communities.create(SYSTEM, "bees", 2)
    found: dict[str, Principal] = {}
    for name, community, role in (("ada", 1, "admin"), ("vi", 1, "viewer"), ("mo", 1, "member"), ("bo", 2, "admin")):
        user = (await users.create(SYSTEM, UserFields(name))).user
        await communities.put_member(SYSTEM, community, user.user_id, CommunityRole(role))
        async with database.pool.acquire() as connection:
            found[name] = await principal_of_user(connection, user.user_id)
    return found


async def test_who_administers_a_community_says_who_is_in_it(
    communities: Communities, people: dict[str, Principal], database: Database
) -> None:
    """In this one and no other; it is told where its administrators can read it."""
    ada, bo = people["ada"], people["bo"]
    assert "editor" == (await communities.put_member(ada, 1, bo.user_id, CommunityRole.EDITOR)).role
    async with database.pool.acquire() as connection:
        assert {1: "editor", 2: "admin"} == (await principal_of_user(connection, bo.user_id)).communities
    await communities.delete_member(ada, 1, bo.user_id)
    with pytest.raises(NotFound):
        await communities.delete_member(ada, 1, bo.user_id)
    told = await database.pool.fetch(
        "SELECT action, community_id FROM audit_log WHERE actor = 'ada' ORDER BY at, audit_id"
    )
    assert [("community.member", 1), ("community.member_removed", 1)] == [tuple(row) for row in told]
    # Whoever is no administrator of the installation knows people by name.
    assert bo.user_id == (await communities.add_member(ada, 1, "BO", CommunityRole.VIEWER)).user_id
    with pytest.raises(NotFound):
        await communities.add_member(ada, 1, "nobody", CommunityRole.VIEWER)


async def test_everybody_else_is_refused(
    communities: Communities, people: dict[str, Principal], database: Database
) -> None:
    """A member may see it and is told no; to others it is missing. Nothing changes, and it is recorded."""
    ada, vi, bo = people["ada"], people["vi"], people["bo"]
    anonymous = Principal(PrincipalKind.USER, 4711, "x", communities={5: "admin"})
    before = await communities.list_members(SYSTEM, 1, Paging("user_id"))
    for caller, expected in ((vi, Forbidden), (people["mo"], Forbidden), (bo, NotFound), (anonymous, NotFound)):
        for attempt in (
            communities.put_member(caller, 1, vi.user_id, CommunityRole.ADMIN),
            communities.delete_member(caller, 1, ada.user_id),
            communities.add_member(caller, 1, vi.username, CommunityRole.ADMIN),
        ):
            with pytest.raises(expected):
                await attempt
    for refused in (communities.create(ada, "mine"), communities.rename(ada, 1, "x"), communities.delete(ada, 1)):
        with pytest.raises(Forbidden):
            await refused
    assert before == await communities.list_members(SYSTEM, 1, Paging("user_id"))
    assert 8 <= await database.pool.fetchval("SELECT count(*) FROM audit_log WHERE category = 'AUTHZ'")


async def test_a_foreign_community_is_a_missing_one(communities: Communities, people: dict[str, Principal]) -> None:
    """In the same words."""
    told = []
    for community_id in (2, 3):
        for attempt in (
            communities.get(people["vi"], community_id),
            communities.list_members(people["vi"], community_id, Paging("user_id")),
            communities.put_member(people["vi"], community_id, 1, CommunityRole.ADMIN),
        ):
            with pytest.raises(NotFound) as caught:
                await attempt
            told.append((caught.value.code, str(caught.value).replace(str(community_id), "N")))
    assert 1 == len(set(told))
    page, total = await communities.list(people["vi"], Paging("name"))
    assert (["birds"], 1) == ([found.name for found in page.items], total)
    assert 2 == (await communities.list(SYSTEM, Paging("name")))[1]


async def test_what_names_are_taken(communities: Communities, people: dict[str, Principal]) -> None:
    """Names however they are written, and ids; a key that comes again leads to the same community."""
    assert people
    for name, community_id in (("BIRDS", None), ("birds", 9), ("new", 2)):
        with pytest.raises(Conflict, match="name"):
            await communities.create(SYSTEM, name, community_id)
    with pytest.raises(Conflict):
        await communities.rename(SYSTEM, 1, "Bees")
    first, second = [await communities.create(SYSTEM, "wasps", idempotency_key="k") for _ in range(2)]
    assert (first.community, False, True) == (second.community, first.replayed, second.replayed)
    assert first.community.community_id > 1_000_000_000


async def test_a_community_goes_when_nothing_belongs_to_it(
    communities: Communities, people: dict[str, Principal], database: Database
) -> None:
    """And everybody is out of it then."""
    await database.pool.execute("INSERT INTO tasks (task_id, title, community_id) VALUES (gen_random_uuid(), 't', 1)")
    with pytest.raises(Conflict, match="belong to"):
        await communities.delete(SYSTEM, 1)
    await database.pool.execute("UPDATE tasks SET status = 'done'")
    await communities.delete(SYSTEM, 1)
    async with database.pool.acquire() as connection:
        assert {} == (await principal_of_user(connection, people["ada"].user_id)).communities


async def test_roles_are_given_and_taken(
    communities: Communities, people: dict[str, Principal], database: Database
) -> None:
    """Sessions end by a change and by nothing else; what an identity provider gave is not touched."""
    user_id = people["vi"].user_id

    async def version() -> int:
        return int(await database.pool.fetchval("SELECT session_version FROM users WHERE user_id = $1", user_id))

    async with database.pool.acquire() as connection:
        await rows.replace_roles(connection, user_id, ["guest", "night"], "oidc")
    versions = [await version()]
    for names in (["night", "day"], ["day", "night"], []):
        await communities.set_roles(SYSTEM, user_id, names)
        versions.append(await version())
    assert [1, 2, 2, 3] == versions
    found = await communities.roles_of(SYSTEM, user_id)
    assert [("guest", ["oidc"]), ("night", ["oidc"])] == [tuple(role) for role in found]
    assert ["guest", "night"] == [role.name for role in await communities.list_roles(SYSTEM)]


async def test_what_a_provider_tells_does_not_undo_what_was_said_here(
    people: dict[str, Principal], database: Database
) -> None:
    """It adds what exists, changes what it said itself, and takes only that away."""
    user_id = people["vi"].user_id
    told: list[dict[int, str]] = []
    for said in ({1: "admin", 2: "editor", 77: "admin"}, {2: "viewer"}, {}):
        async with database.pool.acquire() as connection:
            await rows.replace_provided_members(connection, user_id, said)
            told.append(dict((await principal_of_user(connection, user_id)).communities))
    assert [{1: "viewer", 2: "editor"}, {1: "viewer", 2: "viewer"}, {1: "viewer"}] == told


async def test_a_cursor_of_what_is_hidden_leads_nowhere(communities: Communities, people: dict[str, Principal]) -> None:
    """Neither another community nor somebody who is no member can be found out by where a page would begin."""
    paging = Paging("name")
    for cursor in (1, 99):
        page, total = await communities.list(people["bo"], replace(paging, cursor=cursor))
        assert ([], None) == (page.items, total)
    stranger = people["vi"].user_id
    await communities.put_member(SYSTEM, 2, people["mo"].user_id, CommunityRole.VIEWER)
    for cursor in (stranger, 999):
        members, _ = await communities.list_members(people["bo"], 2, Paging("user_id", cursor=cursor))
        assert [] == members.items
    members, _ = await communities.list_members(people["bo"], 2, Paging("user_id", cursor=people["mo"].user_id))
    assert ["bo"] == [member.username for member in members.items]
