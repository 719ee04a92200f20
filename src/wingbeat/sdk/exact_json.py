"""JSON of strangers as a value: quickly, and with whole numbers of any size whole."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

import orjson

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
