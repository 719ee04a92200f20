"""Connections over HTTP: secrets go in and never come out, and nobody can send them where they were not meant for."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from tests.rig.connections import dump, shows
from tests.rig.web import OAuthServer, Reply, web

from wingbeat.core.json_value import Json, JsonObject
from wingbeat.egress.kinds import KINDS
from wingbeat.storage.pool import Database

ROOT = "/api/v1/connections"
SECRET = "t0ken/with+odd=signs-7"  # noqa: S105
OTHER = "an0ther-secret/of+this=test"
BEARER: JsonObject = {
    "name": "Shop",
    "kind": "bearer",
    "secrets": {"token": SECRET},
    "allowed_hosts": ["api.example.com"],
}
Connect = Callable[..., Awaitable[str]]


@pytest.fixture
def connect(client: httpx.AsyncClient) -> Connect:
    """Creates a connection with other fields if they are given; gives its address."""

    async def create(**fields: Json) -> str:
        answer = await client.post(ROOT, json={**BEARER, **fields})
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    return create


def change(**fields: Json) -> JsonObject:
    """A change that leaves the secrets as they are."""
    return {name: value for name, value in {**BEARER, **fields}.items() if name != "secrets" or "secrets" in fields}


async def test_what_was_created_comes_back_without_its_secrets(client: httpx.AsyncClient, connect: Connect) -> None:
    """Only their names; in every answer that shows the connection."""
    address = await connect(description="for orders")
    answers = [await client.get(address), await client.get(ROOT), await client.post(f"{address}/test")]
    data = answers[0].json()["data"]
    assert data["secret_fields_set"] == ["token"]
    assert data["breaker"] == {"state": "closed", "failures": 0, "open_since": None, "open_until": None}
    assert (data["description"], data["allowed_hosts"], data["revision"]) == ("for orders", ["api.example.com"], 1)
    assert answers[0].headers["etag"] == '"1"'
    assert not any(shows(SECRET, answer.text) for answer in answers)


async def test_no_answer_log_or_row_shows_a_secret(
    client: httpx.AsyncClient, connect: Connect, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is done with a connection, and whatever is wrong with the request."""
    with caplog.at_level(logging.DEBUG):
        address = await connect()
        answers = [
            await client.post(ROOT, json={**BEARER, "allowed_hosts": []}),
            await client.post(ROOT, json={**BEARER, "kind": "basic"}),
            await client.post(ROOT, json={**BEARER, "secrets": {SECRET: "x", "token": {"a": SECRET}}}),
            await client.post(ROOT, json={**BEARER, "secrets": [SECRET]}),
            await client.post(ROOT, json={**BEARER, "config": {"test_url": SECRET}}),
            await client.post(f"{address}/rotate", json={"secrets": {"password": SECRET}}),
            await client.post(f"{address}/rotate", json={"secrets": {"token": OTHER}}),
            await client.put(address, json={**BEARER, "name": "x"}, headers={"If-Match": "*"}),
            await client.post(ROOT, json=BEARER, headers={"Idempotency-Key": "k"}),
            await client.post(ROOT, json={**BEARER, "name": "y"}, headers={"Idempotency-Key": "k"}),
            await client.delete(address),
        ]
    assert [answer.status_code for answer in answers] == [400] * 5 + [409, 200, 200, 201, 409, 200]
    seen = "".join(answer.text for answer in answers).replace(f"secrets.{SECRET}", "") + caplog.text
    assert not shows(SECRET, seen)
    assert not shows(OTHER, seen)
    rows = await dump(database)
    assert not shows(SECRET, rows)
    assert not shows(OTHER, rows)
    assert b"connection.rotate" in rows


async def test_a_repeated_request_creates_one(client: httpx.AsyncClient) -> None:
    """With the same key and the same secrets; with other secrets it is another request."""
    headers = {"Idempotency-Key": "once"}
    first, second = [await client.post(ROOT, json=BEARER, headers=headers) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert second.headers["idempotency-replayed"] == "true"
    other = await client.post(ROOT, json={**BEARER, "secrets": {"token": "other"}}, headers=headers)
    assert (other.status_code, other.json()["error_code"]) == (409, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"kind": "telepathy"}, "kind"),
        ({"secrets": None}, "secrets.token"),
        ({"secrets": {"token": ""}}, "secrets.token"),
        ({"secrets": {"token": 5}}, "secrets.token"),
        ({"secrets": {"token": "x", "password": "y"}}, "secrets.password"),
        ({"allowed_hosts": []}, "allowed_hosts"),
        ({"allowed_hosts": ["*"]}, "allowed_hosts.0"),
        ({"allowed_hosts": ["https://api.example.com"]}, "allowed_hosts.0"),
        ({"config": {"test_url": "file:///etc/passwd"}}, "config.test_url"),
        ({"config": {"test_url": "https://me:pass@api.example.com"}}, "config.test_url"),
        ({"config": {"breaker": {"failures": 0}}}, "config.breaker.failures"),
        ({"config": {"surprise": 1}}, "config.surprise"),
    ],
)
async def test_what_does_not_fit_its_kind_is_refused(
    client: httpx.AsyncClient, fields: dict[str, Any], at_fault: str
) -> None:
    """With the field at fault, and nothing is kept."""
    answer = await client.post(ROOT, json={**BEARER, **fields})
    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["details"]["problems"]] == [at_fault]
    assert (await client.get(ROOT)).json()["meta"]["total"] == 0


async def test_a_change_needs_the_present_revision(client: httpx.AsyncClient, connect: Connect) -> None:
    """A lost update is refused, as with workflows."""
    address = await connect()
    assert (await client.put(address, json=change())).status_code == 428
    changed = await client.put(address, json=change(name="Store"), headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["data"]["name"]) == (200, '"2"', "Store")
    assert changed.json()["data"]["secret_fields_set"] == ["token"]
    for refused in (
        await client.put(address, json=change(), headers={"If-Match": '"1"'}),
        await client.put(address, json=change(), headers={"If-Match": "no"}),
        await client.post(f"{address}/rotate", json={"secrets": {"token": "x"}}, headers={"If-Match": '"1"'}),
        await client.delete(address, headers={"If-Match": '"1"'}),
    ):
        assert refused.status_code == 412


@pytest.mark.parametrize(
    "fields",
    [
        {"allowed_hosts": ["api.example.com", "evil.example.com"]},
        {"allowed_hosts": ["*.example.com"]},
        {"config": {"allow_plain_http": True}},
    ],
)
async def test_secrets_go_nowhere_else_by_a_change(
    client: httpx.AsyncClient, connect: Connect, fields: dict[str, Json]
) -> None:
    """Whoever may edit a connection cannot have its secrets sent to a server of theirs; who knows them can."""
    address = await connect()
    refused = await client.put(address, json=change(**fields), headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["error_code"]) == (409, "CONNECTION_SECRETS_NEEDED")
    assert (await client.get(address)).json()["data"]["revision"] == 1
    known = await client.put(address, json=change(**fields, secrets={"token": SECRET}), headers={"If-Match": "*"})
    assert known.status_code == 200


async def test_the_place_of_a_database_is_bound_to_its_password(client: httpx.AsyncClient, connect: Connect) -> None:
    """Host, port and encryption decide where it goes; a description does not."""
    own: JsonObject = {"kind": "sql", "config": {"host": "db.internal", "database": "d"}, "allowed_hosts": []}
    address = await connect(**own, secrets={"password": SECRET})
    changes: list[JsonObject] = [{"host": "evil.example.com"}, {"port": 5433}, {"tls": "disable"}, {"database": "e"}]
    for config in changes:
        moved = change(**{**own, "config": {"host": "db.internal", "database": "d", **config}})
        assert (await client.put(address, json=moved, headers={"If-Match": "*"})).status_code == 409
    assert (await client.put(address, json=change(**own, name="n"), headers={"If-Match": "*"})).status_code == 200


async def test_a_kind_stays(client: httpx.AsyncClient, connect: Connect) -> None:
    """A workflow that names the connection relies on it."""
    address = await connect()
    other = {"name": "x", "kind": "smtp", "config": {"host": "mail.example.com"}}
    answer = await client.put(address, json=other, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["error_code"]) == (409, "CONNECTION_KIND_FIXED")


async def test_what_a_workflow_names_is_not_deleted(
    client: httpx.AsyncClient, connect: Connect, create: Callable[..., Awaitable[str]]
) -> None:
    """Unless it is forced; the answer names the workflows."""
    address = await connect()
    await create(**workflow_with(address.rpartition("/")[2].upper()))
    refused = await client.delete(address)
    assert (refused.status_code, refused.json()["error_code"]) == (409, "CONNECTION_IN_USE")
    assert [found["name"] for found in refused.json()["details"]["workflows"]] == ["small"]
    assert (await client.delete(f"{address}?force=true")).status_code == 200
    assert (await client.get(address)).status_code == 404


async def test_lists_are_by_kind_and_in_pages(client: httpx.AsyncClient, connect: Connect) -> None:
    """Sorted by name, without any secret."""
    for name in ("c", "a", "b"):
        await connect(name=name)
    await connect(name="d", kind="api_key", secrets={"api_key": SECRET})
    first = await client.get(f"{ROOT}?kind=bearer&kind=smtp&per_page=2")
    assert [found["name"] for found in first.json()["data"]] == ["a", "b"]
    assert first.json()["meta"]["total"] == 3
    second = await client.get(f"{ROOT}?kind=bearer&per_page=2&cursor={first.json()['meta']['next_cursor']}")
    assert [found["name"] for found in second.json()["data"]] == ["c"]


async def test_every_kind_says_what_belongs_to_it(client: httpx.AsyncClient) -> None:
    """Enough for a form: JSON Schemas, secrets write-only."""
    kinds = {found["kind"]: found for found in (await client.get(f"{ROOT}/kinds")).json()["data"]}
    assert kinds.keys() == KINDS.keys()
    assert kinds["smtp"]["config"]["required"] == ["host"]
    assert kinds["smtp"]["secrets"]["properties"]["password"]["writeOnly"] is True


async def test_a_missing_connection_is_404(client: httpx.AsyncClient) -> None:
    """For everything that can be done with one."""
    address = f"{ROOT}/{uuid4()}"
    answers = [
        await client.get(address),
        await client.put(address, json=change(), headers={"If-Match": "*"}),
        await client.delete(address),
        await client.post(f"{address}/rotate", json={"secrets": {}}),
        await client.post(f"{address}/test"),
        await client.post(f"{address}/authorize"),
    ]
    assert {(answer.status_code, answer.json()["error_code"]) for answer in answers} == {(404, "CONNECTION_NOT_FOUND")}


async def test_the_test_is_a_real_attempt(client: httpx.AsyncClient, connect: Connect) -> None:
    """The server sees the secret; the result is kept with the connection; the breaker hears of it."""
    answers = [Reply(200), Reply(401), Reply(500)]
    async with web(lambda _: answers.pop(0)) as served:
        config = {"test_url": f"{served.url}/me?secret=1", "allow_plain_http": True, "breaker": {"failures": 1}}
        address = await connect(config=config, allowed_hosts=["127.0.0.1"])
        results = [(await client.post(f"{address}/test")).json()["data"]["result"] for _ in range(3)]
    assert [result["ok"] for result in results] == [True, False, False]
    assert [result["error_code"] for result in results] == [None, "CONNECTION_TEST_REFUSED", "CONNECTION_TEST_REFUSED"]
    assert results[0]["message"] == f"{served.url}/me answered 200."
    assert served.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    data = (await client.get(address)).json()["data"]
    assert data["last_test"] == results[2]
    assert (data["breaker"]["state"], data["breaker"]["failures"]) == ("open", 1)


async def test_a_good_test_closes_the_circuit(client: httpx.AsyncClient, connect: Connect) -> None:
    """Who mended the other side need not wait for the cool-down."""
    statuses = [500, 200]
    async with web(lambda _: Reply(statuses.pop(0))) as served:
        breaker: JsonObject = {"failures": 1, "cool_down_seconds": 1000}
        config: JsonObject = {"test_url": served.url, "allow_plain_http": True, "breaker": breaker}
        address = await connect(config=config, allowed_hosts=["127.0.0.1"])
        states = [
            (await client.post(f"{address}/test")).json()["data"]["connection"]["breaker"]["state"] for _ in range(2)
        ]
    assert states == ["open", "closed"]


async def test_a_test_goes_to_allowed_hosts_only(client: httpx.AsyncClient, connect: Connect) -> None:
    """Or the test address would be the way to have the secret sent anywhere."""
    address = await connect(config={"test_url": "https://evil.example.com/"})
    result = (await client.post(f"{address}/test")).json()["data"]["result"]
    assert (result["ok"], result["error_code"]) == (False, "CONNECTION_HOST_REFUSED")


@pytest.mark.parametrize(("provider", "path", "header"), [
    ("openai", "/models", "authorization"), ("anthropic", "/v1/models", "x-api-key"),
])  # fmt: skip
async def test_a_language_model_is_asked_for_its_models(
    client: httpx.AsyncClient, connect: Connect, provider: str, path: str, header: str
) -> None:
    """In the provider's own way."""
    async with web(lambda _: Reply()) as served:
        config = {"provider": provider, "base_url": served.url}
        address = await connect(kind="llm", config=config, secrets={"api_key": SECRET}, allowed_hosts=[])
        assert (await client.post(f"{address}/test")).json()["data"]["result"]["ok"] is True
    assert (served.asked[0].path, served.asked[0].headers[header].rpartition(" ")[2]) == (path, SECRET)


LISTING = (
    b'<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    b"<IsTruncated>false</IsTruncated></ListBucketResult>"
)


async def test_a_bucket_is_listed(client: httpx.AsyncClient, connect: Connect) -> None:
    """With a signature that shows no key."""
    answers = [Reply(200, LISTING, ("Content-Type: application/xml",)), Reply(403, b"")]
    async with web(lambda _: answers.pop(0)) as served:
        secrets: JsonObject = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": SECRET}
        config: JsonObject = {"bucket": "b", "endpoint_url": served.url}
        address = await connect(kind="s3", config=config, secrets=secrets, allowed_hosts=[])
        results = [(await client.post(f"{address}/test")).json()["data"]["result"] for _ in range(2)]
    assert [(result["ok"], result["error_code"]) for result in results] == [(True, None), (False, "S3_ACCESS_DENIED")]
    assert not shows(SECRET, repr(served.asked))


async def test_a_server_of_tools_is_greeted(client: httpx.AsyncClient, connect: Connect) -> None:
    """As its protocol begins, with the token and without one."""
    async with web(lambda _: Reply()) as served:
        for secrets in ({"token": SECRET}, {}):
            config: JsonObject = {"url": f"{served.url}/mcp"}
            address = await connect(kind="mcp", config=config, secrets=dict(secrets), allowed_hosts=[])
            assert (await client.post(f"{address}/test")).json()["data"]["result"]["ok"] is True
    assert [asked.headers.get("authorization") for asked in served.asked] == [f"Bearer {SECRET}", None]
    assert b'"initialize"' in served.asked[0].body


async def test_somebody_signs_in_for_a_connection(
    client: httpx.AsyncClient, connect: Connect, database: Database
) -> None:
    """The address carries a state and a challenge; what comes back is taken once, and tokens are there."""
    server = OAuthServer()
    async with web(server) as served:
        address = await connect(**code_connection(served.url, server))
        url = urlsplit((await client.post(f"{address}/authorize")).json()["data"]["url"])
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        assert (url.path, asked["client_id"], asked["scope"], asked["tenant"]) == (
            "/authorize",
            "client-1",
            "read",
            "5",
        )
        assert asked["redirect_uri"] == f"http://localhost{ROOT}/oauth/callback"
        server.challenge = asked["code_challenge"]
        came = {"state": asked["state"], "code": "the-code-of-the-sign-in", "session_state": "unknown to us"}
        back = await client.get(f"{ROOT}/oauth/callback", params=came)
        assert (back.status_code, back.json()["data"]["authorized"]) == (200, True)
        again = await client.get(f"{ROOT}/oauth/callback", params=came)
        assert (again.status_code, again.json()["error_code"]) == (404, "AUTHORIZATION_UNKNOWN")
        assert served.asked[0].form["redirect_uri"] == asked["redirect_uri"]
    assert not any(shows(token, back.text) for token in (server.access_token, server.refresh_token))
    assert not shows("the-code-of-the-sign-in", await dump(database))


async def test_a_state_that_is_not_ours_is_refused(client: httpx.AsyncClient, connect: Connect) -> None:
    """Made up, altered, replaced by a later one, or too old: one answer to all."""
    server = OAuthServer()
    async with web(server) as served:
        address = await connect(**code_connection(served.url, server))
        states = []
        for _ in range(2):
            url = urlsplit((await client.post(f"{address}/authorize")).json()["data"]["url"])
            states.append(parse_qs(url.query)["state"][0])
        content, _, signature = states[1].partition(".")
        for state in (
            "x",
            "",
            ".",
            "é.é",
            states[0],
            f"{content}.{signature[:-2]}AA",
            f"{content[:-4]}AAAA.{signature}",
        ):
            answer = await client.get(f"{ROOT}/oauth/callback", params={"state": state, "code": "c"})
            assert (answer.status_code, answer.json()["error_code"]) == (404, "AUTHORIZATION_UNKNOWN"), state
        assert served.asked == []


async def test_who_says_no_is_heard(client: httpx.AsyncClient, connect: Connect) -> None:
    """The error's name is told, and nothing else of what came along."""
    server = OAuthServer()
    async with web(server) as served:
        address = await connect(**code_connection(served.url, server))
        url = urlsplit((await client.post(f"{address}/authorize")).json()["data"]["url"])
        state = parse_qs(url.query)["state"][0]
        answer = await client.get(
            f"{ROOT}/oauth/callback",
            params={"state": state, "error": "access_denied", "error_description": "<b>no</b>"},
        )
    assert (answer.status_code, answer.json()["error_code"]) == (409, "AUTHORIZATION_DENIED")
    assert "access_denied" in answer.text
    assert "<b>" not in answer.text


async def test_the_way_back_needs_no_key_and_everything_else_does(
    client_with: Callable[..., httpx.AsyncClient],
) -> None:
    """Whoever signs in comes with a browser that has none; the signature stands in its place."""
    async with client_with(signed_in=False) as client:
        assert (await client.get(f"{ROOT}/oauth/callback?state=x")).status_code == 404
        for path in ("", "/kinds", f"/{uuid4()}"):
            assert (await client.get(ROOT + path)).status_code == 401


async def test_tokens_do_not_follow_to_another_server(
    client: httpx.AsyncClient, connect: Connect, database: Database
) -> None:
    """A public client has no secret to show; its tokens are forgotten when the addresses change."""
    server = OAuthServer()
    async with web(lambda _: Reply()) as served:
        address = await connect(**{**code_connection(served.url, server), "secrets": {}})
        await database.pool.execute(
            "INSERT INTO connector_secrets (connection_id, purpose, key_name, wrapped_key, payload) "
            "SELECT connection_id, 'tokens', key_name, wrapped_key, payload FROM connector_secrets"
        )
        assert (await client.get(address)).json()["data"]["authorized"] is True
        body = code_connection("http://localhost:1", server)
        del body["secrets"]
        moved = await client.put(address, json=change(**body), headers={"If-Match": "*"})
    assert (moved.status_code, moved.json()["data"]["authorized"]) == (200, False)


async def test_a_workflow_is_checked_for_its_connections(
    client: httpx.AsyncClient, connect: Connect, create: Callable[..., Awaitable[str]]
) -> None:
    """At validation and before it is published: they exist, fit, and are switched on."""
    good = (await connect()).rpartition("/")[2]
    mail = (await connect(kind="smtp", config={"host": "h"}, secrets=None, allowed_hosts=[])).rpartition("/")[2]
    off = (await connect(enabled=False)).rpartition("/")[2]
    for connection, code in (
        (good, None),
        (str(uuid4()), "CONNECTION_UNKNOWN"),
        (mail, "CONNECTION_WRONG_KIND"),
        (off, "CONNECTION_DISABLED"),
    ):
        draft = await create(**workflow_with(connection))
        problems = (await client.post(f"{draft}/validate")).json()["data"]["problems"]
        document = (await client.get(draft)).json()["data"]["definition"]
        same = (await client.post("/api/v1/workflows/validate", json=document)).json()["data"]["problems"]
        published = await client.post(f"{draft}/publish")
        if code is None:
            assert (problems, same, published.status_code) == ([], [], 200)
            continue
        assert [(one["code"], one["node"], one["parameter"]) for one in problems] == [(code, "call", "connection")]
        assert problems == same
        assert (published.status_code, published.json()["details"]["problems"]) == (400, problems)


async def test_an_export_holds_ids_only(
    client: httpx.AsyncClient, connect: Connect, create: Callable[..., Awaitable[str]]
) -> None:
    """A workflow that is given away takes no secret along."""
    connection = (await connect()).rpartition("/")[2]
    text = (await client.get(await create(**workflow_with(connection)))).text
    assert connection in text
    assert not shows(SECRET, text)


def code_connection(url: str, server: OAuthServer) -> JsonObject:
    """A connection for which somebody signs in."""
    return {
        "kind": "oauth2_authorization_code",
        "config": {
            "token_url": f"{url}/token",
            "authorization_url": f"{url}/authorize?tenant=5&state=mine",
            "client_id": server.client_id,
            "scope": "read",
            "allow_plain_http": True,
        },
        "secrets": {"client_secret": server.client_secret},
        "allowed_hosts": ["127.0.0.1"],
    }


def workflow_with(connection: str) -> JsonObject:
    """A workflow with a request that names a connection."""
    parameters: JsonObject = {"url": "https://api.example.com/", "connection": connection}
    return {
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "call", "type": "action.http_request", "parameters": parameters},
        ],
        "connections": [{"from": "start", "to": "call"}],
    }
