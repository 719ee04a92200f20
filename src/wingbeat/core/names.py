"""Finding what somebody probably meant to write."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most resembles, or None when nothing comes near."""
    if len(name) > 200:  # noqa: PLR2004 - the comparison is quadratic, and nobody mistypes a name this long
        return None
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None
