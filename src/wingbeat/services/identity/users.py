"""Who may sign in: create, read, list, change, let in by a link; and who somebody is when a request comes.

How somebody signs in is `wingbeat.services.identity.sign_in`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from wingbeat.core.access import SYSTEM, Attempt, Denied, Permission, Principal, PrincipalKind
from wingbeat.core.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from wingbeat.services.identity.passwords import refuse_weak
from wingbeat.storage import audit, idempotency
from wingbeat.storage import users as rows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.users import UserFields

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime

    import asyncpg

    from wingbeat.core.json_value import JsonObject
    from wingbeat.services.identity.passwords import Passwords
    from wingbeat.storage.paging import Page, Paging
    from wingbeat.storage.pool import Database
    from wingbeat.storage.secret import Secret
    from wingbeat.storage.users import StoredUser, UserFilter

ADMINISTRATOR = "admin"
CREATE = "user.create"
LINK_HOURS = 24
LINK_PATH = "/sign-in"
USERNAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._@+\-]{0,99}$"
USERNAME = re.compile(USERNAME_PATTERN.removesuffix("$"))
# The record names what acts by these.
RESERVED = frozenset({"service", "system", "user", "anonymous"})
# Whoever holds a session from before one of these changed should not hold it any more.
END_SESSIONS = frozenset({"is_admin", "enabled"})


class CreatedUser(NamedTuple):
    """A user whom a request led to; `replayed` if the same request came before and led to it then."""

    user: StoredUser
    replayed: bool


class SignInLink(NamedTuple):
    """Lets a user in once, until it ends; `token` is secret, and known only now."""

    token: str
    expires_at: datetime
    username: str

    def path(self) -> str:
        """Its address on this service."""
        return f"{LINK_PATH}/{self.token}"


@dataclass(frozen=True)
class Users:
    """The use cases. Those with a `principal` are for administrators of the installation, and raise Forbidden.

    All raise NotFound (`USER_NOT_FOUND`) for an id that there is not, and DatabaseUnavailable.
    """

    database: Database
    passwords: Passwords

    async def create(
        self,
        principal: Principal,
        fields: UserFields,
        password: Secret | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> CreatedUser:
        """A new user; without a password, a link or an identity provider lets it in.

        Raises:
            Conflict: `USERNAME_TAKEN`, `IDEMPOTENCY_KEY_REUSED`.
            InvalidInput: `PASSWORD_TOO_WEAK`.
        """
        require_administrator(principal)
        check_username(fields.username)
        hashed = None
        if password is not None:
            refuse_weak(password.reveal(), fields.username, fields.email)
            hashed = await self.passwords.hash(password.reveal())
        async with self._scoped(principal) as connection:
            user_id = await rows.new_id(connection)
            if idempotency_key is not None:
                digest = idempotency.hash_request(repr((fields, password is None)).encode())
                earlier = await idempotency.remember(connection, CREATE, idempotency_key, digest, UUID(int=user_id))
                if earlier is not None:
                    return CreatedUser(await find(connection, earlier.int), replayed=True)
            made = await rows.insert(connection, user_id, fields, hashed)
            if made is None:
                raise taken(fields.username)
            await note(connection, principal, made, CREATE, {"is_admin": made.is_admin})
            return CreatedUser(made, replayed=False)

    async def get(self, principal: Principal, user_id: int) -> StoredUser:
        """The user."""
        require_administrator(principal)
        async with self._scoped(principal) as connection:
            return await find(connection, user_id)

    async def find_by_name(self, principal: Principal, username: str) -> StoredUser:
        """The user of that name."""
        require_administrator(principal)
        async with self._scoped(principal) as connection:
            found = await rows.get_by_name(connection, username)
        if found is None:
            raise NotFound(f"There is no user '{username[:100]}'.", code="USER_NOT_FOUND", remedy="List the users.")
        return found

    async def list(
        self, principal: Principal, wanted: UserFilter, paging: Paging
    ) -> tuple[Page[StoredUser], int | None]:
        """One page, and how many there are if the page is named by its number."""
        require_administrator(principal)
        async with self._scoped(principal) as connection:
            page = await rows.list_page(connection, wanted, paging)
            total = await rows.count(connection, wanted) if paging.cursor is None else None
        return page, total

    async def change(self, principal: Principal, user_id: int, changes: Mapping[str, Any]) -> StoredUser:
        """Replace some of the fields of `UserFields`; who becomes another, or nobody, is signed out.

        Raises:
            Conflict: `USERNAME_TAKEN`; `LAST_ADMINISTRATOR`, when nobody could administer the installation any more.
        """
        require_administrator(principal)
        async with self._scoped(principal) as connection:
            await rows.take_turns(connection)
            before = await find(connection, user_id, locked=True)
            old = UserFields(**{name: getattr(before, name) for name in UserFields.__slots__})
            new = replace(old, **changes)
            check_username(new.username)
            if new == old:
                return before
            other = await rows.get_by_name(connection, new.username)
            if other is not None and other.user_id != user_id:
                raise taken(new.username)
            if (old.is_admin and old.enabled) and not (new.is_admin and new.enabled):
                await self._refuse_last_administrator(connection, before)
            changed = sorted(name for name in UserFields.__slots__ if getattr(old, name) != getattr(new, name))
            ends = not END_SESSIONS.isdisjoint(changed)
            if not new.enabled:
                await rows.end_links(connection, user_id)
            after = await rows.update(connection, user_id, new, ends_sessions=ends)
            told: JsonObject = {"changed": [*changed], "is_admin": after.is_admin, "enabled": after.enabled}
            await note(connection, principal, after, "user.update", told)
            return after

    async def set_password(self, principal: Principal, user_id: int, password: Secret) -> StoredUser:
        """Another password, from an administrator; every session of the user ends. Raises InvalidInput."""
        require_administrator(principal)
        async with self._scoped(principal) as connection:
            user = await find(connection, user_id)
        refuse_weak(password.reveal(), user.username, user.email)
        hashed = await self.passwords.hash(password.reveal())
        async with self._scoped(principal) as connection:
            changed = await rows.set_password(connection, user_id, hashed)
            await note(connection, principal, changed, "user.password")
            return changed

    async def make_link(self, principal: Principal, user_id: int) -> SignInLink:
        """A link that lets the user in once, within a day; earlier ones are of no use any more.

        Raises:
            Conflict: `USER_DISABLED`.
        """
        require_administrator(principal)
        async with self._scoped(principal) as connection:
            user = await find(connection, user_id, locked=True)
            if not user.enabled:
                raise Conflict(
                    f"The user '{user.username}' is disabled.", code="USER_DISABLED", remedy="Enable the user first."
                )
            link = await put_link(connection, user, "sign-in")
            await note(connection, principal, user, "user.link")
            return link

    async def ensure_administrator(self) -> SignInLink | None:
        """The administrator of an installation without users, and a link for it until somebody has signed in.

        Several processes may do this at once: there is one administrator, and the last link is the one that holds.
        """
        async with self._scoped(SYSTEM) as connection:
            await rows.take_turns(connection)
            if await rows.is_empty(connection):
                fields = UserFields(ADMINISTRATOR, "Administrator", is_admin=True)
                made = await rows.insert(connection, await rows.new_id(connection), fields)
                if made is not None:
                    await note(connection, SYSTEM, made, CREATE, {"is_admin": True})
            if not await rows.nobody_signed_in(connection):
                return None
            user = await rows.get_by_name(connection, ADMINISTRATOR)
            if user is None or not (user.is_admin and user.enabled):
                return None
            link = await put_link(connection, user, "first-start")
            await note(connection, SYSTEM, user, "user.link")
            return link

    async def _refuse_last_administrator(self, connection: asyncpg.Connection, user: StoredUser) -> None:
        if not await rows.has_other_admins(connection, user.user_id):
            raise Conflict(
                f"The user '{user.username}' is the last administrator.",
                code="LAST_ADMINISTRATOR",
                remedy="Make somebody else an administrator first.",
            )

    @asynccontextmanager
    async def _scoped(self, principal: Principal) -> AsyncIterator[asyncpg.Connection]:
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                yield connection


async def principal_of_user(connection: asyncpg.Connection, user_id: int) -> Principal:
    """Who a user is now: what it belongs to is read each time, so that what is taken away is gone at once.

    Raises:
        Unauthenticated: `USER_UNKNOWN`, when there is no such user, or it is disabled.
    """
    return as_principal(await rows.get_standing(connection, user_id))


def as_principal(standing: rows.Standing | None) -> Principal:
    """A caller from what a user is and belongs to; raises as `principal_of_user`."""
    if standing is None or not standing.enabled:
        raise Unauthenticated(
            "Whoever this was may not sign in any more.", code="USER_UNKNOWN", remedy="Ask an administrator."
        )
    return Principal(
        PrincipalKind.USER,
        standing.user_id,
        standing.username,
        standing.roles,
        standing.communities,
        unrestricted=standing.is_admin,
    )


def require_administrator(principal: Principal) -> None:
    """Refuse everybody but administrators of the installation."""
    if not principal.unrestricted:
        raise Denied(
            "Only administrators of this installation may do this.",
            remedy="Ask an administrator.",
            attempt=Attempt(Permission.SERVICE, "installation", ""),
        )


async def put_link(connection: asyncpg.Connection, user: StoredUser, purpose: str) -> SignInLink:
    """A new link for the user."""
    token = secrets.token_urlsafe(32)
    expires_at = await rows.insert_link(
        connection, hash_token(token), user.user_id, purpose, timedelta(hours=LINK_HOURS)
    )
    return SignInLink(token, expires_at, user.username)


def hash_token(token: str) -> bytes:
    """What is kept of a secret that nobody can guess, so a plain hash will do."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def find(connection: asyncpg.Connection, user_id: int, *, locked: bool = False) -> StoredUser:
    """The user; raises NotFound."""
    stored = await rows.get(connection, user_id, lock=locked)
    if stored is None:
        raise NotFound(f"There is no user {user_id}.", code="USER_NOT_FOUND", remedy="List the users to find its id.")
    return stored


async def note(
    connection: asyncpg.Connection,
    principal: Principal,
    user: StoredUser,
    action: str,
    detail: JsonObject | None = None,
) -> None:
    """Write to the record what an administrator did."""
    told: JsonObject = {"username": user.username, **(detail or {})}
    await audit.write(
        connection,
        AuditEvent(Category.AUDIT, action, "user", str(user.user_id), actor=principal.name, detail=told),
    )


def check_username(username: str) -> str:
    """A name that somebody may have; raises InvalidInput."""
    if USERNAME.fullmatch(username) is None or username.lower() in RESERVED:
        raise InvalidInput(
            f"'{username[:100]}' cannot be the name of a user.",
            code="USERNAME_INVALID",
            remedy="Use at most 100 letters from a to z, digits, and . _ @ + -, beginning with a letter or a digit.",
        )
    return username


def taken(username: str) -> Conflict:
    """What to say when somebody has the name."""
    return Conflict(
        f"The name '{username}' is taken.", code="USERNAME_TAKEN", remedy="Choose another; capitals make no difference."
    )


def show(user: StoredUser) -> JsonObject:
    """The user as administrators see it; nothing of the password but whether there is one."""
    return {
        "user_id": user.user_id,
        "username": user.username,
        "display_name": user.display_name,
        "email": user.email,
        "is_admin": user.is_admin,
        "enabled": user.enabled,
        "has_password": user.password_hash is not None,
        "locked_until": None if user.locked_until is None else user.locked_until.isoformat(),
        "last_sign_in_at": None if user.last_sign_in_at is None else user.last_sign_in_at.isoformat(),
        "created_at": user.created_at.isoformat(),
        "updated_at": user.updated_at.isoformat(),
    }
