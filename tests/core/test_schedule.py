"""Which planned times of a schedule fire, which are missed, and what comes next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from wingbeat.core.schedule import MOST_LOOKED_AT, Interval, Misfire, Missed, Rules, Schedule

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ID = UUID(int=7)


def hourly(**rules: object) -> Schedule:
    """A schedule of every hour."""
    return Schedule(ID, Interval(3600, NOON - 1000 * HOUR), Rules(**rules))  # type: ignore[arg-type] # as given


def hours(*numbers: int) -> tuple[datetime, ...]:
    """Noon and so many hours."""
    return tuple(NOON + number * HOUR for number in numbers)


def test_a_time_that_is_due_fires_and_the_next_one_is_planned() -> None:
    """Nothing is missed, and nothing else is decided."""
    look = hourly().look(NOON, NOON + timedelta(seconds=1))
    assert (hours(0), (), None) == (look.fire, look.coalesced, look.missed)
    assert look.next is not None
    assert (NOON + HOUR, NOON + HOUR) == (look.next.planned, look.next.due)


def test_before_its_time_nothing_is_decided() -> None:
    """The planned time stays."""
    look = hourly().look(NOON, NOON - timedelta(seconds=1))
    assert ((), (), None) == (look.fire, look.coalesced, look.missed)
    assert look.next is not None
    assert NOON == look.next.planned


@pytest.mark.parametrize(
    ("rules", "fire", "coalesced", "missed"),
    [
        ({"misfire": Misfire.SKIP}, (), (), (0, 5, 6)),
        ({"misfire": Misfire.ONCE}, (5,), (0, 1, 2, 3, 4), None),
        ({"misfire": Misfire.ALL, "coalesce": False}, (0, 1, 2, 3, 4, 5), (), None),
        ({"misfire": Misfire.ALL, "coalesce": False, "most_made_up": 2}, (4, 5), (), (0, 3, 4)),
        ({"misfire": Misfire.ALL, "coalesce": False, "window_seconds": 2.9 * 3600}, (3, 4, 5), (), (0, 2, 3)),
        ({"misfire": Misfire.ONCE, "window_seconds": 2.9 * 3600}, (5,), (3, 4), (0, 2, 3)),
        ({"misfire": Misfire.ONCE, "window_seconds": 60}, (), (), (0, 5, 6)),
        ({"misfire": Misfire.SKIP, "grace_seconds": 2 * 3600, "coalesce": False}, (4, 5), (), (0, 3, 4)),
        ({"misfire": Misfire.SKIP, "grace_seconds": 2 * 3600}, (5,), (4,), (0, 3, 4)),
        ({"misfire": Misfire.ONCE, "grace_seconds": 2 * 3600, "coalesce": False}, (3, 4, 5), (0, 1, 2), None),
    ],
)
def test_after_six_hours_of_standstill_each_policy_does_as_it_says(
    rules: dict[str, object], fire: tuple[int, ...], coalesced: tuple[int, ...], missed: tuple[int, int, int] | None
) -> None:
    """From noon on, looked at again at half past five."""
    look = hourly(**rules).look(NOON, NOON + timedelta(hours=5.5))
    assert (hours(*fire), hours(*coalesced)) == (look.fire, look.coalesced)
    expected = None if missed is None else Missed(hours(missed[0])[0], hours(missed[1])[0], missed[2], more=False)
    assert expected == look.missed
    assert look.next is not None
    assert NOON + 6 * HOUR == look.next.planned


@pytest.mark.parametrize("misfire", Misfire)
def test_no_time_is_decided_twice_or_forgotten(misfire: Misfire) -> None:
    """Fired, coalesced and missed together are all that was due."""
    look = hourly(misfire=misfire, coalesce=False, most_made_up=3).look(NOON, NOON + timedelta(hours=9.9))
    missed = 0 if look.missed is None else look.missed.number
    assert 10 == len(look.fire) + len(look.coalesced) + missed


@pytest.mark.parametrize(("misfire", "fired"), [(Misfire.SKIP, 0), (Misfire.ONCE, 1), (Misfire.ALL, 100)])
def test_a_standstill_of_a_year_takes_no_year(misfire: Misfire, fired: int) -> None:
    """Only the latest of half a million times are gone through, and the rest is missed without a number."""
    rules = Rules(misfire=misfire, coalesce=False)
    schedule = Schedule(ID, Interval(60, NOON), rules)
    now = NOON + timedelta(days=365, seconds=30)
    look = schedule.look(NOON, now)
    late = [time for time in look.fire if time < now - MINUTE]
    assert fired == len(late)
    assert look.missed is not None
    assert (NOON, True) == (look.missed.first, look.missed.more)
    assert look.missed.number <= MOST_LOOKED_AT
    assert look.next is not None
    assert now < look.next.planned <= now + MINUTE


def test_start_and_end_are_kept() -> None:
    """Both belong to it; after the end there is no next time."""
    rules = Rules(start_at=NOON, end_at=NOON + 2 * HOUR)
    schedule = Schedule(ID, Interval(3600, NOON), rules)
    assert [NOON, NOON + HOUR, NOON + 2 * HOUR] == [
        following.planned for following in schedule.upcoming(NOON - 48 * HOUR, 10)
    ]


def test_jitter_is_the_same_each_time_and_within_its_bounds() -> None:
    """Another schedule, or another time, draws another delay."""
    schedule = hourly(jitter_seconds=600)
    delays = [(schedule.due(planned) - planned).total_seconds() for planned in hours(*range(50))]
    assert all(0 <= delay < 600 for delay in delays)
    assert len(set(delays)) == 50
    assert delays == [(schedule.due(planned) - planned).total_seconds() for planned in hours(*range(50))]
    other = Schedule(UUID(int=8), schedule.times, schedule.rules)
    assert other.due(NOON) != schedule.due(NOON)


def test_a_time_waits_for_its_jitter_and_is_not_missed_for_it() -> None:
    """It is due when it was drawn to be."""
    schedule = hourly(jitter_seconds=1800, grace_seconds=1)
    due = schedule.due(NOON)
    assert () == schedule.look(NOON, due - timedelta(milliseconds=1)).fire
    assert (NOON,) == schedule.look(NOON, due).fire


def test_intervals_are_counted_from_their_anchor() -> None:
    """Whenever somebody asks; the anchor itself is the first."""
    times = Interval(90, NOON)
    assert NOON == times.next_after(NOON - HOUR)
    assert NOON + timedelta(seconds=90) == times.next_after(NOON)
    assert NOON + timedelta(seconds=180) == times.next_after(NOON + timedelta(seconds=91))
    assert Interval(1e9, datetime(9990, 1, 1, tzinfo=UTC)).next_after(datetime(9991, 1, 1, tzinfo=UTC)) is None
