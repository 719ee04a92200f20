"""Reading the audit log over REST."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from wingbeat.services.audit_trail import AuditTrail
from wingbeat.storage import audit
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.pool import Database

ADDRESS = "/api/v1/audit"


async def test_pages_go_from_the_newest_to_the_oldest(client: httpx.AsyncClient, database: Database) -> None:
    """Each entry is on one page, and an entry that comes meanwhile shifts nothing."""
    async with database.pool.acquire() as connection:
        for number in range(5):
            await audit.write(connection, AuditEvent(Category.AUDIT, "thing.made", "thing", str(number * 2**30)))
            await connection.execute("SELECT pg_sleep(0.002)")  # ids of one millisecond are in no order
        seen: list[str] = []
        cursor: str | None = ""
        for _ in range(3):
            query = {"per_page": "2", "action": "thing", **({"cursor": cursor} if cursor else {})}
            answer = (await client.get(ADDRESS, params=query)).json()
            seen += [entry["object_id"] for entry in answer["data"]]
            cursor = answer["meta"]["next_cursor"]
            await audit.write(connection, AuditEvent(Category.AUDIT, "thing.made", "thing", "late"))
    assert ([str(number * 2**30) for number in (4, 3, 2, 1, 0)], None) == (seen, cursor)


async def test_an_entry_has_who_did_what_by_which_request(client: httpx.AsyncClient) -> None:
    """Found again by the request's id, and with no secret of what was made."""
    secret = "hunter2-hunter2"  # noqa: S105 - planted, to be looked for
    made = {"name": "Shop", "kind": "bearer", "secrets": {"token": secret}, "allowed_hosts": ["api.example.com"]}
    created = await client.post("/api/v1/connections", json=made, headers={"X-Request-Id": "my-request"})
    assert created.status_code == 201

    answer = await client.get(ADDRESS, params={"request_id": "my-request"})

    assert [("connection.create", "service", "success", "Shop")] == [
        (entry["action"], entry["actor"], entry["result"], entry["object_name"]) for entry in answer.json()["data"]
    ]
    assert secret not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        {"category": "audit"},
        {"since": "2026-01-01T00:00:00"},
        {"since": "yesterday"},
        {"workflow_id": "1"},
        {"per_page": "101"},
        {"page": "2"},
        {"actor": "\0"},
        {"community_id": "-1"},
        {"sort": "at; DROP TABLE audit_log"},
    ],
)
async def test_what_does_not_fit_is_refused(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    """With 400, and by name."""
    answer = await client.get(ADDRESS, params=query)
    assert (400, True) == (answer.status_code, next(iter(query)) in answer.text)


@pytest.fixture
async def trail(database: Database) -> AsyncIterator[AuditTrail]:
    """A trail without a file, whose rounds are the test's."""
    trail = AuditTrail(database, None)
    before = audit.TRAIL.set(trail)
    yield trail
    audit.TRAIL.reset(before)


async def test_who_is_not_let_in_is_recorded(
    client_with: Callable[..., httpx.AsyncClient], client: httpx.AsyncClient, trail: AuditTrail
) -> None:
    """With the address as it is declared, since what stands in it may be anything; and nothing of the credential."""
    async with client_with(signed_in=False) as stranger:
        headers = {"X-API-Key": "hunter2-hunter2", "X-Request-Id": "strange"}
        assert 401 == (await stranger.get("/api/v1/node-types/hunter2", headers=headers)).status_code
    await trail.run_once()

    answer = await client.get(ADDRESS, params={"category": "AUTH"})

    [entry] = answer.json()["data"]
    assert ("request.refuse", "API_KEY_WRONG", "GET /api/v1/node-types/{name}", "strange") == tuple(
        entry[name] for name in ("action", "result", "object_id", "request_id")
    )
    assert "hunter2" not in answer.text
