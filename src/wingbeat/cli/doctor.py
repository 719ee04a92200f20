"""`wingbeat doctor`: what is wrong with this installation, and the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from wingbeat.cli.finding import Finding
    from wingbeat.cli.loop import Stopping

STYLES = {"ok": "green", "warning": "yellow", "problem": "bold red"}


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Look at this installation and say what to mend. Exit status 0, or 1 if there is a problem."""
    from wingbeat.cli.finding import State

    findings = _examine()
    healthy = all(finding.state is not State.PROBLEM for finding in findings)
    if json:
        import orjson

        typer.echo(orjson.dumps({"healthy": healthy, "findings": [finding.to_json() for finding in findings]}))
    else:
        _show(findings)
    if not healthy:
        raise typer.Exit(1)


def _examine() -> list[Finding]:
    import os

    from wingbeat.cli import loop, machine_checks, settings_checks
    from wingbeat.cli.database_checks import check_database
    from wingbeat.core.errors import BadSettings
    from wingbeat.settings import load_settings

    findings = [machine_checks.check_python(), *settings_checks.check_names(os.environ)]
    try:
        settings = load_settings()
    except BadSettings as error:
        return [*findings, *machine_checks.describe_bad_settings(error)]

    async def command(_stopping: Stopping) -> list[Finding]:
        return await check_database(settings)

    findings.append(settings_checks.check_differences(settings, os.environ))
    return [*findings, *machine_checks.check_machine(settings), *loop.run(command)]


def _show(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("", "what", "how it is", box=None, pad_edge=False)
    for finding in findings:
        described = Text(finding.message)
        if finding.remedy:
            described.append(f"\n{finding.remedy}", style="italic")
        table.add_row(Text(finding.state.value, style=STYLES[finding.state.value]), finding.about, described)
    Console().print(table)
