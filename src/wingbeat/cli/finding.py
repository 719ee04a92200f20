"""One thing that the doctor looked at, and how it is."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from wingbeat.core.errors import WingbeatError
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


def failed(about: str, error: WingbeatError) -> Finding:
    """Looking at it failed."""
    return problem(about, error.message, error.remedy)
