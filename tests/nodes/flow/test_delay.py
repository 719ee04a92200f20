"""The delay: until when it waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.flow.delay import NODE
from wingbeat.sdk import Example, JsonObject, Outcome, Wait
from wingbeat.sdk.testing import FROZEN_NOW, context_of, run_example


def test_seconds_count_from_the_start_of_the_step() -> None:
    """The clock is the context's, so that a replay finds the same time."""
    assert Wait((FROZEN_NOW + timedelta(seconds=90)).timestamp(), 1) == run_example(
        NODE, Example("", {"seconds": "{{ n }}"}, input=1, variables={"n": 90})
    )


def test_a_time_counts_in_its_own_zone() -> None:
    """04:04:05 at +01:00 is 03:04:05 UTC; a second later waits for a second."""
    example = Example("", {"until": "2026-01-02T04:04:06+01:00"}, input=1)
    assert Wait(FROZEN_NOW.timestamp() + 1, 1) == run_example(NODE, example)


@pytest.mark.parametrize(
    "raw", [{"seconds": 0}, {"until": "2026-01-02T03:04:05Z"}, {"until": "1970-01-01T00:00:00+00:00"}]
)
def test_no_time_left_goes_on_at_once(raw: JsonObject) -> None:
    """Zero seconds and past times suspend nothing."""
    assert Outcome.of("in") == run_example(NODE, Example("", raw, input="in"))


@pytest.mark.parametrize(
    "text", ["", "soon", "2030-01-01", "2030-01-01T00:00:00", "9999-12-31T00:00:00Z", "2026-02-30T00:00:00Z", "12"]
)
def test_times_that_are_none_are_refused(text: str) -> None:
    """No zone, no such day, or too far ahead: the error says how to write it."""
    with pytest.raises(StepError) as caught:
        run_example(NODE, Example("", {"until": "{{ input }}"}, input=text))
    assert (caught.value.code, bool(caught.value.remedy)) == ("DELAY_TIME_INVALID", True)


@pytest.mark.parametrize("seconds", [-1, "inf", "nan", 1e12, "text", [], {}])
def test_seconds_that_are_none_are_refused(seconds: object) -> None:
    """Negative, infinite and huge delays do not pass, from a template either."""
    with pytest.raises(StepError) as caught:
        run_example(NODE, Example("", {"seconds": "{{ input }}"}, input=seconds))
    assert caught.value.code == "PARAMETER_INVALID"


@pytest.mark.parametrize("raw", [{}, {"seconds": 1, "until": "2030-01-01T00:00:00Z"}, {"seconds": None}])
def test_one_of_both_must_be_given(raw: JsonObject) -> None:
    """Neither and both are faults of the definition."""
    assert [problem.path for problem in NODE.read(raw).problems] == [""]


def test_a_rehearsal_waits_for_nothing() -> None:
    """A test run goes on at once, and its log says what was left out."""
    example = Example("", {"seconds": 90}, input=1)
    context = context_of(example)
    assert Outcome.of(1) == run_example(NODE, example, context=context, rehearse=True)
    assert len(context.lines) == 1
