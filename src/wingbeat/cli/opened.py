"""The database for a command that needs nothing else of the platform."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from wingbeat.settings import Settings
    from wingbeat.storage.pool import Database


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The database with its tables up to date; the embedded one is started if it is down.

    Raises:
        DatabaseUnavailable: it cannot be reached or started.
        PlatformError: its tables belong to another version.
    """
    from wingbeat.storage.embedded import EmbeddedPostgres
    from wingbeat.storage.migrate import migrate
    from wingbeat.storage.pool import Database

    embedded = EmbeddedPostgres()
    try:
        if settings.database_uri is not None:
            dsn = settings.database_uri.get_secret_value()
        else:
            dsn = await embedded.start(settings.data_dir)
        await migrate(dsn)
        database = await Database.open(dsn, max_size=2)
        try:
            yield database
        finally:
            await database.close()
    finally:
        await embedded.stop()
