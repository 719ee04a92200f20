"""The way out: against real servers on this machine, and never to where a workflow may not go."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import socket
import ssl
import subprocess
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from wingbeat.core.errors import StepError
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.http import Egress
from wingbeat.egress.step_http import ConnectedHttp
from wingbeat.egress.vault import Trial, Vault
from wingbeat.nodes.action import http_request
from wingbeat.sdk import JsonObject
from wingbeat.sdk.prepare import Prepared
from wingbeat.sdk.testing import ExampleContext, ExampleNames

Answer = bytes | Callable[["Server", asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Server:
    """Gives its answers in order, the last one again and again, and keeps what came in."""

    answers: list[Answer]
    port: int = 0
    connections: int = 0
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, until the test is over."""
        self.connections += 1
        if (task := asyncio.current_task()) is not None:
            self.tasks.append(task)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = next(
                    (line[16:] for line in head.lower().split("\r\n") if line.startswith("content-length: ")), 0
                )
                self.bodies.append(await reader.readexactly(int(length)))
                self.heads.append(head)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if not isinstance(answer, bytes):
                    await answer(self, writer)
                    return
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            return
        finally:
            writer.close()

    def header(self, name: str, request: int = -1) -> str | None:
        """A header of a request that came in."""
        lines = (line.partition(": ") for line in self.heads[request].split("\r\n")[1:])
        return next((value for found, _, value in lines if found.lower() == name), None)


@asynccontextmanager
async def serving(*answers: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server on 127.0.0.1."""
    server = Server(list(answers))
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in server.tasks:
            task.cancel()
        await asyncio.gather(*server.tasks)


@asynccontextmanager
async def client(**settings: object) -> AsyncIterator[Egress]:
    """A client that may reach this machine."""
    which = {name: settings.pop(name) for name in ("allow_private", "allowed", "resolve") if name in settings}
    addresses = Addresses(**{"allow_private": True, **which})  # type: ignore[arg-type] # as the callers have it
    egress = Egress(addresses, **settings)  # type: ignore[arg-type] # as the callers have it
    try:
        yield egress
    finally:
        await egress.close()


def resolving_to(*addresses: str) -> Callable[[str, int], Awaitable[Iterable[str]]]:
    """A name service that gives these for every name."""

    async def resolve(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return resolve


def redirect(to: str, status: int = 302) -> bytes:
    """An answer that sends us elsewhere."""
    return f"HTTP/1.1 {status} Go\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


def with_body(body: bytes, *headers: str) -> bytes:
    """An answer with a body."""
    lines = "".join(f"{line}\r\n" for line in headers)
    return f"HTTP/1.1 200 OK\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def refusal(egress: Egress, url: str, **request: object) -> StepError:
    """The error that a request ends in."""
    with pytest.raises(StepError) as caught:
        await egress.send("GET", url, **request)  # type: ignore[arg-type] # as the test names them
    assert caught.value.remedy
    return caught.value


async def test_a_request_arrives_as_it_was_meant() -> None:
    """Method, path, query, headers and body, and the answer comes back whole."""
    answer = with_body(b"caf\xc3\xa9", "Content-Type: text/plain", "X-Twice: a", "x-twice: b")
    async with serving(answer) as server, client() as egress:
        url = f"http://127.0.0.1:{server.port}/a%20b?x=1#part"
        response = await egress.send(
            "post", url, headers={"X-Own": "yes"}, query=[("y", "ä&"), ("y", "2")], content=b"{}"
        )
    assert server.heads[0].split("\r\n")[0] == "POST /a%20b?x=1&y=%C3%A4%26&y=2 HTTP/1.1"
    assert (f"127.0.0.1:{server.port}", "yes") == (server.header("host"), server.header("x-own"))
    assert server.bodies == [b"{}"]
    assert (response.status, response.headers["x-twice"], response.body) == (200, "a, b", b"caf\xc3\xa9")


async def test_connections_are_kept_open() -> None:
    """Two requests to one server need one connection."""
    async with serving(OK) as server, client() as egress:
        for _ in range(3):
            await egress.send("GET", f"http://127.0.0.1:{server.port}/")
    assert (server.connections, len(server.heads)) == (1, 3)


async def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would resolve the name itself, and nothing would be checked."""
    async with serving(OK) as server, serving(OK) as proxy, client() as egress:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await egress.send("GET", f"http://127.0.0.1:{server.port}/")
    assert (server.connections, proxy.connections) == (1, 0)


async def test_no_cookie_is_kept() -> None:
    """What a server says to one workflow is not repeated by another."""
    async with serving(with_body(b"", "Set-Cookie: a=b")) as server, client() as egress:
        for _ in range(2):
            await egress.send("GET", f"http://127.0.0.1:{server.port}/")
    assert server.header("cookie") is None


REFUSED_HOSTS = [
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "0.0.0.0",  # noqa: S104 - refused, not bound
    "0",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "[fd00:ec2::254]",
    "10.0.0.1",
    "192.168.0.1",
]


@pytest.mark.parametrize("host", REFUSED_HOSTS)
async def test_no_spelling_reaches_this_machine(host: str) -> None:
    """Whatever way the address is written, nothing connects to the listener."""
    async with serving(OK) as canary, client(allow_private=False) as egress:
        error = await refusal(egress, f"http://{host}:{canary.port}/", timeout_seconds=60)
    assert (canary.connections, error.code == "EGRESS_CONNECTION_FAILED") == (0, False)
    assert error.code in {"EGRESS_ADDRESS_REFUSED", "EGRESS_URL_INVALID", "EGRESS_NAME_UNKNOWN"}


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("::ffff:127.0.0.1",), ("10.1.2.3",)])
async def test_a_name_that_leads_inside_is_refused(addresses: tuple[str, ...]) -> None:
    """One private address among public ones is enough."""
    async with (
        serving(OK) as canary,
        client(allow_private=False, resolve=resolving_to(*addresses)) as egress,
    ):
        error = await refusal(egress, f"http://api.example.com:{canary.port}/")
    assert (error.code, canary.connections) == ("EGRESS_ADDRESS_REFUSED", 0)
    assert not error.retryable


async def test_the_checked_address_is_the_one_connected_to() -> None:
    """A name is looked up once for a connection; the server still sees the name."""
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    async with serving(OK) as server, client(resolve=resolve) as egress:
        await egress.send("GET", f"http://api.example.com:{server.port}/")
    assert (["api.example.com"], f"api.example.com:{server.port}") == (asked, server.header("host"))


async def test_the_next_address_is_tried_when_one_is_down() -> None:
    """A name with two addresses is reached when one of them answers."""
    async with serving(OK) as server, client(resolve=resolving_to("::1", "127.0.0.1")) as egress:
        assert (await egress.send("GET", f"http://two.example.com:{server.port}/")).status == 200


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
async def test_tls_goes_by_the_name(tmp_path: Path) -> None:
    """The certificate is checked against the name, though the connection is made to an address."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=api.example.com"
    extended = ["-addext", "subjectAltName=DNS:api.example.com", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*make.split(), *extended], check=True, capture_output=True)  # noqa: ASYNC221, S603 - a fixed command
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with (
        serving(OK, tls=tls) as server,
        client(ssl_context=trusting, resolve=resolving_to("127.0.0.1")) as egress,
        client(resolve=resolving_to("127.0.0.1")) as stranger,
    ):
        response = await egress.send("GET", f"https://api.example.com:{server.port}/")
        wrong_name = await refusal(egress, f"https://other.example.com:{server.port}/")
        untrusted = await refusal(stranger, f"https://api.example.com:{server.port}/")
    assert (response.status, len(server.heads)) == (200, 1)
    assert [wrong_name.code, untrusted.code] == ["EGRESS_CONNECTION_FAILED"] * 2


@pytest.mark.parametrize(
    "url",
    [
        "",
        "orders",
        "/orders",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://example.com/",
        "http://",
        "http:///orders",
        "http://me:secret@example.com/",
        "http://example.com:99999/",
        "http://example.com:abc/",
        "http://exa mple.com/",
        "http://example.com/\r\nX-Evil: 1",
        "http://[::1/",
        "javascript:alert(1)",
    ],
)
async def test_addresses_that_are_none_are_refused(url: str) -> None:
    """Only whole http and https addresses without credentials are sent to."""
    async with client() as egress:
        error = await refusal(egress, url)
    assert (error.code, "secret" in str(error)) == ("EGRESS_URL_INVALID", False)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "1\r\nX-Evil: 1"},
        {"X-A\r\nX-Evil": "1"},
        {"X-A": "\u2603"},
        {"Host": "evil"},
        {"content-length": "9"},
        {"": "x"},
    ],
)
async def test_headers_cannot_break_out(headers: dict[str, str]) -> None:
    """Line breaks, other alphabets and headers that belong to the connection are refused before anything is sent."""
    async with serving(OK) as server, client() as egress:
        error = await refusal(egress, f"http://127.0.0.1:{server.port}/", headers=headers)
    assert (error.code, server.heads) == ("EGRESS_REQUEST_INVALID", [])


async def test_redirects_are_followed() -> None:
    """To a relative address, as a GET without a body; the answer says where it came from."""
    async with serving(redirect("/there?x=1"), OK) as server, client() as egress:
        base = f"http://127.0.0.1:{server.port}"
        response = await egress.send("POST", f"{base}/here", content=b"x", headers={"Content-Type": "text/plain"})
    assert [head.split("\r\n")[0] for head in server.heads] == ["POST /here HTTP/1.1", "GET /there?x=1 HTTP/1.1"]
    assert (server.bodies, server.header("content-type")) == ([b"x", b""], None)
    assert f"{base}/there?x=1" == response.url


async def test_some_redirects_keep_method_and_body() -> None:
    """307 and 308 repeat the request as it was."""
    async with serving(redirect("/there", 308), OK) as server, client() as egress:
        await egress.send("PUT", f"http://127.0.0.1:{server.port}/here", content=b"x")
    assert (server.bodies, server.heads[1].split("\r\n")[0]) == ([b"x", b"x"], "PUT /there HTTP/1.1")


async def test_secrets_do_not_follow_to_another_origin() -> None:
    """Authorization, cookies and keys under any name stay where they were meant to go."""
    secrets = {"Authorization": "Bearer t", "Cookie": "a=b", "X-API-Key": "k", "Accept": "text/csv"}
    async with (
        client() as egress,
        serving(OK) as other,
        serving(redirect(f"http://127.0.0.1:{other.port}/")) as server,
    ):
        await egress.send("GET", f"http://127.0.0.1:{server.port}/", headers=secrets)
    assert [other.header(name) for name in ("authorization", "cookie", "x-api-key")] == [None, None, None]
    assert other.header("accept") == "text/csv"


async def test_secrets_follow_within_an_origin() -> None:
    """A server that redirects to itself still knows who is asking."""
    async with serving(redirect("/there"), OK) as server, client() as egress:
        await egress.send("GET", f"http://127.0.0.1:{server.port}/", headers={"X-API-Key": "k"})
    assert server.header("x-api-key") == "k"


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}/", "http://169.254.169.254/latest", "http://[::1]:{port}/"]
)
async def test_a_redirect_inside_is_refused(target: str) -> None:
    """A public server cannot send us to a private address."""
    async with serving(OK) as canary, serving(redirect(target.format(port=canary.port))) as server, client() as egress:

        async def resolve(host: str, _port: int) -> list[str]:
            # The first hop must reach the test's own server, so the check begins with the second.
            egress._backend._addresses._allow_private = host == "public.example.com"
            return ["127.0.0.1" if host == "public.example.com" else host]

        egress._backend._addresses._resolve = resolve
        error = await refusal(egress, f"http://public.example.com:{server.port}/")
    assert (error.code, server.connections, canary.connections) == ("EGRESS_ADDRESS_REFUSED", 1, 0)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://me:secret@127.0.0.1/", "http://[", "gopher://x/"])
async def test_a_redirect_to_what_is_no_address_is_refused(target: str) -> None:
    """The same rules hold for where a server sends us."""
    async with serving(redirect(target)) as server, client() as egress:
        error = await refusal(egress, f"http://127.0.0.1:{server.port}/")
    assert error.code == "EGRESS_URL_INVALID"


async def test_redirects_end() -> None:
    """Two addresses that point at each other are given up after ten times."""
    async with serving(redirect("/again")) as server, client() as egress:
        error = await refusal(egress, f"http://127.0.0.1:{server.port}/")
    assert (error.code, len(server.heads)) == ("EGRESS_TOO_MANY_REDIRECTS", 11)


async def test_redirects_can_be_left_alone() -> None:
    """The answer itself comes back then."""
    async with serving(redirect("/there")) as server, client() as egress:
        response = await egress.send("GET", f"http://127.0.0.1:{server.port}/", follow_redirects=False)
    assert (response.status, response.headers["location"]) == (302, "/there")


RAW_DEFLATE = zlib.compressobj(wbits=-15)
PACKED = [
    ("gzip", gzip.compress(b"hello" * 100, mtime=0)),
    ("x-gzip", gzip.compress(b"hello" * 100, mtime=0)),
    ("deflate", zlib.compress(b"hello" * 100)),
    ("deflate", RAW_DEFLATE.compress(b"hello" * 100) + RAW_DEFLATE.flush()),
    ("identity", b"hello" * 100),
]


@pytest.mark.parametrize(("encoding", "packed"), PACKED)
async def test_packed_answers_are_unpacked(encoding: str, packed: bytes) -> None:
    """Gzip and deflate, with and without its head."""
    async with serving(with_body(packed, f"Content-Encoding: {encoding}")) as server, client() as egress:
        assert (await egress.send("GET", f"http://127.0.0.1:{server.port}/")).body == b"hello" * 100


@pytest.mark.parametrize(
    ("encoding", "body"), [("gzip", b"no gzip"), ("gzip", PACKED[0][1][:-12]), ("br", b"x"), ("gzip, gzip", b"x")]
)
async def test_answers_that_cannot_be_unpacked_are_errors(encoding: str, body: bytes) -> None:
    """Garbage, a body that ends too soon, and a packing that was not asked for."""
    async with serving(with_body(body, f"Content-Encoding: {encoding}")) as server, client() as egress:
        error = await refusal(egress, f"http://127.0.0.1:{server.port}/")
    assert error.code == "EGRESS_RESPONSE_INVALID"


async def endless(_server: Server, writer: asyncio.StreamWriter) -> None:
    """Send for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        await writer.drain()


TOO_LARGE: list[Answer] = [
    with_body(b"x" * 20_001),
    b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nxx",
    with_body(gzip.compress(bytes(50_000_000), mtime=0), "Content-Encoding: gzip"),
    endless,
]


@pytest.mark.parametrize("answer", TOO_LARGE, ids=["honest", "announced", "bomb", "endless"])
async def test_answers_that_are_too_large_are_cut_off(answer: Answer) -> None:
    """By what is announced, by what comes, and by what a bomb would unpack to."""
    async with serving(answer) as server, client(max_response_bytes=20_000) as egress:
        error = await refusal(egress, f"http://127.0.0.1:{server.port}/")
    assert (error.code, error.retryable) == ("EGRESS_RESPONSE_TOO_LARGE", False)


async def test_an_answer_of_just_the_size_passes() -> None:
    """The limit itself is allowed."""
    async with serving(with_body(b"x" * 20_000)) as server, client(max_response_bytes=20_000) as egress:
        assert len((await egress.send("GET", f"http://127.0.0.1:{server.port}/")).body) == 20_000


async def silent(_server: Server, _writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def trickling(_server: Server, writer: asyncio.StreamWriter) -> None:
    """Send a byte whenever the last one has gone, for ever, and so never let a read run out of time."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.01)


@pytest.mark.parametrize("answer", [silent, trickling])
async def test_no_server_holds_us_for_ever(answer: Answer) -> None:
    """The time holds for the whole request, not for each byte."""
    async with serving(answer) as server, client() as egress:
        error = await refusal(egress, f"http://127.0.0.1:{server.port}/", timeout_seconds=0.2)
    assert (error.code, error.retryable, error.uncertain) == ("EGRESS_TIMEOUT", True, True)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n",
    ],
    ids=["nothing", "nonsense", "short", "long-header", "many-headers"],
)
async def test_servers_that_break_the_rules_end_in_an_error(answer: bytes) -> None:
    """Nothing, nonsense, less than announced, and headers without end."""

    async def say(_server: Server, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    async with serving(say) as server, client() as egress:
        error = await refusal(egress, f"http://127.0.0.1:{server.port}/", timeout_seconds=60)
    assert error.code in {"EGRESS_CONNECTION_FAILED", "EGRESS_RESPONSE_INVALID"}


async def hanging_up(_server: Server, _writer: asyncio.StreamWriter) -> None:
    """Take the request, and give nothing."""


async def test_a_server_that_hangs_up_may_have_done_its_work() -> None:
    """The request was sent, so nobody knows."""
    async with serving(hanging_up) as server, client() as egress:
        error = await refusal(egress, f"http://127.0.0.1:{server.port}/")
    assert (error.code, error.retryable, error.uncertain) == ("EGRESS_CONNECTION_FAILED", True, True)


async def test_a_server_that_is_not_there_is_worth_another_try() -> None:
    """A refused connection is retryable, and nothing can have been done."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with client() as egress:
            error = await refusal(egress, f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert (error.code, error.retryable, error.uncertain) == ("EGRESS_CONNECTION_FAILED", True, False)


async def test_a_redirect_to_nowhere_leaves_open_what_the_first_server_did() -> None:
    """It has taken the request, though no connection to the second one comes about."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        elsewhere = redirect(f"http://127.0.0.1:{taken.getsockname()[1]}/", 303)
        async with serving(elsewhere) as server, client() as egress:
            error = await refusal(egress, f"http://127.0.0.1:{server.port}/")
    assert (error.code, error.uncertain) == ("EGRESS_CONNECTION_FAILED", True)


async def test_time_that_is_up_before_anything_is_sent_leaves_no_doubt() -> None:
    """As when the name service does not answer: the other side knows of nothing."""

    async def never(_host: str, _port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    async with client(resolve=never) as egress:
        error = await refusal(egress, "http://slow.example.com/", timeout_seconds=0.05)
    assert (error.code, error.retryable, error.uncertain) == ("EGRESS_TIMEOUT", True, False)


async def test_a_name_without_address_is_an_error() -> None:
    """An unknown name, and a name service that is out."""

    async def out(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    async with client(resolve=resolving_to()) as unknown, client(resolve=out) as failing:
        codes = [(await refusal(egress, "http://absent.example.com/")).code for egress in (unknown, failing)]
    assert codes == ["EGRESS_NAME_UNKNOWN"] * 2


async def test_a_query_is_not_shown_in_errors() -> None:
    """It may hold a key."""
    async with serving(redirect("/again?key=secret")) as server, client() as egress:
        error = await refusal(egress, f"http://127.0.0.1:{server.port}/", query=[("key", "secret")])
    assert "secret" not in str(error)


async def test_a_head_request_has_no_body() -> None:
    """Whatever length its answer announces."""
    async with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n") as server, client() as egress:
        response = await egress.send("HEAD", f"http://127.0.0.1:{server.port}/")
    assert (response.body, response.headers["content-length"]) == (b"", "99999999999")


async def test_a_cancelled_request_leaves_the_client_usable() -> None:
    """An execution that is cancelled in the middle takes nothing from the others."""
    async with serving(silent, OK) as server, client() as egress:
        url = f"http://127.0.0.1:{server.port}/"
        waiting = asyncio.ensure_future(egress.send("GET", url))
        while not server.heads:
            await asyncio.wait([waiting], timeout=0.01)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert (await egress.send("GET", url)).status == 200


async def test_the_http_request_node_goes_out_through_it() -> None:
    """Node and client speak the same language: what the server sees and what comes out of the node."""
    served = with_body(b'{"id": 7}', "Content-Type: application/json")
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n"
    async with serving(served, busy) as server, client() as egress:
        raw: JsonObject = {
            "method": "POST",
            "url": f"http://127.0.0.1:{server.port}/",
            "body": {"a": 1},
            "query": {"b": 2},
        }
        parameters = cast("Prepared", http_request.NODE.read(raw).prepared).resolve(ExampleNames({}))
        context = ExampleContext(http=ConnectedHttp(egress, cast("Vault", None)).for_step(Trial()))
        outcome = await http_request.run(cast("http_request.HttpRequest", parameters), context)
        with pytest.raises(StepError) as caught:
            await http_request.run(cast("http_request.HttpRequest", parameters), context)
    assert server.heads[0].split("\r\n")[0] == "POST /?b=2 HTTP/1.1"
    assert (server.bodies[0], server.header("idempotency-key")) == (b'{"a":1}', "example")
    assert {"status": 200, "body": {"id": 7}}.items() <= cast("dict[str, object]", outcome.output).items()
    assert (caught.value.retryable, caught.value.details["retry_after_seconds"]) == (True, 5.0)
