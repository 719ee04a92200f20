"""Finding workflows and keeping them in order: made, taken in, copied, given out, published, put away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import expect
from tests.browser.conftest import Person, barriers

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

HOSTILE = "<img src=x onerror=alert(1)>"


def drawn(name: str, **more: object) -> dict[str, Any]:
    """A workflow that can be published."""
    nodes = [{"id": "start", "type": "trigger.manual"}, {"id": "end", "type": "flow.end"}]
    return {"name": name, "nodes": nodes, "connections": [{"from": "start", "to": "end"}], **more}


def line(page: Page, name: str) -> Locator:
    """The line of a workflow in the list."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


async def choose(page: Page, name: str, item: str) -> None:
    """Something in the menu of a line."""
    await line(page, name).get_by_role("button", name=f"What to do with {name}").click()
    await page.get_by_role("menuitem", name=item).click()


async def test_an_empty_place_leads_to_a_first_workflow(ada: Person) -> None:
    """It says what to do, and one click opens the editor of a new draft."""
    page = await ada.open("/workflows")
    await expect(page.get_by_role("heading", name="Draw your first workflow")).to_be_visible()
    assert [] == await barriers(page)
    await page.get_by_role("main").get_by_role("button", name="New workflow").last.click()
    await page.get_by_role("menuitem", name="Blank").click()
    await page.wait_for_url("**/workflows/*-*")
    assert ["New workflow"] == [one["name"] for one in await ada.ask("GET", "/workflows")]


async def test_workflows_are_found_by_what_they_are_called_and_where_they_lie(ada: Person) -> None:
    """The filters are in the address, so that it can be sent to somebody and survives a reload."""
    await ada.ask("POST", "/workflows", drawn("Bills", tags=["money", HOSTILE], folder="office/bills"))
    await ada.ask("POST", "/workflows", drawn("Orders", description=HOSTILE, folder="shop"))
    page = await ada.open("/workflows")
    await expect(line(page, "Bills")).to_contain_text("Draft")
    assert [] == await barriers(page)
    await page.get_by_label("Search workflows").fill("bil")
    await expect(line(page, "Orders")).to_have_count(0)
    await page.wait_for_url("**/workflows?q=bil")
    await page.reload()
    await expect(page.get_by_label("Search workflows")).to_have_value("bil")
    await page.get_by_role("button", name="Clear the search").click()
    await page.get_by_role("navigation", name="Folders and tags").get_by_role("button", name="shop").click()
    await expect(line(page, "Bills")).to_have_count(0)
    await page.get_by_role("button", name="All workflows", exact=True).click()
    await line(page, "Bills").get_by_role("button", name="Only those tagged money").click()
    await page.wait_for_url("**/workflows?tag=money")
    await page.get_by_label("Search workflows").fill("nothing like it")
    await expect(page.get_by_role("heading", name="No workflow fits")).to_be_visible()
    await page.get_by_role("button", name="Show all workflows").click()
    await expect(line(page, "Orders")).to_be_visible()


async def test_a_workflow_goes_through_its_life_in_the_list(ada: Person) -> None:
    """Tagged, published, run, switched off, copied, put away, and taken out again."""
    await ada.ask("POST", "/workflows", drawn("Life"))
    page = await ada.open("/workflows")
    await choose(page, "Life", "Tags and folder")
    await page.get_by_role("dialog").get_by_label("Tags", exact=True).first.fill("living")
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog").get_by_label("Folder").fill("a/b")
    await page.get_by_role("button", name="Save").click()
    await expect(line(page, "Life")).to_contain_text("a/b")
    await choose(page, "Life", "Publish")
    await expect(line(page, "Life")).to_contain_text("Published")
    await choose(page, "Life", "Run now")
    await page.wait_for_url("**/executions/*")
    await page.go_back()
    await expect(line(page, "Life").get_by_role("img", name="Last 1: 1 completed")).to_be_visible()
    await line(page, "Life").get_by_role("switch").click(force=True)
    await expect(line(page, "Life").get_by_role("switch")).not_to_be_checked()
    await choose(page, "Life", "Duplicate")
    await expect(line(page, "Life (copy)")).to_contain_text("Draft")
    await choose(page, "Life", "Archive")
    await page.get_by_role("dialog").get_by_role("button", name="Archive").click()
    await expect(line(page, "Life")).to_have_count(0)
    await page.get_by_role("radiogroup", name="State").get_by_text("Archive").click()
    await choose(page, "Life", "Take out of the archive")
    await expect(line(page, "Life")).to_have_count(0)
    found = {one["name"]: one for one in await ada.ask("GET", "/workflows")}
    assert ("draft", False, ["living"]) == tuple(found["Life"][name] for name in ("status", "enabled", "tags"))
    assert "a/b" == found["Life (copy)"]["folder"]


async def test_many_are_changed_at_once(ada: Person) -> None:
    """What could not be changed is told by name."""
    await ada.ask("POST", "/workflows", drawn("Sound"))
    await ada.ask("POST", "/workflows", {"name": "Broken", "nodes": [{"id": "x", "type": "no.such"}]})
    page = await ada.open("/workflows")
    await page.get_by_role("checkbox", name="Select all on this page").check()
    bar = page.get_by_role("region", name="Selected workflows")
    await expect(bar).to_contain_text("2 selected")
    assert [] == await barriers(page)
    await bar.get_by_role("button", name="Change").click()
    await page.get_by_role("menuitem", name="Publish", exact=True).click()
    await expect(page.get_by_text("Published: 1 workflow.")).to_be_visible()
    await expect(page.get_by_text("Could not publish “Broken”")).to_be_visible()
    await page.get_by_role("checkbox", name="Select all on this page").check()
    await bar.get_by_role("button", name="Move").click()
    await page.get_by_role("dialog").get_by_label("Folder").fill("both")
    await page.get_by_role("dialog").get_by_role("button", name="Move").click()
    await expect(line(page, "Sound")).to_contain_text("both")
    await expect(line(page, "Broken")).to_contain_text("both")


async def test_files_go_out_and_come_in(ada: Person, tmp_path: Path) -> None:
    """An exported file is the workflow; taken in again it is another draft, and what it lacks is told."""
    await ada.ask("POST", "/workflows", drawn(f"Away {HOSTILE}", tags=["out"]))
    page = await ada.open("/workflows")
    async with page.expect_download() as downloading:
        await choose(page, f"Away {HOSTILE}", "Export as a file")
    kept = tmp_path / (await downloading.value).suggested_filename
    await (await downloading.value).save_as(kept)
    assert "away-img-src-x-onerror-alert-1.workflow.json" == kept.name
    await page.get_by_label("Files of workflows").set_input_files(kept)
    await page.wait_for_url("**/workflows/*-*")
    assert 2 == len(await ada.ask("GET", "/workflows?tag=out"))
    lacking = json.loads(kept.read_text())
    lacking["definition"]["nodes"].append({"id": "odd", "type": "no.such.type", "name": HOSTILE})
    kept.write_text(json.dumps(lacking))
    await page.goto("/workflows")
    await page.get_by_label("Files of workflows").set_input_files(kept)
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("no.such.type")
    await dialog.get_by_role("button", name="Open the draft").click()
    await page.wait_for_url("**/workflows/*-*")
    await page.goto("/workflows")
    kept.write_text("no json")
    await page.get_by_label("Files of workflows").set_input_files(kept)
    await expect(page.get_by_text("is no JSON")).to_be_visible()
