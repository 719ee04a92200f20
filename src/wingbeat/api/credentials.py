"""What a request carries to say who its caller is. Whether it holds is not decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.errors import Unauthenticated
from wingbeat.services.authentication import Credentials

if TYPE_CHECKING:
    from starlette.requests import Request


def read_credentials(request: Request) -> Credentials:
    """The credentials in the headers; never from the query, which ends up in logs and histories.

    Raises:
        Unauthenticated: `CREDENTIAL_REPEATED`, when a header is there twice, so that it is not clear which counts.
    """
    found: dict[bytes, bytes] = {}
    for name, value in request.scope["headers"]:
        if name == b"x-api-key":
            if name in found:
                raise Unauthenticated(
                    f"The header {name.decode()} is there more than once.",
                    code="CREDENTIAL_REPEATED",
                    remedy="Send it once.",
                )
            found[name] = value
    return Credentials(api_key=found.get(b"x-api-key"))
