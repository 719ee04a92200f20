"""The end: output, status and message."""

from __future__ import annotations

from wingbeat.nodes.flow.end import NODE
from wingbeat.sdk import End, Example
from wingbeat.sdk.testing import run_example


def test_a_null_that_was_chosen_is_not_replaced() -> None:
    """Only an output that was left out becomes the input."""
    assert [End(None), End(5)] == [run_example(NODE, Example("", raw, input=5)) for raw in ({"output": None}, {})]


def test_failing_on_purpose_carries_its_reason() -> None:
    """The message is a template."""
    example = Example("", {"status": "failed", "message": "No {{ input }}."}, input="lines")
    assert End("lines", failed=True, message="No lines.") == run_example(NODE, example)
