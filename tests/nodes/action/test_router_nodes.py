"""The nodes that go through the Router: what they ask it for, and that nothing is sent when they are rehearsed."""

from __future__ import annotations

from typing import Any, cast

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.action import browser_source, chat_message, command, module
from wingbeat.sdk import ROUTER, Effect, Example, Json, JsonObject, NodeType
from wingbeat.sdk.router import ExampleRouter
from wingbeat.sdk.testing import context_of, outcome_of, run_example

NODES = (module.NODE, command.NODE, chat_message.NODE, browser_source.NODE)
LEAST: dict[str, JsonObject] = {
    "action.module": {"module": "m"},
    "action.command": {"command": "!c"},
    "action.chat_message": {"channel": "c", "message": "m"},
    "action.browser_source": {"source": "s"},
}


def asked(kind: NodeType, raw: JsonObject, **example: Any) -> tuple[str, JsonObject]:  # noqa: ANN401 - of an example
    """What the Router is asked for."""
    described = Example("", {**LEAST[kind.type], **raw}, world={"router": [{}]}, **example)
    context = context_of(described)
    run_example(kind, described, context=context)
    return cast("ExampleRouter", context.use(ROUTER)).requests[0]


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (module.NODE, {}, ("modules", {"module": "m", "action": "", "parameters": {}})),
        (
            module.NODE,
            {"module": "{{ n }}", "action": "a", "parameters": {"x": "{{ [n] }}"}},
            ("modules", {"module": "7", "action": "a", "parameters": {"x": [7]}}),
        ),
        (command.NODE, {}, ("commands", {"command": "!c", "arguments": [], "user": None, "channel": None})),
        (
            command.NODE,
            {"arguments": ["a", "{{ n }}"], "user": "u", "channel": "x"},
            ("commands", {"command": "!c", "arguments": ["a", 7], "user": "u", "channel": "x"}),
        ),
        (
            chat_message.NODE,
            {"reply_to": "1"},
            (
                "modules",
                {
                    "module": "chat",
                    "action": "send_message",
                    "parameters": {"channel": "c", "message": "m", "reply_to": "1"},
                },
            ),
        ),
        (
            browser_source.NODE,
            {"action": "update", "content": {"n": "{{ n }}"}, "duration_seconds": "{{ n }}"},
            (
                "modules",
                {
                    "module": "browser_source",
                    "action": "update",
                    "parameters": {"source": "s", "content": {"n": 7}, "duration_seconds": 7},
                },
            ),
        ),
    ],
)
def test_the_router_gets_what_the_node_says(kind: NodeType, raw: JsonObject, expected: tuple[str, JsonObject]) -> None:
    """Target and request."""
    assert expected == asked(kind, raw, variables={"n": 7})


@pytest.mark.parametrize("kind", NODES, ids=[kind.type for kind in NODES])
def test_a_rehearsal_shows_what_would_be_sent(kind: NodeType) -> None:
    """And the Router hears nothing of it."""
    example = Example("", LEAST[kind.type])
    context = context_of(example)
    shown = outcome_of(run_example(kind, example, context=context, rehearse=True))["out"]
    target, request = asked(kind, {})
    assert {"rehearsed": True, "target": target, "request": request} == shown
    assert [] == cast("ExampleRouter", context.use(ROUTER)).requests


@pytest.mark.parametrize("kind", NODES, ids=[kind.type for kind in NODES])
@pytest.mark.parametrize("value", [None, "", [], {}, {"a": 1}, "x" * 5_000])
def test_bad_values_end_in_an_error_of_the_step(kind: NodeType, value: Json) -> None:
    """Missing, of the wrong type, empty or huge."""
    name = next(reversed(LEAST[kind.type]))
    with pytest.raises(StepError) as caught:
        asked(kind, {name: "{{ v }}"}, variables={"v": value})
    assert "PARAMETER_INVALID" == caught.value.code


def test_what_may_be_repeated_follows_from_the_action() -> None:
    """All but updating and hiding happens at most once."""
    assert [Effect.UNSAFE] * 3 == [kind.effect for kind in NODES[:3]]
    effects = {
        action: browser_source.NODE.read({"source": "s", "action": action}).effect
        for action in ("show", "update", "hide")
    }
    assert {"show": Effect.UNSAFE, "update": Effect.IDEMPOTENT, "hide": Effect.IDEMPOTENT} == effects
