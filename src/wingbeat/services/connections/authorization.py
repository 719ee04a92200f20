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

from wingbeat.core.access import NOBODY, SYSTEM, Permission
from wingbeat.core.errors import Conflict, NotFound
from wingbeat.egress.kinds import AuthorizationCodeConfig
from wingbeat.egress.vault import Trial
from wingbeat.services.connections.connections import find, note, show
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.egress.step_http import ConnectedHttp
    from wingbeat.services.connections.connections import ShownConnection
    from wingbeat.storage.keys import Keys
    from wingbeat.storage.pool import Database

KIND = "oauth2_authorization_code"
SIGN_IN_SECONDS = 600
CALLBACK = "/api/v1/connections/oauth/callback"
ERROR_NAME = re.compile(r"[a-z_]{1,60}")


class Browser(NamedTuple):
    """Who comes with a browser: the user, if somebody is signed in there, and what tells its session from others."""

    user_id: int = NOBODY
    session: str = ""


STRANGER = Browser()


class Journey(NamedTuple):
    """What goes round by the browser and must come back unchanged."""

    connection_id: UUID
    nonce: str
    expires: int
    redirect_uri: str


@dataclass(frozen=True)
class Authorizations:
    """The use cases. Sign-ins come back to an address below `public_url`, whatever a request calls this service."""

    database: Database
    keys: Keys
    http: ConnectedHttp
    public_url: str

    async def begin(self, principal: Principal, connection_id: UUID, *, session: str = "") -> str:
        """The address at which somebody signs in; earlier ones for the connection hold no more.

        The answer counts only from whoever asked: not from a browser in which another user is signed in, and, asked
        for from the session of a browser, from that session alone.

        Raises:
            NotFound: there is no such connection, or the caller may not see it.
            Forbidden: the caller may not change it.
            Conflict: `CONNECTION_WRONG_KIND`, when nobody signs in for such a connection.
        """
        nonce, redirect_uri = secrets.token_urlsafe(24), self.public_url + CALLBACK
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                stored = await find(connection, principal, connection_id, Permission.EDIT, locked=True)
                if stored.kind != KIND:
                    raise Conflict(
                        f"Nobody signs in for a connection of the kind '{stored.kind}'.",
                        code="CONNECTION_WRONG_KIND",
                        remedy=f"Use a connection of the kind '{KIND}'.",
                    )
                async with as_engine(connection):
                    await load("connections").begin_authorization(
                        connection,
                        connection_id=connection_id,
                        nonce=nonce,
                        user_id=principal.user_id,
                        session=session_digest(session),
                    )
                await note(connection, principal, stored, "connection.authorize")
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

    async def finish(
        self, state: str, code: str | None, error: str | None, browser: Browser = STRANGER
    ) -> ShownConnection:
        """Take what the sign-in gave, and fetch the first tokens with it.

        Raises:
            NotFound: `AUTHORIZATION_UNKNOWN`, when nobody asked for it, or somebody else, or too long ago, or it was
                taken already.
            Conflict: `AUTHORIZATION_DENIED`, when whoever was asked said no.
            StepError: what `Tokens.exchange` raises.
        """
        journey = self._read(state)
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                taken = await load("connections").end_authorization(
                    connection, connection_id=journey.connection_id, nonce=journey.nonce
                )
                expected = taken is not None and is_expected(taken, browser)
                if taken is not None:
                    stored = await find(connection, SYSTEM, journey.connection_id)
                    result = "denied" if not code else "success" if expected else "AUTHORIZATION_UNKNOWN"
                    await note(connection, SYSTEM, stored, "connection.authorized", result=result)
        if not expected:
            raise unknown()
        if not code:
            raise denied(error)
        async with self.http.vault.use(str(journey.connection_id), Trial(), (KIND,), anyway=True) as opened:
            await self.http.tokens.exchange(opened, code, self._verifier(journey.nonce), journey.redirect_uri)
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                shown = await show(connection, SYSTEM, await find(connection, SYSTEM, journey.connection_id))
        # Whoever comes back from a sign-in need not be anybody who may see where the connection leads.
        return shown._replace(allowed=frozenset({Permission.VIEW}))

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


def session_digest(session: str) -> str | None:
    """What is kept of the session that asked; None where none did."""
    return hashlib.sha256(session.encode()).hexdigest() if session else None


def is_expected(taken: asyncpg.Record, browser: Browser) -> bool:
    """Whether an answer comes from whom it was asked for."""
    if NOBODY not in {browser.user_id, taken["user_id"]} and browser.user_id != taken["user_id"]:
        return False
    return taken["session"] is None or hmac.compare_digest(taken["session"], session_digest(browser.session) or "")


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
