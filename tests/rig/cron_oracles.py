"""Two ways to find the times of a cron expression that share nothing with ours: a walk over minutes, and croniter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from croniter import croniter

MINUTE = timedelta(minutes=1)
EVERY_HOUR = 24
NAMES = {
    name: number + first
    for names, first in (
        ("jan feb mar apr may jun jul aug sep oct nov dec", 1),
        ("sun mon tue wed thu fri sat", 0),
    )
    for number, name in enumerate(names.split())
}
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
ZONES = (
    "UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia",
    "Europe/Zurich", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns", "Asia/Tehran",
    "Africa/Cairo", "Asia/Beirut", "America/Havana", "Atlantic/Azores", "America/Santiago", "Antarctica/Troll",
    "Asia/Kolkata", "Pacific/Kiritimati",
)  # fmt: skip
MINUTES = ("0", "*", "*/15", "30", "5,35", "15-45/10", "59")
HOURS = ("*", "2", "0", "1-3", "*/2", "23", "9,17")
DAYS = ("* * *", "* * mon-fri", "1 * *", "29 2 *", "*/2 * *", "13 * fri", "* mar,oct sun", "31 * *")
EXPRESSIONS = tuple(f"{minute} {hour} {days}" for minute, hour, days in product(MINUTES, HOURS, DAYS))


def numbers(field: str, place: int) -> frozenset[int]:
    """What a field means, read in the plainest way."""
    low, high = BOUNDS[place]
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        begin = low if first == "*" else NAMES.get(first) if first in NAMES else int(first)
        assert begin is not None
        end = high if first == "*" else begin if not last else NAMES.get(last) if last in NAMES else int(last)
        assert end is not None
        found.update(range(begin, end + 1, int(step or 1)))
    return frozenset(found)


class Window:
    """Every minute of a stretch of time, with what the clocks of a zone show then."""

    def __init__(self, zone: str, begin: datetime, until: datetime) -> None:
        there = ZoneInfo(zone)
        self.begin = begin
        self.until = until
        day = timedelta(days=1)
        shown = (begin - day + MINUTE * step for step in range(24 * 60 + 1))
        # The latest time that the clock has shown by then; a day before, at most, if it was set back.
        self.latest = max(one.astimezone(there).replace(tzinfo=None, fold=0) for one in shown)
        moments = (begin + MINUTE * step for step in range(1, int((until - begin) / MINUTE) + 1))
        self.minutes = [(one, one.astimezone(there).replace(tzinfo=None, fold=0)) for one in moments]


class Walker:
    """Looks at every minute of a stretch of time, by the rule of the documentation and nothing else."""

    def __init__(self, expression: str, zone: str) -> None:
        fields = expression.split()
        self._minutes, self._hours, self._days, self._months, self._weekdays = (
            numbers(field, place) for place, field in enumerate(fields)
        )
        self._either = not fields[2].startswith("*") and not fields[4].startswith("*")
        self._zone = zone

    def times(self, after: datetime, until: datetime) -> list[datetime]:
        """The moments after one and up to another, both whole minutes of UTC."""
        return self.within(Window(self._zone, after, until))

    def within(self, window: Window) -> list[datetime]:
        """Those of the minutes that it means."""
        if len(self._hours) == EVERY_HOUR:
            return [moment for moment, wall in window.minutes if self._matches(wall)]
        found, latest = [], window.latest
        for moment, wall in window.minutes:
            # All that the clock shows now for the first time, or has just skipped.
            new = (latest + MINUTE * step for step in range(1, int((wall - latest) / MINUTE) + 1))
            if any(self._matches(one) for one in new):
                found.append(moment)
            latest = max(latest, wall)
        return found

    def _matches(self, wall: datetime) -> bool:
        if wall.minute not in self._minutes or wall.hour not in self._hours or wall.month not in self._months:
            return False
        in_month = wall.day in self._days
        weekday = wall.isoweekday()
        in_week = weekday in self._weekdays or weekday % 7 in self._weekdays
        return in_month or in_week if self._either else in_month and in_week


def by_croniter(expression: str, after: datetime, number: int) -> list[datetime]:
    """The next times on a clock without a zone."""
    iterator = croniter(expression, after.replace(tzinfo=UTC), implement_cron_bug=True, max_years_between_matches=100)
    return [iterator.get_next(datetime).replace(tzinfo=None) for _ in range(number)]


def transitions(zone: str, first_year: int, last_year: int) -> list[datetime]:
    """The days of these years on which the offset of a zone changes, by midnight in UTC before."""
    there = ZoneInfo(zone)
    day, found = datetime(first_year, 1, 1, tzinfo=UTC), []
    while day.year <= last_year:
        following = day + timedelta(days=1)
        if day.astimezone(there).utcoffset() != following.astimezone(there).utcoffset():
            found.append(day)
        day = following
    return found
