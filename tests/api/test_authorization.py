"""Signing in for a connection with a browser: the answer is taken from the browser that asked."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx

from wingbeat.api.app import Services
from wingbeat.core.json_value import JsonObject
from wingbeat.storage.pool import Database

ROOT = "/api/v1/connections"
CONNECTION: JsonObject = {
    "name": "mine",
    "kind": "oauth2_authorization_code",
    "config": {
        "token_url": "https://login.example.com/token",
        "authorization_url": "https://login.example.com/authorize",
        "client_id": "us",
    },
    "secrets": {},
    "allowed_hosts": ["api.example.com"],
}


async def test_a_sign_in_comes_back_to_the_browser_that_asked(
    client_with: Callable[..., httpx.AsyncClient], services: Services, database: Database
) -> None:
    """Of two browsers of one user and one of another, the one in which it was begun; nobody in none of them."""
    ada, bo = [
        await database.pool.fetchval("INSERT INTO users (username) VALUES ($1) RETURNING user_id", name)
        for name in ("ada", "bo")
    ]
    async with database.pool.acquire() as connection:
        sessions = services.authentication.sessions
        cookies = [{"Cookie": f"wingbeat_session={await sessions.open(connection, one)}"} for one in (ada, ada, bo)]
    async with client_with(signed_in=False) as client:
        csrf = (await client.get("/api/v1/me", headers=cookies[0])).json()["data"]["csrf_token"]
        change = {**cookies[0], "X-CSRF-Token": csrf}
        made = await client.post(ROOT, json=CONNECTION, headers=change)
        assert made.status_code == 201, made.text
        found = []
        for browser in ({}, cookies[1], cookies[2], {"Cookie": "wingbeat_session=gone"}, cookies[0]):
            asked = await client.post(f"{made.headers['location']}/authorize", headers=change)
            state = parse_qs(urlsplit(asked.json()["data"]["url"]).query)["state"][0]
            came = {"state": state, "error": "access_denied"}
            back = await client.get(f"{ROOT}/oauth/callback", params=came, headers=browser)
            found.append(back.json()["error_code"])
    assert [*["AUTHORIZATION_UNKNOWN"] * 4, "AUTHORIZATION_DENIED"] == found
