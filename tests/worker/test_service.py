"""What a background service says while it fails."""

from __future__ import annotations

from structlog.testing import capture_logs

from wingbeat.worker.service import Outage


def test_an_outage_is_told_at_its_beginning_at_doubling_intervals_and_at_its_end() -> None:
    """Failing four times a second for a minute and a half says little, and the end says how long it took."""
    now = [100.0]
    outage = Outage("it_failed", "it_works", clock=lambda: now[0], service="some")
    with capture_logs() as told:
        outage.over()
        for _ in range(360):
            outage.failed(error="away")
            now[0] += 0.25
        outage.over()
        outage.over()
    assert [("it_failed", seconds) for seconds in (0, 1, 3, 7, 15, 31, 63)] + [("it_works", 90)] == [
        (one["event"], one["seconds"]) for one in told
    ]
    assert {"some"} == {one["service"] for one in told}


def test_a_second_outage_is_told_from_its_beginning() -> None:
    """The intervals of the first one are forgotten."""
    now = [0.0]
    outage = Outage("it_failed", "it_works", clock=lambda: now[0])
    with capture_logs() as told:
        for _ in range(2):
            outage.failed()
            outage.over()
    assert ["it_failed", "it_works"] * 2 == [one["event"] for one in told]
