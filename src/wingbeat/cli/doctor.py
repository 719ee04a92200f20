"""`wingbeat doctor`: what is wrong with this installation, and the fix."""

from __future__ import annotations


def doctor() -> None:
    """Look at this installation and say what to mend."""
