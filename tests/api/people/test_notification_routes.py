"""Notifications over HTTP: what somebody was told, until it is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from wingbeat.api.app import Services
from wingbeat.sdk.notifications import Note
from wingbeat.sdk.testing import ExampleContext
from wingbeat.services.people.notifications import StepNotifications
from wingbeat.storage import notifications as rows
from wingbeat.storage.pool import Database

ROOT = "/api/v1/notifications"


@pytest.fixture
async def told(database: Database) -> list[str]:
    """Two people were told something, one of them twice; gives the ids."""
    tool = StepNotifications(database, ExampleContext())
    first = await tool.tell(["ada", "bo"], Note("first"))
    return [*first, *await tool.tell(["ada"], Note("second", level="warning"), turn="2")]


async def titles(client: httpx.AsyncClient, query: str) -> list[str]:
    """What a list gives."""
    return [one["title"] for one in (await client.get(f"{ROOT}?{query}")).json()["data"]]


async def test_what_was_read_is_not_unread(client: httpx.AsyncClient, told: list[str], services: Services) -> None:
    """One, then all of somebody; the first time counts, and what others were told stays as it is."""
    assert ["second", "first"] == await titles(client, "recipient=ada")
    read = [(await client.post(f"{ROOT}/{told[0]}/read")).json()["data"]["read_at"] for _ in range(2)]
    assert (read[0], ["second"]) == (read[1], await titles(client, "recipient=ada&unread=true"))
    counts = [(await client.post(f"{ROOT}/read", json={"recipient": "ada"})).json()["data"]["read"] for _ in range(2)]
    assert ([1, 0], []) == (counts, await titles(client, "recipient=ada&unread=true"))
    assert ["first"] == await titles(client, "recipient=bo&unread=true")
    assert services.notifications is not None


async def test_what_was_read_long_ago_is_forgotten(
    client: httpx.AsyncClient, told: list[str], database: Database
) -> None:
    """What was not read stays, however old it is."""
    await client.post(f"{ROOT}/{told[0]}/read")
    async with database.pool.acquire() as connection:
        await rows.forget(connection, datetime.now(UTC) - timedelta(days=1))
        assert 3 == len(await titles(client, ""))
        await rows.forget(connection, datetime.now(UTC) + timedelta(days=1))
    assert ["second", "first"] == await titles(client, "")


async def test_what_there_is_not(client: httpx.AsyncClient) -> None:
    """Is not found, or refused."""
    answers = [
        await client.post(f"{ROOT}/00000000-0000-7000-8000-000000000000/read"),
        await client.post(f"{ROOT}/read", json={}),
        await client.get(f"{ROOT}?recipient=%00"),
    ]
    assert [404, 409, 400] == [answer.status_code for answer in answers]
