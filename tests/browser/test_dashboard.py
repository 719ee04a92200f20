"""How the workflows do, as a picture, as numbers, and as the lists behind them."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect
from tests.browser.conftest import Person, barriers

DIVIDES: dict[str, Any] = {
    "name": "Divides <img src=x onerror=alert(1)>",
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {"id": "half", "type": "data.transform", "name": "Half of it", "parameters": {"value": "{{ 1 / trigger.by }}"}},
    ],
    "connections": [{"from": "start", "to": "half"}],
}


async def test_figures_lead_to_what_is_behind_them(ada: Person) -> None:
    """What failed is named with its error; a range is chosen; the chart is a table too; nobody is kept out."""
    workflow = await ada.publish(DIVIDES)
    for by in (1, 2, 4, 0):
        await ada.ask("POST", f"/workflows/{workflow}/execute?wait=10", {"trigger_data": {"by": by}})
    page = await ada.open("/")
    await expect(page.get_by_role("region", name="Success rate")).to_contain_text("75 %")
    await expect(page.get_by_role("region", name="Slowest nodes")).to_contain_text("Half of it")
    assert [] == await barriers(page)
    await page.get_by_role("radiogroup", name="Time").get_by_text("24 h").click()
    await page.wait_for_url("**/?range=24h")
    chart = page.get_by_role("region", name="Executions over time").first
    await expect(chart.get_by_role("figure")).to_have_accessible_name(
        "Executions over time. 4 executions: 3 completed, 1 failed."
    )
    await page.get_by_role("radiogroup", name="Executions over time as").get_by_text("Table").click()
    assert [] == await barriers(page)
    failing = page.get_by_role("region", name="Failing workflows")
    await expect(failing.get_by_role("link", name="EXPRESSION_DIVISION_BY_ZERO")).to_be_visible()
    await failing.get_by_role("link", name="1 failed executions").click()
    await page.wait_for_url(f"**/executions?*failed*{workflow}*")


async def test_everybody_sees_figures_of_their_own(ada: Person, bo: Person) -> None:
    """Whose workflow it is not sees nothing of it."""
    workflow = await ada.publish(DIVIDES)
    await ada.ask("POST", f"/workflows/{workflow}/execute?wait=10", {"trigger_data": {"by": 1}})
    await bo.publish({**DIVIDES, "name": "of bo"})
    page = await bo.open("/")
    await expect(page.get_by_role("region", name="Executions").first).to_contain_text("0")
    assert 0 == await page.get_by_text("Divides").count()
