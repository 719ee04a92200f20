"""Requests with a connection: who is asking goes along, to where it is meant for, and is never seen by the node."""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import quote

import pytest
from tests.rig.connections import KEYS, dump, put_connection, shows
from tests.rig.web import Asked, Reply, Web, web

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import JsonObject
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.http import Egress
from wingbeat.egress.scrubbing import Scrubber
from wingbeat.egress.step_http import ConnectedHttp, StepHttp
from wingbeat.egress.vault import Trial, Vault
from wingbeat.sdk.context import HttpResponse, Upload
from wingbeat.storage.pool import Database

SECRET = "k3y/with+odd=signs-1"  # noqa: S105
HERE = ["127.0.0.1"]
PLAIN: JsonObject = {"allow_plain_http": True}
Connect = Callable[..., Awaitable[str]]


@pytest.fixture
async def connected(database: Database) -> AsyncIterator[ConnectedHttp]:
    """The way out, with connections."""
    egress = Egress(Addresses(allow_private=True))
    yield ConnectedHttp(egress, Vault(database, KEYS))
    await egress.close()


@pytest.fixture
def http(connected: ConnectedHttp) -> StepHttp:
    """The way out of one step."""
    return connected.for_step(Trial())


@pytest.fixture
def connect(database: Database) -> Connect:
    """Makes a connection that may be used on this machine."""

    async def put(kind: str, secrets: dict[str, str], hosts: list[str] = HERE, **config: object) -> str:
        return str(await put_connection(database, kind, {**PLAIN, **config}, secrets, allowed_hosts=hosts))  # type: ignore[dict-item] # JSON

    return put


def answering(*replies: Reply) -> Callable[[Asked], Reply]:
    """Gives its answers in order, the last one again and again."""
    left = list(replies)
    return lambda _asked: left.pop(0) if len(left) > 1 else left[0]


async def refusal(sending: Awaitable[HttpResponse]) -> StepError:
    """The error of a request that must fail."""
    with pytest.raises(StepError) as caught:
        await sending
    return caught.value


async def last(served: Web, http: StepHttp, connection: str, path: str = "/", **parts: object) -> Asked:
    """What the server saw of a request."""
    await http.send("POST", served.url + path, connection=connection, **parts)  # type: ignore[arg-type] # as callers have it
    return served.asked[-1]


async def test_each_kind_says_who_is_asking(http: StepHttp, connect: Connect) -> None:
    """A key in a header or in the query, a token, a user name and a password."""
    async with web(answering(Reply())) as served:
        key = await last(served, http, await connect("api_key", {"api_key": SECRET}, name="X-Key"))
        assert key.headers["x-key"] == SECRET
        query = await connect("api_key", {"api_key": SECRET}, placement="query", name="key")
        assert (await last(served, http, query, "/?a=1")).query == {"a": "1", "key": SECRET}
        token = await last(served, http, await connect("bearer", {"token": SECRET}))
        assert token.headers["authorization"] == f"Bearer {SECRET}"
        basic = await connect("basic", {"password": SECRET}, username="me")
        expected = "Basic " + b64encode(f"me:{SECRET}".encode()).decode()
        assert (await last(served, http, basic)).headers["authorization"] == expected


async def test_a_signature_is_over_the_raw_body(http: StepHttp, connect: Connect) -> None:
    """With the time in it where that is asked for; the server can check both."""
    body = b'{"a": 1}\xff\x00'
    async with web(answering(Reply())) as served:
        plain = await connect("hmac", {"key": SECRET}, header="X-Hub", prefix="sha256=")
        asked = await last(served, http, plain, content=body)
        assert asked.headers["x-hub"] == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        dated = await connect("hmac", {"key": SECRET}, timestamp_header="X-Time", algorithm="sha512", encoding="base64")
        asked = await last(served, http, dated, content=body)
        signed = asked.headers["x-time"].encode() + b"." + body
        expected = b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha512).digest()).decode()
        assert asked.headers["x-signature"] == expected


async def test_the_connection_wins_over_the_node(http: StepHttp, connect: Connect) -> None:
    """A node cannot send something else in the place of the credential."""
    async with web(answering(Reply())) as served:
        asked = await last(served, http, await connect("bearer", {"token": SECRET}), headers={"AUTHORIZATION": "mine"})
    assert asked.headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("hosts", [["api.example.com"], ["*.0.0.1"], ["localhost"]])
async def test_nothing_goes_to_another_host(http: StepHttp, connect: Connect, hosts: list[str]) -> None:
    """The node says where, the connection says whether."""
    async with web(answering(Reply())) as served:
        connection = await connect("bearer", {"token": SECRET}, hosts)
        error = await refusal(http.send("GET", served.url, connection=connection))
    assert (error.code, error.retryable, served.asked) == ("CONNECTION_HOST_REFUSED", False, [])


async def test_nothing_goes_out_for_all_to_read(http: StepHttp, connect: Connect) -> None:
    """Without TLS only where the connection permits it."""
    async with web(answering(Reply())) as served:
        connection = await connect("bearer", {"token": SECRET}, allow_plain_http=False)
        error = await refusal(http.send("GET", served.url, connection=connection))
    assert (error.code, served.asked) == ("CONNECTION_NEEDS_TLS", [])


async def test_a_redirect_to_a_host_that_is_not_allowed_is_refused(http: StepHttp, connect: Connect) -> None:
    """Also where the way there begins at one that is."""
    async with web(answering(Reply())) as other:
        sending = Reply(302, b"", (f"Location: http://localhost:{other.port}/",))
        async with web(answering(sending)) as served:
            connection = await connect("bearer", {"token": SECRET})
            error = await refusal(http.send("GET", served.url, connection=connection))
        assert (error.code, other.asked) == ("CONNECTION_HOST_REFUSED", [])


@pytest.mark.parametrize("placement", ["header", "query"])
async def test_a_redirect_to_another_origin_goes_without(http: StepHttp, connect: Connect, placement: str) -> None:
    """Another port is another server, allowed host or not; and there is no way back to where it held."""
    ports: list[int] = []
    async with web(lambda _: Reply(307, b"", (f"Location: http://127.0.0.1:{ports[0]}/back",))) as other:
        there = Reply(307, b"", (f"Location: {other.url}/there",))
        async with web(answering(there, Reply())) as served:
            ports.append(served.port)
            connection = await connect("api_key", {"api_key": SECRET}, placement=placement, name="key")
            await http.send("GET", served.url, connection=connection)
    assert shows(SECRET, repr(served.asked[0]))
    assert not shows(SECRET, repr((other.asked, served.asked[1])))


async def test_a_redirect_within_the_origin_keeps_it(http: StepHttp, connect: Connect) -> None:
    """The same server still knows who is asking."""
    async with web(answering(Reply(302, b"", ("Location: /there?b=2",)), Reply())) as served:
        connection = await connect("api_key", {"api_key": SECRET}, placement="query", name="key")
        answer = await http.send("GET", served.url + "/?a=1", connection=connection)
    assert [asked.query for asked in served.asked] == [{"a": "1", "key": SECRET}, {"b": "2", "key": SECRET}]
    assert answer.url == f"{served.url}/there?b=2"


async def test_an_answer_that_sends_back_what_it_got_shows_nothing(
    http: StepHttp, connect: Connect, database: Database
) -> None:
    """Servers for tests do so, and what a node gets is kept in the journal."""

    def echo(asked: Asked) -> Reply:
        body = repr(asked.headers).encode()
        return Reply(500, body, (f"X-Got: {asked.headers['authorization']}",))

    async with web(echo) as served:
        for kind, secrets, config in (
            ("bearer", {"token": SECRET}, {}),
            ("basic", {"password": SECRET}, {"username": "me"}),
        ):
            answer = await http.send("GET", served.url, connection=await connect(kind, secrets, **config))
            assert not shows(SECRET, repr(answer))
    assert not shows(SECRET, await dump(database))


async def test_a_stream_shows_nothing_either(http: StepHttp, connect: Connect) -> None:
    """Not even a secret that two parts hold one half of each."""

    def echo(asked: Asked) -> Reply:
        return Reply(200, (b"." * 100_000 + asked.headers["authorization"].encode()) * 3)

    async with web(echo) as served:
        connection = await connect("bearer", {"token": SECRET})
        async with http.stream("GET", served.url, connection=connection) as answer:
            body = b"".join([chunk async for chunk in answer.chunks])
    assert body == (b"." * 100_000 + b"***") * 3


async def test_an_upload_is_signed_as_it_is_sent(http: StepHttp, connect: Connect) -> None:
    """A body that is not in memory as a whole has the signature of the whole."""
    parts = [b"one ", b"two ", b"three"]

    async def read() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    async with web(answering(Reply())) as served:
        upload = Upload(sum(map(len, parts)), read)
        asked = await last(served, http, await connect("hmac", {"key": SECRET}), content=upload)
    assert asked.body == b"".join(parts)
    assert asked.headers["x-signature"] == hmac.new(SECRET.encode(), asked.body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("secret", ["a/b&c<d>e\"f'g\\h", "schlüssel/mit&zeichen", SECRET])
def test_a_secret_is_known_in_all_ways_to_write_it(secret: str) -> None:
    """As URLs, pages, and the JSON of Python, PHP and Go have it."""
    shown = json.dumps(secret)[1:-1]
    for text in (
        secret,
        shown,
        shown.replace("/", "\\/"),
        json.dumps(secret, ensure_ascii=False)[1:-1]
        .replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e"),
        json.dumps(shown.replace("/", "\\/"))[1:-1],
        html.escape(secret),
        quote(secret, safe=""),
        re.sub("%..", lambda found: found[0].lower(), quote(secret, safe="")),
        b64encode(secret.encode()).decode(),
    ):
        assert Scrubber([secret]).scrub_bytes(f"<{text}>".encode()) == b"<***>", text


def test_the_beginning_of_a_secret_is_one_where_a_text_was_cut() -> None:
    """Errors are, by whoever made them; what the beginning and another text have in common goes with it."""
    error = StepError(f"It said {SECRET[:-3]}", code="X", details={"body": [f"{SECRET} {SECRET[:9]}", SECRET[:7]]})
    scrubbed = Scrubber([SECRET]).scrub_error(error)
    assert (scrubbed.message, scrubbed.details) == ("It said ***", {"body": ["*** ***", SECRET[:7]]})


@pytest.mark.parametrize("width", [1, 7, 19, 40, 1000])
async def test_where_parts_end_makes_no_difference(width: int) -> None:
    """Whatever the server cuts it into."""
    body = f"a{SECRET}b{SECRET}{SECRET}c{SECRET[:-1]}".encode()

    async def cut() -> AsyncIterator[bytes]:
        for start in range(0, len(body), width):
            yield body[start : start + width]

    came = b"".join([chunk async for chunk in Scrubber([SECRET]).scrub_chunks(cut())])
    assert came == f"a***b******c{SECRET[:-1]}".encode()


async def test_a_secret_that_no_header_can_carry_is_not_shown(http: StepHttp, connect: Connect) -> None:
    """The HTTP library would quote it in its message."""
    for odd in ("line\r\nbreak-secret", "schlüssel-secret", "tab\tsecret"):
        connection = await connect("bearer", {"token": odd})
        error = await refusal(http.send("GET", "http://127.0.0.1:1/", connection=connection))
        assert error.code == "CONNECTION_SECRET_UNUSABLE"
        assert "secret-" not in str(error)
        assert not shows(odd, f"{error} {error.to_json()}")


async def test_servers_that_fail_open_the_breaker(http: StepHttp, connect: Connect) -> None:
    """A 5xx counts, a 4xx does not, nobody listening does."""
    breaker = {"failures": 2, "cool_down_seconds": 1000}
    async with web(answering(Reply(500), Reply(404), Reply(500), Reply(502))) as served:
        connection = await connect("bearer", {"token": SECRET}, breaker=breaker)
        for _ in range(4):
            await http.send("GET", served.url, connection=connection)
        error = await refusal(http.send("GET", served.url, connection=connection))
    assert (error.code, len(served.asked)) == ("CONNECTION_CIRCUIT_OPEN", 4)
    nobody = await connect("bearer", {"token": SECRET}, breaker=breaker)
    codes = [(await refusal(http.send("GET", "http://127.0.0.1:1/", connection=nobody))).code for _ in range(3)]
    assert codes == ["EGRESS_CONNECTION_FAILED", "EGRESS_CONNECTION_FAILED", "CONNECTION_CIRCUIT_OPEN"]


async def test_a_kind_for_something_else_is_refused(http: StepHttp, database: Database) -> None:
    """A database's password is not for a web server."""
    config: JsonObject = {"host": "127.0.0.1", "database": "d"}
    connection = await put_connection(database, "sql", config, {"password": SECRET})
    error = await refusal(http.send("GET", "http://127.0.0.1:1/", connection=str(connection)))
    assert error.code == "CONNECTION_WRONG_KIND"


async def test_a_server_of_tools_gets_its_token(http: StepHttp, database: Database) -> None:
    """At the address in its own settings, and nowhere else."""
    async with web(answering(Reply())) as served:
        config: JsonObject = {"url": f"{served.url}/mcp"}
        found = str(await put_connection(database, "mcp", config, {"token": SECRET}))
        await http.send("POST", f"{served.url}/mcp", connection=found)
        error = await refusal(http.send("POST", f"http://localhost:{served.port}/mcp", connection=found))
        await http.send("POST", served.url, connection=str(await put_connection(database, "mcp", config)))
    assert error.code == "CONNECTION_HOST_REFUSED"
    assert [asked.headers.get("authorization") for asked in served.asked] == [f"Bearer {SECRET}", None]


async def test_a_header_of_the_node_is_not_quoted(http: StepHttp) -> None:
    """What cannot be sent may be a key that somebody wrote into the node."""
    error = await refusal(http.send("GET", "http://127.0.0.1:1/", headers={"X-Key": f"{SECRET}\n"}))
    assert error.code in {"EGRESS_REQUEST_INVALID", "EGRESS_CONNECTION_FAILED"}
    async with web(answering(Reply())) as served:
        error = await refusal(http.send("GET", served.url, headers={"X-Key": f"{SECRET}\n"}))
    assert error.code == "EGRESS_REQUEST_INVALID"
    assert not shows(SECRET, f"{error} {error.to_json()}")
