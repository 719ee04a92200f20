"""A caller as a row keeps it, for what is finished later in its name and with no more than it was allowed then."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from wingbeat.core.access import Permission, Principal, PrincipalKind

if TYPE_CHECKING:
    from wingbeat.core.json_value import JsonObject


def write_principal(principal: Principal) -> JsonObject:
    """As JSON."""
    return {
        "kind": principal.kind.value,
        "user_id": principal.user_id,
        "username": principal.username,
        "roles": [*sorted(principal.roles)],
        "communities": {str(community): role for community, role in principal.communities.items()},
        "scopes": [*sorted(scope.value for scope in principal.scopes)],
        "unrestricted": principal.unrestricted,
    }


def read_principal(kept: JsonObject) -> Principal:
    """The caller as it was."""
    fields = cast("dict[str, Any]", kept)
    return Principal(
        kind=PrincipalKind(fields["kind"]),
        user_id=fields["user_id"],
        username=fields["username"],
        roles=frozenset(fields["roles"]),
        communities=MappingProxyType({int(community): role for community, role in fields["communities"].items()}),
        scopes=frozenset(Permission(scope) for scope in fields["scopes"]),
        unrestricted=fields["unrestricted"],
    )
