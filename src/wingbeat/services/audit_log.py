"""Who may read the record of what was done: administrators of the installation all, those of a community its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.core.access import Permission
from wingbeat.core.errors import Forbidden
from wingbeat.storage import audit_reading
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.core.access import Principal
    from wingbeat.storage.audit_reading import AuditFilter, NamedEntry
    from wingbeat.storage.pool import Database


@dataclass(frozen=True)
class AuditLog:
    """Reads entries; nothing here writes any."""

    database: Database

    async def list(
        self, principal: Principal, wanted: AuditFilter, *, most: int, cursor: UUID | None = None
    ) -> list[NamedEntry]:
        """Up to `most` entries, the newest first, after the one with the id `cursor`, with what they are about by name.

        Raises:
            Forbidden: `AUDIT_NOT_ALLOWED`: the caller administers no community, or not the one that it asks about.
            DatabaseUnavailable: nothing can be read.
        """
        allowed = narrowed(principal, wanted)
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                entries = await audit_reading.read(connection, allowed, most=most, after=cursor)
                # Entries about users and communities themselves are for those who look after the installation.
                return await audit_reading.with_names(connection, entries, people=principal.unrestricted)


def narrowed(principal: Principal, wanted: AuditFilter) -> AuditFilter:
    """The filter with the communities that the caller administers; raises as `AuditLog.list`."""
    if principal.unrestricted:
        return wanted
    # Of all roles in a community, only its administrators' has this.
    administered = principal.communities_with(Permission.DELETE)
    asked = administered if wanted.communities is None else list(wanted.communities)
    if not asked or not set(asked) <= set(administered):
        raise Forbidden(
            "You may not read the audit log" + (" of that community." if administered else "."),
            code="AUDIT_NOT_ALLOWED",
            remedy="Ask an administrator of the community, or of this installation.",
        )
    return wanted._replace(communities=asked)
