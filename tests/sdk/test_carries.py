"""What node types say of what comes out of them, held against their own examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from wingbeat.discovery import discover_node_types
from wingbeat.sdk.port import satisfies
from wingbeat.sdk.prepare import shape_of

if TYPE_CHECKING:
    from wingbeat.sdk import Example, NodeType
    from wingbeat.sdk.port import Carries, Port

TYPES = discover_node_types().types
SAID = sorted(name for name, kind in TYPES.items() if any(port.carries for port in kind.outputs))


def carried_by(kind: NodeType, port: Port, parameters: Any) -> Carries | None:  # noqa: ANN401 - any JSON
    """What counts with these parameters."""
    fields = kind.parameters.model_json_schema(by_alias=True).get("properties", {})
    whole = {name: field.get("default") for name, field in fields.items()} | dict(parameters)
    return next((one for one in port.carries if one.when is None or satisfies(whole, one.when)), None)


def outcomes(kind: NodeType) -> list[tuple[Example, str, Carries]]:
    """The examples with each port that they take and that says what it carries."""
    return [
        (example, name, carried)
        for example in kind.examples
        for port in kind.outputs
        for name in port.names(dict(example.parameters))
        if name in (example.expect or {}) and (carried := carried_by(kind, port, example.parameters)) is not None
    ]


@pytest.mark.parametrize("name", SAID)
def test_what_is_carried_is_what_comes_out(name: str) -> None:
    """A node type that hands on something else would mislead whoever completes an expression behind it."""
    kind = TYPES[name]
    for example, port, carried in outcomes(kind):
        out = dict(example.expect or {})[port]
        given = example.parameters.get(carried.name)
        if carried.of == "input":
            assert out == (example.arrivals[0].value if example.arrivals else example.input)
        elif carried.of == "list":
            assert isinstance(out, list)
        elif carried.of == "parameter" and "{{" not in str(given):
            assert out == given


@pytest.mark.parametrize("name", SAID)
def test_parameters_that_are_carried_are_there(name: str) -> None:
    """A parameter that was renamed would carry nothing any more."""
    kind = TYPES[name]
    every = [carried for port in kind.outputs for carried in port.carries]
    assert {carried.name for carried in every if carried.name} <= set(shape_of(kind.parameters))
    assert {other for carried in every for other in (carried.when or {}).get("properties", {})} <= set(
        shape_of(kind.parameters)
    )
