"""Signing in with an identity provider: there and back, by the same browser, once.

Who somebody is there is `(issuer, subject)` and nothing else: an e-mail address may pass to another person, and a name
may be chosen, so neither ever leads to a user who is here already.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.errors import Unauthenticated
from wingbeat.egress.oidc import Question, refused
from wingbeat.services.identity.provided_people import is_welcome, read_person
from wingbeat.services.identity.sign_in import note
from wingbeat.services.identity.users import END_SESSIONS, hash_token
from wingbeat.storage import audit, identities
from wingbeat.storage import communities as community_rows
from wingbeat.storage import users as rows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.identities import Journey
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.users import UserFields

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import asyncpg

    from wingbeat.egress.oidc import IdentityProvider
    from wingbeat.services.identity.provided_people import ClaimRules, ProvidedPerson
    from wingbeat.services.identity.sign_in import SignedIn, SignIns, Visitor
    from wingbeat.storage.users import StoredUser

JOURNEY_SECONDS = 600.0
MOST_NAMES = 50


class Departure(NamedTuple):
    """Where the browser goes, and the secret that it keeps until it comes back."""

    address: str
    browser: str


class Return(NamedTuple):
    """What the browser brings from the provider."""

    state: str
    code: str
    error: str = ""
    issuer: str = ""


class Arrival(NamedTuple):
    """Somebody who is in, and where it wanted to go."""

    signed_in: SignedIn
    return_to: str


@dataclass(frozen=True)
class ProviderSignIns:
    """The use cases. `key` makes proof keys, `redirect_uri` is the address that the provider sends browsers back to."""

    provider: IdentityProvider
    sign_ins: SignIns
    rules: ClaimRules
    key: bytes
    redirect_uri: str
    name: str = "single sign-on"

    async def begin(self, return_to: str, visitor: Visitor) -> Departure:
        """Send somebody to the provider.

        Raises:
            Unauthenticated: `OIDC_UNAVAILABLE`.
            RateLimited: `SIGN_IN_LIMITED`, when it is too often from this address.
        """
        await self.sign_ins.admit_address(visitor)
        state, browser, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        address = await self.provider.address(self._question(state, nonce))
        issuer = self.provider.client.issuer
        async with self._transaction() as connection:
            journey = Journey(hash_token(state), hash_token(browser), issuer, nonce, return_to)
            await identities.begin_journey(connection, journey, JOURNEY_SECONDS)
        return Departure(address, browser)

    async def finish(self, back: Return, browser: str, visitor: Visitor) -> Arrival:
        """Let in whom the provider vouches for; a new user, if it has not been here.

        Raises:
            Unauthenticated: `OIDC_REFUSED`, `OIDC_UNAVAILABLE`, `OIDC_NOT_WELCOME`.
        """
        issuer = self.provider.client.issuer
        async with self._transaction() as connection:
            begun = await identities.end_journey(connection, hash_token(back.state), hash_token(browser), issuer)
        if begun is None:
            error = refused("this browser did not begin it, or it took too long, or it was completed already")
            # Anybody may come with anything, and no limit was passed on the way here: such notes are bounded.
            audit.note(AuditEvent(Category.AUTH, "sign_in.provider", "user", "", result=error.code))
            raise error
        try:
            return await self._finish(back, begun, visitor)
        except Unauthenticated as error:
            async with self._transaction() as connection:
                await note(connection, None, "sign_in.provider", result=error.code)
            raise

    async def _finish(self, back: Return, begun: tuple[str, str], visitor: Visitor) -> Arrival:
        issuer = self.provider.client.issuer
        nonce, return_to = begun
        if back.issuer and back.issuer != issuer:  # RFC 9207: another provider's answer.
            raise refused("the answer is of another provider")
        if back.error or not back.code:
            raise refused("the provider did not agree")
        claims = await self.provider.exchange(back.code, self._question(back.state, nonce))
        if not is_welcome(claims, self.rules):
            raise not_welcome("only people with a verified e-mail address of certain domains may sign in")
        async with self._transaction() as connection:
            user = await self._find_or_create(connection, read_person(claims, self.rules))
            signed_in = await self.sign_ins.enter(connection, user.user_id, "sign_in.provider", visitor)
        return Arrival(signed_in, return_to)

    async def _find_or_create(self, connection: asyncpg.Connection, person: ProvidedPerson) -> StoredUser:
        """The user who this is here, with what the provider tells of it now."""
        await rows.take_turns(connection)
        user_id = await identities.find_identity(connection, person.issuer, person.subject)
        user = None if user_id is None else await rows.get(connection, user_id, lock=True)
        if user is None:
            user = await create(connection, person)
            await identities.insert_identity(connection, person.issuer, person.subject, user.user_id)
            await note(connection, user, "user.provided")
        if not user.enabled:
            raise not_welcome("your account here is disabled")
        if person.roles is not None:
            await community_rows.replace_roles(connection, user.user_id, sorted(person.roles), "oidc")
        if person.communities is not None:
            await community_rows.replace_provided_members(connection, user.user_id, person.communities)
        return await keep_up(connection, user, person)

    def _question(self, state: str, nonce: str) -> Question:
        # Made of the state, so that nothing secret is kept meanwhile; only this installation can make it.
        digest = hmac.digest(self.key, state.encode("utf-8", "surrogatepass"), "sha256")
        return Question(state, nonce, urlsafe_b64encode(digest).rstrip(b"=").decode(), self.redirect_uri)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[asyncpg.Connection]:
        with translate_errors():
            async with self.sign_ins.database.pool.acquire() as connection, connection.transaction():
                yield connection


async def create(connection: asyncpg.Connection, person: ProvidedPerson) -> StoredUser:
    """A new user; where its name is taken, which tells nothing of who has it, with a number."""
    user_id = await rows.new_id(connection)
    for number in range(1, MOST_NAMES):
        name = person.username if number == 1 else f"{person.username}-{number}"
        fields = UserFields(name, person.display_name, person.email)
        made = await rows.insert(connection, user_id, fields)
        if made is not None:
            return made
    raise not_welcome("too many people have the same name")


async def keep_up(connection: asyncpg.Connection, user: StoredUser, person: ProvidedPerson) -> StoredUser:
    """The user with the name and the address that it has there, and an administrator if the operator has it so."""
    old = UserFields(**{name: getattr(user, name) for name in UserFields.__slots__})
    new = replace(old, display_name=person.display_name or old.display_name, email=person.email or old.email)
    if person.is_admin is not None and (person.is_admin or await rows.has_other_admins(connection, user.user_id)):
        new = replace(new, is_admin=person.is_admin)
    if new == old:
        return user
    ends = any(getattr(old, name) != getattr(new, name) for name in END_SESSIONS)
    if old.is_admin != new.is_admin:
        await note(connection, user, "user.admin_granted" if new.is_admin else "user.admin_revoked")
    return await rows.update(connection, user.user_id, new, ends_sessions=ends)


def not_welcome(why: str) -> Unauthenticated:
    """What to say to somebody whom the provider knows, and who may not come in all the same."""
    return Unauthenticated(f"You may not sign in here: {why}.", code="OIDC_NOT_WELCOME", remedy="Ask an administrator.")
