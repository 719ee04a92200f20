"""One thing that the doctor looked at, and how it is."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.errors import WingbeatError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from wingbeat.core.json_value import JsonObject


class State(StrEnum):
    """A problem keeps something from working; a warning may become one."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Finding(NamedTuple):
    """What was looked at, how it is, and what to do about it."""

    about: str
    state: State
    message: str
    remedy: str = ""

    def to_json(self) -> JsonObject:
        """As in `--json`."""
        return {"about": self.about, "state": self.state.value, "message": self.message, "remedy": self.remedy}


def ok(about: str, message: str) -> Finding:
    """All is well."""
    return Finding(about, State.OK, message)


def warning(about: str, message: str, remedy: str) -> Finding:
    """It works, and may not for long."""
    return Finding(about, State.WARNING, message, remedy)


def problem(about: str, message: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(about, State.PROBLEM, message, remedy)


def failed(about: str, error: Exception) -> Finding:
    """Looking at it failed."""
    if isinstance(error, WingbeatError):
        return problem(about, error.message, error.remedy)
    if isinstance(error, OSError):
        why = error.strerror or type(error).__name__
        place = f"{error.filename}: " if error.filename else ""
        return problem(about, f"It cannot be looked at: {place}{why}.", "Run this as the user who runs Wingbeat.")
    why = f"{type(error).__name__}: {error}"
    return problem(about, f"It cannot be looked at: {why}.", "Report it, with what `wingbeat --debug run` prints.")


def attempt(about: str, findings: Iterator[Finding]) -> list[Finding]:
    """What a check found; if it fails in the middle, what it had found, and that."""
    found: list[Finding] = []
    try:
        found.extend(findings)
    except Exception as error:  # noqa: BLE001 - the other checks have something to tell all the same
        found.append(failed(about, error))
    return found


async def attempt_async(about: str, findings: AsyncIterator[Finding]) -> list[Finding]:
    """As attempt."""
    found: list[Finding] = []
    try:
        async for finding in findings:
            found.append(finding)  # noqa: PERF401 - what was found before it fails is kept
    except Exception as error:  # noqa: BLE001 - the other checks have something to tell all the same
        found.append(failed(about, error))
    return found
