"""How the editor does with many steps, in a real Chromium, by the browser's own clock and tracing. A table comes out.

Frames are those that the browser drew, from its trace; the work of a frame is what its main thread was busy for. The
machine has no graphics card: pixels are drawn by the same processors.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright
from tests.browser import measure_runs
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.rig.program import make_program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import httpx
    from playwright.async_api import Browser, CDPSession, Page

PASSWORD = "a password to measure with"  # noqa: S105 - of a database that lives as long as this program
COLUMNS = 50
PATTERN = ("data.transform", "condition.if", "data.sort", "flow.delay", "data.limit", "action.http_request")
CALM = "[data-step]"
MOVES = 120
WATCHES: dict[str, Callable[..., AsyncIterator[measure_runs.Sample]]] = {
    "editor": measure_runs.in_the_editor,
    "pages of executions": measure_runs.on_their_pages,
}
# In the page: frames from now on, as the browser asks for them.
COUNT_FRAMES = """() => {
  window.frames_ = []; let last = performance.now();
  const next = (now) => { window.frames_.push(now - last); last = now; window.counting = requestAnimationFrame(next); };
  window.counting = requestAnimationFrame(next);
}"""
STOP_FRAMES = "() => { cancelAnimationFrame(window.counting); return window.frames_.slice(2); }"


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    what: str
    measured: str
    goal: str = ""


def workflow(size: int) -> dict[str, Any]:
    """Rows of fifty steps of several types; each row follows from the beginning of the one above."""
    nodes: list[dict[str, Any]] = []
    connections: list[dict[str, Any]] = []
    for place in range(size):
        kind = "trigger.manual" if place == 0 else PATTERN[place % len(PATTERN)]
        position = {"x": place % COLUMNS * 256, "y": place // COLUMNS * 160}
        parameters = PARAMETERS.get(kind, {})
        nodes.append(
            {"id": f"n{place}", "type": kind, "name": f"Step {place}", "position": position, "parameters": parameters}
        )
        if place > 0:
            before = place - COLUMNS if place % COLUMNS == 0 else place - 1
            port = {"from_port": "true"} if nodes[before]["type"] == "condition.if" else {}
            connections.append({"from": f"n{before}", "to": f"n{place}", **port})
    return {"name": f"{size} steps", "nodes": nodes, "connections": connections}


PARAMETERS: dict[str, dict[str, Any]] = {
    "data.transform": {"value": {"total": "{{ input }}"}},
    "condition.if": {"condition": "input != null"},
    "data.sort": {"items": "{{ [] }}", "by": [{"value": "item"}]},
    "flow.delay": {"seconds": 0},
    "data.limit": {"items": "{{ [] }}", "count": 1},
    "action.http_request": {"url": "https://example.com/orders"},
}


class Editor:
    """One size of workflow in one tab."""

    def __init__(self, page: Page, session: CDPSession, size: int) -> None:
        self.page = page
        self.session = session
        self.size = size

    async def opened(self, path: str, *, goal: str) -> Figure:
        """From the address to the first step that can be clicked, in a browser that has the scripts."""
        await self.page.goto("/")
        await self.page.wait_for_load_state("networkidle")
        times = []
        for _ in range(3):
            await self.page.goto(path, wait_until="commit")
            await self.page.locator(CALM).first.wait_for()
            await self.page.locator(CALM).first.click(trial=True)
            times.append(await self.page.evaluate("performance.now()"))
        return Figure("open to interactive", f"{median(times) / 1000:.2f} s", goal)

    async def moving(self, what: str, begin: tuple[float, float], goal: str = "50 frames/s") -> Figure:
        """A drag over the screen in many small moves."""
        x, y = begin
        mouse = self.page.mouse
        await mouse.move(x, y)
        await mouse.down()
        await mouse.move(x - 5, y - 5)
        before = await self._busy()
        await self.page.evaluate(COUNT_FRAMES)
        for move in range(MOVES):
            await mouse.move(x - 5 - move % 60 * 5, y - 5 - move % 60 * 4)
        frames: list[float] = await self.page.evaluate(STOP_FRAMES)
        busy = (await self._busy() - before) / max(len(frames), 1) * 1000
        await mouse.up()
        rate = 1000 * len(frames) / sum(frames) if frames else 0
        slow = sorted(frames)[int(len(frames) * 0.95)] if frames else 0
        return Figure(what, f"{rate:.0f} frames/s, p95 {slow:.0f} ms, main thread {busy:.1f} ms a frame", goal)

    async def _busy(self) -> float:
        """Seconds of script, style and layout so far."""
        metrics = (await self.session.send("Performance.getMetrics"))["metrics"]
        wanted = {"ScriptDuration", "LayoutDuration", "RecalcStyleDuration"}
        return float(sum(one["value"] for one in metrics if one["name"] in wanted))

    async def typing(self) -> Figure:
        """From each key in a field of the panel to the next frame."""
        await self.page.locator(CALM).nth(8).click()
        field = self.page.get_by_role("complementary").get_by_role("textbox").nth(1)  # after the name of the step
        await field.click()
        await self.page.evaluate(
            """() => { window.keys_ = [];
            addEventListener("keydown", (event) => { const at = event.timeStamp;
              requestAnimationFrame(() => setTimeout(() => window.keys_.push(performance.now() - at))); }, true); }"""
        )
        await field.press_sequentially("a few words to type", delay=60)
        delays: list[float] = await self.page.evaluate("window.keys_")
        worst = sorted(delays)[int(len(delays) * 0.95)]
        return Figure("key to frame", f"p50 {median(delays):.0f} ms, p95 {worst:.0f} ms", "never waits")

    async def afar(self) -> Figure:
        """The same with all of it in view."""
        await self.page.get_by_role("button", name="Show all").click()
        await self.page.wait_for_timeout(1500)
        return await self.moving("pan, all in view", (640, 760))


async def growth(page: Page, session: CDPSession, client: httpx.AsyncClient, runs: int) -> Figure:
    """The heap after garbage collection, before and after live runs of a small workflow that is being looked at."""
    definition = workflow(20)
    # Requests would leave the machine.
    definition["nodes"] = [
        {**node, "type": "data.transform", "parameters": {"value": "{{ input }}"}}
        if node["type"] == PATTERN[-1]
        else node
        for node in definition["nodes"]
    ]
    made = (await client.post("/api/v1/workflows", json=definition)).json()["data"]["workflow_id"]
    await client.post(f"/api/v1/workflows/{made}/publish")
    await page.goto(f"/workflows/{made}")
    run = page.get_by_role("button", name="Run", exact=True)
    await run.wait_for()
    heaps = []
    for number in range(runs + 1):
        if number in (min(10, runs), runs):
            await session.send("HeapProfiler.collectGarbage")
            heaps.append((await session.send("Runtime.getHeapUsage"))["usedSize"])
        await run.click()
        await page.locator("[data-run=completed]").first.wait_for()
        await run.wait_for()
    grown = (heaps[-1] - heaps[0]) / 1_000_000
    return Figure(
        f"heap over {runs} live runs", f"{grown:+.1f} MB (now {heaps[-1] / 1_000_000:.0f} MB)", "does not grow"
    )


async def first_load(page: Page) -> Figure:
    """What the list of workflows fetches of scripts, as they come over the wire."""
    sizes: list[int] = []

    async def weigh(response: Any) -> None:  # noqa: ANN401 - Playwright's
        if response.url.endswith(".js"):
            sizes.append((await response.request.sizes())["responseBodySize"])

    listening: list[Awaitable[None]] = []
    page.on("response", lambda response: listening.append(asyncio.ensure_future(weigh(response))))
    await page.goto("/workflows")
    await page.wait_for_load_state("networkidle")
    await asyncio.gather(*listening)
    return Figure("scripts of the list of workflows", f"{sum(sizes) / 1000:.0f} kB compressed", "400 kB")


async def measure(sizes: list[int], runs: int, minutes: float, *, scrolling: bool) -> None:
    """Everything, with a server and a database of its own."""
    with tempfile.TemporaryDirectory(prefix="wingbeat-measure-") as folder:
        program = make_program(WINGBEAT_DATA_DIR=folder, LOG_LEVEL="warning", API_RATE_LIMIT="0")
        async with program.serving() as server, async_playwright() as playwright:
            user = {"username": "measure", "password": PASSWORD, "is_admin": True}
            (await server.client.post("/api/v1/users", json=user)).raise_for_status()
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM, args=[*FLAGS, "--enable-precise-memory-info"]
            )

            async def alone(work: Callable[[Page, CDPSession], Awaitable[list[Figure]]]) -> list[Figure]:
                page, session = await tab(browser, server.url)
                found = await work(page, session)
                await page.context.close()
                return found

            print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors\n")  # noqa: T201 - this is its output
            show("the web app", await alone(lambda page, _: listed(first_load(page))))
            for size in filter(None, sizes):
                made = await server.client.post("/api/v1/workflows", json=workflow(size))
                made.raise_for_status()
                path = f"/workflows/{made.json()['data']['workflow_id']}"
                goal = "1 s" if size <= 500 else "2.5 s"
                show(f"{size} steps", await alone(partial(one, size=size, path=path, goal=goal)))
            if scrolling:
                execution = await measure_runs.long_execution(server.client)
                show("10,000 steps of one execution", await alone(lambda page, _: scrolls(page, execution)))
            if minutes:
                watches = [partial(lasting, client=server.client, minutes=minutes, of=one) for one in WATCHES.items()]
                for found in await asyncio.gather(*map(alone, watches)):
                    show("memory", found)
            if runs:
                show("memory", await alone(lambda page, session: listed(growth(page, session, server.client, runs))))
            await browser.close()


async def one(page: Page, session: CDPSession, *, size: int, path: str, goal: str) -> list[Figure]:
    """The figures of one size."""
    editor = Editor(page, session, size)
    found = [await editor.opened(path, goal=goal), await editor.moving("pan", (640, 760))]
    box = await page.locator(CALM).nth(20).bounding_box()
    if box:
        found.append(await editor.moving("drag a step", (box["x"] + box["width"] / 2, box["y"] + 12)))
    return [*found, await editor.typing(), await editor.afar()]


async def lasting(
    page: Page,
    session: CDPSession,
    *,
    client: httpx.AsyncClient,
    minutes: float,
    of: tuple[str, Callable[..., AsyncIterator[measure_runs.Sample]]],
) -> list[Figure]:
    """The heap over minutes of live runs."""
    what, watch = of
    samples: list[measure_runs.Sample] = []
    async for one in watch(page, session, client, minutes):
        samples.append(one)
        print(f"  {what}: {one.minutes:.1f} min, {one.runs} runs, {one.heap:.1f} MB, {one.nodes} elements", flush=True)  # noqa: T201 - its output
    return [Figure(f"heap over {minutes:g} minutes of live runs, {what}", measure_runs.told(samples), "does not grow")]


async def scrolls(page: Page, execution: str) -> list[Figure]:
    """The time line with every iteration open, and the log."""
    await page.goto(f"/executions/{execution}")
    await page.get_by_role("tab", name="Timeline").click()
    await page.get_by_role("button", name="Show all iterations").click()
    frames = (COUNT_FRAMES, STOP_FRAMES)
    timeline = await measure_runs.scrolled(page, "Timeline", frames)
    await page.get_by_role("tab", name="Log").click()
    log = await measure_runs.scrolled(page, "Log", frames)
    return [Figure("scrolling the time line", timeline, "smooth"), Figure("scrolling the log", log, "smooth")]


async def listed(figure: Awaitable[Figure]) -> list[Figure]:
    """One figure as a list."""
    return [await figure]


async def tab(browser: Browser, url: str) -> tuple[Page, CDPSession]:
    """A browser's tab of its own, of somebody who is signed in."""
    context = await browser.new_context(base_url=url, viewport={"width": 1440, "height": 900})
    await context.request.post("/api/v1/auth/login", data={"username": "measure", "password": PASSWORD})
    page = await context.new_page()
    page.set_default_timeout(60_000)
    session = await context.new_cdp_session(page)
    await session.send("Performance.enable")
    return page, session


def show(title: str, figures: list[Figure]) -> None:
    """A part of the table."""
    for figure in figures:
        print(f"| {title} | {figure.what} | {figure.measured} | {figure.goal} |", flush=True)  # noqa: T201 - its output


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=[500, 2000], help="how many steps; 0 for none")
    parser.add_argument("--runs", type=int, default=30, help="live runs for the memory, 0 for none")
    parser.add_argument(
        "--minutes", type=float, default=0, help="of live runs, for the memory in the long run, in two tabs at once"
    )
    parser.add_argument("--scrolling", action="store_true", help="through 10,000 steps of one execution")
    given = parser.parse_args()
    asyncio.run(measure(given.sizes, given.runs, given.minutes, scrolling=given.scrolling))


if __name__ == "__main__":
    main()
