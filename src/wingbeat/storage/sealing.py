"""Envelope encryption of what must not be read in the database: a data key for each secret, wrapped by the master key.

AES-256-GCM both times. The associated data name the row, the purpose and the version that a ciphertext belongs to, so
that one which was copied to another place does not open.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wingbeat.core.errors import PlatformError

if TYPE_CHECKING:
    from wingbeat.storage.keys import Keys, MasterKey

NONCE_BYTES = 12
KEY_BITS = 256
WRAPPING = "connections.wrapping"


class Place(NamedTuple):
    """Where a ciphertext belongs: `purpose` is what it is for, `version` rises whenever it is replaced.

    `thing` is what has the secret, in words; the purposes of different things differ.
    """

    row_id: UUID
    purpose: str
    version: int
    thing: str = "connection"

    def bind(self, layer: str) -> bytes:
        """The associated data. No part can hold the sign between them."""
        return "\n".join(("wingbeat", layer, self.purpose, str(self.row_id), str(self.version))).encode()


class Sealed(NamedTuple):
    """A ciphertext: the name of the master key, the data key wrapped by it, and what is encrypted with that."""

    key_name: str
    wrapped_key: bytes
    payload: bytes


class Undecryptable(PlatformError):
    """A stored secret cannot be decrypted with the keys that this process has."""

    default_code = "CONNECTION_UNDECRYPTABLE"


def seal(keys: Keys, place: Place, data: bytes) -> Sealed:
    """Encrypt with a new data key."""
    data_key = AESGCM.generate_key(KEY_BITS)
    return Sealed(
        keys.current.name,
        wrap(keys.current, place, data_key),
        encrypt(data_key, data, place.bind("data")),
    )


def unseal(keys: Keys, place: Place, sealed: Sealed) -> bytes:
    """Decrypt.

    Raises:
        Undecryptable: the key is another, or the ciphertext is not the one that was stored in this place.
    """
    try:
        return decrypt(unwrap(keys, place, sealed), sealed.payload, place.bind("data"))
    except InvalidTag:
        raise altered(place) from None


def rewrap(keys: Keys, place: Place, sealed: Sealed) -> Sealed:
    """The same ciphertext with its data key wrapped by the current master key.

    Raises:
        Undecryptable: see `unseal`.
    """
    return Sealed(keys.current.name, wrap(keys.current, place, unwrap(keys, place, sealed)), sealed.payload)


def wrap(master: MasterKey, place: Place, data_key: bytes) -> bytes:
    """The data key, encrypted by the master key's wrapping key."""
    return encrypt(master.derive(WRAPPING), data_key, place.bind("key"))


def unwrap(keys: Keys, place: Place, sealed: Sealed) -> bytes:
    """The data key."""
    master = keys.named(sealed.key_name)
    if master is None:
        raise Undecryptable(
            f"The secrets of the {place.thing} {place.row_id} are encrypted with the key {sealed.key_name}, "
            f"and this process has the key {keys.current.name}.",
            remedy=(
                "Give every process the same SECRET_KEY. If it was changed on purpose, set SECRET_KEY_PREVIOUS to the "
                "old one and run `wingbeat keys rotate`; if the old key is lost, enter the secrets anew."
            ),
            details={f"{place.thing}_id": str(place.row_id), "key": sealed.key_name, "present_key": keys.current.name},
        )
    try:
        return decrypt(master.derive(WRAPPING), sealed.wrapped_key, place.bind("key"))
    except InvalidTag:
        raise altered(place) from None


def encrypt(key: bytes, data: bytes, bound_to: bytes) -> bytes:
    """A nonce, and what it gives."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, bound_to)


def decrypt(key: bytes, data: bytes, bound_to: bytes) -> bytes:
    """Undo `encrypt`; raises `InvalidTag`."""
    if len(data) < NONCE_BYTES:
        raise InvalidTag
    return AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], bound_to)


def altered(place: Place) -> Undecryptable:
    """What to say when a ciphertext is not the one that belongs here."""
    return Undecryptable(
        f"The stored secrets of the {place.thing} {place.row_id} are not the ones that were saved there: "
        "they were altered, or come from another row or an earlier time.",
        remedy="Find out who changed the database, and enter the secrets anew.",
        details={f"{place.thing}_id": str(place.row_id)},
    )
