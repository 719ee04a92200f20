"""Dates: ISO 8601 text in, ISO 8601 text with an offset out; one without an offset is taken as UTC. No clock."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from wingbeat.core.expression.function import Function, bad_value
from wingbeat.core.expression.values import closest

_SECONDS = {"millisecond": 0.001, "second": 1, "minute": 60, "hour": 3_600}
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
UNITS = (*_SECONDS, *_DAYS, *_MONTHS)
MAX_AMOUNT = 10**12
MAX_FORMAT = 200
MAX_YEAR = 9999
HALF_DAY = 12
READABLE = frozenset("YymdHIMSfpzjAaBb")

_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip

# The safe part of strftime: the same on every machine, in English, with no way to the C library.
_DIRECTIVES: dict[str, Callable[[datetime], str]] = {
    "Y": lambda moment: f"{moment.year:04}",
    "y": lambda moment: f"{moment.year % 100:02}",
    "m": lambda moment: f"{moment.month:02}",
    "d": lambda moment: f"{moment.day:02}",
    "H": lambda moment: f"{moment.hour:02}",
    "I": lambda moment: f"{(moment.hour + 11) % 12 + 1:02}",
    "M": lambda moment: f"{moment.minute:02}",
    "S": lambda moment: f"{moment.second:02}",
    "f": lambda moment: f"{moment.microsecond:06}",
    "p": lambda moment: "AM" if moment.hour < HALF_DAY else "PM",
    "z": lambda moment: moment.isoformat()[-6:].replace(":", ""),
    "Z": lambda moment: moment.isoformat()[-6:],
    "j": lambda moment: f"{moment.timetuple().tm_yday:03}",
    "A": lambda moment: _DAY_NAMES[moment.weekday()],
    "a": lambda moment: _DAY_NAMES[moment.weekday()][:3],
    "B": lambda moment: _MONTH_NAMES[moment.month - 1],
    "b": lambda moment: _MONTH_NAMES[moment.month - 1][:3],
    "u": lambda moment: str(moment.isoweekday()),
    "V": lambda moment: f"{moment.isocalendar().week:02}",
    "G": lambda moment: f"{moment.isocalendar().year:04}",
    "F": lambda moment: moment.date().isoformat(),
    "T": lambda moment: f"{moment:%H:%M:%S}",
    "%": lambda _: "%",
}
_PARTS: dict[str, Callable[[datetime], float]] = {
    "year": lambda moment: moment.year,
    "quarter": lambda moment: (moment.month + 2) // 3,
    "month": lambda moment: moment.month,
    "week": lambda moment: moment.isocalendar().week,
    "day": lambda moment: moment.day,
    "weekday": lambda moment: moment.isoweekday(),
    "day_of_year": lambda moment: moment.timetuple().tm_yday,
    "hour": lambda moment: moment.hour,
    "minute": lambda moment: moment.minute,
    "second": lambda moment: moment.second,
    "millisecond": lambda moment: moment.microsecond // 1000,
}


def _read(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_value(
            f"The text {text[:40]!r} is no ISO 8601 date.",
            "Write '2026-01-31T09:30:00+01:00', or use `parse_date(format)`.",
        ) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise bad_value(
            f"There is no time zone {name[:40]!r}.", "Write a name such as 'Europe/Berlin' or 'UTC'."
        ) from None


def _out_of_range() -> Exception:
    return bad_value("The date lies outside the years 1 to 9999.", "Use a smaller amount, or another date.")


def _in_zone(text: str, zone: str | None) -> datetime:
    moment = _read(text)
    try:
        return moment if zone is None else moment.astimezone(_zone(zone))
    except OverflowError:
        raise _out_of_range() from None


def _settled(moment: datetime) -> str:
    """As text; a time of day that a zone skips (when clocks go forward) moves on by the gap."""
    try:
        return moment.astimezone(UTC).astimezone(moment.tzinfo).isoformat()
    except (OverflowError, ValueError):
        raise _out_of_range() from None


def _unit(unit: str) -> str:
    name = unit.lower().removesuffix("s")
    if name not in UNITS:
        raise bad_value(f"There is no unit of time {unit[:40]!r}.", closest(name, UNITS))
    return name


def _add(text: str, amount: float, unit: str, zone: str | None = None) -> str:
    """Days and longer keep the time of day in the zone; hours and shorter count real time."""
    name = _unit(unit)
    moment = _in_zone(text, zone)
    if abs(amount) > MAX_AMOUNT:
        raise _out_of_range()
    try:
        if name in _SECONDS:
            later = moment.astimezone(UTC) + timedelta(seconds=amount * _SECONDS[name])
            return later.astimezone(moment.tzinfo).isoformat()
        if name in _DAYS:
            return _settled(moment + timedelta(days=amount * _DAYS[name]))
        return _settled(_add_months(moment, amount * _MONTHS[name]))
    except OverflowError:
        raise _out_of_range() from None


def _add_months(moment: datetime, months: float) -> datetime:
    if months != int(months):
        raise bad_value("Months can only be added whole.", "Add days instead.")
    year, month = divmod(moment.year * 12 + moment.month - 1 + int(months), 12)
    if not 1 <= year <= MAX_YEAR:
        raise _out_of_range()
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _subtract(text: str, amount: float, unit: str, zone: str | None = None) -> str:
    return _add(text, -amount, unit, zone)


def _start(moment: datetime, name: str) -> datetime:
    if name == "millisecond":
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    fields = {"microsecond": 0}
    for field, units in (
        ("second", ("second",)),
        ("minute", ("second", "minute")),
        ("hour", ("second", "minute", "hour")),
    ):
        if name not in units:
            fields[field] = 0
    start = moment.replace(**fields)  # type: ignore[arg-type]
    if name == "week":
        return start - timedelta(days=start.weekday())
    if name == "month":
        return start.replace(day=1)
    if name == "quarter":
        return start.replace(day=1, month=(start.month - 1) // 3 * 3 + 1)
    return start.replace(day=1, month=1) if name == "year" else start


def _start_of(text: str, unit: str, zone: str | None = None) -> str:
    try:
        return _settled(_start(_in_zone(text, zone), _unit(unit)))
    except OverflowError:
        raise _out_of_range() from None


def _end_of(text: str, unit: str, zone: str | None = None) -> str:
    return _add(_add(_start_of(text, unit, zone), 1, unit, zone), -1, "millisecond", zone)


def _diff(text: str, other: str, unit: str = "second") -> float:
    name = _unit(unit)
    start, end = _read(text), _read(other)
    if name in _MONTHS:
        return _whole_months(start, end) / _MONTHS[name]
    seconds = (end - start).total_seconds()
    return seconds / (_SECONDS.get(name) or _DAYS[name] * 86_400)


def _whole_months(start: datetime, end: datetime) -> int:
    """Full months between two moments, on the calendar of the first."""
    end = end.astimezone(start.tzinfo)
    months = (end.year - start.year) * 12 + end.month - start.month
    in_month, other = (start.day, start.time()), (end.day, end.time())
    if months > 0 and other < in_month:
        return months - 1
    return months + 1 if months < 0 and other > in_month else months


def _format(text: str, pattern: str, zone: str | None = None) -> str:
    if len(pattern) > MAX_FORMAT:
        raise bad_value(f"The format is longer than {MAX_FORMAT:,} characters.", "Write less around the date.")
    moment = _in_zone(text, zone)
    pieces = pattern.replace("%%", "%\0").split("%")
    written = [pieces[0]]
    for piece in pieces[1:]:
        letter = "%" if piece[:1] == "\0" else piece[:1]
        if letter not in _DIRECTIVES:
            raise bad_value(
                f"The format holds %{letter}, which means nothing.",
                f"There is: {' '.join('%' + one for one in _DIRECTIVES)}.",
            )
        written += (_DIRECTIVES[letter](moment), piece[1:])
    return "".join(written)


def _check_readable(pattern: str) -> None:
    """Allow what means the same everywhere, each once: the standard library builds a regular expression from it."""
    letters = [piece[:1] for piece in pattern.replace("%%", "").split("%")[1:]]
    if len(pattern) > MAX_FORMAT or len(letters) != len(set(letters)) or not READABLE.issuperset(letters):
        raise bad_value(
            f"The format {pattern[:40]!r} cannot be read.",
            f"Use each of these once at most: {' '.join('%' + one for one in sorted(READABLE))}.",
        )


def _parse(text: str, pattern: str | None = None, zone: str | None = None) -> str:
    """Read with a strptime pattern, or ISO 8601 without one; `zone` says where a date without an offset was written."""
    if pattern is not None:
        _check_readable(pattern)
    try:
        moment = datetime.fromisoformat(text) if pattern is None else datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone follows
    except (ValueError, IndexError):
        raise bad_value(
            f"The text {text[:40]!r} does not follow the format {(pattern or 'ISO 8601')[:40]!r}.",
            "Write the format as the text is, for example '%d.%m.%Y %H:%M' for '31.01.2026 09:30'.",
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC if zone is None else _zone(zone))
    elif zone is not None:
        return _in_zone(moment.isoformat(), zone).isoformat()
    return _settled(moment)


def _from_timestamp(seconds: float, zone: str = "UTC") -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).astimezone(_zone(zone)).isoformat()
    except (OverflowError, ValueError, OSError):
        raise _out_of_range() from None


def _timestamp(text: str) -> float:
    return _read(text).timestamp()


def _part(text: str, part: str, zone: str | None = None) -> float:
    if part not in _PARTS:
        raise bad_value(f"A date has no part {part[:40]!r}.", closest(part, _PARTS))
    return _PARTS[part](_in_zone(text, zone))


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


# fmt: off
FUNCTIONS = (
    Function(
        "parse_date", "text", "format?: text, zone?: text",
        "ISO 8601 from a text in another format; `zone` is where it was written.",
        example='"31.01.2026 09:30".parse_date("%d.%m.%Y %H:%M", "Europe/Berlin")',
        result="2026-01-31T09:30:00+01:00", run=_parse,
    ),
    Function(
        "format_date", "date", "format: text, zone?: text",
        "The date in a format of %Y %m %d %H %M %S and their like, in English.",
        example='"2026-01-31T09:30:00+00:00".format_date("%A, %d %B %Y")', result="Saturday, 31 January 2026",
        run=_format,
    ),
    Function(
        "date_add", "date", "amount: number, unit: text, zone?: text",
        "Later by an amount; days and longer keep the time of day in `zone`.",
        example='"2026-03-28T12:00:00+01:00".date_add(1, "day", "Europe/Berlin")',
        result="2026-03-29T12:00:00+02:00", run=_add,
    ),
    Function(
        "date_subtract", "date", "amount: number, unit: text, zone?: text",
        "Earlier by an amount; days and longer keep the time of day in `zone`.",
        example='"2026-03-31T00:00:00+00:00".date_subtract(1, "month")', result="2026-02-28T00:00:00+00:00",
        run=_subtract,
    ),
    Function(
        "date_diff", "date", "other: date, unit?: text",
        "How long until the other date, in seconds or another unit; whole months for month and longer.",
        example='"2026-01-01".date_diff("2026-01-02", "hour")', result=24.0, run=_diff,
    ),
    Function(
        "start_of", "date", "unit: text, zone?: text",
        "The start of the hour, day, week (Monday), month, quarter or year.",
        example='"2026-05-17T09:30:00+00:00".start_of("month")', result="2026-05-01T00:00:00+00:00", run=_start_of,
    ),
    Function(
        "end_of", "date", "unit: text, zone?: text",
        "The last millisecond of the hour, day, week, month, quarter or year.",
        example='"2026-02-17T09:30:00+00:00".end_of("month")', result="2026-02-28T23:59:59.999000+00:00",
        run=_end_of,
    ),
    Function(
        "to_zone", "date", "zone: text", "The same moment in another time zone.",
        example='"2026-07-01T12:00:00Z".to_zone("America/New_York")', result="2026-07-01T08:00:00-04:00",
        run=lambda text, zone: _in_zone(text, zone).isoformat(),
    ),
    Function(
        "date_part", "date", "part: text, zone?: text",
        "Its year, quarter, month, week, day, weekday (Monday is 1), day_of_year, hour, minute, second or millisecond.",
        example='"2026-01-31".date_part("weekday")', result=6, run=_part,
    ),
    Function(
        "is_before", "date", "other: date", "Whether the date is earlier than the other, whatever their offsets.",
        example='"2026-01-01T00:00:00+01:00".is_before("2026-01-01T00:00:00+00:00")', result=True,
        run=lambda text, other: _read(text) < _read(other),
    ),
    Function(
        "is_after", "date", "other: date", "Whether the date is later than the other, whatever their offsets.",
        example='"2026-01-02".is_after("2026-01-01")', result=True,
        run=lambda text, other: _read(text) > _read(other),
    ),
    Function(
        "timestamp", "date", "", "Seconds since 1970-01-01 UTC.",
        example='"1970-01-02T00:00:00Z".timestamp()', result=86400.0, run=_timestamp,
    ),
    Function(
        "from_timestamp", "number", "zone?: text", "The date that lies so many seconds after 1970-01-01 UTC.",
        example="86400 | from_timestamp", result="1970-01-02T00:00:00+00:00", run=_from_timestamp,
    ),
    Function(
        "is_date", "text", "", "Whether the text is an ISO 8601 date.",
        example='"2026-02-30".is_date()', result=False, run=_is_date,
    ),
)
# fmt: on
