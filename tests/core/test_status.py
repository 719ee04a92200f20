"""The tables of statuses."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from tests.core.drawings import documents
from tests.core.driver import run

from wingbeat.core.events import (
    ChunkLoaded,
    ChunkSpilled,
    ExecutionStarted,
    LoopOpened,
    RoundDecided,
    StepCompleted,
    StepFailed,
    StepWaiting,
)
from wingbeat.core.json_value import JsonObject
from wingbeat.core.status import EXECUTION_TRANSITIONS, STEP_TRANSITIONS, ExecutionStatus, StepStatus
from wingbeat.core.status_page import states_page

ROWS: dict[type, StepStatus] = {
    StepCompleted: StepStatus.COMPLETED,
    StepFailed: StepStatus.FAILED,
    StepWaiting: StepStatus.WAITING,
    LoopOpened: StepStatus.OPENED,
    RoundDecided: StepStatus.ROUND,
    ChunkSpilled: StepStatus.SPILLED,
    ChunkLoaded: StepStatus.LOADED,
}


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


@settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_rows_of_a_step_follow_each_other_as_the_table_says(document: JsonObject) -> None:
    """Checked with the journals of random workflows."""
    last: dict[tuple[str, str], StepStatus] = {}
    for event in run(document, {"order": 7}).journal[1:]:
        assert not isinstance(event, ExecutionStarted)
        step = event.key.node_id, event.key.scope
        status = ROWS[type(event)]
        assert status in STEP_TRANSITIONS[last.get(step)]
        last[step] = status


def test_the_page_shows_every_status_and_every_transition() -> None:
    """docs/states.md is what it gives; `script/generate_docs.py --check` compares them."""
    page = states_page()
    for status in (*ExecutionStatus, *StepStatus):
        assert f"| `{status}` |" in page
    for status, following in EXECUTION_TRANSITIONS.items():
        assert all(f"    {status} --> {after}\n" in page for after in following)
