"""Connections that speak something else than HTTP: made to checked addresses, with TLS by the server's name."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from typing import TYPE_CHECKING, Any

from wingbeat.core.errors import StepError
from wingbeat.egress.addresses import is_public

if TYPE_CHECKING:
    from wingbeat.egress.addresses import Address, Addresses

CONNECT_SECONDS = 10.0


class NamedContext(ssl.SSLContext):
    """Checks a certificate against one name, whatever address a driver was told to connect to.

    `used` says whether a handshake began through it, so that a driver that went on without TLS is noticed.
    """

    name: str = ""
    used: bool = False

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: FBT001, FBT002 - the signature of the one that it replaces
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Begin a handshake with the server that the name stands for."""
        del server_hostname
        self.used = True
        return super().wrap_bio(incoming, outgoing, server_side, self.name, session)


class Sockets:
    """The way out for mail and databases; `authority` is the file of one more certificate authority to trust."""

    def __init__(self, addresses: Addresses, authority: str | None = None) -> None:
        self._addresses = addresses
        self._authority = authority

    async def addresses(self, host: str, port: int) -> list[Address]:
        """The checked addresses of a name; raises `StepError` when any of them is refused."""
        return await self._addresses.resolve_all(host, port)

    async def connect(self, host: str, port: int, seconds: float = CONNECT_SECONDS) -> socket.socket:
        """A socket to the first address that answers.

        Raises:
            StepError: what `addresses` raises, or `EGRESS_CONNECTION_FAILED`.
        """
        failed: OSError | None = None
        for address in await self.addresses(host, port):
            opened = socket.socket(_family(address), socket.SOCK_STREAM)
            try:
                opened.settimeout(0)
                async with asyncio.timeout(seconds):
                    await asyncio.get_running_loop().sock_connect(opened, (str(address), port))
            except OSError as error:
                opened.close()
                failed = error
            except BaseException:
                opened.close()
                raise
            else:
                return opened
        raise connection_failed(host, port, failed) from failed

    def tls(self, host: str, *, verify: bool = True) -> NamedContext:
        """What a driver needs to speak TLS with the server of that name, and, if it is to `verify`, with no other."""
        context = NamedContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_default_certs()
        if self._authority is not None:
            context.load_verify_locations(self._authority)
        if not verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        context.name = host
        return context

    @staticmethod
    def is_own_network(opened: socket.socket) -> bool:
        """Whether the other end is not on the public internet."""
        return not is_public(ipaddress.ip_address(opened.getpeername()[0]))


def connection_failed(host: str, port: int, error: BaseException | None) -> StepError:
    """What to say when nobody answers at an address."""
    why = str(error) or "it did not answer in time"
    return StepError(
        f"No connection to {host}:{port}: {why}.",
        code="EGRESS_CONNECTION_FAILED",
        remedy="Check the connection's host and port and whether the server is up; it is worth another try.",
        details={"host": host, "port": port},
        retryable=True,
    )


def tls_failed(host: str, error: BaseException) -> StepError:
    """What to say when a server cannot show that it is who it should be."""
    why = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
    return StepError(
        f"The TLS handshake with {host} failed: {why}.",
        code="EGRESS_TLS_FAILED",
        remedy="The server needs a certificate for the name in the connection, from an authority known here.",
        details={"host": host},
    )


def _family(address: Address) -> Any:  # noqa: ANN401 - one of the socket module's numbers
    return socket.AF_INET6 if address.version == 6 else socket.AF_INET  # noqa: PLR2004 - the version of IP
