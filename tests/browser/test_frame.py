"""The frame around all pages: who comes in, what leads where, and what happens when the session is gone."""

from __future__ import annotations

from playwright.async_api import Browser, expect
from tests.browser.conftest import PASSWORD, Person, Site, barriers


async def test_a_stranger_is_led_to_the_sign_in_page_and_back(site: Site, chromium: Browser, ada: Person) -> None:
    """A wrong password is refused in words; the right one leads to where they wanted to go."""
    context = await chromium.new_context(base_url=site.url)
    page = await context.new_page()
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
