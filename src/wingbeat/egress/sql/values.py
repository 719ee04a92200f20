"""How the values of databases become JSON, and JSON becomes parameters.

Numbers stay numbers where JSON holds all their digits, and become text where it does not (a numeric of thirty digits,
NaN, an integer above 64 bits). Times are ISO 8601, bytes base64, uuids and addresses text, arrays lists.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import orjson

from wingbeat.core.errors import StepError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wingbeat.core.json_value import Json

LARGEST = 2**64 - 1
SMALLEST = -(2**63)
BASE64 = "$base64"


def to_json(value: Any) -> Json:  # noqa: ANN401, C901, PLR0911 - whatever a driver gives; one line for each kind
    """A value as JSON."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if SMALLEST <= value <= LARGEST else str(value)
        case float():
            return value if math.isfinite(value) else _unusual(value)
        case Decimal():
            return _from_decimal(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return _clock(value)
        case bytes() | bytearray() | memoryview():
            return b64encode(value).decode()
        case list() | tuple() | set() | frozenset():
            return [to_json(item) for item in value]
        case Mapping():
            return {str(name): to_json(item) for name, item in value.items()}
        case _:
            return str(value)


def _unusual(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _from_decimal(value: Decimal) -> Json:
    if not value.is_finite():
        return _unusual(float(value)) if not value.is_snan() else "NaN"
    if value == value.to_integral_value() and SMALLEST <= value <= LARGEST and value.adjusted() < 19:  # noqa: PLR2004 - digits of 64 bits
        return int(value)
    near = float(value)
    return near if math.isfinite(near) and Decimal(repr(near)) == value else format(value, "f")


def _clock(value: timedelta) -> str:
    """MySQL's TIME, which may be negative and longer than a day."""
    microseconds = abs(value) // timedelta(microseconds=1)
    seconds, rest = divmod(microseconds, 1_000_000)
    sign = "-" if value < timedelta() else ""
    fraction = f".{rest:06}" if rest else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def json_text(value: Json) -> str:
    """A list or an object as the text that a JSON column takes."""
    return orjson.dumps(value).decode()


def read_json(value: Any) -> Json:  # noqa: ANN401 - what a driver gives for a JSON column
    """A JSON column's value, or its text where it is no JSON that we hold."""
    try:
        return None if value is None else orjson.loads(value)
    except orjson.JSONDecodeError:
        return to_json(value)


def plain_parameter(name: str, value: Json) -> Any:  # noqa: ANN401 - what a driver takes
    """A parameter for a database that takes texts and numbers and finds the type itself."""
    match value:
        case {"$base64": str()} if isinstance(value, dict) and len(value) == 1:
            return as_bytes(name, value)
        case list() | dict():
            return json_text(value)
        case bool():
            return int(value)
        case int() if not -(2**63) <= value < 2**63:
            return str(value)
        case str() if not value.isascii() and not _is_sound(value):
            raise unfit(name, value, "text", "it holds half of a character")
        case _:
            return value


def typed_parameter(name: str, value: Json, wanted: str) -> Any:  # noqa: ANN401 - what the driver takes
    """A parameter of the type that PostgreSQL wants, by the type's name there.

    Raises:
        StepError: `SQL_PARAMETER_UNFIT`, which names the parameter and the type.
    """
    if value is None:
        return None
    try:
        if wanted.endswith("[]") and isinstance(value, list):
            return [typed_parameter(name, item, wanted[:-2]) for item in value]
        return CONVERTERS.get(wanted, as_text)(name, value)
    except (ValueError, TypeError, InvalidOperation, OverflowError) as error:
        raise unfit(name, value, wanted) from error


def as_bytes(name: str, value: Json) -> bytes:
    """Bytes from base64, as a text or as `{"$base64": ...}`."""
    text = value.get(BASE64) if isinstance(value, dict) else value
    if not isinstance(text, str):
        raise unfit(name, value, "bytes")
    try:
        return b64decode("".join(text.split()), validate=True)
    except (Base64Error, ValueError) as error:
        raise unfit(name, value, "bytes", "it is no base64") from error


def as_text(name: str, value: Json) -> str:
    """Text as it is, anything else as JSON."""
    if isinstance(value, str):
        if "\0" in value or not _is_sound(value):
            raise unfit(name, value, "text", "it holds U+0000 or half of a character")
        return value
    return json_text(value)


def _as_json(_name: str, value: Json) -> str:
    return json_text(value)


def _as_integer(_name: str, value: Json) -> int:
    if isinstance(value, str):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError


def _as_float(_name: str, value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    return float(value)


def _as_decimal(_name: str, value: Json) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    return Decimal(str(value))


def _as_boolean(_name: str, value: Json) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _as_moment(name: str, value: Json) -> datetime:
    """With a time zone; without one it is taken as UTC."""
    found = datetime.fromisoformat(as_text(name, value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _as_local_moment(name: str, value: Json) -> datetime:
    """Without a time zone; with one it is turned into UTC first."""
    found = datetime.fromisoformat(as_text(name, value))
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def _as_date(name: str, value: Json) -> date:
    text = as_text(name, value)
    return datetime.fromisoformat(text).date() if len(text) > len("2026-01-02") else date.fromisoformat(text)


def _as_time(name: str, value: Json) -> time:
    return time.fromisoformat(as_text(name, value))


CONVERTERS: dict[str, Callable[[str, Json], Any]] = {
    "bool": _as_boolean,
    "int2": _as_integer,
    "int4": _as_integer,
    "int8": _as_integer,
    "oid": _as_integer,
    "float4": _as_float,
    "float8": _as_float,
    "numeric": _as_decimal,
    "timestamptz": _as_moment,
    "timestamp": _as_local_moment,
    "date": _as_date,
    "time": _as_time,
    "timetz": _as_time,
    "json": _as_json,
    "jsonb": _as_json,
    "bytea": as_bytes,
}


def _is_sound(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def unfit(name: str, value: Json, wanted: str, why: str = "") -> StepError:
    """The refusal of a parameter's value."""
    kind = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list"}.get(
        type(value), "null" if value is None else "an object"
    )
    reason = why or f"it is {kind}, and the database wants {wanted}"
    return StepError(
        f"The parameter '{name}' does not fit: {reason}.",
        code="SQL_PARAMETER_UNFIT",
        remedy="Convert the value, or cast the parameter in the SQL.",
        details={"parameter": name, "wanted": wanted},
    )
