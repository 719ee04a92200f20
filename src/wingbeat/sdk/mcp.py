"""What a node may ask of a server of the Model Context Protocol: to call one of its tools."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from wingbeat.core.errors import StepError
from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject


class McpAnswer(NamedTuple):
    """What a tool gave: `content` as the protocol has it, and `structured` where the tool gives a value of its own."""

    content: list[Json]
    structured: Json
    failed: bool


class Mcp(Protocol):
    """The MCP servers that are stored as connectors."""

    async def call(
        self, url: str, connection: str | None, tool: str, arguments: JsonObject, *, timeout_seconds: float
    ) -> McpAnswer:
        """Call a tool of the server at `url`; raises `StepError`, `uncertain` where the tool may have done its work."""
        ...


class ExampleMcp:
    """Gives the answers that an example's world holds, in order."""

    def __init__(self, world: Json) -> None:
        self._answers = deque(cast("list[dict[str, Any]]", world or []))
        self.called: list[tuple[str, JsonObject]] = []

    async def call(
        self, url: str, connection: str | None, tool: str, arguments: JsonObject, *, timeout_seconds: float
    ) -> McpAnswer:
        """The next answer; raises `StepError` when the example holds no more."""
        del url, connection, timeout_seconds
        self.called.append((tool, arguments))
        if not self._answers:
            raise StepError("An example has no network.", code="NO_NETWORK", remedy="Give the example's world answers.")
        return McpAnswer(**self._answers.popleft())


MCP: Tool[Mcp] = Tool("mcp", ExampleMcp)
