"""Passwords: which may be set, and how they are hashed and compared, off the event loop and not too many at once."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar

from wingbeat.core.errors import InvalidInput, RateLimited

if TYPE_CHECKING:
    from collections.abc import Callable

    from argon2 import PasswordHasher

    from wingbeat.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

SHORTEST = 10
LONGEST = 1000
FEWEST_CHARACTERS = 4
# How many may wait for their turn; beyond, a flood of them would keep everybody waiting.
MOST_WAITING = 50
COMMON_TEXT = """
    0000000000 0123456789 1111111111 1112223334 1122334455 1234554321 123456789a 1234567890 12345678910 1234567891
    123456789012 12345qwert 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 9876543210 987654321a a123456789 aa12345678
    abcd123456 abcdefghij abcdefghijk administrator adminadmin admin12345 admin123456 asdfghjkl1 asdfghjkl; asdfghjklm
    asdfasdfasdf baseball123 changeme123 changemenow charlie123 computer123 correcthorse correcthorsebatterystaple
    default123 dragon12345 football123 iloveyou12 iloveyou123 iloveyou1234 johnny12345 letmein123 letmein1234
    letmeinnow liverpool1 masterpass michael123 monkey12345 mypassword mypassword1 mypassword123 p@ssw0rd12
    p@ssw0rd123 p@ssword123 pa55word123 pass123456 passw0rd12 passw0rd123 password00 password01 password10 password11
    password12 password123 password1234 password12345 password123456 password2024 password2025 password2026 password99
    passwordpassword poiuytrewq princess12 princess123 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedc123 qazwsxedcrfv qwe1234567
    qwer123456 qwerty1234 qwerty12345 qwerty123456 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop123 qwertyuiop[]
    qwertyuiopasdfghjkl samsung123 secret1234 secretsecret spring2026 starwars123 summer2025 summer2026 sunshine12
    sunshine123 superman123 superuser1 testtest12 testtest123 testing123 trustno1234 unknown123 welcome123 welcome1234
    welcome12345 whatever123 wingbeat12 wingbeat123 wingbeatadmin winter2025 winter2026 zaq12wsxcde zxcvbnm123
    zxcvbnm1234
"""
COMMON = frozenset(COMMON_TEXT.split())


class PasswordCost(NamedTuple):
    """What it costs to hash a password, for us and for whoever guesses (argon2id, RFC 9106)."""

    rounds: int = 3
    memory_kib: int = 65_536
    lanes: int = 1
    at_once: int = 2


def cost_of(settings: Settings) -> PasswordCost:
    """What the operator has it cost."""
    return PasswordCost(settings.password_hash_rounds, settings.password_hash_memory_kib)


class Verdict(NamedTuple):
    """Whether a password fits; `new_hash` if the one that is kept has other parameters than new ones have."""

    fits: bool
    new_hash: str | None = None


class Passwords:
    """Hashes and compares. One for each process: what it uses of memory is bounded by `cost`."""

    def __init__(self, cost: PasswordCost | None = None) -> None:
        self._cost = cost or PasswordCost()
        self._turns = asyncio.Semaphore(self._cost.at_once)
        self._waiting = 0
        self._engine: tuple[PasswordHasher, str] | None = None

    async def hash(self, password: str) -> str:
        """What to keep of a password.

        Raises:
            RateLimited: `SIGN_IN_BUSY`.
        """
        return await self._work(self._hash, password)

    async def verify(self, stored: str | None, password: str) -> Verdict:
        """Whether it is the password. Where there is none, it never is, after as long a time.

        Raises:
            RateLimited: `SIGN_IN_BUSY`.
        """
        return await self._work(self._verify, stored, password)

    async def _work(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        if self._waiting >= MOST_WAITING:
            raise RateLimited(
                "Too many sign in at this moment.",
                code="SIGN_IN_BUSY",
                remedy="Try again in a few seconds.",
                details={"retry_after_seconds": 5},
            )
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work, *arguments, **named)
        finally:
            self._waiting -= 1

    def _hash(self, password: str) -> str:
        return self._open()[0].hash(prepare(password))

    def _verify(self, stored: str | None, password: str) -> Verdict:
        from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415 - only who signs in needs it

        (engine, nobodys), prepared = self._open(), prepare(password)
        try:
            engine.verify(stored or nobodys, prepared)
        except (VerificationError, InvalidHashError):
            return Verdict(fits=False)
        if stored is None:
            return Verdict(fits=False)
        return Verdict(fits=True, new_hash=engine.hash(prepared) if engine.check_needs_rehash(stored) else None)

    def _open(self) -> tuple[PasswordHasher, str]:
        """The hasher, and a hash that no password fits, which takes as long as any other."""
        if self._engine is None:
            from argon2 import PasswordHasher  # noqa: PLC0415 - as above

            made = PasswordHasher(
                time_cost=self._cost.rounds, memory_cost=self._cost.memory_kib, parallelism=self._cost.lanes
            )
            self._engine = (made, made.hash(secrets.token_bytes(32)))
        return self._engine


def prepare(password: str) -> bytes:
    """The same bytes however a keyboard composes its letters."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def refuse_weak(password: str, *names: str) -> None:
    """Refuse what is guessed first.

    Raises:
        InvalidInput: `PASSWORD_TOO_WEAK`, with what is wrong.
    """
    why = weakness(password, *names)
    if why is not None:
        raise InvalidInput(
            f"This password cannot be used: {why}.",
            code="PASSWORD_TOO_WEAK",
            remedy=f"Use {SHORTEST} characters or more that nobody would guess; several words are fine.",
        )


def weakness(password: str, *names: str) -> str | None:
    """Why a password is none; `names` are those of its user."""
    if len(password) < SHORTEST:
        return f"it has less than {SHORTEST} characters"
    if len(password) > LONGEST:
        return f"it has more than {LONGEST} characters"
    folded = password.casefold()
    if any(name and folded in {name.casefold(), name.casefold()[::-1], name.casefold() * 2} for name in names):
        return "it is the name of its user"
    if folded in COMMON:
        return "it is one of those that everybody tries first"
    if len(set(folded)) < FEWEST_CHARACTERS:
        return f"it has less than {FEWEST_CHARACTERS} different characters"
    return None
