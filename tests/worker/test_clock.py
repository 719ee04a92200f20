"""All times are the database's, whatever the clock of the worker's machine says."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from tests.rig.engine import START, Engine, node

from wingbeat.worker.clock import Clock

END = node("end", "flow.end", output="{{ input }}")


@pytest.fixture
def monotonic(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the monotonic clock of the machine says; a test moves it."""
    reading = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: reading[0])
    return reading


def test_the_first_answer_is_taken_for_the_middle_of_its_way(monotonic: list[float]) -> None:
    """It was given some time between question and answer."""
    clock = Clock()
    clock.learn(5_000.0, 98.0, 100.0)
    assert 5_001.0 == clock.now()
    monotonic[0] = 103.5
    assert 5_004.5 == clock.now()


def test_an_answer_that_agrees_changes_nothing(monotonic: list[float]) -> None:
    """A slow one says less than what is known."""
    clock = Clock()
    clock.learn(5_000.0, 100.0, 100.0)
    monotonic[0] = 130.0
    clock.learn(5_010.0, 101.0, 130.0)
    assert 5_030.0 == clock.now()


@pytest.mark.parametrize(("theirs", "now"), [(5_020.0, 5_020.0), (4_990.0, 4_992.0)])
def test_an_answer_that_disagrees_moves_the_clock_as_little_as_it_must(
    monotonic: list[float], theirs: float, now: float
) -> None:
    """One of the clocks drifts, or was set."""
    clock = Clock()
    clock.learn(5_000.0, 100.0, 100.0)
    monotonic[0] = 110.0
    clock.learn(theirs, 108.0, 110.0)
    assert now == clock.now()


@pytest.mark.parametrize("hours", [-2, 2])
async def test_a_wrong_clock_of_a_worker_moves_no_due_time(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """A delay of an hour ends an hour after its beginning, by the clock that wakes it."""
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + hours * 3600)
    await engine.worker()
    delay = node("delay", "flow.delay", seconds=3600)
    row = await engine.reaches(await engine.start(await engine.publish(START, delay, END)), "waiting", "completed")
    waiting = (await engine.journal(row["execution_id"]))[-1]
    minute = timedelta(minutes=1)
    for moment, expected in ((waiting["started_at"], timedelta()), (row["wake_at"], timedelta(hours=1))):
        assert expected - minute < moment - row["start_time"] < expected + minute
