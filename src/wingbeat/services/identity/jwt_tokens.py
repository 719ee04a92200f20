"""Tokens of another issuer: JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256, and with nothing else (RFC 8725).

What a token says is looked at only once its signature holds, and what its header says is never followed anywhere.
"""

from __future__ import annotations

import hashlib
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.access import ON_A_THING, CommunityRole, Principal, PrincipalKind
from wingbeat.core.errors import InvalidJson, Unauthenticated
from wingbeat.storage.json_text import read_json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.storage.secret import Secret

ALGORITHM = "HS256"
MAX_BYTES = 8_192
MAX_HEADER_BYTES = 1_024
# Three parts in the alphabet of base64url without padding; 32 bytes of signature are 43 of its characters.
SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})")
# What would have us take a key from the token or from an address, read it in another way, or look for a token inside.
REFUSED_HEADERS = frozenset({"crit", "jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256", "b64", "zip", "enc", "cty"})
TYPES = frozenset({"jwt", "at+jwt"})
LEEWAY_SECONDS = 10
INTEGER_MAX = 2**31 - 1
LONGEST_NAME = 320
MOST_ROLES = 200
MOST_COMMUNITIES = 2_000
MOST_CACHED = 10_000
# Beyond the year 9999, which no clock here can tell.
LATEST = 253_402_300_799
REMEDY = "Get a new token from its issuer."


@dataclass(frozen=True, slots=True)
class JwtRules:
    """What tokens must say; `issuer` and `audience` where they are asked for."""

    issuer: str | None = None
    audience: str | None = None
    expiry_required: bool = False


class Verified(NamedTuple):
    """Whom a token names, and until when, in seconds since 1970."""

    principal: Principal
    expires: float


class JwtVerifier:
    """Verifies tokens with one key. What was verified is remembered by its hash, so that it need not be again."""

    def __init__(self, key: Secret, rules: JwtRules) -> None:
        self._key = key
        self._rules = rules
        self._known: OrderedDict[bytes, Verified] = OrderedDict()

    def verify(self, token: str) -> Verified:
        """Whom the token names.

        Raises:
            Unauthenticated: it does not hold; its code says what is wrong with it.
        """
        if len(token) > MAX_BYTES:
            raise refused("TOKEN_TOO_LARGE", f"is larger than {MAX_BYTES} bytes")
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._known.get(digest)
        if known is not None and known.expires + LEEWAY_SECONDS > time.time():
            self._known.move_to_end(digest)
            return known
        claims = self._open(token)
        verified = Verified(read_principal(claims), read_expiry(claims))
        self._known[digest] = verified
        if len(self._known) > MOST_CACHED:
            self._known.popitem(last=False)
        return verified

    def _open(self, token: str) -> JsonObject:
        """The claims of a token whose signature and times hold."""
        import jwt  # noqa: PLC0415 - only a process that is shown a token needs it

        check_header(token)
        try:
            jwt.decode(
                token,
                self._key.reveal(),
                algorithms=[ALGORITHM],
                leeway=LEEWAY_SECONDS,
                issuer=self._rules.issuer,
                audience=self._rules.audience,
                options={
                    "verify_exp": False,  # The times are ours to read: PyJWT takes texts and true for numbers.
                    "verify_nbf": False,
                    "verify_iat": False,
                    "verify_sub": False,
                    "verify_jti": False,
                    "verify_iss": self._rules.issuer is not None,
                    "verify_aud": self._rules.audience is not None,
                },
            )
        except jwt.InvalidSignatureError:
            raise refused("TOKEN_SIGNATURE_WRONG", "is not signed with the key of this installation") from None
        except jwt.InvalidIssuerError:
            raise refused("TOKEN_ISSUER_WRONG", "is not from the issuer that this installation trusts") from None
        except jwt.InvalidAudienceError:
            raise refused("TOKEN_AUDIENCE_WRONG", "is not meant for this installation") from None
        except jwt.MissingRequiredClaimError as error:
            raise refused("TOKEN_CLAIM_MISSING", f"has no claim '{error.claim}'") from None
        except jwt.InvalidAlgorithmError:
            raise refused("TOKEN_ALGORITHM_REFUSED", f"is not signed with {ALGORITHM}") from None
        except jwt.PyJWTError:
            raise malformed() from None
        claims = read_part(token.split(".")[1])
        check_times(claims, expiry_required=self._rules.expiry_required)
        return claims


def check_header(token: str) -> None:
    """Refuse what is no token of ours before any key is used."""
    shape = SHAPE.fullmatch(token)
    if shape is None:
        # Some attacks have no signature, or one of another length: let the algorithm be told where there is one.
        header, dot, _ = token.partition(".")
        if dot and token.count(".") == 2 and re.fullmatch(r"[A-Za-z0-9_-]+", header):  # noqa: PLR2004 - three parts
            check_members(header)
        raise malformed()
    check_members(shape[1])
    signature = shape[3]
    if urlsafe_b64encode(urlsafe_b64decode(signature + "=")).rstrip(b"=").decode() != signature:
        raise malformed()


def check_members(encoded: str) -> None:
    """Refuse a header that asks for anything but the one way in which tokens are verified here."""
    if len(encoded) > MAX_HEADER_BYTES:
        raise refused("TOKEN_TOO_LARGE", f"has a header of more than {MAX_HEADER_BYTES} bytes")
    header = read_part(encoded)
    named = sorted(REFUSED_HEADERS & header.keys())
    if named:
        raise refused("TOKEN_HEADER_REFUSED", f"has '{named[0]}' in its header, which is not followed here")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in TYPES:
        raise refused("TOKEN_HEADER_REFUSED", "is of another type than JWT")
    if not isinstance(header.get("kid", ""), str):
        raise refused("TOKEN_HEADER_REFUSED", "has a 'kid' that is no text")
    if header.get("alg") != ALGORITHM:
        raise refused("TOKEN_ALGORITHM_REFUSED", f"is not signed with {ALGORITHM}")


def read_part(encoded: str) -> JsonObject:
    """A part as the one object that it can mean: names that are there twice are refused, too."""
    try:
        raw = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        return read_json_object(raw, max_bytes=MAX_BYTES)
    except (ValueError, InvalidJson):
        raise malformed() from None


def check_times(claims: JsonObject, *, expiry_required: bool) -> None:
    """Refuse a token before and after its time."""
    now = time.time()
    expires, begins, issued = (read_time(claims, name) for name in ("exp", "nbf", "iat"))
    if expires is None and expiry_required:
        raise refused("TOKEN_CLAIM_MISSING", "has no claim 'exp'")
    if expires is not None and expires + LEEWAY_SECONDS <= now:
        raise refused("TOKEN_EXPIRED", "has expired")
    if max(begins or 0, issued or 0) - LEEWAY_SECONDS > now:
        raise refused("TOKEN_NOT_YET_VALID", "is not valid yet")


def read_time(claims: JsonObject, name: str) -> float | None:
    """A claim that is seconds since 1970, or None if it is not there."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATEST:
        raise wrong(name, "is no time in seconds since 1970")
    return float(value)


def read_expiry(claims: JsonObject) -> float:
    """When the token ends."""
    expires = read_time(claims, "exp")
    return float("inf") if expires is None else expires


def read_principal(claims: JsonObject) -> Principal:
    """Whom the claims name. A user of another issuer never administers the installation."""
    if "user_id" not in claims:
        raise refused("TOKEN_CLAIM_MISSING", "has no claim 'user_id'")
    return Principal(
        PrincipalKind.USER,
        read_id(claims["user_id"], "user_id"),
        read_text(claims.get("username", ""), "username"),
        read_roles(claims.get("roles", [])),
        read_communities(claims.get("communities", [])),
        ON_A_THING,
    )


def read_id(value: Json, name: str) -> int:
    """A whole number as the database counts."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= INTEGER_MAX:
        raise wrong(name, f"is no whole number from 1 to {INTEGER_MAX}")
    return value


def read_text(value: Json, name: str) -> str:
    """A text that can be shown on one line."""
    if not isinstance(value, str) or len(value) > LONGEST_NAME or not value.isprintable():
        raise wrong(name, f"is no text of at most {LONGEST_NAME} printable characters")
    return value


def read_roles(value: Json) -> frozenset[str]:
    """A list of names."""
    if not isinstance(value, list) or len(value) > MOST_ROLES:
        raise wrong("roles", f"is no list of at most {MOST_ROLES} texts")
    return frozenset(read_text(role, "roles") for role in value)


def read_communities(value: Json) -> Mapping[int, str]:
    """A list of ids, of `{id, role}`, or an object with a role for each id; without a role one is a member."""
    if isinstance(value, dict):
        pairs = [(read_key(name), role) for name, role in value.items()]
    elif isinstance(value, list):
        pairs = [read_membership(one) for one in value]
    else:
        raise wrong("communities", "is neither a list nor an object")
    if len(pairs) > MOST_COMMUNITIES:
        raise wrong("communities", f"has more than {MOST_COMMUNITIES} entries")
    found = {community: read_text(role, "communities") for community, role in pairs}
    if len(found) < len(pairs):
        raise wrong("communities", "names one community twice")
    return MappingProxyType(found)


def read_key(name: str) -> int:
    """An id that is the name of a member, as JSON knows no other names."""
    if not re.fullmatch(r"[1-9][0-9]{0,9}", name):
        raise wrong("communities", f"is no whole number from 1 to {INTEGER_MAX}")
    return read_id(int(name), "communities")


def read_membership(value: Json) -> tuple[int, Json]:
    """One entry of a list of communities."""
    if isinstance(value, dict):
        if not {"id"} <= value.keys() <= {"id", "role"}:
            raise wrong("communities", "has an entry with other members than 'id' and 'role'")
        return read_id(value["id"], "communities"), value.get("role", CommunityRole.MEMBER.value)
    return read_id(value, "communities"), CommunityRole.MEMBER.value


def malformed() -> Unauthenticated:
    """The refusal of what is no token."""
    return refused("TOKEN_MALFORMED", "is no JSON Web Token")


def wrong(claim: str, why: str) -> Unauthenticated:
    """The refusal of a claim."""
    return refused("TOKEN_CLAIM_INVALID", f"has a claim '{claim}' that {why}")


def refused(code: str, why: str) -> Unauthenticated:
    """A refusal; nothing of the token is in it but names that we know."""
    return Unauthenticated(f"The token {why}.", code=code, remedy=REMEDY)
