"""The command line: one file for each command. The services do the work; here it is asked for and shown."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from wingbeat.cli import (
    audit,
    bench,
    doctor,
    fork,
    keys,
    migrate,
    nodes,
    resume,
    retry,
    run,
    serve,
    token,
    user,
    validate,
    worker,
)
from wingbeat.cli.help import Command, Group
from wingbeat.cli.loop import Interrupted
from wingbeat.cli.reporting import print_json, report_any

app = typer.Typer(
    name="wingbeat",
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Durable workflow automation. Settings come from the environment; see `wingbeat doctor`.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"wingbeat {version('wingbeat')}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
    env_file: Annotated[
        str | None,
        typer.Option("--env-file", metavar="FILE", help="Read settings from there [WINGBEAT_ENV_FILE, or .env]."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    del debug, version  # Read by main and by _show_version.
    if env_file is not None:
        # So that the processes which this one starts read it too.
        os.environ["WINGBEAT_ENV_FILE"] = str(Path(env_file).absolute())


app.command("serve", cls=Command)(serve.serve)
app.command("worker", cls=Command)(worker.worker)
app.command("run", cls=Command)(run.run)
app.command("resume", cls=Command)(resume.resume)
app.command("retry", cls=Command)(retry.retry)
app.command("fork", cls=Command)(fork.fork)
app.command("validate", cls=Command)(validate.validate)
app.command("nodes", cls=Command)(nodes.nodes)
app.command("migrate", cls=Command)(migrate.migrate)
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
app.command("bench", cls=Command)(bench.bench)
app.command("doctor", cls=Command)(doctor.doctor)


def main() -> None:
    """The program `wingbeat`."""
    as_json = "--json" in sys.argv[1:]
    try:
        app()
    except Interrupted:
        if as_json:
            print_json({"status": "cancelled"})
        raise
    except Exception as error:
        if "--debug" in sys.argv[1:]:
            raise
        sys.exit(report_any(error, as_json=as_json))
