"""Names: everybody has their own, and nobody can choose to be called as somebody else is."""

from __future__ import annotations

import pytest

from wingbeat.core.access import SERVICE, Principal, PrincipalKind
from wingbeat.core.people import names_of, own_names_of


def test_a_caller_is_known_by_what_it_is_and_what_it_belongs_to() -> None:
    """Its own names come first."""
    ann = Principal(
        PrincipalKind.USER, 7, "ann@example.com", roles=frozenset({"finance", "board"}), communities={3: "member"}
    )
    assert ("7", "ann@example.com", "role:board", "role:finance", "community:3") == names_of(ann)
    assert ("7", "ann@example.com") == own_names_of(ann)


@pytest.mark.parametrize("username", ["", "12", " 12 ", "role:board", "ROLE:board", "community:3", "role:\nx", "٣"])
def test_a_user_name_that_looks_like_another_name_is_none(username: str) -> None:
    """A user called 12 is not the user with the id 12."""
    assert ("7",) == names_of(Principal(PrincipalKind.USER, 7, username))


def test_who_is_nobody_has_no_name() -> None:
    """The service, and a token that names no user."""
    assert () == names_of(SERVICE)
    assert () == names_of(Principal(PrincipalKind.USER, 0, "ann"))
