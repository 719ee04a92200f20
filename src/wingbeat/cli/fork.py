"""`wingbeat fork`: begin a new execution from a step of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from wingbeat.cli.loop import Stopping
    from wingbeat.cli.outcome import Outcome


def fork(  # noqa: PLR0913, PLR0917 - options
    execution: Annotated[UUID, typer.Argument(metavar="EXECUTION", help="The id of one that ended, waits or rests.")],
    node: Annotated[str, typer.Argument(metavar="NODE", help="The node to begin at.")],
    scope: Annotated[
        str | None, typer.Option(metavar="SCOPE", help="Its iteration, as in orders:3; needed in loops.")
    ] = None,
    given: Annotated[str | None, typer.Option("--input", metavar="FILE|JSON", help="Another input for it.")] = None,
    output: Annotated[
        str | None, typer.Option(metavar="FILE|JSON", help="What the step is to have given, without running.")
    ] = None,
    port: Annotated[str | None, typer.Option(metavar="PORT", help="With --output: the port that it left by.")] = None,
    latest: Annotated[bool, typer.Option("--latest", help="Run the published version of the workflow.")] = False,
    breaks: Annotated[
        list[str] | None, typer.Option("--break", metavar="NODE", help="Stop before this node; may be repeated.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Keep what does not follow from a step, and run the rest in a new execution. Shows the result as `run` does."""
    from wingbeat.cli import documents, logs, loop
    from wingbeat.core.errors import InvalidInput
    from wingbeat.services.executions.forks import ForkRequest, Given
    from wingbeat.settings import load_settings

    settings = load_settings()
    logs.configure(settings.log_level if settings.log_level == "DEBUG" else "ERROR")
    if (given is not None and output is not None) or (port is not None and output is None):
        raise InvalidInput("--input, or --output with or without --port.", remedy="Give one or the other.")
    request = ForkRequest(
        execution,
        node,
        scope,
        new_input=None if given is None else Given(documents.read_input(given, settings)),
        output=None if output is None else Given(documents.read_input(output, settings)),
        port=port,
        revision="latest" if latest else "same",
        breakpoints=[{"node": one} for one in breaks or ()],
    )

    async def command(stopping: Stopping) -> Outcome:
        from wingbeat.cli import following

        return await following.fork(settings, request, stopping, as_json=json)

    raise typer.Exit(loop.run(command).exit_status)
