"""`wingbeat audit`: the record of who did what, for whoever runs the installation."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from wingbeat.cli.help import Command, Group

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import asyncpg

    from wingbeat.settings import Settings
    from wingbeat.storage.audit_reading import AuditFilter, StoredEntry

app = typer.Typer(cls=Group, no_args_is_help=True, help="The record of who did what, as JSON lines.")

FOLLOW_SECONDS = 1.0
AT_ONCE = 500


class CategoryName(StrEnum):
    """What an entry is about."""

    AUTH = "AUTH"
    AUTHZ = "AUTHZ"
    AUDIT = "AUDIT"
    ERROR = "ERROR"
    SYSTEM = "SYSTEM"


Category = Annotated[CategoryName | None, typer.Option("--category", help="What the entries are about.")]
Action = Annotated[str | None, typer.Option("--action", metavar="NAME", help="As webhook.create, or webhook for all.")]
Actor = Annotated[str | None, typer.Option("--user", metavar="NAME", help="The name of who did it.")]
Community = Annotated[int | None, typer.Option("--community", metavar="ID", help="One community alone.")]


@app.command("tail", cls=Command)
def tail(  # noqa: PLR0913, PLR0917 - one parameter for each option
    count: Annotated[int, typer.Option("--count", "-n", min=0, max=100_000, help="How many of the latest.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
    category: Category = None,
    action: Action = None,
    user: Actor = None,
    community: Community = None,
) -> None:
    """Print the latest entries, the oldest of them first."""
    from wingbeat.storage.audit_reading import AuditFilter

    communities = None if community is None else [community]
    _print(AuditFilter(category=category, action=action, actor=user, communities=communities), count, follow=follow)


@app.command("export", cls=Command)
def export(  # noqa: PLR0913, PLR0917 - one parameter for each option
    since: Annotated[datetime | None, typer.Option("--since", help="This moment and later (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option("--until", help="Before this moment (UTC).")] = None,
    category: Category = None,
    action: Action = None,
    user: Actor = None,
    community: Community = None,
    request: Annotated[str | None, typer.Option("--request", metavar="ID", help="One request alone.")] = None,
) -> None:
    """Print all entries from the oldest to the newest."""
    from datetime import UTC

    from wingbeat.storage.audit_reading import AuditFilter

    wanted = AuditFilter(
        category=category,
        action=action,
        actor=user,
        request_id=request,
        since=None if since is None else since.replace(tzinfo=since.tzinfo or UTC),
        until=None if until is None else until.replace(tzinfo=until.tzinfo or UTC),
        communities=None if community is None else [community],
    )
    _print(wanted, None, follow=False)


def _print(wanted: AuditFilter, count: int | None, *, follow: bool) -> None:
    from wingbeat.cli.loop import Stopping, run
    from wingbeat.settings import load_settings

    settings = load_settings()

    async def command(_stopping: Stopping) -> None:
        async for entry in _read(settings, wanted, count, follow=follow):
            typer.echo(_line(entry))

    run(command)


async def _read(
    settings: Settings, wanted: AuditFilter, count: int | None, *, follow: bool
) -> AsyncIterator[StoredEntry]:
    import asyncio

    from wingbeat.storage.audit_reading import read
    from wingbeat.storage.embedded import EmbeddedPostgres
    from wingbeat.storage.migrate import migrate
    from wingbeat.storage.pool import connect, translate_errors

    embedded = EmbeddedPostgres()
    try:
        uri = settings.database_uri
        dsn = await embedded.start(settings.data_dir) if uri is None else uri.get_secret_value()
        await migrate(dsn)
        connection: asyncpg.Connection = await connect(dsn)
        try:
            with translate_errors():
                last: UUID | None = None
                latest = [] if count is None else await read(connection, wanted, most=count)
                for entry in reversed(latest):
                    yield entry
                    last = entry.audit_id
                while count is None or follow:
                    found = await read(connection, wanted, most=AT_ONCE, after=last, oldest_first=True)
                    for entry in found:
                        yield entry
                        last = entry.audit_id
                    if len(found) < AT_ONCE and not follow:
                        return
                    await asyncio.sleep(0 if len(found) == AT_ONCE else FOLLOW_SECONDS)
        finally:
            connection.terminate()
    finally:
        await embedded.stop()


def _line(entry: StoredEntry) -> str:
    from dataclasses import asdict

    from wingbeat.storage.audit import line_of
    from wingbeat.storage.audit_file import encode

    return encode(line_of(asdict(entry), entry.at)).decode().rstrip()
