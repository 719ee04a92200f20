"""Addresses and networks of the internet as values: read from text, and whether one lies in another."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"
# The longest text that can be a network: IPv6 with an IPv4 address at its end, and a prefix.
LONGEST_TEXT = 50
MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
MAPPED_BITS = 96


@lru_cache(maxsize=1024)
def read_address(text: str) -> Address | None:
    """The address, or None where the text is none.

    An IPv4 address within IPv6 is the IPv4 address, however it is written; the zone of a link-local one is left out.
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address if isinstance(address, ipaddress.IPv4Address) else address.ipv4_mapped or address


def read_network(text: str) -> Network:
    """The network, or the one address, that a text names; IPv4 within IPv6 is IPv4.

    Raises:
        ValueError: it is neither an address nor a network, or has a part of an address beyond its prefix.
    """
    if len(text) > LONGEST_TEXT or "%" in text:
        raise ValueError("it is neither an address nor a network")
    network = ipaddress.ip_network(text)
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(MAPPED):
        mapped = network.network_address.ipv4_mapped
        return ipaddress.IPv4Network(f"{mapped}/{network.prefixlen - MAPPED_BITS}")
    return network


def is_within(address: Address, networks: Iterable[Network]) -> bool:
    """Whether the address lies in one of the networks."""
    return any(address in network for network in networks)
