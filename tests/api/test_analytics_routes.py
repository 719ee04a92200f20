"""The addresses of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

OVERVIEW = "/api/v1/analytics/overview"


async def test_the_figures_have_their_shape(client: httpx.AsyncClient, publish: Callable[..., Awaitable[str]]) -> None:
    """An execution that waits for a worker is in the timeline and in what there is now; the statistics count it too."""
    await client.post(f"{await publish()}/execute")

    overview = (await client.get(OVERVIEW, params={"bucket": "day", "timezone": "Asia/Kathmandu"})).json()["data"]
    statistics = (await client.get("/api/v1/workflows/statistics")).json()["data"]

    assert {"queued": 1, "running": 0, "waiting": 0, "paused": 0, "parked": 0} == overview["now"] == statistics["now"]
    assert [1, 1] == [overview["totals"]["active"], sum(one["active"] for one in overview["timeline"])]
    assert "18:15:00Z" == overview["timeline"][0]["start"][-9:]
    assert ["small"] == [one["name"] for one in overview["active_workflows"]]
    assert {"draft": 0, "published": 1, "archived": 0} == statistics["workflows"]


async def test_a_range_that_makes_no_sense_is_refused(client: httpx.AsyncClient) -> None:
    """With the reason and what to send instead."""
    answer = await client.get(OVERVIEW, params={"since": "2030-01-02T00:00:00Z", "until": "2030-01-01T00:00:00Z"})
    assert (400, "RANGE_INVALID") == (answer.status_code, answer.json()["error_code"])
    assert answer.json()["details"]["remedy"]
