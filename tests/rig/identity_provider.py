"""Identity providers on this machine: a real one of authlib, and one that says whatever a test has it say."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tests.rig.web import Asked, Reply, web

# Making one takes long, and no test needs its own.
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE_KEY = ec.generate_private_key(ec.SECP256R1())


def public_jwk(**more: object) -> dict[str, Any]:
    """The provider's key as it is published."""
    made: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
    return {**made, "kid": "first", "use": "sig", "alg": "RS256", **more}


@dataclass
class Forger:
    """A provider that is made of what a test gives: its document, its keys, its answer to a code."""

    url: str = ""
    document: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [public_jwk()])
    answer: Callable[[], tuple[int, dict[str, Any]]] = lambda: (200, {})
    asked: list[Asked] = field(default_factory=list)

    def handle(self, asked: Asked) -> Reply:
        """Answer as told."""
        self.asked.append(asked)
        if asked.path == "/.well-known/openid-configuration":
            return Reply(200, orjson.dumps(self.described()))
        if asked.path == "/jwks":
            return Reply(200, orjson.dumps({"keys": self.keys}))
        if asked.path == "/token":
            status, body = self.answer()
            return Reply(status, orjson.dumps(body))
        return Reply(404)

    def described(self) -> dict[str, Any]:
        """What it says of itself."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize?tenant=a",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            **self.document,
        }


@asynccontextmanager
async def forger() -> AsyncIterator[Forger]:
    """One that runs."""
    made = Forger()
    async with web(made.handle) as served:
        made.url = served.url
        yield made


@contextmanager
def real_provider(**people: dict[str, object]) -> Iterator[str]:
    """A provider that knows these people by their subjects, with their claims; gives its issuer."""
    with warnings.catch_warnings(record=True):  # They set filters of their own while they are loaded.
        warnings.simplefilter("ignore")
        import oidc_provider_mock  # noqa: PLC0415 - it warns when it is loaded

        users = [oidc_provider_mock.User(sub=sub, claims=claims) for sub, claims in people.items()]
        with oidc_provider_mock.run_server_in_thread(user_claims=users) as server:
            yield f"http://localhost:{server.server_port}"
