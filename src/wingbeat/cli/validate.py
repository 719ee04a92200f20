"""`wingbeat validate`: everything that is wrong with a definition."""

from __future__ import annotations

from typing import Annotated

import typer


def validate(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The definition, as JSON; - for standard input.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show every problem of a workflow with its code, place and fix. Exit status 0 (warnings allowed) or 2."""
    from wingbeat.cli import documents
    from wingbeat.cli.reporting import INVALID, print_json, report_problems
    from wingbeat.core.problems import Severity
    from wingbeat.settings import load_settings

    settings = load_settings()
    problems = documents.check(documents.read_file(file, settings), settings)
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    if json:
        status = "invalid" if errors else "valid"
        print_json({"status": status, "problems": [problem.to_json() for problem in problems]})
    else:
        report_problems(problems)
        warnings = len(problems) - errors
        typer.echo(f"{file}: {_verdict(errors)}" + (f" ({warnings} to look at)" if warnings else ""))
    if errors:
        raise typer.Exit(INVALID)


def _verdict(errors: int) -> str:
    if errors == 0:
        return "valid"
    return f"{errors} {'problem' if errors == 1 else 'problems'} to mend"
