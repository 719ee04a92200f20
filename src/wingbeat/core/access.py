"""Who may do what with a thing: the whole rule, as one pure function. Where the facts come from is not its business.

The same rule stands twice more, as a predicate for lists (`storage.access`) and as policies of the database; tests hold
all of them to this one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def permissions_on(principal: Principal, ownership: Ownership) -> frozenset[Permission]:
    """All that the caller may do with the thing."""
    if principal.unrestricted:
        return ON_A_THING & principal.scopes
    found = ownership.granted
    if principal.user_id != NOBODY and ownership.author_id == principal.user_id:
        found |= ON_A_THING
    if ownership.community_id != NO_COMMUNITY:
        found |= BY_ROLE.get(principal.communities.get(ownership.community_id, ""), frozenset())
    return found & principal.scopes
