"""The hosts that a connection's secrets may go to: `api.example.com`, or `*.example.com` for every name below."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PATTERN = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,62})\.)*[a-z0-9_][a-z0-9_-]{0,62}")


def read_pattern(text: str) -> str:
    """A host, an address, or `*.` and a name of at least two parts, in the spelling that `is_allowed` compares.

    Raises:
        ValueError: it is none of these.
    """
    plain = plain_host(text)
    if is_address(plain):
        return plain
    wild = plain.startswith("*.")
    if not PATTERN.fullmatch(plain) or (wild and "." not in plain[2:]):
        raise ValueError("a host is a name, as api.example.com, or *.example.com for every name below it")
    return plain


def is_allowed(host: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns means the host. `*.example.com` does not mean `example.com` itself."""
    plain = plain_host(host)
    below = "" if is_address(plain) else plain.partition(".")[2]
    return any(
        f".{below}".endswith(pattern[1:]) if pattern.startswith("*.") else plain == pattern for pattern in patterns
    )


def plain_host(host: str) -> str:
    """In lower case and ASCII, without the brackets of an address or the dot at the end of a name."""
    plain = host.strip().rstrip(".").lower()
    if plain.startswith("[") and plain.endswith("]"):
        plain = plain[1:-1]
    try:
        return str(ipaddress.ip_address(plain))
    except ValueError:
        pass
    if plain.isascii():
        return plain
    try:
        return plain.encode("idna").decode()
    except UnicodeError:
        return plain


def is_address(host: str) -> bool:
    """Whether it is an address and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
