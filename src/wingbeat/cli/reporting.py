"""What a command says when it cannot do what it was asked, and the exit status that it ends with."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

from wingbeat.cli.wording import visible
from wingbeat.core.errors import BadSettings, Fault, InvalidInput, PlatformError, WingbeatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.problems import Problem

FAILED = 1
INVALID = 2
NAME_WIDTH = 10
LEAST_WIDTH = 40
STYLES = {"error": "red", "warning": "yellow"}


def report_any(error: Exception, *, as_json: bool = False) -> int:
    """Tell an error in sentences, and with `as_json` on standard output, too; returns the exit status."""
    told = error if isinstance(error, WingbeatError) else _unexpected(error)
    report(told)
    if as_json:
        print_json(describe(told))
    return exit_status(told)


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
    say_wrapped(f"Error: {error.message}", style="red")
    if error.remedy:
        say_wrapped(error.remedy)
    say(f"({error.code})")


def describe(error: WingbeatError) -> JsonObject:
    """The object of `--json` for a command that came to nothing."""
    from wingbeat.core.problems import InvalidWorkflow

    if isinstance(error, InvalidWorkflow):
        return {"status": "invalid", "problems": [problem.to_json() for problem in error.problems]}
    status = "invalid" if error.fault is Fault.CALLER else "error"
    return {"status": status, "error": error.to_json()}


def report_problems(problems: Sequence[Problem]) -> None:
    """Every problem with its code, its place and its fix, on standard error."""
    for problem in problems:
        severity = problem.severity.value
        say(f"{styled(severity, STYLES[severity])} {problem.code}")
        character = problem.position + 1 if problem.position is not None else None
        say_fields(
            [
                ("node", problem.node),
                ("parameter", problem.parameter),
                ("character", character),
                ("message", problem.message),
                ("fix", problem.fix),
            ]
        )
    codes = {problem.code for problem in problems}
    if any(code.startswith("parameter_") for code in codes):
        say("`wingbeat nodes TYPE` shows what a type of node takes.")
    if "expression_invalid" in codes:
        say("docs/expressions.md says what can be written in expressions.")


def say_fields(fields: Iterable[tuple[str, Json]]) -> None:
    """Names and values below each other on standard error, without those that are empty."""
    for name, value in fields:
        if value not in (None, ""):
            say_wrapped(f"  {name:{NAME_WIDTH}} {value}", indent=" " * (NAME_WIDTH + 3))


def say(text: str) -> None:
    """One line on standard error, whatever characters it holds."""
    sys.stderr.write(text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")


def say_wrapped(text: str, *, indent: str = "", style: str | None = None) -> None:
    """Lines on standard error that a terminal cuts between words only; `style` is the first word's colour."""
    terminal = sys.stderr.isatty()
    width = max(shutil.get_terminal_size().columns, LEAST_WIDTH)
    for number, line in enumerate(visible(text.replace("\r\n", "\n")).splitlines()):
        deeper = indent or line[: len(line) - len(line.lstrip())]
        # Paths, addresses and code stay whole, so that they can be copied.
        wrapped = (
            textwrap.fill(line, width, subsequent_indent=deeper, break_long_words=False, break_on_hyphens=False)
            if terminal
            else line
        )
        first, space, rest = wrapped.partition(" ")
        say(f"{styled(first, style)}{space}{rest}" if style and number == 0 else wrapped)


def say_stopping() -> None:
    """Tell the person who pressed Ctrl-C that it was heard."""
    if sys.stderr.isatty():  # It has shown ^C, and stands behind it.
        say("")
    say_wrapped(
        "Wingbeat stops. What is nearly done is finished; other executions are handed on. Ctrl-C again: at once."
    )


def print_json(value: JsonObject) -> None:
    """One line of JSON on standard output, whatever characters a text that is quoted holds."""
    sys.stdout.write(json.dumps(value, default=str, separators=(",", ":")) + "\n")


def styled(text: str, style: str) -> str:
    """The text in a colour, if standard error is a terminal that shows colours."""
    if not sys.stderr.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    import typer

    return typer.style(text, fg=style, bold=True)


def _unexpected(error: Exception) -> PlatformError:
    return PlatformError(
        f"Wingbeat itself failed: {type(error).__name__}: {error}",
        code="INTERNAL_ERROR",
        remedy="Run the command again as `wingbeat --debug ...`, and report what it prints.",
    )
