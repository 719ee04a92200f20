"""Ids of version 7: valid, and ordered by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from wingbeat.storage.identifiers import lowest_id, new_id, time_of


def test_an_id_is_a_uuid_of_version_7() -> None:
    """Version and variant are where the standard (RFC 9562) puts them; no two are equal."""
    ids = [new_id() for _ in range(10_000)]
    assert {7} == {identifier.version for identifier in ids}
    assert {"specified in RFC 4122"} == {identifier.variant for identifier in ids}
    assert len(set(ids)) == 10_000


def test_an_id_tells_its_time() -> None:
    """To the millisecond."""
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    assert before <= time_of(new_id()) <= datetime.now(UTC)


def test_a_range_of_ids_is_a_range_of_time() -> None:
    """All ids of a moment and later are above its lowest id, all from before below."""
    now = datetime.now(UTC)
    assert lowest_id(now - timedelta(milliseconds=1)) < new_id() < lowest_id(now + timedelta(minutes=1))
