"""How JSON values become the bytes that are stored and sent, and back: exactly, or refused.

Text that comes from outside is read by json_text.py.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn, cast

import orjson
import re2

from wingbeat.core.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Collection

    from wingbeat.core.json_value import Json

# orjson reads a whole number of more than 64 bits as a float, and 64 bits hold every number of 18 digits.
LONG_NUMBER = re2.compile(rb"[0-9]{19}")
# Refuses NaN and infinity. What orjson has written holds no circle, so nothing looks for one.
STRICT = json.JSONEncoder(allow_nan=False, check_circular=False)
SCALARS = frozenset({str, int, float, bool, type(None)})
TEXT = frozenset({str})


def encode_json(value: Json) -> bytes:
    """The value as compact UTF-8 JSON that PostgreSQL can store; decode_json gives an equal value.

    Raises:
        InvalidInput: `JSON_NOT_STORABLE`, for NaN, infinity, lone surrogates, U+0000 and what is not JSON: a date or a
            tuple would come back as something else, and an execution would go on differently after a crash.
    """
    try:
        data = orjson.dumps(value)
    except TypeError as error:  # Mostly a number beyond 64 bits.
        if "key" in str(error):  # The standard library would turn other keys into texts.
            refuse("a key of an object is no text", "Use texts as keys.")
        data = encode_slowly(value)
    if type(value) not in SCALARS:
        refuse_what_is_no_json(value)
    if b"null" in data and value is not None:
        refuse_what_became_null(value)
    if b"\\u0000" in data and holds_zero_character(value):
        refuse("it holds U+0000, which PostgreSQL cannot keep in text", "Remove it, or encode the bytes as base64.")
    return data


def decode_json(data: bytes) -> Json:
    """The value of JSON that was stored: whole numbers of any size stay whole."""
    if LONG_NUMBER.search(data):
        return cast("Json", json.loads(data))
    return cast("Json", orjson.loads(data))


def encode_slowly(value: Json) -> bytes:
    """The standard library's encoding, which knows numbers of any size."""
    try:
        return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        refuse("it holds half a surrogate pair, which is no character", "Send text as valid Unicode.")
    except RecursionError:
        refuse("it is nested too deeply", "Flatten it.")
    except (TypeError, ValueError) as error:
        refuse(f"{error}", "Use null, true, false, numbers, text, lists and objects with text keys only.")


def refuse_what_is_no_json(value: Json) -> None:
    """Refuse what the encoders turn into something else without a word. What was encoded holds no circle."""
    remaining: list[Json] = [value]
    while remaining:
        item = remaining.pop()
        if type(item) is dict:
            if not TEXT.issuperset(map(type, item)):
                refuse("a key of an object is no text", "Use texts as keys.")
            parts: Collection[Json] = item.values()
        elif type(item) is list:
            parts = item
        else:
            refuse(f"{type(item).__name__} is no type of JSON", "Turn it into text, a number, a list or an object.")
        if not SCALARS.issuperset(map(type, parts)):
            remaining.extend(part for part in parts if type(part) not in SCALARS)


def refuse_what_became_null(value: Json) -> None:
    """Refuse NaN and infinity, which orjson writes as null without a word."""
    try:
        STRICT.encode(value)
    except ValueError:
        refuse("it holds NaN or an infinite number, which JSON does not know", "Use null, or text.")


def holds_zero_character(value: Json) -> bool:
    """Whether a text or a key anywhere in the value has U+0000, and not just a backslash before `u0000`."""
    remaining: list[Json] = [value]
    while remaining:
        item = remaining.pop()
        if isinstance(item, str):
            if "\x00" in item:
                return True
        elif isinstance(item, list):
            remaining.extend(item)
        elif isinstance(item, dict):
            remaining.extend(item)
            remaining.extend(item.values())
    return False


def refuse(reason: str, remedy: str) -> NoReturn:
    """Raise the one refusal of this module."""
    raise InvalidInput(f"A value cannot be stored as JSON: {reason}.", code="JSON_NOT_STORABLE", remedy=remedy)
