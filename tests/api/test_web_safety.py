"""What protects browsers and the service from each other: headers, other origins, rates, and the time of a request."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import jwt
import pytest
from starlette.requests import Request
from starlette.responses import Response
from tests.api.conftest import JWT_KEY, SERVICE_KEY, open_client
from tests.rig.redis import redis_server

from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.api.failures import RequestTimedOut
from wingbeat.api.permission import EXTENSION
from wingbeat.api.rate_limits import RateLimits
from wingbeat.api.routing import LONG, in_time
from wingbeat.core.access import SERVICE, Principal, PrincipalKind
from wingbeat.core.errors import RateLimited

Open = Callable[..., httpx.AsyncClient]
ME = "/api/v1/me"
EXPECTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
ADA = Principal(PrincipalKind.USER, 7)
BO = Principal(PrincipalKind.USER, 8)


def issued(user_id: int = 7) -> dict[str, str]:
    """The header of a token."""
    token = jwt.encode({"user_id": user_id, "exp": time.time() + 3600}, JWT_KEY, "HS256")
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/health", 200), ("/api/v1/workflows", 200), ("/nothing", 404), ("/api/v1/workflows?page=0", 400)],
)
async def test_every_answer_tells_browsers_what_not_to_do(client: httpx.AsyncClient, path: str, status: int) -> None:
    """Good ones and refusals, whoever made them."""
    answer = await client.get(path)
    assert status == answer.status_code
    assert EXPECTED == {name: answer.headers[name] for name in EXPECTED}
    policy = answer.headers["content-security-policy"]
    assert all(word in policy for word in ("default-src 'none'", "frame-ancestors 'none'", "sandbox"))
    assert "strict-transport-security" not in answer.headers
    assert all(1 == len(answer.headers.get_list(name)) for name in EXPECTED)


@pytest.mark.parametrize("path", ["/api/v1/workflows", ME])
async def test_a_refusal_has_them_too(client_with: Open, path: str) -> None:
    """Over HTTPS, browsers are told never to come without it."""
    async with client_with(signed_in=False, public_url="https://flows.example") as client:
        answer = await client.get(path)
    assert 401 == answer.status_code
    assert EXPECTED == {name: answer.headers[name] for name in EXPECTED}
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_a_page_says_itself_what_it_needs(services: Services) -> None:
    """Its own policy stands alone, with no other beside it."""
    app = create_app(services, ApiOptions(version="1"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        answer = await client.get("/api/v1/approvals/links/x")
    policies = answer.headers.get_list("content-security-policy")
    assert 1 == len(policies)
    assert all(word in policies[0] for word in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"))
    assert 1 == len(answer.headers.get_list("x-frame-options"))


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
async def test_no_other_origin_may_read_by_default(client: httpx.AsyncClient, method: str) -> None:
    """Nothing tells a browser that it may show an answer to a page of somebody else's."""
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    answer = await client.request(method, "/api/v1/workflows", headers=headers)
    assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize(
    ("allowed", "origin", "expected"),
    [
        (["https://app.example"], "https://app.example", "https://app.example"),
        (["https://app.example"], "https://app.example.evil.example", None),
        (["https://app.example"], "http://app.example", None),
        (["https://app.example"], "null", None),
        (["*"], "https://whoever.example", "*"),
    ],
)
async def test_the_operator_may_let_other_origins_read(
    services: Services, allowed: list[str], origin: str, expected: str | None
) -> None:
    """With a token or a key that the page has; never with what the browser adds by itself."""
    app = create_app(services, ApiOptions(version="1", cors_allowed_origins=allowed))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        preflight = await client.options("/api/v1/workflows", headers=asked)
        answer = await client.get("/api/v1/workflows", headers={"Origin": origin, "X-API-Key": SERVICE_KEY})
    for one in (preflight, answer):
        assert expected == one.headers.get("access-control-allow-origin")
        assert "access-control-allow-credentials" not in one.headers


async def test_who_asks_too_often_waits(services: Services) -> None:
    """Each user for itself, all tokens together; the key of the service is not counted."""
    async with open_client(services, signed_in=False, rate_limits=RateLimits("3/hour")) as client:
        statuses = [(await client.get(ME, headers=issued())).status_code for _ in range(3)]
        refused = await client.get(ME, headers=issued())
        other = await client.get(ME, headers=issued(8))
        key = [(await client.get(ME, headers={"X-API-Key": SERVICE_KEY})).status_code for _ in range(5)]
    assert ([200] * 3, 429, "RATE_LIMITED") == (statuses, refused.status_code, refused.json()["error_code"])
    assert 0 < int(refused.headers["retry-after"]) <= 7200
    assert (200, [200] * 5) == (other.status_code, key)


async def test_who_guesses_is_slowed_and_locks_nobody_out(client_with: Open) -> None:
    """Beyond so many, the answer is to come later; a credential that holds is taken from the same address."""
    async with client_with(signed_in=False) as client:
        codes = [(await client.get(ME, headers={"X-API-Key": "x"})).json()["error_code"] for _ in range(61)]
        good = await client.get(ME, headers={"X-API-Key": SERVICE_KEY})
        nothing = await client.get(ME)
    assert ({"API_KEY_WRONG"}, "TOO_MANY_FAILURES") == (set(codes[:60]), codes[60])
    assert (200, 401) == (good.status_code, nothing.status_code)


async def test_another_address_of_one_network_is_no_other_guesser() -> None:
    """Whoever has IPv6 has a network full of addresses."""
    limits = RateLimits()
    for number in range(60):
        await limits.count_failure(f"2001:db8::{number:x}")
    with pytest.raises(RateLimited):
        await limits.count_failure("2001:db8::ffff")
    await limits.count_failure("2001:db8:0:1::1")


async def test_a_redis_is_counted_in_by_all_processes(tmp_path: Path) -> None:
    """And when it is gone, nobody is kept out by that: each process counts for itself."""
    with redis_server(tmp_path) as (url, process):
        one, other = RateLimits("2/hour", url), RateLimits("2/hour", url)
        await one.count(ADA)
        await other.count(ADA)
        for limits in (one, other):
            with pytest.raises(RateLimited):
                await limits.count(ADA)
        await one.count(BO)
        await one.count(SERVICE)
        process.kill()
        process.wait()
        for _ in range(2):
            await one.count(ADA)
        with pytest.raises(RateLimited):
            await one.count(ADA)
        await asyncio.gather(one.close(), other.close())


async def test_a_crowd_is_counted_together_too(tmp_path: Path) -> None:
    """All at the same moment, at two processes: no more come in than the rate says, and none is let in unseen."""
    with redis_server(tmp_path) as (url, _):
        both = RateLimits("20/hour", url), RateLimits("20/hour", url)
        asked = await asyncio.gather(
            *(both[number % 2].count(ADA) for number in range(400)),
            return_exceptions=True,
        )
        await asyncio.gather(*(limits.close() for limits in both))
    assert (20, 380) == (asked.count(None), sum(isinstance(one, RateLimited) for one in asked))


@pytest.mark.parametrize(("extra", "expected"), [({}, 504), ({LONG: True}, 200)])
async def test_a_request_that_takes_too_long_is_ended(
    services: Services, extra: dict[str, bool], expected: int
) -> None:
    """Unless it said that it takes long."""
    app = create_app(services, ApiOptions(version="1", request_seconds=0.01))

    async def slow(_request: Request) -> Response:
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.get_running_loop().create_future(), 0.05 if extra else 60)
        return Response()

    app.router.add_api_route("/slow", slow, response_model=None, openapi_extra={EXTENSION: "public", **extra})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/slow")
    assert expected == answer.status_code
    assert extra or "REQUEST_TIMEOUT" == answer.json()["error_code"]


async def test_what_it_was_doing_ends_with_it(services: Services) -> None:
    """Nothing goes on for a caller who has had an answer; what ran out of time by itself is not called that."""
    app = create_app(services, ApiOptions(version="1", request_seconds=0.01))
    request = Request({"type": "http", "app": app, "headers": []})
    ended: list[str] = []

    async def slow(_request: Request) -> Response:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return Response()

    async def broken(_request: Request) -> Response:
        raise TimeoutError

    with pytest.raises(RequestTimedOut):
        await in_time(slow, request)
    assert ["cancelled"] == ended
    with pytest.raises(TimeoutError):
        await in_time(broken, request)
