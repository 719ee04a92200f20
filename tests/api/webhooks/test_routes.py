"""Webhooks as their owners have them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import orjson
import pytest
from tests.rig.connections import dump, shows
from tests.rig.webhooks import create_webhook, deliver

from wingbeat.core.json_value import JsonObject
from wingbeat.storage.pool import Database

Publish = Callable[..., Awaitable[str]]
HOOKED: list[JsonObject] = [
    {"id": "start", "type": "trigger.webhook", "parameters": {"methods": ["PUT", "POST"]}},
    {"id": "end", "type": "flow.end"},
]


async def test_a_webhook_is_created_with_what_it_needs(client: httpx.AsyncClient, publish: Publish) -> None:
    """Its address, its token, and a secret in the form of Standard Webhooks; the methods are the trigger's."""
    workflow = await publish(nodes=HOOKED)
    answer = await client.post(f"{workflow}/webhooks", json={"name": "orders"})
    data = answer.json()["data"]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{workflow}/webhooks/{data['webhook_id']}"
    assert answer.headers["etag"] == '"1"'
    assert data["url"] == f"http://test/api/v1/workflows/webhooks/{data['token']}"
    assert data["secret"].startswith("whsec_")
    assert (["POST", "PUT"], "immediately", 60, 60, True) == (
        data["methods"],
        data["answer"],
        data["rate_limit_max"],
        data["rate_limit_window"],
        data["require_signature"],
    )


async def test_the_secret_is_shown_once(client: httpx.AsyncClient, publish: Publish, database: Database) -> None:
    """No other answer has it, and nothing in the database shows it in any spelling."""
    workflow = await publish()
    webhook = await create_webhook(client, workflow)
    etag = (await client.get(webhook.owned)).headers["etag"]
    answers = [
        await client.get(webhook.owned),
        await client.get(f"{workflow}/webhooks"),
        await client.put(webhook.owned, json={"name": "other"}, headers={"If-Match": etag}),
        await deliver(client, webhook),
        await client.get(f"{webhook.owned}/deliveries"),
        await client.delete(webhook.owned),
    ]
    assert [200, 200, 200, 202, 200, 200] == [answer.status_code for answer in answers]
    assert [] == [answer.text for answer in answers if shows(webhook.secret, answer.text)]
    assert not shows(webhook.secret, await dump(database))


async def test_the_same_request_again_creates_no_second_one(client: httpx.AsyncClient, publish: Publish) -> None:
    """With an Idempotency-Key it leads to the same webhook, whose secret is not told again."""
    workflow = await publish()
    headers = {"Idempotency-Key": "one"}
    first = await client.post(f"{workflow}/webhooks", json={"name": "a"}, headers=headers)
    again = await client.post(f"{workflow}/webhooks", json={"name": "a"}, headers=headers)
    other = await client.post(f"{workflow}/webhooks", json={"name": "b"}, headers=headers)
    assert ("true", first.json()["data"]["webhook_id"]) == (
        again.headers["idempotency-replayed"],
        again.json()["data"]["webhook_id"],
    )
    assert again.json()["data"].get("secret") is None
    assert (409, "IDEMPOTENCY_KEY_REUSED") == (other.status_code, other.json()["error_code"])


async def test_lists_come_in_pages(client: httpx.AsyncClient, publish: Publish) -> None:
    """By number with totals, and by cursor; those of other workflows are not among them."""
    workflow = await publish()
    await create_webhook(client, await publish(), name="foreign")
    for name in ("b", "a", "c"):
        await create_webhook(client, workflow, name=name)
    first = (await client.get(f"{workflow}/webhooks?per_page=2")).json()
    cursor = first["meta"]["next_cursor"]
    rest = (await client.get(f"{workflow}/webhooks?per_page=2&cursor={cursor}")).json()
    assert ["a", "b"] == [one["name"] for one in first["data"]]
    assert 3 == first["meta"]["total"]
    assert (["c"], None) == ([one["name"] for one in rest["data"]], rest["meta"]["next_cursor"])


async def test_a_change_needs_the_revision_that_it_changes(client: httpx.AsyncClient, publish: Publish) -> None:
    """Without If-Match 428, with another revision 412; a good one raises it."""
    webhook = await create_webhook(client, await publish())
    body = {"name": "new", "enabled": False, "ip_allowlist": ["::ffff:192.0.2.0/120", "2001:DB8::1"]}
    missing = await client.put(webhook.owned, json=body)
    stale = await client.put(webhook.owned, json=body, headers={"If-Match": '"7"'})
    good = await client.put(webhook.owned, json=body, headers={"If-Match": '"1"'})
    assert [428, 412, 200] == [missing.status_code, stale.status_code, good.status_code]
    assert ("new", False, ["192.0.2.0/24", "2001:db8::1/128"], '"2"') == (
        good.json()["data"]["name"],
        good.json()["data"]["enabled"],
        good.json()["data"]["ip_allowlist"],
        good.headers["etag"],
    )


DOES_NOT_FIT: list[tuple[JsonObject, str]] = [
    ({"ip_allowlist": ["192.0.2.1/24"]}, "ip_allowlist.0"),
    ({"ip_allowlist": ["example.com"]}, "ip_allowlist.0"),
    ({"trigger_node_id": "end"}, "trigger_node_id"),
    ({"trigger_node_id": "nowhere"}, "trigger_node_id"),
    ({"methods": []}, "methods"),
    ({"methods": ["TRACE"]}, "methods.0"),
    ({"answer": "never"}, "answer"),
    ({"rate_limit_max": 0}, "rate_limit_max"),
    ({"rate_limit_window": 0}, "rate_limit_window"),
    ({"timeout_seconds": 301}, "timeout_seconds"),
    ({"replay_window_seconds": 300}, "replay_window_seconds"),
    ({"token": "mine"}, "token"),
    ({"workflow_id": "019a9c5e-0c4b-7c3a-9d53-4f1e2a7b6c8d"}, "workflow_id"),
    ({"trigger_count": 5}, "trigger_count"),
]


async def test_what_does_not_fit_is_refused_by_name(client: httpx.AsyncClient, publish: Publish) -> None:
    """With 400 and the field; nothing is created."""
    workflow = await publish()
    for fields, named in DOES_NOT_FIT:
        answer = await client.post(f"{workflow}/webhooks", json={"name": "a", **fields})
        assert 400 == answer.status_code, fields
        assert named in [problem["field"] for problem in answer.json()["details"]["problems"]]
    assert [] == (await client.get(f"{workflow}/webhooks")).json()["data"]


@pytest.mark.parametrize(
    "secret",
    ["short", "x" * 121, "with space in it, and long enough", "whsec_not+base64!!!!!!!!!!!", "whsec_" + "A" * 20],
)
async def test_a_secret_that_cannot_serve_is_refused(client: httpx.AsyncClient, publish: Publish, secret: str) -> None:
    """And not repeated in the answer."""
    answer = await client.post(f"{await publish()}/webhooks", json={"name": "a", "secret": secret})
    assert (400, "WEBHOOK_SECRET_UNFIT") == (answer.status_code, answer.json()["error_code"])
    assert secret not in answer.text


async def test_a_rotated_secret_counts_at_once_and_the_old_one_as_long_as_asked(
    client: httpx.AsyncClient, publish: Publish
) -> None:
    """With an overlap both hold; the next rotation without one ends that."""
    webhook = await create_webhook(client, await publish())
    rotated = (await client.post(f"{webhook.owned}/rotate", json={"overlap_seconds": 60})).json()["data"]
    newer = webhook._replace(secret=rotated["secret"])
    both = [(await deliver(client, one)).status_code for one in (webhook, newer)]
    newest = (await client.post(f"{webhook.owned}/rotate")).json()["data"]
    after = [
        (await deliver(client, one)).status_code for one in (webhook, newer, webhook._replace(secret=newest["secret"]))
    ]
    assert ([202, 202], [401, 401, 202]) == (both, after)


async def test_a_rotated_token_is_another_address(client: httpx.AsyncClient, publish: Publish) -> None:
    """The old one answers like one that never was, and the secret stays."""
    webhook = await create_webhook(client, await publish())
    rotated = (await client.post(f"{webhook.owned}/rotate", json={"rotate": "token"})).json()["data"]
    moved = webhook._replace(token=rotated["token"], address=webhook.address.replace(webhook.token, rotated["token"]))
    assert rotated.get("secret") is None
    assert [404, 202] == [(await deliver(client, one)).status_code for one in (webhook, moved)]


async def test_a_deleted_webhook_is_gone(client: httpx.AsyncClient, publish: Publish) -> None:
    """For its owner and for senders."""
    webhook = await create_webhook(client, await publish())
    assert 200 == (await client.delete(webhook.owned)).status_code
    assert [404, 404] == [(await client.get(webhook.owned)).status_code, (await deliver(client, webhook)).status_code]


async def test_a_webhook_belongs_to_its_workflow(client: httpx.AsyncClient, publish: Publish) -> None:
    """By the way of another workflow it is not there."""
    webhook = await create_webhook(client, await publish())
    other = f"{await publish()}/webhooks/{webhook.webhook_id}"
    answers = [
        await client.get(other),
        await client.put(other, json={"name": "a"}, headers={"If-Match": "*"}),
        await client.post(f"{other}/rotate"),
        await client.delete(other),
        await client.get(f"{other}/deliveries"),
        await client.post(f"{other}/test"),
    ]
    assert {404} == {answer.status_code for answer in answers}


async def test_what_became_of_deliveries_is_listed(client: httpx.AsyncClient, publish: Publish) -> None:
    """The last ones first, with the reasons of those that started nothing."""
    webhook = await create_webhook(client, await publish())
    started = await deliver(client, webhook, b'{"n":1}', {"X-Delivery-Id": "a"})
    await deliver(client, webhook, b'{"n":1}', {"X-Delivery-Id": "a"})
    await deliver(client, webhook, b'{"n":2}', {"X-Webhook-Signature": "sha256=no"})
    await deliver(client, webhook, b"no json")
    listed = (await client.get(f"{webhook.owned}/deliveries")).json()["data"]
    execution_id = started.json()["data"]["execution_id"]
    assert [
        ("invalid", "JSON_SYNTAX", None),
        ("signature_wrong", "SIGNATURE_WRONG", None),
        ("duplicate", "", execution_id),
        ("fired", "", execution_id),
    ] == [(one["outcome"], one["reason"], one["execution_id"]) for one in listed]
    fired = (await client.get(f"{webhook.owned}/deliveries?outcome=fired")).json()["data"]
    page = (await client.get(f"{webhook.owned}/deliveries?per_page=3")).json()
    rest = (await client.get(f"{webhook.owned}/deliveries?cursor={page['meta']['next_cursor']}")).json()
    assert (["fired"], ["fired"]) == ([one["outcome"] for one in fired], [one["outcome"] for one in rest["data"]])


async def test_counters_tell_of_what_was_started(client: httpx.AsyncClient, publish: Publish) -> None:
    """How many executions, when the last one came, and which it was."""
    webhook = await create_webhook(client, await publish())
    await deliver(client, webhook, b"1")
    last = await deliver(client, webhook, b"2")
    await deliver(client, webhook, b"broken")
    shown = (await client.get(webhook.owned)).json()["data"]
    assert (2, last.json()["data"]["execution_id"]) == (shown["trigger_count"], shown["last_execution_id"])
    assert shown["last_triggered_at"] is not None


@pytest.mark.parametrize("scheme", ["any", "body", "timestamped"])
async def test_an_owner_may_try_a_webhook(
    client: httpx.AsyncClient, publish: Publish, database: Database, scheme: str
) -> None:
    """What a sender would have got is told; it starts an execution like any other."""
    webhook = await create_webhook(client, await publish(), signature_scheme=scheme)
    tried = (await client.post(f"{webhook.owned}/test", json={"body": {"n": 1}, "query": "a=1"})).json()["data"]
    refused = (await client.post(f"{webhook.owned}/test", json={"method": "PUT"})).json()["data"]
    data = await database.pool.fetchval(
        "SELECT trigger_data FROM workflow_executions WHERE execution_id = $1", tried["execution_id"]
    )
    assert ({"n": 1}, {"a": "1"}) == (data["body"], data["query"])
    assert (None, "WEBHOOK_METHOD_REFUSED") == (refused["execution_id"], refused["error_code"])


async def test_what_owners_do_is_recorded(client: httpx.AsyncClient, publish: Publish, database: Database) -> None:
    """Each change with its actor, and no secret."""
    webhook = await create_webhook(client, await publish())
    await client.post(f"{webhook.owned}/rotate")
    await client.put(webhook.owned, json={"name": "b"}, headers={"If-Match": "*"})
    await client.delete(webhook.owned)
    rows = await database.pool.fetch(
        "SELECT action, detail FROM audit_log WHERE object_type = 'webhook' AND object_id = $1 ORDER BY audit_id",
        webhook.webhook_id,
    )
    assert {"webhook.create", "webhook.rotate", "webhook.update", "webhook.delete"} == {row["action"] for row in rows}
    assert not any(shows(webhook.secret, orjson.dumps(row["detail"])) for row in rows)
