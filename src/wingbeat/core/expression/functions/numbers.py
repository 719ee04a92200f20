"""Functions on numbers, and on lists of numbers."""

from __future__ import annotations

import math

from wingbeat.core.expression.budget import Meter
from wingbeat.core.expression.function import Function, bad_type, bad_value
from wingbeat.core.expression.values import NUMBERS, check_number, closest, kind
from wingbeat.core.json_value import Json

MAX_DIGITS = 4_000
MAX_DECIMALS = 100
STEP_OF_UNITS = 1000
NUMBER_COST = 4  # What a number of its own takes, compared with one character.


def _round(value: float, digits: int | None = None) -> float:
    if digits is not None and abs(digits) > MAX_DECIMALS:
        raise bad_value(
            f"Cannot round to {digits} digits.", f"Give a number between -{MAX_DECIMALS} and {MAX_DECIMALS}."
        )
    return round(value, digits)


def _integer(value: Json) -> int:
    if type(value) is str:
        try:
            if len(value) <= MAX_DIGITS:
                return int(value)
        except ValueError:
            pass
        raise bad_value(
            f"The text {value[:40]!r} is no whole number.", "Give digits only; `| float | int` cuts decimals off."
        )
    return int(value)  # type: ignore[arg-type]


def _float(value: Json) -> float:
    if type(value) is str:
        try:
            number = float(value) if len(value) <= MAX_DIGITS else math.inf
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise bad_value(
                f"The text {value[:40]!r} is no number that JSON can hold.",
                "Give digits, with a point before decimals.",
            )
        return number
    return float(value)  # type: ignore[arg-type]


def _clamp(value: float, low: float, high: float) -> float:
    if low > high:
        raise bad_value(f"The lower bound {low} is above the upper bound {high}.", "Swap them.")
    return max(low, min(value, high))


def _sqrt(value: float) -> float:
    if value < 0:
        raise bad_value("A negative number has no square root.", "Test for negative numbers first.")
    return math.sqrt(value)


def _format(value: float, decimals: int = 2, thousands: str = ",", point: str = ".") -> str:
    if not 0 <= decimals <= MAX_DECIMALS:
        raise bad_value(f"Cannot write {decimals} decimals.", f"Give a number between 0 and {MAX_DECIMALS}.")
    if len(thousands) > 1 or len(point) > 1:
        raise bad_value("The separators of a number are at most one character each.", "Write `'.'` or `','`.")
    whole, _, fraction = f"{value:,.{decimals}f}".partition(".")
    return whole.replace(",", thousands) + (point + fraction if fraction else "")


def _picked(values: list[Json], by: str | None, doing: str) -> list[Json]:
    """The values themselves, or their field `by`, where it is there; only numbers or only texts remain."""
    if by is None:
        return values
    picked = []
    for value in values:
        if type(value) is not dict:
            raise bad_type(
                f"Cannot {doing} by {by!r}: the list holds a value of kind {kind(value)}.",
                "Every element must be an object.",
            )
        picked.append(value.get(by))
    return [value for value in picked if value is not None]


def _numbers(values: list[Json], by: str | None, doing: str) -> list[float]:
    picked = _picked(values, by, doing)
    for value in picked:
        if type(value) not in NUMBERS:
            raise bad_type(
                f"Cannot {doing} a value of kind {kind(value)}.",
                "Every element must be a number; count with `len([x for x in items if ...])`.",
            )
    return picked  # type: ignore[return-value]


def _sum(meter: Meter, values: list[Json], by: str | None = None) -> float:
    meter.walk(len(values) * 16)
    total = sum(_numbers(values, by, "add up"))
    check_number(total, meter)
    return total


def _mean(meter: Meter, values: list[Json], by: str | None = None) -> float | None:
    meter.walk(len(values) * 16)
    numbers = _numbers(values, by, "average")
    return sum(numbers) / len(numbers) if numbers else None


def _median(meter: Meter, values: list[Json], by: str | None = None) -> float | None:
    meter.walk(len(values) * 32)
    numbers = sorted(_numbers(values, by, "take the median of"))
    if not numbers:
        return None
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2


def _comparable(values: list[Json], by: str | None, doing: str) -> list[Json]:
    picked = _picked(values, by, doing)
    kinds = {kind(value) for value in picked}
    if len(kinds) > 1 or not kinds <= {"number", "text"}:
        raise bad_type(
            f"Cannot {doing} of values of the kinds {', '.join(sorted(kinds))}.", "Use numbers only, or texts only."
        )
    return picked


def _least(meter: Meter, values: list[Json], by: str | None = None) -> Json:
    meter.walk(len(values) * 16)
    return min(_comparable(values, by, "take the least"), default=None)  # type: ignore[type-var]


def _greatest(meter: Meter, values: list[Json], by: str | None = None) -> Json:
    meter.walk(len(values) * 16)
    return max(_comparable(values, by, "take the greatest"), default=None)  # type: ignore[type-var]


def _range(meter: Meter, start: int, end: int | None = None, step: int = 1) -> list[int]:
    if step == 0:
        raise bad_value("The step of a range cannot be 0.", "Leave it out, or give 1 or -1.")
    numbers = range(start) if end is None else range(start, end, step)
    # len() of a range fails beyond the machine's word, so the number of elements is worked out by hand.
    count = max(0, (numbers.stop - numbers.start + numbers.step - (1 if numbers.step > 0 else -1)) // numbers.step)
    meter.make(count * NUMBER_COST)
    return list(numbers)


_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


def _format_bytes(value: float) -> str:
    size = float(value)
    for unit in _UNITS[:-1]:
        if abs(size) < STEP_OF_UNITS:
            return f"{size:.{0 if unit == 'B' else 1}f} {unit}"
        size /= STEP_OF_UNITS
    return f"{size:,.1f} {_UNITS[-1]}"


def _to_base(value: int, base: int) -> str:
    formats = {2: "b", 8: "o", 16: "x"}
    if base not in formats:
        raise bad_value(f"Cannot write numbers to the base {base}.", closest(str(base), ["2", "8", "16"]))
    return format(value, formats[base])


# fmt: off
FUNCTIONS = (
    Function(
        "round", "number", "digits?: integer",
        "Rounded to a whole number or to `digits` decimals; halves go to the even neighbour.",
        example="3.14159 | round(2)", result=3.14, run=_round,
    ),
    Function(
        "floor", "number", "", "The whole number at or below.",
        example="floor(2.7)", result=2, run=math.floor,
    ),
    Function(
        "ceil", "number", "", "The whole number at or above.",
        example="ceil(2.1)", result=3, run=math.ceil,
    ),
    Function(
        "abs", "number", "", "Without its sign.",
        example="abs(-3)", result=3, run=abs,
    ),
    Function(
        "sqrt", "number", "", "The square root.",
        example="sqrt(16)", result=4.0, run=_sqrt,
    ),
    Function(
        "clamp", "number", "low: number, high: number", "No less than `low` and no more than `high`.",
        example="120 | clamp(0, 100)", result=100, run=_clamp,
    ),
    Function(
        "int", "number | text | boolean", "", "The whole number that a text says, or a number without its decimals.",
        example='int("42")', result=42, run=_integer, aliases=("integer",),
    ),
    Function(
        "float", "number | text | boolean", "", "The decimal number that a text says.",
        example='float("1.5")', result=1.5, run=_float, aliases=("number",),
    ),
    Function(
        "format_number", "number", "decimals?: integer, thousands?: text, point?: text",
        "As text with separators; two decimals unless told otherwise.",
        example="1234567.891 | format_number(2)", result="1,234,567.89", run=_format,
    ),
    Function(
        "format_bytes", "number", "", "A number of bytes as people read it.",
        example="1536000 | format_bytes", result="1.5 MB", run=_format_bytes,
    ),
    Function(
        "to_base", "integer", "base: integer", "As text to the base 2, 8 or 16.",
        example="255 | to_base(16)", result="ff", run=_to_base,
    ),
    Function(
        "min", "number", "*others: number", "The least of several numbers.",
        example="min(3, 1, 2)", result=1, run=lambda first, *others: min((first, *others)),
    ),
    Function(
        "max", "number", "*others: number", "The greatest of several numbers.",
        example="max(3, 1, 2)", result=3, run=lambda first, *others: max((first, *others)),
    ),
    Function(
        "min", "list", "by?: text", "The least element (or field `by`), or null for an empty list.",
        example="[3, 1, 2].min()", result=1, run=_least, metered=True,
    ),
    Function(
        "max", "list", "by?: text", "The greatest element (or field `by`), or null for an empty list.",
        example='[{"n": 3}, {"n": 5}].max("n")', result=5, run=_greatest, metered=True,
    ),
    Function(
        "sum", "list", "by?: text", "All numbers (or fields `by`) added up; missing fields count as nothing.",
        example='[{"n": 3}, {"n": 5}].sum("n")', result=8, run=_sum, metered=True,
    ),
    Function(
        "mean", "list", "by?: text", "The average of the numbers (or fields `by`), or null when there are none.",
        example="[1, 2, 6].mean()", result=3.0, run=_mean, aliases=("average",), metered=True,
    ),
    Function(
        "median", "list", "by?: text",
        "The middle of the sorted numbers (or fields `by`), or null when there are none.",
        example="[5, 1, 3].median()", result=3, run=_median, metered=True,
    ),
    Function(
        "range", "integer", "end?: integer, step?: integer",
        "Whole numbers from 0 up to, not including, the given one; or from it up to `end`.",
        example="range(2, 5)", result=[2, 3, 4], run=_range, metered=True,
    ),
)
# fmt: on
