"""Taking executions that have ended out of the database, for good. Their blobs are the caller's to drop, afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast
from uuid import UUID

from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import asyncpg


class Relative(NamedTuple):
    """An execution or a sub-workflow of it: how it stands, and whether others have yet to hear of its end."""

    execution_id: UUID
    parent_execution_id: UUID | None
    workflow_id: UUID
    status: str
    is_ending: bool


async def hold_family(connection: asyncpg.Connection, execution_id: UUID) -> list[Relative]:
    """The execution and the sub-workflows under it, kept from changing until the transaction ends."""
    rows = await load("removals").hold_family(connection, execution_id=execution_id)
    return [Relative(**row) for row in rows]


async def parent_goes_on(connection: asyncpg.Connection, execution_id: UUID) -> bool:
    """Whether one that has not ended may still read what this sub-workflow gave."""
    return bool(await load("removals").parent_goes_on(connection, execution_id=execution_id))


async def find_heir(connection: asyncpg.Connection, ids: Sequence[UUID], others: Collection[UUID]) -> UUID | None:
    """One that was forked from these and refers to their values, apart from those that go as well."""
    return cast("UUID | None", await load("removals").find_heir(connection, ids=ids, others=list(others)))


async def remove(connection: asyncpg.Connection, ids: Sequence[UUID], kept: Sequence[UUID]) -> None:
    """Delete them and their journals; those kept of their sub-workflows have no parent any more."""
    queries = load("removals")
    if kept:
        await queries.detach(connection, ids=kept)
    await queries.remove_steps(connection, ids=ids)
    await queries.remove_executions(connection, ids=ids)
