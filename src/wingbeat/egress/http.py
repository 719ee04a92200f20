"""The one way out to the network: every request of every node goes through here, and no address goes unchecked.

A name is resolved here, every address that it gives is checked (`wingbeat.egress.addresses`), and the connection is
made to a checked address, so that a second look-up cannot lead elsewhere. The same holds for each redirect. What comes
back is bounded in time, in size and in number of headers.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import httpcore
import httpx

from wingbeat.core.errors import StepError
from wingbeat.egress.addresses import Addresses, CheckedBackend
from wingbeat.sdk.context import HttpResponse, HttpStream, Upload

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from wingbeat.egress.credential import Credential

MAX_RESPONSE_BYTES = 32_000_000
MAX_REDIRECTS = 10
MAX_HEADERS = 200
MAX_REDIRECT_BYTES = 65_536
UNPACKED_BYTES = 65_536
CONNECT_SECONDS = 10.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEEP_METHOD = frozenset({307, 308})
MAX_PORT = 65535
# A name in its ASCII form, or an address. Underscores are no part of the rules, but of the world.
HOST = re.compile(r"[A-Za-z0-9_.:-]+")
QUOTED = re.compile(r" b?['\"]")
# What may follow a redirect to another origin. Anything else may be a key, whatever its name.
HARMLESS_HEADERS = frozenset({"accept", "accept-language", "accept-encoding", "user-agent", "content-type"})
FRAMING_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "expect"})
BODY_HEADERS = frozenset({"content-type", "content-length", "content-encoding"})


class Egress:
    """The client. One for each process, closed at its end; keeps connections open between requests.

    `addresses` say what it may reach: what is public, unless told otherwise. `ssl_context` replaces the usual
    certificate authorities.
    """

    def __init__(
        self,
        addresses: Addresses | None = None,
        *,
        max_response_bytes: int = MAX_RESPONSE_BYTES,
        max_redirects: int = MAX_REDIRECTS,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._max_response_bytes = max_response_bytes
        self._max_redirects = max_redirects
        self._ssl_context = ssl_context
        self._backend = CheckedBackend(addresses or Addresses())
        self._pool: httpcore.AsyncConnectionPool | None = None

    async def close(self) -> None:
        """Close every connection."""
        if self._pool is not None:
            await self._pool.aclose()
            self._pool = None

    async def send(  # noqa: PLR0913 - one argument for each part of a request
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Sequence[tuple[str, str]] = (),
        content: bytes | Upload | None = None,
        timeout_seconds: float = 30.0,
        follow_redirects: bool = True,
        credential: Credential | None = None,
    ) -> HttpResponse:
        """Send one request and read the whole answer; `timeout_seconds` holds for all of it, redirects included.

        `credential` goes along with what is sent to the first origin, and is asked about every other one.

        Raises:
            StepError: `EGRESS_URL_INVALID`, `EGRESS_REQUEST_INVALID`, `EGRESS_ADDRESS_REFUSED`, `EGRESS_NAME_UNKNOWN`,
                `EGRESS_CONNECTION_FAILED`, `EGRESS_TIMEOUT`, `EGRESS_RESPONSE_INVALID`, `EGRESS_RESPONSE_TOO_LARGE`
                or `EGRESS_TOO_MANY_REDIRECTS`; `retryable` where another try may help, and then `uncertain` where a
                part of a request had been sent, so that the server may have acted on it.
        """
        most = self._max_response_bytes
        async with self.stream(
            method,
            url,
            headers=headers,
            query=query,
            content=content,
            timeout_seconds=timeout_seconds,
            follow_redirects=follow_redirects,
            credential=credential,
        ) as answer:
            announced = answer.headers.get("content-length", "")
            if method.upper() != "HEAD" and announced.isdecimal() and int(announced[:20]) > most:
                raise self._too_large(method, answer.url)
            body = bytearray()
            async for chunk in answer.chunks:
                body += chunk
                if len(body) > most:
                    raise self._too_large(method, answer.url)
            return HttpResponse(answer.status, answer.headers, bytes(body), answer.url, answer.redirected)

    @asynccontextmanager
    async def stream(  # noqa: PLR0913 - one argument for each part of a request
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Sequence[tuple[str, str]] = (),
        content: bytes | Upload | None = None,
        timeout_seconds: float = 30.0,
        follow_redirects: bool = True,
        credential: Credential | None = None,
    ) -> AsyncIterator[HttpStream]:
        """Send one request, and take the answer part by part; bounded in time as `send` is, but not in size.

        Raises:
            StepError: the same as `send`, here or while the parts come.
        """
        request = _Request(
            method.upper(), read_address(url, query), _headers(headers or {}, credential), content, credential
        )
        redirects = self._max_redirects if follow_redirects else -1
        exchange = _Exchange(request, timeout_seconds)
        async with exchange.watched():
            response, redirected = await self._follow(exchange, redirects)
        try:
            with exchange.translated():
                found = _read_headers(exchange.request, response.headers)
                decoder = _decoder(found.get("content-encoding", ""), exchange.request)
            chunks = exchange.read(response, decoder)
            yield HttpStream(response.status, found, chunks, str(exchange.request.url), redirected)
        finally:
            await response.aclose()

    async def _follow(self, exchange: _Exchange, redirects: int) -> tuple[httpcore.Response, bool]:
        """Send, and go where the answer sends us, at most `redirects` times; below 0 not at all."""
        left = redirects
        while True:
            response = await self._send_once(exchange)
            request = exchange.request
            location = next((value for name, value in response.headers if name.lower() == b"location"), None)
            if left < 0 or response.status not in REDIRECTS or location is None:
                return response, left < redirects
            await _drain(response)
            if left == 0:
                raise StepError(
                    f"{_where(request)} redirects more than {redirects} times.",
                    code="EGRESS_TOO_MANY_REDIRECTS",
                    remedy="Look at where it sends us; two addresses may point at each other.",
                )
            left -= 1
            exchange.request = request.redirected(response.status, location.decode("latin-1"))

    async def _send_once(self, exchange: _Exchange) -> httpcore.Response:
        request, seconds = exchange.request, exchange.seconds
        limits = {"connect": min(CONNECT_SECONDS, seconds), "read": seconds, "write": seconds, "pool": seconds}
        sent = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.wire_target(),
            ),
            headers=request.wire_headers(),
            content=request.content.open() if isinstance(request.content, Upload) else request.content,
            extensions={"timeout": limits, "trace": exchange.note},
        )
        return await self._connections().handle_async_request(sent)

    def _too_large(self, method: str, url: str) -> StepError:
        return StepError(
            f"The answer of {method.upper()} {url.partition('?')[0]} is larger than {self._max_response_bytes} bytes.",
            code="EGRESS_RESPONSE_TOO_LARGE",
            remedy="Ask for less at a time, for example by pages, or keep the answer as a file.",
        )

    def _connections(self) -> httpcore.AsyncConnectionPool:
        """The pool; made with the first request, since reading the certificate authorities takes its time."""
        if self._pool is None:
            self._pool = httpcore.AsyncConnectionPool(
                ssl_context=self._ssl_context or httpx.create_ssl_context(),
                max_connections=200,
                max_keepalive_connections=20,
                keepalive_expiry=15.0,
                network_backend=self._backend,
            )
        return self._pool


class _Exchange:
    """One request with its redirects and its answer: the time that it has, and whether any of it was sent.

    `request` is the one that is sent next, or was sent last.
    """

    def __init__(self, request: _Request, seconds: float) -> None:
        self.request = request
        self.seconds = seconds
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._sent = False

    async def note(self, event: str, _info: Mapping[str, object]) -> None:
        """Take in what httpcore does now; connecting, and the handshake of TLS, come before this event."""
        if event.endswith(".send_request_headers.started"):
            self._sent = True

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """What happens inside has the time that is left, and fails in our words."""
        with self.translated():
            async with asyncio.timeout_at(self._deadline):
                yield

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Errors of the network, in our words."""
        try:
            yield
        except StepError as error:
            error.uncertain = error.retryable and self._sent
            raise
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise StepError(
                f"{_where(self.request)} did not answer within {self.seconds:g} seconds.",
                code="EGRESS_TIMEOUT",
                remedy="Try again later, or allow more time.",
                retryable=True,
                uncertain=self._sent,
            ) from error
        except httpcore.LocalProtocolError as error:
            # What stands in quotes is what was to be sent, which may be secret.
            raise _invalid_request(QUOTED.split(str(error))[0]) from None
        except httpcore.RemoteProtocolError as error:
            why = f"it broke the rules of HTTP or hung up: {error}"
            raise _connection_failed(self.request, why, uncertain=self._sent) from error
        except (httpcore.NetworkError, OSError) as error:
            why = str(error) or type(error).__name__
            raise _connection_failed(self.request, why, uncertain=self._sent) from error
        except zlib.error as error:
            raise _invalid_response(self.request, "its body cannot be unpacked") from error

    async def read(self, response: httpcore.Response, decoder: _Plain | _Packed) -> AsyncIterator[bytes]:
        """The body in parts, unpacked."""
        if self.request.method == "HEAD":
            return
        packed = response.aiter_stream()
        while True:
            async with self.watched():
                chunk = await anext(packed, None)
            if chunk is None:
                break
            with self.translated():
                for part in decoder.feed(chunk):
                    yield part
        if not decoder.is_whole():
            raise _invalid_response(self.request, "its packed body ends too soon")


async def _drain(response: httpcore.Response) -> None:
    """Read what a redirect has for a body, so that its connection can be used again; a long one is cut off."""
    left = MAX_REDIRECT_BYTES
    try:
        async for chunk in response.aiter_stream():
            left -= len(chunk)
            if left < 0:
                return
    finally:
        await response.aclose()


class _Request:
    """One request on its way, as it is sent next."""

    def __init__(  # noqa: PLR0913 - one argument for each part of a request
        self,
        method: str,
        url: httpx.URL,
        headers: dict[str, str],
        content: bytes | Upload | None,
        credential: Credential | None = None,
        *,
        same_origin: bool = True,
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.content = content
        self.credential = credential
        self.same_origin = same_origin
        if credential is not None:
            credential.check(url)

    def wire_target(self) -> bytes:
        """Path and query as they are sent: with the credential's part, which `url` never has."""
        if self.credential is None or not self.same_origin or not self.credential.query:
            return self.url.raw_path
        own = self.url.params.multi_items()
        return self.url.copy_with(params=httpx.QueryParams([*own, *self.credential.query])).raw_path

    def wire_headers(self) -> list[tuple[bytes, bytes]]:
        host = self.url.netloc.decode()
        framing = {"Host": host}
        if self.content is not None or self.method in {"POST", "PUT", "PATCH"}:
            size = self.content.size if isinstance(self.content, Upload) else len(self.content or b"")
            framing["Content-Length"] = str(size)
        secret = self.credential.headers if self.credential is not None and self.same_origin else {}
        headers = {**framing, **self.headers, **secret}
        try:
            return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
        except UnicodeEncodeError as error:
            raise _invalid_request("a header holds characters that HTTP does not allow") from error

    def redirected(self, status: int, location: str) -> _Request:
        """Where the answer sends us: as a GET where browsers do so, and without secrets at another origin."""
        try:
            target = self.url.join(location)
        except (httpx.InvalidURL, ValueError) as error:
            raise _invalid_url(location, str(error)) from error
        _check(target)
        as_get = status not in KEEP_METHOD and self.method not in {"GET", "HEAD"}
        dropped = BODY_HEADERS if as_get else frozenset()
        same = (target.scheme, target.host, target.port) == (self.url.scheme, self.url.host, self.url.port)
        headers = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in dropped and (same or name.lower() in HARMLESS_HEADERS)
        }
        return _Request(
            "GET" if as_get else self.method,
            target,
            headers,
            None if as_get else self.content,
            self.credential,
            # Not even back to where it came from: the way there led through somebody else.
            same_origin=self.same_origin and same,
        )


def read_address(url: str, query: Sequence[tuple[str, str]] = ()) -> httpx.URL:
    """The address of a request; raises `StepError` (`EGRESS_URL_INVALID`) for what is none."""
    try:
        address = httpx.URL(url)
        if query:
            address = address.copy_with(params=httpx.QueryParams([*address.params.multi_items(), *query]))
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise _invalid_url(url, str(error)) from error
    _check(address)
    return address.copy_with(fragment=None)


def _check(url: httpx.URL) -> None:
    if url.scheme not in {"http", "https"}:
        raise _invalid_url(str(url), "only http:// and https:// are possible")
    if not HOST.fullmatch(url.raw_host.decode("ascii")):
        raise _invalid_url(str(url), "it names no host")
    if url.port is not None and not 0 < url.port <= MAX_PORT:
        raise _invalid_url(str(url), f"a port is a number from 1 to {MAX_PORT}")
    if url.userinfo:
        raise _invalid_url(str(url.copy_with(userinfo=b"")), "it holds a user name; use a stored connection")


def _headers(headers: Mapping[str, str], credential: Credential | None) -> dict[str, str]:
    secret = {name.lower() for name in (credential.headers if credential is not None else ())}
    headers = {name: value for name, value in headers.items() if name.lower() not in secret}
    given = {name.lower() for name in headers}
    framing = sorted(given & FRAMING_HEADERS)
    if framing:
        raise _invalid_request(f"the header '{framing[0]}' belongs to the connection and is set for you")
    complete = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "wingbeat"}
    return {name: value for name, value in complete.items() if name.lower() not in given} | dict(headers)


def _read_headers(request: _Request, raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    if len(raw) > MAX_HEADERS:
        raise _invalid_response(request, f"it has more than {MAX_HEADERS} headers")
    headers: dict[str, str] = {}
    for name, value in raw:
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


class _Plain:
    """A body that is not packed."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        yield chunk

    def is_whole(self) -> bool:
        return True


class _Packed:
    """A body in gzip or deflate; never unpacks more than `UNPACKED_BYTES` at once."""

    def __init__(self) -> None:
        # 32 more than the largest window: recognise gzip and zlib by their heads.
        self._unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._begun = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        if self._unpack.eof:
            # What follows the end of the packed body belongs to nobody, and must not gather.
            return
        part = self._first(chunk) if not self._begun else self._unpack.decompress(chunk, UNPACKED_BYTES)
        while part:
            yield part
            part = self._unpack.decompress(self._unpack.unconsumed_tail, UNPACKED_BYTES)

    def _first(self, chunk: bytes) -> bytes:
        self._begun = True
        try:
            return self._unpack.decompress(chunk, UNPACKED_BYTES)
        except zlib.error:
            # Some servers send deflate without the head that it should have.
            self._unpack = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._unpack.decompress(chunk, UNPACKED_BYTES)

    def is_whole(self) -> bool:
        return self._unpack.eof or not self._begun


def _decoder(encoding: str, request: _Request) -> _Plain | _Packed:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip" | "deflate":
            return _Packed()
        case other:
            raise _invalid_response(request, f"it is packed as '{other[:40]}', which was not asked for")


def _where(request: _Request) -> str:
    """Without the query, which may hold secrets."""
    return f"{request.method} {request.url.copy_with(query=None)}"


def _invalid_url(url: str, why: str) -> StepError:
    return StepError(
        f"'{url[:200]}' is no address for a request: {why}.",
        code="EGRESS_URL_INVALID",
        remedy="Write it whole, like https://api.example.com/orders.",
    )


def _invalid_request(why: str) -> StepError:
    return StepError(
        f"The request cannot be sent: {why}.",
        code="EGRESS_REQUEST_INVALID",
        remedy="Look for line breaks and unusual characters in headers, and for headers that HTTP reserves.",
    )


def _invalid_response(request: _Request, why: str) -> StepError:
    return StepError(
        f"The answer of {_where(request)} cannot be read: {why}.",
        code="EGRESS_RESPONSE_INVALID",
        remedy="Ask whoever runs the server.",
    )


def _connection_failed(request: _Request, why: str, *, uncertain: bool) -> StepError:
    return StepError(
        f"{_where(request)} failed: {why}.",
        code="EGRESS_CONNECTION_FAILED",
        remedy="Check the address and whether the server is up; it is worth another try.",
        retryable=True,
        uncertain=uncertain,
    )
