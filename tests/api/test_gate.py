"""Who may come in: with a key, holders of the key; without one, programs on this machine and no web pages."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

Open = Callable[..., httpx.AsyncClient]


@pytest.mark.parametrize("path", ["/api/v1/workflows", "/api/v1/status", "/nothing"])
@pytest.mark.parametrize("key", [None, "", "wrong", "secret2", "SECRET"])
async def test_without_the_key_nobody_comes_in(client_with: Open, path: str, key: str | None) -> None:
    """Not even to learn which addresses there are."""
    async with client_with(api_key="secret") as client:
        answer = await client.get(path, headers={"X-API-Key": key} if key is not None else {})
    assert (401, "UNAUTHENTICATED") == (answer.status_code, answer.json()["error_code"])
    assert answer.headers["www-authenticate"]


async def test_with_the_key_one_comes_in_from_anywhere(client_with: Open) -> None:
    """By whatever name the service is reached."""
    async with client_with(api_key="secret") as client:
        headers = {"X-API-Key": "secret", "Host": "wingbeat.example", "Origin": "https://other.example"}
        answer = await client.get("/api/v1/workflows", headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/health", "/ready", "/openapi.json"])
async def test_public_addresses_need_no_key(client_with: Open, path: str) -> None:
    """Probes and tools come without."""
    async with client_with(api_key="secret") as client:
        assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8070", "127.0.0.1:8070", "127.1.2.3", "[::1]:8070", "LOCALHOST", "wingbeat.localhost"],
)
async def test_this_machine_may_be_named_in_all_its_ways(client: httpx.AsyncClient, host: str) -> None:
    """Loopback names and addresses, with or without a port."""
    assert (await client.get("/health", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "", "[::1", "a@localhost@b"],
)
async def test_a_name_that_is_not_this_machines_is_refused(client: httpx.AsyncClient, host: str) -> None:
    """A page whose name was made to point here (DNS rebinding) does not get through, even reading."""
    answer = await client.get("/api/v1/workflows", headers={"Host": host})
    assert (403, "HOST_NOT_ALLOWED") == (answer.status_code, answer.json()["error_code"])


async def test_the_operator_may_allow_other_names(client_with: Open) -> None:
    """As for a container that is reached by its name."""
    async with client_with(allowed_hosts=["Wingbeat.Internal"]) as client:
        assert (await client.get("/health", headers={"Host": "wingbeat.internal:8070"})).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost:3000", "http://localhost.evil.example", "file://", "http://["],
)
async def test_a_page_of_another_site_may_change_nothing(client: httpx.AsyncClient, origin: str) -> None:
    """A browser always says where a page that sends something comes from."""
    answer = await client.post("/api/v1/workflows", json={}, headers={"Origin": origin})
    assert (403, "ORIGIN_NOT_ALLOWED") == (answer.status_code, answer.json()["error_code"])


async def test_a_page_of_our_own_may_change_something(client: httpx.AsyncClient) -> None:
    """It gets as far as any program."""
    answer = await client.post("/api/v1/workflows", json={}, headers={"Origin": "http://localhost"})
    assert answer.json()["error_code"] == "WORKFLOW_INVALID"
