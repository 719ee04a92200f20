"""Sessions: whom they let in, for how long, and what becomes of their secrets."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from tests.rig.accounts import add_user, principal_of

from wingbeat.core.errors import NotFound, Unauthenticated
from wingbeat.services.identity.sessions import Sessions, SessionTimes
from wingbeat.storage.pool import Database
from wingbeat.storage.sessions import forget

KEY = b"k" * 32
NEVER = timedelta(0)


@pytest.fixture
def sessions(database: Database) -> Sessions:
    """With the usual times."""
    return Sessions(database, KEY)


async def begin(sessions: Sessions, user_id: int, agent: str = "") -> str:
    """Sign in; the secret."""
    async with sessions.database.pool.acquire() as connection:
        return await sessions.open(connection, user_id, "10.0.0.1", agent)


async def refusal(sessions: Sessions, secret: str) -> str:
    """The code of why the secret lets nobody in."""
    with pytest.raises(Unauthenticated) as refused:
        await sessions.identify(secret)
    return refused.value.code


async def test_a_session_lets_its_user_in(sessions: Sessions, database: Database) -> None:
    """As it is now, with what it belongs to."""
    user_id = await add_user(database, "ada", c3="editor")
    found = await sessions.identify(await begin(sessions, user_id))
    assert (user_id, "ada", {3: "editor"}, False) == (
        found.principal.user_id,
        found.principal.username,
        found.principal.communities,
        found.principal.unrestricted,
    )
    await database.pool.execute("UPDATE community_members SET role = 'viewer'")
    assert {3: "viewer"} == (await sessions.identify(await begin(sessions, user_id))).principal.communities


@pytest.mark.parametrize("secret", ["", "x", "A" * 43, "A" * 44, "\x00" * 43, "ä" * 43, "' OR true --"])
async def test_what_is_no_secret_lets_nobody_in(sessions: Sessions, secret: str) -> None:
    """Whatever it looks like."""
    assert "SESSION_OVER" == await refusal(sessions, secret)


async def test_only_a_hash_is_kept(sessions: Sessions, database: Database) -> None:
    """Whoever reads the database finds nothing to come in with."""
    secret = await begin(sessions, await add_user(database, "ada"))
    row = await database.pool.fetchrow("SELECT sessions::text AS text, encode(hash, 'escape') AS hash FROM sessions")
    assert secret not in row["text"] + row["hash"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE users SET session_version = session_version + 1",
        "UPDATE users SET enabled = false",
        "DELETE FROM users",
        "UPDATE sessions SET expires_at = clock_timestamp()",
        "UPDATE sessions SET last_seen_at = clock_timestamp() - interval '12 hours'",
        "DELETE FROM sessions",
    ],
)
async def test_what_ends_a_session_ends_it_at_once(sessions: Sessions, database: Database, change: str) -> None:
    """The next request is refused, and its row is removed some time."""
    secret = await begin(sessions, await add_user(database, "ada"))
    await sessions.identify(secret)
    await database.pool.execute(change)
    assert "SESSION_OVER" == await refusal(sessions, secret)
    async with database.pool.acquire() as connection:
        await forget(connection, sessions.times.idle)
    assert 0 == await database.pool.fetchval("SELECT count(*) FROM sessions")


async def test_nobody_begins_a_session_who_may_not_come_in(sessions: Sessions, database: Database) -> None:
    """Neither a stranger nor somebody who is disabled."""
    user_id = await add_user(database, "ada")
    await database.pool.execute("UPDATE users SET enabled = false")
    for somebody in (user_id, 5):
        with pytest.raises(Unauthenticated):
            await begin(sessions, somebody)


async def test_the_secret_is_replaced_from_time_to_time(database: Database) -> None:
    """The old one holds for a moment more, since requests are under way; then it is of no use to anybody."""
    sessions = Sessions(database, KEY, SessionTimes(rotate=NEVER))
    old = await begin(sessions, await add_user(database, "ada"))
    first = await sessions.identify(old)
    assert first.new_secret is not None
    again = await sessions.identify(old)
    assert (first.session_id, first.csrf_token, None) == (again.session_id, again.csrf_token, again.new_secret)
    await database.pool.execute("UPDATE sessions SET previous_until = clock_timestamp()")
    assert "SESSION_OVER" == await refusal(sessions, old)
    assert first.session_id == (await sessions.identify(first.new_secret)).session_id


async def test_of_requests_at_once_one_replaces_the_secret(database: Database) -> None:
    """All of them are let in."""
    sessions = Sessions(database, KEY, SessionTimes(rotate=NEVER))
    secret = await begin(sessions, await add_user(database, "ada"))
    found = await asyncio.gather(*(sessions.identify(secret) for _ in range(8)))
    assert 1 == sum(one.new_secret is not None for one in found)


async def test_a_session_that_is_used_goes_on(sessions: Sessions, database: Database) -> None:
    """That it is used is written down once a minute at most."""
    secret = await begin(sessions, await add_user(database, "ada"))
    seen = "SELECT last_seen_at > clock_timestamp() - interval '1 minute' FROM sessions"
    await database.pool.execute("UPDATE sessions SET last_seen_at = clock_timestamp() - interval '11 hours'")
    await sessions.identify(secret)
    assert await database.pool.fetchval(seen)
    version = await database.pool.fetchval("SELECT xmin::text FROM sessions")
    await sessions.identify(secret)
    assert version == await database.pool.fetchval("SELECT xmin::text FROM sessions")


async def test_one_ends_ones_own_sessions_and_nobody_elses(sessions: Sessions, database: Database) -> None:
    """One, all others, or the one that one is signed in with; what is somebody else's is not there."""
    ada, bo = await add_user(database, "ada"), await add_user(database, "bo")
    secrets = [await begin(sessions, ada, f"browser {number}\x07") for number in range(4)]
    other = await begin(sessions, bo)
    here, there = (await sessions.identify(secrets[0])).session_id, (await sessions.identify(other)).session_id
    principal = await principal_of(database, ada)
    assert {f"browser {number}" for number in range(4)} == {one.agent for one in await sessions.list(principal)}
    with pytest.raises(NotFound):
        await sessions.end(principal, there)
    await sessions.end(principal, (await sessions.identify(secrets[1])).session_id)
    assert 2 == await sessions.end_all(principal, but=here)
    assert [here] == [one.session_id for one in await sessions.list(principal)]
    for _ in range(2):
        await sessions.close(secrets[0])
    assert [] == await sessions.list(principal)
    assert there == (await sessions.identify(other)).session_id
    actions = await database.pool.fetch("SELECT action FROM audit_log WHERE category = 'AUTH' ORDER BY audit_id")
    assert ["session.end", "session.end_all", "session.sign_out"] == [row["action"] for row in actions]


async def test_what_pages_send_along_belongs_to_one_session(sessions: Sessions, database: Database) -> None:
    """Another session has another, and so has another installation."""
    user_id = await add_user(database, "ada")
    first, second = [await sessions.identify(await begin(sessions, user_id)) for _ in range(2)]
    elsewhere = Sessions(database, b"another").csrf_token(first.session_id)
    assert 3 == len({first.csrf_token, second.csrf_token, elsewhere})
