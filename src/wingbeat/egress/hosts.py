"""The hosts that a connection's secrets may go to: `api.example.com`, or `*.example.com` for every name below."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
# A name or an IPv4 address; an IPv6 address is in brackets.
HOST = rf"({LABEL}\.)*{LABEL}\.?|\[[0-9A-Fa-f:.]{{2,45}}\]"
# What may be entered as an allowed host: besides, every name below one of at least two parts.
ALLOWED = rf"^(\*\.({LABEL}\.)+{LABEL}|{HOST})$"
PATTERN = re.compile(ALLOWED)


def read_pattern(text: str) -> str:
    """What was entered as an allowed host, in the spelling that `is_allowed` compares.

    Raises:
        ValueError: it is no host.
    """
    if not PATTERN.fullmatch(text):
        raise ValueError("a host is a name, as api.example.com, or *.example.com for every name below it")
    return plain_host(text)


def is_allowed(host: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns means the host. `*.example.com` does not mean `example.com` itself."""
    plain = plain_host(host)
    below = "" if is_address(plain) else plain.partition(".")[2]
    return any(
        f".{below}".endswith(pattern[1:]) if pattern.startswith("*.") else plain == pattern
        for pattern in map(plain_host, patterns)
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
