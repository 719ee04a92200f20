"""What a caller hears when the limits of a workflow stand against a start."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from wingbeat.core.json_value import JsonObject

Publish = Callable[..., Awaitable[str]]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"rateLimitMaxConcurrent": 1, "overflow": "drop"}, "MAX_CONCURRENT"),
        ({"rateLimitPerMinute": 1, "overflow": "drop"}, "MAX_PER_MINUTE"),
        ({"max_concurrent": 1, "max_queued": 0}, "MAX_QUEUED"),
    ],
)
async def test_a_start_that_is_refused_says_when_to_come_again(
    client: httpx.AsyncClient, publish: Publish, settings: JsonObject, code: str
) -> None:
    """Whether it waits or not, with a key or without, by hand or as a schedule would."""
    address = await publish(settings=settings)
    schedule = await client.post(f"{address}/schedules", json={"name": "s", "cron_expression": "@yearly"})
    assert 202 == (await client.post(f"{address}/execute")).status_code
    answers = [
        await client.post(f"{address}/execute"),
        await client.post(f"{address}/execute?wait=1"),
        await client.post(f"{address}/execute", headers={"Idempotency-Key": "k"}),
        await client.post(f"{schedule.headers['location']}/run"),
    ]
    assert [(429, code)] * 4 == [(answer.status_code, answer.json()["error_code"]) for answer in answers]
    assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in answers)


async def test_starts_that_are_taken_together_have_the_same_answer(client: httpx.AsyncClient, publish: Publish) -> None:
    """The execution that waits for more of them."""
    address = await publish(settings={"debounce_seconds": 60})
    answers = await asyncio.gather(*(client.post(f"{address}/execute") for _ in range(5)))
    assert {202} == {answer.status_code for answer in answers}
    assert 1 == len({answer.json()["data"]["execution_id"] for answer in answers})
