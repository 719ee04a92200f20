"""Read, write and reckon with dates and times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wingbeat.sdk import (
    Context,
    Example,
    Json,
    NodeType,
    Outcome,
    Parameters,
    Port,
    Template,
    drawn_as,
    matters,
    needed,
)
from wingbeat.sdk.functions import call

PLAIN = "%Y-%m-%d %H:%M:%S.%f"
Unit = Literal["millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"]
FAULT = "DATETIME_INVALID"
FORMATS = "`%Y` year, `%m` month, `%d` day, `%H` hour, `%M` minute, `%S` second, `%z` offset, `%B` month's name"

OF_A_DATE = ("parse", "format", "add", "subtract", "difference", "start_of", "end_of", "convert", "parts")


class DateTime(Parameters):
    """What to do, with what date."""

    operation: Literal[
        "now", "parse", "format", "add", "subtract", "difference", "start_of", "end_of", "convert", "parts"
    ] = Field(
        description=(
            "`now`: the time of this step. `parse`: a date in another `format`, or a number of seconds since 1970. "
            "`format`: a date as people write it. `add`, `subtract`: an `amount` of a `unit`. `difference`: how long "
            "from `value` to `other`, in `unit`. `start_of`, `end_of`: of the `unit` around the date. `convert`: the "
            "same moment in `zone`. `parts`: an object with year, month, day, weekday (Monday is 1) and the others."
        ),
        examples=["add"],
    )
    value: Template[str | float | None] = Field(
        json_schema_extra=needed(operation=OF_A_DATE),
        default=None,
        description="The date, as ISO 8601; without an offset it is UTC. Not for `now`.",
        examples=["2026-01-31T09:30:00+01:00", "{{ input.due }}"],
    )
    other: Template[str | None] = Field(
        json_schema_extra=needed(operation="difference"),
        default=None,
        description="For `difference`: the other date.",
        examples=["{{ now }}"],
    )
    amount: Template[Annotated[float, Field(allow_inf_nan=False)] | None] = Field(
        json_schema_extra=needed(operation=("add", "subtract")),
        default=None,
        description="For `add` and `subtract`; months and years are whole.",
        examples=[3],
    )
    unit: Unit = Field(
        json_schema_extra=matters(operation=("add", "subtract", "difference", "start_of", "end_of")),
        default="day",
        description=(
            "Days and longer keep the time of day in `zone`, also when clocks change; hours and shorter are real time. "
            "A month after 31 January is the last day of February."
        ),
        examples=["month"],
    )
    format: Template[str | None] = Field(
        json_schema_extra=needed(operation="format") | matters(operation=("parse", "format")),
        default=None,
        description=f"For `parse` and `format`: {FORMATS}.",
        examples=["%d.%m.%Y %H:%M"],
    )
    zone: Template[str | None] = Field(
        json_schema_extra=drawn_as("time-zone")
        | needed(operation="convert")
        | matters(operation=("now", "parse", "format", "add", "subtract", "start_of", "end_of", "convert", "parts")),
        default=None,
        description=(
            "A time zone by its name. The result is in it, and days, weeks and months are those of that zone; for "
            "`parse`, where a date without an offset was written. Without it the offset of `value` stays."
        ),
        examples=["Europe/Zurich"],
    )

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        needs = {
            "now": (),
            "format": ("value", "format"),
            "add": ("value", "amount"),
            "subtract": ("value", "amount"),
            "difference": ("value", "other"),
            "convert": ("value", "zone"),
        }.get(self.operation, ("value",))
        missing = next((name for name in needs if name not in self.model_fields_set), None)
        if missing is not None:
            raise ValueError(f"'{self.operation}' needs '{missing}'")
        return self


def run(parameters: DateTime, context: Context) -> Outcome:
    """Reckon; raises `StepError` (`DATETIME_INVALID`) for what is no date, zone or format."""
    if parameters.operation == "now":
        return Outcome.of(_ask("to_zone", context.now.isoformat(), parameters.zone or "UTC"))
    return Outcome.of(OPERATIONS[parameters.operation](parameters))


def _ask(function: str, *arguments: Json) -> Json:
    """Call a function, without the arguments at the end that are not given."""
    given = list(arguments)
    while given[-1] is None and len(given) > 1:
        given.pop()
    return call(function, *given, code=FAULT)


def _parse(parameters: DateTime) -> Json:
    if isinstance(parameters.value, float):
        return _ask("from_timestamp", parameters.value, parameters.zone)
    if parameters.format is not None:
        return _ask("parse_date", parameters.value, parameters.format, parameters.zone)
    moment = _ask("parse_date", parameters.value)
    if parameters.zone is None:
        return moment
    if datetime.fromisoformat(str(parameters.value)).tzinfo is not None:
        return _ask("to_zone", moment, parameters.zone)
    return _ask("parse_date", _ask("format_date", moment, PLAIN), PLAIN, parameters.zone)


def _parts(parameters: DateTime) -> Json:
    names = ("year", "quarter", "month", "week", "day", "weekday", "day_of_year", "hour", "minute", "second")
    parts = {name: _ask("date_part", parameters.value, name, parameters.zone) for name in (*names, "millisecond")}
    return {**parts, "timestamp": _ask("timestamp", parameters.value)}


def _reckoned(function: str) -> Callable[[DateTime], Json]:
    return lambda one: _ask(function, one.value, one.amount, one.unit, one.zone)


OPERATIONS: dict[str, Callable[[DateTime], Json]] = {
    "parse": _parse,
    "format": lambda one: _ask("format_date", one.value, one.format, one.zone),
    "add": _reckoned("date_add"),
    "subtract": _reckoned("date_subtract"),
    "difference": lambda one: _ask("date_diff", one.value, one.other, one.unit),
    "start_of": lambda one: _ask("start_of", one.value, one.unit, one.zone),
    "end_of": lambda one: _ask("end_of", one.value, one.unit, one.zone),
    "convert": lambda one: _ask("to_zone", one.value, one.zone),
    "parts": _parts,
}

NODE = NodeType(
    type="data.datetime",
    title="Date and time",
    help=(
        "Reads, writes and reckons with dates and times, with time zones and their changes of clocks. Dates are "
        "texts of ISO 8601, as `2026-01-31T09:30:00+01:00`, going in and coming out, so that any node can read them; "
        "the same functions are there in expressions. What is no date, zone or format is the error DATETIME_INVALID."
    ),
    parameters=DateTime,
    run=run,
    outputs=(Port(help="The date, text, number or parts."),),
    examples=(
        Example(
            "a day later, on the night when clocks go forward",
            {
                "operation": "add",
                "value": "2026-03-28T12:00:00+01:00",
                "amount": 1,
                "unit": "day",
                "zone": "Europe/Zurich",
            },
            expect={"out": "2026-03-29T12:00:00+02:00"},
        ),
        Example(
            "as people write it",
            {"operation": "format", "value": "{{ input }}", "format": "%d.%m.%Y, %H:%M", "zone": "America/New_York"},
            input="2026-07-01T12:00:00Z",
            expect={"out": "01.07.2026, 08:00"},
        ),
        Example(
            "from how people write it",
            {"operation": "parse", "value": "31.01.2026 09:30", "format": "%d.%m.%Y %H:%M", "zone": "Europe/Berlin"},
            expect={"out": "2026-01-31T09:30:00+01:00"},
        ),
        Example(
            "how many hours are left",
            {"operation": "difference", "value": "{{ now }}", "other": "2026-01-03T03:04:05Z", "unit": "hour"},
            expect={"out": 24.0},
        ),
        Example("now", {"operation": "now"}, expect={"out": "2026-01-02T03:04:05+00:00"}),
        Example(
            "no date at all",
            {"operation": "start_of", "value": "{{ input }}", "unit": "month"},
            input="31 February",
            expect_error="DATETIME_INVALID",
        ),
    ),
)
