"""What a command says when it cannot do what it was asked, and the exit status that it ends with."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from wingbeat.core.errors import BadSettings, Fault, InvalidInput, WingbeatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.problems import Problem

FAILED = 1
INVALID = 2


def report_any(error: Exception) -> int:
    """Tell an error in sentences; returns the exit status."""
    if isinstance(error, WingbeatError):
        report(error)
        return exit_status(error)
    say(f"Error: Wingbeat itself failed: {type(error).__name__}: {error}")
    say("Run the command again as `wingbeat --debug ...`, and report what it prints.")
    return FAILED


def exit_status(error: WingbeatError) -> int:
    """2 for what the caller can mend in what they gave, 1 for everything else."""
    if isinstance(error, InvalidInput | BadSettings):
        return INVALID
    return INVALID if error.fault is Fault.CALLER else FAILED


def report(error: WingbeatError) -> None:
    """Message, remedy and code, on standard error."""
    from wingbeat.core.problems import InvalidWorkflow

    if isinstance(error, InvalidWorkflow):
        report_problems(error.problems)
        return
    say(f"Error: {error.message}")
    if error.remedy:
        say(error.remedy)
    say(f"({error.code})")


def report_problems(problems: Sequence[Problem]) -> None:
    """Every problem with its code, its place and its fix, on standard error."""
    for problem in problems:
        say(str(problem))


def say(text: str) -> None:
    """One line on standard error, whatever characters it holds."""
    sys.stderr.write(text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")


def styled(text: str, style: str) -> str:
    """The text in a colour, if standard error is a terminal that shows colours."""
    if not sys.stderr.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    import click

    return click.style(text, fg=style, bold=True)
