"""What the licence server said of each community, and how much each community uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.licence import Known
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import lowest_id
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    import asyncpg


class Said(NamedTuple):
    """What the server said of a community."""

    features: Collection[str]
    limits: Mapping[str, int]
    message: str
    expires_at: datetime | None


async def read(connection: asyncpg.Connection, community_id: int) -> Known | None:
    """What is known, or None if nobody has asked yet."""
    row = await load("licences").read(connection, community_id=community_id)
    if row is None:
        return None
    return Known(**{**row, "features": frozenset(row["features"])})


async def take_turn(connection: asyncpg.Connection, community_id: int, *, seconds: float, retry: float) -> bool:
    """Whether this process is to ask the server: once in so many seconds, sooner while it does not answer."""
    taken = await load("licences").take_turn(connection, community_id=community_id, seconds=seconds, retry=retry)
    return taken is not None


async def keep_answer(connection: asyncpg.Connection, community_id: int, said: Said) -> None:
    """Note what the server said."""
    await load("licences").keep_answer(
        connection,
        community_id=community_id,
        features=sorted(said.features),
        limits=encode_json(dict(said.limits)),
        message=said.message,
        expires_at=said.expires_at,
    )


async def keep_silence(connection: asyncpg.Connection, community_id: int) -> None:
    """Note that the server did not answer."""
    await load("licences").keep_silence(connection, community_id=community_id)


async def count_workflows(connection: asyncpg.Connection, community_id: int) -> int:
    """How many workflows a community has that are not archived."""
    return int(await load("licences").count_workflows(connection, community_id=community_id))


async def count_executions(connection: asyncpg.Connection, community_id: int) -> int:
    """How many executions of its workflows were started this month (UTC)."""
    month = (await connection.fetchval("SELECT now()")).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    since = lowest_id(month)
    return int(await load("licences").count_executions(connection, community_id=community_id, since=since))


async def take_turn_at_creating(connection: asyncpg.Connection, community_id: int) -> None:
    """Let nobody else create a workflow in the community until the transaction ends."""
    await load("licences").take_turn_at_creating(connection, community_id=community_id)
