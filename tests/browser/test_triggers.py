"""What starts a workflow: an address that is shown with its secret once, times by a clock, and why nothing ran."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect
from tests.browser.conftest import Person, barriers

DELIVERED: dict[str, Any] = {
    "name": "takes orders",
    "nodes": [{"id": "hook", "type": "trigger.webhook"}, {"id": "end", "type": "flow.end"}],
    "connections": [{"from": "hook", "to": "end"}],
}


async def test_a_webhook_is_made_tried_and_looked_into(ada: Person) -> None:
    """Its secret is shown once; a test delivery runs the workflow; what was refused says why, with a remedy."""
    workflow = await ada.publish(DELIVERED)
    page = await ada.open(f"/workflows/{workflow}/triggers")
    await page.get_by_role("button", name="New webhook").click()
    await page.get_by_label("Name").fill("orders")
    await page.get_by_role("button", name="Create").click()
    once = page.get_by_role("dialog", name="The secret of orders")
    secret = await once.locator("code").first.inner_text()
    assert secret.startswith("whsec_")
    await once.get_by_role("button", name="I have it").click()
    hook = page.get_by_role("article", name="Webhook orders")
    await hook.get_by_role("button", name="Copy the address of orders").click()
    address = await page.evaluate("navigator.clipboard.readText()")
    assert 0 == await page.get_by_text(secret).count()
    assert [] == await barriers(page)
    await hook.get_by_role("button", name="Test").click()
    trial = page.get_by_role("dialog", name="Deliver something to orders")
    await trial.get_by_role("button", name="Deliver").click()
    await expect(trial.get_by_role("status")).to_contain_text("It was taken")
    await trial.get_by_role("button", name="Close").first.click()
    unsigned = await ada.context.request.post(address, data={"order": 8})
    assert 401 == unsigned.status
    await hook.get_by_role("button", name="Show the last deliveries").click()
    await expect(hook.get_by_role("row", name="Signature wrong")).to_be_visible()
    await page.get_by_role("tab", name="Why did it (not) run?").click()
    log = page.get_by_role("table", name="Why it ran, and why it did not")
    await expect(log.get_by_role("row", name="Have the sender sign")).to_be_visible()
    await expect(log.get_by_role("row", name="Ran")).to_have_count(1)
    assert [] == await barriers(page)


async def test_a_schedule_is_drawn_up_in_words(ada: Person) -> None:
    """The simple form, the expression and the next runs agree; it is paused, and runs by hand all the same."""
    workflow = await ada.publish(
        {**DELIVERED, "nodes": [{"id": "hook", "type": "trigger.manual"}, DELIVERED["nodes"][1]]}
    )
    page = await ada.open(f"/workflows/{workflow}/triggers?tab=schedules")
    await page.get_by_role("button", name="New schedule").click()
    form = page.get_by_role("dialog", name="New schedule")
    await form.get_by_label("Name").fill("Report")
    await form.get_by_label("Cron expression").fill("30 7 1 * *")
    await expect(form.get_by_text("At 07:30, on day 1 of the month.")).to_be_visible()
    await expect(form.get_by_label("How often").first).to_have_value("Every month")
    await expect(form.get_by_text("by the clock of Europe/Zurich")).to_be_visible()
    await expect(form.get_by_role("listitem")).to_have_count(5)
    found = await barriers(page)
    assert [] == found, "\n".join(one[:300] for one in found)
    await form.get_by_label("Cron expression").fill("61 * * * *")
    await expect(form.get_by_role("alert")).to_be_visible()
    await form.get_by_label("Cron expression").fill("0 6 * * mon")
    await form.get_by_role("button", name="Create").click()
    card = page.get_by_role("article", name="Schedule Report")
    await expect(card).to_contain_text("At 06:00, Monday")
    await card.get_by_role("button", name="More about Report").click()
    await page.get_by_role("menuitem", name="Pause").click()
    await expect(card).to_contain_text("Paused")
    await card.get_by_role("button", name="Run now").click()
    await expect(page.get_by_text("It runs now.")).to_be_visible()
