"""Signing in by a browser and by the web app: sessions that are new each time, and forms that only our pages send."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.api.conftest import credentials_of
from tests.rig.identity_provider import real_provider

from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.api.identity.form_guard import own_path
from wingbeat.core.access import SYSTEM
from wingbeat.egress.oidc import Client, IdentityProvider
from wingbeat.services.identity.provided_people import ClaimRules
from wingbeat.services.identity.provider_sign_in import ProviderSignIns
from wingbeat.storage.pool import Database
from wingbeat.storage.secret import Secret
from wingbeat.storage.users import StoredUser, UserFields

GOOD, OTHER = "three swifts and a lark", "another lark and a wren"
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')
SESSION = "wingbeat_session"
LOGIN, STATE = "/api/v1/auth/login", "/api/v1/auth/session"
PEOPLE: dict[str, dict[str, object]] = {"ada-1": {"preferred_username": "ada", "name": "<b>Ada</b>"}}


@pytest.fixture
async def ada(services: Services) -> StoredUser:
    """Somebody with the good password."""
    return (await services.users.create(SYSTEM, UserFields("ada", "<b>Ada</b>"), Secret(GOOD))).user


def open_browser(services: Services, public_url: str = "http://localhost") -> httpx.AsyncClient:
    """What keeps cookies and follows nothing."""
    app = create_app(services, ApiOptions(version="1", public_url=public_url))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=public_url)


@pytest.fixture
async def browser(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """A browser."""
    async with open_browser(services) as opened:
        yield opened


async def form_token(browser: httpx.AsyncClient, path: str = "/sign-in") -> str:
    """Open the page, and take the token from its form."""
    found = TOKEN.search((await browser.get(path)).text)
    assert found is not None
    return found[1]


async def sign_in(browser: httpx.AsyncClient, password: str = GOOD, **fields: str) -> httpx.Response:
    """By the form, as a person would."""
    token = await form_token(browser)
    return await browser.post("/sign-in", data={"form_token": token, "username": "ada", "password": password, **fields})


async def test_a_person_signs_in_and_out(browser: httpx.AsyncClient, ada: StoredUser) -> None:
    """The session's cookie is out of reach for scripts, and of no use after that."""
    assert "/sign-in" == (await browser.get("/account")).headers["location"]
    entered = await sign_in(browser)
    assert (303, "/") == (entered.status_code, entered.headers["location"])
    cookie = next(value for value in entered.headers.get_list("set-cookie") if value.startswith(SESSION))
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    page = await browser.get("/account")
    assert "signed in as ada" in page.text
    assert "<b>Ada" not in page.text
    secret = browser.cookies[SESSION]
    left = await browser.post("/sign-out", data={"form_token": await form_token(browser, "/account")})
    assert (303, None) == (left.status_code, browser.cookies.get(SESSION))
    browser.cookies.set(SESSION, secret)
    assert 303 == (await browser.get("/account")).status_code
    assert ada.enabled


async def test_a_refusal_shows_the_form_again(browser: httpx.AsyncClient, ada: StoredUser) -> None:
    """With the name and the way on, without the password; the same for strangers."""
    wrong = await sign_in(browser, OTHER, next="/workflows/1")
    assert (401, True, True) == (wrong.status_code, 'value="ada"' in wrong.text, "/workflows/1" in wrong.text)
    assert OTHER not in wrong.text
    assert SESSION not in browser.cookies
    stranger = await sign_in(browser, OTHER, username="nobody", next="/workflows/1")
    assert wrong.text == stranger.text.replace("nobody", "ada")
    hostile = await sign_in(browser, "", username='"><script>alert(1)</script>')
    assert "<script" not in hostile.text
    assert ada.enabled


async def test_pages_bring_no_script_and_none_may_be_put_in(browser: httpx.AsyncClient) -> None:
    """Nor may another page hold them in a frame, or keep them."""
    page = await browser.get("/sign-in")
    policy = page.headers["content-security-policy"]
    assert ("text/html; charset=utf-8", "no-store") == (page.headers["content-type"], page.headers["cache-control"])
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert re.search(r"script|on\w+=|style=", page.text.partition("</style>")[2]) is None


async def test_only_our_own_form_signs_in(browser: httpx.AsyncClient, services: Services, ada: StoredUser) -> None:
    """Not without its token or its cookie, not with another browser's, and not from a page of somebody else's."""
    token = await form_token(browser)
    good = {"form_token": token, "username": "ada", "password": GOOD}
    async with open_browser(services) as other:
        foreign = await form_token(other)
        without_cookie = await open_browser(services).post("/sign-in", data=good)
    attempts = [
        without_cookie,
        await browser.post("/sign-in", data={**good, "form_token": ""}),
        await browser.post("/sign-in", data={**good, "form_token": foreign}),
        await browser.post("/sign-in", data={**good, "form_token": token.upper()}),
        await browser.post("/sign-in", data=good, headers={"Origin": "https://evil.example.com"}),
        await browser.post("/sign-in", data=good, headers={"Origin": "null"}),
        await browser.post("/sign-in", data=good, headers={"Origin": "http://localhost.evil.example.com"}),
        await browser.post("/sign-in", data=good, headers={"Origin": "http://["}),
        await browser.post("/sign-in", data=good, headers={"Sec-Fetch-Site": "cross-site"}),
        await browser.post("/sign-in", data=good, headers={"Sec-Fetch-Site": "same-site"}),
    ]
    assert [403] * len(attempts) == [answer.status_code for answer in attempts]
    assert SESSION not in browser.cookies
    own = await browser.post(
        "/sign-in", data=good, headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    )
    assert 303 == own.status_code
    assert ada.enabled


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"{}", "application/json"),
        (b"x" * 30_000, "application/x-www-form-urlencoded"),
        (b"a=%FF", "application/x-www-form-urlencoded"),
        (b"&".join([b"a=1"] * 50), "application/x-www-form-urlencoded"),
        (b"", ""),
    ],
)
async def test_what_is_no_form_is_refused(browser: httpx.AsyncClient, content: bytes, media_type: str) -> None:
    """With the form, and never with an error of ours."""
    answer = await browser.post("/sign-in", content=content, headers={"Content-Type": media_type})
    assert (400 <= answer.status_code < 500, "text/html; charset=utf-8") == (True, answer.headers["content-type"])


async def test_a_session_is_new_at_each_sign_in(browser: httpx.AsyncClient, ada: StoredUser) -> None:
    """One that somebody put into the browser before is not taken over, and one that was there is over."""
    planted = "A" * 43
    browser.cookies.set(SESSION, planted)
    await sign_in(browser)
    first = browser.cookies.get(SESSION, domain="localhost.local") or next(
        cookie.value for cookie in browser.cookies.jar if cookie.name == SESSION and cookie.value != planted
    )
    assert first != planted
    browser.cookies.clear()
    browser.cookies.set(SESSION, str(first))
    await sign_in(browser)
    async with httpx.AsyncClient(transport=browser._transport, base_url="http://localhost") as thief:
        for secret in (planted, str(first)):
            assert 303 == (await thief.get("/account", headers={"Cookie": f"{SESSION}={secret}"})).status_code
    assert ada.enabled


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example.com",
        "//evil.example.com",
        "/\\evil.example.com",
        "\\\\evil.example.com",
        "/\t/evil.example.com",
        "///evil.example.com",
        "javascript:alert(1)",
        "http:evil",
        "evil",
        "",
        " /x",
        "/x\r\nSet-Cookie: a=b",
        "/ü",
        "https:/evil.example.com",
        "//[",
        "https://[::1",
    ],
)
async def test_nobody_is_sent_elsewhere(path: str) -> None:
    """What is not a path of ours is as if it were not there."""
    assert "/account" == own_path(path, "/account")


async def test_somebody_goes_on_where_it_wanted_to(browser: httpx.AsyncClient, ada: StoredUser) -> None:
    """A path of ours, with its query."""
    assert own_path("/workflows/1?tab=a#b", "/") == "/workflows/1?tab=a#b"
    assert "/workflows/1?tab=a" == (await sign_in(browser, next="/workflows/1?tab=a")).headers["location"]
    assert "/" == (await sign_in(browser, next="//evil.example.com")).headers["location"]
    assert "evil" not in (await browser.get("/sign-in", params={"next": "//evil.example.com"})).text
    assert ada.enabled


async def test_a_link_asks_for_a_password_and_lets_in_once(browser: httpx.AsyncClient, services: Services) -> None:
    """Opening it takes nothing; a faulty password leaves it as it is."""
    user = (await services.users.create(SYSTEM, UserFields("bo"))).user
    path = (await services.users.make_link(SYSTEM, user.user_id)).path()
    for _ in range(2):
        assert 200 == (await browser.get(path)).status_code
    token = await form_token(browser, path)
    for fields, status in (
        ({"new": OTHER, "again": GOOD}, 400),
        ({"new": "short", "again": "short"}, 400),
        ({"new": "", "again": ""}, 400),
        ({"new": OTHER, "again": OTHER, "form_token": ""}, 403),
        ({"new": OTHER, "again": OTHER}, 303),
    ):
        answer = await browser.post(path, data={"form_token": token, **fields})
        assert status == answer.status_code, fields
        assert OTHER not in answer.text
    assert "signed in as bo" in (await browser.get("/account")).text
    assert 404 == (await browser.get(path)).status_code
    assert 404 == (await browser.get("/sign-in/made-up")).status_code


async def test_a_password_is_changed_on_the_page(
    browser: httpx.AsyncClient, services: Services, ada: StoredUser
) -> None:
    """Every other browser is signed out, and this one stays in."""
    async with open_browser(services) as other:
        await sign_in(other)
        await sign_in(browser)
        token = await form_token(browser, "/account")
        good = {"form_token": token, "old": GOOD, "new": OTHER, "again": OTHER}
        for fields, status in (({"old": OTHER}, 401), ({"again": GOOD}, 400), ({"form_token": "x"}, 403), ({}, 303)):
            assert status == (await browser.post("/account/password", data={**good, **fields})).status_code
        assert "Your password is changed" in (await browser.get("/account?changed=true")).text
        assert 303 == (await other.get("/account")).status_code
    assert ada.enabled


async def test_the_web_app_signs_in(browser: httpx.AsyncClient, services: Services, ada: StoredUser) -> None:
    """With the token that every change needs; who is signed in is told, and nobody is refused that."""
    state = (await browser.get(STATE)).json()["data"]
    assert (None, None, None) == (state["user"], state["provider"], state["csrf_token"])
    refused = await browser.post(LOGIN, json={"username": "ada", "password": OTHER})
    assert (401, "SIGN_IN_FAILED") == (refused.status_code, refused.json()["error_code"])
    entered = await browser.post(LOGIN, json={"username": "ada", "password": GOOD})
    token = entered.json()["data"]["csrf_token"]
    state = (await browser.get(STATE)).json()["data"]
    assert (ada.user_id, token) == (state["user"]["user_id"], state["csrf_token"])
    for headers in ({}, {"X-CSRF-Token": "x"}, {"X-CSRF-Token": token, "Origin": "https://evil.example.com"}):
        assert 403 == (await browser.post("/api/v1/auth/logout", headers=headers)).status_code
    headers = {"X-CSRF-Token": token}
    body = {"old": GOOD, "new": OTHER}
    changed = await browser.post("/api/v1/auth/password", json=body, headers=headers)
    assert 200 == changed.status_code
    headers = {"X-CSRF-Token": changed.json()["data"]["csrf_token"]}
    assert 200 == (await browser.post("/api/v1/auth/logout", headers=headers)).status_code
    assert (await browser.get(STATE)).json()["data"]["user"] is None
    keyed = await browser.post("/api/v1/auth/password", json=body, headers=credentials_of(services))
    assert (403, "SESSION_NEEDED") == (keyed.status_code, keyed.json()["error_code"])


@pytest.mark.parametrize("name", ["user_id", "is_admin", "session_version", "remember", "next", "scopes"])
async def test_nothing_more_than_that_is_taken(browser: httpx.AsyncClient, ada: StoredUser, name: str) -> None:
    """Who signs in says who it is, and nothing else about itself."""
    answer = await browser.post(LOGIN, json={"username": "ada", "password": GOOD, name: 1})
    assert (400, "INVALID_INPUT") == (answer.status_code, answer.json()["error_code"])
    assert GOOD not in answer.text
    assert (SESSION not in browser.cookies, ada.enabled) == (True, True)


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example.com"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_a_page_of_another_site_signs_nobody_in(
    browser: httpx.AsyncClient, ada: StoredUser, headers: dict[str, str]
) -> None:
    """Nor does a plain form of one, which can send no JSON."""
    body = {"username": "ada", "password": GOOD}
    assert 403 == (await browser.post(LOGIN, json=body, headers=headers)).status_code
    assert 415 == (await browser.post(LOGIN, data=body)).status_code
    assert SESSION not in browser.cookies
    assert ada.enabled


async def test_over_https_cookies_are_bound_to_the_host(services: Services, ada: StoredUser) -> None:
    """No neighbour can plant one, and none goes over plain HTTP."""
    async with open_browser(services, public_url="https://wings.example.com") as browser:
        entered = await sign_in(browser)
    cookies = [*entered.headers.get_list("set-cookie")]
    assert any(cookie.startswith("__Host-wingbeat_session=") for cookie in cookies)
    assert all("secure" in cookie.lower() and "domain" not in cookie.lower() for cookie in cookies)
    assert ada.enabled


async def test_a_disabled_user_is_out_with_the_next_request(
    browser: httpx.AsyncClient, services: Services, ada: StoredUser
) -> None:
    """And so is one who is made another."""
    await sign_in(browser)
    await services.users.change(SYSTEM, ada.user_id, {"enabled": False})
    assert 303 == (await browser.get("/account")).status_code
    assert (await browser.get(STATE)).json()["data"]["user"] is None
    assert 401 == (await browser.get("/api/v1/workflows")).status_code


async def test_a_whole_way_by_an_identity_provider(services: Services, database: Database) -> None:
    """From the button to the account, in one browser; another browser cannot use the answer."""
    with real_provider(**PEOPLE) as issuer:
        provider = IdentityProvider(Client(issuer, "wings", Secret("shh"), "openid profile"))
        back = "http://localhost/sign-in/oidc/callback"
        ways = ProviderSignIns(provider, services.sign_ins, ClaimRules(), b"k" * 32, back, "<i>Example</i>")
        with_provider = replace(services, provider=ways)
        async with open_browser(with_provider) as browser, open_browser(with_provider) as thief:
            page = (await browser.get("/sign-in", params={"next": "/workflows"})).text
            assert "Sign in with &lt;i&gt;Example&lt;/i&gt;" in page
            sent = await browser.get("/sign-in/oidc", params={"next": "/workflows"})
            asked = parse_qs(urlsplit(sent.headers["location"]).query)
            assert [back] == asked["redirect_uri"]
            async with httpx.AsyncClient(timeout=60, trust_env=False) as real:
                answer = (await real.post(sent.headers["location"], data={"sub": "ada-1"})).headers["location"]
            path = answer.removeprefix("http://localhost")
            assert 401 == (await thief.get(path)).status_code
            assert SESSION not in thief.cookies
            sent = await browser.get("/sign-in/oidc", params={"next": "/workflows"})
            async with httpx.AsyncClient(timeout=60, trust_env=False) as real:
                answer = (await real.post(sent.headers["location"], data={"sub": "ada-1"})).headers["location"]
            path = answer.removeprefix("http://localhost")
            entered = await browser.get(path)
            assert (303, "/workflows") == (entered.status_code, entered.headers["location"])
            assert "&lt;b&gt;Ada&lt;/b&gt;" in (await browser.get("/account")).text
            assert 401 == (await browser.get(path)).status_code
        await provider.close()
    assert 1 == await database.pool.fetchval("SELECT count(*) FROM users")


async def test_without_a_provider_there_is_no_way_to_it(browser: httpx.AsyncClient) -> None:
    """And no button."""
    assert "oidc" not in (await browser.get("/sign-in")).text
    for path in ("/sign-in/oidc", "/sign-in/oidc/callback?state=a&code=b&anything=c"):
        assert 404 == (await browser.get(path)).status_code
