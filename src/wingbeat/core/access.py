"""Who may do what with a thing: the whole rule, as one pure function. Where the facts come from is not its business.

The same rule stands twice more, as a predicate for lists (`storage.access`) and as policies of the database; tests hold
all of them to this one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from wingbeat.core.errors import Forbidden, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NOBODY = 0
# The community of things that belong to none: their author's own, and whose to whom they are granted.
NO_COMMUNITY = 0


class Permission(StrEnum):
    """What somebody may do with a thing; `service` is about the installation as a whole."""

    VIEW = "view"
    EDIT = "edit"
    DELETE = "delete"
    EXECUTE = "execute"
    SERVICE = "service"


ALL = frozenset(Permission)
ON_A_THING = ALL - {Permission.SERVICE}
CHANGING = frozenset({Permission.EDIT, Permission.DELETE})


class CommunityRole(StrEnum):
    """What somebody is in a community. A `member` may do what is granted to the community, and no more."""

    ADMIN = "admin"
    EDITOR = "editor"
    OPERATOR = "operator"
    VIEWER = "viewer"
    MEMBER = "member"


BY_ROLE: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        CommunityRole.ADMIN: ON_A_THING,
        CommunityRole.EDITOR: frozenset({Permission.VIEW, Permission.EDIT, Permission.EXECUTE}),
        CommunityRole.OPERATOR: frozenset({Permission.VIEW, Permission.EXECUTE}),
        CommunityRole.VIEWER: frozenset({Permission.VIEW}),
        CommunityRole.MEMBER: frozenset(),
    }
)


class PrincipalKind(StrEnum):
    """What a caller is."""

    USER = "user"
    SERVICE = "service"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller who was verified.

    `unrestricted` ones (the service, administrators of the installation, the platform itself) may do everything with
    everything. `scopes` narrow what any caller may do, as a token's do; they never widen it. `communities` has the role
    in each community that the caller belongs to.
    """

    kind: PrincipalKind
    user_id: int = NOBODY
    username: str = ""
    roles: frozenset[str] = frozenset()
    communities: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    scopes: frozenset[Permission] = ALL
    unrestricted: bool = False

    @property
    def name(self) -> str:
        """Who it is, as records of what was done name it."""
        if self.kind is PrincipalKind.USER:
            return self.username or f"user {self.user_id}"
        return self.kind.value

    @property
    def key(self) -> str:
        """What tells it from every other caller."""
        return f"user:{self.user_id}" if self.kind is PrincipalKind.USER else self.kind.value

    def member_of(self) -> list[int]:
        """The communities that it belongs to, in whatever role."""
        return sorted(community for community in self.communities if community != NO_COMMUNITY)

    def communities_with(self, permission: Permission) -> list[int]:
        """The communities in which its role gives a permission on every thing."""
        return sorted(
            community
            for community, role in self.communities.items()
            if community != NO_COMMUNITY and permission in BY_ROLE.get(role, frozenset())
        )


SYSTEM = Principal(PrincipalKind.SYSTEM, unrestricted=True)
SERVICE = Principal(PrincipalKind.SERVICE, unrestricted=True)


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose a thing is: who made it, the community it belongs to, and what was granted to this very caller."""

    author_id: int = NOBODY
    community_id: int = NO_COMMUNITY
    granted: frozenset[Permission] = frozenset()


@dataclass(frozen=True, slots=True)
class Grant:
    """What is granted on a thing: to a user, to who has a role, or to all who belong to a community."""

    permissions: frozenset[Permission]
    user_id: int | None = None
    role: str | None = None
    community_id: int | None = None

    def reaches(self, principal: Principal) -> bool:
        """Whether it is for this caller too."""
        if self.user_id is not None:
            return self.user_id == principal.user_id != NOBODY
        if self.role is not None:
            return self.role in principal.roles
        return self.community_id in principal.member_of()


def granted_to(principal: Principal, grants: Iterable[Grant]) -> frozenset[Permission]:
    """All that the grants come to for a caller."""
    return frozenset(one for grant in grants if grant.reaches(principal) for one in grant.permissions)


def with_view(permissions: frozenset[Permission]) -> frozenset[Permission]:
    """The permissions with what they bring along: nobody changes a thing without seeing it. One may run it unseen."""
    return permissions | {Permission.VIEW} if permissions & CHANGING else permissions


def permissions_on(principal: Principal, ownership: Ownership) -> frozenset[Permission]:
    """All that the caller may do with the thing."""
    scopes = with_view(principal.scopes & ON_A_THING)
    if principal.unrestricted:
        return scopes
    found = ownership.granted
    if principal.user_id != NOBODY and ownership.author_id == principal.user_id:
        found |= ON_A_THING
    if ownership.community_id != NO_COMMUNITY:
        found |= BY_ROLE.get(principal.communities.get(ownership.community_id, ""), frozenset())
    return with_view(found) & scopes


def permissions_on_execution(principal: Principal, ownership: Ownership, started_by: int) -> frozenset[Permission]:
    """All that the caller may do with an execution: what its workflow gives; who started it sees and steers it."""
    found = permissions_on(principal, ownership)
    if principal.user_id != NOBODY and started_by == principal.user_id:
        found |= {Permission.VIEW, Permission.EXECUTE} & with_view(principal.scopes)
    return found


def may_own(principal: Principal, community_id: int) -> bool:
    """Whether the caller may make things that belong to a community; to none, anybody who is somebody."""
    if principal.unrestricted:
        return Permission.EDIT in principal.scopes
    if Permission.EDIT not in principal.scopes:
        return False
    if community_id == NO_COMMUNITY:
        return principal.user_id != NOBODY
    return community_id in principal.communities_with(Permission.EDIT)


def owns(principal: Principal, ownership: Ownership) -> bool:
    """Whether the caller may say who else may do what with the thing: its author, and who administers its community."""
    if Permission.EDIT not in principal.scopes:
        return False
    if principal.unrestricted:
        return True
    author = principal.user_id != NOBODY and ownership.author_id == principal.user_id
    return author or ownership.community_id in principal.communities_with(Permission.DELETE)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody tried and was refused, for the record."""

    permission: Permission
    object_type: str
    object_id: str


class Hidden(NotFound):
    """The thing is missing, or the caller may not even see it: the two look alike, and are recorded alike."""

    def __init__(self, message: str, *, code: str, remedy: str, attempt: Attempt) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.attempt = attempt


class Denied(Forbidden):
    """The caller may see the thing, but not do this with it."""

    default_code = "PERMISSION_DENIED"

    def __init__(self, message: str, *, remedy: str, attempt: Attempt) -> None:
        super().__init__(message, remedy=remedy)
        self.attempt = attempt
