"""Patterns for the names of events: what fits, and that what fits is found."""

from __future__ import annotations

import pytest

from wingbeat.sdk.event_names import check_pattern, lookup_key, lookup_keys, matches


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("a.b", "a.b", True),
        ("a.b", "a.b.c", False),
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("*.b", "a.b", True),
        ("a.*.c", "a.b.c", True),
        ("a.**", "a", True),
        ("a.**", "a.b.c", True),
        ("**", "a.b", True),
        ("a.**", "b.a", False),
    ],
)
def test_what_fits_is_found_by_its_key(pattern: str, name: str, *, fits: bool) -> None:
    """A pattern that fits a name is kept under one of the keys that the name is looked up by."""
    assert fits == matches(pattern, name)
    assert not fits or lookup_key(pattern) in lookup_keys(name)


@pytest.mark.parametrize("pattern", ["", "a..b", "a*", "**.a", ".a", "a.***"])
def test_what_cannot_be_read_is_refused(pattern: str) -> None:
    """Nobody would know what it means."""
    with pytest.raises(ValueError, match=r"\*|name"):
        check_pattern(pattern)
