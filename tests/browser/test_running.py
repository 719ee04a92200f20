"""Running a workflow from the editor: its steps light up, it can be walked through, and nothing is missed."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.async_api import Locator, Page, Route, expect
from tests.browser.conftest import PATIENCE_MS, Person, Site, barriers

WORKFLOW: dict[str, Any] = {
    "name": "Orders of the day",
    "nodes": [
        {"id": "start", "type": "trigger.manual", "name": "Orders come in", "position": {"x": 0, "y": 100}},
        {
            "id": "price",
            "type": "data.transform",
            "name": "Work out the price",
            "position": {"x": 300, "y": 100},
            "parameters": {"value": "{{ trigger.amount * 3 }}"},
        },
        {
            "id": "many",
            "type": "condition.if",
            "name": "Many?",
            "position": {"x": 600, "y": 100},
            "parameters": {"condition": "input > 10"},
        },
        {"id": "boss", "type": "flow.end", "name": "Tell the boss", "position": {"x": 900, "y": 0}},
        {"id": "nobody", "type": "flow.end", "name": "Say nothing", "position": {"x": 900, "y": 200}},
    ],
    "connections": [
        {"from": "start", "to": "price"},
        {"from": "price", "to": "many"},
        {"from": "many", "from_port": "true", "to": "boss"},
        {"from": "many", "from_port": "false", "to": "nobody"},
    ],
}


async def open_editor(person: Person, breakpoints: tuple[str, ...] = (), data: object = None) -> tuple[Page, str]:
    """A new workflow in the editor, with what this browser remembers of it."""
    made = await person.ask("POST", "/workflows", WORKFLOW)
    workflow_id = str(made["workflow_id"])
    kept = {
        f"wingbeat:{person.user_id}:breakpoints:{workflow_id}": list(breakpoints),
        f"wingbeat:{person.user_id}:trigger:{workflow_id}": [
            {"trigger": None, "text": json.dumps(data or {"amount": 5})}
        ],
    }
    texts = {name: json.dumps(value) for name, value in kept.items()}
    await person.context.add_init_script(
        f"for (const [name, text] of Object.entries({json.dumps(texts)})) localStorage.setItem(name, text)"
    )
    page = await person.open(f"/workflows/{workflow_id}")
    await expect(run_button(page)).to_be_enabled()
    return page, workflow_id


def run_button(page: Page) -> Locator:
    """Runs all of it."""
    return page.get_by_role("button", name="Run", exact=True)


def running(page: Page) -> Locator:
    """The bar below the canvas."""
    return page.get_by_role("region", name="Running")


def step(page: Page, name: str, state: str) -> Locator:
    """A step on the canvas of which the run says this."""
    return page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}, [^,]*, {state}"))


async def test_a_run_lights_up_the_steps_that_it_comes_to(ada: Person) -> None:
    """The way that was not taken stays dark; the data can be changed, and the run taken off the canvas."""
    page, _ = await open_editor(ada)
    await run_button(page).click()
    for name in ("Orders come in", "Work out the price", "Many?", "Tell the boss"):
        await expect(step(page, name, "completed")).to_be_visible()
    await expect(step(page, "Say nothing", "completed")).to_have_count(0)
    await expect(running(page).get_by_text("Completed", exact=True)).to_be_visible()
    await running(page).get_by_role("button", name="Steps of this run").click()
    latest = page.get_by_role("region", name="Latest steps")
    await expect(latest.get_by_role("button")).to_have_count(4)
    assert [] == await barriers(page, "[aria-label=Running]")
    await latest.get_by_role("button", name=re.compile("Work out the price")).click()
    panel = page.get_by_role("complementary", name="Selected node")
    await panel.get_by_role("tab", name="Result").click()
    await expect(panel.get_by_role("region", name="Output")).to_have_text("15")
    await panel.get_by_role("tab", name="Input").click()
    await expect(panel.get_by_role("region", name="Input")).to_contain_text("amount")
    assert [] == await barriers(page, "[aria-label='Selected node']")
    await panel.get_by_role("tab", name="Output").click()
    await panel.get_by_role("button", name="Pin", exact=True).click()
    await expect(panel.get_by_text("An output is pinned.")).to_be_visible()
    await panel.get_by_role("button", name="Unpin").click()

    await running(page).get_by_role("button", name="Data", exact=True).click()
    dialog = page.get_by_role("dialog", name="Data that the trigger hands over")
    await dialog.get_by_role("textbox", name="Data as JSON").fill('{"amount": 1')
    await expect(dialog.get_by_role("button", name="Run with it")).to_be_disabled()
    await dialog.get_by_role("textbox", name="Data as JSON").fill('{"amount": 1}')
    await dialog.get_by_role("button", name="Run with it").click()
    await expect(step(page, "Say nothing", "completed")).to_be_visible()
    await running(page).get_by_role("button", name="Take the run off the canvas").click()
    await expect(step(page, "Orders come in", "completed")).to_have_count(0)


async def test_somebody_walks_through_a_run_step_by_step(ada: Person) -> None:
    """From a breakpoint to the next step, and from there to the end."""
    page, _ = await open_editor(ada)
    await page.locator(".react-flow__node", has_text="Many?").click(button="right")
    await page.get_by_role("menuitem", name="Stop before this step").click()
    await run_button(page).click()
    bar = running(page)
    await expect(bar.get_by_text("Stopped before Many?")).to_be_visible()
    await expect(step(page, "Many?", "paused")).to_be_visible()
    await bar.get_by_role("button", name="One step").click()
    await expect(bar.get_by_text("Stopped before Tell the boss")).to_be_visible()
    await expect(step(page, "Many?", "completed")).to_be_visible()
    await bar.get_by_role("button", name="Continue").click()
    await expect(step(page, "Tell the boss", "completed")).to_be_visible()
    await expect(bar.get_by_text("Completed", exact=True)).to_be_visible()


async def test_a_lost_connection_comes_back_and_nothing_was_missed(ada: Person, site: Site) -> None:
    """Meanwhile the page says that it is lost; what happened without it is there afterwards."""
    ada.expected.append("WebSocket connection")
    page, workflow_id = await open_editor(ada, breakpoints=("many",))
    await run_button(page).click()
    bar = running(page)
    await expect(bar.get_by_text("Stopped before Many?")).to_be_visible()
    await ada.context.set_offline(True)
    await expect(bar.get_by_text("Reconnecting")).to_be_visible()
    [execution] = await site.ask("GET", f"/workflows/{workflow_id}/executions")
    await site.post(f"/workflows/executions/{execution['execution_id']}/resume", {"mode": "continue"})
    await expect(step(page, "Many?", "paused")).to_be_visible()
    await ada.context.set_offline(False)
    await expect(step(page, "Tell the boss", "completed")).to_be_visible()
    await expect(bar.get_by_text("Completed", exact=True)).to_be_visible()
    await expect(bar.get_by_text("Reconnecting")).to_have_count(0)


async def test_lost_answers_and_cut_sockets_lose_nothing_and_do_nothing_twice(ada: Person) -> None:
    """What the server did and could not say is found out, and a proxy that cuts WebSockets is gone around."""
    page, workflow_id = await open_editor(ada)
    lost: list[str] = []

    async def lose(route: Route) -> None:
        if route.request.method in lost:
            lost.remove(route.request.method)
            await route.fetch()
            await route.abort("connectionreset")
        else:
            await route.fallback()

    await page.route(f"**/api/v1/workflows/{workflow_id}", lose)
    await page.route(f"**/api/v1/workflows/{workflow_id}/run", lose)
    await page.route_web_socket("**/api/socket/**", lambda socket: socket.close())
    await page.reload()
    name = page.get_by_label("Name of the workflow")
    await name.fill("Orders of the night")
    await name.press("Enter")
    lost.append("PUT")
    await page.keyboard.press("Control+s")
    await expect(page.get_by_text("Not saved yet")).to_be_visible()
    await page.keyboard.press("Control+s")
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert 2 == (await ada.ask("GET", f"/workflows/{workflow_id}"))["revision"]
    lost.append("POST")
    await run_button(page).click()
    await expect(page.get_by_text("Could not run the workflow")).to_be_visible()
    await run_button(page).click()
    await expect(step(page, "Tell the boss", "completed")).to_be_visible(timeout=4 * PATIENCE_MS)
    assert 1 == len(await ada.ask("GET", f"/workflows/{workflow_id}/executions"))
    assert [] == lost


async def test_a_part_is_run_and_a_test_changes_nothing(ada: Person) -> None:
    """What comes after the step is left alone; of a test there is no execution, but what each step would do."""
    page, workflow_id = await open_editor(ada)
    await page.locator(".react-flow__node", has_text="Work out the price").click(button="right")
    await page.get_by_role("menuitem", name="Run to here").click()
    await expect(step(page, "Work out the price", "completed")).to_be_visible()
    await expect(running(page).get_by_text("Completed", exact=True)).to_be_visible()
    await expect(step(page, "Many?", "completed")).to_have_count(0)

    await running(page).get_by_role("button", name="Test", exact=True).click()
    await expect(running(page).get_by_text("Test completed")).to_be_visible()
    await expect(step(page, "Tell the boss", "completed")).to_be_visible()
    await running(page).get_by_role("button", name="Steps of this test").click()
    traced = page.get_by_role("region", name="Steps of the test")
    await traced.get_by_role("button", name="Work out the price").click()
    await expect(traced.get_by_role("figure", name="Output").filter(visible=True)).to_contain_text("15")
    panel = page.get_by_role("complementary", name="Selected node")
    await panel.get_by_role("tab", name="Result").click()
    await expect(panel.get_by_text("Test: nothing was really done")).to_be_visible()
    await expect(panel.get_by_role("region", name="Output")).to_have_text("15")
    assert 1 == len(await ada.ask("GET", f"/workflows/{workflow_id}/executions"))
