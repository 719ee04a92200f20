"""Finding what somebody probably meant to write."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# Comparing is slow, and who has thousands of faults is helped by the first suggestions already.
MOST_COMPARISONS = 50_000


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most resembles, or None when nothing comes near."""
    if len(name) > 200:  # noqa: PLR2004 - the comparison is quadratic, and nobody mistypes a name this long
        return None
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


class Suggestions:
    """`closest` for a whole document: suggests until it has made so many comparisons, and nothing afterwards."""

    def __init__(self, comparisons: int = MOST_COMPARISONS) -> None:
        self._left = comparisons

    def closest(self, name: str, known: Collection[str]) -> str | None:
        """The known name that `name` most resembles, or None."""
        if self._left <= 0:
            return None
        self._left -= len(known)
        return closest(name, known)
