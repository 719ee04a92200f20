"""Cron expressions: the times that they name, in every zone, and what is wrong with those that name none."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rig.cron_oracles import EXPRESSIONS, ZONES, Walker, by_croniter, transitions

from wingbeat.sdk.cron import Cron, ZonedCron, read_zone

DAY = timedelta(days=1)


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
        ("0 9 L * *", "2026-02-01T00:00", "2026-02-28T09:00"),
        ("0 9 * * mon#1", "2026-01-06T00:00", "2026-02-02T09:00"),
        ("0 9 * * 5L", "2026-01-01T00:00", "2026-01-30T09:00"),
    ],
)
def test_the_next_time_is_the_one_that_the_calendar_says(text: str, after: str, expected: str) -> None:
    """Strictly after, on the minute; where both days are given, either is enough."""
    assert datetime.fromisoformat(expected) == Cron.read(text).next_after(datetime.fromisoformat(after))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "five fields"),
        ("* * * * * *", "five fields"),
        ("a * * * *", "the minute 'a'"),
        ("1-0 * * * *", "the minute '1-0'"),
        ("1- * * * *", "the minute '1-'"),
        ("*/999 * * * *", "the minute '*/999' steps by more"),
        ("*/90 * * * *", "interval"),
        ("0 24 * * *", "the hour '24'"),
        ("0 0 0 * *", "the day of the month '0'"),
        ("0 0 * janu *", "the month 'janu'"),
        ("0 0 * * 8", "the day of the week '8'"),
        ("0 0 31 2 *", "never comes"),
        ("0 0 30-31 feb *", "never comes"),
        ("0 0 31 4,6,9,11 *", "never comes"),
        ("@dayly", "@daily"),
        ("@reboot", "there is no '@reboot'"),
        ("\u0661 * * * *", "the minute"),
        ("*" * 201, "at most 200"),
        ("0 0 * * mon\x00", "the day of the week"),
    ],
)
def test_what_is_no_cron_expression_is_refused(text: str, said: str) -> None:
    """With a sentence that says which field, or that the day never comes."""
    with pytest.raises(ValueError, match=said.replace("*", r"\*")):
        Cron.read(text)


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../../etc/passwd", "", "localtime", "Factory", "a" * 500, "\x00"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    """Also what would mean something else on every machine."""
    with pytest.raises(ValueError, match="there is no time zone"):
        read_zone(zone)


def test_a_zone_that_is_nearly_right_is_suggested() -> None:
    """As names of nodes are."""
    with pytest.raises(ValueError, match="did you mean Europe/Zurich"):
        read_zone("europe/zurich")
    with pytest.raises(ValueError, match="there is no time zone") as refused:
        read_zone("localtime")
    assert "mean localtime" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "zone", "after", "expected"),
    [
        # 2 to 3 is skipped: at 3 all that was meant between has come, once.
        ("30 2 * * *", "America/New_York", "2026-03-08T06:00Z", ["2026-03-08T07:00Z", "2026-03-09T06:30Z"]),
        ("0,15,30 2 * * *", "America/New_York", "2026-03-08T06:00Z", ["2026-03-08T07:00Z", "2026-03-09T06:00Z"]),
        ("0 2,3 * * *", "America/New_York", "2026-03-08T06:00Z", ["2026-03-08T07:00Z", "2026-03-09T06:00Z"]),
        # 1 to 2 is shown twice: the first counts.
        ("30 1 * * *", "America/New_York", "2026-11-01T05:00Z", ["2026-11-01T05:30Z", "2026-11-02T06:30Z"]),
        ("30 1 * * *", "America/New_York", "2026-11-01T06:10Z", ["2026-11-02T06:30Z"]),
        # Every hour goes on as on a stopwatch.
        ("30 * * * *", "America/New_York", "2026-11-01T05:00Z", ["2026-11-01T05:30Z", "2026-11-01T06:30Z"]),
        ("30 * * * *", "America/New_York", "2026-03-08T06:30Z", ["2026-03-08T07:30Z"]),
        ("30 1 * * *", "Europe/London", "2026-03-29T00:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:30Z"]),
        # Lord Howe moves by half an hour.
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T15:00Z", ["2026-10-03T15:30Z", "2026-10-04T15:15Z"]),
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T14:00Z", ["2026-04-04T14:45Z", "2026-04-05T15:15Z"]),
        ("*/10 2-3 * * *", "Australia/Lord_Howe", "2026-04-04T15:25Z", ["2026-04-04T15:30Z", "2026-04-04T15:40Z"]),
        # Morocco goes back for Ramadan.
        ("30 2 * * *", "Africa/Casablanca", "2026-02-15T00:00Z", ["2026-02-15T01:30Z", "2026-02-16T02:30Z"]),
        # Samoa had no 30 December 2011.
        ("0 9 30 12 *", "Pacific/Apia", "2011-12-30T00:00Z", ["2011-12-30T10:00Z", "2012-12-29T19:00Z"]),
    ],
)
def test_a_time_that_is_skipped_or_doubled_counts_once(text: str, zone: str, after: str, expected: list[str]) -> None:
    """A skipped one when the clock has moved on, a doubled one when it is first shown."""
    cron, moment = ZonedCron.read(text, zone), datetime.fromisoformat(after)
    found = []
    for _ in expected:
        moment = cron.next_after(moment)  # type: ignore[assignment] # none of them ends
        found.append(moment)
    assert [datetime.fromisoformat(one) for one in expected] == found


def agree(expression: str, zone: str, begin: datetime, days: int) -> None:
    """Ours and the walk over all minutes say the same of a stretch of time."""
    until = begin + timedelta(days=days)
    cron, found, moment = ZonedCron.read(expression, zone), [], begin
    while (following := cron.next_after(moment)) is not None and following <= until:
        found.append(following)
        moment = following
    assert list(Walker(expression, zone).times(begin, until)) == found, (expression, zone, begin)


@pytest.mark.parametrize("zone", ZONES)
def test_around_every_change_of_the_clock_we_agree_with_a_walk_over_all_minutes(zone: str) -> None:
    """An independent reading of the rule; every zone, its changes of some years, a sample of expressions."""
    chosen = random.Random(zone)  # noqa: S311 - the same ones each time
    changes = transitions(zone, 2011, 2030) or [datetime(2026, 6, 1, tzinfo=UTC)]
    for change in chosen.sample(changes, min(2, len(changes))):
        for expression in chosen.sample(EXPRESSIONS, 5):
            agree(expression, zone, change - timedelta(hours=chosen.randrange(24)), 2)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(EXPRESSIONS),
    st.sampled_from(ZONES),
    st.integers(0, 20 * 365 * 24 * 60),
)
def test_anywhere_we_agree_with_a_walk_over_all_minutes(expression: str, zone: str, minutes: int) -> None:
    """Expressions, zones and moments at random."""
    agree(expression, zone, datetime(2012, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes), 1)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(EXPRESSIONS), st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)))  # noqa: DTZ001 - no zone
def test_on_a_clock_without_a_zone_we_agree_with_croniter(expression: str, after: datetime) -> None:
    """The calendar's part, against another library."""
    after = after.replace(microsecond=0)
    times = Cron.read(expression).times_after(after)
    assert by_croniter(expression, after, 5) == [next(times) for _ in range(5)]
