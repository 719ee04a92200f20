"""What decisions come to, for every rule."""

from __future__ import annotations

import pytest

from wingbeat.services.people.ballots import Choice, find_winner

CHOICES = [Choice("yes", rejects=False), Choice("later", rejects=False), Choice("no", rejects=True)]


@pytest.mark.parametrize(
    ("rule", "needed", "approvers", "votes", "expected"),
    [
        ("first", 1, "ab", "", None),
        ("first", 1, "ab", "a:no", "no"),
        ("first", 1, "ab", "b:yes a:no", "yes"),
        ("all", 1, "ab", "a:yes", None),
        ("all", 1, "ab", "a:yes b:yes", "yes"),
        ("all", 1, "ab", "a:no", "no"),
        ("all", 1, "ab", "a:yes b:later", "no"),
        ("count", 2, "abc", "a:yes", None),
        ("count", 2, "abc", "a:no", None),
        ("count", 2, "abc", "a:no b:yes c:yes", "yes"),
        ("count", 2, "abc", "a:no b:no", "no"),
        ("count", 2, "abc", "a:no b:yes c:later", "no"),
        ("count", 2, "abcde", "a:no b:no c:no", None),
        ("count", 2, "abcde", "a:no b:no c:no d:no", "no"),
        # Somebody who decided and is not asked any more has decided all the same.
        ("all", 1, "c", "a:yes", None),
        ("all", 1, "c", "a:yes c:yes", "yes"),
        ("count", 2, "c", "a:yes c:yes", "yes"),
        ("count", 2, "c", "c:yes", "no"),
    ],
)
def test_the_rules(rule: str, needed: int, approvers: str, votes: str, expected: str | None) -> None:
    """An option wins as soon as it must, and the rejecting one as soon as no other can."""
    given = dict(vote.split(":") for vote in votes.split())
    assert expected == find_winner(CHOICES, given, approvers, rule, needed)
