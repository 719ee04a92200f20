"""The frame around all pages: who comes in, what leads where, and what happens when the session is gone."""

from __future__ import annotations

from typing import Literal

from playwright.async_api import Browser, ViewportSize, expect
from tests.browser.conftest import PASSWORD, Person, Site, barriers


async def test_a_stranger_is_led_to_the_sign_in_page_and_back(site: Site, chromium: Browser, ada: Person) -> None:
    """A wrong password is refused in words; the right one leads to where they wanted to go."""
    context = await chromium.new_context(base_url=site.url)
    page = await context.new_page()
    await page.goto("/settings?tab=tokens")
    await page.wait_for_url("**/sign-in?next=*")
    await page.goto("/no-such-page")
    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    await page.goto("/settings?tab=tokens")
    await page.wait_for_url("**/sign-in?next=*")
    await page.get_by_label("Name").fill(ada.name)
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/settings?tab=tokens")
    await expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    await context.close()


async def test_a_session_that_ended_is_renewed_in_place(ada: Person) -> None:
    """What was on the page is still there."""
    page = await ada.open("/")
    await expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    await ada.ask("DELETE", "/me/sessions")
    await ada.context.clear_cookies()
    await page.get_by_role("button", name="Account of").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    dialog = page.get_by_role("dialog", name="Your session has ended")
    await dialog.get_by_role("textbox", name="Password").fill(PASSWORD)
    await dialog.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/sign-in")


async def test_the_frame_keeps_nobody_out(ada: Person) -> None:
    """In both colour schemes."""
    for scheme in ("Light", "Dark"):
        page = await ada.open("/")
        await page.get_by_role("button", name="Account of").click()
        await page.get_by_role("menuitem", name=scheme).click()
        await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme.lower())
        await expect(page.get_by_role("menu")).to_have_count(0)
        assert [] == await barriers(page)


# A phone in the light and a tablet in the dark; wide screens are what the other journeys use.
ROOMS: tuple[tuple[ViewportSize, Literal["light", "dark"]], ...] = (
    ({"width": 390, "height": 844}, "light"),
    ({"width": 820, "height": 1180}, "dark"),
)


async def test_every_page_has_room_on_a_phone_and_on_a_tablet(operator: Person) -> None:
    """Nothing keeps people out, nothing is wider than the screen, and every place is within reach."""
    definition = {
        "name": "A workflow with a remarkably long name that nobody who chose it ever read on a telephone",
        "description": "Everything about it is long, " * 8,
        "nodes": [
            {"id": "start", "type": "trigger.event", "position": {"x": 0, "y": 0}, "parameters": {"name": "order.*"}},
            {"id": "end", "type": "flow.end", "position": {"x": 300, "y": 0}},
        ],
        "connections": [{"from": "start", "to": "end"}],
    }
    one = f"/workflows/{await operator.publish(definition)}"
    within = (f"{one}/triggers?tab=listeners", f"{one}/permissions", f"{one}/executions")
    places = ("/", "/workflows", "/executions", "/inbox", "/connections", "/settings", "/settings/tokens")
    page = await operator.open("/")
    for size, scheme in ROOMS:
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme)
        for path in (*places, "/admin/people", "/admin/audit", "/admin/health", *within):
            await page.goto(path)
            await expect(page.locator("main :is(h1, h2, h3, [role=tab])").first).to_be_visible()
            await expect(page.locator("[aria-busy=true]")).to_have_count(0)
            assert [] == await barriers(page), (path, scheme)
            assert 0 >= await page.evaluate(
                "Math.max(...[document.documentElement, document.querySelector('main')]"
                ".map(one => one.scrollWidth - one.clientWidth))"
            ), (path, scheme)
    await page.set_viewport_size(ROOMS[0][0])
    await page.get_by_role("button", name="More places").click()
    await page.get_by_role("menuitem", name="Audit log").click()
    await expect(page.get_by_role("heading", name="Audit log")).to_be_visible()
