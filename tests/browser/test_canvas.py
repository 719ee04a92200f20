"""Drawing: by mouse and by keyboard, in a real browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from playwright.async_api import expect
from tests.browser.conftest import Person, barriers

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

HOSTILE = "<img src=x onerror=alert(1)>"


async def saved(ada: Person, page: Page, workflow: str) -> dict[str, Any]:
    """The definition as the server has it, once what is drawn was saved."""
    await page.keyboard.press("Control+S")
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    return dict((await ada.ask("GET", f"/workflows/{workflow}"))["definition"])


async def drawing(ada: Person, definition: dict[str, Any]) -> tuple[Page, str]:
    """A tab with a workflow to draw in."""
    made = await ada.ask("POST", "/workflows", definition)
    page = await ada.open(f"/workflows/{made['workflow_id']}")
    await expect(page.locator("[data-canvas]")).to_be_visible()
    return page, str(made["workflow_id"])


async def middle(part: Locator) -> tuple[float, float]:
    """The middle of something on the screen."""
    box = await part.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def step(page: Page, name: str) -> Locator:
    """A step on the canvas."""
    return page.locator("[data-step]").filter(has_text=name)


def lines(definition: dict[str, Any]) -> list[str]:
    """Each connection as `from.port > to`."""
    return sorted(f"{one['from']}.{one.get('from_port', 'out')} > {one['to']}" for one in definition["connections"])


async def test_a_workflow_is_drawn_by_mouse(ada: Person) -> None:
    """Steps come from the palette, into the void, onto a connection, beside a port; all can be undone."""
    page, workflow = await drawing(ada, {"name": "by mouse", "nodes": [], "connections": []})
    await page.get_by_role("button", name="Add the first step").click()
    await page.keyboard.type("manual")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Close the list of steps").click()
    start = step(page, "Manual start")
    x, y = await middle(start.locator(".source"))
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 160, y + 40, steps=5)
    await page.mouse.up()
    await page.keyboard.type("transform")
    await page.keyboard.press("Enter")
    await expect(step(page, "Transform")).to_be_visible()
    between = page.locator(".react-flow__edge").first
    await page.mouse.move(*await middle(between))
    await between.get_by_role("button", name="Insert a step here").click()
    await page.keyboard.type("condition if")
    await page.keyboard.press("Enter")
    await expect(page.locator(".react-flow__edge")).to_have_count(2)
    # The port that nothing follows shows a plus beside it, as long as its step is selected.
    x, y = await middle(page.locator("[data-step=if] .source").last)
    await page.mouse.click(x + 23, y)
    await page.keyboard.type("limit")
    await page.keyboard.press("Enter")
    await expect(page.locator(".react-flow__edge")).to_have_count(3)
    canvas = await page.locator("[data-canvas]").bounding_box()
    assert canvas
    await page.mouse.dblclick(canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] - 130)
    await page.keyboard.type("sort")
    await page.keyboard.press("Enter")
    await expect(step(page, "Sort")).to_be_visible()
    definition = await saved(ada, page, workflow)
    assert ["if.false > limit", "if.true > transform", "manual.out > if"] == lines(definition)
    for _ in range(5):
        await page.keyboard.press("Control+Z")
    await expect(page.locator("[data-step]")).to_have_count(0)


async def test_a_workflow_is_drawn_by_keyboard_alone(ada: Person) -> None:
    """N adds after the step that has the focus, arrows walk, C connects, Delete removes; the page has no barriers."""
    nodes = [{"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}}]
    page, workflow = await drawing(ada, {"name": "by keyboard", "nodes": nodes, "connections": []})
    await page.locator("[data-canvas]").focus()
    await page.keyboard.press("Tab")
    await expect(step(page, "Manual start")).to_be_focused()
    for word in ("sort", "limit"):
        await page.keyboard.press("n")
        await page.keyboard.type(word)
        await page.keyboard.press("Enter")
        await expect(step(page, word.capitalize())).to_be_focused()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await expect(step(page, "Manual start")).to_be_focused()
    await page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Connect")
    await dialog.get_by_role("combobox", name="To").fill("Limit")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await dialog.get_by_role("button", name="Connect", exact=True).press("Enter")
    await expect(page.locator(".react-flow__edge")).to_have_count(3)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert [] == await barriers(page)
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Delete")
    await expect(page.locator("[data-step]")).to_have_count(2)
    await expect(page.locator("[data-step]:focus")).to_have_count(1)
    definition = await saved(ada, page, workflow)
    assert 1 == len(definition["connections"])


async def test_keys_lead_to_everything_on_the_page_and_the_focus_is_never_lost(ada: Person) -> None:
    """Enter leads to the parameters, Escape back; code is left by Escape and Tab; notes are written; F6 goes round."""
    nodes = [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "code", "type": "code.javascript", "position": {"x": 272, "y": 0}, "parameters": {"code": "return 1"}},
    ]
    connections = [{"from": "start", "to": "code"}]
    page, workflow = await drawing(ada, {"name": "by keys", "nodes": nodes, "connections": connections})
    press = page.keyboard.press
    await expect(page.locator("[data-canvas]")).to_be_focused()
    await press("Tab")
    await press("ArrowRight")
    await press("Enter")
    code = page.get_by_role("textbox", name="Code")
    await expect(code).to_be_focused()
    await press("Control+a")
    await page.keyboard.type("return 2")
    await press("Escape")
    await press("Tab")
    await expect(code).not_to_be_focused()
    await press("Shift+Tab")
    # One more where the code has something of its own to close.
    while not await page.locator("[data-step]:focus").count():
        await press("Escape")
    await expect(step(page, "JavaScript code")).to_be_focused()
    await press("Control+ArrowLeft")
    await press("Space")
    await press("Control+g")
    await press("Control+k")
    await expect(page.get_by_label("Search for commands and steps")).to_be_focused()
    await page.keyboard.type("write a note")
    await press("Enter")
    await expect(page.get_by_role("textbox", name="Text of the note")).to_be_focused()
    await page.keyboard.type("Read me")
    await press("Control+Enter")
    await expect(page.get_by_role("group", name="Note: Read me")).to_be_focused()
    definition = await saved(ada, page, workflow)
    assert "return 2" == definition["nodes"][1]["parameters"]["code"]
    await expect(page.get_by_role("group", name="Note: Read me")).to_be_focused()
    await press("Shift+Tab")
    await expect(step(page, "JavaScript code")).to_be_focused()
    for part in ("section[aria-label=Running]", "aside", "header"):
        await press("F6")
        await expect(page.locator(f"{part} :focus")).to_have_count(1)
    for opening in ("Control+,", "Control+Shift+S", "Control+f"):
        await press("F6")
        await press(opening)
        await expect(page.locator("body:focus")).to_have_count(0)
        await press("Escape")
        await expect(page.locator("[data-canvas]:focus, [data-canvas] :focus, header :focus")).to_have_count(1)
        await press("Shift+F6")
    assert [1, 1] == [len((await saved(ada, page, workflow))["annotations"][kind]) for kind in ("notes", "groups")]


async def test_parts_go_from_tab_to_tab_as_text_that_is_only_text(ada: Person) -> None:
    """What is copied is JSON; pasted elsewhere it is there again under free ids, and no name of it becomes markup."""
    nodes = [
        {"id": "start", "type": "trigger.manual", "name": HOSTILE, "position": {"x": 0, "y": 0}},
        {"id": "sort", "type": "data.sort", "name": "Sort them", "notes": HOSTILE, "position": {"x": 272, "y": 0}},
    ]
    note = {"id": "note", "text": f"# Read\n{HOSTILE}", "position": {"x": 0, "y": 160}, "width": 240, "height": 160}
    definition = {
        "name": HOSTILE,
        "nodes": nodes,
        "connections": [{"from": "start", "to": "sort"}],
        "annotations": {"notes": [note]},
    }
    page, workflow = await drawing(ada, definition)
    await page.locator("[data-canvas]").focus()
    await page.keyboard.press("Control+A")
    await page.keyboard.press("Control+C")
    copied = json.loads(await page.evaluate("navigator.clipboard.readText()"))
    assert ["start", "sort"] == [node["id"] for node in copied["nodes"]]
    await page.keyboard.press("Control+V")
    await expect(page.locator("[data-step]")).to_have_count(4)
    twice = await saved(ada, page, workflow)
    assert ["sort", "sort_2", "start", "start_2"] == sorted(node["id"] for node in twice["nodes"])
    assert ["start.out > sort", "start_2.out > sort_2"] == lines(twice)
    assert 0 == await page.locator("[data-canvas] img").count()


async def test_what_was_never_drawn_is_laid_out_when_it_is_opened(ada: Person) -> None:
    """A workflow made over the API without places shows each step by itself, and need not be saved for that."""
    nodes = [{"id": "start", "type": "trigger.manual"}, {"id": "sort", "type": "data.sort"}]
    definition = {"name": "never drawn", "nodes": nodes, "connections": [{"from": "start", "to": "sort"}]}
    page, _ = await drawing(ada, definition)
    start, sort = [await middle(step(page, name)) for name in ("Manual start", "Sort")]
    assert start[0] + 200 < sort[0]
    await expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()


async def test_a_large_drawing_is_worked_on_from_afar(ada: Person) -> None:
    """It is painted; what is pointed at, walked to or selected is a step as ever, and can be clicked and dragged."""
    page, workflow = await drawing(ada, large(400))
    await page.get_by_role("button", name="Show all").click()
    await expect(page.get_by_role("img", name="400 steps from afar")).to_be_visible()
    await expect(page.locator("[data-step]")).to_have_count(0)
    x, y = await seen_at(page, 30, 20)
    await page.mouse.move(x, y)
    await expect(page.locator("[data-step]")).to_have_attribute("data-step", "n0")
    await page.mouse.down()
    await page.mouse.move(x - 8, y - 40, steps=4)
    await page.mouse.up()
    await page.get_by_role("button", name="Undo").wait_for()
    await expect(page.get_by_role("textbox", name="Name of the step")).to_have_value("Step 0")
    definition = await saved(ada, page, workflow)
    assert definition["nodes"][0]["position"]["y"] < -160
    await page.locator("[data-step=n0]").focus()
    await page.keyboard.press("Tab")
    await expect(page.locator("[data-step]:focus")).to_have_attribute("data-step", "n1")
    await page.keyboard.down("Shift")
    left, top = await seen_at(page, -60, 120)
    right, bottom = await seen_at(page, 600, 360)
    await page.mouse.move(left, top)
    await page.mouse.down()
    await page.mouse.move(right, bottom, steps=4)
    await page.mouse.up()
    await page.keyboard.up("Shift")
    await expect(page.get_by_role("toolbar", name="Selected steps")).to_contain_text("6 selected")


async def seen_at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where on the screen a place of the drawing is."""
    found = await page.locator(".react-flow__viewport").evaluate(
        """(view, [x, y]) => { const { left, top } = view.parentElement.getBoundingClientRect();
        const { a, e, f } = new DOMMatrix(getComputedStyle(view).transform);
        return [left + e + x * a, top + f + y * a]; }""",
        [x, y],
    )
    return float(found[0]), float(found[1])


def large(size: int) -> dict[str, Any]:
    """Rows of fifty steps, one after the other."""
    nodes = [
        {
            "id": f"n{place}",
            "type": "trigger.manual" if place == 0 else "flow.delay",
            "name": f"Step {place}",
            "position": {"x": place % 50 * 256, "y": place // 50 * 160},
            "parameters": {"seconds": 0} if place else {},
        }
        for place in range(size)
    ]
    return {
        "name": f"{size} steps",
        "nodes": nodes,
        "connections": [{"from": f"n{place}", "to": f"n{place + 1}"} for place in range(size - 1)],
    }
