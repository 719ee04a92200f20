"""Callers for tests: one in each role of a community, one of another community, and strangers."""

from __future__ import annotations

from wingbeat.core.access import ALL, SERVICE, Permission, Principal, PrincipalKind

GARDENERS, COOKS = 7, 8


def user(user_id: int, name: str, scopes: frozenset[Permission] = ALL, **communities: str) -> Principal:
    """A user; communities like `c7="editor"`."""
    return Principal(
        PrincipalKind.USER,
        user_id,
        name,
        communities={int(key[1:]): role for key, role in communities.items()},
        scopes=scopes,
    )


AUTHOR = user(11, "ann")
ADMIN = user(12, "ada", c7="admin")
EDITOR = user(13, "ed", c7="editor")
OPERATOR = user(14, "olga", c7="operator")
VIEWER = user(15, "vic", c7="viewer")
MEMBER = user(16, "mia", c7="member")
COOK = user(17, "carl", c8="admin")
STRANGER = user(18, "sam")
# A token that names nobody is nobody's author, also of what has none.
NOBODY = user(0, "", c0="admin")
EVERYBODY = (SERVICE, AUTHOR, ADMIN, EDITOR, OPERATOR, VIEWER, MEMBER, COOK, STRANGER, NOBODY)
