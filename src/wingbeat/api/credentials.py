"""What a request carries to say who its caller is. Whether it holds is not decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.errors import Unauthenticated
from wingbeat.services.identity.authentication import Credentials

if TYPE_CHECKING:
    from starlette.requests import Request

    from wingbeat.api.session_cookie import SessionCookie

AUTHORIZATION, API_KEY = b"authorization", b"x-api-key"
BEARER = b"bearer"


def read_credentials(request: Request, cookie: SessionCookie) -> Credentials:
    """The credentials in the headers; never from the query, which ends up in logs and histories.

    Raises:
        Unauthenticated: `CREDENTIAL_REPEATED`, when one is there twice, so that it is not clear which counts;
            `CREDENTIAL_SCHEME`, when the header Authorization has another scheme than Bearer.
    """
    headers = request.scope["headers"]
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in {AUTHORIZATION, API_KEY}:
            if name in found:
                raise Unauthenticated(
                    f"The header {name.decode()} is there more than once.",
                    code="CREDENTIAL_REPEATED",
                    remedy="Send it once.",
                )
            found[name] = value
    return Credentials(
        bearer=read_bearer(found[AUTHORIZATION]) if AUTHORIZATION in found else None,
        api_key=found.get(API_KEY),
        session=cookie.read(headers),
    )


def read_bearer(value: bytes) -> str:
    """The token in a header Authorization."""
    scheme, space, token = value.partition(b" ")
    if scheme.lower() != BEARER or not space:
        raise Unauthenticated(
            "The header Authorization has another scheme than Bearer.",
            code="CREDENTIAL_SCHEME",
            remedy="Send 'Authorization: Bearer ...'.",
        )
    return token.decode("latin-1")
