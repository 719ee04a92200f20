"""With a worker in the process: what a sender hears that waits for the end, or for what a node answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from tests.rig.webhooks import create_webhook, deliver

from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.bootstrap import open_platform
from wingbeat.cli.serve import services_of
from wingbeat.core.json_value import JsonObject
from wingbeat.settings import load_settings

Make = Callable[..., Awaitable[str]]
ECHO: JsonObject = {"id": "echo", "type": "data.transform", "parameters": {"value": "{{ trigger.body }}"}}


@pytest.fixture
async def services(database_dsn: str, tmp_path: Path) -> AsyncIterator[Services]:
    """All use cases of a process with a worker."""
    settings = load_settings({"DATABASE_URI": database_dsn, "WINGBEAT_DATA_DIR": str(tmp_path)})
    async with open_platform(settings, run_worker=True, grace_seconds=0.1) as platform:
        yield services_of(platform)


@pytest.fixture
async def raw(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """A client that takes answers as they are: what workflows answer is in no envelope."""
    transport = httpx.ASGITransport(create_app(services, ApiOptions(version="1")))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        yield opened


def through(*nodes: JsonObject) -> JsonObject:
    """A workflow from a webhook trigger through these nodes."""
    ids = ["start", *(str(node["id"]) for node in nodes)]
    return {
        "nodes": [{"id": "start", "type": "trigger.webhook"}, *nodes],
        "connections": [{"from": one, "to": two} for one, two in pairwise(ids)],
    }


def respond(**parameters: object) -> JsonObject:
    """A node that answers."""
    return {"id": "answer", "type": "action.respond", "parameters": parameters}  # type: ignore[dict-item]


async def test_who_waits_for_the_end_hears_what_it_came_to(client: httpx.AsyncClient, publish: Make) -> None:
    """The output, and of a failure the code alone: why is for those who may see the workflow."""
    good = await create_webhook(client, await publish(**through(ECHO)), answer="finished")
    bad: JsonObject = {"id": "bad", "type": "data.transform", "parameters": {"value": "{{ 1 / trigger.body }}"}}
    failing = await create_webhook(client, await publish(**through(bad)), answer="finished")
    ended = (await deliver(client, good, b'{"n":7}')).json()["data"]
    failed = (await deliver(client, failing, b"0")).json()["data"]
    assert ("completed", {"n": 7}, None) == (ended["status"], ended["final_output"], ended["error_code"])
    assert "failed" == failed["status"]
    assert failed["error_code"]
    assert {"execution_id", "status", "final_output", "error_code"} == failed.keys()


async def test_who_waits_for_the_end_does_not_get_what_a_node_answers(client: httpx.AsyncClient, publish: Make) -> None:
    """It is the end that was asked for."""
    webhook = await create_webhook(client, await publish(**through(respond(body="early"), ECHO)), answer="finished")
    data = (await deliver(client, webhook, b"5")).json()["data"]
    assert ("completed", 5) == (data["status"], data["final_output"])


async def test_a_node_answers(client: httpx.AsyncClient, raw: httpx.AsyncClient, publish: Make) -> None:
    """With its status, headers and body, on a content policy that makes it no page of this service's own."""
    page = "<script>alert(document.cookie)</script>"
    node = respond(status=201, headers={"Content-Type": "text/html", "X-Order": "7"}, body=page)
    webhook = await create_webhook(client, await publish(**through(node)), answer="respond")
    answer = await deliver(raw, webhook)
    assert (201, page, "7") == (answer.status_code, answer.text, answer.headers["x-order"])
    assert "sandbox; default-src 'none'" == answer.headers["content-security-policy"]
    assert "nosniff" == answer.headers["x-content-type-options"]
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Dest": "script"}, {"Sec-Fetch-Dest": "style"}, {"Service-Worker": "script"}]
)
async def test_what_a_node_answers_is_no_part_of_a_page(
    client: httpx.AsyncClient, publish: Make, headers: dict[str, str]
) -> None:
    """No page of this service's can be made to run it, although it comes from the same address."""
    webhook = await create_webhook(client, await publish(**through(respond(body="alert(1)"))), answer="respond")
    answer = await deliver(client, webhook, headers=headers)
    assert (403, "WEBHOOK_RUN_BY_PAGE") == (answer.status_code, answer.json()["error_code"])


async def test_without_an_answer_the_end_is_told(client: httpx.AsyncClient, publish: Make) -> None:
    """A workflow that does not come by its node that answers leaves nobody waiting."""
    webhook = await create_webhook(client, await publish(**through(ECHO)), answer="respond")
    data = (await deliver(client, webhook, b"1")).json()["data"]
    assert ("completed", 1) == (data["status"], data["final_output"])


async def test_a_delivery_that_comes_again_hears_the_same(
    client: httpx.AsyncClient, raw: httpx.AsyncClient, publish: Make
) -> None:
    """From the one execution that there is: its answer, or its end."""
    asked = await create_webhook(client, await publish(**through(respond(body={"a": 1}))), answer="respond")
    ended = await create_webhook(client, await publish(**through(ECHO)), answer="finished")
    for webhook in (asked, ended):
        sent = {"X-Delivery-Id": "one"}
        first, again = [await deliver(raw, webhook, b"1", sent) for _ in range(2)]
        assert (first.status_code, first.content) == (again.status_code, again.content)
        assert [None, "true"] == [one.headers.get("idempotency-replayed") for one in (first, again)]


async def test_many_of_one_event_wait_for_one_execution(client: httpx.AsyncClient, publish: Make) -> None:
    """At the same moment, and all of them hear its end."""
    webhook = await create_webhook(client, await publish(**through(ECHO)), answer="finished", rate_limit_max=None)
    answers = await asyncio.gather(
        *(deliver(client, webhook, b"%d" % (n % 4), {"X-Delivery-Id": str(n % 4)}) for n in range(24))
    )
    found = [(answer.status_code, answer.json()["data"]["final_output"]) for answer in answers]
    assert [(200, n % 4) for n in range(24)] == found
    assert 4 == len({answer.json()["data"]["execution_id"] for answer in answers})


async def test_who_has_waited_long_enough_is_told_so(client: httpx.AsyncClient, publish: Make) -> None:
    """202 with the execution, which goes on."""
    nap: JsonObject = {"id": "nap", "type": "flow.delay", "parameters": {"seconds": 3_600}}
    webhook = await create_webhook(client, await publish(**through(nap)), answer="finished", timeout_seconds=1)
    answer = await deliver(client, webhook)
    assert (202, True) == (answer.status_code, "execution_id" in answer.json()["data"])


async def test_what_cannot_start_is_said_at_once(client: httpx.AsyncClient, create: Make) -> None:
    """As it is to those who do not wait."""
    webhook = await create_webhook(client, await create(), answer="respond")
    answer = await deliver(client, webhook)
    assert (409, "WORKFLOW_NOT_PUBLISHED") == (answer.status_code, answer.json()["error_code"])
