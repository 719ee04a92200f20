"""`wingbeat keys`: the key that protects stored secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import typer

from wingbeat.cli.help import Command, Group

if TYPE_CHECKING:
    from wingbeat.cli.loop import Stopping
    from wingbeat.core.json_value import JsonObject
    from wingbeat.settings import Settings

app = typer.Typer(cls=Group, no_args_is_help=True, help="The key that protects stored secrets.")


class Rotated(NamedTuple):
    """What came of it."""

    changed: int
    secrets: int
    key: str


@app.command("rotate", cls=Command)
def rotate() -> None:
    """Let the present key protect all stored secrets, and not the one before it.

    Set SECRET_KEY to the new key and SECRET_KEY_PREVIOUS to the old one for every process, and run this; the key that
    was made for the data directory needs no SECRET_KEY_PREVIOUS there. All secrets change over together, or none does.
    """
    from wingbeat.cli.loop import run
    from wingbeat.settings import load_settings

    settings = load_settings()

    async def command(_stopping: Stopping) -> Rotated:
        return await _rotate(settings)

    rotated = run(command)
    typer.echo(
        f"{rotated.changed} of {rotated.secrets} stored secrets were under an earlier key; "
        f"all are under the key {rotated.key} now."
    )
    if rotated.changed:
        typer.echo("SECRET_KEY_PREVIOUS, or the file secret.key if SECRET_KEY is set, is not needed any more.")


async def _rotate(settings: Settings) -> Rotated:
    from wingbeat.services.webhooks.secrets import PURPOSE
    from wingbeat.storage import audit, webhooks
    from wingbeat.storage.audit import AuditEvent, Category
    from wingbeat.storage.connections import rewrap_all
    from wingbeat.storage.embedded import EmbeddedPostgres
    from wingbeat.storage.keys import Keys
    from wingbeat.storage.migrate import migrate
    from wingbeat.storage.pool import connect, translate_errors

    keys = Keys.open(settings)
    embedded = EmbeddedPostgres()
    try:
        if settings.database_uri is not None:
            dsn = settings.database_uri.get_secret_value()
        else:
            dsn = await embedded.start(settings.data_dir)
        await migrate(dsn)
        connection = await connect(dsn)
        try:
            with translate_errors():
                async with connection.transaction():
                    changed, secrets = await rewrap_all(connection, keys)
                    more_changed, more = await webhooks.rewrap_all(connection, keys, PURPOSE)
                    about: JsonObject = {"changed": changed + more_changed, "secrets": secrets + more}
                    await audit.write(
                        connection,
                        AuditEvent(
                            Category.AUDIT, "keys.rotate", "key", keys.current.name, actor="command line", detail=about
                        ),
                    )
        finally:
            connection.terminate()
    finally:
        await embedded.stop()
    return Rotated(changed + more_changed, secrets + more, keys.current.name)
