"""Cron expressions: the times that they name."""

from __future__ import annotations

from datetime import datetime

import pytest

from wingbeat.sdk.cron import Cron


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("* * * * *", "2026-01-01T00:00:59", "2026-01-01T00:01"),
        ("*/15 * * * *", "2026-01-01T00:45", "2026-01-01T01:00"),
        ("0 9 * * mon-fri", "2026-01-02T09:00", "2026-01-05T09:00"),
        ("0 9 * * 0", "2026-01-01T00:00", "2026-01-04T09:00"),
        ("0 9 * * 7", "2026-01-01T00:00", "2026-01-04T09:00"),
        ("0 9 * * */2", "2026-01-01T09:00", "2026-01-03T09:00"),
        ("30 23 31 12 *", "2026-12-31T23:30", "2027-12-31T23:30"),
        ("0 0 29 2 *", "2024-02-29T00:00", "2028-02-29T00:00"),
        ("0 0 29 2 mon", "2025-01-01T00:00", "2025-02-03T00:00"),
        ("0 0 13 * fri", "2026-01-01T00:00", "2026-01-02T00:00"),
        ("5,10-12/2 3 1 jan,JUL ?", "2026-01-01T03:05", "2026-01-01T03:10"),
        ("10/20 * * * *", "2026-01-01T00:31", "2026-01-01T00:50"),
        ("@monthly", "2026-01-31T12:00", "2026-02-01T00:00"),
    ],
)
def test_the_next_time_is_the_one_that_the_calendar_says(text: str, after: str, expected: str) -> None:
    """Strictly after, on the minute; where both days are given, either is enough."""
    assert datetime.fromisoformat(expected) == Cron.read(text).next_after(datetime.fromisoformat(after))


@pytest.mark.parametrize(
    "text", ["", "* * * * * *", "a * * * *", "1-0 * * * *", "1- * * * *", "*/999 * * * * *", "0 24 * * *"]
)
def test_what_is_no_cron_expression_is_refused(text: str) -> None:
    """With a sentence that says which field."""
    with pytest.raises(ValueError, match=r"field|minute|hour"):
        Cron.read(text)
