"""What workflows use, who people are, and how the installation does: kept, shown, and refused."""

from __future__ import annotations

import json

import httpx
from playwright.async_api import Page, expect
from tests.browser.conftest import Person, barriers

EVIL = "<img src=x onerror=alert(1)>"


async def enter_connection(page: Page, name: str) -> None:
    """Makes a connection of the kind that is called bearer token."""
    await page.get_by_role("button", name="New connection").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Bearer token").click()
    create = dialog.get_by_role("button", name="Create connection")
    await expect(create).to_be_disabled()
    await dialog.get_by_role("textbox", name="Name", exact=True).fill(name)
    await dialog.locator("input[type=password]").fill("a secret of this test")
    await dialog.get_by_role("combobox", name="Allowed hosts").fill("api.example.com")
    await create.click()
    await expect(dialog).to_have_count(0)


async def test_a_connection_is_made_changed_and_deleted(ada: Person) -> None:
    """Its form is that of its kind, what was entered as a secret is nowhere on the page, and no name is markup."""
    page = await ada.open("/connections")
    await expect(page.get_by_text("No connections yet")).to_be_visible()
    name = f"Shop {EVIL}"
    await enter_connection(page, name)
    line = page.get_by_role("listitem").filter(has_text="Bearer token · api.example.com")
    await expect(line.get_by_text(name)).to_be_visible()
    assert "a secret of this test" not in await page.content()
    assert [] == await barriers(page)
    more = page.get_by_role("button", name="More about Shop")
    await more.click()
    await page.get_by_role("menuitem", name="Change").click()
    await page.get_by_role("textbox", name="Name", exact=True).fill("Store")
    await page.get_by_role("button", name="Save changes").click()
    await expect(page.get_by_text("Store", exact=True)).to_be_visible()
    await page.get_by_role("button", name="More about Store").click()
    await page.get_by_role("menuitem", name="Replace secrets").click()
    await page.get_by_role("dialog").locator("input[type=password]").fill("another one")
    await page.get_by_role("button", name="Replace secrets").click()
    await expect(page.get_by_text("The old ones are gone.")).to_be_visible()
    await page.get_by_role("button", name="More about Store").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await expect(page.get_by_text("No connections yet")).to_be_visible()


async def test_a_token_is_shown_once_and_taken_back(ada: Person) -> None:
    """With it a program does what it was made for, until it is taken back."""
    page = await ada.open("/settings/tokens")
    await page.get_by_role("button", name="New token").first.click()
    await page.get_by_role("textbox", name="Name", exact=True).fill("a script")
    assert 0 == await page.get_by_label("Administer").count()
    await page.get_by_role("button", name="Create token").click()
    token = await page.get_by_label("The token", exact=True).inner_text()
    await page.get_by_role("button", name="I have it").click()
    await expect(page.get_by_role("row", name="a script")).to_be_visible()
    assert token not in await page.content()
    async with httpx.AsyncClient(base_url=ada.site.url, timeout=60, trust_env=False) as program:
        headers = {"Authorization": f"Bearer {token}"}
        assert ada.name == (await program.get("/api/v1/me", headers=headers)).json()["data"]["username"]
    assert [] == await barriers(page)
    await page.get_by_role("button", name="Take back a script").click()
    await page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    await expect(page.get_by_text("No tokens")).to_be_visible()
    async with httpx.AsyncClient(base_url=ada.site.url, timeout=60, trust_env=False) as program:
        assert 401 == (await program.get("/api/v1/me", headers=headers)).status_code


async def test_a_workflow_is_shared_with_the_community(operator: Person, ada: Person) -> None:
    """Whoever administers makes the community and its members; who draws says what they may do."""
    page = await operator.open("/admin/people?tab=communities")
    await page.get_by_role("button", name="New community").first.click()
    name = f"Finance {ada.user_id}"
    await page.get_by_role("dialog").get_by_role("textbox", name="Name").fill(name)
    await page.get_by_role("button", name="Create community").click()
    await page.get_by_role("button", name=name).click()
    region = page.get_by_role("region", name=name)
    await region.get_by_role("combobox", name="Who").fill(ada.name)
    await page.get_by_role("option", name=ada.name).click()
    await region.get_by_role("button", name="Add").click()
    await expect(region.get_by_role("combobox", name=f"Role of {ada.name}")).to_be_visible()
    assert [] == await barriers(page)

    small = {"name": "shared", "nodes": [{"id": "start", "type": "trigger.manual"}], "connections": []}
    workflow = await ada.publish(small)
    hers = await ada.open(f"/workflows/{workflow}/permissions")
    await expect(hers.get_by_text("Nobody else yet.")).to_be_visible()
    await hers.get_by_role("combobox", name="Share with").fill(name)
    await hers.get_by_role("option", name=name).click()
    await hers.get_by_role("button", name="Share").click()
    run = hers.get_by_role("checkbox", name=f"Members of {name}: Run")
    await run.click()
    await expect(run).to_be_checked()
    (grant,) = await ada.ask("GET", f"/workflows/{workflow}/permissions")
    assert (True, False, True) == (grant["can_view"], grant["can_edit"], grant["can_execute"])
    await hers.get_by_role("button", name="Take back").click()
    await expect(hers.get_by_text("Nobody else yet.")).to_be_visible()

    # Who administers the community knows its members alone, and others by the names that they sign in with.
    members = f"/communities/{grant['community_id']}/members"
    await operator.ask("PUT", f"{members}/{ada.user_id}", {"role": "admin"})
    await hers.goto("/admin/people?tab=communities")
    await expect(hers.get_by_role("navigation", name="Main").get_by_role("link", name="Audit log")).to_be_visible()
    await hers.get_by_role("button", name=name).click()
    await hers.get_by_role("textbox", name="Add somebody").fill(operator.name)
    await hers.get_by_role("button", name="Add", exact=True).click()
    await expect(hers.get_by_role("combobox", name=f"Role of {operator.name}")).to_be_visible()
    await hers.goto(f"/workflows/{workflow}/permissions")
    await hers.get_by_role("combobox", name="Give it to").fill(operator.name)
    await hers.get_by_role("option", name=operator.name).click()
    await hers.get_by_role("button", name="Give away").click()
    await hers.get_by_role("button", name="Give it away").click()
    await expect(hers.get_by_text(f"The workflow is {operator.name}'s now.")).to_be_visible()


async def test_who_looks_after_the_installation_sees_how_it_does(operator: Person) -> None:
    """Its workers, its settings without any secret, and what was done."""
    page = await operator.open("/admin/health")
    await expect(page.get_by_role("region", name="Workers").first).to_contain_text("1")
    await expect(page.get_by_role("cell", name="Answers")).to_be_visible()
    assert [] == await barriers(page)
    await page.get_by_role("tab", name="Settings").click()
    await page.get_by_role("textbox", name="Search the settings").fill("data_dir")
    await expect(page.get_by_text("WINGBEAT_DATA_DIR", exact=True)).to_be_visible()
    await page.goto("/admin/audit")
    await page.get_by_role("textbox", name="Who").fill(operator.name)
    await expect(page).to_have_url(f"/admin/audit?actor={operator.name}")
    await page.get_by_role("button", name="sign_in.password").first.click()
    await expect(page.get_by_role("dialog")).to_contain_text(operator.name)


async def test_what_somebody_may_not_do_is_not_offered(ada: Person) -> None:
    """Places of administrators are not in the bar, and say why they are empty to whoever goes there."""
    page = await ada.open("/settings")
    await expect(page.get_by_role("region", name="Sessions").get_by_text("This one")).to_be_visible()
    assert [] == await barriers(page)
    bar = page.get_by_role("navigation", name="Main")
    assert 0 == await bar.get_by_role("link", name="Health").count()
    await page.goto("/admin/health")
    await expect(page.get_by_role("alert")).to_contain_text("Could not ask how the installation does")
    await page.goto("/admin/people")
    await expect(page.get_by_text("You belong to none.")).to_be_visible()


MUSEUM = {
    "openapi": "3.1.0",
    "info": {"title": f"Museum {EVIL}", "version": "1"},
    "servers": [{"url": "https://museum.example.com"}],
    "paths": {"/hours": {"get": {"operationId": "getHours", "summary": "Opening hours", "responses": {"200": {}}}}},
}


async def test_an_api_becomes_steps(operator: Person, ada: Person) -> None:
    """Its document is taken in by an administrator; then everybody finds its operations among the steps."""
    page = await operator.open("/connections")
    await page.get_by_role("button", name="APIs as steps").click()
    dialog = page.get_by_role("dialog", name="APIs as steps")
    await dialog.get_by_label("Or the document itself").fill(json.dumps(MUSEUM))
    await dialog.get_by_role("button", name="Import").click()
    await expect(dialog.get_by_text("They are in the list of steps now: Opening hours.")).to_be_visible()
    assert [] == await barriers(page, "[role=dialog]")
    made = await ada.ask("POST", "/workflows", {"name": "visit", "nodes": [], "connections": []})
    drawing = await ada.open(f"/workflows/{made['workflow_id']}")
    await drawing.get_by_role("button", name="Add the first step").click()
    await drawing.get_by_label("Search steps").fill("opening hours")
    await drawing.get_by_role("option", name="Opening hours").click()
    await expect(drawing.locator("[data-step]").filter(has_text="Opening hours")).to_be_visible()
    connections = await ada.open("/connections")
    await expect(connections.get_by_role("button", name="New connection").first).to_be_visible()
    await expect(connections.get_by_role("button", name="APIs as steps")).to_have_count(0)
