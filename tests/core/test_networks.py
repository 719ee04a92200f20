"""Addresses and networks as values."""

from __future__ import annotations

import pytest

from wingbeat.core.networks import is_within, read_address, read_network


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:C000:0201", "192.0.2.1"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_address_has_one_spelling(text: str, expected: str) -> None:
    """So that one which is on a list is found there."""
    assert expected == str(read_address(text))


@pytest.mark.parametrize(
    "text", ["", "unknown", "192.0.2", "192.0.2.01", "0x7f000001", "2130706433", "1.2.3.4/32", "[::1]"]
)
def test_what_is_no_address_is_none(text: str) -> None:
    """Least of all the spellings that some systems take for one."""
    assert read_address(text) is None


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
        ("192.0.2.7", "::ffff:192.0.2.7", "192.0.2.8"),
        ("::ffff:192.0.2.0/120", "192.0.2.9", "192.0.3.9"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
        ("0.0.0.0/0", "203.0.113.5", "::1"),
        ("::/0", "2001:db8::1", "192.0.2.1"),
    ],
)
def test_a_network_holds_its_addresses(text: str, inside: str, outside: str) -> None:
    """And no others, in either family."""
    within, beyond = read_address(inside), read_address(outside)
    assert within is not None
    assert beyond is not None
    assert (True, False) == (is_within(within, [read_network(text)]), is_within(beyond, [read_network(text)]))


@pytest.mark.parametrize(
    "text", ["", "10.0.0.1/8", "10.0.0.0/33", "fe80::1%eth0", "::/129", "a" * 60, "10.0.0.0/-1", "host"]
)
def test_what_is_no_network_is_refused(text: str) -> None:
    """An address with bits beyond its prefix among it: nobody knows which of the two was meant."""
    with pytest.raises(ValueError, match=r".+"):
        read_network(text)
