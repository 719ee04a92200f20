"""Passwords: what is refused, what fits, and what is kept of them."""

from __future__ import annotations

import pytest

from wingbeat.core.errors import InvalidInput, RateLimited
from wingbeat.services.identity import passwords
from wingbeat.services.identity.passwords import PasswordCost, Passwords, refuse_weak, weakness

CHEAP = PasswordCost(rounds=1, memory_kib=8)
GOOD = "three swifts and a lark"


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "ninechars",
        "x" * 1001,
        "1234567890",
        "PASSWORD123",
        "aaaaaaaaaaaaaaa",
        "ada.lovelace",
        "ecalevol.ada",
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    """With a reason, and without repeating the password."""
    with pytest.raises(InvalidInput) as caught:
        refuse_weak(password, "Ada.Lovelace")
    assert "PASSWORD_TOO_WEAK" == caught.value.code
    assert len(password) < 3 or password not in str(caught.value)


@pytest.mark.parametrize("password", [GOOD, "tenletters", "x" * 996 + "yzab", "пароль-пароль", "\0 is a character too"])
def test_anything_else_will_do(password: str) -> None:
    """Length is what counts, not which kinds of characters."""
    assert weakness(password, "ada") is None


async def test_a_password_fits_itself_and_nothing_else() -> None:
    """However its letters are composed; where there is none, nothing fits."""
    hasher = Passwords(CHEAP)
    kept = await hasher.hash("Zoe\u0308 sings well")
    assert kept.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert (await hasher.verify(kept, "Zo\u00eb sings well")).fits
    for wrong in ("zo\u00eb sings well", "Zo\u00eb sings well ", "", "\udcff"):
        assert not (await hasher.verify(kept, wrong)).fits
    assert not (await hasher.verify(None, GOOD)).fits
    assert not (await hasher.verify("no hash at all", GOOD)).fits


async def test_other_parameters_lead_to_another_hash() -> None:
    """And only they do, and only if the password fits."""
    old, new = Passwords(CHEAP), Passwords(PasswordCost(rounds=2, memory_kib=16))
    kept = await old.hash(GOOD)
    assert (await old.verify(kept, GOOD)).new_hash is None
    assert (await new.verify(kept, "wrong" + GOOD)).new_hash is None
    replaced = (await new.verify(kept, GOOD)).new_hash
    assert replaced is not None
    assert "m=16,t=2" in replaced
    assert (await new.verify(replaced, GOOD)) == (True, None)


async def test_more_than_can_wait_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than keep everybody waiting."""
    monkeypatch.setattr(passwords, "MOST_WAITING", 0)
    with pytest.raises(RateLimited, match="Too many"):
        await Passwords(CHEAP).verify(None, GOOD)
