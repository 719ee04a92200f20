"""Dates: zones, changes of clocks, ends of months, and what is no date."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.data.datetime import NODE
from wingbeat.sdk import Example
from wingbeat.sdk.testing import outcome_of, run_example


def reckoned(raw: dict[str, Any], value: Any = None) -> Any:  # noqa: ANN401 - any JSON
    """What comes out."""
    return outcome_of(run_example(NODE, Example("", raw, input=value)))["out"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"operation": "now", "zone": "Asia/Tokyo"}, "2026-01-02T12:04:05+09:00"),
        ({"operation": "parse", "value": "2026-01-31"}, "2026-01-31T00:00:00+00:00"),
        ({"operation": "parse", "value": "2026-01-31", "zone": "Europe/Berlin"}, "2026-01-31T00:00:00+01:00"),
        ({"operation": "parse", "value": "2026-01-31T00:00:00Z", "zone": "Asia/Tokyo"}, "2026-01-31T09:00:00+09:00"),
        ({"operation": "parse", "value": 0}, "1970-01-01T00:00:00+00:00"),
        ({"operation": "add", "value": "2026-01-31", "amount": 1, "unit": "month"}, "2026-02-28T00:00:00+00:00"),
        ({"operation": "subtract", "value": "2026-01-01", "amount": 0.5, "unit": "hour"}, "2025-12-31T23:30:00+00:00"),
        ({"operation": "difference", "value": "2026-01-31", "other": "2026-02-28", "unit": "month"}, 0.0),
        (
            {"operation": "start_of", "value": "2026-07-01T12:00:00Z", "unit": "day", "zone": "Asia/Tokyo"},
            "2026-07-01T00:00:00+09:00",
        ),
        ({"operation": "end_of", "value": "2024-02-01", "unit": "month"}, "2024-02-29T23:59:59.999000+00:00"),
        (
            {"operation": "convert", "value": "2026-07-01T12:00:00Z", "zone": "America/New_York"},
            "2026-07-01T08:00:00-04:00",
        ),
    ],
)
def test_dates_are_reckoned(raw: dict[str, Any], expected: Any) -> None:  # noqa: ANN401 - any JSON
    """As the calendar and the zone say."""
    assert expected == reckoned(raw)


def test_a_date_has_parts() -> None:
    """All of them at once, in the zone."""
    parts = reckoned({"operation": "parts", "value": "2026-01-01T23:30:00Z", "zone": "Europe/Zurich"})
    assert (2026, 1, 2, 5, 0) == tuple(parts[name] for name in ("year", "month", "day", "weekday", "hour"))


@pytest.mark.parametrize(
    "raw",
    [
        {"operation": "parse", "value": "not a date"},
        {"operation": "parse", "value": ""},
        {"operation": "parse", "value": 1e300},
        {"operation": "parse", "value": "2026-01-01", "zone": "../../etc/passwd"},
        {"operation": "parse", "value": "1", "format": "%Y" * 150},
        {"operation": "parse", "value": "9" * 100_000},
        {"operation": "parse", "value": None},
        {"operation": "add", "value": "9999-12-31", "amount": 1, "unit": "day"},
        {"operation": "add", "value": "2026-01-01", "amount": 1e18, "unit": "year"},
        {"operation": "add", "value": "2026-01-01", "amount": 0.5, "unit": "month"},
        {"operation": "format", "value": "2026-01-01", "format": "%n"},
        {"operation": "convert", "value": "2026-01-01", "zone": ""},
        {"operation": "start_of", "value": 5},
    ],
)
def test_what_cannot_be_reckoned_is_a_typed_error(raw: dict[str, Any]) -> None:
    """And says so quickly."""
    with pytest.raises(StepError) as caught:
        reckoned(raw)
    assert "DATETIME_INVALID" == caught.value.code


@pytest.mark.parametrize(
    "raw",
    [
        {"operation": "add", "value": "2026-01-01"},
        {"operation": "format", "value": "2026-01-01"},
        {"operation": "difference", "value": "2026-01-01"},
        {"operation": "parse"},
        {"operation": "add", "value": "2026-01-01", "amount": 1, "unit": "fortnight"},
    ],
)
def test_an_operation_needs_what_it_needs(raw: dict[str, Any]) -> None:
    """It is found when the workflow is saved."""
    assert NODE.read(raw).problems
