"""Whoever may only look on sees no address that would let them end a wait or decide a question."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote
from uuid import UUID

import pytest
from tests.rig.connections import KEYS, shows
from tests.rig.engine import START, Engine, node
from tests.rig.ownership import give
from tests.rig.people import AUTHOR, GARDENERS, OPERATOR, VIEWER, user

from wingbeat.core.access import Permission, Principal
from wingbeat.core.json_value import JsonObject
from wingbeat.services.executions.executions import Executions
from wingbeat.services.executions.hidden_addresses import hide_addresses
from wingbeat.services.executions.previews import PreviewRequest, Previews, Where
from wingbeat.services.executions.waits import WaitAddresses
from wingbeat.services.people.approval_links import ApprovalLinks
from wingbeat.storage.executions import Wanted
from wingbeat.storage.paging import Paging
from wingbeat.storage.secret_addresses import HIDDEN

WAIT = WaitAddresses(b"key", "https://here.example.com").url("execution", "wait", "")
LINK = ApprovalLinks(b"key", "https://here.example.com").url(UUID(int=1), "ann", None)
GIVE_AWAY = "{{ {'url': execution.resume_urls.wait, 'text': 'Call ' + execution.resume_urls.wait + ' now.'} }}"


@pytest.mark.parametrize("address", [WAIT, LINK])
@pytest.mark.parametrize(
    "written", [str, lambda text: quote(text, safe=""), lambda text: json.dumps(text).replace("/", "\\/")]
)
def test_addresses_are_hidden_however_they_are_written(address: str, written: type[str]) -> None:
    """In texts, lists and objects, also in the names of fields."""
    token = address.rpartition("/")[2]
    text = written(address)
    value: JsonObject = {text: [f'<a href="{text}">', 7, None], "n": {"x": text}}
    hidden = hide_addresses(value)
    assert token not in json.dumps(hidden)
    assert 3 == json.dumps(hidden).count(HIDDEN)


def test_what_is_no_such_address_stays() -> None:
    """Word for word."""
    value: JsonObject = {
        "a": ["https://here.example.com/api/v1/workflows/1", "/api/v1/waits", 1.5, True, None],
        "b": {},
    }
    assert value == hide_addresses(value)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (OPERATOR, True),
        (AUTHOR, True),
        (VIEWER, False),
        (user(AUTHOR.user_id, AUTHOR.name, frozenset({Permission.VIEW})), False),
    ],
)
async def test_an_execution_gives_its_addresses_to_those_who_may_run_it(
    engine: Engine, who: Principal, sees: bool
) -> None:
    """Wherever steps wrote them: outputs, variables, logs; nor does an expression take them apart."""
    workflow_id = await engine.publish(
        START,
        node("told", "data.transform", value=GIVE_AWAY),
        node("keep", "data.variable", name="kept", value=GIVE_AWAY),
        node("wait", "flow.wait_for_webhook"),
    )
    await give(engine.database, "workflows", workflow_id, author=AUTHOR.user_id, community=GARDENERS)
    await engine.worker()
    execution_id = await engine.start(workflow_id)
    await engine.reaches(execution_id, "waiting")
    found = await Executions(engine.database).get(who, execution_id, progress=True, steps=True)
    settings = engine.settings()
    url = WaitAddresses(KEYS.derive("waits"), settings.public_url).url(str(execution_id), "wait", "")
    token = url.rpartition("/")[2]
    assert sees == shows(token, repr(found))
    previews = Previews(engine.database, engine.sights(), engine.catalog)
    here = Where(workflow_id, "wait", execution_id)
    for expression in ("nodes.told.url | split('/')", "kept.text | reverse | reverse", "nodes.told.url[1:] | base64"):
        shown = await previews.preview(who, PreviewRequest(expression, where=here))
        assert sees == (shows(token, repr(shown)) or shows(base64.b64encode(url[1:].encode()).decode(), repr(shown)))
    assert sees == shows(token, repr(await previews.context(who, here)))


async def test_no_list_and_no_search_gives_an_address_away(engine: Engine) -> None:
    """An error that names one is found by its other words, and by no letter of what makes the address work."""
    told = "Call {{ execution.resume_urls.wait }} now."
    workflow_id = await engine.publish(
        START,
        node("check", "condition.if", condition="false"),
        node("stop", "flow.stop_and_error", message=told),
        node("wait", "flow.wait_for_webhook"),
        connections="start>check, check.true>wait, check.false>stop",
    )
    await give(engine.database, "workflows", workflow_id, author=AUTHOR.user_id, community=GARDENERS)
    await engine.worker()
    execution_id = await engine.start(workflow_id)
    await engine.reaches(execution_id, "failed")
    stored = await Executions(engine.database).get(OPERATOR, execution_id)
    token = (stored.execution.header.error_message or "").rpartition("/")[2].removesuffix(" now.")
    assert len(token) > 8

    async def found(text: str) -> list[str | None]:
        wanted = Wanted(["failed"], text=text)
        page = await Executions(engine.database).list(VIEWER, wanted, Paging(sort="-start_time"))
        return [header.error_message for header in page.items]

    for text in (token, f"waits/{token[:1]}", token[:5]):
        assert [] == await found(text)
    (message,) = await found("NOW.")
    assert message is not None
    assert message.endswith(f"/api/v1/waits/{HIDDEN} now.")
