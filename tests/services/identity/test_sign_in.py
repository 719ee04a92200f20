"""Signing in: who knows the password or has the link is let in, and nobody learns anything from a refusal."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from wingbeat.core.access import SYSTEM, Principal, PrincipalKind
from wingbeat.core.errors import InvalidInput, NotFound, RateLimited, Unauthenticated
from wingbeat.services.identity.passwords import PasswordCost, Passwords
from wingbeat.services.identity.sign_in import AddressLimit, SignIns, Visitor, bucket_of
from wingbeat.services.identity.users import Users
from wingbeat.storage.pool import Database
from wingbeat.storage.secret import Secret
from wingbeat.storage.users import LockOut, StoredUser, UserFields

GOOD = Secret("three swifts and a lark")
OTHER = Secret("another lark and a wren")
CHEAP = PasswordCost(rounds=1, memory_kib=8)
HERE = Visitor("192.0.2.7", "a browser")
NO_LOCK = LockOut(base_seconds=0)


class Opened:
    """Counts the sessions that are opened."""

    def __init__(self) -> None:
        self.count = 0

    async def open(self, connection: asyncpg.Connection, user_id: int, address: str, agent: str) -> str:
        """A secret that names whose it is."""
        assert connection.is_in_transaction()
        assert (address, agent) == HERE
        self.count += 1
        return f"{user_id}-{self.count}"


@pytest.fixture
def ways(database: Database) -> SignIns:
    """The ways in; without a lock, so that a test need not wait."""
    return SignIns(database, Passwords(CHEAP), Opened(), NO_LOCK)


@pytest.fixture
async def ada(ways: SignIns) -> StoredUser:
    """Somebody who may sign in with the good password."""
    users = Users(ways.database, ways.passwords)
    return (await users.create(SYSTEM, UserFields("Ada"), GOOD)).user


async def record(ways: SignIns) -> list[tuple[str, str, str]]:
    """What was written to the record about signing in."""
    rows = await ways.database.pool.fetch("SELECT * FROM audit_log WHERE category = 'AUTH' ORDER BY at, audit_id")
    return [(row["action"], row["actor"], row["result"]) for row in rows]


async def attempt(ways: SignIns, name: str = "ada", password: Secret = OTHER) -> str:
    """The code of what a sign-in comes to; empty if it lets in."""
    try:
        await ways.by_password(name, password, HERE)
    except (Unauthenticated, RateLimited) as refused:
        return refused.code
    return ""


async def test_who_knows_the_password_is_let_in(ways: SignIns, ada: StoredUser) -> None:
    """However the name is written, with a new session each time, and with a line in the record."""
    cookies = [(await ways.by_password(name, GOOD, HERE)).cookie for name in ("Ada", "aDA")]
    assert [f"{ada.user_id}-1", f"{ada.user_id}-2"] == cookies
    assert [("sign_in.password", "Ada", "success")] * 2 == await record(ways)
    assert await ways.database.pool.fetchval("SELECT last_sign_in_at IS NOT NULL FROM users")


async def test_all_refusals_are_one(ways: SignIns, ada: StoredUser) -> None:
    """A wrong password, nobody, one without a password, one who is disabled, one who is locked."""
    users = Users(ways.database, ways.passwords)
    await users.create(SYSTEM, UserFields("linked"))
    off = (await users.create(SYSTEM, UserFields("off"), GOOD)).user
    await users.change(SYSTEM, off.user_id, {"enabled": False})
    locked = (await users.create(SYSTEM, UserFields("locked"), GOOD)).user
    await ways.database.pool.execute(
        "UPDATE users SET locked_until = now() + interval '1 hour' WHERE user_id = $1", locked.user_id
    )
    texts = set()
    for name, password in (
        ("ada", OTHER),
        ("nobody", GOOD),
        ("linked", GOOD),
        ("off", GOOD),
        ("locked", GOOD),
        ("' OR 1=1 --", GOOD),
        ("ada\0", GOOD),
        ("\udcff", GOOD),
        ("", GOOD),
        ("x" * 5000, GOOD),
    ):
        with pytest.raises(Unauthenticated) as caught:
            await ways.by_password(name, password, HERE)
        texts.add((caught.value.code, str(caught.value), str(caught.value.details)))
    assert 1 == len(texts)
    assert {"sign_in.failed"} == {action for action, _, _ in await record(ways)}
    assert ada.last_sign_in_at is None


async def test_a_stranger_costs_as_much_as_a_user(
    ways: SignIns, ada: StoredUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One password is compared and one entry is written, whoever is named: time tells nothing."""
    compared: list[bool] = []
    verify = Passwords.verify

    async def counted(self: Passwords, stored: str | None, password: str) -> object:
        compared.append(stored is not None)
        return await verify(self, stored, password)

    monkeypatch.setattr(Passwords, "verify", counted)
    for name in ("ada", "nobody"):
        await attempt(ways, name)
    assert [True, False] == compared
    assert 2 == len(await record(ways))
    assert ada.password_hash is not None


async def test_five_failures_lock_and_each_more_locks_longer(ways: SignIns, ada: StoredUser) -> None:
    """Even the right password does not help then; once the time is over it does, and all is forgotten."""
    strict = replace(ways, lock_out=LockOut(free=5, base_seconds=60, longest_seconds=200))
    assert ["SIGN_IN_FAILED"] * 5 == [await attempt(strict) for _ in range(5)]
    locks = []
    for _ in range(4):
        assert "SIGN_IN_FAILED" == await attempt(strict, password=GOOD)
        row = await ways.database.pool.fetchrow("SELECT locked_until - clock_timestamp() AS time FROM users")
        locks.append(round(row["time"].total_seconds() / 20) * 20)
        await ways.database.pool.execute("UPDATE users SET locked_until = now() - interval '1 second'")
        await attempt(strict)
    assert [60, 120, 200, 200] == locks
    await ways.database.pool.execute("UPDATE users SET locked_until = now() - interval '1 second'")
    assert not await attempt(strict, password=GOOD)
    row = await ways.database.pool.fetchrow("SELECT failed_attempts, locked_until FROM users")
    assert (0, None) == tuple(row)
    assert ("sign_in.locked", "", "SIGN_IN_FAILED") in await record(ways)
    assert ada.failed_attempts == 0


async def test_many_at_once_are_no_more_guesses(ways: SignIns, ada: StoredUser) -> None:
    """Of forty requests at the same moment, five passwords of the user are compared."""
    strict = replace(ways, lock_out=LockOut(base_seconds=600))
    await asyncio.gather(*(attempt(strict) for _ in range(40)))
    assert 5 == await ways.database.pool.fetchval("SELECT failed_attempts FROM users")
    assert ada.failed_attempts == 0


async def test_an_address_that_tries_too_often_is_sent_away(ways: SignIns, ada: StoredUser) -> None:
    """Whomever it names; others are not, and the record is told once."""
    few = replace(ways, address_limit=AddressLimit(most=3, seconds=300))
    assert ["SIGN_IN_FAILED"] * 3 + ["SIGN_IN_LIMITED"] * 3 == [await attempt(few, f"name{n}") for n in range(6)]
    assert "SIGN_IN_LIMITED" == await attempt(few, password=GOOD)
    assert 1 == len([entry for entry in await record(ways) if entry[0] == "sign_in.limited"])
    await ways.database.pool.execute("UPDATE sign_in_addresses SET window_began_at = now() - interval '6 minutes'")
    assert not await attempt(few, password=GOOD)
    assert ada.failed_attempts == 0


@pytest.mark.parametrize(
    ("address", "bucket"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", ""),
        ("no address", ""),
    ],
)
def test_what_an_address_is_counted_under(address: str, bucket: str) -> None:
    """Whoever has IPv6 has 2^64 addresses, and they count as one."""
    assert bucket == bucket_of(address)


async def test_another_cost_is_taken_up_at_the_next_sign_in(ways: SignIns, ada: StoredUser) -> None:
    """The password stays, and so do sessions."""
    dearer = replace(ways, passwords=Passwords(PasswordCost(rounds=2, memory_kib=16)))
    assert not await attempt(dearer, password=GOOD)
    row = await ways.database.pool.fetchrow("SELECT password_hash, session_version FROM users")
    assert ("m=16,t=2" in row["password_hash"], ada.session_version) == (True, row["session_version"])
    assert not await attempt(dearer, password=GOOD)


async def test_a_link_lets_in_once(ways: SignIns, ada: StoredUser) -> None:
    """Looking at it takes nothing; of several who use it at once, one is let in."""
    link = await Users(ways.database, ways.passwords).make_link(SYSTEM, ada.user_id)
    assert "Ada" == (await ways.look_at_link(link.token)).username
    results = await asyncio.gather(*(ways.by_link(link.token, None, HERE) for _ in range(4)), return_exceptions=True)
    assert 3 == len([result for result in results if isinstance(result, NotFound)])
    for token in (link.token, "", "x" * 43, "\0", "\udcff"):
        with pytest.raises(NotFound, match="lets nobody in"):
            await ways.by_link(token, None, HERE)
    assert not await attempt(ways, password=GOOD)


async def test_a_link_may_set_a_password(ways: SignIns, ada: StoredUser) -> None:
    """One that is refused leaves the link as it is; the old password is over, and so are sessions."""
    link = await Users(ways.database, ways.passwords).make_link(SYSTEM, ada.user_id)
    with pytest.raises(InvalidInput):
        await ways.by_link(link.token, Secret("short"), HERE)
    entered = await ways.by_link(link.token, OTHER, HERE)
    assert ada.session_version + 1 == entered.user.session_version
    assert ["SIGN_IN_FAILED", ""] == [await attempt(ways, password=word) for word in (GOOD, OTHER)]


async def test_a_link_that_is_too_old_lets_nobody_in(ways: SignIns, ada: StoredUser) -> None:
    """It holds for a day."""
    link = await Users(ways.database, ways.passwords).make_link(SYSTEM, ada.user_id)
    await ways.database.pool.execute("UPDATE sign_in_links SET expires_at = now() - interval '1 second'")
    with pytest.raises(NotFound):
        await ways.by_link(link.token, None, HERE)


async def test_changing_a_password_needs_the_present_one(ways: SignIns, ada: StoredUser) -> None:
    """Guesses count as failed sign-ins; a change ends every session but the new one."""
    me = Principal(PrincipalKind.USER, ada.user_id, "Ada")
    with pytest.raises(Unauthenticated):
        await ways.change_password(me, OTHER, OTHER, HERE)
    with pytest.raises(InvalidInput):
        await ways.change_password(me, GOOD, Secret("password123"), HERE)
    assert 1 == await ways.database.pool.fetchval("SELECT failed_attempts FROM users")
    entered = await ways.change_password(me, GOOD, OTHER, HERE)
    assert (ada.session_version + 1, 0) == (entered.user.session_version, entered.user.failed_attempts)
    assert ["SIGN_IN_FAILED", ""] == [await attempt(ways, password=word) for word in (GOOD, OTHER)]


async def test_no_password_is_ever_written_down(ways: SignIns, ada: StoredUser) -> None:
    """Not in the record, whatever was tried, and not in the name field either."""
    await attempt(ways, "three swifts and a lark", OTHER)
    await attempt(ways, "ada", OTHER)
    await attempt(ways, "ada", GOOD)
    told = await ways.database.pool.fetchval("SELECT string_agg(audit_log::text, ' ') FROM audit_log")
    kept = await ways.database.pool.fetchval("SELECT string_agg(users::text, ' ') FROM users")
    for word in (GOOD, OTHER):
        assert word.reveal() not in told + kept
    assert "argon2" not in repr(ada)
