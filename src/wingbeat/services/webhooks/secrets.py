"""The tokens and secrets of webhooks: made, checked, sealed away, and opened for checking signatures."""

from __future__ import annotations

import re
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.errors import InvalidInput
from wingbeat.storage.sealing import Place, Sealed, seal, unseal
from wingbeat.storage.secret import Secret

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.storage.keys import Keys

# What Standard Webhooks puts before a secret; the rest is base64.
PREFIX = "whsec_"
RANDOM_BYTES = 32
LEAST_BYTES = 24
MOST_BYTES = 64
# Visible ASCII: what every system's form takes.
GIVEN = re.compile(rf"[!-~]{{{LEAST_BYTES},120}}")
MOST_OPENED = 1_000
PURPOSE = "webhook"


class SigningKeys(NamedTuple):
    """What a secret signs with: its own bytes, and, where timestamps are signed too, what stands after its prefix."""

    body: bytes
    timestamped: bytes


class StoredWebhookSecret(NamedTuple):
    """A ciphertext as it is kept."""

    version: int
    sealed: Sealed


def new_token() -> str:
    """What an address ends with: 256 random bits."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def new_secret() -> Secret:
    """A secret as Standard Webhooks writes them."""
    return Secret(PREFIX + b64encode(secrets.token_bytes(RANDOM_BYTES)).decode())


def check_secret(secret: Secret) -> None:
    """Refuse a secret that somebody chose and that cannot serve.

    Raises:
        InvalidInput: `WEBHOOK_SECRET_UNFIT`, without the secret.
    """
    text = secret.reveal()
    if not GIVEN.fullmatch(text):
        raise _unfit(f"it is not {LEAST_BYTES} to 120 visible ASCII characters")
    if text.startswith(PREFIX):
        size = len(_after_prefix(text))
        if not LEAST_BYTES <= size <= MOST_BYTES:
            raise _unfit(f"after {PREFIX} it holds {size} bytes, and not {LEAST_BYTES} to {MOST_BYTES}")


def keys_of(secret: Secret) -> SigningKeys:
    """What it signs with."""
    text = secret.reveal()
    own = text.encode()
    return SigningKeys(own, _after_prefix(text) if text.startswith(PREFIX) else own)


def place_of(webhook_id: UUID, version: int) -> Place:
    """Where the ciphertext of a version belongs."""
    return Place(webhook_id, PURPOSE, version, "webhook")


def seal_secret(keys: Keys, webhook_id: UUID, version: int, secret: Secret) -> Sealed:
    """The secret as it is kept."""
    return seal(keys, place_of(webhook_id, version), secret.reveal().encode())


class OpenedSecrets:
    """Opens secrets, and remembers the last ones: each is asked for with every delivery."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._opened: OrderedDict[tuple[UUID, int, bytes], SigningKeys] = OrderedDict()

    def open(self, webhook_id: UUID, stored: StoredWebhookSecret) -> SigningKeys:
        """What the secret signs with.

        Raises:
            Undecryptable: with the keys that are here it cannot be opened.
        """
        known = (webhook_id, stored.version, stored.sealed.payload)
        found = self._opened.get(known)
        if found is None:
            text = unseal(self._keys, place_of(webhook_id, stored.version), stored.sealed).decode()
            found = self._opened[known] = keys_of(Secret(text))
            if len(self._opened) > MOST_OPENED:
                self._opened.popitem(last=False)
        return found


def _after_prefix(text: str) -> bytes:
    try:
        return b64decode(text.removeprefix(PREFIX), validate=True)
    except Base64Error:
        raise _unfit(f"what follows {PREFIX} is no base64") from None


def _unfit(why: str) -> InvalidInput:
    return InvalidInput(
        f"The secret cannot be used: {why}.",
        code="WEBHOOK_SECRET_UNFIT",
        remedy="Leave it out to have one made, or send a long random text.",
    )
