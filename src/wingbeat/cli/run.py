"""`wingbeat run`: run a workflow from a file to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from wingbeat.cli.loop import Stopping
    from wingbeat.cli.outcome import Outcome
    from wingbeat.core.json_value import JsonObject


def run(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The definition, as JSON; - for standard input.")],
    given: Annotated[
        str, typer.Option("--input", metavar="FILE|JSON", help="What the trigger gives: a JSON file, or JSON text.")
    ] = "null",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
    breaks: Annotated[
        list[str] | None, typer.Option("--break", metavar="NODE", help="Stop before this node; may be repeated.")
    ] = None,
) -> None:
    """Run a workflow and show its result. Exit status 0 (completed), 1 (failed), 2 (invalid), 130 (interrupted).

    With --break, 3: it has stopped, rests, and goes on with `wingbeat resume`.

    It stores and publishes the workflow in this installation (a changed file is its next revision), and the execution.
    """
    from wingbeat.cli import documents, logs, loop, reporting
    from wingbeat.core.problems import InvalidWorkflow, Severity
    from wingbeat.settings import load_settings

    settings = load_settings()
    logs.configure(settings.log_level if settings.log_level == "DEBUG" else "ERROR")
    document = documents.read_file(file, settings)
    trigger_data = documents.read_input(given, settings)
    problems = documents.check(document, settings)
    if any(problem.severity is Severity.ERROR for problem in problems) or not isinstance(document, dict):
        raise InvalidWorkflow(problems)
    reporting.report_problems(problems)
    definition: JsonObject = document

    async def command(stopping: Stopping) -> Outcome:
        from wingbeat.cli.following import execute

        return await execute(settings, file, definition, trigger_data, stopping, breakpoints=breaks or (), as_json=json)

    outcome = loop.run(command)
    raise typer.Exit(outcome.exit_status)
