"""The client of MCP servers: the official one, speaking through our one HTTP client.

Every message is a request of its own through `Http.send`, so that addresses, connections and limits hold as everywhere.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from wingbeat.core.errors import StepError
from wingbeat.sdk.mcp import McpAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx2
    from mcp import ClientSession

    from wingbeat.core.json_value import JsonObject
    from wingbeat.sdk import Http

MOST_PAGES = 50
LISTING_SECONDS = 60.0
FIRST_FAILING_STATUS = 400
NOT_ALLOWED = 405
# What belongs to the connection between two ends, and is made anew by the client that sends.
HOP_HEADERS = frozenset({"host", "content-length", "connection", "transfer-encoding", "accept-encoding"})
UNPACKED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class McpClient:
    """Talks to MCP servers over HTTP. `http` is the step's, or that of whoever looks at a server."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def call(
        self, url: str, connection: str | None, tool: str, arguments: JsonObject, *, timeout_seconds: float
    ) -> McpAnswer:
        """Call a tool; see `wingbeat.sdk.mcp.Mcp`."""
        async with self._session(url, connection, timeout_seconds) as session:
            result: Any = await session.call_tool(tool, cast("dict[str, Any]", arguments))
            content = [part.model_dump(mode="json", by_alias=True, exclude_none=True) for part in result.content]
            return McpAnswer(content, result.structured_content, failed=bool(result.is_error))

    async def list_tools(self, url: str, connection: str | None) -> JsonObject:
        """The server's name and tools, all pages of them; raises `StepError`."""
        async with self._session(url, connection, LISTING_SECONDS) as session:
            from mcp.types import PaginatedRequestParams  # noqa: PLC0415 - a second of start-up, for those who use it

            tools: list[Any] = []
            cursor: str | None = None
            for _ in range(MOST_PAGES):
                page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor))
                tools += [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in page.tools]
                cursor = page.next_cursor
                if not cursor:
                    break
            return {"tools": tools}

    @asynccontextmanager
    async def _session(self, url: str, connection: str | None, seconds: float) -> AsyncIterator[ClientSession]:
        """A session that has shaken hands; whatever goes wrong in it comes out as a `StepError`."""
        import httpx2  # noqa: PLC0415 - a second of start-up, for those who use it
        from mcp import ClientSession  # noqa: PLC0415
        from mcp.client.streamable_http import streamable_http_client  # noqa: PLC0415

        transport = _transport_class(httpx2)(self._http, connection, seconds)
        try:
            async with (
                asyncio.timeout(seconds),
                httpx2.AsyncClient(transport=transport) as client,
                streamable_http_client(url, http_client=client) as streams,
                ClientSession(streams[0], streams[1], read_timeout_seconds=seconds) as session,
            ):
                await session.initialize()
                yield session
        except Exception as error:
            raise _as_step_error(error, transport, url, seconds) from error


def _transport_class(httpx2: Any) -> Any:  # noqa: ANN401 - a module that is loaded when it is needed
    """The transport, made when its base is loaded."""

    class Transport(httpx2.AsyncBaseTransport):  # type: ignore[misc] # loaded late
        """Sends each request through our client, and gives its whole answer."""

        def __init__(self, http: Http, connection: str | None, seconds: float) -> None:
            self._http = http
            self._connection = connection
            self._seconds = seconds
            # The first that went wrong: what the protocol's client makes of it says less.
            self.fault: StepError | None = None
            self.called = False

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            """Servers need not have a stream of their own accord (GET), and here they have none."""
            if request.method == "GET":
                return httpx2.Response(NOT_ALLOWED, request=request)
            content = await request.aread()
            self.called = self.called or b'"tools/call"' in content
            headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_HEADERS}
            try:
                answer = await self._http.send(
                    request.method,
                    str(request.url),
                    headers=headers,
                    content=content or None,
                    timeout_seconds=self._seconds,
                    follow_redirects=False,
                    connection=self._connection,
                )
            except StepError as error:
                self.fault = self.fault or error
                raise httpx2.ConnectError(error.message, request=request) from error
            if answer.status >= FIRST_FAILING_STATUS and request.method == "POST":
                self.fault = self.fault or _refused(answer.status, answer.url)
            kept = {name: value for name, value in answer.headers.items() if name not in UNPACKED}
            return httpx2.Response(answer.status, headers=kept, content=answer.body, request=request)

    return Transport


def _refused(status: int, url: str) -> StepError:
    return StepError(
        f"The MCP server at {url.partition('?')[0]} answered {status}.",
        code="MCP_STATUS",
        remedy="Look at the address, and at the connection that says who is asking.",
        details={"status": status},
        retryable=status in {429, 500, 502, 503, 504},
    )


def _as_step_error(error: Exception, transport: Any, url: str, seconds: float) -> StepError:  # noqa: ANN401 - made late
    """What went wrong first, on the way or inside of the protocol."""
    if isinstance(error, StepError):
        return error
    where = url.partition("?")[0]
    fault: StepError | None = transport.fault
    if fault is not None:
        fault.uncertain = fault.uncertain or (fault.retryable and transport.called)
        return fault
    if isinstance(error, TimeoutError):
        return StepError(
            f"The MCP server at {where} did not answer within {seconds:g} seconds.",
            code="MCP_TIMEOUT",
            remedy="Try again later, or allow more time.",
            retryable=True,
            uncertain=transport.called,
        )
    inner = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
    while isinstance(inner, ExceptionGroup):
        inner = inner.exceptions[0]
    if isinstance(inner, StepError):
        return inner
    return StepError(
        f"The server at {where} does not speak the Model Context Protocol as it should: {str(inner)[:300]}",
        code="MCP_PROTOCOL",
        remedy="Look at the address: it is that of the server's MCP endpoint, such as https://example.com/mcp.",
        uncertain=transport.called,
    )
