"""What an identity provider says is believed only if it says so itself, to us, about this sign-in, now."""

from __future__ import annotations

import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.rig.identity_provider import CURVE_KEY, KEY, OTHER_KEY, Forger, forger, public_jwk

from wingbeat.core.errors import Unauthenticated
from wingbeat.egress import oidc
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.oidc import Client, IdentityProvider, Question
from wingbeat.storage.secret import Secret

QUESTION = Question("state", "the-nonce", "v" * 43, "https://wings.example.com/sign-in/oidc/callback")
SECRET = Secret("the secret of the client")


@pytest.fixture
async def provider() -> AsyncIterator[Forger]:
    """A provider that says what a test has it say."""
    async with forger() as made:
        yield made


@pytest.fixture
async def client(provider: Forger) -> AsyncIterator[IdentityProvider]:
    """Ours, at that provider."""
    made = IdentityProvider(Client(provider.url, "wings", SECRET, "openid email"))
    yield made
    await made.close()


def claims(provider: Forger, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - of a token
    """Those of a good token; what is None is left out."""
    now = int(time.time())
    good = {
        "iss": provider.url,
        "sub": "248289761001",
        "aud": "wings",
        "iat": now,
        "exp": now + 300,
        "nonce": "the-nonce",
    }
    return {name: value for name, value in {**good, **more}.items() if value is not None}


def signed(provider: Forger, key: Any = KEY, algorithm: str = "RS256", **more: Any) -> str:  # noqa: ANN401 - as above
    """A token."""
    headers = more.pop("headers", {"kid": "first"})
    return jwt.encode(claims(provider, **more), key, algorithm, headers=headers)


def encode(data: bytes) -> str:
    """A part of a token."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def headed(head: dict[str, Any], provider: Forger, signature: bytes = b"x") -> str:
    """A token with any head at all."""
    return ".".join((encode(orjson.dumps(head)), encode(orjson.dumps(claims(provider))), encode(signature)))


def confused(provider: Forger) -> str:
    """A token whose shared key is the provider's public one, as PEM, which everybody has."""
    pem = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    unsigned = headed({"alg": "HS256", "kid": "first"}, provider).rpartition(".")[0]
    return f"{unsigned}.{encode(hmac.digest(pem, unsigned.encode(), 'sha256'))}"


def own_key() -> dict[str, Any]:
    """The key of somebody else, to be sent along."""
    made: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(OTHER_KEY.public_key(), as_dict=True)
    return made


async def exchange(provider: Forger, client: IdentityProvider, token: object) -> dict[str, Any]:
    """What comes of a code for which the provider gives this token."""
    provider.answer = lambda: (200, {"id_token": token, "access_token": "at", "token_type": "Bearer"})
    return await client.exchange("the-code", QUESTION)


async def test_a_good_token_tells_who_somebody_is(provider: Forger, client: IdentityProvider) -> None:
    """The code goes there with the proof key and the client's secret, and nowhere else."""
    found = await exchange(provider, client, signed(provider, email="ada@example.com"))
    assert ("248289761001", "ada@example.com") == (found["sub"], found["email"])
    asked = next(one for one in provider.asked if one.path == "/token")
    assert {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": QUESTION.redirect_uri,
        "code_verifier": "v" * 43,
    } == asked.form
    assert asked.headers["authorization"].startswith("Basic ")
    await exchange(provider, client, signed(provider))
    assert 1 == len([one for one in provider.asked if one.path == "/jwks"])


async def test_where_somebody_is_sent(provider: Forger, client: IdentityProvider) -> None:
    """With all that the provider is to give back, and the hash of the proof key only."""
    address = urlsplit(await client.address(QUESTION))
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert ("/authorize", "a", "code", "S256") == (
        address.path,
        query.pop("tenant"),
        query.pop("response_type"),
        query.pop("code_challenge_method"),
    )
    assert 43 == len(query.pop("code_challenge"))
    assert {
        "client_id": "wings",
        "redirect_uri": QUESTION.redirect_uri,
        "scope": "openid email",
        "state": "state",
        "nonce": "the-nonce",
    } == query
    assert "v" * 43 not in address.query
    assert provider.asked


async def test_no_other_token_holds(provider: Forger, client: IdentityProvider) -> None:
    """One by one: each differs from a good one in a single thing."""
    await exchange(provider, client, signed(provider))
    now = int(time.time())
    good = signed(provider)
    head, body, signature = good.split(".")
    attacks: dict[str, object] = {
        "another issuer": signed(provider, iss="https://evil.example.com"),
        "the issuer with a slash": signed(provider, iss=provider.url + "/"),
        "no issuer": signed(provider, iss=None),
        "another audience": signed(provider, aud="someone-else"),
        "no audience": signed(provider, aud=None),
        "several audiences and no azp": signed(provider, aud=["wings", "other"]),
        "another azp": signed(provider, azp="other"),
        "several audiences and another azp": signed(provider, aud=["wings", "other"], azp="other"),
        "another nonce": signed(provider, nonce="another"),
        "no nonce": signed(provider, nonce=None),
        "expired": signed(provider, exp=now - 60),
        "no expiry": signed(provider, exp=None),
        "an expiry that is text": signed(provider, exp="never"),
        "issued in the future": signed(provider, iat=now + 600),
        "not before later": signed(provider, nbf=now + 600),
        "no subject": signed(provider, sub=None),
        "an empty subject": signed(provider, sub=""),
        "a subject with U+0000": signed(provider, sub="ada\0"),
        "a subject that is half a letter": signed(provider, sub="ada\ud800"),
        "a subject that is too long": signed(provider, sub="a" * 256),
        "another access token": signed(provider, at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
        "another's key": signed(provider, OTHER_KEY),
        "another's key under another name": signed(provider, OTHER_KEY, headers={"kid": "second"}),
        "another's key without a name": signed(provider, OTHER_KEY, headers={}),
        "a curve": signed(provider, CURVE_KEY, "ES256"),
        "another algorithm of the key": signed(provider, algorithm="RS512"),
        "alg none": headed({"alg": "none", "kid": "first"}, provider, b""),
        "alg None": headed({"alg": "None", "kid": "first"}, provider, b""),
        "alg nOnE with a signature": headed({"alg": "nOnE", "kid": "first"}, provider),
        "the public key as a shared one": confused(provider),
        "an algorithm that is a number": headed({"alg": 256, "kid": "first"}, provider),
        "a critical header": signed(provider, headers={"kid": "first", "crit": ["b64"], "b64": True}),
        "a key that it brings itself": signed(provider, OTHER_KEY, headers={"kid": "mine", "jwk": own_key()}),
        "no signature": f"{head}.{body}.",
        "a changed body": f"{head}.{body[:-2]}AA.{signature}",
        "two parts": f"{head}.{body}",
        "four parts": f"{good}.{signature}",
        "nothing": "",
        "not text": {"id_token": good},
        "huge": good + "A" * 200_000,
    }
    let_in = []
    for name, token in attacks.items():
        try:
            await exchange(provider, client, token)
        except Unauthenticated as error:
            assert error.code == "OIDC_REFUSED", name  # noqa: PT017 - which one it was is the point
        else:
            let_in.append(name)
    assert [] == let_in


async def test_a_new_key_is_fetched_and_made_up_names_are_not(provider: Forger, client: IdentityProvider) -> None:
    """The provider may change its keys; a stranger's tokens do not have it asked again and again."""
    await exchange(provider, client, signed(provider))
    for number in range(3):
        with pytest.raises(Unauthenticated):
            await exchange(provider, client, signed(provider, OTHER_KEY, headers={"kid": f"made-up-{number}"}))
    asked = [one for one in provider.asked if one.path == "/jwks"]
    assert 1 == len(asked)


async def test_a_new_key_without_a_name_takes_the_place_of_the_old_one(
    provider: Forger, client: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, rather than when the kept one is an hour old; the old one opens nothing any more."""
    nameless: dict[str, Any] = {"headers": {}}
    provider.keys = [{name: value for name, value in public_jwk().items() if name != "kid"}]
    await exchange(provider, client, signed(provider, **nameless))
    provider.keys = [{**own_key(), "use": "sig", "alg": "RS256"}]
    with pytest.raises(Unauthenticated):  # Asked for a moment ago.
        await exchange(provider, client, signed(provider, OTHER_KEY, **nameless))
    monkeypatch.setattr(oidc, "KEYS_AGAIN_SECONDS", 0.0)
    found = await exchange(provider, client, signed(provider, OTHER_KEY, **nameless))
    assert "248289761001" == found["sub"]
    with pytest.raises(Unauthenticated):
        await exchange(provider, client, signed(provider, **nameless))


@pytest.mark.parametrize(
    "key",
    [
        {"use": "enc"},
        {"alg": "RS512"},
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"},
        {"n": "AQ"},
        {"kid": "second"},
    ],
)
async def test_not_every_key_of_the_provider_will_do(
    provider: Forger, client: IdentityProvider, key: dict[str, object]
) -> None:
    """One for something else, of another kind, or of another name."""
    provider.keys = [public_jwk(**key)]
    with pytest.raises(Unauthenticated):
        await exchange(provider, client, signed(provider))


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://other.example.com"},
        {"issuer": None},
        {"token_endpoint": "http://idp.example.com/token"},
        {"token_endpoint": "http://169.254.169.254/latest"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": ["http://127.0.0.1/"]},
        {"token_endpoint": None},
        {"token_endpoint": "http://[::1"},
    ],
)
async def test_a_document_that_leads_elsewhere_is_not_followed(
    provider: Forger, client: IdentityProvider, document: dict[str, object]
) -> None:
    """Nor one of a provider that calls itself by another name."""
    provider.document = document
    with pytest.raises(Unauthenticated) as caught:
        await client.address(QUESTION)
    assert "OIDC_UNAVAILABLE" == caught.value.code


@pytest.mark.parametrize(
    ("status", "answer"), [(400, {"error": "invalid_grant"}), (200, {}), (200, {"id_token": 5}), (500, {})]
)
async def test_a_code_that_is_not_taken(
    provider: Forger, client: IdentityProvider, status: int, answer: dict[str, object]
) -> None:
    """Leads nowhere; what the provider says, and our secret, are not told."""
    provider.answer = lambda: (status, {**answer, "error_description": "a secret of theirs"})
    with pytest.raises(Unauthenticated) as caught:
        await client.exchange("the-code", QUESTION)
    assert "OIDC_REFUSED" == caught.value.code
    assert "theirs" not in str(caught.value)
    assert SECRET.reveal() not in str(caught.value)


async def test_a_provider_that_is_not_there() -> None:
    """Is told so, in one sentence."""
    client = IdentityProvider(
        Client("https://idp.example.com", "wings", None, "openid"), addresses=Addresses(resolve=nowhere)
    )
    with pytest.raises(Unauthenticated, match="cannot be used"):
        await client.address(QUESTION)
    await client.close()


async def nowhere(_host: str, _port: int) -> list[str]:
    """No name is known."""
    raise OSError("no such name")
