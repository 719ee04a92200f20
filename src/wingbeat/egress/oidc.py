"""The way to an identity provider: what it says of itself, its keys, and the exchange of a code for a verified claim.

OpenID Connect Core 1.0 with the code flow and a proof key (RFC 7636). The provider is the operator's choice, so its
host may be private; what its document points to elsewhere must be public, and nothing goes over plain HTTP but on
loopback.
"""

from __future__ import annotations

import asyncio
import ipaddress
from base64 import b64encode
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote_plus, urlsplit

import orjson

from wingbeat.core.errors import StepError, Unauthenticated
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.http import Egress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wingbeat.core.json_value import Json
    from wingbeat.storage.secret import Secret

SECONDS = 10.0
MOST_BYTES = 1_000_000
# What it says of itself holds for this long; its keys for as long, unless a token names one that is not among them.
METADATA_SECONDS = 3600.0
# So that strangers with made-up tokens cannot have us ask all the time.
KEYS_AGAIN_SECONDS = 30.0
LEEWAY_SECONDS = 30
LONGEST_TOKEN = 100_000
# OpenID Connect Core 1.0, 2.
LONGEST_SUBJECT = 255
# Signatures that anybody can check and only the provider can make: not "none", and not those with a shared key.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA"}
)
KEY_TYPES = frozenset({"RSA", "EC", "OKP"})
GOOD = 200


class Client(NamedTuple):
    """Who we are to the provider. Without a secret, the proof key alone says that the code is ours."""

    issuer: str
    client_id: str
    client_secret: Secret | None
    scopes: str


class Question(NamedTuple):
    """What goes along when somebody is sent to the provider."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str


class IdentityProvider:
    """One for each process, closed at its end."""

    def __init__(self, client: Client, *, addresses: Addresses | None = None) -> None:
        self.client = client
        host = urlsplit(client.issuer).hostname or ""
        self._egress = Egress(addresses or Addresses(allowed=[host]), max_response_bytes=MOST_BYTES)
        self._lock = asyncio.Lock()
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, list[dict[str, Any]]] | None = None

    async def close(self) -> None:
        """Close every connection."""
        await self._egress.close()

    async def address(self, question: Question) -> str:
        """Where somebody is sent to sign in; raises `unavailable`."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # noqa: PLC0415 - slow to load, seldom needed
        from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415 - as above

        metadata = await self._read_metadata()
        asked: str = prepare_grant_uri(
            metadata["authorization_endpoint"],
            self.client.client_id,
            "code",
            redirect_uri=question.redirect_uri,
            scope=self.client.scopes,
            state=question.state,
            nonce=question.nonce,
            code_challenge=create_s256_code_challenge(question.verifier),
            code_challenge_method="S256",
        )
        return asked

    async def exchange(self, code: str, question: Question) -> dict[str, Json]:
        """The verified claims about whoever brought the code.

        Raises:
            Unauthenticated: `OIDC_REFUSED`, when the provider refuses the code or its token does not hold;
                `OIDC_UNAVAILABLE`, when it does not answer as it should.
        """
        from authlib.oauth2.rfc6749.parameters import prepare_token_request  # noqa: PLC0415 - as above

        metadata = await self._read_metadata()
        more: dict[str, str] = {"code": code, "code_verifier": question.verifier}
        headers = {"Content-Type": "application/x-www-form-urlencoded", **self._identify(metadata, more)}
        body: str = prepare_token_request("authorization_code", "", question.redirect_uri, **more)
        status, answer = await self._ask("POST", metadata["token_endpoint"], headers, body.encode())
        if status != GOOD:
            raise refused(f"it did not take the code (status {status})")
        token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise refused("it gave no identity token")
        claims = await self._verify(token, question.nonce, access_token if isinstance(access_token, str) else None)
        return await self._complete(claims, metadata, access_token)

    def _identify(self, metadata: Mapping[str, Any], body: dict[str, str]) -> dict[str, str]:
        """Say who the client is: in a header, or in the body where the provider takes no header."""
        secret = self.client.client_secret
        if secret is None:
            body["client_id"] = self.client.client_id
            return {}
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" not in methods and "client_secret_post" in methods:
            body |= {"client_id": self.client.client_id, "client_secret": secret.reveal()}
            return {}
        pair = f"{quote_plus(self.client.client_id)}:{quote_plus(secret.reveal())}"
        return {"Authorization": "Basic " + b64encode(pair.encode()).decode()}

    async def _verify(self, token: str, nonce: str, access_token: str | None) -> dict[str, Json]:
        """What the token claims, once its signature and everything else about it holds."""
        import jwt  # noqa: PLC0415 - as above
        from authlib.oidc.core import CodeIDToken  # noqa: PLC0415 - as above
        from joserfc.errors import JoseError  # noqa: PLC0415 - as above

        try:
            header = jwt.get_unverified_header(token)
            try:
                claims = self._decode(token, *await self._find_key(header))
            except jwt.InvalidSignatureError:
                if "kid" in header:
                    raise
                # A key without a name may have taken the place of the one that is kept.
                claims = self._decode(token, *await self._find_key(header, tries=(True,)))
            params = {"nonce": nonce, "client_id": self.client.client_id, "access_token": access_token}
            CodeIDToken(claims, header, params=params).validate(leeway=LEEWAY_SECONDS)
        except (jwt.PyJWTError, JoseError, ValueError, TypeError) as error:
            raise refused(f"its token does not hold ({type(error).__name__})") from None
        subject = claims["sub"]
        if not isinstance(subject, str) or not (0 < len(subject) <= LONGEST_SUBJECT and subject.isprintable()):
            raise refused("its token names nobody")
        return claims

    def _decode(self, token: str, key: Any, algorithm: str) -> dict[str, Json]:  # noqa: ANN401 - a key of PyJWT
        """What a token claims whose signature, issuer, audience and times hold; raises as PyJWT does."""
        import jwt  # noqa: PLC0415 - as above

        claims: dict[str, Json] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=self.client.client_id,
            issuer=self.client.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )
        return claims

    async def _find_key(self, header: Mapping[str, Any], tries: tuple[bool, ...] = (False, True)) -> tuple[Any, str]:
        """The provider's key that the token names, and the one algorithm that it is for."""
        import jwt  # noqa: PLC0415 - as above

        algorithm, name = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS or "crit" in header:
            raise refused("its token is signed in a way that is not accepted")
        for again in tries:
            for described in await self._read_keys(again=again):
                if fits(described, algorithm, name):
                    return jwt.PyJWK(described, algorithm=algorithm), algorithm
        raise refused("its token is signed with a key that is not the provider's")

    async def _complete(
        self, claims: dict[str, Json], metadata: Mapping[str, Any], access_token: object
    ) -> dict[str, Json]:
        """With what the provider tells only when it is asked for more; of the same person, or not at all."""
        address = metadata.get("userinfo_endpoint")
        if not isinstance(address, str) or not isinstance(access_token, str):
            return claims
        status, answer = await self._ask("GET", address, {"Authorization": f"Bearer {access_token}"})
        if status != GOOD or answer.get("sub") != claims["sub"]:
            return claims
        return {**answer, **claims}

    async def _read_metadata(self) -> dict[str, Any]:
        """What the provider says of itself, asked for once an hour."""
        now = asyncio.get_running_loop().time()
        async with self._lock:
            if self._metadata is not None and now - self._metadata[0] < METADATA_SECONDS:
                return self._metadata[1]
            address = self.client.issuer.rstrip("/") + "/.well-known/openid-configuration"
            status, found = await self._ask("GET", address)
            if status != GOOD:
                raise unavailable(f"{address} answered {status}")
            if found.get("issuer") != self.client.issuer:
                raise unavailable("it calls itself by another name than OIDC_ISSUER says")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                self._check_address(found.get(name), name)
            self._metadata = (now, found)
            return found

    async def _read_keys(self, *, again: bool) -> list[dict[str, Any]]:
        now = asyncio.get_running_loop().time()
        address = (await self._read_metadata())["jwks_uri"]
        async with self._lock:
            longest = KEYS_AGAIN_SECONDS if again else METADATA_SECONDS
            if self._keys is not None and now - self._keys[0] < longest:
                return self._keys[1]
            status, found = await self._ask("GET", address)
            keys = found.get("keys")
            if status != GOOD or not isinstance(keys, list):
                raise unavailable("it does not give its keys")
            self._keys = (now, [key for key in keys if isinstance(key, dict)])
            return self._keys[1]

    def _check_address(self, address: object, name: str) -> None:
        """Nothing secret goes over plain HTTP, but on this machine for who tries things out."""
        try:
            parts = urlsplit(address if isinstance(address, str) else "")
        except ValueError:
            parts = urlsplit("")
        here = urlsplit(self.client.issuer).scheme == "http" and is_loopback(parts.hostname or "")
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
            raise unavailable(f"its {name} is no address that can be trusted")

    async def _ask(
        self, method: str, address: str, headers: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of an answer; an empty one where there is none."""
        try:
            response = await self._egress.send(
                method,
                address,
                headers={"Accept": "application/json", **(headers or {})},
                content=content,
                timeout_seconds=SECONDS,
                follow_redirects=False,
            )
        except StepError as error:
            raise unavailable(error.message) from None
        try:
            found = orjson.loads(response.body)
        except orjson.JSONDecodeError:
            found = None
        return response.status, found if isinstance(found, dict) else {}


def fits(described: Mapping[str, Any], algorithm: str, name: object) -> bool:
    """Whether a key of the provider's may have made a signature."""
    if described.get("kty") not in KEY_TYPES or described.get("use", "sig") != "sig":
        return False
    if described.get("alg", algorithm) != algorithm:
        return False
    kinds = {"R": "RSA", "P": "RSA", "E": "OKP" if algorithm == "EdDSA" else "EC"}
    return described["kty"] == kinds[algorithm[0]] and (name is None or described.get("kid") == name)


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refused(why: str) -> Unauthenticated:
    """What to say when nobody can be let in with what came back."""
    return Unauthenticated(
        f"The sign-in with the identity provider came to nothing: {why}.",
        code="OIDC_REFUSED",
        remedy="Sign in again; if it stays, ask the operator.",
    )


def unavailable(why: str) -> Unauthenticated:
    """What to say when the provider does not do its part."""
    return Unauthenticated(
        f"The identity provider cannot be used: {why}.",
        code="OIDC_UNAVAILABLE",
        remedy="Try again later; the operator should look at OIDC_ISSUER.",
    )
