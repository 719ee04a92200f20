"""What comes in by webhooks over HTTP: who may come in, what is started, and what others hear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from tests.rig.webhooks import Webhook, create_webhook, deliver

from wingbeat.api.app import Services
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.services.executions.files import ExecutionFiles
from wingbeat.services.webhooks import floods
from wingbeat.services.webhooks.floods import ROWS_A_MINUTE, RefusalRows
from wingbeat.storage import decisions
from wingbeat.storage.decisions import Decision, Outcome, TriggerKind
from wingbeat.storage.pool import Database

Publish = Callable[..., Awaitable[str]]


async def trigger_data(database: Database, answer: httpx.Response) -> JsonObject:
    """What the execution was started with that a delivery led to."""
    assert answer.status_code == 202, answer.text
    execution_id = UUID(answer.json()["data"]["execution_id"])
    query = "SELECT trigger_data FROM workflow_executions WHERE execution_id = $1"
    data: JsonObject = await database.pool.fetchval(query, execution_id)
    return data


async def outcomes(database: Database) -> list[tuple[str, str]]:
    """What is recorded of all deliveries, in their order."""
    rows = await database.pool.fetch("SELECT outcome, reason FROM trigger_decisions WHERE kind = 'webhook' ORDER BY at")
    return [(row["outcome"], row["reason"]) for row in rows]


async def count_executions(database: Database) -> int:
    """How many there are."""
    return int(await database.pool.fetchval("SELECT count(*) FROM workflow_executions"))


@pytest.fixture
async def webhook(client: httpx.AsyncClient, publish: Publish) -> Webhook:
    """A webhook that asks for a signature."""
    return await create_webhook(client, await publish())


async def test_a_delivery_starts_an_execution_with_all_that_came(
    client: httpx.AsyncClient, webhook: Webhook, database: Database
) -> None:
    """Without what says who the sender is, and with the address that it really came from."""
    headers = {
        "Authorization": "Bearer x",
        "Cookie": "a=b",
        "X-API-Key": "k",
        "X-Shop": "7",
        "X-Forwarded-For": "1.2.3.4",
    }
    body = b'{"order": 7}'
    answer = await client.post(
        f"{webhook.address}?a=1&a=2&b=%C3%A4",
        content=body,
        headers={"Content-Type": "application/json", **webhook.sign(body), **headers},
    )
    data = await trigger_data(database, answer)
    sent = data.pop("headers")
    assert {
        "method": "POST",
        "query": {"a": ["1", "2"], "b": "ä"},
        "body": {"order": 7},
        "files": {},
        "webhook": {"id": webhook.webhook_id, "name": "orders"},
        "address": "127.0.0.1",
    } == data
    assert isinstance(sent, dict)
    assert "7" == sent["x-shop"]
    assert set() == sent.keys() & {"authorization", "cookie", "x-api-key", "x-webhook-signature"}


async def test_the_other_address_leads_to_the_same(
    client: httpx.AsyncClient, webhook: Webhook, database: Database
) -> None:
    """For senders that were set up before."""
    answer = await deliver(client, webhook._replace(address=f"/api/webhooks/{webhook.token}"))
    assert "POST" == (await trigger_data(database, answer))["method"]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_a_webhook_takes_the_methods_that_it_names(
    client: httpx.AsyncClient, publish: Publish, database: Database, method: str
) -> None:
    """With or without a body; others get 405 with those that it takes."""
    webhook = await create_webhook(client, await publish(), methods=[method], require_signature=False)
    assert method == (await trigger_data(database, await client.request(method, webhook.address)))["method"]
    refused = await client.post(webhook.address)
    assert (405, "WEBHOOK_METHOD_REFUSED", method) == (
        refused.status_code,
        refused.json()["error_code"],
        refused.headers["allow"],
    )


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE"])
async def test_other_methods_are_nobodys(client: httpx.AsyncClient, webhook: Webhook, method: str) -> None:
    """No webhook can have them."""
    assert 405 == (await client.request(method, webhook.address)).status_code


async def test_whoever_guesses_learns_nothing(client: httpx.AsyncClient, publish: Publish, database: Database) -> None:
    """An unknown token, a webhook that is switched off, and one of an archived workflow answer alike."""
    workflow = await publish()
    off = await create_webhook(client, workflow, enabled=False)
    archived = await create_webhook(client, await publish())
    assert 200 == (await client.delete(archived.workflow)).status_code
    unknown = off._replace(address=off.address[:-1] + "~")
    answers = [await deliver(client, one) for one in (unknown, off, archived)]
    answers += [await client.post(unknown.address[:-40]), await client.post(unknown.address + "x" * 100)]
    answers.append(await client.post("/api/v1/workflows/webhooks/%00"))
    assert {404} == {answer.status_code for answer in answers}
    assert 1 == len({answer.content for answer in answers})
    assert [("disabled", "WEBHOOK_NOT_FOUND")] * 2 == await outcomes(database)


async def test_a_workflow_that_cannot_run_is_told_to_whoever_may_deliver(
    client: httpx.AsyncClient, create: Callable[..., Awaitable[str]], database: Database
) -> None:
    """409, for a sender that is worth it tries again later; who has no signature hears of that first."""
    webhook = await create_webhook(client, await create())
    refused = await deliver(client, webhook)
    stranger = await client.post(webhook.address)
    assert (409, "WORKFLOW_NOT_PUBLISHED") == (refused.status_code, refused.json()["error_code"])
    assert 401 == stranger.status_code
    assert [("disabled", "WORKFLOW_NOT_PUBLISHED"), ("signature_wrong", "SIGNATURE_MISSING")] == await outcomes(
        database
    )


@pytest.mark.parametrize(
    ("allowlist", "expected"),
    [
        ([], 202),
        (["127.0.0.1"], 202),
        (["127.0.0.0/8", "10.0.0.0/8"], 202),
        (["::ffff:127.0.0.1"], 202),
        (["::ffff:127.0.0.0/104"], 202),
        (["127.0.0.2"], 403),
        (["::1"], 403),
        (["::/0"], 403),
        (["198.51.100.7"], 403),
    ],
)
async def test_only_listed_addresses_come_in(
    client: httpx.AsyncClient, publish: Publish, database: Database, allowlist: list[str], expected: int
) -> None:
    """By the address that connected, whatever a header says of it."""
    webhook = await create_webhook(client, await publish(), ip_allowlist=allowlist)
    lies = {"X-Forwarded-For": "198.51.100.7", "X-Real-IP": "198.51.100.7", "Forwarded": "for=198.51.100.7"}
    answer = await deliver(client, webhook, headers=lies)
    assert expected == answer.status_code
    assert [("fired", "") if expected == 202 else ("address_refused", "ADDRESS_REFUSED")] == await outcomes(database)


async def test_behind_a_trusted_proxy_its_word_counts(
    client: httpx.AsyncClient, client_with: Callable[..., httpx.AsyncClient], publish: Publish
) -> None:
    """And what stands left of it does not."""
    webhook = await create_webhook(client, await publish(), ip_allowlist=["198.51.100.7"])
    async with client_with(trusted_proxies=["127.0.0.1"]) as behind:
        good = await deliver(behind, webhook, headers={"X-Forwarded-For": "203.0.113.1, 198.51.100.7"})
        lie = await deliver(behind, webhook, headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.1"})
    assert [202, 403] == [good.status_code, lie.status_code]


@pytest.mark.parametrize("scheme", ["any", "body", "timestamped"])
async def test_a_delivery_is_signed_as_the_webhook_asks(
    client: httpx.AsyncClient, publish: Publish, scheme: str
) -> None:
    """By the body alone, by the time as well, or either."""
    webhook = await create_webhook(client, await publish(), signature_scheme=scheme)
    body = b"{}"
    json = {"Content-Type": "application/json"}
    answers = [
        await client.post(webhook.address, content=body, headers={**json, **headers})
        for headers in (
            webhook.sign(body),
            webhook.sign_timestamped(body, "msg_1"),
            webhook.sign_timestamped(body, "msg_2", late=400),
            webhook.sign(b"[]"),
            {},
        )
    ]
    late = "SIGNATURE_MISSING" if scheme == "body" else "SIGNATURE_EXPIRED"
    wrong = "SIGNATURE_MISSING" if scheme == "timestamped" else "SIGNATURE_WRONG"
    assert [scheme != "timestamped", scheme != "body", False, False, False] == [one.is_success for one in answers]
    assert [late, wrong, "SIGNATURE_MISSING"] == [one.json()["error_code"] for one in answers[2:]]


async def test_a_signature_of_another_webhook_is_none(client: httpx.AsyncClient, publish: Publish) -> None:
    """Not even where both have the same secret: the token is signed too."""
    workflow = await publish()
    same = {"secret": "the-same-for-both-of-them-as-it-is"}
    one, two = [await create_webhook(client, workflow, **same) for _ in range(2)]
    answer = await deliver(client, one, b"{}", two.sign(b"{}"))
    assert (401, "SIGNATURE_WRONG") == (answer.status_code, answer.json()["error_code"])


async def test_a_recorded_delivery_starts_nothing_again(
    client: httpx.AsyncClient, webhook: Webhook, database: Database
) -> None:
    """Within its five minutes it is a duplicate, since its id is signed."""
    recorded = {"Content-Type": "application/json", **webhook.sign_timestamped(b"{}", "msg_1")}
    first = await client.post(webhook.address, content=b"{}", headers=recorded)
    again = await client.post(webhook.address, content=b"{}", headers={**recorded, "Idempotency-Key": "other"})
    assert first.json() == again.json()
    assert ("true", 1) == (again.headers["idempotency-replayed"], await count_executions(database))


@pytest.mark.parametrize("header", ["X-Delivery-Id", "X-GitHub-Delivery", "Idempotency-Key", "webhook-id"])
async def test_a_delivery_that_comes_again_leads_to_the_same(
    client: httpx.AsyncClient, webhook: Webhook, database: Database, header: str
) -> None:
    """With the same answer, and a header that says so; another body under its id is refused."""
    first = await deliver(client, webhook, b"1", {header: "one"})
    again = await deliver(client, webhook, b"1", {header: "one"})
    other = await deliver(client, webhook, b"2", {header: "one"})
    assert (202, 202, first.json(), "true") == (
        first.status_code,
        again.status_code,
        again.json(),
        again.headers.get("idempotency-replayed"),
    )
    assert "idempotency-replayed" not in first.headers
    assert (409, "DELIVERY_ID_REUSED") == (other.status_code, other.json()["error_code"])
    assert 1 == await count_executions(database)


async def test_what_was_refused_may_come_again_in_order(
    client: httpx.AsyncClient, webhook: Webhook, database: Database
) -> None:
    """An id belongs to what was started, and to nothing that was not."""
    broken = await deliver(client, webhook, b"{", {"X-Delivery-Id": "one"})
    mended = await deliver(client, webhook, b"{}", {"X-Delivery-Id": "one"})
    assert [400, 202] == [broken.status_code, mended.status_code]
    assert 1 == await count_executions(database)


@pytest.mark.parametrize("given", [[""], [" "], ["a b"], ["ä"], ["x" * 256], ["a", "b"]])
async def test_an_id_that_is_none_is_refused(client: httpx.AsyncClient, webhook: Webhook, given: list[str]) -> None:
    """Rather than to start something twice; of two, nobody knows which one will come again."""
    sent = [(b"Content-Type", b"application/json"), *((b"X-Delivery-Id", one.encode()) for one in given)]
    sent += [(name.encode(), value.encode()) for name, value in webhook.sign(b"{}").items()]
    answer = await client.post(webhook.address, content=b"{}", headers=sent)
    assert (400, "DELIVERY_ID_INVALID") == (answer.status_code, answer.json()["error_code"])


async def test_many_deliveries_of_few_events_start_each_once(
    publish: Publish, client: httpx.AsyncClient, database: Database, make_second: httpx.AsyncClient
) -> None:
    """All at the same moment, by two processes: as many executions as events, and one answer for each event."""
    webhook = await create_webhook(client, await publish(), rate_limit_max=None)
    both = (client, make_second)
    answers = await asyncio.gather(
        *(
            deliver(both[number % 2], webhook, b"%d" % (number % 40), {"X-Delivery-Id": f"event-{number % 40}"})
            for number in range(400)
        )
    )
    led_to: dict[int, set[str]] = {}
    for number, answer in enumerate(answers):
        led_to.setdefault(number % 40, set()).add(answer.json()["data"]["execution_id"])
    assert {202} == {answer.status_code for answer in answers}
    assert {1} == {len(found) for found in led_to.values()}
    assert (40, 40) == (await count_executions(database), len(set.union(*led_to.values())))
    decided = await outcomes(database)
    assert (40, 360) == (decided.count(("fired", "")), decided.count(("duplicate", "")))
    assert 40 == await database.pool.fetchval("SELECT trigger_count FROM workflow_webhooks")


async def test_no_more_come_in_than_the_limit_says(
    client: httpx.AsyncClient, publish: Publish, database: Database, make_second: httpx.AsyncClient
) -> None:
    """All at the same moment, by two processes; the others hear when to come back, and each is recorded."""
    webhook = await create_webhook(client, await publish(), rate_limit_max=7, rate_limit_window=3_600)
    both = (client, make_second)
    answers = await asyncio.gather(*(deliver(both[number % 2], webhook, b"%d" % number) for number in range(40)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert (33, 7) == (len(refused), await count_executions(database))
    assert {"WEBHOOK_RATE_LIMITED"} == {answer.json()["error_code"] for answer in refused}
    assert all(1 <= int(answer.headers["retry-after"]) <= 3_660 for answer in refused)
    assert 33 == (await outcomes(database)).count(("limited", "WEBHOOK_RATE_LIMITED"))


async def test_a_flood_of_refusals_does_not_fill_the_database(
    client: httpx.AsyncClient, webhook: Webhook, database: Database
) -> None:
    """Everybody hears the same; so many a minute have a row. What is in order is taken all the same."""
    answers = await asyncio.gather(*(client.post(webhook.address) for _ in range(ROWS_A_MINUTE + 10)))
    assert {401} == {answer.status_code for answer in answers}
    assert ROWS_A_MINUTE == (await outcomes(database)).count(("signature_wrong", "SIGNATURE_MISSING"))
    assert 202 == (await deliver(client, webhook)).status_code


def test_the_first_row_of_a_later_minute_tells_how_many_had_none() -> None:
    """Of each webhook and outcome by itself; duplicates always have their row."""
    now = [0.0]
    rows = RefusalRows(lambda: now[0])
    workflow, one, other = uuid4(), uuid4(), uuid4()

    def make(outcome: Outcome, webhook_id: UUID = one) -> Decision:
        return Decision(workflow, TriggerKind.WEBHOOK, outcome, webhook_id)

    taken = [rows.takes(make(Outcome.SIGNATURE_WRONG)) for _ in range(ROWS_A_MINUTE + 3)]
    assert (ROWS_A_MINUTE, [False] * 3) == (sum(taken), taken[-3:])
    beside = (make(Outcome.ADDRESS_REFUSED), make(Outcome.SIGNATURE_WRONG, other), make(Outcome.DUPLICATE))
    assert all(rows.takes(decision) for decision in beside)
    now[0] = 60.0
    first, second = make(Outcome.SIGNATURE_WRONG), make(Outcome.SIGNATURE_WRONG)
    assert rows.takes(first)
    assert rows.takes(second)
    assert ({"left_out": 3}, {}) == (first.detail, second.detail)


async def test_a_refusal_whose_transaction_gave_way_to_another_has_its_row_all_the_same(
    client: httpx.AsyncClient, publish: Publish, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not written is not counted, so the last row that a minute has room for is there."""
    webhook = await create_webhook(client, await publish(), rate_limit_max=None)
    write, collisions = decisions.write, [asyncpg.SerializationError()]

    async def collide(connection: asyncpg.Connection, given: Sequence[Decision]) -> None:
        await write(connection, given)
        if collisions:
            raise collisions.pop()

    monkeypatch.setattr(floods, "ROWS_A_MINUTE", 1)
    monkeypatch.setattr(decisions, "write", collide)
    answers = [(await deliver(client, webhook, b"{")).status_code for _ in range(2)]
    assert ([400, 400], []) == (answers, collisions)
    assert [("invalid", "JSON_SYNTAX")] == await outcomes(database)


async def test_what_came_before_is_no_new_delivery_to_the_limit(client: httpx.AsyncClient, publish: Publish) -> None:
    """A sender that did not get the answer gets it, however many came since."""
    webhook = await create_webhook(client, await publish(), rate_limit_max=1, rate_limit_window=3_600)
    first, again, other = [
        await deliver(client, webhook, b"1", {"X-Delivery-Id": delivery_id}) for delivery_id in ("a", "a", "b")
    ]
    assert [202, 202, 429] == [first.status_code, again.status_code, other.status_code]


async def test_what_cannot_be_read_counts_too(client: httpx.AsyncClient, publish: Publish) -> None:
    """The limit comes before the reading."""
    webhook = await create_webhook(client, await publish(), rate_limit_max=1, rate_limit_window=3_600)
    assert [400, 429] == [(await deliver(client, webhook, b"{")).status_code for _ in range(2)]


async def test_who_has_no_signature_uses_up_no_limit(client: httpx.AsyncClient, publish: Publish) -> None:
    """Otherwise anybody could keep out who has one."""
    webhook = await create_webhook(client, await publish(), rate_limit_max=1, rate_limit_window=3_600)
    strangers = [(await client.post(webhook.address)).status_code for _ in range(3)]
    assert ([401] * 3, 202) == (strangers, (await deliver(client, webhook)).status_code)


async def test_files_are_kept_and_can_be_read(
    client: httpx.AsyncClient, webhook: Webhook, services: Services, database: Database
) -> None:
    """Those of a form beside its fields, and a whole body of bytes; each with a reference that nobody can make up."""
    request = client.build_request(
        "POST", webhook.address, data={"title": "photos"}, files=[("photo", ("a/b.png", b"\x89PNG\0", "image/png"))]
    )
    body = await request.aread()
    form = await trigger_data(
        database,
        await client.post(
            webhook.address,
            content=body,
            headers={"Content-Type": request.headers["content-type"], **webhook.sign(body)},
        ),
    )
    plain = await trigger_data(
        database, await deliver(client, webhook, b"\x00\xff", {"Content-Type": "application/octet-stream"})
    )
    files = ExecutionFiles(services.files.store, UUID(int=0))
    assert {"title": "photos"} == form["body"]
    assert None is plain["body"]
    assert (b"\x89PNG\0", "a_b.png", "image/png") == await files.load(kept(form, "photo"), most_bytes=100)
    assert b"\x00\xff" == (await files.load(kept(plain, "body"), most_bytes=100)).data


def kept(data: JsonObject, field: str) -> Json:
    """The reference to a file."""
    files = data["files"]
    assert isinstance(files, dict)
    return files[field]


async def test_files_of_what_is_refused_are_not_kept(
    client: httpx.AsyncClient, publish: Publish, services: Services
) -> None:
    """Neither of what came before, nor of what is over the limit."""
    webhook = await create_webhook(client, await publish(), rate_limit_max=1, rate_limit_window=3_600)
    octets = {"Content-Type": "application/octet-stream"}
    for delivery_id in ("a", "a", "b"):
        await deliver(client, webhook, b"\x00", {**octets, "X-Delivery-Id": delivery_id})
    owners = await services.files.store.blobs.list_owners(UUID(int=2**128 - 1))
    assert 1 == len(owners)


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"Content-Type": "application/json"}, b"{", 400, "JSON_SYNTAX"),
        ({"Content-Type": "application/json"}, b"NaN", 400, "JSON_NOT_A_NUMBER"),
        ({"Content-Type": "application/json"}, b'{"a":1,"a":1}', 400, "JSON_DUPLICATE_KEY"),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"\x1f\x8b", 415, "BODY_COMPRESSED"),
        ({"Content-Type": "json"}, b"{}", 415, "MEDIA_TYPE_NOT_TAKEN"),
        ({"Content-Type": "application/json; charset=utf-7"}, b"{}", 415, "CHARSET_NOT_TAKEN"),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"--b", 400, "MULTIPART_MALFORMED"),
        ({"Content-Type": "application/json"}, b"1" * 5_000, 413, "BODY_TOO_LARGE"),
    ],
)
async def test_bad_bodies_have_one_clear_answer(  # noqa: PLR0913, PLR0917 - a row of the table and three fixtures
    client: httpx.AsyncClient,
    client_with: Callable[..., httpx.AsyncClient],
    webhook: Webhook,
    headers: dict[str, str],
    body: bytes,
    status: int,
    code: str,
) -> None:
    """And start nothing; who has no signature hears of that alone."""
    del client
    async with client_with(max_body_bytes=4_096) as small:
        signed = await deliver(small, webhook, body, headers)
        stranger = await small.post(webhook.address, content=body, headers=headers)
    assert (status, code) == (signed.status_code, signed.json()["error_code"])
    assert (413 if status == 413 else 401) == stranger.status_code


async def test_a_body_without_end_is_cut_off(client_with: Callable[..., httpx.AsyncClient], webhook: Webhook) -> None:
    """While it is read, and not when it is whole."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1_024

    async with client_with(max_body_bytes=4_096) as small:
        answer = await small.post(webhook.address, content=endless(), headers={"Content-Type": "text/plain"})
    assert (413, "BODY_TOO_LARGE") == (answer.status_code, answer.json()["error_code"])


async def test_a_query_that_cannot_be_read_is_refused(client: httpx.AsyncClient, webhook: Webhook) -> None:
    """As a form would be."""
    headers = {"Content-Type": "application/json", **webhook.sign(b"{}")}
    answer = await client.post(f"{webhook.address}?a=%FF", content=b"{}", headers=headers)
    assert (400, "FORM_MALFORMED") == (answer.status_code, answer.json()["error_code"])


@pytest.fixture
async def make_second(database_dsn: str, make_app: Callable[[Database], object]) -> AsyncIterator[httpx.AsyncClient]:
    """A client of another process, as far as the database can tell."""
    database = await Database.open(database_dsn, max_size=4)
    transport = httpx.ASGITransport(make_app(database))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        yield opened
    await database.close()
