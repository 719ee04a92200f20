"""What runs cost the page that shows them: memory over many of them, and scrolling through the steps of a long one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import httpx
    from playwright.async_api import CDPSession, Page

SAMPLES = 12
ROUNDS = 3_333
NOTCHES = 120


@dataclass(frozen=True)
class Sample:
    """What the page holds after garbage collection, and after how many runs."""

    minutes: float
    runs: int
    heap: float
    nodes: int


def small_workflow() -> dict[str, Any]:
    """A loop and a branch, without anything that leaves the machine."""
    return {
        "name": "Runs again and again",
        "nodes": [
            node("start", "trigger.manual", 0),
            node("each", "loop.foreach", 1, items="{{ [1, 2, 3, 4, 5, 6, 7, 8] }}"),
            node("double", "data.transform", 2, 1, value={"twice": "{{ item * 2 }}"}),
            node("large", "condition.if", 2, condition="1 < 2"),
            node("wait", "flow.delay", 3, seconds=0.05),
            node("end", "data.transform", 4, value={"is": "{{ input }}"}),
        ],
        "connections": [
            {"from": "start", "to": "each"},
            {"from": "each", "from_port": "body", "to": "double"},
            {"from": "each", "from_port": "done", "to": "large"},
            {"from": "large", "from_port": "true", "to": "wait"},
            {"from": "large", "from_port": "false", "to": "wait"},
            {"from": "wait", "to": "end"},
        ],
    }


def node(identifier: str, kind: str, column: int, row: int = 0, **parameters: object) -> dict[str, Any]:
    """A node in a grid."""
    position = {"x": column * 260, "y": row * 160}
    return {"id": identifier, "type": kind, "name": identifier, "position": position, "parameters": parameters}


async def published(client: httpx.AsyncClient, definition: dict[str, Any]) -> str:
    """The id of a workflow that can be run."""
    made = await client.post("/api/v1/workflows", json=definition)
    made.raise_for_status()
    identifier = str(made.json()["data"]["workflow_id"])
    (await client.post(f"/api/v1/workflows/{identifier}/publish")).raise_for_status()
    return identifier


async def in_the_editor(
    page: Page, session: CDPSession, client: httpx.AsyncClient, minutes: float
) -> AsyncIterator[Sample]:
    """One live run after the other by the button, all watched by one editor."""
    await page.goto(f"/workflows/{await published(client, small_workflow())}")
    run = page.get_by_role("button", name="Run", exact=True)
    await run.wait_for()

    async def once() -> None:
        await run.click()
        await page.locator("[data-step=end][data-run=completed]").wait_for()
        await run.wait_for()

    async for sample in sampled(session, minutes, once):
        yield sample


async def on_their_pages(
    page: Page, session: CDPSession, client: httpx.AsyncClient, minutes: float
) -> AsyncIterator[Sample]:
    """Each execution watched on its page, to which the list leads and back, without the page being loaded anew."""
    workflow = await published(client, small_workflow())
    await page.goto("/executions")

    async def once() -> None:
        started = await client.post(f"/api/v1/workflows/{workflow}/execute")
        identifier = started.json()["data"]["execution_id"]
        await page.locator(f"a[href*='{identifier}']").first.click()
        await page.locator("[data-step=end][data-run=completed]").wait_for()
        await page.get_by_role("tab", name="Timeline").click()
        await page.get_by_role("region", name="Timeline").wait_for()
        await page.get_by_role("tab", name="Log").click()
        await page.get_by_role("region", name="Log").wait_for()
        await page.get_by_role("navigation").get_by_role("link", name="Executions").first.click()

    async for sample in sampled(session, minutes, once):
        yield sample


async def sampled(session: CDPSession, minutes: float, once: Callable[[], Awaitable[None]]) -> AsyncIterator[Sample]:
    """Repeats until the time is over, and looks at the memory in between."""
    begun = time.monotonic()
    looks = runs = 0
    while looks <= SAMPLES:
        passed = (time.monotonic() - begun) / 60
        if passed >= minutes * looks / SAMPLES:
            yield await look(session, passed, runs)
            looks += 1
        if looks <= SAMPLES:
            await once()
            runs += 1


async def look(session: CDPSession, minutes: float, runs: int) -> Sample:
    """The memory, when everything that can go has gone."""
    for _ in range(2):
        await session.send("HeapProfiler.collectGarbage")
    heap = (await session.send("Runtime.getHeapUsage"))["usedSize"] / 1_000_000
    metrics = {one["name"]: one["value"] for one in (await session.send("Performance.getMetrics"))["metrics"]}
    return Sample(minutes, runs, heap, int(metrics["Nodes"]))


def told(samples: list[Sample]) -> str:
    """What was held at a quarter and at the end, and how much more an hour would be, by least squares in between."""
    settled = [one for one in samples if one.minutes >= samples[-1].minutes / 4]
    slope = slope_of([(one.minutes, one.heap) for one in settled])
    first, last = settled[0], settled[-1]
    return (
        f"{first.heap:.1f} MB at {first.minutes:.0f} min and {first.runs} runs, "
        f"{last.heap:.1f} MB at {last.minutes:.0f} min and {last.runs} runs; "
        f"an hour like this {slope * 60:+.1f} MB; elements {first.nodes}, {last.nodes}"
    )


def slope_of(points: list[tuple[float, float]]) -> float:
    """Of the line through the points that has the least squares."""
    across = sum(x for x, _ in points) / len(points)
    height = sum(y for _, y in points) / len(points)
    spread = sum((x - across) ** 2 for x, _ in points)
    return sum((x - across) * (y - height) for x, y in points) / spread if spread else 0.0


async def long_execution(client: httpx.AsyncClient) -> str:
    """An execution of 10,000 steps, which has ended."""
    items = f"{{{{ range({ROUNDS}) }}}}"
    definition = {
        "name": "10,000 steps",
        "settings": {"loop_iterations": ROUNDS, "total_operations": 4 * ROUNDS},
        "nodes": [
            node("start", "trigger.manual", 0),
            node("each", "loop.foreach", 1, items=items, collect="none"),
            node("first", "data.transform", 2, value="{{ item }}"),
            node("second", "data.transform", 3, value="{{ input }}"),
            node("third", "data.transform", 4, value="{{ input }}"),
        ],
        "connections": [
            {"from": "start", "to": "each"},
            {"from": "each", "from_port": "body", "to": "first"},
            {"from": "first", "to": "second"},
            {"from": "second", "to": "third"},
        ],
    }
    workflow = await published(client, definition)
    answer = await client.post(f"/api/v1/workflows/{workflow}/execute?wait=50", timeout=60)
    return str(answer.json()["data"]["execution_id"])


async def scrolled(page: Page, name: str, frames: tuple[str, str]) -> str:
    """Frames while one part is scrolled by the wheel, notch by notch, from its beginning on."""
    part = page.get_by_role("region", name=name)
    box = await part.bounding_box()
    assert box
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    height = await part.evaluate("(element) => element.scrollHeight")
    count, stop = frames
    await page.evaluate(count)
    for notch in range(NOTCHES):
        await page.mouse.wheel(0, 120 if notch < NOTCHES / 2 else 1200)
        await page.evaluate("() => new Promise((next) => requestAnimationFrame(next))")
    times: list[float] = await page.evaluate(stop)
    rate = 1000 * len(times) / sum(times)
    slow = sorted(times)[int(len(times) * 0.95)]
    way = await part.evaluate("(element) => element.scrollTop")
    return f"{rate:.0f} frames/s, p95 {slow:.0f} ms ({way:,.0f} of {height:,} pixels)"
