"""`wingbeat migrate`: bring the database's tables up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from wingbeat.cli.loop import Stopping
    from wingbeat.settings import Settings


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit status 1 if something is missing.")
    ] = False,
) -> None:
    """Apply what the database is missing, and say what that was. `serve`, `worker` and `run` do so as they start."""
    from wingbeat.cli.loop import run
    from wingbeat.settings import load_settings

    settings = load_settings()

    async def command(_stopping: Stopping) -> list[str]:
        return await _migrate(settings, check=check)

    names = run(command)
    for name in names:
        typer.echo(f"{'missing' if check else 'applied'}: {name}")
    if not names:
        typer.echo("The database is up to date.")
    if check and names:
        raise typer.Exit(1)


async def _migrate(settings: Settings, *, check: bool) -> list[str]:
    from wingbeat.storage.embedded import EmbeddedPostgres
    from wingbeat.storage.migrate import migrate as apply
    from wingbeat.storage.migrate import pending_migrations

    embedded = EmbeddedPostgres()
    try:
        if settings.database_uri is not None:
            dsn = settings.database_uri.get_secret_value()
        else:
            dsn = await embedded.start(settings.data_dir)
        if check:
            return await pending_migrations(dsn)
        applied = await apply(dsn)
        if applied:
            await _note(dsn, applied)
        return applied
    finally:
        await embedded.stop()


async def _note(dsn: str, applied: list[str]) -> None:
    """Write down that the tables were brought up to date."""
    from wingbeat.storage import audit
    from wingbeat.storage.audit import AuditEvent, Category
    from wingbeat.storage.pool import connect, translate_errors

    connection = await connect(dsn)
    try:
        event = AuditEvent(
            Category.SYSTEM, "database.migrate", "database", "", actor="command line", detail={"applied": [*applied]}
        )
        with translate_errors():
            await audit.write(connection, event)
    finally:
        connection.terminate()
