"""The address of events: what is published there wakes executions that wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from wingbeat.core.json_value import JsonObject

    Make = Callable[..., Awaitable[str]]

ADDRESS = "/api/v1/events"


async def test_nobody_waits(client: httpx.AsyncClient) -> None:
    """It is accepted, gets an id, and wakes nobody."""
    answer = await client.post(ADDRESS, json={"name": "order.paid"})
    data = answer.json()["data"]
    assert (202, 0, True) == (answer.status_code, data["woken"], bool(data["event_id"]))


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "a" * 201}, {"name": 1}, {"name": "a", "else": 1}])
async def test_what_is_no_event_is_refused(client: httpx.AsyncClient, body: JsonObject) -> None:
    """Each with what is wrong."""
    assert 400 == (await client.post(ADDRESS, json=body)).status_code


async def test_what_cannot_be_stored_is_refused(client: httpx.AsyncClient) -> None:
    """U+0000 is in no text of the database."""
    answer = await client.post(ADDRESS, json={"name": "a", "data": "b\0"})
    assert (400, True) == (answer.status_code, bool(answer.json()["error_code"]))
