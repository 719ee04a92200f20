"""Whether a delivery may come in: everything that is known before its body is read, in the order of the checks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.errors import Forbidden, InvalidInput, NotFound, RateLimited, Unauthenticated
from wingbeat.core.networks import is_within, read_address
from wingbeat.services.webhooks.signatures import DELIVERY_ID, STANDARD_ID, Fault, find_fault
from wingbeat.storage.decisions import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.errors import WingbeatError
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.webhooks.lookups import Hook
    from wingbeat.services.webhooks.secrets import OpenedSecrets

# Where the id of a delivery stands: the first that is there counts.
ID_HEADERS = (STANDARD_ID, b"x-delivery-id", b"x-github-delivery", b"idempotency-key")
# What says who somebody is, or that they may: none of it is for workflows, which are read by more people.
WITHHELD = frozenset(
    {
        *(b"authorization", b"proxy-authorization", b"cookie", b"set-cookie", b"x-api-key", b"api-key", b"apikey"),
        *(b"x-auth-token", b"x-access-token", b"x-csrf-token", b"x-xsrf-token", b"x-amz-security-token"),
        *(b"x-webhook-signature", b"webhook-signature", b"svix-signature", b"x-signature", b"x-hub-signature"),
        *(b"x-hub-signature-256", b"x-gitlab-token", b"x-slack-signature", b"stripe-signature"),
        *(b"x-shopify-hmac-sha256", b"x-twilio-signature", b"paypal-transmission-sig"),
    }
)


class SignatureRefused(Unauthenticated):
    """A delivery is not signed as its webhook asks."""

    default_code = "SIGNATURE_WRONG"


class WebhookMethodRefused(InvalidInput):
    """The webhook takes other methods; `details.allow` lists them."""

    default_code = "WEBHOOK_METHOD_REFUSED"


@dataclass(frozen=True)
class Delivery:
    """What came in, as it came. `address` is the caller's, empty if it is not known; header names in lower case."""

    token: str
    method: str
    address: str
    query: str
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes

    @cached_property
    def by_name(self) -> dict[bytes, bytes]:
        """The headers by their names; of one that is there several times, the last."""
        return dict(self.headers)

    def all_of(self, name: bytes) -> list[bytes]:
        """Every header of a name."""
        return [value for header, value in self.headers if header == name]

    def visible_headers(self) -> JsonObject:
        """The headers that workflows may see."""
        found: dict[str, Json] = {}
        for name, value in self.headers:
            if name not in WITHHELD:
                text, key = value.decode("latin-1"), name.decode("latin-1")
                found[key] = f"{found[key]}, {text}" if key in found else text
        return found

    def digest(self) -> bytes:
        """Changes with what was delivered."""
        return hashlib.sha256(self.query.encode() + b"\0" + self.body).digest()


class Refusal(NamedTuple):
    """What is recorded, and what the caller hears."""

    outcome: Outcome
    error: WingbeatError


def find_refusal(hook: Hook, delivery: Delivery, secrets: OpenedSecrets) -> Refusal | None:
    """The first thing that stands against a delivery.

    Raises:
        Undecryptable: the webhook's secret cannot be opened here.
    """
    if not hook.open:
        return Refusal(Outcome.DISABLED, no_webhook())
    if delivery.method not in hook.methods:
        return Refusal(Outcome.INVALID, method_refused(hook.methods))
    if hook.networks:
        address = read_address(delivery.address)
        if address is None or not is_within(address, hook.networks):
            return Refusal(Outcome.ADDRESS_REFUSED, address_refused())
    if hook.require_signature:
        keys = [secrets.open(hook.webhook_id, one) for one in hook.secrets]
        fault = find_fault(hook.scheme, keys, hook.token, delivery.by_name, delivery.body, hook.now)
        if fault is not None:
            return Refusal(Outcome.SIGNATURE_WRONG, signature_refused(fault))
    return None


def read_delivery_id(delivery: Delivery) -> str | None:
    """The id that the sender gave the delivery, if any.

    Raises:
        InvalidInput: `DELIVERY_ID_INVALID`.
    """
    for name in ID_HEADERS:
        given = delivery.by_name.get(name)
        if given is None:
            continue
        if not DELIVERY_ID.fullmatch(given):
            raise InvalidInput(
                f"The header {name.decode()} is not 1 to 255 visible ASCII characters.",
                code="DELIVERY_ID_INVALID",
                remedy="Use a random UUID, for example, and the same one when a delivery is sent again.",
            )
        if set(delivery.all_of(name)) != {given}:
            raise InvalidInput(
                f"The header {name.decode()} came several times, with different ids.",
                code="DELIVERY_ID_INVALID",
                remedy="Give a delivery one id.",
            )
        return given.decode()
    return None


def no_webhook() -> NotFound:
    """What an unknown token answers, and a webhook that is switched off: nobody can tell one from the other."""
    return NotFound("There is no such webhook.", code="WEBHOOK_NOT_FOUND", remedy="Check the address.")


def method_refused(methods: Sequence[str] | object) -> WebhookMethodRefused:
    """What another method answers."""
    allow = ", ".join(sorted(methods)) if isinstance(methods, list) else ""
    return WebhookMethodRefused(
        "The webhook does not answer to that method.", remedy=f"Use {allow}.", details={"allow": allow}
    )


def address_refused() -> Forbidden:
    """What callers from elsewhere hear."""
    return Forbidden(
        "The webhook takes nothing from this address.",
        code="ADDRESS_REFUSED",
        remedy="Ask its owner to add the address to the webhook's ip_allowlist.",
    )


def signature_refused(fault: Fault) -> SignatureRefused:
    """What is said of a signature that does not hold."""
    what = {
        Fault.MISSING: "The delivery is not signed.",
        Fault.WRONG: "The signature is not one of this webhook and this body.",
        Fault.EXPIRED: "The delivery was signed too long ago, or its clock is wrong.",
    }
    return SignatureRefused(
        what[fault], code=fault.value, remedy="Sign the raw bytes of the body with the webhook's secret, now."
    )


def limited(seconds: int) -> RateLimited:
    """What is said when too many come in."""
    return RateLimited(
        "The webhook has taken as many deliveries as it may for now.",
        code="WEBHOOK_RATE_LIMITED",
        remedy="Send it again after the time in the header Retry-After.",
        details={"retry_after_seconds": seconds},
    )
