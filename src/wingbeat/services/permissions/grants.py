"""Saying who else may do what with a workflow, and giving it away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from wingbeat.core.errors import Conflict, NotFound
from wingbeat.services.permissions import access
from wingbeat.storage import audit, users
from wingbeat.storage import grants as rows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import JsonObject
    from wingbeat.storage.grants import GrantFields, StoredGrant
    from wingbeat.storage.pool import Database

MOST_GRANTS = 1000
# Ids of accounts that are made here begin there, far from those of other systems.
FIRST_OWN_ID = 1_000_000_001
RIGHTS = ("can_view", "can_edit", "can_delete", "can_execute")
Granted: TypeAlias = "list[StoredGrant]"


@dataclass(frozen=True)
class Grants:
    """The use cases of grants, which are for a workflow's author, administrators of its community, and the service.

    All raise NotFound for a workflow that there is not or that the caller may not see, Forbidden for who may see it and
    not more, and DatabaseUnavailable.
    """

    database: Database

    async def list(self, principal: Principal, workflow_id: UUID) -> Granted:
        """All that is granted on the workflow."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require_ownership(connection, principal, workflow_id)
                return await rows.list_all(connection, workflow_id)

    async def put(self, principal: Principal, workflow_id: UUID, fields: GrantFields) -> StoredGrant:
        """Grant something, instead of what the same grantee had before.

        Raises:
            Conflict: `GRANTS_FULL`.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require_ownership(connection, principal, workflow_id)
                granted = await rows.put(connection, workflow_id, fields, principal.user_id)
                if await rows.count(connection, workflow_id) > MOST_GRANTS:
                    raise Conflict(
                        f"A workflow has at most {MOST_GRANTS} grants; nothing was changed.",
                        code="GRANTS_FULL",
                        remedy="Grant it to a role or a community instead.",
                    )
                await note(connection, principal, workflow_id, "grant", describe(granted))
                return granted

    async def replace(self, principal: Principal, workflow_id: UUID, grants: Sequence[GrantFields]) -> Granted:
        """Grant these, and nothing else; who is named several times gets all of it."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require_ownership(connection, principal, workflow_id)
                granted = await rows.replace_all(connection, workflow_id, merge(grants), principal.user_id)
                everything: JsonObject = {"grants": [describe(one) for one in granted]}
                await note(connection, principal, workflow_id, "grant_anew", everything)
                return granted

    async def remove(self, principal: Principal, workflow_id: UUID, permission_id: int) -> StoredGrant:
        """Take a grant back; returns what it was.

        Raises:
            NotFound: `GRANT_NOT_FOUND`.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require_ownership(connection, principal, workflow_id)
                removed = await rows.remove(connection, workflow_id, permission_id)
                if removed is None:
                    raise NotFound(
                        f"The workflow has no grant {permission_id}.",
                        code="GRANT_NOT_FOUND",
                        remedy="List what is granted.",
                    )
                await note(connection, principal, workflow_id, "revoke", describe(removed))
                return removed

    async def give_away(self, principal: Principal, workflow_id: UUID, user_id: int) -> None:
        """Make another user its author; the former one has only what is granted, or what the community gives.

        Raises:
            NotFound: `USER_NOT_FOUND`: nobody here has an id that this installation gives. Those below come from
                tokens that somebody else signs, who alone knows whose they are.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require_ownership(connection, principal, workflow_id)
                # The new row is not the caller's any more, which the database would not let pass.
                async with as_engine(connection):
                    if user_id >= FIRST_OWN_ID and await users.get(connection, user_id) is None:
                        raise NotFound(
                            f"There is no user {user_id}; nothing was changed.",
                            code="USER_NOT_FOUND",
                            remedy="Name somebody who has an account here.",
                        )
                    await rows.give_away(connection, workflow_id, user_id)
                await note(connection, principal, workflow_id, "give_away", {"user_id": user_id})


def merge(grants: Sequence[GrantFields]) -> list[GrantFields]:
    """One grant for each grantee."""
    merged: dict[object, GrantFields] = {}
    for grant in grants:
        given: dict[str, Any] = {name: True for name in RIGHTS if getattr(grant, name)}
        merged[grant.grantee] = replace(merged.get(grant.grantee, grant), **given)
    return list(merged.values())


def describe(grant: GrantFields) -> JsonObject:
    """A grant for the record."""
    told: JsonObject = {
        "user_id": grant.user_id,
        "role": grant.role,
        "community_id": grant.community_id,
        "can": [name for name in ("view", "edit", "delete", "execute") if getattr(grant, f"can_{name}")],
    }
    return {name: value for name, value in told.items() if value is not None}


async def note(
    connection: asyncpg.Connection, principal: Principal, workflow_id: UUID, what: str, detail: JsonObject
) -> None:
    """Record the change, with it."""
    event = AuditEvent(
        Category.AUDIT,
        f"workflow.{what}",
        "workflow",
        str(workflow_id),
        actor=principal.name,
        detail=detail,
    )
    await audit.write(connection, event)
