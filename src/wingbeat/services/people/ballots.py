"""What decisions come to: which option has won, or that it is still open. No database, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


class Choice(NamedTuple):
    """An option, and whether it says no."""

    name: str
    rejects: bool


def find_winner(
    choices: Sequence[Choice], votes: Mapping[str, str], approvers: Collection[str], rule: str, needed: int
) -> str | None:
    """The option that has won; None while it is open.

    `votes` are the decisions by approver, in the order in which they came. With the rule `first`, the first one counts.
    With `count`, an option wins once so many as `needed` chose it; with `all`, once everybody did. When none that does
    not reject can win any more, it is the rejecting one with the most votes.
    """
    if not votes:
        return None
    if rule == "first":
        return next(iter(votes.values()))
    electorate = {*approvers, *votes}
    quorum = len(electorate) if rule == "all" else needed
    counts = {choice.name: sum(vote == choice.name for vote in votes.values()) for choice in choices}
    agreeing = [choice.name for choice in choices if not choice.rejects]
    won = next((name for name in agreeing if counts[name] >= quorum), None)
    if won is not None:
        return won
    undecided = len(electorate) - len(votes)
    if any(counts[name] + undecided >= quorum for name in agreeing):
        return None
    rejecting = [choice.name for choice in choices if choice.rejects]
    return max(rejecting, key=lambda name: counts[name])
