"""Whatever the workflow and wherever the crash, an execution comes to what a second interpreter says it means."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from tests.core.driver import plan_of
from tests.core.reference import Reference, Result, Tied
from tests.core.timed import Timed, meant_documents

from wingbeat.core.events import StepCompleted, StepFailed, StepKey
from wingbeat.core.json_value import JsonObject

CASES = 3_000
DATA: JsonObject = {"order": 7}


def check_case(document: JsonObject, crashes: list[int]) -> None:
    """One workflow, run to its end and taken up after each of these crashes, each a number for a place."""
    note(json.dumps(document))
    driver = Timed(plan_of(document))
    driver.start(DATA)
    driver.work()
    reference = Reference(document)
    try:
        expected = reference.run(DATA)
    except Tied:
        assume(False)
        raise
    check_end(driver, reference, expected)
    for crash in crashes:
        place = 1 + crash % len(driver.journal)
        again = driver.taken_up(place)
        again.work()
        assert driver.journal == again.journal
        assert driver.execution.finished == again.execution.finished
        check_once(again)
        assert not {*outcomes(driver, place)} & {*again.asked}


def check_end(driver: Timed, reference: Reference, expected: Result) -> None:
    """The same end, and the same steps on the way."""
    finish = driver.execution.finished
    assert finish is not None, ("stands still", list(driver.execution.open))
    status = "failed" if expected.error is not None else "completed"
    assert (status, expected.value) == (finish.status.value, driver.meaning(finish.output))
    error = None if finish.error is None else driver.meaning({"message": "", **finish.error})
    assert expected.error == error
    assert reference.count(expected) == (Counter(driver.execution.runs), Counter(driver.execution.failures))
    check_once(driver)


def check_once(driver: Timed) -> None:
    """No outcome is recorded twice."""
    assert [] == [key for key, times in Counter(outcomes(driver)).items() if times > 1]


def outcomes(driver: Timed, before: int | None = None) -> list[StepKey]:
    """The attempts whose outcomes are recorded before a place of the journal."""
    return [event.key for event in driver.journal[:before] if isinstance(event, StepCompleted | StepFailed)]


@pytest.mark.timeout(300)
@settings(max_examples=CASES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(meant_documents(), st.lists(st.integers(0, 10_000), min_size=2, max_size=2))
def test_an_execution_comes_to_what_its_workflow_means(document: JsonObject, crashes: list[int]) -> None:
    """Loops in loops, joins of every mode, errors of every policy, handlers, fallbacks, limits, disabled nodes."""
    check_case(document, crashes)
