"""A real Chromium in front of the real program with a database of its own, and people who use it.

Each test process has one browser and one server; each test has a person of its own, who sees nothing of the others'.
A page on which anything goes wrong unasked (an exception, a violated policy, a dialog, an error in the console) fails
its test, whatever the test is about.
"""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from tests.conftest import fresh_database
from tests.rig.program import make_program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from playwright.async_api import ConsoleMessage, Dialog

BUILT = Path(__file__).parents[2] / "src" / "wingbeat" / "ui" / "index.html"
AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What any browser says of an answer that is no success. Pages deal with those; the tests look at how.
OF_ANSWERS = "Failed to load resource"
PASSWORD = "a password for the people of these tests"  # noqa: S105 - of a database that lives as long as the test
# So long may a page or a test take on a busy machine. It is there to end what hangs.
PATIENCE_MS = 60_000
PATIENCE_SECONDS = 400
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """All tests here share one event loop, since they share the browser, and may take long.

    Without a browser they are skipped, loudly.
    """
    here = Path(__file__).parent
    for item in items:
        if not item.path.is_relative_to(here):
            continue
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        item.add_marker(pytest.mark.timeout(PATIENCE_SECONDS), append=False)
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="NO BROWSER: install chromium; nothing of the web app was tried"))
        elif not BUILT.is_file():
            item.add_marker(pytest.mark.skip(reason="THE WEB APP IS NOT BUILT: run python ui/build.py"))


@dataclass
class Site:
    """The program that these tests use, over HTTP."""

    url: str
    client: httpx.AsyncClient
    numbers: count[int] = field(default_factory=count)

    async def post(self, path: str, body: object = None, **options: Any) -> Any:  # noqa: ANN401 - JSON
        """The data of a good answer to the operator."""
        return await self.ask("POST", path, json=body, **options)

    async def ask(self, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401 - JSON
        """The data of a good answer to the operator."""
        answer = await self.client.request(method, f"/api/v1{path}", **options)
        assert answer.is_success, answer.text
        return answer.json()["data"]


@dataclass
class Person:
    """Somebody with an account, and a browser of their own."""

    name: str
    user_id: int
    site: Site
    context: BrowserContext
    faults: list[str] = field(default_factory=list)
    # Faults with one of these words in them belong to the test.
    expected: list[str] = field(default_factory=list)

    async def open(self, path: str = "/") -> Page:
        """A new tab at a place of the web app."""
        page = await self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        page.on("console", self._hear)
        page.on("dialog", self._dismiss)
        await page.goto(path)
        return page

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:  # noqa: ANN401 - JSON
        """The data of a good answer to this person, past the browser."""
        token = (await (await self.context.request.get("/api/v1/auth/session")).json())["data"]["csrf_token"]
        answer = await self.context.request.fetch(
            f"/api/v1{path}", method=method, data=body, headers={"X-CSRF-Token": token, **headers}, timeout=PATIENCE_MS
        )
        assert answer.ok, await answer.text()
        return (await answer.json())["data"]

    async def publish(self, definition: dict[str, Any]) -> str:
        """A published workflow of this person's; its id."""
        made = await self.ask("POST", "/workflows", definition)
        await self.ask("POST", f"/workflows/{made['workflow_id']}/publish")
        return str(made["workflow_id"])

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(OF_ANSWERS):
            self.faults.append(f"console: {message.text}")

    async def _dismiss(self, dialog: Dialog) -> None:
        # Browsers ask by themselves before what was typed is lost; a page never does.
        if dialog.type != "beforeunload":
            self.faults.append(f"dialog: {dialog.message}")
        await dialog.accept()

    def unexpected(self) -> list[str]:
        """What went wrong unasked."""
        return [fault for fault in self.faults if not any(word in fault for word in self.expected)]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(
    server_dsn: str, template_database: str, code_data_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """The program, on a database of this process's own."""
    data_dir = tmp_path_factory.mktemp("data")
    # Or it would prepare its machines for code beside the first journeys.
    (data_dir / "code").symlink_to(code_data_dir / "code")
    async for dsn in fresh_database(server_dsn, template_database):
        program = make_program(
            DATABASE_URI=dsn,
            WINGBEAT_DATA_DIR=str(data_dir),
            LOG_LEVEL="warning",
            API_RATE_LIMIT="0",
            HTTP_ALLOW_PRIVATE_ADDRESSES="true",
        )
        async with program.serving() as server:
            yield Site(server.url, server.client)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def somebody(site: Site, chromium: Browser, name: str, *, is_admin: bool = False) -> AsyncIterator[Person]:
    """A new person, signed in."""
    name = f"{name}-{os.getpid()}-{next(site.numbers)}"
    user = await site.post("/users", {"username": name, "password": PASSWORD, "is_admin": is_admin})
    context = await chromium.new_context(
        base_url=site.url, viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="Europe/Zurich"
    )
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    entered = await context.request.post("/api/v1/auth/login", data={"username": name, "password": PASSWORD})
    assert entered.ok, await entered.text()
    person = Person(name, user["user_id"], site, context)
    yield person
    await context.close()
    assert not person.unexpected()


@pytest_asyncio.fixture(loop_scope="session")
async def ada(site: Site, chromium: Browser) -> AsyncIterator[Person]:
    """Somebody who draws workflows."""
    async with somebody(site, chromium, "ada") as person:
        yield person


@pytest_asyncio.fixture(loop_scope="session")
async def bo(site: Site, chromium: Browser) -> AsyncIterator[Person]:
    """Somebody else."""
    async with somebody(site, chromium, "bo") as person:
        yield person


@pytest_asyncio.fixture(loop_scope="session")
async def operator(site: Site, chromium: Browser) -> AsyncIterator[Person]:
    """Somebody who looks after the installation."""
    async with somebody(site, chromium, "operator", is_admin=True) as person:
        yield person


async def barriers(page: Page, within: str = "html") -> list[str]:
    """What keeps people out of this page, or a part of it, by those rules of WCAG 2.2 AA that a program can check."""
    await page.evaluate(AXE.read_text())
    found = await page.evaluate(
        "within => axe.run(within, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        ".then(r => r.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target} ${n.failureSummary}`)))",
        within,
    )
    return [str(one) for one in found]
