"""Every save is a version: seen, compared, taken up again; and two people on one workflow lose nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from playwright.async_api import expect
from tests.browser.conftest import Person, barriers

ANY = {"If-Match": "*"}


def drawn(name: str, value: object, *more: str) -> dict[str, Any]:
    """A workflow whose one node gives a value; `more` are further nodes."""
    value_node = {"id": "give", "type": "data.transform", "name": "Give", "position": {"x": 260, "y": 0}}
    others = [{"id": one, "type": "flow.end", "position": {"x": 520, "y": 0}} for one in more]
    return {
        "name": name,
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {**value_node, "parameters": {"value": value}},
            *others,
        ],
        "connections": [{"from": "start", "to": "give"}, *({"from": "give", "to": one} for one in more)],
    }


async def test_what_each_version_changed_is_seen_and_taken_back(ada: Person) -> None:
    """In the drawing and in words, as JSON too; an earlier one runs, or is the newest again."""
    workflow = await ada.publish(drawn("Grows", {"a": "<img src=x onerror=alert(1)>"}))
    second = {**drawn("Grows", {"a": "<script>alert(1)</script>"}, "end"), "message": "Ends <b>well</b>"}
    await ada.ask("PUT", f"/workflows/{workflow}", second, **ANY)
    page = await ada.open(f"/workflows/{workflow}/versions")
    await expect(page.get_by_text("1 node added, 1 node changed, 1 connection")).to_be_visible()
    await expect(page.get_by_text("Ends <b>well</b>")).to_be_visible()
    changes = page.get_by_role("region", name="What differs")
    await expect(changes.get_by_role("insertion")).to_have_text("<script>alert(1)</script>")
    # A step is called by its name and type; what else is written on it is for the eye.
    assert [] == await barriers(page)
    await page.get_by_text("JSON", exact=True).click()
    await expect(page.get_by_label("After")).to_contain_text("alert(1)")
    await page.get_by_role("button", name="Version 1").click()
    await expect(page.get_by_text("The first: there is nothing before it.")).to_be_visible()
    await page.get_by_role("button", name="Restore").click()
    await page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    await expect(page.get_by_role("button", name="Version 3")).to_contain_text("Restored version 1.")
    await page.get_by_role("button", name="Version 2").click()
    await page.get_by_role("button", name="Change the message").click()
    await page.get_by_label("What changed?").fill("The price is right")
    await page.get_by_role("button", name="Keep", exact=True).click()
    await expect(page.get_by_role("button", name="Version 2")).to_contain_text("The price is right")
    await page.get_by_role("button", name="Publish this one").click()
    await expect(page.get_by_role("button", name="Version 2")).to_contain_text("Runs")
    found = await ada.ask("GET", f"/workflows/{workflow}")
    assert (3, 2) == (found["revision"], found["published_revision"])


async def test_two_people_on_one_workflow_lose_nothing(ada: Person, bo: Person) -> None:
    """Whoever saves second is shown what the first saved; what both changed is chosen, and the rest is kept."""
    workflow = await ada.publish(drawn("Shared", 1))
    await ada.ask("POST", f"/workflows/{workflow}/permissions", {"user_id": bo.user_id, "can_edit": True})
    page = await ada.open(f"/workflows/{workflow}")
    name = page.get_by_label("Name of the workflow")
    await name.fill("Ada's name")
    await name.press("Enter")
    await bo.ask("PUT", f"/workflows/{workflow}", drawn("Bo's name", 2, "end"), **ANY)
    await expect(page.get_by_text(f"{bo.name} has saved version 2 while you were editing here.")).to_be_visible()
    await page.get_by_role("button", name="Show the difference and merge").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("1 node added, 1 node changed")
    await expect(dialog.get_by_role("button", name="1 to choose")).to_be_disabled()
    await dialog.get_by_role("radiogroup", name="The workflow's name").get_by_text("Mine").click()
    await dialog.get_by_role("button", name="Merge", exact=True).click()
    await expect(name).to_have_value("Ada's name")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Somebody else has saved this workflow")).to_have_count(0)
    await page.wait_for_function(
        "id => fetch(`/api/v1/workflows/${id}`).then(r => r.json()).then(b => b.data.revision === 3)", arg=workflow
    )
    found = await ada.ask("GET", f"/workflows/{workflow}")
    nodes = {node["id"]: node for node in found["definition"]["nodes"]}
    assert ("Ada's name", {"value": 2}) == (found["name"], nodes["give"]["parameters"])
    assert "end" in nodes
    await bo.ask("PUT", f"/workflows/{workflow}", drawn("Bo's again", 2, "end"), **ANY)
    await expect(name).to_have_value("Bo's again")


async def test_people_see_who_else_has_the_workflow_open(ada: Person, bo: Person) -> None:
    """By name, with the step that they are at, while they are there; whoever may not see it any more is told."""
    workflow = await ada.publish(drawn("Shared", 1))
    shared = f"/workflows/{workflow}/permissions"
    granted = await ada.ask("POST", shared, {"user_id": bo.user_id, "can_edit": True})
    page = await ada.open(f"/workflows/{workflow}")
    await expect(page.get_by_label("Name of the workflow")).to_have_value("Shared")
    theirs = await bo.open(f"/workflows/{workflow}")
    await expect(theirs.get_by_role("button", name=f"Also here: {ada.name}", exact=True)).to_be_visible()
    await theirs.locator(".react-flow__node", has_text="Give").click()
    await expect(page.get_by_role("button", name=f"{bo.name} is here")).to_be_visible()
    await theirs.get_by_label("Name of the workflow").fill("Bo's")
    await theirs.get_by_label("Name of the workflow").press("Enter")
    await page.get_by_role("button", name=f"Also here: {bo.name} (editing)").click()
    await expect(page.get_by_role("list", name="Also here")).to_contain_text("Has changes that are not saved")
    assert [] == await barriers(page)
    await ada.ask("DELETE", f"{shared}/{granted['permission_id']}")
    await theirs.keyboard.press("Control+s")
    await expect(
        theirs.get_by_role("alert").filter(has_text="This workflow is gone, or you may not see it")
    ).to_be_visible()
    await expect(theirs.get_by_label("Name of the workflow")).to_have_value("Bo's")
    await theirs.reload()
    async with theirs.expect_download() as kept:
        await theirs.get_by_role("button", name="Bo's, ").click()
    path = await (await kept.value).path()
    assert "Bo's" == json.loads(await asyncio.to_thread(path.read_text))["name"]
    await theirs.close()
    await expect(page.get_by_role("button", name="Also here")).to_have_count(0)
    await expect(page.get_by_role("button", name=f"{bo.name} is here")).to_have_count(0)
