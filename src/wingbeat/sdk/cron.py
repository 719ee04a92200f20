"""Cron expressions: minute, hour, day of the month, month, day of the week. Read, and the times that they name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
SHORTCUTS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
PART = re.compile(
    r"(?P<all>\*|\?)(?:/(?P<every>[0-9]{1,3}))?|(?P<low>\w{1,3})(?:-(?P<high>\w{1,3}))?(?:/(?P<step>[0-9]{1,3}))?"
)
LONGEST = 200
# 29 February on a given weekday comes once in 28 years, and once in 40 around 2100.
YEARS_AHEAD = 41
FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("day of the week", 0, 7, DAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression that was read. Where both kinds of day are restricted, either is enough, as cron has it."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    @classmethod
    def read(cls, text: str) -> Cron:
        """Read it; raises `ValueError` with what is wrong."""
        if len(text) > LONGEST:
            raise ValueError(f"a cron expression has at most {LONGEST} characters")
        fields = SHORTCUTS.get(text.strip().lower(), text).split()
        if len(fields) != len(FIELDS):
            raise ValueError(
                f"a cron expression has five fields (minute, hour, day, month, weekday) and not {len(fields)}"
            )
        minutes, hours, days, months, weekdays = (
            _field(field, *rule) for field, rule in zip(fields, FIELDS, strict=True)
        )
        either = fields[2][0] not in "*?" and fields[4][0] not in "*?"
        cron = cls(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either)
        if cron.next_after(datetime(2024, 1, 1)) is None:  # noqa: DTZ001 - a date of the calendar, in no zone
            raise ValueError("such a day never comes")
        return cron

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time after `moment`, both as a clock on the wall shows them, without a zone; None if never."""
        moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        last = moment.year + YEARS_AHEAD
        day = moment.replace(hour=0, minute=0)
        times = sorted((hour, minute) for hour in self.hours for minute in self.minutes)
        while day.year <= last:
            if day.month not in self.months:
                day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
                continue
            if self._is_day(day):
                later = (day.replace(hour=hour, minute=minute) for hour, minute in times)
                found = next((time for time in later if time >= moment), None)
                if found is not None:
                    return found
            day += timedelta(days=1)
        return None

    def _is_day(self, day: datetime) -> bool:
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return in_month or in_week if self.either_day else in_month and in_week


def _field(text: str, name: str, low: int, high: int, names: tuple[str, ...]) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        match = PART.fullmatch(part)
        if match is None:
            raise ValueError(f"the {name} '{text[:20]}' is not understood; write 5, 1-5, */10, 1,3 or *")
        step = int(match["every"] or match["step"] or 1)
        first = low if match["all"] else _number(match["low"], name, names, low)
        last = _last(match, name, names, (first, low, high))
        if step < 1 or not low <= first <= last <= high:
            raise ValueError(f"the {name} '{part[:20]}' is not within {low} to {high}")
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _last(match: re.Match[str], name: str, names: tuple[str, ...], bounds: tuple[int, int, int]) -> int:
    first, low, high = bounds
    if match["all"]:
        return high if name != "day of the week" else 6
    if match["high"]:
        return _number(match["high"], name, names, low)
    return high if match["step"] else first


def _number(text: str, name: str, names: tuple[str, ...], low: int) -> int:
    lower = text.lower()
    if lower in names:
        return names.index(lower) + low
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"the {name} '{text}' is no number{' and no name' if names else ''}")
    return int(text)
