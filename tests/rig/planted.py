"""Secrets to plant, and a search for them in whatever came out, in all the spellings that a leak may have."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import re2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# So many characters in a row are no accident.
CHUNK = 12


def plant() -> str:
    """A secret that nothing else contains, with characters that spellings treat in ways of their own."""
    return f'{token_hex(8)}/+"\u00fc &%{token_hex(8)}'


def plain() -> str:
    """The same of letters and digits alone, for where nothing else may be."""
    return token_hex(20)


def spellings(secret: str) -> Iterator[bytes]:
    """As it is, in JSON, in addresses, in digits, as base64 wherever it begins, escaped, backwards."""
    data = secret.encode()
    yield from (data, data[::-1])
    yield json.dumps(secret)[1:-1].encode()
    yield json.dumps(json.dumps(secret))[3:-3].encode()
    yield from (quote(secret, safe="").encode(), quote(secret).encode(), quote_plus(secret).encode())
    yield from (data.hex().encode(), data.hex().upper().encode(), data.hex(" ").encode(), data.hex(":").encode())
    yield repr(data)[2:-1].encode()
    yield from based(data)
    yield from based(data[::-1])


def based(data: bytes) -> Iterator[bytes]:
    """Base64 of a longer text that has this in it, at each of the three places that differ."""
    for before in range(3):
        padded = bytes(before) + data
        whole = len(padded) // 3 * 3
        skipped = (before * 8 + 5) // 6
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(padded[:whole])[skipped:]


def pieces(secret: str) -> Iterator[bytes]:
    """Parts that are long enough to be no accident: what was cut off somewhere is a leak as well."""
    for spelling in spellings(secret):
        for start in range(0, max(1, len(spelling) - CHUNK + 1), CHUNK // 2):
            yield spelling[start : start + CHUNK]


def find(planted: Mapping[str, str], places: Mapping[str, Iterable[str | bytes]]) -> list[str]:
    """Which secret shows where, and how; without the secret."""
    found = []
    for place, texts in places.items():
        data = b"\n".join(text.encode() if isinstance(text, str) else text for text in texts)
        for name, secret in planted.items():
            for piece in pieces(secret):
                if piece in data:
                    found.append(f"{name} in {place}: {data[max(0, data.index(piece) - 80) :][:80]!r}")
                    break
    return found


def find_whole(planted: Mapping[str, str], data: bytes) -> list[str]:
    """Which secrets are in some data as a whole, in any spelling; quick enough for the files of a database."""
    names = {spelling: name for name, secret in planted.items() for spelling in spellings(secret)}
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = 1 << 28
    any_of_them = re2.compile(b"|".join(re2.escape(spelling) for spelling in names), options)
    return sorted({names[found[0]] for found in any_of_them.finditer(data)})
