"""Bytes of strangers as text: only by encodings that are ones of text, and cheap."""

from __future__ import annotations

import codecs
import re

# Python knows encodings that are none of text (base64, zip), run code of their own (idna) or take quadratic time
# (punycode), so those that may be named from outside are listed.
TEXT_ENCODINGS = re.compile(
    r"ascii|utf-8(-sig)?|utf-16(-[bl]e)?|utf-32(-[bl]e)?|iso8859-\d{1,2}|cp\d{3,4}|koi8-[rut]|mac-[a-z0-9]+"
    r"|big5(hkscs)?|gb2312|gbk|gb18030|hz|shift_jis\w*|euc_\w+|iso2022_\w+|johab|ptcp154|tis-620|kz1048"
)
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def find_encoding(named: str) -> str | None:
    """The name by which Python knows an encoding of text; None for anything else."""
    try:
        found = codecs.lookup(named.strip(" \"'")).name
    except (LookupError, ValueError):
        return None
    return found if TEXT_ENCODINGS.fullmatch(found) else None


def decode_text(data: bytes, named: str = "", *, errors: str = "replace") -> str:
    """The text, without a byte order mark, which tells more of the encoding than anybody; else as named, else UTF-8.

    Raises:
        UnicodeDecodeError: with `errors="strict"`, where the bytes are not of that encoding.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors=errors)
    return data.decode(find_encoding(named) or "utf-8", errors=errors)
