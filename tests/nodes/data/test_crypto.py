"""Hashes, signatures and random ids: right, bounded, and never with a key as a parameter."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from uuid import UUID

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.data.crypto import NODE
from wingbeat.sdk import Effect, Example
from wingbeat.sdk.testing import outcome_of, run_example

CONNECTION = "018f2f6e-0000-7000-8000-000000000000"


def made(raw: dict[str, Any], value: Any = None, **world: Any) -> Any:  # noqa: ANN401 - any JSON
    """What comes out."""
    return outcome_of(run_example(NODE, Example("", raw, input=value, world=world)))["out"]


@pytest.mark.parametrize(
    ("raw", "value", "expected"),
    [
        ({"operation": "hash"}, "", hashlib.sha256(b"").hexdigest()),
        ({"operation": "hash"}, None, hashlib.sha256(b"null").hexdigest()),
        ({"operation": "hash"}, {"b": 1, "a": [1.5]}, hashlib.sha256(b'{"a":[1.5],"b":1}').hexdigest()),
        ({"operation": "hash", "value_format": "hex"}, "00FF", hashlib.sha256(b"\0\xff").hexdigest()),
        ({"operation": "hash", "algorithm": "md5"}, "a", "0cc175b9c0f1b6a831c399e269772661"),
        ({"operation": "hash"}, "x" * 2_000_000, hashlib.sha256(b"x" * 2_000_000).hexdigest()),
        ({"operation": "encode", "encoding": "base64url"}, "\u00ff\u00fe?", "w7_Dvj8"),
        ({"operation": "decode", "encoding": "base64url"}, "w7_Dvj8", "\u00ff\u00fe?"),
        ({"operation": "decode", "encoding": "hex"}, " 6869 ", "hi"),
        ({"operation": "encode", "value_format": "base64"}, "AP8=", "00ff"),
        ({"operation": "compare", "signature": "a"}, "a", True),
        ({"operation": "compare", "signature": "\u00e9"}, "e", False),
    ],
)
def test_bytes_become_text(raw: dict[str, Any], value: Any, expected: Any) -> None:  # noqa: ANN401 - any JSON
    """In each way, of text and of any JSON."""
    assert expected == made({**raw, "value": "{{ input }}"}, value)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ({"operation": "hash"}, "\ud800"),
        ({"operation": "hash"}, 10**40),
        ({"operation": "hash"}, "x" * (65 * 2**20)),
        ({"operation": "hash", "value_format": "hex"}, "abc"),
        ({"operation": "hash", "value_format": "base64"}, {"a": 1}),
        ({"operation": "decode", "encoding": "hex"}, "zz"),
        ({"operation": "decode", "encoding": "hex"}, "ff"),
        ({"operation": "decode", "encoding": "base64"}, "a"),
        ({"operation": "decode", "encoding": "base64"}, "\u0661"),
        ({"operation": "decode", "encoding": "base64"}, None),
    ],
)
def test_what_cannot_be_read_is_a_typed_error(raw: dict[str, Any], value: Any) -> None:  # noqa: ANN401 - any JSON
    """Of bytes that are none, and of too many."""
    with pytest.raises(StepError) as caught:
        made({**raw, "value": "{{ input }}"}, value)
    assert "CRYPTO_VALUE_UNFIT" == caught.value.code


@pytest.mark.parametrize(
    ("signature", "valid"),
    [
        ("sha256={}", True),
        ("{}", True),
        (" {} ", True),
        ("sha256={}0", False),
        ("", False),
        ("\u00e9", False),
        ("sha256=" + "0" * 64, False),
    ],
)
def test_a_signature_is_verified(signature: str, valid: bool) -> None:
    """With or without what is written before it."""
    digest = hmac.new(b"key", b"body", "sha256").hexdigest()
    raw = {"operation": "verify", "value": "body", "signature": "{{ input }}", "connection": CONNECTION}
    assert valid is made(raw, signature.replace("{}", digest), signing="key")


def test_a_hash_of_a_key_is_written_as_wanted() -> None:
    """Without the connection's prefix."""
    raw = {"operation": "hmac", "value": "body", "connection": CONNECTION, "algorithm": "sha512"}
    assert hmac.new(b"key", b"body", "sha512").hexdigest() == made(raw, signing="key")


def test_random_things_have_their_form() -> None:
    """Ids of the alphabet and the length, a UUID of version 4, so many bytes."""
    digits = made({"operation": "random_id", "length": 1000, "alphabet": "digits"})
    assert (1000, set("0123456789")) == (len(digits), set(digits))
    assert 4 == UUID(made({"operation": "uuid"})).version
    assert 2048 == len(made({"operation": "random_bytes", "length": 1024}))


@pytest.mark.parametrize(
    "raw",
    [
        {"operation": "hash"},
        {"operation": "hash", "value": "a", "connection": CONNECTION},
        {"operation": "hash", "value": "a", "algorithm": "crc32"},
        {"operation": "hmac", "value": "a"},
        {"operation": "hmac", "value": "a", "connection": "key"},
        {"operation": "hmac", "value": "a", "connection": CONNECTION, "algorithm": "md5"},
        {"operation": "verify", "value": "a", "connection": CONNECTION},
        {"operation": "uuid", "value": "a"},
        {"operation": "random_bytes", "length": 100_000},
        {"operation": "hmac", "value": "a", "key": "secret"},
    ],
)
def test_definitions_that_make_no_sense_are_faults(raw: dict[str, Any]) -> None:
    """A key is no parameter."""
    assert NODE.read(raw).problems


def test_only_what_needs_a_key_or_chance_is_more_than_a_calculation() -> None:
    """The others may be recomputed at will."""
    assert Effect.PURE == NODE.read({"operation": "hash", "value": "a"}).effect
    assert Effect.IDEMPOTENT == NODE.read({"operation": "uuid"}).effect
