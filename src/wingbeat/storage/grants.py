"""Rows of what is granted on workflows. Who may grant is decided by the service."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg


@dataclass(frozen=True, slots=True)
class GrantFields:
    """What is granted to one grantee: a user, whoever has a role, or all who belong to a community."""

    user_id: int | None = None
    role: str | None = None
    community_id: int | None = None
    can_view: bool = False
    can_edit: bool = False
    can_delete: bool = False
    can_execute: bool = False

    @property
    def grantee(self) -> tuple[int | None, str | None, int | None]:
        """To whom it is granted."""
        return self.user_id, self.role, self.community_id


@dataclass(frozen=True, slots=True)
class StoredGrant(GrantFields):
    """A grant that is there; `granted_by` is the user who granted it, 0 for the service."""

    permission_id: int = 0
    granted_by: int = 0
    created_at: datetime | None = None


async def list_all(connection: asyncpg.Connection, workflow_id: UUID) -> list[StoredGrant]:
    """All that is granted on a workflow, in the order in which it was."""
    return [StoredGrant(**row) for row in await load("grants").list_grants(connection, workflow_id=workflow_id)]


async def put(connection: asyncpg.Connection, workflow_id: UUID, fields: GrantFields, granted_by: int) -> StoredGrant:
    """Grant it; instead of what the same grantee had before."""
    row = await load("grants").put_grant(connection, workflow_id=workflow_id, granted_by=granted_by, **asdict(fields))
    return StoredGrant(**row)


async def replace_all(
    connection: asyncpg.Connection, workflow_id: UUID, grants: Sequence[GrantFields], granted_by: int
) -> list[StoredGrant]:
    """Grant these, and nothing else."""
    await load("grants").remove_all_grants(connection, workflow_id=workflow_id)
    return [await put(connection, workflow_id, fields, granted_by) for fields in grants]


async def remove(connection: asyncpg.Connection, workflow_id: UUID, permission_id: int) -> StoredGrant | None:
    """Take a grant back; None if the workflow has none with this number."""
    row = await load("grants").remove_grant(connection, workflow_id=workflow_id, permission_id=permission_id)
    return None if row is None else StoredGrant(**row)


async def count(connection: asyncpg.Connection, workflow_id: UUID) -> int:
    """How many there are on a workflow."""
    return int(await load("grants").count_grants(connection, workflow_id=workflow_id))


async def give_away(connection: asyncpg.Connection, workflow_id: UUID, author_id: int) -> None:
    """Make another user the author."""
    await load("grants").give_away(connection, workflow_id=workflow_id, author_id=author_id)
