"""What a request may carry to say who sends it: each by itself, several at once, and what a browser sends unasked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from tests.api.conftest import JWT_KEY, SERVICE_KEY
from tests.rig.accounts import add_user

from wingbeat.api.app import Services
from wingbeat.core.access import Permission
from wingbeat.services.identity.sessions import Sessions
from wingbeat.storage.pool import Database

Open = Callable[..., httpx.AsyncClient]
ME, TOKENS, SESSIONS = "/api/v1/me", "/api/v1/tokens", "/api/v1/me/sessions"
COOKIE = "wingbeat_session"
BODY = {"name": "import", "scopes": ["view"]}


@pytest.fixture
async def stranger(client_with: Open) -> httpx.AsyncClient:
    """A client that shows nothing by itself."""
    return client_with(signed_in=False)


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"Authorization": f"Bearer {token}"}


def issued(**claims: object) -> dict[str, str]:
    """The header of a token of another issuer."""
    return bearer(jwt.encode({"user_id": 7, "username": "ada", "exp": time.time() + 3600, **claims}, JWT_KEY, "HS256"))


async def sign_in(sessions: Sessions, user_id: int) -> dict[str, str]:
    """The header of a browser that is signed in."""
    async with sessions.database.pool.acquire() as connection:
        return {"Cookie": f"{COOKIE}={await sessions.open(connection, user_id)}"}


def outcome(answer: httpx.Response) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, answer.json().get("error_code", "")


async def test_a_token_of_another_issuer_says_who_one_is(stranger: httpx.AsyncClient) -> None:
    """With roles and communities, and what it may do."""
    answer = await stranger.get(ME, headers=issued(roles=["ops"], communities={"3": "admin"}))
    expected = {
        "kind": "user",
        "user_id": 7,
        "username": "ada",
        "administrator": False,
        "roles": ["ops"],
        "communities": [{"community_id": 3, "role": "admin"}],
        "scopes": ["delete", "edit", "execute", "view"],
        "credential": "jwt",
        "token_id": None,
        "session_id": None,
        "csrf_token": None,
    }
    assert expected == answer.json()["data"]
    assert "no-store" == answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/api/v1/status", "/api/v1/users"])
async def test_no_claim_makes_an_administrator(stranger: httpx.AsyncClient, path: str) -> None:
    """Whatever roles a token names, and whatever else it says."""
    headers = issued(roles=["admin", "service", "administrator"], is_admin=True, unrestricted=True, scopes=["service"])
    assert (403, "SCOPE_MISSING") == outcome(await stranger.get(path, headers=headers))


async def test_the_key_of_the_service_may_be_narrowed(services: Services, client_with: Open) -> None:
    """To what programs that have it need."""
    narrow = replace(services.authentication, service_scopes=frozenset({Permission.VIEW}))
    async with client_with(changed={"authentication": narrow}) as client:
        assert 200 == (await client.get("/api/v1/workflows")).status_code
        assert (403, "SCOPE_MISSING") == outcome(await client.post("/api/v1/workflows", json={}))
        assert (403, "SCOPE_MISSING") == outcome(await client.get("/api/v1/status"))


DO_NOT_HOLD: list[tuple[dict[str, str], str]] = [
    ({"Authorization": "Basic dXNlcjpwYXNz"}, "CREDENTIAL_SCHEME"),
    ({"Authorization": SERVICE_KEY}, "CREDENTIAL_SCHEME"),
    ({"Authorization": "Bearer"}, "CREDENTIAL_SCHEME"),
    ({"Authorization": ""}, "CREDENTIAL_SCHEME"),
    ({"Authorization": "Bearer "}, "TOKEN_MALFORMED"),
    ({"Authorization": f"Bearer {SERVICE_KEY}"}, "TOKEN_MALFORMED"),
    ({"Authorization": "Bearer wbt_"}, "TOKEN_UNKNOWN"),
    ({"Authorization": "Bearer wbt_" + "A" * 43}, "TOKEN_UNKNOWN"),
    ({"Authorization": "Bearer " + "A" * 50_000}, "TOKEN_TOO_LARGE"),
    ({"Cookie": f"{COOKIE}="}, "SESSION_OVER"),
    ({"Cookie": f"a=b; {COOKIE}={'A' * 43}; c=d"}, "SESSION_OVER"),
    ({"Cookie": f"{COOKIE}=a; {COOKIE}=b"}, "CREDENTIAL_REPEATED"),
    ({"Cookie": f"x{COOKIE}={'A' * 43}"}, "UNAUTHENTICATED"),
    ({"X-API-Key": SERVICE_KEY, "Authorization": "Bearer x"}, "TOKEN_MALFORMED"),
    ({"X-API-Key": SERVICE_KEY, "Cookie": f"{COOKIE}=x"}, "SESSION_OVER"),
    ({"X-API-Key": "wrong", **issued()}, "API_KEY_WRONG"),
    ({"X-API-Key": SERVICE_KEY, **issued()}, "CREDENTIALS_DISAGREE"),
]


async def test_each_credential_has_to_hold(stranger: httpx.AsyncClient) -> None:
    """One that does not is not made good by another; two of different callers are told so."""
    for headers, code in DO_NOT_HOLD:
        stranger.cookies.clear()
        answer = await stranger.get(ME, headers=headers)
        assert (401, code) == outcome(answer), headers
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert SERVICE_KEY not in answer.text


@pytest.mark.parametrize("parameter", ["api_key", "X-API-Key", "access_token", "token", "authorization"])
async def test_the_query_never_carries_a_credential(stranger: httpx.AsyncClient, parameter: str) -> None:
    """Whatever it is called."""
    assert (401, "UNAUTHENTICATED") == outcome(await stranger.get(ME, params={parameter: SERVICE_KEY}))


async def test_no_credential_is_logged(stranger: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither one that holds nor one that does not."""
    shown = ["A" * 43 + ".B.C", "wbt_" + "Q" * 43, issued()["Authorization"][7:]]
    for token in shown:
        await stranger.get(ME, headers=bearer(token))
        await stranger.post("/api/v1/workflows", json={}, headers=bearer(token))
    said = capsys.readouterr()
    assert not any(token in said.out + said.err for token in shown)


async def test_a_token_is_made_used_and_taken_back(stranger: httpx.AsyncClient) -> None:
    """Its secret is shown once; its scopes hold; it makes no others; revoked, it is of no use at once."""
    made = await stranger.post(TOKENS, json=BODY, headers=issued())
    assert (201, "no-store") == (made.status_code, made.headers["cache-control"])
    token = made.json()["data"]
    headers = bearer(token["token"])
    me = (await stranger.get(ME, headers=headers)).json()["data"]
    assert (7, ["view"], "token", token["token_id"]) == (me["user_id"], me["scopes"], me["credential"], me["token_id"])
    assert 200 == (await stranger.get("/api/v1/workflows", headers=headers)).status_code
    assert (403, "SCOPE_MISSING") == outcome(await stranger.post("/api/v1/workflows", json={}, headers=headers))
    assert (403, "SCOPE_MISSING") == outcome(await stranger.post(TOKENS, json=BODY, headers=headers))
    listed = await stranger.get(TOKENS, headers=issued())
    assert [token["token_id"]] == [one["token_id"] for one in listed.json()["data"]]
    assert token["token"] not in listed.text
    revoked = await stranger.delete(made.headers["location"], headers=issued())
    assert revoked.json()["data"]["revoked_at"]
    assert (401, "TOKEN_REVOKED") == outcome(await stranger.get(ME, headers=headers))


async def test_who_finds_a_token_shuts_nobody_out(
    stranger: httpx.AsyncClient, services: Services, database: Database
) -> None:
    """It ends no session of its owner's and takes no other token back; itself it may."""
    ada = await add_user(database, "ada")
    here = await sign_in(services.authentication.sessions, ada)
    me = (await stranger.get(ME, headers=here)).json()["data"]
    change = {**here, "X-CSRF-Token": me["csrf_token"]}
    made = [(await stranger.post(TOKENS, json=BODY, headers=change)).json()["data"] for _ in range(2)]
    found = bearer(made[0]["token"])
    attempts = [f"{SESSIONS}/{me['session_id']}", SESSIONS, f"{TOKENS}/{made[1]['token_id']}"]
    refused = [outcome(await stranger.delete(path, headers=found)) for path in attempts]
    assert [(403, "SCOPE_MISSING")] * 3 == refused
    others = [(await stranger.get(ME, headers=one)).status_code for one in (here, bearer(made[1]["token"]))]
    assert [200, 200] == others
    assert 200 == (await stranger.delete(f"{TOKENS}/{made[0]['token_id']}", headers=found)).status_code
    assert (401, "TOKEN_REVOKED") == outcome(await stranger.get(ME, headers=found))


async def test_a_token_with_the_scope_service_may_make_others(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    """With no more than it has itself."""
    first = (await client.post(TOKENS, json={**BODY, "scopes": ["service", "view"]})).json()["data"]["token"]
    assert 201 == (await stranger.post(TOKENS, json=BODY, headers=bearer(first))).status_code
    wider = {**BODY, "scopes": ["edit"]}
    assert (403, "SCOPE_MISSING") == outcome(await stranger.post(TOKENS, json=wider, headers=bearer(first)))


TOO_MUCH: list[tuple[dict[str, Any], int]] = [
    ({"scopes": []}, 400),
    ({"scopes": ["everything"]}, 400),
    ({"scopes": ["service"]}, 403),
    ({"name": " "}, 400),
    ({"expires_in_days": 0}, 400),
    ({"expires_in_days": 367}, 400),
    ({"expires_in_days": 91}, 400),
    ({"communities": [0]}, 400),
    ({"communities": [3]}, 403),
    *(({field: 1}, 400) for field in ("user_id", "hash", "prefix", "token_id", "revoked_at", "is_admin", "token")),
]


async def test_a_token_that_would_be_more_is_refused(stranger: httpx.AsyncClient, database: Database) -> None:
    """And so is every column that is not the caller's to say; nothing is made."""
    for change, status in TOO_MUCH:
        answer = await stranger.post(TOKENS, json={**BODY, **change}, headers=issued())
        assert status == answer.status_code, change
    assert 0 == await database.pool.fetchval("SELECT count(*) FROM api_tokens")


async def test_somebody_elses_token_is_a_missing_one(client: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    """The same answer but for the id."""
    foreign = (await client.post(TOKENS, json=BODY)).json()["data"]["token_id"]
    missing = str(uuid4())
    answers = [await stranger.delete(f"{TOKENS}/{one}", headers=issued()) for one in (foreign, missing)]
    assert answers[0].text.replace(foreign, missing) == answers[1].text
    assert 404 == answers[0].status_code
    assert (403, "PERMISSION_DENIED") == outcome(await stranger.get(f"{TOKENS}?everybody=true", headers=issued()))


async def test_a_browser_that_is_signed_in_reads(
    stranger: httpx.AsyncClient, services: Services, database: Database
) -> None:
    """With its cookie alone."""
    user_id = await add_user(database, "ada", c3="viewer")
    me = (await stranger.get(ME, headers=await sign_in(services.authentication.sessions, user_id))).json()["data"]
    assert (user_id, "session", True) == (me["user_id"], me["credential"], bool(me["csrf_token"]))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (201, "")),
        ({"Origin": "http://localhost"}, (201, "")),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, (201, "")),
        ({"X-CSRF-Token": ""}, (403, "CSRF_TOKEN_WRONG")),
        ({"X-CSRF-Token": "0" * 64}, (403, "CSRF_TOKEN_WRONG")),
        ({"X-CSRF-Token": "\xe4"}, (403, "CSRF_TOKEN_WRONG")),
        ({"Origin": "https://evil.example"}, (403, "ORIGIN_NOT_ALLOWED")),
        ({"Origin": "null"}, (403, "ORIGIN_NOT_ALLOWED")),
        ({"Origin": "http://localhost:3000"}, (403, "ORIGIN_NOT_ALLOWED")),
        ({"Origin": "http://localhost.evil.example"}, (403, "ORIGIN_NOT_ALLOWED")),
        ({"Origin": "https://localhost"}, (403, "ORIGIN_NOT_ALLOWED")),
        ({"Origin": ""}, (403, "ORIGIN_NOT_ALLOWED")),
        ({"Sec-Fetch-Site": "cross-site"}, (403, "ORIGIN_NOT_ALLOWED")),
        ({"Sec-Fetch-Site": "same-site"}, (403, "ORIGIN_NOT_ALLOWED")),
    ],
)
async def test_a_change_by_a_browser_comes_from_our_own_pages(
    stranger: httpx.AsyncClient,
    services: Services,
    database: Database,
    headers: dict[str, str],
    expected: tuple[int, str],
) -> None:
    """They know what belongs to the session; and a browser says where a request comes from."""
    cookie = await sign_in(services.authentication.sessions, await add_user(database, "ada"))
    token = (await stranger.get(ME, headers=cookie)).json()["data"]["csrf_token"]
    sent = {"X-CSRF-Token": token, **cookie, **headers}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
    assert expected == outcome(await stranger.post(TOKENS, json=BODY, headers=raw))


async def test_the_token_of_another_session_is_of_no_use(
    stranger: httpx.AsyncClient, services: Services, database: Database
) -> None:
    """Not even of the same user."""
    user_id = await add_user(database, "ada")
    first, second = [await sign_in(services.authentication.sessions, user_id) for _ in range(2)]
    token = (await stranger.get(ME, headers=first)).json()["data"]["csrf_token"]
    answer = await stranger.post(TOKENS, json=BODY, headers={**second, "X-CSRF-Token": token})
    assert (403, "CSRF_TOKEN_WRONG") == outcome(answer)


@pytest.mark.parametrize("header", [{"X-API-Key": SERVICE_KEY}, issued()])
async def test_programs_need_no_such_token(stranger: httpx.AsyncClient, header: dict[str, str]) -> None:
    """No page of somebody else's can send their headers."""
    headers = {**header, "Origin": "https://other.example", "Sec-Fetch-Site": "cross-site"}
    assert 201 == (await stranger.post(TOKENS, json=BODY, headers=headers)).status_code


async def test_a_replaced_secret_reaches_the_browser_and_a_dead_one_is_taken_away(
    stranger: httpx.AsyncClient, services: Services, database: Database
) -> None:
    """No script can read it, and it goes with nothing that other sites begin."""
    cookie = await sign_in(services.authentication.sessions, await add_user(database, "ada"))
    await database.pool.execute("UPDATE sessions SET rotated_at = rotated_at - interval '1 hour'")
    answer = await stranger.get("/api/v1/workflows", headers=cookie)
    kept = SimpleCookie(answer.headers["set-cookie"])[COOKIE]
    assert (200, True, "Lax", "/", "") == (
        answer.status_code, kept["httponly"], kept["samesite"], kept["path"], kept["max-age"],
    )  # fmt: skip
    stranger.cookies.clear()
    assert 200 == (await stranger.get(ME, headers={"Cookie": f"{COOKIE}={kept.value}"})).status_code
    await database.pool.execute("DELETE FROM sessions")
    gone = SimpleCookie((await stranger.get(ME, headers=cookie)).headers["set-cookie"])[COOKIE]
    assert ("", "0") == (gone.value, gone["max-age"])


async def test_over_https_the_cookie_is_this_hosts_alone(client_with: Open) -> None:
    """No neighbour can put one in its place, and it never goes in clear text."""
    async with client_with(signed_in=False, public_url="https://flows.example") as client:
        plain = await client.get(ME, headers={"Cookie": f"{COOKIE}=x"})
        own = await client.get(ME, headers={"Cookie": f"__Host-{COOKIE}=x"})
    assert ((401, "UNAUTHENTICATED"), (401, "SESSION_OVER")) == (outcome(plain), outcome(own))
    assert "; Secure" in own.headers["set-cookie"]


async def test_two_credentials_of_one_caller_allow_what_both_allow(
    stranger: httpx.AsyncClient, services: Services, database: Database
) -> None:
    """As a page that sends a token besides its cookie."""
    user_id = await add_user(database, "ada", c3="editor")
    cookie = await sign_in(services.authentication.sessions, user_id)
    csrf = (await stranger.get(ME, headers=cookie)).json()["data"]["csrf_token"]
    made = await stranger.post(TOKENS, json=BODY, headers={**cookie, "X-CSRF-Token": csrf})
    both = {**cookie, **bearer(made.json()["data"]["token"])}
    me = (await stranger.get(ME, headers=both)).json()["data"]
    assert (user_id, ["view"], "token") == (me["user_id"], me["scopes"], me["credential"])
    other = await sign_in(services.authentication.sessions, await add_user(database, "bo"))
    answer = await stranger.get(ME, headers={**both, **other})
    assert (401, "CREDENTIALS_DISAGREE") == outcome(answer)


async def test_one_signs_out_elsewhere(stranger: httpx.AsyncClient, services: Services, database: Database) -> None:
    """One session, or all others; not somebody else's."""
    ada, bo = await add_user(database, "ada"), await add_user(database, "bo")
    here, there, other = [await sign_in(services.authentication.sessions, one) for one in (ada, ada, bo)]
    csrf = (await stranger.get(ME, headers=here)).json()["data"]["csrf_token"]
    change = {**here, "X-CSRF-Token": csrf}
    foreign = (await stranger.get(ME, headers=other)).json()["data"]["session_id"]
    assert 404 == (await stranger.delete(f"{SESSIONS}/{foreign}", headers=change)).status_code
    listed = (await stranger.get(SESSIONS, headers=here)).json()["data"]
    assert {True: 1, False: 1} == {state: [one["current"] for one in listed].count(state) for state in (True, False)}
    assert 1 == (await stranger.delete(SESSIONS, headers=change)).json()["data"]["ended"]
    assert (401, "SESSION_OVER") == outcome(await stranger.get(ME, headers=there))
    own = next(one["session_id"] for one in listed if one["current"])
    assert 200 == (await stranger.delete(f"{SESSIONS}/{own}", headers=change)).status_code
    assert [401, 200] == [(await stranger.get(ME, headers=one)).status_code for one in (here, other)]
