"""Forms: shown to anybody who knows the address, and what is sent starts the workflow once."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest
from tests.rig.listening import Listening, trigger, user

from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.api.forms.page import STYLE
from wingbeat.core.access import SERVICE
from wingbeat.core.errors import Forbidden, NotFound
from wingbeat.services.forms.forms import Forms
from wingbeat.storage.identifiers import new_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.storage.pool import Database

ELSEWHERE = "../health"
FIELDS: list[Json] = [
    {"name": "email", "label": "Your address", "type": "email", "required": True, "help": "We write to it."},
    {"name": "quantity", "type": "integer", "default": 1, "minimum": 1, "maximum": 10},
    {"name": "size", "type": "select", "choices": ["small", "large"]},
    {"name": "extras", "type": "multi_select", "choices": ["milk", "sugar", "oats"]},
    {"name": "gift", "type": "boolean"},
    {"name": "note", "type": "long_text"},
]
ORDER: JsonObject = {"title": "Order <now>", "description": "We answer.", "submit": "Order", "fields": FIELDS}
GOOD = {"field.email": "ann@example.com", "field.quantity": "3", "field.extras": ["milk", "oats"], "field.gift": "true"}
VALUES = {"email": "ann@example.com", "quantity": "3", "extras": ["milk", "oats"], "gift": "true"}


@pytest.fixture
async def browser(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who was given an address, without a key."""
    transport = httpx.ASGITransport(create_app(services, ApiOptions(version="1")), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        yield opened


async def offer(database: Database, definition: JsonObject = ORDER, **fields: Any) -> tuple[UUID, str]:  # noqa: ANN401
    """Publish a workflow with a form; gives its id and the form's address."""
    workflow_id = await Listening(database).publish(trigger("form", "form", **definition), **fields)
    token = await database.pool.fetchval("SELECT token FROM workflow_forms WHERE workflow_id = $1", workflow_id)
    return workflow_id, f"/forms/{token}"


async def page_token(browser: httpx.AsyncClient, address: str) -> str:
    """The token of a page that is shown now."""
    found = re.search(r'name="page" value="([^"]+)"', (await browser.get(address)).text)
    assert found is not None
    return found[1]


async def send(browser: httpx.AsyncClient, address: str, fields: dict[str, Any], **more: Any) -> httpx.Response:  # noqa: ANN401
    """Fill in a page and send it."""
    token = await page_token(browser, address)
    return await browser.post(address, data={"page": token, "website": "", **fields}, **more)


async def executions(database: Database) -> list[Any]:
    """What the executions began with."""
    return [row[0] for row in await database.pool.fetch("SELECT trigger_data FROM workflow_executions")]


async def outcomes(database: Database) -> list[tuple[str, str]]:
    """The decisions, in their order."""
    return [
        tuple(row) for row in await database.pool.fetch("SELECT outcome, reason FROM trigger_decisions ORDER BY at")
    ]


# The page.


async def test_a_form_is_shown_without_scripts(browser: httpx.AsyncClient, database: Database) -> None:
    """Everything on it is escaped, each field has its label and its kind, and nothing else may load."""
    _, address = await offer(database)
    shown = await browser.get(address)
    html, policy = shown.text, shown.headers["content-security-policy"]
    assert (200, "text/html; charset=utf-8") == (shown.status_code, shown.headers["content-type"])
    assert ("default-src 'none'" in policy, "unsafe" in policy, "frame-ancestors 'none'" in policy) == (
        True,
        False,
        True,
    )
    assert "<h1>Order &lt;now&gt;</h1>" in html
    assert not re.search(r"<script|<link|<img|style=|\son\w+=|javascript:", html.replace(STYLE, ""))
    for kind, name in (("email", "email"), ("number", "quantity"), ("checkbox", "gift")):
        assert re.search(
            rf'<input type="{kind}"[^>]* name="field\.{name}"|name="field\.{name}"[^>]*type="{kind}"', html
        )
    labels, ids = set(re.findall(r'<label for="([^"]+)"', html)), set(re.findall(r'id="([^"]+)"', html))
    assert {"field.email", "field.quantity", "field.size", "field.note"} <= labels <= ids
    assert 'aria-describedby="field.email-help"' in html


async def test_what_is_wrong_is_shown_at_its_field_with_what_was_typed(
    browser: httpx.AsyncClient, database: Database
) -> None:
    """Linked and read out; nothing is started, and the page can be sent again."""
    _, address = await offer(database)
    wrong = {"field.email": '"><script>', "field.quantity": "99", "field.size": "huge", "field.note": "</textarea>x"}
    answer = await send(browser, address, {**wrong, "field.extras": ["milk"], "field.gift": "true"})
    html = answer.text
    assert (400, 0) == (answer.status_code, len(await executions(database)))
    assert '<div class="faults" role="alert">' in html
    assert {"#field.email", "#field.quantity", "#field.size"} == set(re.findall(r'href="([^"]+)"', html))
    assert 3 == html.count('aria-invalid="true"') == html.count('class="wrong"')
    assert re.search(r'name="field\.email"[^>]*aria-describedby="field\.email-help field\.email-fault"', html)
    assert 'value="&quot;&gt;&lt;script&gt;"' in html
    assert "&lt;/textarea&gt;x</textarea>" in html
    assert re.search(r'value="milk" checked', html)
    assert "<script" not in html
    assert [("invalid", "FORM_INVALID")] == await outcomes(database)
    token = re.search(r'name="page" value="([^"]+)"', html)
    assert token is not None
    assert 200 == (await browser.post(address, data={"page": token[1], **GOOD})).status_code
    assert 1 == len(await executions(database))


async def test_what_fits_starts_the_workflow(browser: httpx.AsyncClient, database: Database) -> None:
    """With what was filled in; what was left empty is left to the trigger, and the form counts it."""
    workflow_id, address = await offer(database)
    answer = await send(browser, address, {**GOOD, "field.note": "", "field.size": ""})
    assert (200, True) == (answer.status_code, "<h1>Thank you</h1>" in answer.text)
    assert [VALUES] == await executions(database)
    row = await database.pool.fetchrow(
        "SELECT f.submission_count, f.last_execution_id = e.execution_id AS same, e.trigger_kind, e.workflow_id"
        " FROM workflow_forms f JOIN workflow_executions e ON e.trigger_id = f.form_id"
    )
    assert (1, True, "form", workflow_id) == tuple(row)


@pytest.mark.parametrize(
    ("field", "sent", "expected"),
    [
        ({"required": True}, {}, None),
        ({"required": True}, {"field.yes": "true"}, "true"),
        ({"default": True}, {}, False),
        ({}, {}, False),
    ],
)
async def test_a_box_is_ticked_or_not(
    browser: httpx.AsyncClient, database: Database, field: JsonObject, sent: dict[str, str], expected: Json
) -> None:
    """One that must be is missing if it is not; any other is off then, whatever its default."""
    _, address = await offer(database, {"fields": [{"name": "yes", "type": "boolean", **field}]})
    assert (400 if expected is None else 200) == (await send(browser, address, sent)).status_code
    assert ([] if expected is None else [{"yes": expected}]) == await executions(database)


async def test_the_page_of_thanks_is_the_owners(
    browser: httpx.AsyncClient, client: httpx.AsyncClient, database: Database
) -> None:
    """Its title and its text, escaped."""
    workflow_id, address = await offer(database)
    [form] = (await client.get(f"/api/v1/workflows/{workflow_id}/forms")).json()["data"]
    changes = {"thanks_title": "Danke <3", "thanks_text": "Bis bald & gut"}
    await client.patch(f"/api/v1/workflows/{workflow_id}/forms/{form['form_id']}", json=changes)
    html = (await send(browser, address, GOOD)).text
    assert ("Danke &lt;3" in html, "Bis bald &amp; gut" in html, address in form["url"]) == (True, True, True)


# Once, and not blindly.


async def test_a_page_that_is_sent_twice_is_one_execution(browser: httpx.AsyncClient, database: Database) -> None:
    """At the same moment too; both people see thanks, and the second is written down."""
    _, address = await offer(database)
    body = {"page": await page_token(browser, address), **GOOD}
    answers = await asyncio.gather(*(browser.post(address, data=body) for _ in range(8)))
    assert [200] * 8 == [answer.status_code for answer in answers]
    assert [VALUES] == await executions(database)
    assert [("duplicate", "FORM_SENT_BEFORE")] * 7 + [("fired", "")] == sorted(await outcomes(database))


async def test_a_page_that_is_sent_again_with_something_else_is_refused(
    browser: httpx.AsyncClient, database: Database
) -> None:
    """Rather than lost without a word."""
    _, address = await offer(database)
    token = await page_token(browser, address)
    await browser.post(address, data={"page": token, **GOOD})
    answer = await browser.post(address, data={"page": token, **GOOD, "field.quantity": "4"})
    assert (409, True) == (answer.status_code, "sent before" in answer.text)
    assert 1 == len(await executions(database))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _token: "",
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.replace(".", "", 1),
        lambda token: "9" + token,
        lambda _token: "." * 300,
        lambda _token: "é.é.é",
        lambda _token: "1.AAAA.AAAA",
    ],
)
async def test_a_page_that_is_not_ours_starts_nothing(
    browser: httpx.AsyncClient,
    database: Database,
    spoil: Any,  # noqa: ANN401 - a function
) -> None:
    """It is shown again with what was typed, to be sent once more."""
    _, address = await offer(database)
    answer = await browser.post(address, data={"page": spoil(await page_token(browser, address)), **GOOD})
    assert (400, True) == (answer.status_code, "Send the form once more" in answer.text)
    assert ("ann@example.com" in answer.text, []) == (True, await executions(database))


async def test_a_page_of_another_form_or_of_long_ago_is_not_taken(
    browser: httpx.AsyncClient, services: Services, database: Database
) -> None:
    """Each page is for one form, and for half a day."""
    _, address = await offer(database)
    _, other = await offer(database)
    assert 400 == (await browser.post(address, data={"page": await page_token(browser, other), **GOOD})).status_code
    found = await services.form_intake._find(address.rpartition("/")[2])
    old = services.form_intake._page_token(found._replace(now=found.now - 13 * 3600))
    answer = await browser.post(address, data={"page": old, **GOOD})
    assert (400, True) == (answer.status_code, "open for too long" in answer.text)
    assert [] == await executions(database)


async def test_who_fills_in_what_people_do_not_see_starts_nothing(
    browser: httpx.AsyncClient, database: Database
) -> None:
    """And hears nothing of it."""
    _, address = await offer(database)
    answer = await send(browser, address, {**GOOD, "website": "http://spam.example"})
    assert (200, []) == (answer.status_code, await executions(database))
    assert [("invalid", "FORM_HONEYPOT")] == await outcomes(database)


async def test_an_address_may_send_so_often(
    browser: httpx.AsyncClient, client: httpx.AsyncClient, database: Database
) -> None:
    """Then it has to wait, and is told how long; that is written down once, and other forms are not concerned."""
    workflow_id, address = await offer(database)
    _, other = await offer(database)
    [form] = (await client.get(f"/api/v1/workflows/{workflow_id}/forms")).json()["data"]
    changes = {"rate_limit_max": 2, "rate_limit_window": 3600}
    await client.patch(f"/api/v1/workflows/{workflow_id}/forms/{form['form_id']}", json=changes)
    answers = [await send(browser, address, GOOD) for _ in range(4)]
    program = await browser.post(address, json={"email": "a@b.c"})
    assert [200, 200, 429, 429] == [answer.status_code for answer in answers]
    assert 3500 < int(answers[3].headers["retry-after"]) <= 3600
    assert (429, "FORM_RATE_LIMITED") == (program.status_code, program.json()["error_code"])
    assert 3500 < int(program.headers["retry-after"]) <= 3600
    assert 1 == [reason for _, reason in await outcomes(database)].count("FORM_RATE_LIMITED")
    assert 200 == (await send(browser, other, GOOD)).status_code
    kept = await database.pool.fetchval("SELECT string_agg(encode(visitor, 'escape'), ' ') FROM form_visits")
    assert "127.0.0.1" not in kept
    await database.pool.execute("UPDATE form_visits SET window_start = window_start - interval '1 hour'")
    assert 200 == (await send(browser, address, GOOD)).status_code


async def test_what_is_beyond_a_limit_of_the_workflow_is_said_so(
    browser: httpx.AsyncClient, database: Database
) -> None:
    """What it drops is not taken, and the page may be sent again; what it takes together is taken."""
    _, address = await offer(database, settings={"max_concurrent": 1, "overflow": "drop"})
    assert 200 == (await send(browser, address, GOOD)).status_code
    body = {"page": await page_token(browser, address), **GOOD}
    assert [429, 429] == [(await browser.post(address, data=body)).status_code for _ in range(2)]
    assert (429, "FORM_LIMITED") == (
        (answer := await browser.post(address, json={"email": "a@b.c"})).status_code,
        answer.json()["error_code"],
    )
    await database.pool.execute("DELETE FROM workflow_executions")
    assert 200 == (await browser.post(address, data=body)).status_code
    _, address = await offer(database, settings={"debounce_seconds": 60})
    ids = [(await browser.post(address, json={"email": "a@b.c"})).json()["data"]["execution_id"] for _ in range(2)]
    assert ids[0] == ids[1]


# Programs.


async def test_a_program_sends_the_fields_as_json(browser: httpx.AsyncClient, database: Database) -> None:
    """In the envelope; a key makes it one, however often it is sent."""
    _, address = await offer(database)
    body = {"email": "ann@example.com", "quantity": 2}
    first, again = [await browser.post(address, json=body, headers={"idempotency-key": "k"}) for _ in range(2)]
    assert (202, first.json()["data"]) == (first.status_code, again.json()["data"])
    assert ("true", [body]) == (again.headers["idempotency-replayed"], await executions(database))
    other = await browser.post(address, json={**body, "quantity": 3}, headers={"idempotency-key": "k"})
    assert (409, "FORM_SENT_BEFORE") == (other.status_code, other.json()["error_code"])
    wrong = await browser.post(address, json={"quantity": 99, "unknown": 1})
    faults = {error["field"] for error in wrong.json()["details"]["errors"]}
    assert (400, "FORM_INVALID", {"email", "quantity", "unknown"}) == (
        wrong.status_code,
        wrong.json()["error_code"],
        faults,
    )


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/json", b"[]"),
        ("application/json", b'{"email": "a@b.c\\u0000"}'),
        ("application/json", b"{"),
        ("application/json", b'{"email": {"$file": "x"}}'),
        ("text/plain", b"email=a"),
        ("application/x-www-form-urlencoded", b"page=%FF"),
        ("application/x-www-form-urlencoded", b"field.email=%00"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n--x--"),
        ("", b""),
        ("image/png", b"\x89"),
        ("application/x-www-form-urlencoded", b"a=b&" * 2_000),
    ],
)
async def test_whatever_else_is_sent_is_refused(
    browser: httpx.AsyncClient, database: Database, media_type: str, body: bytes
) -> None:
    """With a page or an answer that says so, and never an error of ours."""
    _, address = await offer(database)
    answer = await browser.post(address, content=body, headers={"content-type": media_type})
    assert 400 <= answer.status_code < 500
    assert [] == await executions(database)


# Files.


async def test_a_file_comes_along(browser: httpx.AsyncClient, services: Services, database: Database) -> None:
    """Kept with the execution, and read back as it was; one that is not chosen is not there."""
    fields: list[Json] = [{"name": "cv", "type": "file", "required": True}, {"name": "photo", "type": "file"}]
    _, address = await offer(database, {"fields": fields})
    assert 'enctype="multipart/form-data"' in (await browser.get(address)).text
    files = [("field.cv", ("cv.txt", b"\x00hello", "text/plain")), ("field.photo", ("", b"", "text/plain"))]
    assert 200 == (await send(browser, address, {}, files=files)).status_code
    [data] = await executions(database)
    execution_id = await database.pool.fetchval("SELECT execution_id FROM workflow_executions")
    found = await services.files.open(SERVICE, execution_id, data["cv"]["$file"])
    assert (["cv"], "cv.txt", b"\x00hello") == (
        list(data),
        data["cv"]["name"],
        b"".join([chunk async for chunk in found.chunks]),
    )
    missing = await send(browser, address, {}, files=[("field.cv", ("", b"", "text/plain"))])
    twice = await send(browser, address, {}, files=[("field.cv", ("a", b"a")), ("field.cv", ("b", b"b"))])
    unknown = await send(browser, address, {}, files=[("field.cv", ("a", b"a")), ("field.x", ("b", b"b"))])
    reference = await browser.post(address, json={"cv": data["cv"]})
    assert [400] * 4 == [answer.status_code for answer in (missing, twice, unknown, reference)]
    assert 1 == len(await executions(database))


# Closed, and elsewhere.


@pytest.mark.parametrize("how", ["disabled", "workflow disabled", "archived", "left out"])
async def test_a_form_that_is_closed_says_so(browser: httpx.AsyncClient, database: Database, how: str) -> None:
    """Kindly to people, and in the envelope to programs; nothing is started."""
    workflow_id, address = await offer(database)
    token = await page_token(browser, address)
    await database.pool.execute(
        {
            "disabled": "UPDATE workflow_forms SET enabled = false WHERE workflow_id = $1",
            "workflow disabled": "UPDATE workflows SET enabled = false WHERE workflow_id = $1",
            "archived": "UPDATE workflows SET status = 'archived' WHERE workflow_id = $1",
            "left out": "UPDATE workflow_forms SET published = false WHERE workflow_id = $1",
        }[how],
        workflow_id,
    )
    shown = await browser.get(address)
    sent = await browser.post(address, data={"page": token, **GOOD})
    program = await browser.post(address, json={"email": "a@b.c"})
    assert (410, 410, 409) == (shown.status_code, sent.status_code, program.status_code)
    assert ("This form is closed" in shown.text, "FORM_CLOSED") == (True, program.json()["error_code"])
    assert [] == await executions(database)


@pytest.mark.parametrize("token", ["x", "x" * 1000, "%00", "é", ELSEWHERE, "a%2Fb"])
async def test_elsewhere_there_is_no_form(browser: httpx.AsyncClient, token: str) -> None:
    """For people and for programs."""
    assert 404 == (await browser.get(f"/forms/{token}")).status_code or token == ELSEWHERE
    answer = await browser.post(f"/forms/{token}", json={})
    assert (404 if token != ELSEWHERE else 405) == answer.status_code


# The owners.


async def test_a_form_is_rotated_and_switched_off_by_its_owners(
    browser: httpx.AsyncClient, client: httpx.AsyncClient, database: Database
) -> None:
    """At the old address there is nothing then; who did it is on record."""
    workflow_id, address = await offer(database)
    root = f"/api/v1/workflows/{workflow_id}/forms"
    [form] = (await client.get(root)).json()["data"]
    rotated = (await client.post(f"{root}/{form['form_id']}/rotate")).json()["data"]
    assert form["url"] != rotated["url"]
    assert 404 == (await browser.get(address)).status_code
    assert 200 == (await browser.get(httpx.URL(rotated["url"]).path)).status_code
    changed = (await client.patch(f"{root}/{form['form_id']}", json={"enabled": False})).json()["data"]
    assert (False, 10) == (changed["enabled"], changed["rate_limit_max"])
    actions = await database.pool.fetch("SELECT action FROM audit_log WHERE object_type = 'form' ORDER BY at")
    assert ["form.rotate", "form.update"] == [row["action"] for row in actions]
    recorded = await database.pool.fetchval("SELECT string_agg(detail::text, '') FROM audit_log")
    assert rotated["url"].rpartition("/")[2] not in recorded


@pytest.mark.parametrize(
    "body",
    [
        {"rate_limit_max": 0},
        {"rate_limit_window": 86_401},
        {"enabled": "yes"},
        {"thanks_title": "x" * 201},
        {"thanks_title": "\0"},
        {"token": "mine"},
        {"form_id": "x"},
        {"submission_count": 0},
        {"definition": {}},
        [],
    ],
)
async def test_a_change_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, database: Database, body: object
) -> None:
    """Whatever it names, and nothing is changed."""
    workflow_id, _ = await offer(database)
    root = f"/api/v1/workflows/{workflow_id}/forms"
    before = (await client.get(root)).json()["data"]
    assert 400 == (await client.patch(f"{root}/{before[0]['form_id']}", json=body)).status_code
    assert before == (await client.get(root)).json()["data"]


async def test_only_who_may_change_the_workflow_changes_its_forms(database: Database) -> None:
    """Who may see it sees them; to others there is nothing, and no form is found through another workflow."""
    workflow_id, _ = await offer(database, community=5)
    other, _ = await offer(database, author=9)
    forms = Forms(database, "http://test")
    [form] = await forms.list(user(7, {5: "viewer"}), workflow_id)
    for principal, refused in ((user(7, {5: "viewer"}), Forbidden), (user(7, {5: "member"}), NotFound)):
        with pytest.raises(refused):
            await forms.rotate(principal, workflow_id, form.form_id)
    with pytest.raises(NotFound):
        await forms.list(user(8), workflow_id)
    for stranger, form_id in ((other, form.form_id), (other, new_id())):
        with pytest.raises(NotFound) as missing:
            await forms.update(user(9), stranger, form_id, {"enabled": False})
        assert (f"The workflow has no form {form_id}.", "FORM_NOT_FOUND") == (missing.value.message, missing.value.code)
    assert not (await forms.update(user(7, {5: "editor"}), workflow_id, form.form_id, {"enabled": False})).enabled
