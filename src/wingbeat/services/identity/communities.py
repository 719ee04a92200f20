"""Communities, who is what in them, and the roles of users.

Communities are made by administrators of the installation; who administers one says who else is in it.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.core.access import Attempt, CommunityRole, Denied, Hidden, Permission
from wingbeat.core.errors import Conflict, NotFound
from wingbeat.services.identity.users import find as find_user
from wingbeat.services.identity.users import note as note_user
from wingbeat.services.identity.users import require_administrator
from wingbeat.storage import audit, idempotency
from wingbeat.storage import communities as rows
from wingbeat.storage import users as user_rows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import JsonObject
    from wingbeat.storage.communities import GivenRole, StoredCommunity, StoredMember, StoredRole
    from wingbeat.storage.paging import Page, Paging
    from wingbeat.storage.pool import Database
    from wingbeat.storage.users import StoredUser

CREATE = "community.create"


class CreatedCommunity(NamedTuple):
    """A community that a request led to; `replayed` if the same request came before and led to it then."""

    community: StoredCommunity
    replayed: bool


@dataclass(frozen=True)
class Communities:
    """The use cases of communities.

    All raise NotFound (`COMMUNITY_NOT_FOUND`) for an id that there is not, or whose community is not the caller's.
    """

    database: Database

    async def create(
        self, principal: Principal, name: str, community_id: int | None = None, *, idempotency_key: str | None = None
    ) -> CreatedCommunity:
        """A new community; with the id that tokens of another issuer name it by, where there is such an issuer.

        Raises:
            Conflict: `COMMUNITY_TAKEN`, `IDEMPOTENCY_KEY_REUSED`.
        """
        require_administrator(principal)
        async with self._acting(principal) as connection:
            made = await rows.insert(connection, name, community_id)
            present = made or await rows.get_by_name(connection, name)
            if idempotency_key is not None and present is not None:
                digest = idempotency.hash_request(repr((name, community_id)).encode())
                earlier = await idempotency.remember(
                    connection, CREATE, idempotency_key, digest, UUID(int=present.community_id)
                )
                if earlier is not None:
                    return CreatedCommunity(await find(connection, earlier.int), replayed=True)
            if made is None:
                raise taken(name)
            await note(connection, principal, made, CREATE)
            return CreatedCommunity(made, replayed=False)

    async def get(self, principal: Principal, community_id: int) -> StoredCommunity:
        """The community."""
        async with self._acting(principal) as connection:
            return await see(connection, principal, community_id)

    async def list(self, principal: Principal, paging: Paging) -> tuple[Page[StoredCommunity], int | None]:
        """One page of those that the caller belongs to; for administrators, of all. And how many there are."""
        only = None if principal.unrestricted else sorted(principal.communities)
        async with self._acting(principal) as connection:
            page = await rows.list_page(connection, only, paging)
            total = await rows.count(connection, only) if paging.cursor is None else None
        return page, total

    async def rename(self, principal: Principal, community_id: int, name: str) -> StoredCommunity:
        """Another name; raises Conflict `COMMUNITY_TAKEN`."""
        require_administrator(principal)
        async with self._acting(principal) as connection:
            await find(connection, community_id, locked=True)
            other = await rows.get_by_name(connection, name)
            if other is not None and other.community_id != community_id:
                raise taken(name)
            renamed = await rows.update(connection, community_id, name)
            await note(connection, principal, renamed, "community.update")
            return renamed

    async def delete(self, principal: Principal, community_id: int) -> StoredCommunity:
        """Remove it, and its members from it; raises Conflict `COMMUNITY_IN_USE` while things belong to it."""
        require_administrator(principal)
        async with self._acting(principal) as connection:
            community = await find(connection, community_id, locked=True)
            if await rows.has_things(connection, community_id):
                raise Conflict(
                    f"Workflows, connections or open tasks belong to the community '{community.name}'.",
                    code="COMMUNITY_IN_USE",
                    remedy="Give them to another community, or delete them, first.",
                )
            await rows.delete(connection, community_id)
            await note(connection, principal, community, "community.delete")
            return community

    async def list_members(
        self, principal: Principal, community_id: int, paging: Paging
    ) -> tuple[Page[StoredMember], int | None]:
        """One page of its members, for those who belong to it; and how many there are."""
        async with self._acting(principal) as connection:
            await see(connection, principal, community_id)
            page = await rows.list_members(connection, community_id, paging)
            total = await rows.count_members(connection, community_id) if paging.cursor is None else None
        return page, total

    async def put_member(
        self, principal: Principal, community_id: int, user_id: int, role: CommunityRole
    ) -> StoredMember:
        """Let a user be something in the community, for who administers it; raises NotFound `USER_NOT_FOUND`."""
        async with self._acting(principal) as connection:
            community = await administer(connection, principal, community_id)
            user = await find_user(connection, user_id)
            return await put(connection, principal, community, user, role)

    async def add_member(
        self, principal: Principal, community_id: int, username: str, role: CommunityRole
    ) -> StoredMember:
        """The same by the name that somebody signs in with; raises NotFound `USER_NOT_FOUND`."""
        async with self._acting(principal) as connection:
            community = await administer(connection, principal, community_id)
            user = await user_rows.get_by_name(connection, username)
            if user is None:
                raise NotFound(
                    f"Nobody here is called '{username}'.",
                    code="USER_NOT_FOUND",
                    remedy="Ask for the name that they sign in with, or an administrator to make an account.",
                )
            return await put(connection, principal, community, user, role)

    async def delete_member(self, principal: Principal, community_id: int, user_id: int) -> StoredMember:
        """Let a user be nothing in the community any more; raises NotFound `MEMBER_NOT_FOUND`."""
        async with self._acting(principal) as connection:
            community = await administer(connection, principal, community_id)
            member = await find_member(connection, community_id, user_id)
            await rows.delete_member(connection, community_id, user_id)
            told: JsonObject = {"username": member.username, "user_id": user_id}
            await note(connection, principal, community, "community.member_removed", told)
            return member

    async def list_roles(self, principal: Principal) -> Sequence[StoredRole]:
        """All roles that somebody has; for administrators."""
        require_administrator(principal)
        async with self._acting(principal) as connection:
            return await rows.list_roles(connection)

    async def roles_of(self, principal: Principal, user_id: int) -> Sequence[GivenRole]:
        """The roles of a user, and who gave them; for administrators."""
        require_administrator(principal)
        async with self._acting(principal) as connection:
            await find_user(connection, user_id)
            return await rows.roles_of(connection, user_id)

    async def set_roles(self, principal: Principal, user_id: int, names: Sequence[str]) -> Sequence[GivenRole]:
        """Let these be the roles that the user has from here; its sessions end. For administrators."""
        require_administrator(principal)
        async with self._acting(principal) as connection:
            user = await find_user(connection, user_id, locked=True)
            before = {given.name for given in await rows.roles_of(connection, user_id) if "local" in given.sources}
            if before != set(names):
                await rows.replace_roles(connection, user_id, names, "local")
                await user_rows.end_sessions(connection, user_id)
                await note_user(connection, principal, user, "user.roles", {"roles": [*sorted(set(names))]})
            return await rows.roles_of(connection, user_id)

    @asynccontextmanager
    async def _acting(self, principal: Principal) -> AsyncIterator[asyncpg.Connection]:
        """A transaction; what the caller is refused in it is recorded.

        The role of callers in the database cannot touch these tables at all, so it is not used here: everything in this
        file asks for itself.
        """
        with translate_errors():
            try:
                async with self.database.pool.acquire() as connection, connection.transaction():
                    yield connection
            except (Hidden, Denied) as refused:
                await self.database.record(principal, refused)
                raise


async def see(connection: asyncpg.Connection, principal: Principal, community_id: int) -> StoredCommunity:
    """The community, if the caller belongs to it or administers the installation; raises NotFound."""
    community = await rows.get(connection, community_id)
    if community is None or not (principal.unrestricted or community_id in principal.communities):
        raise Hidden(
            f"There is no community {community_id}.",
            code="COMMUNITY_NOT_FOUND",
            remedy="List the communities to find its id.",
            attempt=Attempt(Permission.VIEW, "community", str(community_id)),
        )
    return community


async def administer(connection: asyncpg.Connection, principal: Principal, community_id: int) -> StoredCommunity:
    """The community, kept as it is, if the caller administers it; raises NotFound, or Forbidden for other members."""
    await see(connection, principal, community_id)
    if not (principal.unrestricted or principal.communities[community_id] == CommunityRole.ADMIN):
        raise Denied(
            "Only administrators of a community say who is in it.",
            remedy="Ask one of them, or an administrator of the installation.",
            attempt=Attempt(Permission.EDIT, "community", str(community_id)),
        )
    return await find(connection, community_id, locked=True)


async def find(connection: asyncpg.Connection, community_id: int, *, locked: bool = False) -> StoredCommunity:
    """The community; raises NotFound."""
    community = await rows.get(connection, community_id, lock=locked)
    if community is None:
        raise NotFound(
            f"There is no community {community_id}.",
            code="COMMUNITY_NOT_FOUND",
            remedy="List the communities to find its id.",
        )
    return community


async def put(
    connection: asyncpg.Connection,
    principal: Principal,
    community: StoredCommunity,
    user: StoredUser,
    role: CommunityRole,
) -> StoredMember:
    """Let a user be something in the community, and record it."""
    await rows.put_member(connection, community.community_id, user.user_id, role.value)
    told: JsonObject = {"username": user.username, "user_id": user.user_id, "role": role.value}
    await note(connection, principal, community, "community.member", told)
    return await find_member(connection, community.community_id, user.user_id)


async def find_member(connection: asyncpg.Connection, community_id: int, user_id: int) -> StoredMember:
    """The member; raises NotFound."""
    member = await rows.get_member(connection, community_id, user_id)
    if member is None:
        raise NotFound(
            f"The user {user_id} is no member of the community {community_id}.",
            code="MEMBER_NOT_FOUND",
            remedy="List the members.",
        )
    return member


async def note(
    connection: asyncpg.Connection,
    principal: Principal,
    community: StoredCommunity,
    action: str,
    detail: JsonObject | None = None,
) -> None:
    """Write to the record, where administrators of the community find it."""
    event = AuditEvent(
        Category.AUDIT,
        action,
        "community",
        str(community.community_id),
        actor=principal.name,
        community_id=community.community_id,
        detail={"name": community.name, **(detail or {})},
    )
    await audit.write(connection, event)


def taken(name: str) -> Conflict:
    """What to say when there is one like it."""
    return Conflict(
        f"There is a community with the name '{name}' or with that id.",
        code="COMMUNITY_TAKEN",
        remedy="Choose another; capitals make no difference.",
    )
