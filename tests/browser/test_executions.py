"""Executions are found and looked into, tried again, forked with other data, and told what they ask."""

from __future__ import annotations

import asyncio
import re
from itertools import pairwise
from typing import Any

from playwright.async_api import Page, expect
from tests.browser.conftest import Person, barriers

OPENED = re.compile(r"/executions/[0-9a-f-]{36}")


def steps(*nodes: dict[str, Any], name: str = "steps") -> dict[str, Any]:
    """A workflow of nodes one after the other, between a start and an end that gives on what came."""
    start = {"id": "start", "type": "trigger.manual"}
    end = {"id": "end", "type": "flow.end", "parameters": {"output": "{{ input }}"}}
    ids = ["start", *(node["id"] for node in nodes), "end"]
    return {
        "name": name,
        "nodes": [start, *nodes, end],
        "connections": [{"from": one, "to": two} for one, two in pairwise(ids)],
    }


def made(node_id: str, value: object) -> dict[str, Any]:
    """A node that gives a value."""
    return {"id": node_id, "type": "data.transform", "name": node_id.title(), "parameters": {"value": value}}


async def start(person: Person, workflow: str, data: object = None) -> str:
    """The id of an execution that has ended, or waits."""
    answer = await person.ask("POST", f"/workflows/{workflow}/execute?wait=10", {"trigger_data": data})
    return str(answer["execution_id"])


async def shown(page: Page) -> str:
    """The id of the execution that the page shows."""
    return page.url.split("/executions/")[1][:36]


async def test_a_failed_run_is_found_looked_into_and_tried_again(ada: Person) -> None:
    """From the list to the step that failed; the next version of the workflow goes on from there."""
    workflow = await ada.publish(steps(made("first", {"a": 1}), made("broken", "{{ input.b }}"), name="breaks"))
    failed = await start(ada, workflow)
    await ada.publish(steps(made("other", 1), name="works"))
    page = await ada.open("/executions")
    table = page.get_by_role("table", name="Executions")
    await expect(table.get_by_role("link", name="breaks")).to_be_visible()
    await page.get_by_label("Find executions").fill("expression_")
    await expect(page).to_have_url(re.compile("text=expression_"))
    await expect(table.get_by_text("EXPRESSION_KEY_MISSING").or_(table.get_by_text("EXPRESSION_"))).to_be_visible()
    assert [] == await barriers(page)
    await table.get_by_role("link", name="breaks").click()
    await page.wait_for_url(OPENED)
    assert failed == await shown(page)
    await page.get_by_role("button", name="Show the step").click()
    step = page.get_by_role("complementary", name="Step")
    await expect(step.get_by_role("tab", name="Error")).to_have_attribute("aria-selected", "true")
    await step.get_by_role("tab", name="Input").click()
    await expect(step.get_by_text("a:")).to_be_visible()
    for view in ("Timeline", "Log"):
        await page.get_by_role("tab", name=view).click()
        await expect(page.get_by_role("region", name=view).get_by_text("Broken").first).to_be_visible()
        assert [] == await barriers(page)
    now = await ada.ask("GET", f"/workflows/{workflow}")
    mended = steps(made("first", {"a": 1}), made("broken", "{{ input.a }}"), name="breaks")
    await ada.ask("PUT", f"/workflows/{workflow}", mended, **{"If-Match": f'"{now["revision"]}"'})
    await ada.ask("POST", f"/workflows/{workflow}/publish")
    await page.get_by_role("button", name="More ways to retry").click()
    await page.get_by_role("menuitem", name="latest version").click()
    await expect(page.get_by_text("Retry of another one").or_(page.get_by_text("Forked from broken"))).to_be_visible()
    assert failed != await shown(page)
    await expect(page.get_by_role("region", name="Execution", exact=True).get_by_text("Completed")).to_be_visible()


async def test_a_fork_goes_on_with_other_data(ada: Person) -> None:
    """The one that it comes from stays as it was."""
    workflow = await ada.publish(steps(made("price", "{{ input.amount * 2 }}")))
    original = await start(ada, workflow, {"amount": 4})
    page = await ada.open(f"/executions/{original}?node=price&view=log")
    await page.get_by_role("button", name="Fork from here").click()
    dialog = page.get_by_role("dialog", name="Fork from")
    text = dialog.get_by_label("Its input")
    await expect(text).to_have_value(re.compile('"amount": 4'))
    await text.fill('{"amount": 50}')
    assert [] == await barriers(page)
    await dialog.get_by_role("button", name="Fork").click()
    await expect(page.get_by_text("Forked from price")).to_be_visible()
    await expect(page.get_by_role("region", name="Execution", exact=True).get_by_text("Completed")).to_be_visible()
    forked = await ada.ask("GET", f"/workflows/executions/{await shown(page)}")
    before = await ada.ask("GET", f"/workflows/executions/{original}")
    assert (100, 8) == (forked["final_output"], before["final_output"])


async def test_a_question_is_answered_where_it_is_asked(ada: Person) -> None:
    """On the page of the execution that waits for it, which goes on."""
    ask = {"title": "Really?", "approvers": [ada.name]}
    asking = {"id": "ask", "type": "action.approval", "parameters": ask}
    definition = steps(asking)
    definition["connections"][1]["from_port"] = "approved"
    workflow = await ada.publish(definition)
    page = await ada.open(f"/executions/{await start(ada, workflow)}")
    await page.get_by_role("article", name="Really?").get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("region", name="Execution", exact=True).get_by_text("Completed")).to_be_visible()


async def test_somebody_says_what_became_of_a_step(ada: Person) -> None:
    """The request was sent and no answer came: nothing is repeated, and the execution goes on with what is true."""
    asked = 0

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    pay = {
        "id": "pay",
        "type": "action.http_request",
        "name": "Pay",
        "on_unknown": "ask",
        "parameters": {"method": "POST", "url": f"http://127.0.0.1:{port}/pay"},
    }
    workflow = await ada.publish(steps(pay))
    answer = await ada.ask("POST", f"/workflows/{workflow}/execute", {})
    page = await ada.open(f"/executions/{answer['execution_id']}?view=log")
    question = page.get_by_role("alert", name="What became of “Pay”?")
    await expect(question).to_be_visible()
    assert [] == await barriers(page)
    await question.get_by_label("Its output").fill('{"paid": true}')
    await question.get_by_role("button", name="Answer").click()
    await expect(page.get_by_role("region", name="Execution", exact=True).get_by_text("Completed")).to_be_visible()
    ended = await ada.ask("GET", f"/workflows/executions/{answer['execution_id']}")
    assert ({"paid": True}, 1) == (ended["final_output"], asked)
    server.close()


async def test_several_are_cancelled_and_deleted_at_once(ada: Person) -> None:
    """What is cancelled has ended, and can go for good."""
    wait = {"id": "wait", "type": "flow.delay", "parameters": {"seconds": 3600}}
    workflow = await ada.publish(steps(wait))
    for _ in range(2):
        await ada.ask("POST", f"/workflows/{workflow}/execute", {})
    page = await ada.open(f"/workflows/{workflow}/executions")
    await page.get_by_label("Choose all").check()
    await page.get_by_role("region", name="Chosen executions").get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Cancel them").click()
    await expect(page.get_by_text("2 executions cancelled.")).to_be_visible()
    await expect(page.get_by_role("table").get_by_text("Cancelled")).to_have_count(2)
    await page.get_by_label("Choose all").check()
    await page.get_by_role("region", name="Chosen executions").get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Delete them").click()
    await expect(page.get_by_text("Nothing has run yet")).to_be_visible()
