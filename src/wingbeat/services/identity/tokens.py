"""Tokens with which programs come in somebody's name: made, shown once, listed, taken back; and who they let in."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.access import (
    NO_COMMUNITY,
    NOBODY,
    ON_A_THING,
    SERVICE,
    CommunityRole,
    Permission,
    Principal,
    PrincipalKind,
)
from wingbeat.core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from wingbeat.services.identity.users import as_principal
from wingbeat.storage import tokens as rows
from wingbeat.storage import users as user_rows
from wingbeat.storage.audit import AuditEvent, Category, write
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.secret import Secret
from wingbeat.storage.tokens import FoundToken, StoredToken, TokenFields

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from wingbeat.storage.paging import Page, Paging
    from wingbeat.storage.pool import Database

PREFIX = "wbt_"
SHAPE = re.compile(r"wbt_[A-Za-z0-9_-]{43}")
SHOWN = 12
MOST = 100
LONGEST_NAME = 100
LONGEST_DAYS = 366
# Of somebody of whom another issuer alone knows, nobody here hears what becomes of it.
LONGEST_DAYS_UNKNOWN = 90
USUAL_DAYS = 90


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a token is to be: `communities` are those of its owner's that it reaches, None all of them."""

    name: str
    scopes: frozenset[Permission]
    days: int = USUAL_DAYS
    communities: tuple[int, ...] | None = None


class MadeToken(NamedTuple):
    """A new token; `secret` is known only now."""

    token: StoredToken
    secret: Secret


class TokenBearer(NamedTuple):
    """Who a token lets in."""

    principal: Principal
    token: StoredToken


@dataclass(frozen=True)
class Tokens:
    """The use cases: everybody's own, and for the unrestricted those of everybody. All raise DatabaseUnavailable."""

    database: Database

    async def create(self, principal: Principal, request: TokenRequest) -> MadeToken:
        """A token for oneself, with no more than one has.

        Raises:
            Forbidden: `SCOPE_MISSING`, when it would be allowed more than the caller is; `PERMISSION_DENIED`, when it
                would reach a community to which the caller does not belong.
            InvalidInput: it would hold for too long, or has no name.
            Conflict: `TOO_MANY_TOKENS`.
        """
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                return await make(connection, principal, request)

    async def list(
        self, principal: Principal, paging: Paging, *, ended: bool = False, everybody: bool = False
    ) -> tuple[Page[StoredToken], int | None]:
        """One page of one's own, or of everybody's for who may do everything; without their secrets.

        Raises:
            Forbidden: `PERMISSION_DENIED`, to others who ask for everybody's.
        """
        if everybody and not may_see_all(principal):
            raise Forbidden(
                "Only administrators of this installation may list the tokens of others.",
                code="PERMISSION_DENIED",
                remedy="List your own.",
            )
        user_id = None if everybody else owner_of(principal)
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                page = await rows.list_page(connection, user_id, paging, ended=ended)
                total = await rows.count(connection, user_id, ended=ended) if paging.cursor is None else None
        return page, total

    async def revoke(self, principal: Principal, token_id: UUID) -> StoredToken:
        """Take it back: from now on it lets nobody in. Again is fine.

        Raises:
            NotFound: `TOKEN_NOT_FOUND`, for somebody else's too.
        """
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                revoked = await rows.revoke(
                    connection, token_id, None if may_see_all(principal) else owner_of(principal)
                )
                if revoked is None:
                    raise NotFound(
                        f"There is no token {token_id}.",
                        code="TOKEN_NOT_FOUND",
                        remedy="List your tokens to find its id.",
                    )
                await note(connection, principal, "token.revoke", revoked)
                return revoked

    async def identify(self, secret: str) -> TokenBearer:
        """Who comes with the token, as that is now; what was taken back is so at once.

        Raises:
            Unauthenticated: `TOKEN_UNKNOWN`, `TOKEN_REVOKED`, `TOKEN_EXPIRED`; `USER_UNKNOWN`, when its owner may come
                in no more.
        """
        if SHAPE.fullmatch(secret) is None:
            raise unknown()
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                found = await rows.find(connection, hash_secret(secret))
                if found is None:
                    raise unknown()
                bearer = TokenBearer(bearer_of(found), found.token)
                if found.is_unseen:
                    await rows.see(connection, found.token.token_id)
        return bearer


async def make(connection: asyncpg.Connection, principal: Principal, request: TokenRequest) -> MadeToken:
    """A token for this caller, in the caller's transaction; raises as `Tokens.create`."""
    check(principal, request)
    await check_lifetime(connection, principal, request.days)
    user_id = owner_of(principal)
    if await rows.count_valid(connection, user_id) >= MOST:
        raise Conflict(
            f"There are {MOST} tokens already, and nobody can tell more of them apart.",
            code="TOO_MANY_TOKENS",
            remedy="Revoke those that nobody uses.",
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    fields = TokenFields(
        user_id,
        request.name,
        sorted(request.scopes),
        None if request.communities is None else sorted(set(request.communities)),
        principal.username,
        sorted(principal.roles),
        principal.communities,
    )
    stored = await rows.insert(
        connection, new_id(), hash_secret(secret), secret[:SHOWN], fields, timedelta(days=request.days)
    )
    await note(connection, principal, "token.create", stored)
    return MadeToken(stored, Secret(secret))


def check(principal: Principal, request: TokenRequest) -> None:
    """Refuse a token that nobody could tell from others, or that would be more than its maker."""
    if not request.name.strip() or len(request.name) > LONGEST_NAME:
        raise InvalidInput(
            f"The name of a token has 1 to {LONGEST_NAME} characters.",
            code="TOKEN_NAME_INVALID",
            remedy="Say what the token is for.",
        )
    own = scopes_of(principal)
    missing = sorted(request.scopes - own)
    if missing or not request.scopes:
        raise Forbidden(
            f"A token cannot have scopes that its maker has not: {', '.join(missing) or 'none were asked for'}.",
            code="SCOPE_MISSING",
            remedy=f"Choose from: {', '.join(sorted(own))}.",
        )
    for community in request.communities or ():
        if community == NO_COMMUNITY or not (principal.unrestricted or community in principal.communities):
            raise Forbidden(
                f"You do not belong to the community {community}.",
                code="PERMISSION_DENIED",
                remedy="Choose from your own.",
            )


async def check_lifetime(connection: asyncpg.Connection, principal: Principal, days: int) -> None:
    """Refuse a token that would hold for too long."""
    user_id = owner_of(principal)
    known = user_id == NOBODY or await user_rows.get(connection, user_id) is not None
    longest = LONGEST_DAYS if known else LONGEST_DAYS_UNKNOWN
    if not 1 <= days <= longest:
        raise InvalidInput(
            f"A token holds for 1 to {longest} days.", code="TOKEN_LIFETIME", remedy="Ask for less, and renew it."
        )


def scopes_of(principal: Principal) -> frozenset[Permission]:
    """What the caller may give away; the installation is for the unrestricted alone."""
    return principal.scopes if principal.unrestricted else principal.scopes & ON_A_THING


def bearer_of(found: FoundToken) -> Principal:
    """Who a token lets in: its owner as that is now, narrowed to what the token may do."""
    token = found.token
    if token.revoked_at is not None:
        raise Unauthenticated("The token was revoked.", code="TOKEN_REVOKED", remedy="Make a new one.")
    if found.is_over:
        raise Unauthenticated("The token has expired.", code="TOKEN_EXPIRED", remedy="Make a new one.")
    owner = SERVICE if found.standing is None else as_principal(found.standing)
    scopes = frozenset(map(Permission, token.scopes)) & scopes_of(owner)
    if token.community_ids is None:
        return replace(owner, scopes=scopes)
    if owner.unrestricted:
        # What an administrator reaches anywhere, it reaches there as one; and the installation not at all.
        within = dict.fromkeys(token.community_ids, CommunityRole.ADMIN.value)
    else:
        within = {one: owner.communities[one] for one in token.community_ids if one in owner.communities}
    return replace(owner, communities=MappingProxyType(within), scopes=scopes & ON_A_THING, unrestricted=False)


def owner_of(principal: Principal) -> int:
    """The user whose tokens these are; 0 for the service."""
    return principal.user_id if principal.kind is PrincipalKind.USER else NOBODY


def may_see_all(principal: Principal) -> bool:
    """Whether the tokens of everybody are its business."""
    return principal.unrestricted and Permission.SERVICE in principal.scopes


def hash_secret(secret: str) -> bytes:
    """What is kept of a secret of 256 random bits, which nobody guesses: a plain hash will do."""
    return hashlib.sha256(secret.encode()).digest()


def unknown() -> Unauthenticated:
    """The refusal of what looks like a token of ours."""
    return Unauthenticated("There is no such token.", code="TOKEN_UNKNOWN", remedy="Make a new one.")


async def note(connection: asyncpg.Connection, principal: Principal, action: str, token: StoredToken) -> None:
    """Write to the record what became of a token; nothing of its secret."""
    await write(
        connection,
        AuditEvent(
            Category.AUDIT,
            action,
            "token",
            str(token.token_id),
            actor=principal.name,
            detail={"name": token.name, "owner": token.user_id, "scopes": list(token.scopes)},
        ),
    )
