"""The panel of the editor: expressions with the data of the last run, and forms that everybody can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Page
    from tests.browser.conftest import Person

DEFINITION = {
    "name": "Orders",
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {
            "id": "order",
            "type": "data.transform",
            "name": "Order",
            "position": {"x": 300, "y": 0},
            "parameters": {"value": {"total": "{{ trigger.total }}"}},
        },
    ],
    "connections": [{"from": "start", "to": "order"}],
}


async def at_the_order(person: Person) -> Page:
    """In the editor, with the node selected, after a run."""
    workflow_id = await person.publish(DEFINITION)
    await person.ask("POST", f"/workflows/{workflow_id}/execute?wait=30", {"trigger_data": {"total": 120}})
    page = await person.open(f"/workflows/{workflow_id}")
    await page.locator("[data-id=order]").click()
    await expect(page.get_by_role("complementary", name="Selected node")).to_be_visible()
    return page


async def test_an_expression_shows_its_value_and_what_was_meant(ada: Person) -> None:
    """What is completed, mistyped and mended is seen with the values of the last run, and undone in one step."""
    page = await at_the_order(ada)
    panel = page.get_by_role("complementary", name="Selected node")
    editor = panel.get_by_label("total, expression")
    await editor.press("Control+a")
    await page.keyboard.type("{{ trigger.totl")
    await page.keyboard.press("Escape")
    await panel.get_by_role("button", name="Use total").click()
    await expect(panel.get_by_text("120", exact=True)).to_be_visible()
    await expect(editor).to_contain_text("trigger.total")


async def test_what_came_in_becomes_an_expression_by_a_click(ada: Person) -> None:
    """A value of the data goes into the field that is being edited."""
    page = await at_the_order(ada)
    panel = page.get_by_role("complementary", name="Selected node")
    editor = panel.get_by_label("total, expression")
    await editor.press("Control+a")
    await editor.press("Delete")
    await panel.get_by_role("button", name="Data to use").click()
    await panel.get_by_label("Insert input.total").click()
    await expect(editor).to_have_text("{{ input.total }}")
