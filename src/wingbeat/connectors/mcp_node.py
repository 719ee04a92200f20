"""The tools of an MCP server as a connector: each of them is a node type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import Field

from wingbeat.connectors.connector import Skipped
from wingbeat.connectors.documents import fields_of, invalid, list_of, text_of
from wingbeat.connectors.operations import HTTP_KINDS, LONGEST_HELP, LONGEST_SLUG
from wingbeat.connectors.schema_field import SchemaField, make_parameters
from wingbeat.sdk import ConnectionMarker, Context, Effect, Json, JsonObject, NodeType, Outcome, Port, StepError
from wingbeat.sdk.mcp import MCP

if TYPE_CHECKING:
    from wingbeat.connectors.schema_field import SchemaParameters

OWN = frozenset({"connection", "timeout_seconds"})
ARGUMENTS = "arguments"
MOST_TOOLS = 1_000
EXCERPT = 2_000


class McpServer:
    """The tools of one server, as it listed them; see `wingbeat.connectors.connector.Connector`."""

    def __init__(self, prefix: str, listing: JsonObject, *, url: str, connection: str | None = None) -> None:
        """Take in the listing, `{"tools": [...]}`.

        Raises:
            InvalidInput: `MCP_NO_TOOLS`.
        """
        self._prefix = prefix
        self._url = url
        self._connection = connection
        tools = [fields_of(tool) for tool in list_of(listing.get("tools"))][:MOST_TOOLS]
        self._tools: dict[str, JsonObject] = {}
        skipped: list[Skipped] = []
        for tool in tools:
            slug = re.sub(r"[^A-Za-z0-9]+", "_", text_of(tool.get("name"))).strip("_")[:LONGEST_SLUG]
            if not slug or slug in self._tools:
                skipped.append(Skipped(text_of(tool.get("name"))[:100], "Its name is empty, or like another's."))
            else:
                self._tools[slug] = tool
        if not self._tools:
            raise invalid("MCP_NO_TOOLS", "The server offers no tools.", "Look at what it offers, and to whom.")
        self.operations = tuple(self._tools)
        self.skipped = tuple(skipped)

    def title(self, operation: str) -> str:
        """What people call one tool; raises `KeyError`."""
        return title_of(self._tools[operation])

    def node_type(self, operation: str) -> NodeType:
        """The node type of one tool; raises `KeyError`."""
        tool = _ToolNode(self._tools[operation], self._url, self._connection)
        return tool.node_type(f"{self._prefix}.{operation}")


def title_of(tool: JsonObject) -> str:
    """What people call a tool."""
    hints = fields_of(tool.get("annotations"))
    return (text_of(tool.get("title")) or text_of(hints.get("title")) or text_of(tool.get("name")))[:120]


class _ToolNode:
    def __init__(self, tool: JsonObject, url: str, connection: str | None) -> None:
        self._name = text_of(tool.get("name"))
        self._tool = tool
        self._url = url
        self._connection = connection
        schema = fields_of(tool.get("inputSchema"))
        self._properties = fields_of(schema.get("properties"))
        self._required = {name for name in list_of(schema.get("required")) if isinstance(name, str)}
        self._definitions = fields_of(schema.get("$defs"))
        # Where its own names are taken, or the arguments are not an object with known fields, they are one parameter.
        self._whole = not self._properties or bool(OWN & self._properties.keys())
        self._schema = schema

    def node_type(self, type_name: str) -> NodeType:
        hints = fields_of(self._tool.get("annotations"))
        harmless = hints.get("readOnlyHint") is True or hints.get("idempotentHint") is True
        help_text = text_of(self._tool.get("description")).strip() or "Calls this tool of an MCP server."
        return NodeType(
            type=type_name,
            title=title_of(self._tool),
            help=help_text[:LONGEST_HELP],
            parameters=make_parameters(type_name.replace(".", "_"), self._fields(), self._definitions, self._others()),
            run=self.run,
            rehearse=self.rehearse,
            effect=Effect.IDEMPOTENT if harmless else Effect.UNSAFE,
            outputs=(Port(help="What the tool gave: `content`, and `structured` where it gives a value."),),
            examples=(),
            uses=(MCP,),
        )

    def _fields(self) -> list[SchemaField]:
        if self._whole:
            return [SchemaField(ARGUMENTS, self._schema or True, "The tool's arguments.", bool(self._required))]
        return [
            SchemaField(name, schema, text_of(fields_of(schema).get("description")), name in self._required)
            for name, schema in self._properties.items()
        ]

    def _others(self) -> dict[str, Any]:
        return {
            "connection": (
                Annotated[str, ConnectionMarker(*HTTP_KINDS, "mcp")] | None,
                Field(default=None, description="The stored connection that says who is asking."),
            ),
            "timeout_seconds": (
                float,
                Field(default=60, gt=0, le=3600, description="The tool must have answered by then."),
            ),
        }

    async def run(self, parameters: SchemaParameters, context: Context) -> Outcome:
        """Call the tool; raises `StepError` (`MCP_TOOL_FAILED`, and what the way out raises)."""
        options = cast("Any", parameters)
        answer = await context.use(MCP).call(
            self._url,
            options.connection or self._connection,
            self._name,
            self._arguments(parameters),
            timeout_seconds=options.timeout_seconds,
        )
        if answer.failed:
            said = " ".join(text_of(fields_of(part).get("text")) for part in answer.content)[:EXCERPT]
            raise StepError(
                f"The tool '{self._name}' failed: {said or 'it does not say why'}.",
                code="MCP_TOOL_FAILED",
                remedy="Look at its arguments and at what it says.",
                details={"content": answer.content[:10]},
            )
        return Outcome.of({"content": answer.content, "structured": answer.structured})

    def rehearse(self, parameters: SchemaParameters, context: Context) -> Outcome:
        """Say what would be called."""
        del context
        call: JsonObject = {"tool": self._name, "arguments": self._arguments(parameters)}
        return Outcome.of({"rehearsed": True, "call": call, "content": [], "structured": None})

    def _arguments(self, parameters: SchemaParameters) -> JsonObject:
        if self._whole:
            return fields_of(parameters.given(ARGUMENTS))
        given: dict[str, Json] = {name: parameters.given(name) for name in self._properties}
        return {name: value for name, value in given.items() if value is not None}
