"""OAuth 2 tokens (RFC 6749): fetched, renewed before they end, and kept sealed beside the connection.

Of all processes one fetches at a time: it holds a lock on the row of the connection's secrets. The others look again
until there is a new token. A new refresh token takes the place of the old one before anybody uses what came with it.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote_plus, urlencode
from weakref import WeakValueDictionary

import orjson

from wingbeat.core.errors import StepError
from wingbeat.egress.credential import require_tls, required
from wingbeat.egress.kinds import AuthorizationCodeConfig, OAuthConfig
from wingbeat.egress.vault import as_step_error
from wingbeat.storage import connections as rows
from wingbeat.storage.connections import TOKENS
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load
from wingbeat.storage.sealing import Place, Undecryptable, seal, unseal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import JsonObject
    from wingbeat.egress.http import Egress
    from wingbeat.egress.vault import Opened, Vault
    from wingbeat.sdk.context import HttpResponse
    from wingbeat.storage.connections import StoredSecret

# The database ends a transaction that says nothing for ten seconds.
TOKEN_SECONDS = 8.0
LOOK_AGAIN_SECONDS = 0.05
MOST_LOOKS = 400
# How long before its end a token is renewed, and at most which part of its life.
MARGIN_SECONDS = 60.0
MARGIN_PART = 0.2
LONGEST_LIFE = 10 * 365 * 86_400.0
FIRST_BAD_STATUS = 400
FIRST_SERVER_ERROR = 500
ERROR_NAME = re.compile(r"[a-z_]{1,60}")


class TokenPair(NamedTuple):
    """What a token server gave; `expires_at` is None where it did not say."""

    access_token: str
    refresh_token: str | None = None
    expires_at: datetime | None = None
    lifetime: float | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it can still be used for a while."""
        if self.expires_at is None or self.lifetime is None:
            return True
        return now < self.expires_at - timedelta(seconds=min(MARGIN_SECONDS, self.lifetime * MARGIN_PART))


class Tokens:
    """The tokens of all connections. One for each process."""

    def __init__(self, vault: Vault, egress: Egress) -> None:
        self._vault = vault
        self._egress = egress
        # One task of this process asks the database; the others wait here.
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def get(self, opened: Opened, *, rejected: str | None = None) -> str:
        """A token that holds; `rejected` is one that the server does not take any more.

        Raises:
            StepError: `CONNECTION_NOT_AUTHORIZED`, `CONNECTION_AUTHORIZATION_LOST`, `CONNECTION_TOKEN_REFUSED`,
                `CONNECTION_TOKEN_UNAVAILABLE`, `CONNECTION_UNDECRYPTABLE`, and what the way out raises.
        """
        with translate_errors():
            async with self._vault.database.pool.acquire() as connection:
                pair, _ = await self._read(connection, opened)
        if pair is None or pair.access_token == rejected:
            pair = await self._renew(opened, rejected)
        for secret in (pair.access_token, pair.refresh_token):
            opened.scrubber.add(secret or "")
        return pair.access_token

    async def exchange(self, opened: Opened, code: str, verifier: str, redirect_uri: str) -> None:
        """Turn the code that somebody's sign-in gave into tokens, and keep them; raises as `get` does."""
        grant = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        opened.scrubber.add(code)
        async with self._alone(opened) as connection:
            _, stored = await self._read(connection, opened)
            await self._fetch(connection, opened, grant, stored, None)

    async def _renew(self, opened: Opened, rejected: str | None) -> TokenPair:
        async with self._alone(opened) as connection:
            pair, stored = await self._read(connection, opened)
            if pair is not None and pair.access_token != rejected:
                return pair  # Somebody else was faster.
            old = None if stored is None else self._unseal(opened, stored)
            return await self._fetch(connection, opened, renewal(opened, old), stored, old)

    async def _fetch(
        self,
        connection: asyncpg.Connection,
        opened: Opened,
        grant: dict[str, str],
        stored: StoredSecret | None,
        old: TokenPair | None,
    ) -> TokenPair:
        """Ask the server, and keep what it gives before it is used."""
        response = await self._ask(opened, grant)
        now = await connection.fetchval("SELECT clock_timestamp()")
        pair = read_answer(opened, response, now, None if old is None else old.refresh_token)
        place = Place(opened.connection_id, TOKENS, 1 if stored is None else stored.version + 1)
        content = {
            "access_token": pair.access_token,
            "refresh_token": pair.refresh_token,
            "lifetime": pair.lifetime,
        }
        sealed = seal(self._vault.keys, place, orjson.dumps(content))
        fields = [name for name in ("access_token", "refresh_token") if content[name] is not None]
        await rows.put_secret(connection, place, sealed, fields=fields, expires_at=pair.expires_at)
        return pair

    async def _ask(self, opened: Opened, grant: dict[str, str]) -> HttpResponse:
        config = opened.config_as(OAuthConfig)
        require_tls(opened, config.token_url.partition(":")[0])
        body = {**config.parameters, **grant}
        if config.scope and grant["grant_type"] == "client_credentials":
            body["scope"] = config.scope
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        headers |= identify(opened, config, body)
        try:
            return await self._egress.send(
                "POST",
                config.token_url,
                headers=headers,
                content=urlencode(body).encode(),
                timeout_seconds=TOKEN_SECONDS,
                follow_redirects=False,
            )
        except StepError as error:
            error.uncertain = False  # The node's own request has not been sent.
            raise

    @asynccontextmanager
    async def _alone(self, opened: Opened) -> AsyncIterator[asyncpg.Connection]:
        """A transaction in which nobody else fetches tokens for the connection."""
        lock = self._locks.setdefault(opened.connection_id, asyncio.Lock())
        with translate_errors():
            async with lock:
                for _ in range(MOST_LOOKS):
                    async with self._vault.database.pool.acquire() as connection, connection.transaction():
                        if await load("connections").try_lock_secrets(connection, connection_id=opened.connection_id):
                            yield connection
                            return
                    # Waiting without a connection of the pool, which others need.
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
        raise StepError(
            f"Somebody else has been fetching a token for the connection '{opened.name}' for too long.",
            code="CONNECTION_TOKEN_UNAVAILABLE",
            remedy="Try again; see whether the token server answers.",
            details={"connection_id": str(opened.connection_id)},
            retryable=True,
        )

    async def _read(
        self, connection: asyncpg.Connection, opened: Opened
    ) -> tuple[TokenPair | None, StoredSecret | None]:
        """The token that is there, if it holds; and what is stored."""
        stored = await rows.get_secret(connection, opened.connection_id, TOKENS)
        if stored is None:
            return None, None
        pair = self._unseal(opened, stored)
        return (pair if pair.holds(stored.now) else None), stored

    def _unseal(self, opened: Opened, stored: StoredSecret) -> TokenPair:
        place = Place(opened.connection_id, TOKENS, stored.version)
        try:
            content = orjson.loads(unseal(self._vault.keys, place, stored.sealed))
        except Undecryptable as error:
            raise as_step_error(error) from None
        return TokenPair(content["access_token"], content["refresh_token"], stored.expires_at, content["lifetime"])


def renewal(opened: Opened, old: TokenPair | None) -> dict[str, str]:
    """How to ask for the next token."""
    if not isinstance(opened.config, AuthorizationCodeConfig):
        return {"grant_type": "client_credentials"}
    if old is not None and old.refresh_token is not None:
        opened.scrubber.add(old.refresh_token)
        return {"grant_type": "refresh_token", "refresh_token": old.refresh_token}
    why = (
        "nobody has signed in for it yet" if old is None else "its token has ended and the server gave none to renew it"
    )
    raise StepError(
        f"The connection '{opened.name}' is not authorised: {why}.",
        code="CONNECTION_NOT_AUTHORIZED",
        remedy="Authorise it under Connections, or at the address that POST /api/v1/connections/{id}/authorize gives.",
        details={"connection_id": str(opened.connection_id)},
    )


def identify(opened: Opened, config: OAuthConfig, body: dict[str, str]) -> dict[str, str]:
    """Say who the client is: in a header, which is given back, or in the body (RFC 6749, 2.3.1)."""
    public = isinstance(config, AuthorizationCodeConfig) and "client_secret" not in opened.secrets
    if public or config.client_authentication == "body":
        body["client_id"] = config.client_id
        if not public:
            body["client_secret"] = required(opened, "client_secret")
        return {}
    secret = required(opened, "client_secret")
    pair = f"{quote_plus(config.client_id)}:{quote_plus(secret)}"
    opened.scrubber.add(pair)
    return {"Authorization": "Basic " + b64encode(pair.encode()).decode()}


def read_answer(opened: Opened, response: HttpResponse, now: datetime, old_refresh_token: str | None) -> TokenPair:
    """The tokens in an answer; a server that gives no new refresh token means the old one to hold."""
    try:
        content = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        content = None
    if response.status >= FIRST_BAD_STATUS or not isinstance(content, dict):
        raise refusal(opened, response, content)
    access, refresh = content.get("access_token"), content.get("refresh_token") or old_refresh_token
    if not isinstance(access, str) or not access or not isinstance(refresh, str | None):
        raise refusal(opened, response, None)
    lifetime = read_lifetime(content.get("expires_in"))
    expires_at = None if lifetime is None else now + timedelta(seconds=lifetime)
    return TokenPair(access, refresh, expires_at, lifetime)


def read_lifetime(value: object) -> float | None:
    """Seconds, as a number or as text; None for anything else."""
    if isinstance(value, str) and value.isdecimal():
        value = float(value[:20])
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return None
    return min(float(value), LONGEST_LIFE)


def refusal(opened: Opened, response: HttpResponse, content: object) -> StepError:
    """What to say when there is no token in the answer. What the server writes besides the error's name is left out."""
    said = content.get("error") if isinstance(content, dict) else None
    name = said if isinstance(said, str) and ERROR_NAME.fullmatch(said) else ""
    details: JsonObject = {"connection_id": str(opened.connection_id), "status": response.status, "error": name}
    if response.status >= FIRST_SERVER_ERROR:
        opened.note_failure()
        return StepError(
            f"The token server of the connection '{opened.name}' answered {response.status}.",
            code="CONNECTION_TOKEN_UNAVAILABLE",
            remedy="Try again later.",
            details=details,
            retryable=True,
        )
    if name == "invalid_grant" and isinstance(opened.config, AuthorizationCodeConfig):
        return StepError(
            f"The token server of the connection '{opened.name}' does not renew its authorisation any more.",
            code="CONNECTION_AUTHORIZATION_LOST",
            remedy="Authorise the connection again.",
            details=details,
        )
    return StepError(
        f"The token server of the connection '{opened.name}' gave no token: status {response.status}"
        f"{name and f', {name}'}.",
        code="CONNECTION_TOKEN_REFUSED",
        remedy="Check the connection's token address, client and scope.",
        details=details,
    )
