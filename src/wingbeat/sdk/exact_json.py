"""JSON of strangers as a value, and any value as JSON: quickly, and with whole numbers of any size whole."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

import orjson

from wingbeat.core.errors import StepError

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json

# orjson reads a whole number of more than 64 bits as a float, and 64 bits hold every number of 18 digits.
LONG_NUMBER = re.compile(r"[0-9]{19}")
LONG_NUMBER_IN_BYTES = re.compile(rb"[0-9]{19}")


def read_json(data: bytes | str) -> Json:
    """The value; a byte order mark before it is passed over.

    Raises:
        ValueError: it is no JSON, nests too deeply, or holds a number longer than Python reads.
    """
    if isinstance(data, bytes):
        data = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
        long = LONG_NUMBER_IN_BYTES.search(data) is not None
    else:
        long = LONG_NUMBER.search(data) is not None
    # It refuses what the standard library would let pass: NaN, halves of characters, and depth without end.
    value = orjson.loads(data)
    return cast("Json", json.loads(data) if long else value)


def write_json(value: Json, *, sort_keys: bool = False) -> bytes:
    """The value as compact JSON; half a character, which UTF-8 does not have, is escaped.

    Raises:
        StepError: `VALUE_TOO_DEEP`.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort_keys else None)
    except TypeError:  # A number of more than 64 bits, half a character, or more depth than it goes.
        return _write_slowly(value, sort_keys=sort_keys)


def _write_slowly(value: Json, *, sort_keys: bool) -> bytes:
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=sort_keys).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), sort_keys=sort_keys).encode()
    except RecursionError as error:
        raise StepError(
            "A value nests too deep to be written as JSON.",
            code="VALUE_TOO_DEEP",
            remedy="Use a flatter part of it.",
        ) from error
