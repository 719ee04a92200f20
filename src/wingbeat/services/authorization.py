"""Having somebody sign in for a connection: OAuth 2 with a code (RFC 6749, 4.1) and a proof of who asked (RFC 7636).

What goes round by the browser is signed, holds for a while, and is taken once. The verifier is derived from it, so that
nothing secret has to be kept until the answer comes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

import orjson

from wingbeat.core.errors import Conflict, NotFound
from wingbeat.egress.kinds import AuthorizationCodeConfig
from wingbeat.egress.vault import Trial
from wingbeat.services.connections import find, note, show
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from wingbeat.egress.step_http import ConnectedHttp
    from wingbeat.services.connections import ShownConnection
    from wingbeat.storage.keys import Keys
    from wingbeat.storage.pool import Database

KIND = "oauth2_authorization_code"
SIGN_IN_SECONDS = 600
ERROR_NAME = re.compile(r"[a-z_]{1,60}")


class Journey(NamedTuple):
    """What goes round by the browser and must come back unchanged."""

    connection_id: UUID
    nonce: str
    expires: int
    redirect_uri: str


@dataclass(frozen=True)
class Authorizations:
    """The use cases."""

    database: Database
    keys: Keys
    http: ConnectedHttp

    async def begin(self, connection_id: UUID, redirect_uri: str) -> str:
        """The address at which somebody signs in; earlier ones for the connection hold no more.

        Raises:
            NotFound: there is no such connection.
            Conflict: `CONNECTION_WRONG_KIND`, when nobody signs in for such a connection.
        """
        nonce = secrets.token_urlsafe(24)
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                stored = await find(connection, connection_id, locked=True)
                if stored.kind != KIND:
                    raise Conflict(
                        f"Nobody signs in for a connection of the kind '{stored.kind}'.",
                        code="CONNECTION_WRONG_KIND",
                        remedy=f"Use a connection of the kind '{KIND}'.",
                    )
                await load("connections").begin_authorization(connection, connection_id=connection_id, nonce=nonce)
                await note(connection, stored, "connection.authorize")
        config = AuthorizationCodeConfig.model_validate(stored.config)
        state = self._sign(Journey(connection_id, nonce, int(time.time()) + SIGN_IN_SECONDS, redirect_uri))
        challenge = encode(hashlib.sha256(self._verifier(nonce).encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": config.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **({"scope": config.scope} if config.scope else {}),
        }
        address = urlsplit(config.authorization_url)
        own = [pair for pair in parse_qsl(address.query, keep_blank_values=True) if pair[0] not in asked]
        return address._replace(query=urlencode([*own, *asked.items()])).geturl()

    async def finish(self, state: str, code: str | None, error: str | None) -> ShownConnection:
        """Take what the sign-in gave, and fetch the first tokens with it.

        Raises:
            NotFound: `AUTHORIZATION_UNKNOWN`, when nobody asked for it, or too long ago, or it was taken already.
            Conflict: `AUTHORIZATION_DENIED`, when whoever was asked said no.
            StepError: what `Tokens.exchange` raises.
        """
        journey = self._read(state)
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                taken = await load("connections").end_authorization(
                    connection, connection_id=journey.connection_id, nonce=journey.nonce
                )
                if taken is None:
                    raise unknown()
                stored = await find(connection, journey.connection_id)
                await note(connection, stored, "connection.authorized", result="success" if code else "denied")
        if not code:
            raise denied(error)
        async with self.http.vault.use(str(journey.connection_id), Trial(), (KIND,), anyway=True) as opened:
            await self.http.tokens.exchange(opened, code, self._verifier(journey.nonce), journey.redirect_uri)
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                return await show(connection, await find(connection, journey.connection_id))

    def _verifier(self, nonce: str) -> str:
        return encode(hmac.digest(self.keys.derive("connections.pkce"), nonce.encode(), "sha256"))

    def _sign(self, journey: Journey) -> str:
        content = orjson.dumps([str(journey.connection_id), *journey[1:]])
        return f"{encode(content)}.{encode(self._signature(content))}"

    def _read(self, state: str) -> Journey:
        content, _, signature = state.partition(".")
        try:
            raw, given = decode(content), decode(signature)
        except ValueError:
            raise unknown() from None
        if not hmac.compare_digest(given, self._signature(raw)):
            raise unknown()
        connection_id, nonce, expires, redirect_uri = orjson.loads(raw)
        if expires < time.time():
            raise unknown()
        return Journey(UUID(connection_id), nonce, expires, redirect_uri)

    def _signature(self, content: bytes) -> bytes:
        return hmac.digest(self.keys.derive("connections.authorization"), content, "sha256")


def encode(data: bytes) -> str:
    """Base64 for addresses, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Undo `encode`; raises ValueError."""
    return urlsafe_b64decode(text.encode("ascii", "replace") + b"=" * (-len(text) % 4))


def unknown() -> NotFound:
    """One answer to everything that does not fit, so that it tells nobody anything."""
    return NotFound(
        "Nobody asked for this authorisation, or it took too long, or it was completed already.",
        code="AUTHORIZATION_UNKNOWN",
        remedy="Authorise the connection again.",
    )


def denied(error: str | None) -> Conflict:
    """What to say when whoever was asked said no."""
    named = error if error is not None and ERROR_NAME.fullmatch(error) else "no code"
    return Conflict(
        f"The authorisation was not given: {named}.",
        code="AUTHORIZATION_DENIED",
        remedy="Authorise the connection again, and agree.",
    )
