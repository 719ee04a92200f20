"""The caller of a request, as the matched route verified it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from starlette.requests import Request

    from wingbeat.core.access import Principal
    from wingbeat.services.identity.authentication import Identity

# Where it stands in the ASGI scope of the request.
IDENTITY = "wingbeat.identity"


def principal_of(request: Request) -> Principal:
    """Who asks; on addresses that are not public it is always somebody who was verified.

    Raises:
        LookupError: the address is public, so nobody asked who the caller is.
    """
    return identity_of(request).principal


def identity_of(request: Request) -> Identity:
    """Who asks, and how that was verified; raises as `principal_of`."""
    found = request.scope.get(IDENTITY)
    if found is None:
        raise LookupError(f"Nobody verified the caller of {request.url.path}: the address is public.")
    return cast("Identity", found)
