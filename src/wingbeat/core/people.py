"""By which names people are known in workflows: to whom a task, a question or a notice is addressed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wingbeat.core.access import NOBODY

if TYPE_CHECKING:
    from wingbeat.core.access import Principal

# What a user name may not look like, or somebody could choose to be called as others are addressed.
TAKEN = re.compile(r"\s*\d+\s*|(role|community):.*", re.IGNORECASE | re.DOTALL)


def own_names_of(principal: Principal) -> tuple[str, ...]:
    """The names that a caller shares with nobody: the user id as text, and the user name.

    A user name that looks like a name of another kind is none. An e-mail address is one only where it is the user name:
    nobody is known by what a provider says is their address, which may pass to somebody else.
    """
    if principal.user_id == NOBODY:
        return ()
    named = principal.username and not TAKEN.fullmatch(principal.username)
    return (str(principal.user_id), principal.username) if named else (str(principal.user_id),)


def names_of(principal: Principal) -> tuple[str, ...]:
    """All the names of a caller: its own, then `role:NAME` of each role and `community:ID` of each community."""
    shared = [f"role:{role}" for role in sorted(principal.roles)]
    return (*own_names_of(principal), *shared, *(f"community:{community}" for community in principal.member_of()))
