"""`wingbeat worker`: run executions, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from wingbeat.cli.loop import Stopping
    from wingbeat.settings import Settings


def worker(
    processes: Annotated[
        int, typer.Option("--processes", metavar="N", min=1, max=256, help="How many equal processes.")
    ] = 1,
    supervised_by: Annotated[int | None, typer.Option("--supervised-by", hidden=True)] = None,
    announce: Annotated[bool, typer.Option("--announce", hidden=True)] = False,
) -> None:
    """Run executions of every `wingbeat serve` on the same database. Start as many as you like; any may die."""
    from wingbeat.cli import logs, loop
    from wingbeat.settings import load_settings

    settings = load_settings()
    logs.configure(settings.log_level)
    if processes > 1:
        from wingbeat.cli.supervisor import supervise

        supervise(["worker"], processes)
        return

    async def command(stopping: Stopping) -> None:
        stopping.watch(supervised_by)
        supervised = supervised_by is not None
        await _work(settings, stopping, supervised=supervised, quiet=supervised and not announce)

    loop.run(command)


async def _work(settings: Settings, stopping: Stopping, *, supervised: bool, quiet: bool) -> None:
    from wingbeat.bootstrap import open_platform
    from wingbeat.cli import reporting, settings_checks
    from wingbeat.settings import find_values
    from wingbeat.worker import garbage_collection

    if not quiet:
        settings_checks.say_doubts(settings, find_values())
    async with open_platform(settings, run_worker=True):
        garbage_collection.settle()
        stopping.take_charge()
        if not quiet:
            typer.echo("Wingbeat runs executions. Stop it with Ctrl-C.")
        await stopping.wanted()
        if not supervised:
            reporting.say_stopping()
