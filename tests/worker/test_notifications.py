"""Notifications and questions by mail, as a worker runs them: told once, by every way, and decided by the link."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from tests.egress.test_mail import Postbox, serving
from tests.rig.connections import put_connection
from tests.rig.engine import START, Engine, node, retry, until
from tests.worker.test_approvals import approvals, decide
from tests.worker.test_waits import dies_instead_of_write

from wingbeat.core.access import SYSTEM
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.services.people.notifications import Notifications
from wingbeat.storage.notifications import NotificationFilter, StoredNotification
from wingbeat.storage.paging import Paging

END = node("end", "flow.end", output="{{ input }}")


async def told(engine: Engine, **wanted: Any) -> list[StoredNotification]:  # noqa: ANN401 - of the filter
    """What people were told, in order."""
    page, _ = await Notifications(engine.database).list(SYSTEM, NotificationFilter(**wanted), Paging("created_at"))
    return page.items


async def mail_connection(engine: Engine, box: Postbox) -> str:
    """A connection to the mail server."""
    smtp: JsonObject = {"host": "127.0.0.1", "port": box.port, "security": "none", "sender": "shop@example.com"}
    return str(await put_connection(engine.database, "smtp", smtp))


async def test_each_is_told_once(engine: Engine) -> None:
    """Two people of whom one was named twice; the worker dies before it could say that it is done."""
    worker = await engine.worker()
    await dies_instead_of_write(engine, worker, 2)
    note = node("note", "action.notification", recipients=["ada", "bo", "ada"], title="T", level="error", data=[1])
    execution_id = await engine.start(await engine.publish(START, note, END))
    await until(lambda: told(engine), "they were told")
    await engine.worker()
    row = await engine.ended(execution_id)
    found = await told(engine)
    assert {("ada", "T", "error", execution_id), ("bo", "T", "error", execution_id)} == {
        (one.recipient, one.title, one.level, one.execution_id) for one in found
    }
    assert (2, {str(one.notification_id) for one in found}) == (len(found), set(row["final_output"]["notifications"]))


async def test_by_mail_too(engine: Engine) -> None:
    """Those who have an address get it, unseen by each other."""
    box = Postbox()
    async with serving(box):
        await engine.worker()
        email: JsonObject = {"connection": await mail_connection(engine, box)}
        note = node("note", "action.notification", recipients=["ada@example.com", "bo"], title="a\nb", email=email)
        row = await engine.ended(await engine.start(await engine.publish(START, note, END)))
    assert ["app", "email"] == row["final_output"]["channels"]
    assert ("a b", None) == (box.message()["Subject"], box.message()["To"])


async def test_a_way_that_fails_says_which_went_well(engine: Engine) -> None:
    """The rows are there; whether the step is done is not known, and so it is not tried again by itself."""
    await engine.worker()
    note = node(
        "note", "action.notification", recipients="ada", title="T", webhook={"url": "http://127.0.0.1:9/"},
        retry=retry(2),
    )  # fmt: skip
    row = await engine.ended(await engine.start(await engine.publish(START, note, END)))
    details = row["error"]["details"]
    assert ("webhook", ["app"], 1) == (details["channel"], details["done"], len(await told(engine)))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"recipients": []}, "RECIPIENTS_MISSING"),
        ({"recipients": "{{ input }}"}, "PARAMETER_INVALID"),
        ({"recipients": ["x" * 400]}, "PARAMETER_INVALID"),
        ({"title": "{{ 'x' if input else '' }}"}, "PARAMETER_INVALID"),
        ({"title": "{{ 'a\\x00b' }}"}, "JSON_NOT_STORABLE"),
        ({"link": "{{ 'JavaScript:alert(1)' }}"}, "NOTIFICATION_LINK_INVALID"),
        ({"link": "{{ '//evil.example.com' }}"}, "NOTIFICATION_LINK_INVALID"),
        ({"link": "{{ 'https://a.example.com/ b' }}"}, "NOTIFICATION_LINK_INVALID"),
        ({"level": "{{ 'loud' }}"}, "PARAMETER_INVALID"),
    ],
)
async def test_what_cannot_be_told_is_an_error_of_the_step(engine: Engine, fields: JsonObject, code: str) -> None:
    """Hostile values end in a typed error, and nobody is told anything."""
    await engine.worker()
    given: JsonObject = {"recipients": "ada", "title": "T", **fields}
    node_type = "action.notification"
    given = {name: ("{{ " + repr(value) + " }}" if value == ["x" * 400] else value) for name, value in given.items()}
    row = await engine.ended(await engine.start(await engine.publish(START, node("note", node_type, **given), END)))
    assert (code, []) == (row["error"]["code"], await told(engine))


async def test_approvers_are_told_in_the_app(engine: Engine) -> None:
    """Each with a link of their own; again when it is escalated."""
    await engine.worker()
    escalations: list[Json] = [{"after_seconds": 0.05}, {"after_seconds": 0.1, "approvers": ["cy"]}]
    ask = node("ask", "action.approval", title="Go?", approvers=["ada", "bo"], escalations=escalations)
    execution_id = await engine.start(await engine.publish(START, ask))
    await until(lambda: told(engine, recipient="cy"), "cy was told")
    titles = {name: [one.title for one in await told(engine, recipient=name)] for name in ("ada", "bo", "cy")}
    assert {"ada": ["Go?", "Reminder: Go?"], "bo": ["Go?", "Reminder: Go?"], "cy": ["Go?"]} == titles
    token = (await told(engine, recipient="cy"))[0].link.rpartition("/")[2]
    assert "cy" == (await approvals(engine).open_link(token))[1]
    await decide(engine, "cy")
    assert "completed" == (await engine.ended(execution_id))["status"]


async def test_a_question_by_mail(engine: Engine) -> None:
    """Each gets a mail of their own, whose link decides in their name; the step waits for it."""
    box = Postbox()
    async with serving(box):
        await engine.worker()
        mail = node(
            "mail", "action.email", connection=await mail_connection(engine, box), subject="Pay?", text="Please.",
            html="<p>Please.</p>", to=["Ada <ada@example.com>", "bo@example.com"], ask={"rule": "all"},
        )  # fmt: skip
        workflow_id = await engine.publish(START, mail, END, connections="start>mail, mail.approved>end")
        execution_id = await engine.start(workflow_id)
        await engine.reaches(execution_id, "waiting")
        found: dict[str, str] = {}
        for letter in letters(box):
            link = body(letter).partition("Decide here: ")[2].split()[0]
            shown, approver = await approvals(engine).open_link(link.rpartition("/")[2])
            found[str(letter["To"])] = f"{approver}: {shown.stored.title}"
    assert {one: f"{one}: Pay?" for one in ("ada@example.com", "bo@example.com")} == found
    assert 2 == len({letter["Message-ID"] for letter in letters(box)})
    await decide(engine, "ada@example.com", way="link")
    await decide(engine, "bo@example.com", way="link")
    output: Any = (await engine.ended(execution_id))["final_output"]
    assert ("approved", 2) == (output["outcome"], len(output["decisions"]))


def letters(box: Postbox) -> list[EmailMessage]:
    """All mails that came in."""
    contents = [envelope.content for envelope in box.envelopes]
    return [BytesParser(EmailMessage, policy=policy.default).parsebytes(content) for content in contents]


def body(letter: EmailMessage) -> str:
    """The plain text of a mail."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
