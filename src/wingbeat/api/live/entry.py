"""Who comes in for live events: the credentials of REST, in headers, in the cookie, or with the first packet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.requests import Request

from wingbeat.api.caller_address import address_of
from wingbeat.api.credentials import read_credentials
from wingbeat.core.errors import Unauthenticated
from wingbeat.services.identity.authentication import CredentialKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Scope

    from wingbeat.api.admission import Admission
    from wingbeat.core.networks import Network
    from wingbeat.services.identity.authentication import Credentials, Identity

PLAIN = {"ws": "http", "wss": "https"}
LONGEST_CREDENTIAL = 8_000


class Entered(NamedTuple):
    """Who came in, and with what."""

    identity: Identity
    shown: Credentials


async def enter(admission: Admission, scope: Scope, given: object, proxies: Sequence[Network]) -> Entered:
    """Verify who connects.

    A session counts only for pages of ours: browsers send its cookie along with what pages of others open.

    Raises:
        Unauthenticated: nothing is shown, or something that does not hold.
        Forbidden: `ORIGIN_NOT_ALLOWED`.
        RateLimited: too much from that address did not hold, or the caller asks too often.
    """
    request = Request({**scope, "type": "http", "method": "GET", "scheme": PLAIN.get(scope["scheme"], scope["scheme"])})
    shown = with_given(read_credentials(request, admission.cookie), given)
    try:
        identity = await admission.authentication.identify(shown, lasting=True)
    except Unauthenticated:
        if any(shown):
            await admission.rate_limits.count_failure(address_of(scope, proxies))
        raise
    await admission.rate_limits.count(identity.principal)
    if identity.kind is CredentialKind.SESSION:
        admission.refuse_foreign_pages(request)
    return Entered(identity, shown)


def with_given(shown: Credentials, given: object) -> Credentials:
    """The credentials of the request, with those of the first packet: `{token}` or `{api_key}`.

    Raises:
        Unauthenticated: `CREDENTIAL_REPEATED`, or `CREDENTIAL_UNREADABLE`.
    """
    fields: dict[str, Any] = given if isinstance(given, dict) else {}
    token, api_key = fields.get("token"), fields.get("api_key")
    if (token is not None and shown.bearer is not None) or (api_key is not None and shown.api_key is not None):
        raise Unauthenticated(
            "The credential is there in the header and in the first packet.",
            code="CREDENTIAL_REPEATED",
            remedy="Send it once.",
        )
    if token is not None:
        shown = shown._replace(bearer=_readable(token))
    if api_key is not None:
        shown = shown._replace(api_key=_readable(api_key).encode())
    return shown


def _readable(value: object) -> str:
    if not isinstance(value, str) or not value.isascii() or len(value) > LONGEST_CREDENTIAL:
        raise Unauthenticated(
            "The credential in the first packet is not a text that could be one.",
            code="CREDENTIAL_UNREADABLE",
            remedy="Send 'auth': {'token': ...} or {'api_key': ...} when connecting.",
        )
    return value
