"""Documents with anything anywhere: each gives node types, or an error that says where it is wrong."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.connectors.documents import SHOP

from wingbeat.connectors.mcp_node import McpServer
from wingbeat.connectors.openapi import OpenApiConnector
from wingbeat.core.errors import InvalidInput
from wingbeat.core.json_value import Json

ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["#/", "#/paths", "#/components/schemas/Order", "query", "path", "string", "object", "{x}", "__proto__"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["$ref", "type", "name", "in", "schema", "properties", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def _places(value: Json, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a value."""
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [path, *(found for key, part in inner for found in _places(part, (*path, key)))]


def _put(document: Any, path: tuple[str | int, ...], value: Any) -> None:  # noqa: ANN401 - any JSON
    """Put a value to a place, unless an earlier change took the place away."""
    for key in path[:-1]:
        inner = document.get(key) if isinstance(document, dict) else None
        if isinstance(document, list) and isinstance(key, int) and key < len(document):
            inner = document[key]
        if inner is None:
            return
        document = inner
    if isinstance(document, dict):
        document[path[-1]] = value
    elif isinstance(document, list):
        document[:] = [value]


PLACES = [place for place in _places(SHOP) if place]


@settings(max_examples=150, deadline=None)
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING), min_size=1, max_size=4))
def test_a_document_that_was_changed_anywhere_is_read_or_refused(
    changes: list[tuple[tuple[str | int, ...], Any]],
) -> None:
    """No other error than the one for bad input, from the document to the form."""
    document: Any = deepcopy(SHOP)
    for path, value in changes:
        _put(document, path, value)
    try:
        connector = OpenApiConnector("api.x", document)
    except InvalidInput:
        return
    for operation in connector.operations:
        node = connector.node_type(operation)
        node.describe()
        node.read({"body": {"a": 1}, "id_path": 1})


@settings(max_examples=100, deadline=None)
@given(tools=ANYTHING, schema=ANYTHING)
def test_a_listing_of_tools_is_read_or_refused(tools: Any, schema: Any) -> None:  # noqa: ANN401 - any JSON
    """The same for what an MCP server says."""
    listings: list[Any] = [{"tools": tools}, {"tools": [{"name": "a", "inputSchema": schema}, tools]}]
    for listing in listings:
        try:
            server = McpServer("mcp.x", listing, url="http://x")
        except InvalidInput:
            continue
        for operation in server.operations:
            server.node_type(operation).describe()
