"""How the installation is: alive, ready, and what it works on."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable

import httpx
from tests.api.conftest import credentials_of

from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.services.status import Status
from wingbeat.storage.pool import Database

Make = Callable[..., Awaitable[str]]


def client_of(services: Services) -> httpx.AsyncClient:
    """A client of the application with these services."""
    app = create_app(services, ApiOptions(version="1"))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://localhost",
        headers=credentials_of(services),
    )


async def test_without_a_database_the_process_lives_and_is_not_ready(services: Services, database: Database) -> None:
    """Liveness asks nobody; readiness says what is wrong; everything else is 503 with a time to come back."""
    async with client_of(services) as client:
        assert (await client.get("/ready")).status_code == 200
        await database.close()
        health, ready, other = [await client.get(path) for path in ("/health", "/ready", "/api/v1/workflows")]
    assert [200, 503, 503] == [health.status_code, ready.status_code, other.status_code]
    assert (ready.json()["error_code"], other.json()["error_code"]) == ("NOT_READY", "DATABASE_UNAVAILABLE")
    assert "database" in ready.json()["details"]["problems"][0]
    assert other.headers["retry-after"].isdecimal()


async def test_a_worker_that_stopped_makes_the_process_unready(services: Services, database: Database) -> None:
    """Its reason is in the answer."""
    status = Status(database, "1", problems_here=lambda: ["The worker has stopped."])
    async with client_of(dataclasses.replace(services, status=status)) as client:
        answer = await client.get("/ready")
    assert (503, ["The worker has stopped."]) == (answer.status_code, answer.json()["details"]["problems"])


async def test_the_status_counts_what_there_is(client: httpx.AsyncClient, publish: Make) -> None:
    """Workflows, executions by status, jobs in the queue, limits, the database."""
    address = await publish()
    await client.post(f"{address}/execute")
    data = (await client.get("/api/v1/status")).json()["data"]
    executions = {"pending": 1, "running": 0, "waiting": 0, "paused": 0, "failed": 0}
    assert ("1.2.3", 1, executions, 1) == (
        data["version"],
        data["workflows"],
        data["executions"],
        data["queue"]["jobs"],
    )
    assert data["limits"] == {"max_loop_depth": 10}
    assert data["database"]["bytes"] > 0


async def test_administrators_read_the_settings(client: httpx.AsyncClient) -> None:
    """Each with its meaning and where it is from."""
    listed = {one["name"]: one for one in (await client.get("/api/v1/settings")).json()["data"]}
    assert ("default", "10", False) == tuple(listed["LEASE_SECONDS"][name] for name in ("source", "value", "secret"))
    assert listed["SECRET_KEY"]["value"] is None
