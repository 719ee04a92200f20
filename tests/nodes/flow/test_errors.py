"""Handlers, fallbacks and ends with an error: what odd inputs come to."""

from __future__ import annotations

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.flow import error_handler, fallback, stop_and_error
from wingbeat.sdk import Arrival, End, Example, Json, JsonObject, Outcome
from wingbeat.sdk.testing import run_example

ODD: list[Json] = [None, 5, "text", [], {}, {"error": None}, {"error": "text"}]


@pytest.mark.parametrize("value", ODD)
def test_a_handler_gives_on_whatever_an_error_is(value: Json) -> None:
    """It never fails itself."""
    example = Example("", {}, arrivals=(Arrival("a", "error", value, failed=True),))
    result = run_example(error_handler.NODE, example)
    assert isinstance(result, Outcome)


@pytest.mark.parametrize("nodes", ["a", 5, [None], [""], [[]], {"a": 1}, None])
def test_ids_that_are_none_are_faults(nodes: Json) -> None:
    """They are found when the workflow is checked."""
    assert error_handler.NODE.read({"nodes": nodes}).problems


def test_a_number_is_the_id_of_a_node() -> None:
    """It does not vanish, which would make the handler one of all nodes."""
    assert ("5", "a") == error_handler.NODE.read({"nodes": [5, "a"]}).handles


@pytest.mark.parametrize("value", ODD)
def test_a_fallback_takes_any_value_that_is_no_failure(value: Json) -> None:
    """What it looks like does not matter."""
    arrivals = (Arrival("a", "out", 1, failed=True), Arrival("b", "error", 2), Arrival("c", "out", value))
    assert Outcome.of(value) == run_example(fallback.NODE, Example("", {}, arrivals=arrivals))


@pytest.mark.parametrize("value", ODD)
def test_a_fallback_lists_whatever_failed(value: Json) -> None:
    """With the node, and the error where there is one; a long list is cut, and its length is told."""
    arrivals = tuple(Arrival(f"n{number}", "out", value, failed=True) for number in range(500))
    with pytest.raises(StepError) as caught:
        run_example(fallback.NODE, Example("", {}, arrivals=arrivals))
    details = caught.value.details
    assert ("FALLBACK_EXHAUSTED", 500, 20) == (caught.value.code, details["cause_count"], len(details["causes"]))  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["", "lower", "1ST", "A B", "A" * 65, None, 5])
def test_codes_that_programs_cannot_rely_on_are_faults(code: Json) -> None:
    """Capital letters, digits and _."""
    assert stop_and_error.NODE.read({"message": "x", "code": code}).problems


@pytest.mark.parametrize(
    ("raw", "given"),
    [
        ({"message": "{{ input }}"}, "x" * 10_001),
        ({"message": "{{ input }}"}, None),
        ({"message": "x", "details": "{{ input }}"}, [1]),
    ],
)
def test_errors_that_do_not_fit_fail_the_step(raw: JsonObject, given: Json) -> None:
    """With an error of its own, which `on_error` decides about."""
    with pytest.raises(StepError) as caught:
        run_example(stop_and_error.NODE, Example("", raw, input=given))
    assert "PARAMETER_INVALID" == caught.value.code


def test_an_end_without_details_has_none() -> None:
    """Only what was given is told."""
    expected = End(None, failed=True, message="No.", error={"code": "STOPPED", "message": "No."})
    assert expected == run_example(stop_and_error.NODE, Example("", {"message": "No."}))
