"""The tables of statuses."""

from __future__ import annotations

from wingbeat.core.status import EXECUTION_TRANSITIONS, ExecutionStatus


def test_every_status_has_its_transitions() -> None:
    """Even if there are none."""
    assert {*ExecutionStatus} == {*EXECUTION_TRANSITIONS}


def test_nothing_follows_a_terminal_status() -> None:
    """There are three of them."""
    terminal = {status for status in ExecutionStatus if status.terminal}
    assert {ExecutionStatus.COMPLETED, ExecutionStatus.FAILED, ExecutionStatus.CANCELLED} == terminal


def test_every_execution_can_be_cancelled_until_it_ends() -> None:
    """From any status."""
    for status, following in EXECUTION_TRANSITIONS.items():
        assert status.terminal or ExecutionStatus.CANCELLED in following


def test_every_status_can_be_reached() -> None:
    """Beginning with pending."""
    reached = {ExecutionStatus.PENDING}
    for _ in ExecutionStatus:
        reached |= {following for status in reached for following in EXECUTION_TRANSITIONS[status]}
    assert {*ExecutionStatus} == reached
