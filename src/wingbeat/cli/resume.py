"""`wingbeat resume`: let an execution go on from a breakpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from wingbeat.cli.loop import Stopping
    from wingbeat.cli.outcome import Outcome


def resume(  # noqa: PLR0913, PLR0917 - options
    execution: Annotated[UUID, typer.Argument(metavar="EXECUTION", help="The id of an execution that rests.")],
    step: Annotated[bool, typer.Option("--step", help="Stop again before the next step.")] = False,
    node: Annotated[str | None, typer.Option(metavar="NODE", help="Which of several steps that stopped.")] = None,
    scope: Annotated[str | None, typer.Option(metavar="SCOPE", help="With --node: its iteration.")] = None,
    given: Annotated[
        str | None, typer.Option("--input", metavar="FILE|JSON", help="Another input for the step.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Go on from a breakpoint, and show the result as `run` does. Exit status 3: it has stopped again."""
    from wingbeat.cli import documents, logs, loop
    from wingbeat.settings import load_settings
    from wingbeat.storage.control import Going, Place

    settings = load_settings()
    logs.configure(settings.log_level if settings.log_level == "DEBUG" else "ERROR")
    edit = None if given is None else {"input": documents.read_input(given, settings)}
    going = Going(step, None if node is None else Place(node, scope), edit)

    async def command(stopping: Stopping) -> Outcome:
        from wingbeat.cli import following

        return await following.resume(settings, execution, going, stopping, as_json=json)

    raise typer.Exit(loop.run(command).exit_status)
