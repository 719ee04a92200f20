"""What time it is at the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.storage.queries import load

if TYPE_CHECKING:
    import asyncpg


async def read_clock(connection: asyncpg.Connection) -> float:
    """Seconds since the epoch, by the database's clock."""
    return float(await load("clock").now(connection))
