"""Takes the pictures of the web app: `script/screenshots`. Not a test: somebody looks at what comes out."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import httpx
from playwright.async_api import async_playwright
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.demo import PASSWORD, Demo
from tests.rig.program import make_program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext

TARGET = Path(__file__).parents[2] / "docs" / "pictures" / "app"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SETTLE_MS = 1_500


class Picture(NamedTuple):
    """A place, with the names of what is there in braces, and the step and the tab that are chosen there."""

    path: str
    step: str = ""
    tab: str = ""


PICTURES = {
    "home": Picture("/"),
    "inbox": Picture("/inbox"),
    "editor-loop": Picture("/workflows/{penguin-census}"),
    "panel": Picture("/workflows/{expense-approval}", step="ask"),
    "workflows": Picture("/workflows"),
    "templates": Picture("/templates"),
    "triggers": Picture("/workflows/{time-off}/triggers"),
    "schedules": Picture("/workflows/{time-off}/triggers?tab=schedules"),
    "executions": Picture("/executions"),
    "execution": Picture("/executions/{census}", step="species"),
    "timeline": Picture("/executions/{census}", tab="Timeline"),
    "failed": Picture("/executions/{failed}"),
    "versions": Picture("/workflows/{expense-approval}/versions"),
    "health": Picture("/admin/health"),
}


@asynccontextmanager
async def demo_site() -> AsyncIterator[Demo]:
    """The program on its embedded database, filled, and asked by an administrator called ada."""
    with tempfile.TemporaryDirectory() as folder:
        program = make_program(WINGBEAT_DATA_DIR=folder, LOG_LEVEL="warning", API_RATE_LIMIT="0")
        async with program.serving("--sample") as server:
            body = {"username": "ada", "display_name": "Ada", "password": PASSWORD, "is_admin": True}
            answer = await server.client.post("/api/v1/users", json=body)
            assert answer.is_success, answer.text
            async with httpx.AsyncClient(base_url=server.url, timeout=60, trust_env=False) as client:
                signed_in = await client.post("/api/v1/auth/login", json={"username": "ada", "password": PASSWORD})
                client.headers["X-CSRF-Token"] = signed_in.json()["data"]["csrf_token"]
                demo = Demo(client)
                await demo.fill()
                yield demo


async def take(context: BrowserContext, demo: Demo, picture: Picture, target: Path) -> None:
    """One picture, once nothing is loading any more."""
    page = await context.new_page()
    await page.goto(picture.path.format(**demo.ids))
    await page.wait_for_load_state("networkidle")
    if picture.step:
        await page.locator(f".react-flow__node[data-id={picture.step}]").click()
    if picture.tab:
        await page.get_by_role("tab", name=picture.tab).click()
    # As most people see it: the frame around what has the focus is for those who work by keys.
    await page.evaluate("document.activeElement?.blur()")
    await page.wait_for_timeout(SETTLE_MS)
    await page.screenshot(path=target)
    await page.close()


async def main() -> None:
    """As the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(PICTURES)}")
    parser.add_argument("--into", type=Path, default=TARGET)
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--height", type=int, default=900)
    asked = parser.parse_args()
    asked.into.mkdir(parents=True, exist_ok=True)
    async with demo_site() as demo, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for scheme in SCHEMES:
            context = await browser.new_context(
                base_url=str(demo.client.base_url),
                viewport={"width": asked.width, "height": asked.height},
                color_scheme=scheme,
                locale="en-GB",
            )
            entered = await context.request.post("/api/v1/auth/login", data={"username": "ada", "password": PASSWORD})
            assert entered.ok
            for name in asked.names or PICTURES:
                await take(context, demo, PICTURES[name], asked.into / f"{name}-{scheme}.png")
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
