"""Signatures of deliveries."""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from wingbeat.services.webhooks.secrets import SigningKeys, keys_of
from wingbeat.services.webhooks.signatures import Fault, Scheme, find_fault, sign_body, sign_timestamped
from wingbeat.storage.secret import Secret

# The example of the specification of Standard Webhooks and its libraries.
SECRET = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
KEYS = keys_of(SECRET)
OTHER = SigningKeys(b"another", b"another")
BODY = b'{"test": 2432232314}'
ID = b"msg_p5jXN8AQM9LWM0D4loKWxJek"
TIME = b"1614265330"
SIGNATURE = b"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
NOW = float(TIME)
STANDARD = {b"webhook-id": ID, b"webhook-timestamp": TIME, b"webhook-signature": SIGNATURE}
OWN = sign_body(KEYS, "token", BODY)


def test_the_example_of_the_specification_holds() -> None:
    """What the libraries of senders sign is what is expected here."""
    assert SIGNATURE == sign_timestamped(KEYS, ID, TIME, BODY)
    assert None is find_fault(Scheme.TIMESTAMPED, [KEYS], "token", STANDARD, BODY, NOW)


def test_every_byte_may_be_in_a_body() -> None:
    """It is signed as it is, and not as a text."""
    body = bytes(range(256)) * 3
    headers = {b"x-webhook-signature": sign_body(KEYS, "token", body)}
    assert None is find_fault(Scheme.ANY, [KEYS], "token", headers, body, NOW)
    assert Fault.WRONG is find_fault(Scheme.ANY, [KEYS], "token", headers, body + b"\0", NOW)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (None, Fault.MISSING),
        (b"", Fault.MISSING),
        (OWN, None),
        (OWN[:-1], Fault.WRONG),
        (OWN + b"0", Fault.WRONG),
        (OWN.upper(), Fault.WRONG),
        (b"SHA256=" + OWN[7:], Fault.WRONG),
        (OWN[7:], Fault.WRONG),
        (b" " + OWN, Fault.WRONG),
        (b"sha256=", Fault.WRONG),
        (b"sha1=" + OWN[7:], Fault.WRONG),
        (b"\xff\xfe", Fault.WRONG),
        (sign_body(KEYS, "other", BODY), Fault.WRONG),
        (sign_body(KEYS, "token", BODY + b" "), Fault.WRONG),
        (sign_body(OTHER, "token", BODY), Fault.WRONG),
        (b"x" * 100_000, Fault.WRONG),
    ],
)
def test_a_signature_of_a_body_is_exactly_the_one(given: bytes | None, fault: Fault | None) -> None:
    """Whatever else is sent is refused, of another webhook or body, shorter, longer, or in capitals."""
    headers = {} if given is None else {b"x-webhook-signature": given}
    for scheme in (Scheme.ANY, Scheme.BODY):
        assert fault == find_fault(scheme, [KEYS], "token", headers, BODY, NOW)
    assert Fault.MISSING == find_fault(Scheme.TIMESTAMPED, [KEYS], "token", headers, BODY, NOW)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, None),
        ({b"webhook-id": b"msg_other"}, Fault.WRONG),
        ({b"webhook-id": b""}, Fault.MISSING),
        ({b"webhook-id": b"two words"}, Fault.WRONG),
        ({b"webhook-timestamp": b"1614265331"}, Fault.WRONG),
        ({b"webhook-timestamp": b""}, Fault.MISSING),
        ({b"webhook-timestamp": b"now"}, Fault.WRONG),
        ({b"webhook-timestamp": b"-1"}, Fault.WRONG),
        ({b"webhook-timestamp": b"1614265330.0"}, Fault.WRONG),
        ({b"webhook-timestamp": b"9" * 5_000}, Fault.WRONG),
        ({b"webhook-signature": b""}, Fault.MISSING),
        ({b"webhook-signature": SIGNATURE[3:]}, Fault.WRONG),
        ({b"webhook-signature": b"v2," + SIGNATURE[3:]}, Fault.WRONG),
        ({b"webhook-signature": SIGNATURE.lower()}, Fault.WRONG),
        ({b"webhook-signature": b"v1a,xyz " + SIGNATURE}, None),
        ({b"webhook-signature": b"v1,AAAA " * 9 + SIGNATURE}, None),
        ({b"webhook-signature": b"v1,AAAA " * 10 + SIGNATURE}, Fault.WRONG),
        ({b"webhook-signature": b"v1," + b64encode(b"x" * 32)}, Fault.WRONG),
    ],
)
def test_a_timestamped_signature_covers_id_time_and_body(changed: dict[bytes, bytes], fault: Fault | None) -> None:
    """One of several is enough, as while a sender changes its secret."""
    assert fault == find_fault(Scheme.ANY, [KEYS], "token", {**STANDARD, **changed}, BODY, NOW)


@pytest.mark.parametrize(("late", "fault"), [(300, None), (-300, None), (301, Fault.EXPIRED), (-301, Fault.EXPIRED)])
def test_a_signature_holds_for_five_minutes(late: int, fault: Fault | None) -> None:
    """Before and after, for clocks differ; only who knows the secret hears that the time was the fault."""
    assert fault == find_fault(Scheme.ANY, [KEYS], "token", STANDARD, BODY, NOW + late)
    assert Fault.WRONG == find_fault(Scheme.ANY, [OTHER], "token", STANDARD, BODY, NOW + late) or fault is None


def test_where_both_schemes_are_sent_the_stronger_one_counts() -> None:
    """A recorded signature of the body does not save one whose time is over."""
    headers = {**STANDARD, b"x-webhook-signature": OWN}
    assert Fault.EXPIRED == find_fault(Scheme.ANY, [KEYS], "token", headers, BODY, NOW + 301)


def test_with_no_secret_nothing_holds() -> None:
    """A webhook whose secret is gone takes nothing in."""
    assert Fault.WRONG == find_fault(Scheme.ANY, [], "token", {b"x-webhook-signature": OWN}, BODY, NOW)


def test_the_page_signs_as_it_is_checked() -> None:
    """What the page about webhooks shows to senders is what is accepted."""
    page = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()
    shown: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        exec(block, shown)  # noqa: S102 - of this repository
    body = shown["sign_body"](SECRET.reveal(), "token", BODY)
    timed = shown["sign_timestamped"](SECRET.reveal(), ID.decode(), int(TIME), BODY)
    for signed in (body, timed):
        headers = {name.lower().encode(): value.encode() for name, value in signed.items()}
        assert None is find_fault(Scheme.ANY, [KEYS], "token", headers, BODY, NOW)
