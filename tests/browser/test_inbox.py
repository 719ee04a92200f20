"""What waits for people: they are asked, they answer, and the workflow goes on."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect
from tests.browser.conftest import Person, barriers


def asking(approver: str) -> dict[str, Any]:
    """A workflow that asks somebody for a sum, and ends with the answer."""
    ask = {
        "title": "Buy a telescope?",
        "text": "It is *large*. <img src=x onerror=alert(1)> [Look](https://example.com) [Run](javascript:alert(1))",
        "approvers": [approver],
        "form": [{"name": "sum", "type": "integer", "label": "How much?", "required": True}],
        "data": {"price": 900},
    }
    return {
        "name": "asks",
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "ask", "type": "action.approval", "parameters": ask},
            {"id": "end", "type": "flow.end", "parameters": {"output": "{{ input }}"}},
        ],
        "connections": [
            {"from": "start", "to": "ask"},
            {"from": "ask", "from_port": "approved", "to": "end"},
        ],
    }


async def test_who_is_asked_answers_and_the_workflow_goes_on(ada: Person) -> None:
    """The number at the bar goes, the decision stays to be read, and no text of the workflow became markup."""
    workflow = await ada.publish(asking(ada.name))
    started = await ada.ask("POST", f"/workflows/{workflow}/execute")
    page = await ada.open("/inbox")
    question = page.get_by_role("article", name="telescope")
    await expect(question).to_be_visible()
    await expect(page.get_by_role("link", name="Inbox, 1 waiting")).to_be_visible()
    assert 0 == await question.locator("img").count()
    await expect(question.get_by_role("link", name="Look")).to_have_attribute("href", "https://example.com")
    assert 0 == await question.get_by_role("link", name="Run").count()
    assert [] == await barriers(page)
    approve = question.get_by_role("button", name="Approve")
    await expect(approve).to_be_disabled()
    await question.get_by_label("How much?").fill("850")
    await approve.click()
    await expect(page.get_by_text("Nothing waits for a decision")).to_be_visible()
    await page.get_by_role("tab", name="Decided").click()
    await expect(page.get_by_text(f"{ada.name} chose")).to_be_visible()
    await expect(page.get_by_role("link", name="Inbox", exact=True)).to_be_visible()
    ended = await ada.ask("GET", f"/workflows/executions/{started['execution_id']}")
    assert "completed" == ended["status"]
    assert {"sum": 850} == ended["final_output"]["decisions"][0]["fields"]


async def test_tasks_and_notifications_have_their_places(ada: Person) -> None:
    """A task is done from the list; what is not mine is below a line."""
    await ada.ask("POST", "/tasks", {"title": "Water the plants", "assignee": ada.name, "labels": ["green"]})
    page = await ada.open("/inbox?tab=tasks")
    task = page.get_by_role("article", name="Water the plants")
    await task.get_by_role("button", name="Mark as done").click()
    await expect(page.get_by_text("No task is open")).to_be_visible()
    await page.get_by_role("tab", name="Notifications").click()
    await expect(page.get_by_text("What workflows tell you appears here.")).to_be_visible()
