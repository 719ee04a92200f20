"""Limits: defaults, what a workflow wants, and the operator's caps."""

from __future__ import annotations

from wingbeat.core.limits import DEFAULT_CAPS, DEFAULT_LIMITS, NO_WISHES, Limits, LimitsWanted


def test_without_wishes_the_defaults_hold() -> None:
    """Those of the configuration guide."""
    assert Limits(300.0, 100, 1000, 10, 10) == DEFAULT_LIMITS.raised_to(NO_WISHES, DEFAULT_CAPS)


def test_a_workflow_may_want_more_and_less() -> None:
    """Each on its own."""
    raised = DEFAULT_LIMITS.raised_to(LimitsWanted(loop_iterations=5000, parallel_nodes=1), DEFAULT_CAPS)
    assert Limits(300.0, 5000, 1000, 10, 1) == raised


def test_nothing_goes_above_the_cap() -> None:
    """Whatever the workflow wants."""
    wanted = LimitsWanted(1e9, *[10**9] * 4)
    assert DEFAULT_CAPS == DEFAULT_LIMITS.raised_to(wanted, DEFAULT_CAPS)
