"""The client of MCP servers, against a real server of the official package on this machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
import uvicorn
from mcp.server import MCPServer
from tests.egress.test_http import client, serving, with_body

from wingbeat.core.errors import StepError
from wingbeat.egress.http import Egress
from wingbeat.egress.mcp import McpClient
from wingbeat.egress.step_http import ConnectedHttp
from wingbeat.egress.vault import Trial
from wingbeat.sdk import Http


def unconnected(egress: Egress) -> Http:
    """The way out of a step, for one that uses no stored connection."""
    vault: Any = None
    return ConnectedHttp(egress, vault).for_step(Trial())


@asynccontextmanager
async def server() -> AsyncIterator[str]:
    """A server with three tools, and its address."""
    tools = MCPServer("Shop")

    @tools.tool()
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    @tools.tool()
    def fail() -> str:
        """Always fails."""
        raise ValueError("no stock left")

    @tools.tool()
    async def hang() -> str:
        """Never answers."""
        await asyncio.Event().wait()
        return ""

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(tools.streamable_http_app(), log_level="error", timeout_graceful_shutdown=1)
        running = uvicorn.Server(config)
        task = asyncio.create_task(running.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        finally:
            running.should_exit = True
            await task


async def test_the_tools_of_a_server_are_listed() -> None:
    """With their schemas, as the protocol has them."""
    async with server() as url, client() as egress:
        listing = await McpClient(unconnected(egress)).list_tools(url, None)

    tools = {tool["name"]: tool for tool in cast("list[dict[str, Any]]", listing["tools"])}
    assert {"add", "fail", "hang"} == tools.keys()
    assert {"a", "b"} == tools["add"]["inputSchema"]["properties"].keys()


async def test_a_tool_is_called() -> None:
    """What it gives comes as content, and as a value where the tool has one."""
    async with server() as url, client() as egress:
        answer = await McpClient(unconnected(egress)).call(url, None, "add", {"a": 2, "b": 3}, timeout_seconds=60)

    assert ({"result": 5}, False) == (answer.structured, answer.failed)


async def test_a_tool_that_fails_says_so() -> None:
    """It is an answer, not a fault of the protocol."""
    async with server() as url, client() as egress:
        answer = await McpClient(unconnected(egress)).call(url, None, "fail", {}, timeout_seconds=60)

    assert answer.failed


async def test_a_tool_that_never_answers_is_given_up_and_may_have_done_something() -> None:
    """Nothing is known of what it did."""
    async with server() as url, client() as egress:
        with pytest.raises(StepError) as failed:
            await McpClient(unconnected(egress)).call(url, None, "hang", {}, timeout_seconds=0.5)

    assert failed.value.uncertain


@pytest.mark.parametrize(
    "answer",
    [
        with_body(b"<html>hello</html>", "Content-Type: text/html"),
        with_body(b"{}", "Content-Type: application/json"),
        with_body(b'{"jsonrpc": "2.0", "id": 0, "result": 7}', "Content-Type: application/json"),
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
async def test_what_is_no_mcp_server_is_an_error_of_the_step(answer: bytes) -> None:
    """Whatever it sends instead."""
    async with serving(answer) as other, client() as egress:
        with pytest.raises(StepError) as failed:
            await McpClient(unconnected(egress)).list_tools(f"http://127.0.0.1:{other.port}/mcp", None)

    assert failed.value.remedy


async def test_a_private_address_is_not_reached() -> None:
    """The rules for addresses hold here too."""
    async with server() as url, client(allow_private=False) as egress:
        with pytest.raises(StepError) as failed:
            await McpClient(unconnected(egress)).list_tools(url, None)

    assert "EGRESS_ADDRESS_REFUSED" == failed.value.code
