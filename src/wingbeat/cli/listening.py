"""The socket that a server listens on, opened before anything else so that a port in use costs nothing."""

from __future__ import annotations

import errno
import socket

from wingbeat.core.errors import PlatformError

BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """Open it. Others cannot share it unless they inherit it.

    Raises:
        PlatformError: `PORT_IN_USE`, `PORT_REFUSED` or `ADDRESS_UNUSABLE`.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from error
    listener.setblocking(False)
    return listener


def adopt(descriptor: int) -> socket.socket:
    """The socket that a supervisor opened."""
    listener = socket.socket(fileno=descriptor)
    listener.setblocking(False)
    return listener


def _refused(host: str, port: int, error: OSError) -> PlatformError:
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return PlatformError(
            f"The port {port} is in use: another program listens on {place}.",
            code="PORT_IN_USE",
            remedy="Stop that program, or choose another port with MODULE_PORT or --port (0 takes any free one).",
        )
    if error.errno == errno.EACCES:
        return PlatformError(
            f"The port {port} may not be opened by this user.",
            code="PORT_REFUSED",
            remedy="Choose one from 1024 with MODULE_PORT or --port.",
        )
    return PlatformError(
        f"The address {place} cannot be listened on: {error.strerror}.",
        code="ADDRESS_UNUSABLE",
        remedy="Set BIND_HOST or --host to an address of this machine.",
    )
