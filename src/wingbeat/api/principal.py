"""The caller of a request, as whoever verified it left it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from wingbeat.core.access import SERVICE, Principal

if TYPE_CHECKING:
    from starlette.requests import Request

# Where it stands in the ASGI scope of the request.
PRINCIPAL = "wingbeat.principal"


def principal_of(request: Request) -> Principal:
    """Who asks; on addresses that are not public it is always somebody who was verified."""
    return cast("Principal", request.scope.get(PRINCIPAL, SERVICE))
