"""What a caller sees of things that have an author and a community and are granted to nobody, as SQL.

The rule is `core.access`; of workflows, `storage.access` knows more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.access import Permission, with_view
from wingbeat.storage.access import Condition

if TYPE_CHECKING:
    from wingbeat.core.access import Principal


def owned_rows(principal: Principal, permission: Permission, *, first_argument: int, table: str) -> Condition:
    """The condition that a row of the table is one that the caller may do this with."""
    if permission not in with_view(principal.scopes):
        return Condition("false", ())
    if principal.unrestricted:
        return Condition("true", ())
    user, communities = f"${first_argument}", f"${first_argument + 1}"
    return Condition(
        f"({table}.author_id = nullif({user}::int, 0) OR {table}.community_id = ANY({communities}::int[]))",
        (principal.user_id, principal.communities_with(permission)),
    )
