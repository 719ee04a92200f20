"""Makes JSON Schemas usable for checking whatever comes in: nothing is fetched, and no schema can take for ever.

What a check may cost is found out beforehand, by counting how often a part of the schema could be applied.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from wingbeat.core.errors import StepError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wingbeat.core.json_value import Json, JsonObject

LARGEST_SCHEMA = 500_000
MOST_PARTS = 20_000
DEEPEST = 100
# Applications of a part of the schema to a part of the value.
MOST_WORK = 5_000_000
# Without a walk the count is too high by far.
SIMPLE = 10
TOO_MANY = 10**9
# Listing faults takes far longer than finding out that there is one.
MOST_TO_LIST = 20_000
LONGEST_MESSAGE = 300
PATTERN_BYTES = 1_000_000
LISTED_AT_ONCE = 16
TEXT_AT_ONCE = 1_000

# Keywords whose schemas apply to the same value, to parts of it, or nowhere by themselves.
HERE_LISTS = ("allOf", "anyOf", "oneOf")
HERE = ("not", "if", "then", "else")
HERE_OBJECTS = ("dependentSchemas", "dependencies")
BELOW = (
    "items",
    "additionalItems",
    "additionalProperties",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contains",
    "propertyNames",
)
BELOW_LISTS = ("prefixItems", "items")
BELOW_OBJECTS = ("properties", "patternProperties")
MOST_TYPES = 7
REFUSED = ("$dynamicRef", "$recursiveRef", "$dynamicAnchor", "$recursiveAnchor")


class Fault(NamedTuple):
    """One thing that is wrong with a value: where it is (as `lines[0].price`), what, and which keyword says so."""

    path: str
    message: str
    keyword: str


class Verdict(NamedTuple):
    """Whether a value fits, and the faults; `complete` is false where there may be more than are listed."""

    valid: bool
    faults: list[Fault]
    complete: bool


class Schema:
    """A schema that was read, and can be asked about any value."""

    def __init__(self, validator: Any, costs: _Costs) -> None:  # noqa: ANN401 - jsonschema_rs has one class per draft
        self._validator = validator
        self._costs = costs

    def check(self, value: Json, most_faults: int) -> Verdict:
        """Look at a value.

        Raises:
            StepError: `SCHEMA_TOO_COSTLY`, `VALUE_NOT_JSON`.
        """
        self._costs.check(value)
        try:
            if self._validator.is_valid(value):
                return Verdict(valid=True, faults=[], complete=True)
            if not self._costs.can_list(value):
                return Verdict(valid=False, faults=[_first_fault(self._validator, value)], complete=False)
            found = list(self._validator.iter_errors(value))
        except ValueError as error:
            raise StepError(
                f"The value cannot be checked: {str(error)[:LONGEST_MESSAGE]}.",
                code="VALUE_NOT_JSON",
                remedy="Give a value of JSON: no infinite number, and no number of thousands of digits.",
            ) from error
        faults = [_fault(error) for error in found[:most_faults]]
        return Verdict(valid=False, faults=faults, complete=len(found) <= most_faults)


def _first_fault(validator: Any, value: Json) -> Fault:  # noqa: ANN401 - the same
    import jsonschema_rs  # noqa: PLC0415 - only workflows that check values pay for it

    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return _fault(error)
    return Fault("", "The value does not fit the schema.", "")


def _fault(error: Any) -> Fault:  # noqa: ANN401 - jsonschema_rs.ValidationError
    message: str = error.message
    if len(message) > LONGEST_MESSAGE:
        message = f"{message[:150]} ... {message[-100:]}"
    return Fault(path_text(error.instance_path), message, str(error.schema_path[-1]) if error.schema_path else "")


def path_text(path: list[str | int]) -> str:
    """A place in a value as expressions write it; empty for the value itself."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.isidentifier():
            text += f".{part}" if text else part
        else:
            text += f"[{part[:100]!r}]"
    return text


def read_schema(schema: Json) -> Schema:
    """The schema, ready to check values; the same text is read once.

    Raises:
        StepError: `SCHEMA_INVALID`, `SCHEMA_REFERENCE_REFUSED`, `SCHEMA_TOO_COSTLY`.
    """
    try:
        written = orjson.dumps(schema)
    except TypeError as error:
        raise _invalid("it nests too deep, or holds a number of more than 64 bits or half of a character") from error
    if len(written) > LARGEST_SCHEMA:
        raise _costly(f"is longer than {LARGEST_SCHEMA:,} characters")
    return _read(written)


@lru_cache(maxsize=64)
def _read(written: bytes) -> Schema:
    import jsonschema_rs  # noqa: PLC0415 - only workflows that check values pay for it

    schema = orjson.loads(written)
    if not isinstance(schema, dict | bool):
        raise _invalid("a schema is an object, true or false")
    costs = _Costs(schema)
    options = jsonschema_rs.RegexOptions(size_limit=PATTERN_BYTES, dfa_size_limit=PATTERN_BYTES)
    try:
        validator = jsonschema_rs.validator_for(
            schema, offline=True, pattern_options=options, validate_formats=True, ignore_unknown_formats=True
        )
    except (jsonschema_rs.ValidationError, ValueError) as error:
        where = path_text(getattr(error, "instance_path", []))
        said = getattr(error, "message", str(error))
        raise _invalid(f"{said[:LONGEST_MESSAGE]}{f' (at {where})' if where else ''}") from error
    return Schema(validator, costs)


class _Part(NamedTuple):
    """A part of a schema: the places of those that it applies to the same value, and to parts of it."""

    here: list[int]
    below: list[tuple[str | None, int]]
    weight: int = 1


class _Costs:
    """How often parts of a schema apply to a value; `breadth` is how many apply to one and the same part of it."""

    def __init__(self, schema: JsonObject | bool) -> None:  # noqa: FBT001 - true and false are schemas
        self._root = schema
        self._places: dict[int, int] = {}
        self._parts: list[_Part] = []
        self._add(schema, 0)
        spread = self._totals(lambda part: part.here)
        if spread is None:
            raise _invalid("it refers to itself without going into the value, which never ends")
        self.breadth = max(spread)
        if self.breadth > MOST_PARTS:
            raise _costly("applies too many parts to one and the same value")
        paths = self._totals(lambda part: [*part.here, *(inner for _, inner in part.below)])
        self._can_explode = paths is None or paths[0] > MOST_PARTS

    def check(self, value: Json) -> None:
        """Refuse a value that this schema cannot be applied to in reasonable time.

        Raises:
            StepError: `SCHEMA_TOO_COSTLY`.
        """
        if self._can_explode:
            self._walk(value)
        elif _count(value) * self.breadth > MOST_WORK * SIMPLE:
            raise _costly("and the value are too large to be checked together")

    def can_list(self, value: Json) -> bool:
        """Whether all faults can be listed in no time to speak of."""
        return _count(value) <= MOST_TO_LIST and self._walk(value) <= MOST_TO_LIST

    def _add(self, schema: Json, depth: int) -> int:
        """The place of a part; references lead to places that exist already, or are made for them."""
        if isinstance(schema, dict) and id(schema) in self._places:
            return self._places[id(schema)]
        if depth > DEEPEST:
            raise _costly(f"nests more than {DEEPEST} deep")
        if len(self._parts) >= MOST_PARTS:
            raise _costly(f"has more than {MOST_PARTS:,} parts")
        place = len(self._parts)
        part = _Part([], [], _weight(schema))
        self._parts.append(part)
        if not isinstance(schema, dict):
            return place
        self._places[id(schema)] = place
        _refuse(schema, root=place == 0)
        reference = schema.get("$ref")
        if isinstance(reference, str):
            part.here.append(self._add(self._follow(reference), depth + 1))
        part.here.extend([self._add(inner, depth + 1) for inner in _here(schema)])
        part.below.extend([(name, self._add(inner, depth + 1)) for name, inner in _below(schema)])
        return place

    def _follow(self, reference: str) -> Json:
        if not reference.startswith("#"):
            raise StepError(
                f"The schema refers to '{reference[:100]}', which is not inside of it; nothing is fetched.",
                code="SCHEMA_REFERENCE_REFUSED",
                remedy="Put what it refers to under '$defs', and refer to it as '#/$defs/name'.",
            )
        found: Json = self._root
        for step in reference[1:].split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict) and name in found:
                found = found[name]
            elif isinstance(found, list) and name.isdigit() and len(name) < 6 and int(name) < len(found):  # noqa: PLR2004 - a place in a list
                found = found[int(name)]
            else:
                raise _invalid(f"there is nothing at '{reference[:100]}'")
        if reference != "#" and not reference.startswith("#/"):
            raise _invalid(f"'{reference[:100]}' is no path; write it as '#/$defs/name'")
        return found

    def _totals(self, inner_of: Callable[[_Part], list[int]]) -> list[int] | None:
        """For each part how many it leads to, itself included, as often as it does; None when it goes in circles."""
        totals = [0] * len(self._parts)
        begun = [False] * len(self._parts)
        for start in range(len(self._parts)):
            stack = [start]
            while stack:
                place = stack[-1]
                inner = inner_of(self._parts[place])
                if begun[place]:
                    stack.pop()
                    totals[place] = totals[place] or min(
                        TOO_MANY, self._parts[place].weight + sum(totals[one] for one in inner)
                    )
                    continue
                begun[place] = True
                if any(begun[one] and not totals[one] for one in inner):
                    return None
                stack += (one for one in inner if not begun[one])
        return totals

    def _walk(self, value: Json) -> int:
        """Count applications, level by level: how often each part meets each part of the value.

        Raises:
            StepError: `SCHEMA_TOO_COSTLY`.
        """
        work = 0
        level: list[tuple[Json, dict[int, int]]] = [(value, {0: 1})]
        while level:
            deeper: list[tuple[Json, dict[int, int]]] = []
            for here, places in level:
                times = self._times(places)
                work += sum(count * self._parts[place].weight for place, count in times.items())
                if work > MOST_WORK:
                    raise _costly("applies too many parts again and again to a value that nests")
                if isinstance(here, dict):
                    deeper += ((inner, self._under(times, name)) for name, inner in here.items())
                elif isinstance(here, list):
                    under = self._under(times, None)
                    deeper += ((inner, under) for inner in here)
            level = [(inner, places) for inner, places in deeper if places]
        return work

    def _times(self, places: dict[int, int]) -> dict[int, int]:
        """With all that apply to the same value."""
        times: dict[int, int] = {}
        stack = list(places.items())
        while stack:
            place, count = stack.pop()
            times[place] = times.get(place, 0) + count
            stack += ((inner, count) for inner in self._parts[place].here)
        return times

    def _under(self, times: dict[int, int], name: str | None) -> dict[int, int]:
        under: dict[int, int] = {}
        for place, count in times.items():
            for only, inner in self._parts[place].below:
                if only is None or only == name:
                    under[inner] = under.get(inner, 0) + count
        return under


def _refuse(schema: JsonObject, *, root: bool) -> None:
    refused = next((name for name in REFUSED if name in schema), "$id" if "$id" in schema and not root else None)
    if refused is not None:
        raise _invalid(f"'{refused}' is not supported here")
    types = schema.get("type")
    if isinstance(types, list) and len(types) > MOST_TYPES:
        # Their comparison is quadratic.
        raise _invalid(f"'type' lists more than the {MOST_TYPES} types that there are")


def _here(schema: JsonObject) -> Iterator[Json]:
    for name in HERE_LISTS:
        several = schema.get(name)
        yield from several if isinstance(several, list) else []
    for name in HERE:
        if name in schema:
            yield schema[name]
    for name in HERE_OBJECTS:
        named = schema.get(name)
        if isinstance(named, dict):
            yield from (inner for inner in named.values() if not isinstance(inner, list))


def _below(schema: JsonObject) -> Iterator[tuple[str | None, Json]]:
    """The schemas of parts, with the name of the one field that they are for, where there is one."""
    for name in BELOW:
        inner = schema.get(name)
        if isinstance(inner, dict | bool):
            yield None, inner
    for name in BELOW_LISTS:
        several = schema.get(name)
        if isinstance(several, list):
            yield from ((None, inner) for inner in several)
    for name in BELOW_OBJECTS:
        named = schema.get(name)
        if isinstance(named, dict):
            yield from ((key if name == "properties" else None, inner) for key, inner in named.items())


def _weight(schema: Json) -> int:
    """How much one application costs: long lists of values take as long as several parts."""
    named = (schema.get("enum"), schema.get("required")) if isinstance(schema, dict) else ()
    return 1 + sum(len(several) for several in named if isinstance(several, list)) // LISTED_AT_ONCE


def _count(value: Json) -> int:
    """The parts of a value; a long text counts as several, since patterns go through it."""
    count = 0
    remaining: list[Json] = [value]
    while remaining:
        part = remaining.pop()
        count += 1
        if isinstance(part, dict):
            remaining.extend(part.values())
        elif isinstance(part, list):
            remaining.extend(part)
        elif isinstance(part, str):
            count += len(part) // TEXT_AT_ONCE
    return count


def _invalid(why: str) -> StepError:
    return StepError(
        f"The JSON Schema cannot be used: {why}.",
        code="SCHEMA_INVALID",
        remedy="Correct the schema; patterns are regular expressions without look-around and back-references.",
    )


def _costly(why: str) -> StepError:
    return StepError(
        f"The JSON Schema {why}.",
        code="SCHEMA_TOO_COSTLY",
        remedy="Use a simpler schema, or check parts of the value one after the other.",
    )
