"""The search finds what it is for."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest
from tests.rig.planted import find, plain, plant

SPELLED: list[Callable[[str], str | bytes]] = [
    str,
    lambda secret: secret[::-1],
    json.dumps,
    lambda secret: json.dumps({"inner": json.dumps(secret)}),
    lambda secret: quote(secret, safe=""),
    lambda secret: secret.encode().hex(),
    lambda secret: b64encode(secret.encode()),
    lambda secret: b64encode(f"me:{secret}".encode()),
    lambda secret: urlsafe_b64encode(f"u:{secret}!".encode()),
    lambda secret: b64encode(secret[::-1].encode()),
    lambda secret: repr(secret.encode()),
    lambda secret: secret[: len(secret) // 2 + 4],
]


@pytest.mark.parametrize("spell", SPELLED)
@pytest.mark.parametrize("make", [plant, plain])
def test_a_leak_is_found_in_any_spelling(spell: Callable[[str], str | bytes], make: Callable[[], str]) -> None:
    """Among other things, and as a part."""
    secret = make()
    spelled = spell(secret)
    text = spelled if isinstance(spelled, bytes) else spelled.encode()
    (found,) = find({"it": secret}, {"clean": ["nothing", b"\x00\xff"], "leaky": [b"before ", text + b" after"]})
    assert found.startswith("it in leaky")
