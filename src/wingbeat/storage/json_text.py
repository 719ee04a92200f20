"""Strict reading of JSON that comes from outside: one meaning, or a refusal that says where and why.

The fast path is orjson; whatever it passes over in silence (duplicate keys, long numbers) is found afterwards, and the
exact place of a fault is looked for only once there is one (json_fault.py).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Never

import orjson
import re2

from wingbeat.core.errors import InvalidJson
from wingbeat.storage.encoding import holds_zero_character
from wingbeat.storage.json_fault import MAX_DEPTH, MAX_DIGITS, Fault, find_fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wingbeat.core.json_value import Json, JsonObject

DEFAULT_MAX_BYTES = 10 * 1024 * 1024
# Finding the exact place of a fault takes up to a second for a million bytes, in which nothing else happens.
LOCATE_MAX_BYTES = 128 * 1024
CONTAINERS = (list, dict)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What orjson reads in another way than we want: numbers beyond 64 bits and U+0000; and an escaped colon, which would
# mislead count_colons.
DOUBTFUL = re2.compile(rb"\\u00(?:00|3[aA])|[0-9]{19}")


def read_json(data: bytes | str, *, max_bytes: int = DEFAULT_MAX_BYTES) -> Json:
    """The value of a JSON text, whole numbers of any size included.

    Raises:
        InvalidJson: with `line`, `column` (from 1) and `path` in its details where they are known. Refused are, besides
            wrong syntax: more than `max_bytes`, other encodings than UTF-8, NaN and infinity, floats that overflow,
            whole numbers of more than 4,300 digits, duplicate keys, U+0000 and half surrogate pairs in texts, and
            nesting deeper than 200.
    """
    raw = data if isinstance(data, bytes) else encode_text(data)
    if len(raw) > max_bytes:
        raise too_large(max_bytes)
    raw = raw.removeprefix(BYTE_ORDER_MARK)
    try:
        value: Json = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        refuse(raw, error)
    if DOUBTFUL.search(raw):
        value = read_carefully(raw)
    elif raw.count(b":") != count_colons(value):
        refuse(raw)
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and is_too_deep(value):
        refuse(raw)
    return value


def read_json_object(data: bytes | str, *, max_bytes: int = DEFAULT_MAX_BYTES) -> JsonObject:
    """As read_json, where only an object makes sense.

    Raises:
        InvalidJson: also for any other kind of value.
    """
    value = read_json(data, max_bytes=max_bytes)
    if not isinstance(value, dict):
        kind = (
            "null" if value is None else "a list" if isinstance(value, list) else f"the value {json.dumps(value)[:40]}"
        )
        raise InvalidJson(
            f"The JSON text holds {kind} where an object belongs.",
            code="JSON_NOT_AN_OBJECT",
            remedy="Send an object: {...}.",
        )
    return value


def too_large(max_bytes: int) -> InvalidJson:
    """The refusal of a text that is longer than allowed."""
    return InvalidJson(
        f"The JSON text has more than the {max_bytes} bytes that are allowed here.",
        code="JSON_TOO_LARGE",
        remedy="Send less at once, or have the operator raise MAX_BODY_BYTES.",
        details={"max_bytes": max_bytes},
    )


def encode_text(text: str) -> bytes:
    """A text as UTF-8."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidJson(
            f"The JSON text holds half a surrogate pair at character {error.start}.",
            code="JSON_NOT_UTF8",
            remedy="Send text as valid Unicode.",
        ) from error


def count_colons(value: Json) -> int:
    """How many colons the value has when it is written: fewer than the text, if one of two equal keys was dropped."""
    try:
        return orjson.dumps(value).count(b":")
    except TypeError:  # Nested deeper than orjson writes.
        return -1


def read_carefully(raw: bytes) -> Json:
    """The standard library's reading, which keeps long numbers, with a check of every object and number."""
    try:
        value: Json = json.loads(raw, object_pairs_hook=unique_object, parse_int=bounded_int)
    except (ValueError, RecursionError):
        refuse(raw)
    if b"\\u0000" in raw and holds_zero_character(value):
        refuse(raw)
    return value


def unique_object(pairs: list[tuple[str, Json]]) -> JsonObject:
    """An object, unless a key is there twice."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError
    return value


def bounded_int(digits: str) -> int:
    """A whole number, unless Python would refuse it on a machine with default settings."""
    if len(digits) > MAX_DIGITS:
        raise ValueError
    return int(digits)


def is_too_deep(value: Json) -> bool:
    """Whether lists and objects are nested deeper than allowed. Level by level: recursion has a depth of its own."""
    level = [value] if isinstance(value, CONTAINERS) else []
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            return True
        level = [child for item in level for child in children(item) if isinstance(child, CONTAINERS)]
    return False


def children(container: Json) -> Iterable[Json]:
    """The values in a list or an object."""
    if isinstance(container, dict):
        return container.values()
    return container if isinstance(container, list) else ()


def refuse(raw: bytes, error: orjson.JSONDecodeError | None = None) -> Never:
    """Raise what is wrong with the text, with its place."""
    fault = find_fault(raw) if len(raw) <= LOCATE_MAX_BYTES else None
    if fault is None:
        fault = Fault(
            "JSON_INVALID", error.msg if error else "it breaks a rule for JSON here", "Mend it.", None, None, ""
        )
        if error is not None:
            fault = fault._replace(line=error.lineno, column=error.colno)
    raise InvalidJson(fault.sentence(), code=fault.code, remedy=fault.remedy, details=fault.details()) from error
