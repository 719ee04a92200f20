"""Ports that depend on parameters: which of them there are."""

from __future__ import annotations

import pytest

from wingbeat.sdk import JsonObject, Port

LIMITED = Port(
    "limited",
    when={
        "anyOf": [
            {"required": ["full"], "properties": {"full": {"const": "limited"}}},
            {"required": ["longest"], "properties": {"longest": {"not": {"type": "string"}}}},
        ]
    },
)


@pytest.mark.parametrize(
    ("port", "parameters", "expected"),
    [
        (Port(), {}, ["out"]),
        (Port("<case>", each="cases[].port"), {"cases": [{"port": "a"}, 5, {}, {"port": "b"}]}, ["a", "b"]),
        (Port("<branch>", each="branches[]"), {"branches": ["a", None]}, ["a"]),
        (Port("<option>", each="ask.options[].name"), {"ask": {"options": [{"name": "yes"}]}}, ["yes"]),
        (Port("<option>", each="ask.options[].name"), {"ask": "nonsense"}, []),
        (LIMITED, {}, []),
        (LIMITED, {"full": "limited"}, ["limited"]),
        (LIMITED, {"longest": 5}, ["limited"]),
        (LIMITED, {"longest": "5"}, []),
        (Port("late", when={"required": ["wait"], "properties": {"wait": {"const": True}}}), {"wait": 1}, []),
    ],
)
def test_parameters_decide(port: Port, parameters: JsonObject, expected: list[str]) -> None:
    """A port is there when its condition holds, and once for each name that it goes by."""
    assert list(port.names(parameters)) == expected


def test_a_condition_says_only_what_all_understand() -> None:
    """Who draws a node has to come to the same ports, so other keywords are refused at once."""
    for when in ({"minimum": 5}, {"not": {"type": "integer"}}, {"properties": {"a": {"pattern": "x"}}}):
        with pytest.raises(TypeError):
            Port(when=when)
