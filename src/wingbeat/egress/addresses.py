"""Which addresses may be reached from a workflow, and a way to connect that reaches no others.

The rules follow the registries of special-purpose addresses (RFC 6890 and its updates) through the standard library's
`is_global`, after taking out the address that a tunnel or a translation carries within.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

import httpcore

from wingbeat.core.errors import StepError

if TYPE_CHECKING:
    from httpcore import AsyncNetworkStream

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Resolve: TypeAlias = Callable[[str, int], Awaitable[Iterable[str]]]

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")
# Not in the registries of every supported Python, or global by registry and yet not for workflows.
REFUSED_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",  # Azure's metadata and DNS
        "192.0.0.0/24",
        "192.88.99.0/24",
        "240.0.0.0/4",
        "64:ff9b:1::/48",
        "100::/64",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)


def is_public(address: Address) -> bool:
    """Whether an address, and every one that it stands for, belongs to the public internet."""
    return all(_is_public(found) for found in _stands_for(address))


def _is_public(address: Address) -> bool:
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address.version == network.version and address in network for network in REFUSED_NETWORKS)


def _stands_for(address: Address) -> list[Address]:
    """The addresses that packets to this one may end at: IPv4-mapped, NAT64, 6to4 and Teredo carry one within."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    last = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in NAT64:
        return [last]
    if address in IPV4_COMPATIBLE:
        return [address, last]
    within = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
    return [found for found in within if found is not None] or [address]


async def resolve_with_system(host: str, port: int) -> list[str]:
    """The addresses of a name, as the operating system knows them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Addresses:
    """Which addresses this process may reach, for every client that opens a connection.

    `allow_private` permits all; `allowed` lists networks, and names with all of their addresses, that are permitted
    although they are not public. `resolve` gives the addresses of a name.
    """

    def __init__(
        self, *, allow_private: bool = False, allowed: Iterable[str] = (), resolve: Resolve = resolve_with_system
    ) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        self._names: set[str] = set()
        for text in allowed:
            try:
                self._networks.append(ipaddress.ip_network(text))
            except ValueError:
                self._names.add(_plain_name(text))

    async def resolve_all(self, host: str, port: int) -> list[Address]:
        """Every address of a name or address; raises `StepError` when there is none or any of them is refused."""
        # Settings have an IPv6 address as URLs do.
        host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        try:
            found = [ipaddress.ip_address(text) for text in await self._resolve(host, port)]
        except (OSError, UnicodeError) as error:
            raise _unknown(host) from error
        except ValueError as error:
            raise _refused(host, "it leads to an address that cannot be checked") from error
        if not found:
            raise _unknown(host)
        if not self._allow_private and _plain_name(host) not in self._names:
            private = next((address for address in found if not self._may_reach(address)), None)
            if private is not None:
                raise _refused(host, "it leads to an address that is not public")
        return found

    async def resolve_checked(self, host: str, port: int) -> Address:
        """The first address of a name that is to be connected to; a client must connect to it, and not to the name."""
        return (await self.resolve_all(host, port))[0]

    def _may_reach(self, address: Address) -> bool:
        if is_public(address):
            return True
        return any(address.version == network.version and address in network for network in self._networks)


def _plain_name(host: str) -> str:
    return host.lower().rstrip(".")


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to nothing else. TLS and `Host` still go by the name."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to the first address that answers; raises `StepError` when any of them is refused."""
        failed: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in await self._addresses.resolve_all(host, port):
            try:
                return await self._inner.connect_tcp(
                    str(address), port, timeout=timeout, local_address=local_address, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or _unknown(host)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        """Refuse: a socket in the file system is never outside."""
        del path, timeout, socket_options
        raise _refused("a socket in the file system", "it is on this machine")

    async def sleep(self, seconds: float) -> None:
        """Wait; asked for by httpcore between its own tries."""
        await asyncio.sleep(seconds)


def _unknown(host: str) -> StepError:
    return StepError(
        f"The name '{host}' has no address.",
        code="EGRESS_NAME_UNKNOWN",
        remedy="Check the spelling; if it is right, the name service may be out for a while.",
        retryable=True,
    )


def _refused(host: str, why: str) -> StepError:
    return StepError(
        f"'{host}' may not be reached from a workflow: {why}.",
        code="EGRESS_ADDRESS_REFUSED",
        remedy="Use a public address, or have the operator permit the network with EGRESS_ALLOWED_NETWORKS.",
    )
