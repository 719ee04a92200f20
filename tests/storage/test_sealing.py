"""Envelope encryption: a ciphertext opens in its own place, with the right key, and nowhere else."""

from __future__ import annotations

from uuid import UUID

import pytest

from wingbeat.storage.keys import Keys, MasterKey
from wingbeat.storage.sealing import Place, Sealed, Undecryptable, rewrap, seal, unseal

HERE = Place(UUID(int=1), "secrets", 1)
ELSEWHERE = (Place(UUID(int=2), "secrets", 1), Place(UUID(int=1), "tokens", 1), Place(UUID(int=1), "secrets", 2))
KEYS = Keys(MasterKey(b"one" * 20))
DATA = b'{"password": "abc-def-ghi"}'


def test_what_was_sealed_opens_in_its_place() -> None:
    """Twice the same text gives two ciphertexts, and neither holds it."""
    one, two = seal(KEYS, HERE, DATA), seal(KEYS, HERE, DATA)
    assert unseal(KEYS, HERE, one) == DATA
    assert one != two
    assert b"abc-def" not in b"".join((one.wrapped_key, one.payload))


@pytest.mark.parametrize("place", ELSEWHERE, ids=["row", "purpose", "version"])
def test_it_opens_in_no_other_place(place: Place) -> None:
    """Neither whole, nor with the data key that was wrapped there."""
    here, there = seal(KEYS, HERE, DATA), seal(KEYS, place, b"{}")
    for moved in (here, there._replace(payload=here.payload), here._replace(wrapped_key=there.wrapped_key)):
        with pytest.raises(Undecryptable, match="altered"):
            unseal(KEYS, place, moved)


def test_no_byte_may_differ() -> None:
    """A changed bit anywhere, or a text cut short, does not open."""
    sealed = seal(KEYS, HERE, DATA)
    for broken in (
        *(sealed._replace(wrapped_key=data) for data in spoilt(sealed.wrapped_key)),
        *(sealed._replace(payload=data) for data in spoilt(sealed.payload)),
    ):
        with pytest.raises(Undecryptable):
            unseal(KEYS, HERE, broken)


def spoilt(data: bytes) -> list[bytes]:
    """A text with one bit changed, or cut short."""
    return [bytes([data[0] ^ 1]) + data[1:], data[:-1] + bytes([data[-1] ^ 1]), data[:5], b""]


def test_another_key_says_which_one_is_needed() -> None:
    """The names of keys are shown, and what to do."""
    sealed = seal(KEYS, HERE, DATA)
    with pytest.raises(Undecryptable, match=KEYS.current.name) as caught:
        unseal(Keys(MasterKey(b"two" * 20)), HERE, sealed)
    assert caught.value.code == "CONNECTION_UNDECRYPTABLE"
    assert "SECRET_KEY_PREVIOUS" in caught.value.remedy


def test_a_new_master_key_wraps_the_same_ciphertext() -> None:
    """After that the old one is not needed any more."""
    new = MasterKey(b"two" * 20)
    sealed = rewrap(Keys(new, KEYS.current), HERE, seal(KEYS, HERE, DATA))
    assert isinstance(sealed, Sealed)
    assert unseal(Keys(new), HERE, sealed) == DATA
    with pytest.raises(Undecryptable):
        unseal(KEYS, HERE, sealed)
