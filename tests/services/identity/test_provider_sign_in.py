"""Signing in with a real identity provider: who it is there is who it is here, by one browser, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import pytest
from tests.rig.identity_provider import real_provider

from wingbeat.core.access import SYSTEM, Principal
from wingbeat.core.errors import RateLimited, Unauthenticated
from wingbeat.egress.oidc import Client, IdentityProvider
from wingbeat.services.audit_trail import REFUSALS_A_MINUTE, AuditTrail
from wingbeat.services.identity.passwords import PasswordCost, Passwords
from wingbeat.services.identity.provided_people import ClaimRules, read_communities, read_roles, suggest_name
from wingbeat.services.identity.provider_sign_in import Arrival, Departure, ProviderSignIns, Return
from wingbeat.services.identity.sign_in import AddressLimit, SignIns, Visitor
from wingbeat.services.identity.users import USERNAME, Users, principal_of_user
from wingbeat.storage import audit
from wingbeat.storage.pool import Database
from wingbeat.storage.secret import Secret
from wingbeat.storage.users import UserFields

HERE = Visitor("192.0.2.7", "a browser")
PEOPLE: dict[str, dict[str, object]] = {
    "ada-1": {
        "email": "ada@example.com",
        "email_verified": True,
        "name": "Ada Lovelace",
        "preferred_username": "ada",
        "groups": {"names": ["night", "boss"]},
        "places": {"7": "editor", "8": "admin", "x": "admin", "7 ": "admin"},
    },
    "ada-2": {"email": "ada@example.com", "email_verified": True, "preferred_username": "ADA"},
    "eve-1": {"email": "eve@example.com", "email_verified": False, "preferred_username": "admin"},
}


class Opened:
    """Opens sessions that name whose they are."""

    async def open(self, _connection: asyncpg.Connection, user_id: int, _address: str, _agent: str) -> str:
        """A secret."""
        return f"session of {user_id}"


@pytest.fixture
async def ways(database: Database) -> AsyncIterator[ProviderSignIns]:
    """The way in, at a real provider; claims mean nothing yet."""
    with real_provider(**PEOPLE) as issuer:
        provider = IdentityProvider(Client(issuer, "wings", Secret("shh"), "openid profile email"))
        sign_ins = SignIns(database, Passwords(PasswordCost(rounds=1, memory_kib=8)), Opened())
        yield ProviderSignIns(provider, sign_ins, ClaimRules(), b"k" * 32, "http://localhost/back")
        await provider.close()


async def agree(departure: Departure, subject: str) -> Return:
    """Sign in there as somebody; gives what the browser brings back."""
    async with httpx.AsyncClient(timeout=60, trust_env=False) as browser:
        answer = await browser.post(departure.address, data={"sub": subject})
    back = urlsplit(answer.headers["location"])
    found = {name: values[0] for name, values in parse_qs(back.query).items()}
    assert "http://localhost/back" == f"{back.scheme}://{back.netloc}{back.path}"
    return Return(found.get("state", ""), found.get("code", ""), found.get("error", ""))


async def sign_in(ways: ProviderSignIns, subject: str) -> Arrival:
    """All of it."""
    departure = await ways.begin("/there", HERE)
    return await ways.finish(await agree(departure, subject), departure.browser, HERE)


async def who(ways: ProviderSignIns, arrival: Arrival) -> Principal:
    """Who came in."""
    async with ways.sign_ins.database.pool.acquire() as connection:
        return await principal_of_user(connection, arrival.signed_in.user.user_id)


async def test_somebody_new_becomes_a_user_and_is_the_same_next_time(ways: ProviderSignIns) -> None:
    """With its name and address there, and no rights at all."""
    first, second = [await sign_in(ways, "ada-1") for _ in range(2)]
    user = second.signed_in.user
    assert (first.signed_in.user.user_id, "/there") == (user.user_id, second.return_to)
    assert ("ada", "Ada Lovelace", "ada@example.com", None) == (
        user.username,
        user.display_name,
        user.email,
        user.password_hash,
    )
    found = await who(ways, second)
    assert (False, frozenset(), {}) == (found.unrestricted, found.roles, dict(found.communities))
    assert f"session of {user.user_id}" == second.signed_in.cookie


async def test_nobody_becomes_somebody_else_by_a_name_or_an_address(ways: ProviderSignIns) -> None:
    """Not a user who is here, and not another person there with the same e-mail address."""
    users = Users(ways.sign_ins.database, ways.sign_ins.passwords)
    local = (await users.create(SYSTEM, UserFields("admin", email="eve@example.com", is_admin=True))).user
    eve = await sign_in(ways, "eve-1")
    adas = [(await sign_in(ways, subject)).signed_in.user for subject in ("ada-1", "ada-2")]
    assert local.user_id != eve.signed_in.user.user_id
    assert ("admin-2", False) == (eve.signed_in.user.username, (await who(ways, eve)).unrestricted)
    assert ["ada", "ADA-2"] == [user.username for user in adas]


async def test_two_first_sign_ins_at_once_are_one_user(ways: ProviderSignIns) -> None:
    """Two windows of one person."""
    arrivals = await asyncio.gather(*(sign_in(ways, "ada-1") for _ in range(3)))
    assert 1 == len({arrival.signed_in.user.user_id for arrival in arrivals})


async def test_who_is_disabled_here_stays_out(ways: ProviderSignIns) -> None:
    """Whatever the provider says."""
    users = Users(ways.sign_ins.database, ways.sign_ins.passwords)
    user = (await sign_in(ways, "ada-1")).signed_in.user
    await users.change(SYSTEM, user.user_id, {"enabled": False})
    with pytest.raises(Unauthenticated) as caught:
        await sign_in(ways, "ada-1")
    assert "OIDC_NOT_WELCOME" == caught.value.code
    entry = await ways.sign_ins.database.pool.fetchrow(
        "SELECT action, result FROM audit_log WHERE category = 'AUTH' ORDER BY at DESC, audit_id DESC LIMIT 1"
    )
    assert ("sign_in.provider", "OIDC_NOT_WELCOME") == tuple(entry)


async def test_claims_mean_what_the_operator_says(ways: ProviderSignIns) -> None:
    """Roles, communities that exist, and an administrator only by the role that is named; taken away like given."""
    pool = ways.sign_ins.database.pool
    await pool.execute("INSERT INTO communities (community_id, name) VALUES (7, 'birds')")
    rules = ClaimRules(roles_claim="groups.names", communities_claim="places")
    told = replace(ways, rules=rules)
    found = await who(told, await sign_in(told, "ada-1"))
    assert (frozenset({"night", "boss"}), {7: "editor"}, False) == (
        found.roles,
        dict(found.communities),
        found.unrestricted,
    )
    boss = replace(ways, rules=replace(rules, admin_role="boss"))
    assert (await who(boss, await sign_in(boss, "ada-1"))).unrestricted
    await pool.execute("INSERT INTO users (username, is_admin) VALUES ('other', true)")
    other = replace(ways, rules=replace(rules, admin_role="chief", roles_claim="none"))
    found = await who(other, await sign_in(other, "ada-1"))
    assert (frozenset(), False) == (found.roles, found.unrestricted)


async def test_only_domains_that_are_let_in(ways: ProviderSignIns) -> None:
    """By an address that the provider has verified; the end of a name is no domain."""
    some = replace(ways, rules=ClaimRules(allowed_domains=frozenset({"example.com"})))
    await sign_in(some, "ada-1")
    for subject, domain in (("eve-1", "example.com"), ("ada-2", "ple.com"), ("ada-2", "com")):
        with pytest.raises(Unauthenticated) as caught:
            await sign_in(replace(ways, rules=ClaimRules(allowed_domains=frozenset({domain}))), subject)
        assert "OIDC_NOT_WELCOME" == caught.value.code
    assert 1 == await ways.sign_ins.database.pool.fetchval("SELECT count(*) FROM users")


async def test_an_answer_is_taken_once_by_the_browser_that_asked(ways: ProviderSignIns) -> None:
    """Not with another's state, another's cookie, a second time, too late, or from another provider."""
    mine, other = [await ways.begin("/", HERE) for _ in range(2)]
    back, others = await agree(mine, "ada-1"), await agree(other, "eve-1")
    attacks = [
        (back, other.browser),
        (back, ""),
        (others._replace(state="made-up"), other.browser),
        (Return("", ""), ""),
        (Return("\0", "\udcff"), "\udcff"),
    ]
    for attack, browser in attacks:
        with pytest.raises(Unauthenticated, match="did not begin it"):
            await ways.finish(attack, browser, HERE)
    await ways.finish(back, mine.browser, HERE)
    with pytest.raises(Unauthenticated, match="completed already"):
        await ways.finish(back, mine.browser, HERE)
    with pytest.raises(Unauthenticated, match="another provider"):
        await ways.finish(others._replace(issuer="https://evil.example.com"), other.browser, HERE)
    late = await ways.begin("/", HERE)
    answer = await agree(late, "ada-1")
    await ways.sign_ins.database.pool.execute("UPDATE oidc_journeys SET expires_at = now() - interval '1 second'")
    with pytest.raises(Unauthenticated, match="too long"):
        await ways.finish(answer, late.browser, HERE)


async def test_made_up_answers_do_not_fill_the_record(ways: ProviderSignIns) -> None:
    """Anybody may send them, as often as they like: of each address some a minute are recorded."""
    pool = ways.sign_ins.database.pool
    trail = AuditTrail(ways.sign_ins.database, None)
    before = audit.TRAIL.set(trail)
    try:
        for _ in range(REFUSALS_A_MINUTE + 5):
            with pytest.raises(Unauthenticated, match="did not begin it"):
                await ways.finish(Return("made-up", "code"), "made-up", HERE)
        await trail.run_once()
    finally:
        audit.TRAIL.reset(before)
    wanted = "SELECT count(*) FROM audit_log WHERE action = 'sign_in.provider' AND result = 'OIDC_REFUSED'"
    assert REFUSALS_A_MINUTE == await pool.fetchval(wanted)


async def test_a_code_counts_once_and_for_its_own_sign_in(ways: ProviderSignIns) -> None:
    """One that was used, or that belongs to another sign-in, comes to nothing: the nonce or the provider says no."""
    first = await ways.begin("/", HERE)
    used = await agree(first, "ada-1")
    await ways.finish(used, first.browser, HERE)
    victim, thief = [await ways.begin("/", HERE) for _ in range(2)]
    stolen, own = await agree(victim, "ada-1"), await agree(thief, "eve-1")
    for code, departure, state in ((used.code, victim, stolen.state), (stolen.code, thief, own.state)):
        with pytest.raises(Unauthenticated, match="came to nothing"):
            await ways.finish(Return(state, code), departure.browser, HERE)


async def test_somebody_who_says_no_is_not_let_in(ways: ProviderSignIns) -> None:
    """And what the provider writes beside is told to nobody."""
    departure = await ways.begin("/", HERE)
    state = parse_qs(urlsplit(departure.address).query)["state"][0]
    with pytest.raises(Unauthenticated, match="did not agree"):
        await ways.finish(Return(state, "", "access_denied"), departure.browser, HERE)


async def test_beginning_is_counted_too(ways: ProviderSignIns) -> None:
    """So that nobody fills the table of those who are under way."""
    few = replace(ways, sign_ins=replace(ways.sign_ins, address_limit=AddressLimit(most=2)))
    for _ in range(2):
        await few.begin("/", HERE)
    with pytest.raises(RateLimited):
        await few.begin("/", HERE)


@pytest.mark.parametrize("wanted", ["", "Ада", "system", "SERVICE", "...", "a b", "<script>", "x" * 300, "-rf"])
def test_every_person_gets_a_name_that_can_be_one(wanted: str) -> None:
    """Also one that is called by letters that names here do not have, or like what acts in the record."""
    assert USERNAME.fullmatch(suggest_name(wanted, "https://idp", "s"))
    assert suggest_name(wanted, "https://idp", "s").lower() not in {"system", "service"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"7": "editor", "0": "admin", "-1": "admin", "99999999999": "admin", "8": "owner"}, {7: "editor"}),
        ([7, "8:viewer", "9:chief", True, None, "x", {"id": 5}], {7: "member", 8: "viewer"}),
        ("7", {}),
        (None, {}),
    ],
)
def test_what_communities_a_claim_tells(value: object, expected: dict[int, str]) -> None:
    """Those that can be some, with roles that there are."""
    assert expected == read_communities(value)  # type: ignore[arg-type] # of JSON


def test_what_roles_a_claim_tells() -> None:
    """From a list or a text, and not from anything else."""
    assert frozenset({"a", "b"}) == read_roles("a b") == read_roles(["a", "b", "", 5, None, "x\n", "y" * 101])
    assert frozenset() == read_roles({"a": 1}) == read_roles(None)
