"""Texts of strangers in every place that takes one, looked at on every page: they are read, and nothing runs.

The fixtures fail a test for a dialog, an exception or a violated policy; here it is seen that none of it became markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Page
    from tests.browser.conftest import Person

PAYLOADS = (
    "<img src=x onerror=\"document.title='taken'\">",
    "<script>document.title='taken'</script>",
    "\"'><svg onload=document.title='taken'>",
    "[look](javascript:document.title='taken') ![p](https://evil.example/p.png)",
    "{{constructor.constructor('document.title=`taken`')()}}",
    '<iframe srcdoc="<script>parent.document.title=\'taken\'</script>"></iframe><a href="javascript:alert(1)">x</a>',
)
BAIT = " ".join(PAYLOADS)
SHORT = PAYLOADS[0]
# What a payload would have made, were it markup.
TAKEN = "img[src='x'], svg[onload], iframe, a[href^='javascript'], img[src*='evil'], main script"


def hostile(approver: str) -> dict[str, Any]:
    """A workflow all of whose words are bait, which asks, tells, fails and ends with bait."""
    return {
        "name": SHORT,
        "description": BAIT,
        "global_variables": {"bait": BAIT},
        "nodes": [
            {"id": "start", "type": "trigger.manual", "name": SHORT, "notes": BAIT, "position": {"x": 0, "y": 0}},
            {
                "id": "make",
                "type": "data.transform",
                "name": PAYLOADS[2],
                "notes": BAIT,
                "position": {"x": 260, "y": 0},
                "parameters": {"value": {SHORT: BAIT.replace("{{", "{ {"), "trigger": "{{ trigger }}"}},
            },
            {
                "id": "ask",
                "type": "action.approval",
                "name": PAYLOADS[1],
                "position": {"x": 520, "y": 0},
                "parameters": {
                    "title": f"{SHORT} ok?",
                    "text": BAIT.replace("{{", "{ {"),
                    "data": "{{ nodes.make }}",
                    "approvers": [approver],
                    "form": [{"name": "why", "label": SHORT, "help": PAYLOADS[3]}],
                },
            },
            {
                "id": "which",
                "type": "condition.if",
                "position": {"x": 520, "y": 160},
                "parameters": {"condition": "'fail' in trigger"},
            },
            {
                "id": "fail",
                "type": "flow.stop_and_error",
                "name": SHORT,
                "position": {"x": 780, "y": 0},
                "parameters": {"message": PAYLOADS[1]},
            },
        ],
        "connections": [
            {"from": "start", "to": "make"},
            {"from": "make", "to": "which"},
            {"from": "which", "from_port": "true", "to": "fail"},
            {"from": "which", "from_port": "false", "to": "ask"},
        ],
        "annotations": {
            "notes": [
                {
                    "id": "n1",
                    "text": BAIT,
                    "position": {"x": 0, "y": 200},
                    "width": 300,
                    "height": 200,
                    "color": "yellow",
                }
            ],
            "groups": [
                {
                    "id": "g1",
                    "title": SHORT,
                    "position": {"x": 240, "y": -40},
                    "width": 240,
                    "height": 180,
                    "color": "blue",
                }
            ],
        },
    }


async def lay_bait(ada: Person) -> dict[str, str]:
    """Everything that takes a text of somebody's; what it is called in addresses."""
    workflow = await ada.publish(hostile(ada.name))
    failed = await ada.ask("POST", f"/workflows/{workflow}/execute?wait=10", {"trigger_data": {SHORT: BAIT, "fail": 1}})
    asked = await ada.ask("POST", f"/workflows/{workflow}/execute", {"trigger_data": {SHORT: BAIT}})
    connection = {
        "kind": "bearer",
        "name": SHORT,
        "description": BAIT,
        "config": {},
        "secrets": {"token": "t"},
        "allowed_hosts": ["example.com"],
    }
    await ada.ask("POST", "/connections", {**connection, "config": {}, "secrets": {"token": "t"}})
    await ada.ask("POST", f"/workflows/{workflow}/webhooks", {"name": SHORT})
    await ada.ask("POST", f"/workflows/{workflow}/schedules", {"name": SHORT, "cron_expression": "0 9 * * *"})
    await ada.ask("POST", "/tasks", {"title": SHORT, "description": BAIT, "assignee": ada.name, "labels": [SHORT]})
    await ada.ask("POST", "/tokens", {"name": SHORT, "scopes": ["view"], "expires_in_days": 1})
    return {"workflow": workflow, "failed": failed["execution_id"], "asked": asked["execution_id"]}


async def look(page: Page) -> None:
    """Nothing of it is markup, here and behind each tab of this page."""
    tabs = page.get_by_role("main").get_by_role("tab")
    await expect(page.get_by_role("main")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    for number in range(max(1, await tabs.count())):
        if await tabs.count() > number:
            await tabs.nth(number).click()
            await page.wait_for_load_state("networkidle")
        assert 0 == await page.locator(TAKEN).count()
        assert "taken" != await page.title()


async def test_no_text_of_a_stranger_runs_anywhere(ada: Person) -> None:
    """On each page that shows any of it."""
    ids = await lay_bait(ada)
    page = await ada.open("/workflows")
    await expect(page.get_by_text(SHORT).first).to_be_visible()
    for path in (
        "/",
        "/workflows",
        "/workflows/{workflow}",
        "/workflows/{workflow}/executions",
        "/workflows/{workflow}/versions",
        "/workflows/{workflow}/triggers",
        "/workflows/{workflow}/access",
        "/executions",
        "/executions/{failed}",
        "/executions/{asked}",
        "/inbox",
        "/inbox?tab=tasks",
        "/inbox?tab=notifications",
        "/connections",
        "/settings",
    ):
        await page.goto(path.format(**ids))
        await look(page)


async def test_the_panel_and_the_notes_of_the_editor_show_texts_as_texts(ada: Person) -> None:
    """Whatever is selected."""
    ids = await lay_bait(ada)
    page = await ada.open(f"/workflows/{ids['workflow']}")
    await page.wait_for_load_state("networkidle")
    for node in ("start", "make", "ask", "fail"):
        await page.locator(f".react-flow__node[data-id={node}]").click()
        await look(page)
