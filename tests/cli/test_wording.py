"""Numbers, sizes and times as people say them."""

from __future__ import annotations

import json

import pytest

from wingbeat.cli.wording import count, duration, shorten, size, visible, visible_json


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (999_999, "1 MB"),
        (10_000_000, "10 MB"),
        (1_500_000_000, "1.5 GB"),
    ],
)
def test_a_size_has_the_unit_that_fits(number: int, shown: str) -> None:
    """Three digits are enough."""
    assert shown == size(number)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0124, "12 ms"),
        (0.9999, "1.00 s"),
        (59.99, "59.99 s"),
        (60, "1 min 0 s"),
        (125.4, "2 min 5 s"),
        (3725, "1 h 2 min"),
    ],
)
def test_a_time_has_the_unit_that_fits(seconds: float, shown: str) -> None:
    """Never `60.00 s` or `1000 ms`."""
    assert shown == duration(seconds)


def test_a_noun_agrees_with_its_number() -> None:
    """One is not many."""
    assert ("1 process", "2,000 processes") == (count(1, "process", "processes"), count(2000, "process", "processes"))


def test_a_text_that_is_too_long_is_cut_visibly() -> None:
    """And never longer than asked for."""
    assert ("four", "thr…") == (shorten("four", 4), shorten("threes", 4))


HOSTILE = "a\x1b[2Jb\x1b]0;owned\x07\rc\x9b31md\u202ee\x7f\u2028f\u2066"


def test_a_terminal_obeys_no_text_of_a_workflow() -> None:
    """What would clear it, rename it, colour it, go back in the line or turn letters around is seen as what it is."""
    assert visible(HOSTILE) == "a\\x1b[2Jb\\x1b]0;owned\\x07\\rc\\x9b31md\\u202ee\\x7f\\u2028f\\u2066"
    assert visible("Ünï cödé\n\t日本 🎉") == "Ünï cödé\n\t日本 🎉"


def test_json_stays_what_it_is() -> None:
    """With the same characters, written in another way."""
    shown = visible_json(json.dumps({HOSTILE: [HOSTILE]}, ensure_ascii=False, indent=2))
    assert json.loads(shown) == {HOSTILE: [HOSTILE]}
    assert not [one for one in shown if one != "\n" and not one.isprintable()]
