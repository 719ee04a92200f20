"""Tokens for programs: what they may do, no more than whose they are, and how they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.rig.accounts import add_user, outsider, principal_of

from wingbeat.core.access import ALL, ON_A_THING, SERVICE, Permission, PrincipalKind
from wingbeat.core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from wingbeat.services.identity import tokens as module
from wingbeat.services.identity.tokens import TokenRequest, Tokens
from wingbeat.storage.paging import Paging
from wingbeat.storage.pool import Database
from wingbeat.storage.tokens import forget

VIEW = frozenset({Permission.VIEW})
LATEST = Paging("-created_at")


@pytest.fixture
def tokens(database: Database) -> Tokens:
    """The use cases."""
    return Tokens(database)


def wanted(scopes: frozenset[Permission] = VIEW, **more: Any) -> TokenRequest:  # noqa: ANN401 -- of the request
    """A request for a token."""
    return TokenRequest("import", scopes, **more)


async def refusal(tokens: Tokens, secret: str) -> str:
    """The code of why the token lets nobody in."""
    with pytest.raises(Unauthenticated) as refused:
        await tokens.identify(secret)
    return refused.value.code


async def test_a_token_lets_its_owner_in_as_it_is_now(tokens: Tokens, database: Database) -> None:
    """Narrowed to the token's scopes."""
    user_id = await add_user(database, "ada", c3="editor", c4="admin")
    made = await tokens.create(await principal_of(database, user_id), wanted())
    principal = (await tokens.identify(made.secret.reveal())).principal
    assert (user_id, "ada", VIEW, {3: "editor", 4: "admin"}) == (
        principal.user_id,
        principal.username,
        principal.scopes,
        principal.communities,
    )
    await database.pool.execute("UPDATE community_members SET role = 'viewer' WHERE community_id = 4")
    await database.pool.execute("DELETE FROM community_members WHERE community_id = 3")
    assert {4: "viewer"} == (await tokens.identify(made.secret.reveal())).principal.communities


async def test_a_token_can_be_kept_to_some_communities(tokens: Tokens, database: Database) -> None:
    """To those that its owner still belongs to; an administrator is one there, and has no say elsewhere."""
    user_id = await add_user(database, "ada", c3="editor", c4="admin")
    made = await tokens.create(await principal_of(database, user_id), wanted(communities=(3,)))
    assert {3: "editor"} == (await tokens.identify(made.secret.reveal())).principal.communities
    await database.pool.execute("DELETE FROM community_members WHERE community_id = 3")
    assert {} == (await tokens.identify(made.secret.reveal())).principal.communities
    root = await principal_of(database, await add_user(database, "root", is_admin=True))
    made = await tokens.create(root, wanted(ALL, communities=(9,)))
    principal = (await tokens.identify(made.secret.reveal())).principal
    assert (False, {9: "admin"}, ON_A_THING) == (principal.unrestricted, principal.communities, principal.scopes)


async def test_who_is_no_administrator_any_more_has_no_tokens_of_one(tokens: Tokens, database: Database) -> None:
    """A token has never more than its owner has at the moment."""
    root = await principal_of(database, await add_user(database, "root", is_admin=True))
    secret = (await tokens.create(root, wanted(ALL))).secret.reveal()
    before = (await tokens.identify(secret)).principal
    await database.pool.execute("UPDATE users SET is_admin = false")
    after = (await tokens.identify(secret)).principal
    assert (True, ALL, False, ON_A_THING) == (before.unrestricted, before.scopes, after.unrestricted, after.scopes)


async def test_a_token_of_the_service_is_the_service(tokens: Tokens) -> None:
    """With the scopes that it was given."""
    principal = (await tokens.identify((await tokens.create(SERVICE, wanted())).secret.reveal())).principal
    assert (PrincipalKind.SERVICE, VIEW, True) == (principal.kind, principal.scopes, principal.unrestricted)


async def test_a_user_of_another_issuer_is_as_it_was(tokens: Tokens) -> None:
    """Nothing else is known of it here, so its tokens hold for a shorter time."""
    owner = outsider(roles=frozenset({"ops"}), communities={3: "viewer"})
    principal = (await tokens.identify((await tokens.create(owner, wanted())).secret.reveal())).principal
    assert replace(owner, scopes=VIEW) == principal
    with pytest.raises(InvalidInput) as refused:
        await tokens.create(owner, wanted(days=91))
    assert "TOKEN_LIFETIME" == refused.value.code


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (wanted(frozenset({Permission.SERVICE})), "SCOPE_MISSING"),
        (wanted(ALL), "SCOPE_MISSING"),
        (wanted(frozenset()), "SCOPE_MISSING"),
        (wanted(communities=(4,)), "PERMISSION_DENIED"),
        (wanted(communities=(3, 0)), "PERMISSION_DENIED"),
    ],
)
async def test_nobody_gives_away_what_it_has_not(
    tokens: Tokens, database: Database, request_: TokenRequest, code: str
) -> None:
    """Neither scopes nor communities."""
    owner = await principal_of(database, await add_user(database, "ada", c3="admin"))
    with pytest.raises(Forbidden) as refused:
        await tokens.create(owner, request_)
    assert code == refused.value.code
    narrow = replace(owner, scopes=VIEW)
    with pytest.raises(Forbidden):
        await tokens.create(narrow, wanted(frozenset({Permission.EDIT})))
    assert 0 == await database.pool.fetchval("SELECT count(*) FROM api_tokens")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE api_tokens SET revoked_at = clock_timestamp()", "TOKEN_REVOKED"),
        ("UPDATE api_tokens SET expires_at = clock_timestamp()", "TOKEN_EXPIRED"),
        ("UPDATE users SET enabled = false", "USER_UNKNOWN"),
        ("DELETE FROM api_tokens", "TOKEN_UNKNOWN"),
    ],
)
async def test_what_ends_a_token_ends_it_at_once(tokens: Tokens, database: Database, change: str, code: str) -> None:
    """The next request is refused."""
    owner = await principal_of(database, await add_user(database, "ada"))
    secret = (await tokens.create(owner, wanted())).secret.reveal()
    await tokens.identify(secret)
    await database.pool.execute(change)
    assert code == await refusal(tokens, secret)


@pytest.mark.parametrize(
    "secret", ["wbt_", "wbt_x", "wbt_" + "A" * 43, "wbt_" + "A" * 44, "wbt_" + "ä" * 43, "wbt_\x00"]
)
async def test_what_is_no_token_lets_nobody_in(tokens: Tokens, secret: str) -> None:
    """Whatever it looks like."""
    assert "TOKEN_UNKNOWN" == await refusal(tokens, secret)


async def test_only_a_hash_is_kept_and_nothing_is_recorded(tokens: Tokens, database: Database) -> None:
    """Whoever reads the database finds nothing to come in with; the record tells who made what."""
    made = await tokens.create(SERVICE, wanted())
    secret = made.secret.reveal()
    rows = await database.pool.fetch(
        "SELECT api_tokens::text AS text FROM api_tokens UNION ALL SELECT audit_log::text FROM audit_log"
    )
    assert not any(secret[14:] in row["text"] for row in rows)
    assert any("token.create" in row["text"] and str(made.token.token_id) in row["text"] for row in rows)
    assert secret.startswith(made.token.prefix)
    assert secret not in repr(made)


async def test_ones_own_tokens_are_listed_and_taken_back(tokens: Tokens, database: Database) -> None:
    """What is somebody else's is not there, but for administrators."""
    ada = await principal_of(database, await add_user(database, "ada"))
    bo = await principal_of(database, await add_user(database, "bo"))
    root = await principal_of(database, await add_user(database, "root", is_admin=True))
    made = [(await tokens.create(one, wanted())).token for one in (ada, ada, bo)]
    page, total = await tokens.list(ada, LATEST)
    assert ([made[1], made[0]], 2) == (page.items, total)
    for stranger, token_id in ((ada, made[2].token_id), (ada, uuid4()), (outsider(), made[0].token_id)):
        with pytest.raises(NotFound) as missing:
            await tokens.revoke(stranger, token_id)
        assert "TOKEN_NOT_FOUND" == missing.value.code
    with pytest.raises(Forbidden):
        await tokens.list(ada, LATEST, everybody=True)
    first = await tokens.revoke(ada, made[0].token_id)
    assert first.revoked_at == (await tokens.revoke(root, made[0].token_id)).revoked_at
    assert 2 == (await tokens.list(root, LATEST, everybody=True))[1]
    assert 3 == (await tokens.list(root, LATEST, everybody=True, ended=True))[1]


async def test_when_it_was_used_is_written_down_once_a_minute(tokens: Tokens, database: Database) -> None:
    """Not with every request."""
    secret = (await tokens.create(SERVICE, wanted())).secret.reveal()
    versions = []
    for _ in range(3):
        await tokens.identify(secret)
        versions.append(await database.pool.fetchval("SELECT xmin::text FROM api_tokens"))
    assert 1 == len(set(versions))
    assert await database.pool.fetchval("SELECT last_used_at IS NOT NULL FROM api_tokens")
    await database.pool.execute("UPDATE api_tokens SET last_used_at = last_used_at - interval '2 minutes'")
    await tokens.identify(secret)
    assert await database.pool.fetchval("SELECT last_used_at > clock_timestamp() - interval '1 minute' FROM api_tokens")


async def test_there_are_only_so_many(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that hold no more do not count."""
    monkeypatch.setattr(module, "MOST", 2)
    made = [await tokens.create(SERVICE, wanted()) for _ in range(2)]
    with pytest.raises(Conflict) as refused:
        await tokens.create(SERVICE, wanted())
    assert "TOO_MANY_TOKENS" == refused.value.code
    await tokens.revoke(SERVICE, made[0].token.token_id)
    await tokens.create(SERVICE, wanted())


async def test_old_ones_are_forgotten(tokens: Tokens, database: Database) -> None:
    """Those that have been of no use for long; those that hold stay."""
    made = [await tokens.create(SERVICE, wanted()) for _ in range(3)]
    await tokens.revoke(SERVICE, made[0].token.token_id)
    await database.pool.execute(
        "UPDATE api_tokens SET expires_at = now() - interval '5 days' WHERE token_id = $1", made[1].token.token_id
    )
    async with database.pool.acquire() as connection:
        await forget(connection, timedelta(days=1))
    left = await database.pool.fetch("SELECT token_id FROM api_tokens ORDER BY created_at")
    assert [made[0].token.token_id, made[2].token.token_id] == [row["token_id"] for row in left]
