"""Whether a delivery was signed by somebody who knows the webhook's secret. Pure: nothing is read or parsed here.

Two schemes. `body`: `X-Webhook-Signature: sha256=<hex>`, HMAC-SHA256 over the token and the body. `timestamped`: as
Standard Webhooks (standardwebhooks.com) has it, over the delivery's id, its time and its body, so that what somebody
has recorded cannot be sent again later.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wingbeat.services.webhooks.secrets import SigningKeys

BODY_SIGNATURE = b"x-webhook-signature"
STANDARD_ID = b"webhook-id"
STANDARD_TIME = b"webhook-timestamp"
STANDARD_SIGNATURE = b"webhook-signature"
TOLERANCE_SECONDS = 300
# Several may be sent while a sender changes its secret; nobody needs more.
MOST_SIGNATURES = 10
TIMESTAMP = re.compile(rb"[0-9]{1,12}")
DELIVERY_ID = re.compile(rb"[!-~]{1,255}")


class Scheme(StrEnum):
    """What a webhook accepts: either scheme, or one of them alone."""

    ANY = "any"
    BODY = "body"
    TIMESTAMPED = "timestamped"


class Fault(StrEnum):
    """What is wrong with a signature."""

    MISSING = "SIGNATURE_MISSING"
    WRONG = "SIGNATURE_WRONG"
    EXPIRED = "SIGNATURE_EXPIRED"


def sign_body(keys: SigningKeys, token: str, body: bytes) -> bytes:
    """The signature of the scheme `body`."""
    digest = hmac.digest(keys.body, token.encode() + body, "sha256")
    return b"sha256=" + digest.hex().encode()


def sign_timestamped(keys: SigningKeys, delivery_id: bytes, timestamp: bytes, body: bytes) -> bytes:
    """The signature of the scheme `timestamped`."""
    signed = b".".join((delivery_id, timestamp, body))
    return b"v1," + b64encode(hmac.digest(keys.timestamped, signed, "sha256"))


def find_fault(  # noqa: PLR0913, PLR0917 - all that a signature is about
    scheme: Scheme, keys: Sequence[SigningKeys], token: str, headers: Mapping[bytes, bytes], body: bytes, now: float
) -> Fault | None:
    """What is wrong, or None; with several keys, one that fits is enough. `now` is in seconds since 1970."""
    if scheme is not Scheme.BODY and STANDARD_SIGNATURE in headers:
        return _find_fault_timestamped(keys, headers, body, now)
    given = headers.get(BODY_SIGNATURE)
    if scheme is Scheme.TIMESTAMPED or not given:
        return Fault.MISSING
    fits = [hmac.compare_digest(sign_body(one, token, body), given) for one in keys]
    return None if any(fits) else Fault.WRONG


def _find_fault_timestamped(
    keys: Sequence[SigningKeys], headers: Mapping[bytes, bytes], body: bytes, now: float
) -> Fault | None:
    delivery_id, timestamp = headers.get(STANDARD_ID, b""), headers.get(STANDARD_TIME, b"")
    given = headers[STANDARD_SIGNATURE].split(b" ", MOST_SIGNATURES)[:MOST_SIGNATURES]
    if not delivery_id or not timestamp or not any(given):
        return Fault.MISSING
    if not DELIVERY_ID.fullmatch(delivery_id) or not TIMESTAMP.fullmatch(timestamp):
        return Fault.WRONG
    expected = [sign_timestamped(one, delivery_id, timestamp, body) for one in keys]
    if not any([hmac.compare_digest(one, other) for one in expected for other in given]):  # noqa: C419 - in equal time
        return Fault.WRONG
    # Only who knows the secret hears that the time was the fault.
    return None if abs(now - int(timestamp)) <= TOLERANCE_SECONDS else Fault.EXPIRED
