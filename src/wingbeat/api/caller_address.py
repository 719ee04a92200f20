"""From which address a request comes: the one that connected, or the one that trusted proxies say that they saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from wingbeat.core.networks import is_within, read_address, read_network

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from starlette.types import Scope

    from wingbeat.core.networks import Address, Network

FORWARDED = b"x-forwarded-for"
# A chain of proxies is short; what is further left was sent by whoever likes.
MOST_HOPS = 32
# Whoever is not told: in no network, and so on no list.
UNKNOWN = ""


def read_proxies(texts: Iterable[str]) -> tuple[Network, ...]:
    """The setting TRUSTED_PROXIES as networks."""
    return tuple(read_network(text) for text in texts)


def address_of(request: Request | Scope, trusted: Sequence[Network]) -> str:
    """The caller's address in its usual spelling, IPv4 unmapped; empty where it is not known.

    `X-Forwarded-For` counts only if a trusted proxy connected. It is read from the right, where each proxy adds whom it
    saw: the first address that is not a trusted proxy's is the caller's. What stands further left anybody can write.
    """
    scope = request.scope if isinstance(request, Request) else request
    client = scope.get("client")
    address = read_address(client[0]) if client else None
    if address is None:
        return UNKNOWN
    if not trusted or not is_within(address, trusted):
        return str(address)
    for hop in _hops(scope):
        seen = _read_hop(hop)
        if seen is None:
            return UNKNOWN
        address = seen
        if not is_within(address, trusted):
            break
    return str(address)


def _hops(scope: Scope) -> Iterator[str]:
    """Whom proxies say that they saw, the last one first."""
    lines = [value for name, value in scope["headers"] if name == FORWARDED]
    if not lines:
        return
    text = b",".join(lines).decode("latin-1")
    for _ in range(MOST_HOPS):
        text, comma, hop = text.rpartition(",")
        yield hop.strip()
        if not comma:
            return


def _read_hop(text: str) -> Address | None:
    """An address that may have a port, as some proxies write it."""
    if text.startswith("["):
        return read_address(text[1:].partition("]")[0])
    if text.count(":") == 1:
        return read_address(text.partition(":")[0])
    return read_address(text)
