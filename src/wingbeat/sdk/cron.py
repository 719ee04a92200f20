"""Cron expressions in a time zone: what is wrong with one, and the moments that it names.

The calendar's part is cronsim's, on a clock without a zone. What a zone does to it is here, since the rule is ours
(docs/adr/0024): where an expression names hours, each time of a day counts once, and one that the clock skips counts
when it has moved on; where it means every hour, its times follow each other as the clock on the wall shows them.
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from wingbeat.core.names import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTCUTS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 7),
)
LONGEST = 200
HOURS = 24
# No clock was ever set back or forth by more.
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
# They say whatever the machine or the system's package thinks, and so not the same on every worker.
NO_ZONES = ("Factory", "localtime", "posixrules")
MOST_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression that was read, without a zone."""

    text: str
    calendar: CronSim

    @classmethod
    def read(cls, text: str) -> Cron:
        """Read it; raises `ValueError` with what is wrong."""
        return _read(text)

    @property
    def every_hour(self) -> bool:
        """Whether it means each hour of its days, so that no time of a day is named."""
        return len(self.calendar.hours) == HOURS

    def times_after(self, wall: datetime) -> Iterator[datetime]:
        """The times after `wall`, all as a clock on the wall shows them, without a zone; they may end."""
        calendar = copy(self.calendar)
        calendar.dt = wall.replace(microsecond=0, fold=0)
        while True:
            try:
                yield next(calendar)
            except (StopIteration, OverflowError):
                return

    def next_after(self, wall: datetime) -> datetime | None:
        """The first of them; None if there is none within some decades."""
        return next(self.times_after(wall), None)


@dataclass(frozen=True, slots=True)
class ZonedCron:
    """The moments that an expression names by the clocks of a zone."""

    cron: Cron
    zone: ZoneInfo

    @classmethod
    def read(cls, text: str, zone: str) -> ZonedCron:
        """Read both; raises `ValueError` with what is wrong."""
        return cls(_read(text), read_zone(zone))

    def next_after(self, moment: datetime) -> datetime | None:
        """The first moment after this one, in UTC; None if there is none within some decades."""
        return self._shown_after(moment) if self.cron.every_hour else self._named_after(moment)

    def _named_after(self, moment: datetime) -> datetime | None:
        for wall in self.cron.times_after(self._wall(moment)):
            instant = self._first(wall)
            if instant > moment:
                return instant
        return None

    def _shown_after(self, moment: datetime) -> datetime | None:
        found = None
        for wall in self.cron.times_after(self._wall(moment)):
            found = next((at for at in self._instants(wall) if at > moment), None)
            if found is not None:
                break
        begun = moment.astimezone(UTC).replace(microsecond=0)
        latest = begun + DAY if found is None else min(found, begun + DAY)
        if self._offset(latest) < self._offset(begun):
            # The clock is set back on the way, and shows some times again that may be meant.
            again = self._change(begun, latest)
            for wall in self.cron.times_after(self._wall(again) - SECOND):
                repeated = wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
                return repeated if found is None else min(found, repeated)
        return found

    def _first(self, wall: datetime) -> datetime:
        """When the clock first shows this time, or has skipped it."""
        shown = self._instants(wall)
        if shown:
            return shown[0]
        # Within what is skipped, fold=1 goes by the offset afterwards and so leads to before the change.
        before, after = (wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (1, 0))
        return self._change(before, after)

    def _instants(self, wall: datetime) -> list[datetime]:
        """When the clock shows this time: once, twice or never."""
        at = [wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        return [instant for instant in dict.fromkeys(at) if self._wall(instant) == wall]

    def _change(self, before: datetime, after: datetime) -> datetime:
        """The second between two moments at which the offset changes."""
        offset = self._offset(before)
        while after - before > SECOND:
            middle = before + (after - before) // 2
            middle = middle.replace(microsecond=0)
            if self._offset(middle) == offset:
                before = middle
            else:
                after = middle
        return after

    def _offset(self, moment: datetime) -> timedelta:
        return moment.astimezone(self.zone).utcoffset() or timedelta()

    def _wall(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone).replace(tzinfo=None, fold=0)


def read_zone(name: str) -> ZoneInfo:
    """The time zone of that name; raises `ValueError` if there is none."""
    if name in NO_ZONES:
        raise _no_zone(name)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise _no_zone(name) from None


def _no_zone(name: str) -> ValueError:
    near = closest(name, available_timezones().difference(NO_ZONES))
    remedy = f"did you mean {near}?" if near else "write a name as Europe/Zurich"
    return ValueError(f"there is no time zone '{name[:100]}'; {remedy}")


@lru_cache(MOST_REMEMBERED)
def _read(text: str) -> Cron:
    if len(text) > LONGEST:
        raise ValueError(f"a cron expression has at most {LONGEST} characters")
    wanted = text.strip().lower()
    if wanted.startswith("@") and wanted not in SHORTCUTS:
        raise ValueError(f"there is no '{text.strip()[:20]}'; there are {', '.join(SHORTCUTS)}")
    fields = SHORTCUTS.get(wanted, wanted).split()
    if len(fields) != len(FIELDS):
        raise ValueError(f"a cron expression has five fields (minute, hour, day, month, weekday) and not {len(fields)}")
    fields = ["*" + field[1:] if field.startswith("?") else field for field in fields]
    for place in range(len(FIELDS)):
        _check_field(fields, place)
    cron = Cron(text, _read_calendar(fields))
    if cron.next_after(datetime(2024, 1, 1)) is None:  # noqa: DTZ001 - a date of the calendar, in no zone
        raise _never_comes()
    return cron


def _check_field(fields: list[str], place: int) -> None:
    name, low, high = FIELDS[place]
    field = fields[place]
    alone = ["*"] * len(FIELDS)
    alone[place] = field
    try:
        CronSim(" ".join(alone), datetime(2024, 1, 1))  # noqa: DTZ001 - as above
    except CronSimError:
        raise ValueError(
            f"the {name} '{field[:20]}' is not understood or not within {low} to {high}; write 5, 1-5, */10, 1,3 or *"
        ) from None
    for step in re.findall(r"/([0-9]+)", field):
        if int(step) > high - low:
            raise ValueError(
                f"the {name} '{field[:20]}' steps by more than there are, so that it would only mean its first; "
                "give an interval instead"
            )


def _read_calendar(fields: list[str]) -> CronSim:
    try:
        return CronSim(" ".join(fields), datetime(2024, 1, 1))  # noqa: DTZ001 - as above
    except CronSimError:
        # Each field is right by itself.
        raise _never_comes() from None


def _never_comes() -> ValueError:
    return ValueError("such a day never comes")
