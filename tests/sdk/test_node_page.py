"""The pages about node types: whatever a type says about itself is on its page."""

from __future__ import annotations

import json
import re

import pytest

from wingbeat.discovery import discover_node_types
from wingbeat.sdk import NodeType
from wingbeat.sdk.node_page import as_code, index_page, node_page
from wingbeat.sdk.parameter_table import list_parameters

TYPES = list(discover_node_types().types.values())


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.type)
def test_a_page_shows_parameters_ports_and_examples(kind: NodeType) -> None:
    """Nothing of it is left out."""
    page = node_page(kind)
    shown = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", page, re.DOTALL | re.MULTILINE)]

    parameters = [row.path for row in list_parameters(kind.parameters.model_json_schema(by_alias=True))]
    assert [name for name in [*parameters, *(port.name for port in kind.outputs)] if f"| `{name}` |" not in page] == []
    for example in kind.examples:
        assert {"id": "example", "type": kind.type, "parameters": example.parameters} in shown


def test_the_index_names_every_type_with_a_link() -> None:
    """In the order of their names."""
    linked = re.findall(r"\]\((.*?)\.md\) \|", index_page(TYPES))
    assert linked == sorted(kind.type for kind in TYPES)


def test_a_value_in_a_table_does_not_end_its_cell() -> None:
    """A pipe is escaped."""
    assert as_code("{{ a | b }}") == '`"{{ a \\| b }}"`'
