"""Waiting for events and calls: what cannot be waited for is refused before anything waits."""

from __future__ import annotations

import pytest

from wingbeat.core.errors import WingbeatError
from wingbeat.core.json_value import Json
from wingbeat.nodes.flow import wait_for_event, wait_for_webhook
from wingbeat.sdk import Await, Example, JsonObject, NodeType
from wingbeat.sdk.testing import FROZEN_NOW, run_example

EACH = pytest.mark.parametrize(
    ("kind", "given"), [(wait_for_event.NODE, {"name": "a.b"}), (wait_for_webhook.NODE, {})], ids=["event", "webhook"]
)


@EACH
@pytest.mark.parametrize("seconds", [0, -1, "x", [], {}, 10**12, 1e300])
def test_times_that_are_none(kind: NodeType, given: JsonObject, seconds: Json) -> None:
    """A typed error of the step."""
    with pytest.raises(WingbeatError) as refused:
        run_example(kind, Example("", {**given, "wait_seconds": "{{ input }}"}, input=seconds))
    assert "PARAMETER_INVALID" == refused.value.code


@EACH
def test_the_time_is_counted_from_the_step(kind: NodeType, given: JsonObject) -> None:
    """And without one, the wait has no end."""
    limited = run_example(kind, Example("", {**given, "wait_seconds": "{{ input }}"}, input=60))
    forever = run_example(kind, Example("", {**given, "wait_seconds": "{{ input }}"}, input=None))
    assert isinstance(limited, Await)
    assert isinstance(forever, Await)
    assert (FROZEN_NOW.timestamp() + 60, None) == (limited.until, forever.until)


@pytest.mark.parametrize("name", ["", "a..b", "a*", "**.a", "x" * 201, None, []])
def test_names_that_no_event_has(name: Json) -> None:
    """Found before the workflow runs."""
    assert wait_for_event.NODE.read({"name": name}).problems


@pytest.mark.parametrize("methods", [[], ["DELETE"], "POST", None, [None]])
def test_methods_that_cannot_be(methods: Json) -> None:
    """Found before the workflow runs."""
    assert wait_for_webhook.NODE.read({"methods": methods}).problems
