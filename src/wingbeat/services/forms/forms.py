"""Forms as the owners of workflows have them: listed, switched off and on, limited, given another address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wingbeat.core.access import Permission
from wingbeat.core.errors import NotFound
from wingbeat.services.permissions.access import require
from wingbeat.storage import audit
from wingbeat.storage import forms as rows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.storage.forms import StoredForm
    from wingbeat.storage.pool import Database

ADDRESS = "/forms/"


@dataclass(frozen=True)
class Forms:
    """The use cases of forms; `public_url` is how people reach this service.

    All raise NotFound for a workflow that the caller may not see and for a form that the workflow does not have,
    Forbidden, and DatabaseUnavailable.
    """

    database: Database
    public_url: str

    def url(self, form: StoredForm) -> str:
        """Where people fill it in."""
        return f"{self.public_url.rstrip('/')}{ADDRESS}{form.token}"

    async def list(self, principal: Principal, workflow_id: UUID) -> list[StoredForm]:
        """All forms that the workflow has, or had in an earlier revision."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await require(connection, principal, workflow_id, Permission.VIEW)
                return await rows.list_of_workflow(connection, workflow_id)

    async def update(
        self, principal: Principal, workflow_id: UUID, form_id: UUID, changes: dict[str, Any]
    ) -> StoredForm:
        """Change how a form is set; `changes` are fields of StoredForm."""
        return await self._change(principal, workflow_id, form_id, "form.update", changes)

    async def rotate(self, principal: Principal, workflow_id: UUID, form_id: UUID) -> StoredForm:
        """Give the form another address; at the one before there is nothing from now on."""
        return await self._change(principal, workflow_id, form_id, "form.rotate", {"token": rows.new_token()})

    async def _change(
        self, principal: Principal, workflow_id: UUID, form_id: UUID, action: str, changes: dict[str, Any]
    ) -> StoredForm:
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await require(connection, principal, workflow_id, Permission.EDIT)
                form = await _lock(connection, workflow_id, form_id)
                changed = await rows.change(connection, form._replace(**changes))
                said = {name: value for name, value in changes.items() if name != "token"}
                event = AuditEvent(
                    Category.AUDIT, action, "form", str(form_id), actor=principal.name, detail={"changed": said}
                )
                await audit.write(connection, event)
                return changed


async def _lock(connection: asyncpg.Connection, workflow_id: UUID, form_id: UUID) -> StoredForm:
    form = await rows.lock(connection, workflow_id, form_id)
    if form is None:
        raise NotFound(
            f"The workflow has no form {form_id}.",
            code="FORM_NOT_FOUND",
            remedy="List the forms of the workflow; each trigger.form of a published revision has one.",
        )
    return form
