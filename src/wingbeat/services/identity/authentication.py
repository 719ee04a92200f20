"""From what a caller shows to who it is. Where requests carry it is not known here."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.access import ALL, SERVICE, Permission, Principal
from wingbeat.core.errors import Unauthenticated
from wingbeat.services.identity.tokens import PREFIX

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator
    from uuid import UUID

    from wingbeat.services.identity.jwt_tokens import JwtVerifier
    from wingbeat.services.identity.sessions import Sessions, SignedInAs
    from wingbeat.services.identity.tokens import Tokens
    from wingbeat.storage.secret import Secret


class CredentialKind(StrEnum):
    """How somebody says who it is."""

    API_KEY = "api_key"
    TOKEN = "token"  # noqa: S105 - not one
    JWT = "jwt"
    SESSION = "session"


class Credentials(NamedTuple):
    """What a caller has shown, each as it came."""

    bearer: str | None = None
    api_key: bytes | None = None
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller who was verified, and by what.

    `csrf_token` is what a change must carry that comes with a session; `new_secret` what its browser is to keep.
    """

    principal: Principal
    kind: CredentialKind
    token_id: UUID | None = None
    session_id: UUID | None = None
    csrf_token: str | None = None
    new_secret: str | None = None


@dataclass(frozen=True)
class Authentication:
    """Knows whom to believe. Every credential that is shown must hold, and all of them must be one caller's."""

    service_key: Secret
    jwt: JwtVerifier
    tokens: Tokens
    sessions: Sessions
    service_scopes: frozenset[Permission] = ALL

    async def identify(self, shown: Credentials, *, lasting: bool = False) -> Identity:
        """Who the caller is; with several credentials, it may do what all of them allow.

        A `lasting` connection shows them once, and cannot be handed a new secret of its session.

        Raises:
            Unauthenticated: nothing was shown, or something of it does not hold, or they are of different callers.
            DatabaseUnavailable: somebody would have to be looked up.
        """
        found = [await one for one in self._each(shown, lasting=lasting)]
        if not found:
            raise Unauthenticated(
                "This needs a credential, and the request carries none.",
                remedy="Send a token as 'Authorization: Bearer ...', or the key of this service as 'X-API-Key'.",
            )
        identity, *others = found
        for other in others:
            identity = agree(identity, other)
        return identity

    async def identify_again(self, shown: Credentials, before: Identity) -> Identity:
        """Who the caller is by now, who showed these when a connection was made that lasts.

        Raises:
            Unauthenticated, DatabaseUnavailable: as `identify`.
        """
        found = [await one for one in self._each(shown._replace(session=None), lasting=True)]
        if before.session_id is not None:
            found.append(_of_session(await self.sessions.identify_again(before.session_id)))
        identity, *others = found
        for other in others:
            identity = agree(identity, other)
        return identity

    def _each(self, shown: Credentials, *, lasting: bool) -> Iterator[Awaitable[Identity]]:
        if shown.bearer is not None:
            yield self._by_token(shown.bearer) if shown.bearer.startswith(PREFIX) else self._by_jwt(shown.bearer)
        if shown.api_key is not None:
            yield self._by_key(shown.api_key)
        if shown.session is not None:
            yield self._by_session(shown.session, lasting=lasting)

    async def _by_key(self, key: bytes) -> Identity:
        if not hmac.compare_digest(key, self.service_key.reveal().encode()):
            raise Unauthenticated(
                "The API key is not the one of this service.",
                code="API_KEY_WRONG",
                remedy="Send the API_KEY of this service in the header X-API-Key.",
            )
        return Identity(replace(SERVICE, scopes=self.service_scopes), CredentialKind.API_KEY)

    async def _by_jwt(self, token: str) -> Identity:
        return Identity(self.jwt.verify(token).principal, CredentialKind.JWT)

    async def _by_token(self, token: str) -> Identity:
        principal, stored = await self.tokens.identify(token)
        return Identity(principal, CredentialKind.TOKEN, token_id=stored.token_id)

    async def _by_session(self, secret: str, *, lasting: bool) -> Identity:
        return _of_session(await self.sessions.identify(secret, lasting=lasting))


def _of_session(found: SignedInAs) -> Identity:
    return Identity(
        found.principal,
        CredentialKind.SESSION,
        session_id=found.session_id,
        csrf_token=found.csrf_token,
        new_secret=found.new_secret,
    )


def agree(one: Identity, other: Identity) -> Identity:
    """Two credentials of one caller, as what both allow; raises `CREDENTIALS_DISAGREE` if they are of two."""
    first, second = one.principal, other.principal
    if first.key != second.key:
        raise Unauthenticated(
            f"The request says in two ways who sends it, and they differ: {one.kind} and {other.kind}.",
            code="CREDENTIALS_DISAGREE",
            remedy="Send one of them.",
        )
    narrowed = replace(
        first,
        scopes=first.scopes & second.scopes,
        roles=first.roles & second.roles,
        communities={
            community: role
            for community, role in first.communities.items()
            if second.communities.get(community) == role
        },
        unrestricted=first.unrestricted and second.unrestricted,
    )
    return replace(
        one,
        principal=narrowed,
        session_id=one.session_id or other.session_id,
        csrf_token=one.csrf_token or other.csrf_token,
        new_secret=one.new_secret or other.new_secret,
    )
