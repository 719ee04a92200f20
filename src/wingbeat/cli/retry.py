"""`wingbeat retry`: try an execution again from where it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from wingbeat.cli.loop import Stopping
    from wingbeat.cli.outcome import Outcome


def retry(
    execution: Annotated[UUID, typer.Argument(metavar="EXECUTION", help="The id of one that failed or was cancelled.")],
    latest: Annotated[bool, typer.Option("--latest", help="Run the published version of the workflow.")] = False,
    breaks: Annotated[
        list[str] | None, typer.Option("--break", metavar="NODE", help="Stop before this node; may be repeated.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Run again what failed, and what had not completed, in a new execution. Shows the result as `run` does."""
    from wingbeat.cli import logs, loop
    from wingbeat.services.executions.forks import ForkRequest
    from wingbeat.settings import load_settings

    settings = load_settings()
    logs.configure(settings.log_level if settings.log_level == "DEBUG" else "ERROR")
    request = ForkRequest(
        execution,
        revision="latest" if latest else "same",
        breakpoints=[{"node": one} for one in breaks or ()],
    )

    async def command(stopping: Stopping) -> Outcome:
        from wingbeat.cli import following

        return await following.fork(settings, request, stopping, as_json=json)

    raise typer.Exit(loop.run(command).exit_status)
