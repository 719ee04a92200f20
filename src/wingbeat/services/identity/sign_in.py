"""How somebody signs in: by a password, a link, or as whom an identity provider knows. What a session is, is not here.

Whatever is wrong, a stranger hears one sentence after one time. Attempts are counted in the database before a password
is looked at, so that no number of processes or of requests at once gives more guesses.
"""

from __future__ import annotations

import ipaddress
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from wingbeat.core.errors import InvalidInput, NotFound, RateLimited, Unauthenticated
from wingbeat.services.identity.passwords import refuse_weak
from wingbeat.services.identity.users import USERNAME, find, hash_token
from wingbeat.storage import audit
from wingbeat.storage import users as rows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.users import LockOut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.services.identity.passwords import Passwords
    from wingbeat.storage.pool import Database
    from wingbeat.storage.secret import Secret
    from wingbeat.storage.users import StoredUser

# Whoever has IPv6 has at least a network of this size.
IPV6_NETWORK = 64


class Visitor(NamedTuple):
    """Who comes: from which address, and with which program, as far as that is known."""

    address: str = ""
    agent: str = ""


class SignedIn(NamedTuple):
    """Somebody who is in; `cookie` is the secret of its new session."""

    user: StoredUser
    cookie: str


class AddressLimit(NamedTuple):
    """How many attempts an address has in a time."""

    most: int = 60
    seconds: float = 300.0


class SessionOpener(Protocol):
    """Makes sessions."""

    async def open(self, connection: asyncpg.Connection, user_id: int, address: str, agent: str) -> str:
        """A new session, in the caller's transaction; gives the secret that the browser keeps."""


@dataclass(frozen=True)
class SignIns:
    """The ways in. Each gives a new session and none that was there before, and writes to the record."""

    database: Database
    passwords: Passwords
    sessions: SessionOpener
    lock_out: LockOut = field(default_factory=LockOut)
    address_limit: AddressLimit = field(default_factory=AddressLimit)

    async def by_password(self, username: str, password: Secret, visitor: Visitor) -> SignedIn:
        """Let in whoever knows the password.

        Raises:
            Unauthenticated: `SIGN_IN_FAILED`, whatever is wrong.
            RateLimited: `SIGN_IN_LIMITED`, too many from this address; `SIGN_IN_BUSY`.
        """
        await self.admit_address(visitor)
        async with self._transaction() as connection:
            # What can be nobody's name is not asked for: the database could not even read some of it.
            name = username if USERNAME.fullmatch(username) else ""
            user = await rows.begin_attempt(connection, name, self.lock_out)
        stored = user.password_hash if user is not None and user.enabled else None
        verdict = await self.passwords.verify(stored, password.reveal())
        async with self._transaction() as connection:
            if user is not None and stored is not None and verdict.fits:
                present = await rows.get(connection, user.user_id, lock=True)
                # It may have been changed, or the user disabled, while the old one was being compared.
                if present is not None and present.enabled and present.password_hash == stored:
                    if verdict.new_hash is not None:
                        await rows.rehash_password(connection, user.user_id, stored, verdict.new_hash)
                    return await self.enter(connection, user.user_id, "sign_in.password", visitor)
            locks = user is not None and user.locked_until is not None
            action = "sign_in.locked" if locks else "sign_in.failed"
            await note(connection, user, action, result="SIGN_IN_FAILED")
        raise failed()

    async def admit_address(self, visitor: Visitor) -> None:
        """Count that somebody begins to sign in; raises RateLimited `SIGN_IN_LIMITED` where it is too often."""
        limit = self.address_limit
        async with self._transaction() as connection:
            attempts = await rows.count_attempt(connection, bucket_of(visitor.address), limit.seconds)
            if attempts == limit.most + 1:  # The first one; a flood is not to flood the record too.
                await note(connection, None, "sign_in.limited", result="SIGN_IN_LIMITED")
        if attempts > limit.most:
            raise too_many(limit)

    async def get_user(self, user_id: int) -> StoredUser:
        """Somebody who is signed in; raises NotFound."""
        async with self._transaction() as connection:
            return await find(connection, user_id)

    async def look_at_link(self, token: str) -> StoredUser:
        """Whom a link would let in. Programs open links to look at them, so this takes nothing.

        Raises:
            NotFound: `LINK_UNKNOWN`, when it lets nobody in, or nobody any more.
        """
        async with self._transaction() as connection:
            user = await rows.get_link(connection, hash_token(token))
        if user is None:
            raise unknown_link()
        return user

    async def by_link(self, token: str, password: Secret | None, visitor: Visitor) -> SignedIn:
        """Let in whoever has the link, once; with a `password`, that is the user's from now on.

        Raises:
            NotFound: `LINK_UNKNOWN`.
            InvalidInput: `PASSWORD_TOO_WEAK`; the link still holds then.
            RateLimited: `SIGN_IN_BUSY`.
        """
        hashed = None
        if password is not None:
            user = await self.look_at_link(token)
            refuse_weak(password.reveal(), user.username, user.email)
            hashed = await self.passwords.hash(password.reveal())
        async with self._transaction() as connection:
            user_id = await rows.use_link(connection, hash_token(token))
            present = None if user_id is None else await rows.get(connection, user_id, lock=True)
            if present is None or not present.enabled:
                raise unknown_link()
            if hashed is not None:
                await rows.set_password(connection, present.user_id, hashed)
                await note(connection, present, "password.set")
            return await self.enter(connection, present.user_id, "sign_in.link", visitor)

    async def change_password(self, principal: Principal, old: Secret, new: Secret, visitor: Visitor) -> SignedIn:
        """Another password for whoever knows the present one. All of its sessions end, and a new one begins.

        Raises:
            Unauthenticated: `SIGN_IN_FAILED`, when the present one is wrong, which counts as a failed sign-in.
            InvalidInput: `PASSWORD_TOO_WEAK`; `NO_PASSWORD`, when there is none that could be changed.
            RateLimited: `SIGN_IN_BUSY`.
        """
        async with self._transaction() as connection:
            user = await find(connection, principal.user_id)
        if user.password_hash is None:
            raise InvalidInput(
                "You sign in without a password, so there is none to change.",
                code="NO_PASSWORD",
                remedy="Ask an administrator for a sign-in link; whoever opens one may set a password.",
            )
        refuse_weak(new.reveal(), user.username, user.email)
        async with self._transaction() as connection:
            counted = await rows.begin_attempt(connection, user.username, self.lock_out)
        known = counted.password_hash if counted is not None else None
        if not (await self.passwords.verify(known, old.reveal())).fits:
            async with self._transaction() as connection:
                await note(connection, user, "password.refused", result="SIGN_IN_FAILED")
            raise failed()
        hashed = await self.passwords.hash(new.reveal())
        async with self._transaction() as connection:
            present = await rows.get(connection, user.user_id, lock=True)
            if present is None or present.password_hash != known:
                raise failed()
            await rows.set_password(connection, user.user_id, hashed)
            await note(connection, user, "password.changed")
            return await self.enter(connection, user.user_id, "sign_in.password", visitor)

    async def enter(self, connection: asyncpg.Connection, user_id: int, action: str, visitor: Visitor) -> SignedIn:
        """Let the user in, in the caller's transaction."""
        user = await rows.note_sign_in(connection, user_id)
        if user is None:
            raise failed()
        cookie = await self.sessions.open(connection, user_id, visitor.address, visitor.agent)
        await note(connection, user, action)
        return SignedIn(user, cookie)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[asyncpg.Connection]:
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                yield connection


def bucket_of(address: str) -> str:
    """What attempts from an address are counted under; for IPv6, its network, in which addresses cost nothing."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if found.version == 4:  # noqa: PLR2004 - of IP
        return str(found)
    return str(ipaddress.ip_network((int(found), IPV6_NETWORK), strict=False))


async def note(
    connection: asyncpg.Connection, user: StoredUser | None, action: str, *, result: str = "success"
) -> None:
    """Write to the record. A name that is nobody's is left out: people type passwords into the wrong field."""
    name, object_id = ("", "") if user is None else (user.username, str(user.user_id))
    event = AuditEvent(
        Category.AUTH,
        action,
        "user",
        object_id,
        # Whoever failed may be anybody.
        actor=name if result == "success" else "",
        result=result,
        detail={"username": name} if name else {},
    )
    await audit.write(connection, event)


def failed() -> Unauthenticated:
    """One answer to everything that is wrong, so that it tells nobody anything."""
    return Unauthenticated(
        "The name or the password is wrong, or there were too many attempts.",
        code="SIGN_IN_FAILED",
        remedy="Try again, after a while if it was several times; an administrator can make a sign-in link.",
    )


def too_many(limit: AddressLimit) -> RateLimited:
    """What to say to an address that tries too often."""
    return RateLimited(
        "There were too many attempts to sign in from this address.",
        code="SIGN_IN_LIMITED",
        remedy="Try again in some minutes.",
        details={"retry_after_seconds": limit.seconds},
    )


def unknown_link() -> NotFound:
    """One answer to every link that does not let in."""
    return NotFound(
        "This link lets nobody in: it was used already, is too old, or there is a newer one.",
        code="LINK_UNKNOWN",
        remedy="Ask an administrator for another. Whoever runs the machine has `wingbeat user link NAME`.",
    )
