"""Sessions of people who signed in with a browser: begun, looked up, their secrets replaced, ended."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.errors import NotFound, Unauthenticated
from wingbeat.services.identity.users import as_principal
from wingbeat.storage import sessions as rows
from wingbeat.storage.audit import AuditEvent, Category, write
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.storage.pool import Database
    from wingbeat.storage.sessions import StoredSession

SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
LONGEST_AGENT = 300


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """How long a session holds unused, and at all; when its secret is replaced, and how long the old one holds then."""

    idle: timedelta = timedelta(hours=12)
    longest: timedelta = timedelta(days=7)
    rotate: timedelta = timedelta(minutes=15)
    overlap: timedelta = timedelta(minutes=1)


class SignedInAs(NamedTuple):
    """Who a session lets in. `new_secret` is what the browser is to keep from now on, where it was replaced."""

    principal: Principal
    session_id: UUID
    expires_at: datetime
    csrf_token: str
    new_secret: str | None


@dataclass(frozen=True)
class Sessions:
    """The use cases; `key` binds what pages send along to their session. All raise DatabaseUnavailable."""

    database: Database
    key: bytes
    times: SessionTimes = SessionTimes()

    async def open(self, connection: asyncpg.Connection, user_id: int, address: str = "", agent: str = "") -> str:
        """A new session, in the caller's transaction; gives the secret for the browser's cookie, known only now.

        What the user was before, if anybody, has no part in it: whoever signs in always gets another secret.

        Raises:
            Unauthenticated: `USER_UNKNOWN`, when there is no such user, or it is disabled.
        """
        secret = secrets.token_urlsafe(32)
        stored = await rows.insert(
            connection, new_id(), user_id, hash_secret(secret), address, clean(agent), self.times.longest
        )
        if stored is None:
            raise Unauthenticated(
                "Whoever this was may not sign in any more.", code="USER_UNKNOWN", remedy="Ask an administrator."
            )
        return secret

    async def identify(self, secret: str, *, lasting: bool = False) -> SignedInAs:
        """Who is signed in, as that is now; what was taken away, or ended, is so at once.

        The secret is not replaced where it is shown over a `lasting` connection, which cannot hand over another.

        Raises:
            Unauthenticated: `SESSION_OVER`.
        """
        if SECRET.fullmatch(secret) is None:
            raise over()
        old_hash = hash_secret(secret)
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                found = await rows.find(connection, old_hash, self.times.idle, self.times.rotate)
                if found is None:
                    raise over()
                new_secret = None
                if found.is_current and found.is_old and not lasting:
                    new_secret = secrets.token_urlsafe(32)
                    if not await rows.rotate(
                        connection, found.session_id, old_hash, hash_secret(new_secret), self.times.overlap
                    ):
                        new_secret = None
                elif found.is_unseen:
                    await rows.see(connection, found.session_id)
        principal = as_principal(found.standing)
        return SignedInAs(principal, found.session_id, found.expires_at, self.csrf_token(found.session_id), new_secret)

    async def identify_again(self, session_id: UUID) -> SignedInAs:
        """Who is signed in, where a secret was shown before: it is not replaced, nor is the session kept alive by this.

        Raises:
            Unauthenticated: `SESSION_OVER`.
        """
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                found = await rows.find_by_id(connection, session_id, self.times.idle)
        if found is None:
            raise over()
        principal = as_principal(found.standing)
        return SignedInAs(principal, found.session_id, found.expires_at, self.csrf_token(found.session_id), None)

    def csrf_token(self, session_id: UUID) -> str:
        """What our own pages send with every change, and no page of somebody else's can know."""
        return hmac.new(self.key, session_id.bytes, "sha256").hexdigest()

    async def list(self, principal: Principal) -> list[StoredSession]:
        """One's own sessions."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                return await rows.list_of(connection, principal.user_id, self.times.idle)

    async def end(self, principal: Principal, session_id: UUID) -> None:
        """End one of one's own.

        Raises:
            NotFound: `SESSION_NOT_FOUND`.
        """
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                if not await rows.delete(connection, session_id, principal.user_id):
                    raise NotFound(
                        f"There is no session {session_id}.",
                        code="SESSION_NOT_FOUND",
                        remedy="List your sessions to find its id.",
                    )
                await self._note(connection, principal, "session.end", str(session_id))

    async def end_all(self, principal: Principal, *, but: UUID | None = None) -> int:
        """End all of one's own, but for one if that is named; how many that were."""
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                ended = await rows.delete_all(connection, principal.user_id, but=but)
                await self._note(connection, principal, "session.end_all", str(principal.user_id), ended)
                return ended

    async def close(self, secret: str) -> None:
        """Sign out: end the session with this secret, if there is one."""
        if SECRET.fullmatch(secret) is None:
            return
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                found = await rows.find(connection, hash_secret(secret), self.times.idle, self.times.rotate)
                if found is not None:
                    await rows.delete(connection, found.session_id, found.standing.user_id)
                    await self._note(
                        connection, as_principal(found.standing), "session.sign_out", str(found.session_id)
                    )

    async def _note(
        self, connection: asyncpg.Connection, principal: Principal, action: str, object_id: str, ended: int = 1
    ) -> None:
        await write(
            connection,
            AuditEvent(Category.AUTH, action, "session", object_id, actor=principal.name, detail={"ended": ended}),
        )


def hash_secret(secret: str) -> bytes:
    """What is kept of a secret of 256 random bits, which nobody guesses: a plain hash will do."""
    return hashlib.sha256(secret.encode()).digest()


def clean(agent: str) -> str:
    """What a browser says of itself, as far as it can be shown."""
    return "".join(character for character in agent if character.isprintable())[:LONGEST_AGENT]


def over() -> Unauthenticated:
    """One answer, whether there was ever such a session or not."""
    return Unauthenticated("The session is over.", code="SESSION_OVER", remedy="Sign in again.")
