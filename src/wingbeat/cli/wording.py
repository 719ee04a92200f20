"""Numbers, sizes and times as people say them. Words that belong to one command are there."""

from __future__ import annotations

import re

UNITS = ("bytes", "kB", "MB", "GB", "TB")
STEP = 1000
# From here on, three digits would round up to the next unit.
TOP = 999.5
SECOND = 0.9995
MINUTE = 59.995
# Control characters, those of C1 too, and the marks that embed or turn around a direction of writing.
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def count(number: int, one: str, many: str) -> str:
    """A number with its noun: `1 process`, `2 processes`."""
    return f"{number:,} {one if number == 1 else many}"


def size(number: int) -> str:
    """A number of bytes: `10 MB`, `1.5 GB`."""
    value = float(number)
    for unit in UNITS[:-1]:
        if value < TOP:
            return f"{value:.3g} {unit}"
        value /= STEP
    return f"{value:,.3g} {UNITS[-1]}"


def duration(seconds: float) -> str:
    """A time: `12 ms`, `3.51 s`, `2 min 5 s`, `1 h 2 min`."""
    if seconds < SECOND:
        return f"{seconds * 1000:.0f} ms"
    if seconds < MINUTE:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min {rest} s"


def visible(text: str) -> str:
    """The text with nothing in it that a terminal would obey, or that would turn the order of its letters around.

    Names and messages come from workflows and from whoever sent them something; lines and tabs stay.
    """
    return OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def visible_json(text: str) -> str:
    """The same for JSON, in JSON's own way to write such characters, so that it stays what it is."""
    return OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def shorten(text: str, most: int) -> str:
    """At most so many characters; what is missing shows as `…`."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
