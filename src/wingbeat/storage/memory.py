"""What workflows remember from one execution to the next: which keys were seen, and whose turn is when."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.storage.identifiers import named_id
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import asyncpg

LOCK_PREFIX = b"wingbeat rate limit "
# Of what belongs to no community and to no user: the installation itself.
INSTALLATION = UUID(int=0)


class SeenSet(NamedTuple):
    """A set of keys: whose, its name, for how long it keeps a key, and how many at most."""

    owner: UUID
    name: str
    seconds: float
    most: int


class Rate(NamedTuple):
    """At most `most` turns in any `seconds`, for one key of one owner."""

    owner: UUID
    key: bytes
    most: int
    seconds: float


class Turn(NamedTuple):
    """When a step may go on, in seconds since the epoch, and whether the turn is its own or only what it could get."""

    at: float
    taken: bool


async def owner_of(connection: asyncpg.Connection, workflow_id: UUID) -> UUID:
    """Who shares a memory with the workflow: all workflows of its community, else all of its author's."""
    row = await load("memory").read_owner(connection, workflow_id=workflow_id)
    if row is None:
        return named_id("memory", f"workflow {workflow_id}")
    if row["community_id"]:
        return named_id("memory", f"community {row['community_id']}")
    return named_id("memory", f"author {row['author_id']}") if row["author_id"] else INSTALLATION


async def mark(connection: asyncpg.Connection, seen: SeenSet, keys: Sequence[bytes], step: str) -> set[bytes]:
    """Mark keys as seen; those come back that were not, or were marked by this very step before."""
    memory = load("memory")
    await memory.note_most(connection, owner=seen.owner, set_name=seen.name, most=seen.most)
    rows = await memory.mark(
        connection, owner=seen.owner, set_name=seen.name, keys=sorted(keys), step=step, seconds=seen.seconds
    )
    return {row["key"] for row in rows}


async def take_turn(connection: asyncpg.Connection, rate: Rate, step: str, longest: float) -> Turn:
    """Give a step its turn, or the one that it has; none is taken that is more than `longest` seconds away."""
    memory = load("memory")
    async with connection.transaction():
        await memory.lock_turns(connection, lock=_lock_of(rate))
        earlier = await memory.find_turn(connection, owner=rate.owner, key=rate.key, step=step)
        if earlier is not None:
            return Turn(float(earlier), taken=True)
        found = await memory.next_turn(connection, owner=rate.owner, key=rate.key, most=rate.most, seconds=rate.seconds)
        turn_at: datetime = found["turn_at"]
        if (turn_at - found["now"]).total_seconds() > longest:
            return Turn(turn_at.timestamp(), taken=False)
        await memory.take_turn(
            connection,
            owner=rate.owner,
            key=rate.key,
            number=found["number"],
            step=step,
            turn_at=turn_at,
            seconds=rate.seconds,
        )
    return Turn(turn_at.timestamp(), taken=True)


def _lock_of(rate: Rate) -> int:
    """Two keys of one number only wait for each other a little longer."""
    digest = hashlib.sha256(LOCK_PREFIX + rate.owner.bytes + rate.key).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


async def forget(connection: asyncpg.Connection) -> int:
    """Remove what has expired, and the oldest keys of sets that have grown too large; returns how many went."""
    memory = load("memory")
    gone = int(await memory.forget_keys(connection)) + int(await memory.forget_turns(connection))
    for row in await memory.list_sets(connection):
        gone += int(await memory.trim_set(connection, owner=row["owner"], set_name=row["set_name"], most=row["most"]))
    await memory.forget_sets(connection)
    return gone
