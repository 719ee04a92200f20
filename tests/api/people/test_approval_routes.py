"""Approvals over HTTP: what an app shows and sends, and the pages that signed links lead to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.rig.ownership import LEASED

from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.api.forms.page import STYLE
from wingbeat.core.access import SYSTEM
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.sdk.approvals import APPROVE_OR_REJECT
from wingbeat.services.people.approval_links import ApprovalLinks
from wingbeat.storage.approvals import ApprovalFields
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import Database
from wingbeat.storage.waits import NewWait, open_wait

ROOT = "/api/v1/approvals"
FORM = "application/x-www-form-urlencoded"
HOSTILE = "<script>alert(1)</script>\"'&"
Ask = Callable[..., Awaitable[UUID]]


@pytest.fixture
async def browser(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who followed a link, without a key."""
    app = create_app(services, ApiOptions(version="1"))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        yield opened


@pytest.fixture
def ask(
    services: Services, database: Database, client: httpx.AsyncClient, publish: Callable[..., Awaitable[str]]
) -> Ask:
    """Asks a question in the name of a step that waits; gives its id."""

    async def put(seconds: float | None = None, **changed: Any) -> UUID:  # noqa: ANN401 -- of the fields
        address = await publish()
        started = await client.post(f"{address}/execute")
        execution_id = UUID(started.json()["data"]["execution_id"])
        approval_id = new_id()
        new = NewWait(execution_id, 1, "start", "", 1, "approval", 1, str(approval_id), encode_json(None), None)
        async with database.pool.acquire() as connection:
            await connection.execute(LEASED, execution_id)
            await open_wait(connection, new)
        expires = None if seconds is None else datetime.now(UTC) + timedelta(seconds=seconds)
        options: list[Json] = [one.model_dump(mode="json") for one in APPROVE_OR_REJECT]
        fields = ApprovalFields(
            "Pay?", "Please\nlook", {"amount": 12}, options, [], ["ada", "bo"], "all", 1, expires,
            UUID(address.rpartition("/")[2]), execution_id, "start", "",
        )  # fmt: skip
        await services.approvals.ask(approval_id, fields._replace(**changed))
        return approval_id

    return put


def link(services: Services, approval_id: UUID, approver: str = "ada") -> str:
    """The path of an approver's page."""
    return services.approvals.links.url(approval_id, approver, None).removeprefix("http://localhost")


async def send(browser: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """Press a button, as a browser does that keeps the page in a sandbox."""
    return await browser.post(path, data=fields, headers={"Origin": "null"})


async def decisions(client: httpx.AsyncClient, approval_id: UUID) -> list[tuple[str, str, str]]:
    """Who decided what, and by which way."""
    data = (await client.get(f"{ROOT}/{approval_id}")).json()["data"]
    return [(one["approver"], one["option"], one["way"]) for one in data["decisions"]]


async def test_an_app_lists_what_somebody_is_asked_and_decides(client: httpx.AsyncClient, ask: Ask) -> None:
    """What one has decided is not asked any more; what all have decided is not pending."""
    approval_id = await ask()

    async def asked(query: str) -> list[str]:
        answer = await client.get(f"{ROOT}?{query}")
        return [one["approval_id"] for one in answer.json()["data"]]

    before = [await asked(query) for query in ("approver=ada&open=true", "approver=eve&open=true", "status=decided")]
    assert [[str(approval_id)], [], []] == before
    body = {"approver": "ada", "option": "approved", "way": "app"}
    assert 200 == (await client.post(f"{ROOT}/{approval_id}/decisions", json=body)).status_code
    after = [await asked(query) for query in ("approver=ada&open=true", "approver=bo&open=true", "approver=ada")]
    assert [[], [str(approval_id)], [str(approval_id)]] == after
    answer = await client.post(f"{ROOT}/{approval_id}/decisions", json={**body, "approver": "bo"})
    data = answer.json()["data"]
    assert ("decided", "approved", []) == (data["status"], data["outcome"], data["undecided"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"approver": "eve", "option": "approved"}, 403, "NOT_AN_APPROVER"),
        ({"approver": "ada", "option": "maybe"}, 400, "OPTION_UNKNOWN"),
        ({"approver": "ada", "option": "approved", "fields": {"x": 1}}, 400, "DECISION_INVALID"),
        ({"approver": "ada", "option": "approved", "way": "link"}, 400, "INVALID_INPUT"),
        ({"approver": "ada"}, 400, "INVALID_INPUT"),
    ],
)
async def test_what_is_no_decision(
    client: httpx.AsyncClient, ask: Ask, body: JsonObject, status: int, code: str
) -> None:
    """Is refused, and nothing is kept."""
    approval_id = await ask()
    answer = await client.post(f"{ROOT}/{approval_id}/decisions", json=body)
    assert (status, code, []) == (
        answer.status_code, answer.json()["error_code"], await decisions(client, approval_id),
    )  # fmt: skip


async def test_to_open_a_link_decides_nothing(
    browser: httpx.AsyncClient, client: httpx.AsyncClient, services: Services, ask: Ask
) -> None:
    """Mail programs open links; only the button decides, and each approver's once."""
    approval_id = await ask()
    path = link(services, approval_id)
    for _ in range(2):
        shown = await browser.get(path)
        assert (200, True) == (shown.status_code, 'value="approved"' in shown.text)
    assert [] == await decisions(client, approval_id)
    assert 200 == (await send(browser, path, option="approved", comment="ok")).status_code
    assert [("ada", "approved", "link")] == await decisions(client, approval_id)
    assert [409, 410] == [
        (await send(browser, path, option="rejected")).status_code, (await browser.get(path)).status_code,
    ]  # fmt: skip
    await send(browser, link(services, approval_id, "bo"), option="rejected")
    assert ("bo", "rejected", "link") == (await decisions(client, approval_id))[-1]


async def test_a_page_runs_nothing_and_shows_what_it_was_given(
    browser: httpx.AsyncClient, services: Services, ask: Ask
) -> None:
    """Whatever the texts hold, they are text; and the browser is told to run nothing."""
    form: list[Json] = [
        {"name": "a", "label": HOSTILE, "type": "select", "choices": [HOSTILE], "help": HOSTILE},
        {"name": "b", "default": HOSTILE, "placeholder": HOSTILE},
        {"name": "c", "type": "long_text", "placeholder": HOSTILE},
    ]
    data: JsonObject = {HOSTILE: HOSTILE, "list": [HOSTILE]}
    approval_id = await ask(title=HOSTILE, text=HOSTILE, data=data, form=form, approvers=[HOSTILE])
    shown = await browser.get(link(services, approval_id, HOSTILE))
    assert (200, False) == (shown.status_code, "<script" in shown.text)
    policy = shown.headers["content-security-policy"]
    assert all(
        part in policy for part in ("default-src 'none'", "form-action 'self'", "sandbox allow-forms", "style-src 'sha")
    )
    assert ("nosniff", "no-store", "no-referrer") == tuple(
        shown.headers[name] for name in ("x-content-type-options", "cache-control", "referrer-policy")
    )
    values: list[Json] = [None, 7, "text", [1], {}]
    for value in values:
        other = await ask(data=value)
        assert 200 == (await browser.get(link(services, other))).status_code


async def test_a_form_comes_back_with_what_was_wrong(
    browser: httpx.AsyncClient, client: httpx.AsyncClient, services: Services, ask: Ask
) -> None:
    """What was typed stands there again; a good one gives typed values; to say no, none is needed."""
    form: list[Json] = [
        {"name": "amount", "type": "integer", "required": True},
        {"name": "sure", "type": "boolean"},
        {"name": "tags", "type": "multi_select", "choices": ["x", "y"]},
    ]
    approval_id = await ask(form=form)
    path = link(services, approval_id)
    sent = {"field.amount": "many", "field.tags": "y"}
    wrong = await send(browser, path, option="approved", comment="my words", **sent)
    assert (400, True, True) == (wrong.status_code, "many" in wrong.text, "my words" in wrong.text)
    assert [False, True] == [f'value="{tag}" checked' in wrong.text for tag in ("x", "y")]
    await browser.post(path, data={"option": "approved", "field.amount": "5", "field.tags": ["x", "y"]})
    await send(browser, link(services, approval_id, "bo"), option="rejected", **{"field.amount": "x"})
    found = (await client.get(f"{ROOT}/{approval_id}")).json()["data"]["decisions"]
    assert [{"amount": 5, "sure": False, "tags": ["x", "y"]}, {}] == [one["fields"] for one in found]


async def test_a_box_that_must_be_ticked(
    browser: httpx.AsyncClient, client: httpx.AsyncClient, services: Services, ask: Ask
) -> None:
    """Is missing where it is not, as on the pages of forms; to say no, nothing need be ticked."""
    approval_id = await ask(form=[{"name": "read", "label": "I have read it", "type": "boolean", "required": True}])
    unticked = await send(browser, link(services, approval_id), option="approved")
    assert (400, True) == (unticked.status_code, 'role="alert"' in unticked.text)
    assert (
        200
        == (await send(browser, link(services, approval_id), option="approved", **{"field.read": "true"})).status_code
    )
    assert 200 == (await send(browser, link(services, approval_id, "bo"), option="rejected")).status_code
    assert ["approved", "rejected"] == [option for _, option, _ in await decisions(client, approval_id)]


async def test_the_page_looks_like_those_of_forms(browser: httpx.AsyncClient, services: Services, ask: Ask) -> None:
    """The same colours by day and by night, the same fields on a phone; a hint stands in a long text, too."""
    form: list[Json] = [{"name": "why", "type": "long_text", "placeholder": "A few words"}]
    shown = await browser.get(link(services, await ask(form=form)))
    assert [] == [
        part for part in (STYLE, '<meta name="color-scheme"', 'placeholder="A few words"') if part not in shown.text
    ]


async def test_a_file_is_shown_by_its_name(browser: httpx.AsyncClient, services: Services, ask: Ask) -> None:
    """Wherever it stands; its reference, with which it can be read, is not for whoever holds a link."""
    file: JsonObject = {"$file": "signed", "name": "cv.txt", "size": 5}
    values: list[Json] = [file, [file], {"cv": file}, {"all": [{"cv": file}]}]
    shown = [(await browser.get(link(services, await ask(data=data)))).text for data in values]
    assert [(True, False)] * len(values) == [("cv.txt" in html, "signed" in html) for html in shown]


async def test_links_that_are_not_good(
    browser: httpx.AsyncClient, client: httpx.AsyncClient, services: Services, ask: Ask
) -> None:
    """Forged, altered, somebody else's, too late, or of no use any more: each has its status, and decides nothing."""
    approval_id, over = await ask(), await ask(seconds=-1)
    good = link(services, approval_id)
    forged = ApprovalLinks(b"another key", "").url(approval_id, "ada", None)
    swapped = good[:-1] + ("A" if good[-1] != "A" else "B")
    expected = {
        forged: 404, swapped: 404, good[:-10]: 404, good + "A": 404, good + "=": 404, good + "%00": 404,
        f"{ROOT}/links/x": 404, f"{ROOT}/links/{'A' * 5000}": 404, f"{ROOT}/links/%C3%A4": 404,
        link(services, new_id()): 404, link(services, approval_id, "eve"): 410, link(services, over): 410,
    }  # fmt: skip
    assert expected == {path: (await browser.get(path)).status_code for path in expected}
    for path in expected:
        assert 400 <= (await send(browser, path, option="approved")).status_code < 500
    assert [] == await decisions(client, approval_id) == await decisions(client, over)
    await services.executions.cancel(SYSTEM, (await services.approvals.get(SYSTEM, approval_id)).stored.execution_id)
    assert [410, 410] == [
        (await browser.get(good)).status_code, (await send(browser, good, option="approved")).status_code,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"option=approved", "application/json"),
        (b"option=approved", ""),
        (b"\xff\xfe", FORM),
        (b"option=%ff", FORM),
        (b"option=approved&comment=%00", FORM),
        (b"option", FORM),
        (b"a=1&" * 3000, FORM),
        (b"option=nothing", FORM),
        (b"", FORM),
    ],
)
async def test_a_body_that_no_button_sends(
    browser: httpx.AsyncClient, services: Services, ask: Ask, content: bytes, media_type: str
) -> None:
    """Is told so on a page, and decides nothing."""
    approval_id = await ask()
    answer = await browser.post(link(services, approval_id), content=content, headers={"Content-Type": media_type})
    assert (400, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    assert not (await services.approvals.get(SYSTEM, approval_id)).decisions


async def test_the_page_of_a_link_can_be_answered_without_a_key(
    services: Services, client: httpx.AsyncClient, browser: httpx.AsyncClient, ask: Ask
) -> None:
    """The link stands in its place, and opens nothing else."""
    approval_id = await ask()
    refused = await browser.post(f"{ROOT}/{approval_id}/decisions", json={})
    taken = await send(browser, link(services, approval_id), option="approved")
    assert (401, 200, 1) == (refused.status_code, taken.status_code, len(await decisions(client, approval_id)))
