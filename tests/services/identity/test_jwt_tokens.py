"""Tokens of another issuer: what is taken, and every way of making one up."""

from __future__ import annotations

import hashlib
import hmac
import json
import string
import time
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from wingbeat.core.access import ON_A_THING, PrincipalKind
from wingbeat.core.errors import Unauthenticated
from wingbeat.services.identity import jwt_tokens
from wingbeat.services.identity.jwt_tokens import INTEGER_MAX, JwtRules, JwtVerifier
from wingbeat.storage.secret import Secret

KEY = "the key with which the issuer of these tests signs, as long as SHA-512 likes it"
NOW = int(time.time())
PAST, FUTURE = NOW - 3600, NOW + 3600
GOOD: dict[str, Any] = {"user_id": 7, "username": "ada", "exp": FUTURE}
HEADER = {"alg": "HS256", "typ": "JWT"}
RSA_KEY = rsa.generate_private_key(65_537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def part(value: object) -> str:
    """A part of a token; bytes as they are."""
    return encode(value if isinstance(value, bytes) else json.dumps(value).encode())


def sign(content: str, key: bytes | str = KEY, algorithm: str = "sha256") -> str:
    """A token of these two parts, signed."""
    raw = key if isinstance(key, bytes) else key.encode()
    return f"{content}.{encode(hmac.new(raw, content.encode(), getattr(hashlib, algorithm)).digest())}"


def token(header: object = HEADER, claims: object = GOOD, key: bytes | str = KEY, algorithm: str = "sha256") -> str:
    """A token as whoever has a key could make it."""
    return sign(f"{part(header)}.{part(claims)}", key, algorithm)


def claiming(**claims: object) -> str:
    """A token with good claims but for these."""
    return token(claims={**GOOD, **claims})


def headed(**members: object) -> str:
    """A token with a good header but for these."""
    return token({**HEADER, **members})


def respelt(signature: str) -> str:
    """The same bytes, with bits at the end that mean nothing."""
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    return signature[:-1] + alphabet[alphabet.index(signature[-1]) + 1]


def public_pem(key: Any) -> bytes:  # noqa: ANN401 -- of either kind
    """A public key as everybody can have it."""
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    pem: bytes = key.public_key().public_bytes(encoding, form)
    return pem


def test_a_good_token_names_its_user() -> None:
    """With its roles and communities; it may do on things what these give, and never administers the installation."""
    claims = {**GOOD, "roles": ["ops"], "communities": {"3": "admin", "4": "viewer"}, "iat": NOW, "nbf": NOW}
    principal, expires = JwtVerifier(Secret(KEY), JwtRules()).verify(jwt.encode(claims, KEY, "HS256"))
    assert (PrincipalKind.USER, 7, "ada") == (principal.kind, principal.user_id, principal.username)
    assert frozenset({"ops"}) == principal.roles
    assert {3: "admin", 4: "viewer"} == principal.communities
    assert (ON_A_THING, False, FUTURE) == (principal.scopes, principal.unrestricted, expires)


@pytest.mark.parametrize(
    ("communities", "expected"),
    [
        ([3, 4], {3: "member", 4: "member"}),
        ([{"id": 3, "role": "editor"}, {"id": 4}], {3: "editor", 4: "member"}),
        ({"3": "operator"}, {3: "operator"}),
        ([], {}),
        ({}, {}),
    ],
)
def test_communities_come_in_three_shapes(communities: object, expected: dict[int, str]) -> None:
    """Ids alone are memberships, which give nothing by themselves."""
    principal = JwtVerifier(Secret(KEY), JwtRules()).verify(claiming(communities=communities)).principal
    assert expected == principal.communities


@pytest.mark.parametrize(
    "made",
    [
        headed(kid="anything"),
        headed(typ="at+jwt"),
        token({"alg": "HS256"}),
        claiming(exp=NOW - 5),
        claiming(nbf=NOW + 5, iat=NOW + 5),
        claiming(exp=FUTURE + 0.5),
        claiming(aud="somebody else", iss="whoever"),
        token(claims={"user_id": 7}),
        claiming(user_id=INTEGER_MAX, more={"nested": [1]}),
    ],
)
def test_what_does_no_harm_is_taken(made: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clocks differ by some seconds; what nobody here reads may be there."""
    monkeypatch.setattr(time, "time", lambda: float(NOW))
    assert JwtVerifier(Secret(KEY), JwtRules()).verify(made).principal.user_id in {7, INTEGER_MAX}


NONE_SPELLINGS = ["none", "None", "NONE", "nOnE", "none ", "", None, 0, ["HS256"], {"alg": "HS256"}]
OTHER_ALGORITHMS = [
    "HS384",
    "HS512",
    "RS256",
    "RS512",
    "ES256",
    "PS256",
    "EdDSA",
    "hs256",
    "HS256 ",
    "A128KW",
]
UNSIGNED = f"{part({'alg': 'none'})}.{part(GOOD)}"
CONTENT, SIGNATURE = token().rpartition(".")[::2]
REFUSED_MEMBERS = {
    "crit": ["exp"],
    "jwk": {"kty": "oct", "k": encode(b"mine")},
    "jku": "https://evil.example/keys",
    "x5u": "https://evil.example/cert",
    "x5c": ["MIIB"],
    "x5t": "abc",
    "b64": False,
    "zip": "DEF",
    "enc": "A128GCM",
    "cty": "JWT",
    "typ": "JWE",
}
WRONG_COMMUNITIES: tuple[object, ...] = (
    "3", 3, None, ["3"], [True], [0], [-3], [3.0], {"0": "admin"}, {"03": "admin"}, {"x": "admin"}, {"3": 1},
    {"٣": "admin"}, [{"role": "admin"}], [{"id": "3"}], [{"id": 3, "role": None}], [3, 3],
    [{"id": 3, "role": "viewer"}, {"id": 3, "role": "admin"}], [{"id": 3, "roles": ["admin"]}],
    {str(INTEGER_MAX + 1): "admin"}, [[3, "admin"]],
)  # fmt: skip
# The names are the same in each process that collects them, so no time is in them.
ATTACKS: list[tuple[str, str, str]] = [
    *((f"alg {name!r}", headed(alg=name), "TOKEN_ALGORITHM_REFUSED") for name in NONE_SPELLINGS),
    *((f"alg {name!r}", headed(alg=name), "TOKEN_ALGORITHM_REFUSED") for name in OTHER_ALGORITHMS),
    ("alg with a null byte", headed(alg="HS256\x00"), "TOKEN_MALFORMED"),
    ("no alg", token({"typ": "JWT"}), "TOKEN_ALGORITHM_REFUSED"),
    ("alg none, no signature", f"{UNSIGNED}.", "TOKEN_ALGORITHM_REFUSED"),
    ("alg none, some signature", f"{UNSIGNED}.{SIGNATURE}", "TOKEN_ALGORITHM_REFUSED"),
    ("HS384 with the right key", jwt.encode(GOOD, KEY, "HS384"), "TOKEN_ALGORITHM_REFUSED"),
    ("HS512 with the right key", jwt.encode(GOOD, KEY, "HS512"), "TOKEN_ALGORITHM_REFUSED"),
    ("RS256 with a key of its own", jwt.encode(GOOD, RSA_KEY, "RS256"), "TOKEN_ALGORITHM_REFUSED"),
    ("ES256 with a key of its own", jwt.encode(GOOD, EC_KEY, "ES256"), "TOKEN_ALGORITHM_REFUSED"),
    ("signed with a public RSA key", token(key=public_pem(RSA_KEY)), "TOKEN_SIGNATURE_WRONG"),
    ("signed with a public EC key", token(key=public_pem(EC_KEY)), "TOKEN_SIGNATURE_WRONG"),
    ("RS256, HMAC by a public key", token({"alg": "RS256"}, key=public_pem(RSA_KEY)), "TOKEN_ALGORITHM_REFUSED"),
    ("another key", token(key="another key, which has as many bytes as it needs"), "TOKEN_SIGNATURE_WRONG"),
    ("an empty key", token(key=b""), "TOKEN_SIGNATURE_WRONG"),
    ("the key with a line end", token(key=KEY + "\n"), "TOKEN_SIGNATURE_WRONG"),
    ("the key in base64", token(key=encode(KEY.encode())), "TOKEN_SIGNATURE_WRONG"),
    ("the well-known default", token(key="change-me-in-production"), "TOKEN_SIGNATURE_WRONG"),
    ("SHA-512 called HS256", token(algorithm="sha512"), "TOKEN_MALFORMED"),
    ("claims of another token", f"{part(HEADER)}.{part({**GOOD, 'user_id': 1})}.{SIGNATURE}", "TOKEN_SIGNATURE_WRONG"),
    ("header of another token", f"{part({**HEADER, 'kid': 'x'})}.{part(GOOD)}.{SIGNATURE}", "TOKEN_SIGNATURE_WRONG"),
    ("signature of nothing", f"{CONTENT}.{'A' * 43}", "TOKEN_SIGNATURE_WRONG"),
    ("no signature", CONTENT, "TOKEN_MALFORMED"),
    ("empty signature", f"{CONTENT}.", "TOKEN_MALFORMED"),
    ("half a signature", f"{CONTENT}.{SIGNATURE[:20]}", "TOKEN_MALFORMED"),
    ("more than a signature", f"{CONTENT}.{SIGNATURE}AA", "TOKEN_MALFORMED"),
    ("the signature in another spelling", CONTENT + "." + respelt(SIGNATURE), "TOKEN_MALFORMED"),
    ("padding", f"{CONTENT}.{SIGNATURE}=", "TOKEN_MALFORMED"),
    ("padding in the middle", sign(f"{part(HEADER)}=.{part(GOOD)}"), "TOKEN_MALFORMED"),
    ("four parts", f"{token()}.{part(GOOD)}", "TOKEN_MALFORMED"),
    ("five parts, as of an encrypted one", f"{token()}.AAAA.AAAA", "TOKEN_MALFORMED"),
    ("one part", part(GOOD), "TOKEN_MALFORMED"),
    ("nothing but dots", "..", "TOKEN_MALFORMED"),
    ("nothing", "", "TOKEN_MALFORMED"),
    ("empty header", sign(f".{part(GOOD)}"), "TOKEN_MALFORMED"),
    ("empty claims", sign(f"{part(HEADER)}."), "TOKEN_MALFORMED"),
    ("not the alphabet", sign("%%%.%%%"), "TOKEN_MALFORMED"),
    ("the other base64", sign(f"{part(HEADER)}.ey+/"), "TOKEN_MALFORMED"),
    ("one character of base64", sign(f"A.{part(GOOD)}"), "TOKEN_MALFORMED"),
    ("a line end behind it", token() + "\n", "TOKEN_MALFORMED"),
    ("a space before it", " " + token(), "TOKEN_MALFORMED"),
    ("a null byte", token()[:-1] + "\x00", "TOKEN_MALFORMED"),
    ("letters that are none of ours", token()[:-1] + "\uff21", "TOKEN_MALFORMED"),
    ("an emoji", "\U0001f511." * 3, "TOKEN_MALFORMED"),
    ("half a surrogate pair", "\ud800.a.b", "TOKEN_MALFORMED"),
    ("huge", "A" * 8_193, "TOKEN_TOO_LARGE"),
    ("huge claims", claiming(username="a" * 8_000), "TOKEN_TOO_LARGE"),
    ("a huge header", headed(kid="a" * 2_000), "TOKEN_TOO_LARGE"),
    ("header no JSON", token(b"{alg"), "TOKEN_MALFORMED"),
    ("header a list", token(["HS256"]), "TOKEN_MALFORMED"),
    ("header a text", token("HS256"), "TOKEN_MALFORMED"),
    ("header with two algorithms", token(b'{"alg":"none","alg":"HS256"}'), "TOKEN_MALFORMED"),
    ("header not UTF-8", token(b'{"alg":"HS256","kid":"\xff"}'), "TOKEN_MALFORMED"),
    ("claims no JSON", token(claims=b"{"), "TOKEN_MALFORMED"),
    ("claims a list", token(claims=[GOOD]), "TOKEN_MALFORMED"),
    ("claims a number", token(claims=7), "TOKEN_MALFORMED"),
    ("claims null", token(claims=None), "TOKEN_MALFORMED"),
    ("a token in a token", token({**HEADER, "cty": "JWT"}, token().encode()), "TOKEN_HEADER_REFUSED"),
    ("a token as claims", token(claims=token().encode()), "TOKEN_MALFORMED"),
    ("two user ids", token(claims=b'{"user_id":7,"user_id":1}'), "TOKEN_MALFORMED"),
    ("two user ids, one escaped", token(claims=b'{"user_id":7,"\\u0075ser_id":1}'), "TOKEN_MALFORMED"),
    ("NaN", token(claims=b'{"user_id":7,"exp":NaN}'), "TOKEN_MALFORMED"),
    ("a null byte in a claim", token(claims=b'{"user_id":7,"username":"a\\u0000"}'), "TOKEN_MALFORMED"),
    ("too deep", token(claims=b'{"user_id":7,"a":' + b"[" * 900 + b"]" * 900 + b"}"), "TOKEN_MALFORMED"),
    *((f"header {name}", headed(**{name: value}), "TOKEN_HEADER_REFUSED") for name, value in REFUSED_MEMBERS.items()),
    ("typ a number", headed(typ=1), "TOKEN_HEADER_REFUSED"),
    ("kid a path to an empty file", token({**HEADER, "kid": "../../../dev/null"}, key=b""), "TOKEN_SIGNATURE_WRONG"),
    ("kid that selects a key", token({**HEADER, "kid": "' UNION SELECT 'k"}, key=b"k"), "TOKEN_SIGNATURE_WRONG"),
    ("kid an object", headed(kid={"a": 1}), "TOKEN_HEADER_REFUSED"),
    ("embedded key that fits", token({**HEADER, "jwk": {"k": encode(b"m")}}, key=b"m"), "TOKEN_HEADER_REFUSED"),
    ("no user", token(claims={"username": "ada", "exp": FUTURE}), "TOKEN_CLAIM_MISSING"),
    ("no claims", token(claims={}), "TOKEN_CLAIM_MISSING"),
    ("sub alone", token(claims={"sub": "7"}), "TOKEN_CLAIM_MISSING"),
    ("User_ID", token(claims={"User_ID": 7}), "TOKEN_CLAIM_MISSING"),
    *(
        (f"user_id {value!r}", claiming(user_id=value), "TOKEN_CLAIM_INVALID")
        for value in ("7", True, False, None, 7.0, 7.5, 0, -1, INTEGER_MAX + 1, 2**63, [7], {"id": 7}, "", "7 OR 1=1")
    ),
    ("user_id of 40 digits", token(claims=b'{"user_id":' + b"9" * 40 + b"}"), "TOKEN_CLAIM_INVALID"),
    ("user_id 1e400", token(claims=b'{"user_id":1e400}'), "TOKEN_MALFORMED"),
    *(
        (f"exp {name}", claiming(exp=value), "TOKEN_EXPIRED")
        for name, value in (("an hour ago", PAST), ("with a fraction", PAST + 0.5), ("0", 0), ("1", 1))
    ),
    ("exp a text", claiming(exp=str(FUTURE)), "TOKEN_CLAIM_INVALID"),
    ("exp in a list", claiming(exp=[FUTURE]), "TOKEN_CLAIM_INVALID"),
    *((f"exp {value!r}", claiming(exp=value), "TOKEN_CLAIM_INVALID") for value in (True, None, -1, 10**15, "never")),
    *((f"{name} later", claiming(**{name: FUTURE}), "TOKEN_NOT_YET_VALID") for name in ("nbf", "iat")),
    *((f"{name} a text", claiming(**{name: str(PAST)}), "TOKEN_CLAIM_INVALID") for name in ("nbf", "iat")),
    *((f"{name} true", claiming(**{name: True}), "TOKEN_CLAIM_INVALID") for name in ("nbf", "iat")),
    *(
        (f"username {value!r:.20}", claiming(username=value), "TOKEN_CLAIM_INVALID")
        for value in (7, None, ["ada"], "a\nb", "a\x1b[2J", "\u202eada", "a" * 321)
    ),
    *(
        (f"roles {value!r:.20}", claiming(roles=value), "TOKEN_CLAIM_INVALID")
        for value in ("admin", None, {"admin": True}, [1], [["admin"]], [None], ["a"] * 201)
    ),
    *(
        (f"communities {value!r:.30}", claiming(communities=value), "TOKEN_CLAIM_INVALID")
        for value in WRONG_COMMUNITIES
    ),
]


@pytest.mark.parametrize(("made", "code"), [attack[1:] for attack in ATTACKS], ids=[attack[0] for attack in ATTACKS])
def test_no_other_token_is_taken(made: str, code: str) -> None:
    """Each with the code of what is wrong, a sentence, and what to do; nothing of the token is in it."""
    verifier = JwtVerifier(Secret(KEY), JwtRules())
    with pytest.raises(Unauthenticated) as refused:
        verifier.verify(made)
    error = refused.value
    assert (code, True) == (error.code, bool(error.remedy))
    assert error.__cause__ is None
    assert len(made) < 20 or made[:20] not in str(error)


@given(st.integers(0, len(token()) - 1), st.characters(codec="ascii"))
def test_no_character_of_a_token_can_be_another(place: int, character: str) -> None:
    """Whichever it is."""
    good = token()
    changed = good[:place] + character + good[place + 1 :]
    verifier = JwtVerifier(Secret(KEY), JwtRules())
    if changed == good:
        assert verifier.verify(changed).principal.user_id == 7
        return
    with pytest.raises(Unauthenticated):
        verifier.verify(changed)


@pytest.mark.parametrize(
    ("rules", "claims", "code"),
    [
        (JwtRules(issuer="us"), {}, "TOKEN_CLAIM_MISSING"),
        (JwtRules(issuer="us"), {"iss": "them"}, "TOKEN_ISSUER_WRONG"),
        (JwtRules(issuer="us"), {"iss": ["us"]}, "TOKEN_ISSUER_WRONG"),
        (JwtRules(audience="us"), {}, "TOKEN_CLAIM_MISSING"),
        (JwtRules(audience="us"), {"aud": "them"}, "TOKEN_AUDIENCE_WRONG"),
        (JwtRules(audience="us"), {"aud": ["them"]}, "TOKEN_AUDIENCE_WRONG"),
        (JwtRules(audience="us"), {"aud": {"us": 1}}, "TOKEN_AUDIENCE_WRONG"),
        (JwtRules(expiry_required=True), {"exp": ...}, "TOKEN_CLAIM_MISSING"),
    ],
)
def test_what_the_operator_asks_for_must_be_there(rules: JwtRules, claims: dict[str, object], code: str) -> None:
    """An issuer, an audience, an end."""
    made = token(claims={name: value for name, value in {**GOOD, **claims}.items() if value is not ...})
    with pytest.raises(Unauthenticated) as refused:
        JwtVerifier(Secret(KEY), rules).verify(made)
    assert code == refused.value.code


def test_what_the_operator_asks_for_is_enough() -> None:
    """Also as one of several."""
    rules = JwtRules("us", "us", expiry_required=True)
    assert JwtVerifier(Secret(KEY), rules).verify(claiming(iss="us", aud=["them", "us"])).principal.user_id == 7


def test_a_known_token_is_not_known_for_longer_than_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused from the moment that it ends, though it was taken before."""
    verifier, good = JwtVerifier(Secret(KEY), JwtRules()), token()
    assert verifier.verify(good) is verifier.verify(good)
    monkeypatch.setattr(time, "time", lambda: FUTURE + 11.0)
    with pytest.raises(Unauthenticated) as refused:
        verifier.verify(good)
    assert "TOKEN_EXPIRED" == refused.value.code


def test_no_more_tokens_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many come; what came last stays."""
    monkeypatch.setattr(jwt_tokens, "MOST_CACHED", 3)
    verifier = JwtVerifier(Secret(KEY), JwtRules())
    made = [claiming(user_id=number) for number in range(1, 10)]
    first = [verifier.verify(one) for one in made]
    again = [verifier.verify(one) is before for one, before in zip(made[-3:], first[-3:], strict=True)]
    assert ([True] * 3, False) == (again, verifier.verify(made[0]) is first[0])


def test_a_key_that_changed_lets_nobody_in_any_more() -> None:
    """What one key signed means nothing to another."""
    with pytest.raises(Unauthenticated):
        JwtVerifier(Secret(KEY + "2"), JwtRules()).verify(token())


def test_the_key_is_not_shown() -> None:
    """Nor what was verified with it."""
    verifier = JwtVerifier(Secret(KEY), JwtRules())
    verifier.verify(token())
    assert KEY not in repr(verifier) + repr(vars(verifier))
