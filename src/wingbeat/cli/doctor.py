"""`wingbeat doctor`: what is wrong with this installation, and the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from wingbeat.cli.finding import Finding
    from wingbeat.cli.loop import Stopping
    from wingbeat.cli.settings_checks import Effective

STYLES = {"ok": "green", "warning": "yellow", "problem": "bold red"}


class Examined(NamedTuple):
    """What was found, and the settings in effect; none if they cannot be used."""

    findings: list[Finding]
    settings: list[Effective]


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    settings: Annotated[
        bool, typer.Option("--settings", help="Show every setting too, and where its value is from.")
    ] = False,
) -> None:
    """Look at this installation and say what to mend. Exit status 0, or 1 if there is a problem."""
    from wingbeat.cli.finding import State

    findings, effective = _examine()
    healthy = all(finding.state is not State.PROBLEM for finding in findings)
    if json:
        import orjson

        shown = {
            "healthy": healthy,
            "findings": [finding.to_json() for finding in findings],
            "settings": [one.to_json() for one in effective],
        }
        typer.echo(orjson.dumps(shown))
    else:
        _show(findings)
        if settings:
            _show_settings(effective)
    if not healthy:
        raise typer.Exit(1)


def _examine() -> Examined:
    from wingbeat.cli import loop, machine_checks, settings_checks
    from wingbeat.cli.database_checks import check_database
    from wingbeat.cli.licence_check import check_licence_server
    from wingbeat.core.errors import BadSettings
    from wingbeat.settings import find_values, settings_from

    found = find_values()
    findings = [machine_checks.check_python(), *settings_checks.check_names(found.values)]
    try:
        settings = settings_from(found)
    except BadSettings as error:
        return Examined([*findings, *machine_checks.describe_bad_settings(error)], [])

    async def command(_stopping: Stopping) -> list[Finding]:
        return [*await check_licence_server(settings), *await check_database(settings)]

    findings.append(settings_checks.check_differences(settings, found.values))
    findings.extend(settings_checks.check_doubts(settings, found))
    findings.extend([*machine_checks.check_machine(settings), *loop.run(command)])
    return Examined(findings, settings_checks.list_effective(settings, found))


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


def _show_settings(effective: list[Effective]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("setting", "value", "from", box=None, pad_edge=False)
    for one in effective:
        table.add_row(one.name, Text(one.value), Text(one.source), style="dim" if one.source == "default" else "")
    console = Console()
    console.print()
    console.print(table)
