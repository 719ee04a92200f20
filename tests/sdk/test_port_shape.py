"""Shapes of ports in words."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.discovery import discover_node_types
from wingbeat.sdk.port_shape import describe_shape

TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "shape"),
    [
        (None, ""),
        ({}, ""),
        (TEXT, "text"),
        ({"type": ["string", "null"]}, "text or null"),
        ({"enum": ["a", 1]}, "`a` or `1`"),
        ({"type": "array"}, "list"),
        ({"type": "array", "items": TEXT}, "list of texts"),
        ({"type": ["array", "null"], "items": {}}, "null or list"),
        ({"type": "object"}, "object"),
        ({"type": "object", "required": ["a"]}, "object: `a`"),
        ({"type": "object", "required": ["a"], "properties": {"a": TEXT, "b": {}}}, "object: `a` (text), `b`"),
        (
            {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}}}},
            "list of objects: `a` (whole number)",
        ),
        ({"anyOf": [TEXT, {"type": "number"}]}, "text, or number"),
        (
            {
                "type": "object",
                "properties": {
                    "a": {
                        "type": "object",
                        "properties": {"b": {"type": "object", "properties": {"c": {}}}},
                    }
                },
            },
            "object: `a` (object: `b` (object))",
        ),
    ],
)
def test_a_shape_reads_as_words(schema: Any, shape: str) -> None:  # noqa: ANN401 - a JSON Schema
    """Two levels deep, and nothing where nothing is known."""
    assert shape == describe_shape(schema)


def test_every_schema_of_a_port_can_be_put_into_words() -> None:
    """Whatever the node types say."""
    ports = [port for kind in discover_node_types().types.values() for port in kind.outputs]
    assert [] == [port.name for port in ports if port.schema and not describe_shape(port.schema)]
