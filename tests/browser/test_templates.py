"""Beginning with a template: it is found, looked at, filled in, and is a workflow of one's own."""

from __future__ import annotations

from playwright.async_api import expect
from tests.browser.conftest import Person, barriers


async def test_a_template_becomes_a_workflow_that_runs(ada: Person) -> None:
    """Found by words; drawn before anything is made; whoever makes it is asked themselves until they say otherwise."""
    page = await ada.open("/templates")
    await expect(page.get_by_role("heading", name="Hello")).to_be_visible()
    assert [] == await barriers(page)
    await page.get_by_label("Search templates").fill("expense approval")
    await page.wait_for_url("**/templates?q=*")
    await expect(page.get_by_role("heading", name="Hello")).to_have_count(0)
    await page.get_by_role("link", name="Expense approval").click()
    await expect(page.get_by_label("The workflow Expense approval")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Accounting")).to_have_value(ada.name)
    await page.get_by_label("Name of the workflow").fill("")
    await page.get_by_role("button", name="Create workflow").click()
    await expect(page.get_by_text("It needs a name")).to_be_visible()
    await page.get_by_label("Name of the workflow").fill("Our expenses")
    await page.get_by_label("Paid without asking up to").fill("75")
    await page.get_by_role("button", name="Create workflow").click()
    await page.wait_for_url("**/workflows/*")
    workflow = page.url.rsplit("/", 1)[-1]
    await page.get_by_role("button", name="Test", exact=True).click()
    await expect(page.get_by_text("Test completed")).to_be_visible()
    made = await ada.ask("GET", f"/workflows/{workflow}")
    assert ("Our expenses", 75) == (made["name"], made["definition"]["global_variables"]["limit"])
    await ada.ask("POST", f"/workflows/{workflow}/publish")
    claim = {"employee": ada.name, "manager": ada.name, "amount": 60, "reason": "Shoes", "receipt": None}
    ended = await ada.ask("POST", f"/workflows/{workflow}/execute?wait=10", {"trigger_data": claim})
    assert {"approved": True} == ended["final_output"]
