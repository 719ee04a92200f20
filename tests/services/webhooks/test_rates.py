"""How many deliveries a webhook lets in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wingbeat.services.webhooks.rates import SLICES, Rate, Recent

BEGIN = 1_760_000_000.0


@given(
    most=st.integers(1, 8),
    window=st.integers(1, 120),
    pauses=st.lists(st.floats(0, 60, allow_nan=False), min_size=1, max_size=120),
)
def test_no_window_holds_more_than_the_limit(most: int, window: int, pauses: list[float]) -> None:
    """Whenever deliveries come, and wherever the window is laid."""
    rate, now = Rate(most, window), BEGIN
    stored: list[int] = []
    let_in: list[float] = []
    for pause in pauses:
        now += pause
        recent = Recent(rate, stored, now)
        if recent.room() >= 1:
            recent.add(1)
            let_in.append(now)
        stored = recent.to_list()
    for last in let_in:
        assert most >= sum(last - window < moment <= last for moment in let_in)


@given(most=st.integers(1, 5), window=st.integers(1, 100), moments=st.lists(st.floats(0, 300), max_size=30))
def test_after_the_time_that_is_told_there_is_room(most: int, window: int, moments: list[float]) -> None:
    """Who comes back then is let in, and that is not later than a window and a slice."""
    rate = Rate(most, window)
    stored: list[int] = []
    now = BEGIN
    for moment in sorted(moments):
        now = BEGIN + moment
        recent = Recent(rate, stored, now)
        recent.add(int(min(1, recent.room())))
        stored = recent.to_list()
    recent = Recent(rate, stored, now)
    if recent.room() == 0:
        seconds = recent.seconds_to_room()
        assert seconds <= window + window / SLICES + 1
        assert Recent(rate, stored, now + seconds).room() >= 1


def test_a_clock_that_goes_back_lets_in_no_more() -> None:
    """What was counted a moment ago still counts."""
    recent = Recent(Rate(2, 60), [], BEGIN)
    recent.add(2)
    assert 0 == Recent(Rate(2, 60), recent.to_list(), BEGIN - 3_600).room()


def test_without_a_limit_nothing_is_counted() -> None:
    """And there is always room."""
    recent = Recent(Rate(None, 60), [], BEGIN)
    recent.add(1_000_000)
    assert (True, []) == (recent.room() > 1_000_000, recent.to_list())


def test_what_is_kept_stays_small() -> None:
    """However many come in: one count for each slice of the window."""
    stored: list[int] = []
    for second in range(600):
        recent = Recent(Rate(1_000_000, 60), stored, BEGIN + second)
        recent.add(500)
        stored = recent.to_list()
    assert len(stored) <= 2 * (SLICES + 2)
