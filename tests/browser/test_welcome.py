"""The first start: an empty place that teaches, and a tour."""

from __future__ import annotations

from playwright.async_api import expect
from tests.browser.conftest import Person, barriers


async def test_an_empty_place_runs_a_first_workflow(ada: Person) -> None:
    """One click makes, publishes and runs it, and shows what it said; later the start page has figures."""
    page = await ada.open("/")
    await expect(page.get_by_role("heading", name=f"Welcome, {ada.name}")).to_be_visible()
    assert [] == await barriers(page)
    await page.get_by_role("button", name="Run a sample").click()
    ran = page.get_by_role("status").filter(has_text="It ran")
    await expect(ran).to_contain_text(f"Hello, {ada.name}!")
    await ran.get_by_role("link", name="See how it ran").click()
    await page.wait_for_url("**/executions/*")
    await page.goto("/")
    await expect(page.get_by_role("region", name="Success rate")).to_contain_text("100 %")


async def test_the_tour_has_five_steps_and_is_remembered(ada: Person) -> None:
    """By keyboard too; left once, it is offered no more, and is in the help menu."""
    page = await ada.open("/")
    await page.get_by_role("button", name="Take the tour").click()
    for number, title in enumerate(("Workflows", "Templates", "Executions", "Inbox", "Help"), 1):
        stop = page.get_by_role("dialog", name=title)
        await expect(stop).to_contain_text(f"{number} of 5")
        if number == 1:
            assert [] == await barriers(page)
        await stop.get_by_role("button", name="Done" if number == 5 else "Next").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.reload()
    await expect(page.get_by_role("button", name="Run a sample")).to_be_visible()
    await expect(page.get_by_role("button", name="Take the tour")).to_have_count(0)
    await page.get_by_role("button", name="Help").click()
    await page.get_by_role("menuitem", name="Take the tour").click()
    await expect(page.get_by_role("dialog", name="Workflows")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
