"""Checks what people typed or programs sent, field by field, and makes typed values of it; all faults come at once."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from wingbeat.core.errors import StepError
from wingbeat.sdk.functions import call
from wingbeat.sdk.values import described, short

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wingbeat.core.json_value import Json, JsonObject

LONGEST_NUMBER = 40
INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
NUMBER = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?")
EMAIL = re.compile(r"[^\s@<>(),;:\\\"\[\]\x00-\x1f]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
URL = re.compile(r"https?://[^\s/?#\"<>\\^`{|}\x00-\x1f]+[^\s\"<>\\^`{|}\x00-\x1f]*")
TRUE, FALSE = frozenset(("true", "yes", "on", "1")), frozenset(("false", "no", "off", "0"))
LONGEST_EMAIL = 254
LONGEST_URL = 2_000
LONGEST_DATE = 40


class Unfit(ValueError):
    """A value does not fit its field; the text says why, and follows the field's name."""


class FieldRule(Protocol):
    """What a field asks for."""

    @property
    def name(self) -> str: ...  # noqa: D102 - says itself
    @property
    def type(self) -> str: ...  # noqa: D102 - says itself
    @property
    def required(self) -> bool: ...  # noqa: D102 - says itself
    @property
    def default(self) -> Any: ...  # noqa: ANN401, D102 - any JSON that the field takes
    @property
    def choices(self) -> Sequence[str]: ...  # noqa: D102 - says itself
    @property
    def minimum(self) -> float | None: ...  # noqa: D102 - says itself
    @property
    def maximum(self) -> float | None: ...  # noqa: D102 - says itself
    @property
    def pattern(self) -> str: ...  # noqa: D102 - says itself


class Checked(NamedTuple):
    """The typed values, and for each field that does not fit what is wrong with it."""

    values: JsonObject
    faults: dict[str, str]


def check_fields(rules: Sequence[FieldRule], given: JsonObject) -> Checked:
    """Check all fields; one without a value gets its default, or null where it need not be there."""
    values: JsonObject = {}
    faults = {name[:100]: "there is no such field" for name in given if all(rule.name != name for rule in rules)}
    for rule in rules:
        value = given.get(rule.name)
        if value is None or (isinstance(value, str) and not value.strip()):
            values[rule.name] = None if rule.default is None else read_value(rule, rule.default)
            if rule.required and rule.default is None:
                faults[rule.name] = "is missing"
            continue
        try:
            values[rule.name] = read_value(rule, value)
        except ValueError as error:
            faults[rule.name] = str(error)
    return Checked(values, faults)


def read_value(rule: FieldRule, value: Json) -> Json:
    """The value with the type of the field; raises `ValueError` with what is wrong."""
    found = READERS[rule.type](rule, value)
    if rule.minimum is None and rule.maximum is None:
        return found
    size = found if isinstance(found, int | float) and not isinstance(found, bool) else None
    what = "" if size is not None else " characters" if isinstance(found, str) else " choices"
    if size is None:
        size = len(found) if isinstance(found, str | list) else 0
    if rule.minimum is not None and size < rule.minimum:
        raise ValueError(f"is less than {rule.minimum:g}{what}")
    if rule.maximum is not None and size > rule.maximum:
        raise ValueError(f"is more than {rule.maximum:g}{what}")
    return found


def _text(rule: FieldRule, value: Json) -> Json:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unfit(f"needs a text, and got {described(value)}")
    text = value if isinstance(value, str) else str(value)
    if "\0" in text:
        raise ValueError("holds a character that is no text")
    if rule.pattern:
        try:
            fits = call("full_match", text, rule.pattern, code="PATTERN_INVALID")
        except StepError as error:
            raise ValueError(error.message) from error
        if not fits:
            raise ValueError(f"does not have the form {rule.pattern[:60]}")
    return text


def _integer(_rule: FieldRule, value: Json) -> Json:
    if isinstance(value, str) and INTEGER.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit(f"needs a whole number, and got {_shown(value)}")
    return value


def _number(_rule: FieldRule, value: Json) -> Json:
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        value = int(value) if INTEGER.fullmatch(value.strip()) else float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(float(value)):
        raise Unfit(f"needs a number, and got {_shown(value)}")
    return value


def _boolean(_rule: FieldRule, value: Json) -> Json:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower() if isinstance(value, str | int) else ""
    if text in TRUE or text in FALSE:
        return text in TRUE
    raise Unfit(f"needs true or false, and got {_shown(value)}")


def _moment(kind: str, parse: Callable[[str], str]) -> Callable[[FieldRule, Json], Json]:
    def read(_rule: FieldRule, value: Json) -> Json:
        if not isinstance(value, str) or len(value) > LONGEST_DATE:
            raise Unfit(f"needs {kind}, and got {_shown(value)}")
        try:
            return parse(value.strip())
        except ValueError as error:
            raise Unfit(f"needs {kind}, and got {_shown(value)}") from error

    return read


def _matching(kind: str, form: re.Pattern[str], longest: int) -> Callable[[FieldRule, Json], Json]:
    def read(rule: FieldRule, value: Json) -> Json:
        text = _text(rule, value)
        stripped = text.strip() if isinstance(text, str) else ""
        if len(stripped) > longest or form.fullmatch(stripped) is None:
            raise Unfit(f"needs {kind}, and got {_shown(value)}")
        return stripped

    return read


def _choice(rule: FieldRule, value: Json) -> Json:
    text = _text(rule, value)
    if text not in rule.choices:
        shown = ", ".join(rule.choices[:8]) + (", ..." if len(rule.choices) > 8 else "")  # noqa: PLR2004 - enough to see
        raise Unfit(f"needs one of {shown}, and got {_shown(value)}")
    return text


def _choices(rule: FieldRule, value: Json) -> Json:
    several = value if isinstance(value, list) else [value]
    if len(several) > len(rule.choices):
        raise ValueError("has more than there are to choose from")
    return list(dict.fromkeys(str(_choice(rule, one)) for one in several))


def _file(_rule: FieldRule, value: Json) -> Json:
    if not isinstance(value, dict) or not isinstance(value.get("$file"), str):
        raise Unfit(f"needs a file, and got {described(value)}")
    return value


def _shown(value: Json) -> str:
    return f"'{short(value)}'" if isinstance(value, str | int | float) else described(value)


READERS: dict[str, Callable[[FieldRule, Json], Json]] = {
    "text": _text,
    "long_text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _moment("a date as 2026-01-31", lambda text: date.fromisoformat(text).isoformat()),
    "time": _moment("a time as 09:30", lambda text: time.fromisoformat(text).isoformat()),
    "datetime": _moment("a date and time as 2026-01-31T09:30", lambda text: datetime.fromisoformat(text).isoformat()),
    "email": _matching("an e-mail address", EMAIL, LONGEST_EMAIL),
    "url": _matching("an address with http:// or https://", URL, LONGEST_URL),
    "select": _choice,
    "multi_select": _choices,
    "file": _file,
}


def check_rule(rule: FieldRule) -> None:
    """Check that a field makes sense; raises `ValueError`."""
    if (rule.type in {"select", "multi_select"}) != bool(rule.choices):
        raise ValueError(f"the field '{rule.name}': 'choices' belong to the types select and multi_select")
    if rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
        raise ValueError(f"the field '{rule.name}': 'minimum' is more than 'maximum'")
    if rule.pattern and rule.type not in {"text", "long_text"}:
        raise ValueError(f"the field '{rule.name}': a pattern belongs to a text")
    try:
        if rule.pattern:
            call("full_match", "", rule.pattern, code="PATTERN_INVALID")
        if rule.default is not None:
            read_value(rule, rule.default)
    except StepError as error:
        raise ValueError(f"the field '{rule.name}': {error.message} {error.remedy}") from error
    except ValueError as error:
        raise ValueError(f"the default of the field '{rule.name}' {error}") from error
