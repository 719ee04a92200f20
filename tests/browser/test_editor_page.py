"""The page around the canvas: nothing that was drawn is lost, nobody overwrites anybody, and keys reach everything."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect
from tests.browser.conftest import Person

NAME = "Name of the workflow"


def definition(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A small workflow without a fault."""
    return {
        "name": "Orders",
        "nodes": [
            {"id": "start", "type": "trigger.manual", "name": "An order comes", "position": {"x": 0, "y": 0}},
            {
                "id": "large",
                "type": "condition.if",
                "name": "Large?",
                "position": {"x": 300, "y": 0},
                "parameters": {"condition": "trigger.total > 100"},
            },
        ],
        "connections": [{"from": "start", "to": "large"}],
        **more,
    }


async def opened(person: Person, **more: Any) -> tuple[Page, str]:  # noqa: ANN401 - JSON
    """A new workflow of this person's in the editor, and its id."""
    made = await person.ask("POST", "/workflows", definition(**more))
    page = await person.open(f"/workflows/{made['workflow_id']}")
    await expect(page.get_by_label(NAME)).to_have_value("Orders")
    return page, made["workflow_id"]


async def rename(page: Page, name: str) -> None:
    """By the field in the header."""
    await page.get_by_label(NAME).fill(name)
    await page.get_by_label(NAME).press("Enter")


async def test_what_is_not_saved_survives_a_reload(ada: Person) -> None:
    """It is back, can be undone, and is gone from the browser once it is saved."""
    page, workflow_id = await opened(ada)
    await rename(page, "Large orders")
    await expect(page.get_by_text("Not saved")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label(NAME)).to_have_value("Large orders")
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_label(NAME)).to_have_value("Orders")
    await page.get_by_role("button", name="Redo").click()
    await page.keyboard.press("Control+s")
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert (await ada.ask("GET", f"/workflows/{workflow_id}"))["name"] == "Large orders"
    await page.reload()
    await expect(page.get_by_label(NAME)).to_have_value("Large orders")
    await expect(page.get_by_role("button", name="Undo")).to_be_disabled()


async def test_each_tab_keeps_what_was_done_in_it(ada: Person) -> None:
    """Two of one person take nothing away from each other; what a closed one leaves is offered, and lost for nobody."""
    page, workflow_id = await opened(ada)
    await rename(page, "Here")
    other = await ada.open(f"/workflows/{workflow_id}")
    await expect(other.get_by_text("This workflow is open in another tab")).to_be_visible()
    await expect(other.get_by_label(NAME)).to_have_value("Orders")
    await rename(other, "There")
    await other.wait_for_function("() => Object.values(localStorage).some(kept => kept.includes('There'))")
    await other.close()
    await page.reload()
    await expect(page.get_by_label(NAME)).to_have_value("Here")
    left = page.get_by_text("You left one change unsaved")
    await expect(left).to_be_visible()
    await page.get_by_role("button", name="Show the difference and merge").click()
    dialog = page.get_by_role("dialog", name="What you left unsaved")
    await dialog.get_by_role("button", name="Not now").click()
    await page.get_by_role("button", name="Show the difference and merge").click()
    await dialog.get_by_role("radiogroup", name="The workflow's name").get_by_text("There").click()
    await dialog.get_by_role("button", name="Merge", exact=True).click()
    await expect(page.get_by_label(NAME)).to_have_value("There")
    await expect(left).to_have_count(0)
    await page.keyboard.press("Control+s")
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    # One that opens it anew takes up what all others have left, and nothing is left twice.
    await page.wait_for_function("() => !Object.keys(localStorage).some(key => key.includes(':draft:'))")
    assert "There" == (await ada.ask("GET", f"/workflows/{workflow_id}"))["name"]


async def test_nobody_overwrites_anybody(ada: Person) -> None:
    """Who saves second sees what both changed, chooses where that is the same, and keeps both."""
    page, workflow_id = await opened(ada)
    await rename(page, "Mine")
    theirs = definition(name="Theirs", description="By somebody else.")
    await ada.ask("PUT", f"/workflows/{workflow_id}", theirs, **{"If-Match": '"1"'})
    await page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="Somebody else has saved this workflow")
    await dialog.get_by_role("radiogroup").get_by_text("Mine").click()
    await dialog.get_by_role("button", name="Merge").click()
    await page.keyboard.press("Control+s")
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    saved = await ada.ask("GET", f"/workflows/{workflow_id}")
    assert (saved["name"], saved["description"], saved["revision"]) == ("Mine", "By somebody else.", 3)


async def test_publishing_shows_what_is_wrong_and_leads_there(ada: Person) -> None:
    """Errors keep a workflow from being published; without them it runs from then on."""
    faulty = definition()
    faulty["nodes"][1]["parameters"] = {"condition": "trigger.total >"}
    page, workflow_id = await opened(ada, nodes=faulty["nodes"])
    await expect(page.get_by_role("button", name="Problems: 1")).to_be_visible()
    await page.keyboard.press("Control+Shift+s")
    dialog = page.get_by_role("dialog", name="Publish the workflow")
    await dialog.get_by_role("button", name="Large?").click()
    await expect(dialog).to_be_hidden()
    await expect(page.locator(".react-flow__node.selected")).to_have_count(1)
    await ada.ask("PUT", f"/workflows/{workflow_id}", definition(), **{"If-Match": '"1"'})
    await page.reload()
    await page.get_by_role("button", name="Publish", exact=True).click()
    await dialog.get_by_label("What changed?").fill("A condition that can be read")
    await dialog.get_by_role("button", name="Publish", exact=True).click()
    await expect(page.get_by_text("Published", exact=True)).to_be_visible()
    [version, _] = await ada.ask("GET", f"/workflows/{workflow_id}/versions")
    assert "A condition that can be read" == version["message"]


async def test_keys_reach_everything(ada: Person) -> None:
    """The list of keys, the command palette, search, and laying out."""
    page, _ = await opened(ada)
    await page.locator("[data-canvas]").focus()
    await page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    await expect(keys.get_by_text("Tidy up")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(keys).to_be_hidden()
    await page.keyboard.press("Control+f")
    await page.keyboard.type("total")
    await expect(page.get_by_role("search").get_by_text("condition: trigger.total > 100")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await expect(page.get_by_label("Search for commands and steps")).to_be_focused()
    await page.keyboard.type("large")
    await page.get_by_role("dialog").get_by_text("Large?").first.wait_for()
    await page.keyboard.press("Enter")
    await expect(page.locator(".react-flow__node.selected")).to_have_count(1)
    await page.locator("[data-canvas]").focus()
    await page.keyboard.press("Alt+l")
    await expect(page.get_by_text("Not saved")).to_be_visible()
