"""From which address a request comes."""

from __future__ import annotations

import pytest
from starlette.types import Scope

from wingbeat.api.caller_address import address_of, read_proxies

PROXIES = read_proxies(["10.0.0.0/8", "192.0.2.1", "fd00::/8"])


def scope(client: str | None, *forwarded: str) -> Scope:
    """A request as the server hands it over."""
    headers = [(b"host", b"localhost"), *((b"x-forwarded-for", line.encode("latin-1")) for line in forwarded)]
    return {"type": "http", "client": None if client is None else (client, 4711), "headers": headers}


@pytest.mark.parametrize(
    ("client", "forwarded", "expected"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("::ffff:203.0.113.9", [], "203.0.113.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("fd00::1", ["2001:DB8::1"], "2001:db8::1"),
        ("10.0.0.1", ["127.0.0.1, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["127.0.0.1, 198.51.100.1, 10.9.9.9, 192.0.2.1"], "198.51.100.1"),
        ("10.0.0.1", ["127.0.0.1", "198.51.100.1", "10.9.9.9"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["198.51.100.1:5555"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8::7]:443"], "2001:db8::7"),
        ("10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["127.0.0.1, unknown"], ""),
        ("10.0.0.1", ["127.0.0.1, "], ""),
        ("10.0.0.1", [""], ""),
        ("10.0.0.1", ["127.0.0.1, \xff\xfe"], ""),
        (None, ["198.51.100.1"], ""),
    ],
)
def test_only_trusted_proxies_are_believed(client: str | None, forwarded: list[str], expected: str) -> None:
    """The right-most address that is no trusted proxy's counts, and where that is none, nobody's does."""
    assert expected == address_of(scope(client, *forwarded), PROXIES)


def test_a_long_chain_of_lies_ends_somewhere() -> None:
    """What a caller writes does not make us look through all of it."""
    chain = ", ".join(["198.51.100.1", *["10.0.0.2"] * 10_000])
    assert "10.0.0.2" == address_of(scope("10.0.0.1", chain), PROXIES)


def test_without_proxies_nobody_is_believed() -> None:
    """Whoever connects is the caller."""
    assert "127.0.0.1" == address_of(scope("127.0.0.1", "198.51.100.1"), ())
