"""OAuth tokens: fetched when they are needed, renewed in time, by one process for all, and never seen."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from tests.rig.connections import KEYS, dump, put_connection, shows
from tests.rig.web import Asked, OAuthServer, Reply, Web, web

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import JsonObject
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.http import Egress
from wingbeat.egress.step_http import ConnectedHttp
from wingbeat.egress.vault import Trial, Vault
from wingbeat.sdk.context import HttpResponse
from wingbeat.storage.pool import Database

HERE = ["127.0.0.1"]
CLIENT = "oauth2_client_credentials"
CODE = "oauth2_authorization_code"
VERIFIER = "v" * 50
Connect = Callable[..., Awaitable[str]]


@pytest.fixture
def server() -> OAuthServer:
    """What the server knows."""
    return OAuthServer()


@pytest.fixture
async def served(server: OAuthServer) -> AsyncIterator[Web]:
    """The server, up."""
    async with web(server) as opened:
        yield opened


@pytest.fixture
async def http(database: Database) -> AsyncIterator[ConnectedHttp]:
    """The way out of one process."""
    async with way_out(database) as opened:
        yield opened


@pytest.fixture
def connect(database: Database, served: Web, server: OAuthServer) -> Connect:
    """Makes a connection to the server."""

    async def put(kind: str = CLIENT, secret: str | None = None, **config: object) -> str:
        given: JsonObject = {"token_url": f"{served.url}/token", "client_id": "client-1", "allow_plain_http": True}
        if kind == CODE:
            given["authorization_url"] = f"{served.url}/authorize"
        secrets = {"client_secret": secret or server.client_secret}
        return str(await put_connection(database, kind, {**given, **config}, secrets, allowed_hosts=HERE))  # type: ignore[dict-item] # JSON

    return put


@asynccontextmanager
async def way_out(database: Database) -> AsyncIterator[ConnectedHttp]:
    """The way out of one process."""
    egress = Egress(Addresses(allow_private=True))
    yield ConnectedHttp(egress, Vault(database, KEYS))
    await egress.close()


async def call(http: ConnectedHttp, served: Web, connection: str) -> HttpResponse:
    """Ask the API."""
    return await http.for_step(Trial()).send("GET", f"{served.url}/hello", connection=connection)


async def refusal(http: ConnectedHttp, served: Web, connection: str) -> StepError:
    """The error of a call that must fail."""
    with pytest.raises(StepError) as caught:
        await call(http, served, connection)
    return caught.value


async def authorize(http: ConnectedHttp, server: OAuthServer, connection: str) -> None:
    """What the callback does after somebody signed in."""
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    server.challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    async with http.vault.use(connection, Trial(), (CODE,)) as opened:
        await http.tokens.exchange(opened, "the-code-of-the-sign-in", VERIFIER, "http://localhost/callback")


def tokens_asked(served: Web) -> list[Asked]:
    """The requests for tokens."""
    return [asked for asked in served.asked if asked.path == "/token"]


@pytest.mark.parametrize("where", ["basic", "body"])
async def test_a_token_is_fetched_once_and_used(http: ConnectedHttp, served: Web, connect: Connect, where: str) -> None:
    """The client's secret goes where the server wants it; what was asked for is sent along."""
    config = {"client_authentication": where, "scope": "read write", "parameters": {"audience": "api"}}
    connection = await connect(**config)
    assert [(await call(http, served, connection)).status for _ in range(2)] == [200, 200]
    [asked] = tokens_asked(served)
    assert {"grant_type": "client_credentials", "scope": "read write", "audience": "api"}.items() <= asked.form.items()


async def test_a_token_is_renewed_before_it_ends(
    http: ConnectedHttp, served: Web, server: OAuthServer, connect: Connect, database: Database
) -> None:
    """And not long before: a tenth of its life is not the time yet."""
    connection = await connect()
    await call(http, served, connection)
    await database.pool.execute(
        "UPDATE connector_secrets SET expires_at = now() + interval '70 s' WHERE purpose = 'tokens'"
    )
    await call(http, served, connection)
    assert server.issued == 1
    await database.pool.execute(
        "UPDATE connector_secrets SET expires_at = now() + interval '50 s' WHERE purpose = 'tokens'"
    )
    await call(http, served, connection)
    assert server.issued == 2


async def test_a_token_that_is_not_taken_any_more_is_renewed_once(
    http: ConnectedHttp, served: Web, server: OAuthServer, connect: Connect
) -> None:
    """A 401 leads to one new token and one more try; a second one is the answer."""
    connection = await connect()
    await call(http, served, connection)
    server.access_token = "withdrawn"  # noqa: S105 - no secret
    assert (await call(http, served, connection)).status == 200
    assert server.issued == 2
    async with web(lambda _: Reply(401)) as stubborn:
        assert (await call(http, stubborn, connection)).status == 401
        assert len(stubborn.asked) == 2
    assert server.issued == 3


async def test_processes_that_need_a_token_together_fetch_one(
    served: Web, server: OAuthServer, connect: Connect, database_dsn: str
) -> None:
    """A refresh token holds once: the second of two that use it would lose the authorisation."""
    async with AsyncExitStack() as stack:
        ways = []
        for _ in range(3):
            own = await Database.open(database_dsn, max_size=2)
            stack.push_async_callback(own.close)
            ways.append(await stack.enter_async_context(way_out(own)))
        connection = await connect(CODE)
        await authorize(ways[0], server, connection)
        server.access_token = "withdrawn"  # noqa: S105 - no secret
        answers = await asyncio.gather(*(call(way, served, connection) for way in ways for _ in range(4)))
    assert [answer.status for answer in answers] == [200] * 12
    assert server.refused == []
    assert [asked.form["grant_type"] for asked in tokens_asked(served)] == ["authorization_code", "refresh_token"]


async def test_a_new_refresh_token_takes_the_place_of_the_old(
    http: ConnectedHttp, served: Web, server: OAuthServer, connect: Connect
) -> None:
    """Each holds once, so the third renewal works only if the second one's was kept."""
    connection = await connect(CODE)
    await authorize(http, server, connection)
    for _ in range(3):
        server.access_token = "withdrawn"  # noqa: S105 - no secret
        assert (await call(http, served, connection)).status == 200
    assert (server.refused, server.issued) == ([], 4)


async def test_without_an_authorisation_it_says_how_to_get_one(
    http: ConnectedHttp, served: Web, server: OAuthServer, connect: Connect
) -> None:
    """Before the first one, and after the server took it back."""
    connection = await connect(CODE)
    assert (await refusal(http, served, connection)).code == "CONNECTION_NOT_AUTHORIZED"
    await authorize(http, server, connection)
    server.access_token = server.refresh_token = "withdrawn"  # noqa: S105 - no secret
    error = await refusal(http, served, connection)
    assert (error.code, error.retryable) == ("CONNECTION_AUTHORIZATION_LOST", False)


async def test_a_refusal_shows_no_secret(
    http: ConnectedHttp, served: Web, connect: Connect, caplog: pytest.LogCaptureFixture, database: Database
) -> None:
    """The server's own words hold what was sent to it, and stay out."""
    wrong = "wrong/secret+value=9"
    with caplog.at_level(logging.DEBUG):
        error = await refusal(http, served, await connect(secret=wrong, client_authentication="body"))
    assert (error.code, error.details["error"], error.retryable) == (
        "CONNECTION_TOKEN_REFUSED",
        "invalid_client",
        False,
    )
    assert not shows(wrong, f"{error} {error.to_json()} {caplog.text}")
    assert not shows(wrong, await dump(database))


async def test_tokens_are_not_to_be_seen_in_the_database(
    http: ConnectedHttp, served: Web, server: OAuthServer, connect: Connect, database: Database
) -> None:
    """Neither they nor the client's secret."""
    connection = await connect(CODE)
    await authorize(http, server, connection)
    await call(http, served, connection)
    rows = await dump(database)
    assert not any(shows(secret, rows) for secret in (server.access_token, server.refresh_token, server.client_secret))


async def test_a_token_server_that_is_down_opens_the_breaker(
    http: ConnectedHttp, served: Web, server: OAuthServer, connect: Connect
) -> None:
    """The node's own request was not sent, so nothing is uncertain."""
    connection = await connect(breaker={"failures": 2, "cool_down_seconds": 1000})
    server.failing = 503
    errors = [await refusal(http, served, connection) for _ in range(3)]
    assert [error.code for error in errors] == [
        "CONNECTION_TOKEN_UNAVAILABLE", "CONNECTION_TOKEN_UNAVAILABLE", "CONNECTION_CIRCUIT_OPEN",
    ]  # fmt: skip
    assert [(error.retryable, error.uncertain) for error in errors] == [(True, False)] * 3


@pytest.mark.parametrize("answer", [b"", b"[]", b"nonsense", b'{"access_token": 5}', b'{"access_token": ""}', b"{}"])
async def test_an_answer_without_a_token_is_refused(http: ConnectedHttp, connect: Connect, answer: bytes) -> None:
    """Whatever else it is."""
    async with web(lambda _: Reply(200, answer)) as odd:
        error = await refusal(http, odd, await connect(token_url=f"{odd.url}/token"))
    assert error.code == "CONNECTION_TOKEN_REFUSED"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "127.1", "0", "0.0.0",
        "169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "10.0.0.1", "192.168.1.1", "172.16.0.1", "localhost.",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "168.63.129.16",
    ],
)  # fmt: skip
async def test_a_token_address_inside_is_refused(database: Database, served: Web, connect: Connect, host: str) -> None:
    """Whoever enters a token address cannot reach this machine or its network by it."""
    connection = await connect(token_url=f"http://{host}:{served.port}/token")
    egress = Egress()
    error = await refusal(ConnectedHttp(egress, Vault(database, KEYS)), served, connection)
    await egress.close()
    assert error.code in {"EGRESS_ADDRESS_REFUSED", "EGRESS_NAME_UNKNOWN", "EGRESS_URL_INVALID"}
    assert served.asked == []


async def test_a_redirect_of_the_token_server_is_not_followed(
    http: ConnectedHttp, served: Web, connect: Connect
) -> None:
    """The client's secret is in the body, and a body follows some redirects."""
    async with web(lambda _: Reply(307, b"", (f"Location: {served.url}/token",))) as sending:
        error = await refusal(http, served, await connect(token_url=f"{sending.url}/token"))
    assert (error.code, served.asked) == ("CONNECTION_TOKEN_REFUSED", [])


async def test_a_token_of_another_row_does_not_open(
    http: ConnectedHttp, served: Web, connect: Connect, database: Database
) -> None:
    """Tokens are bound to their connection as secrets are."""
    one, other = await connect(), await connect()
    for connection in (one, other):
        await call(http, served, connection)
    await database.pool.execute(
        "UPDATE connector_secrets s SET (wrapped_key, payload) = (o.wrapped_key, o.payload) FROM connector_secrets o "
        "WHERE s.purpose = 'tokens' AND o.purpose = 'tokens' AND s.connection_id = $1 AND o.connection_id = $2",
        one, other,
    )  # fmt: skip
    assert (await refusal(http, served, one)).code == "CONNECTION_UNDECRYPTABLE"


async def test_while_one_fetches_the_pool_is_free(
    served: Web, server: OAuthServer, connect: Connect, database_dsn: str
) -> None:
    """Those who wait for a token hold no connection of the pool, whose number is small."""
    entered, go = asyncio.Event(), asyncio.Event()
    give = server.give

    async def slowly(asked: Asked) -> Reply:
        entered.set()
        await go.wait()
        return await give(asked)

    server.give = slowly  # type: ignore[method-assign] # a slow server
    own = await Database.open(database_dsn, max_size=2)
    async with way_out(own) as http:
        connection = await connect()
        calls = [asyncio.create_task(call(http, served, connection)) for _ in range(6)]
        await entered.wait()
        assert await own.pool.fetchval("SELECT 1") == 1
        go.set()
        assert {(await one).status for one in calls} == {200}
    await own.close()


async def test_a_connection_that_is_gone_fails_as_such(http: ConnectedHttp, served: Web, connect: Connect) -> None:
    """Deleted while a workflow still names it."""
    connection = await connect()
    await http.vault.database.pool.execute("DELETE FROM connector_instances")
    assert (await refusal(http, served, connection)).code == "CONNECTION_UNKNOWN"
