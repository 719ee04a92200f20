"""The versions of a workflow: every revision that was saved, what differs between two, and going back to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.core.access import Permission
from wingbeat.core.diff import Difference, compare
from wingbeat.core.document import read_workflow
from wingbeat.services.permissions import access
from wingbeat.services.workflow_rules import find, note, revision_not_found
from wingbeat.storage import revisions as rows
from wingbeat.storage.paging import Page
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.scoping import as_engine
from wingbeat.storage.workflows import WorkflowFields

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.core.access import Principal
    from wingbeat.core.graph import Workflow
    from wingbeat.core.json_value import JsonObject
    from wingbeat.services.workflows import Workflows
    from wingbeat.storage.pool import Database
    from wingbeat.storage.revisions import Revision, StoredRevision
    from wingbeat.storage.workflows import StoredWorkflow


@dataclass(frozen=True)
class Versions:
    """The use cases.

    All raise NotFound for a workflow that is missing or hidden (`WORKFLOW_NOT_FOUND`) or a revision that is missing
    (`REVISION_NOT_FOUND`), Forbidden, and DatabaseUnavailable.
    """

    database: Database
    workflows: Workflows

    async def list(
        self, principal: Principal, workflow_id: UUID, *, before: int | None, per_page: int
    ) -> Page[Revision]:
        """The newest revisions, or the newest before one."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require(connection, principal, workflow_id, Permission.VIEW)
                return Page.of(
                    await rows.list_page(connection, workflow_id, before=before, most=per_page + 1), per_page
                )

    async def get(self, principal: Principal, workflow_id: UUID, revision: int) -> StoredRevision:
        """One revision with its definition."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require(connection, principal, workflow_id, Permission.VIEW)
                found = await rows.get(connection, workflow_id, revision)
        if found is None:
            raise revision_not_found(workflow_id, revision)
        return found

    async def describe(self, principal: Principal, workflow_id: UUID, revision: int, message: str) -> Revision:
        """Say what has changed with a revision, or say it in other words; nothing else of it ever changes.

        Raises:
            Forbidden: the caller may not edit the workflow.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require(connection, principal, workflow_id, Permission.EDIT)
                stored = await find(connection, workflow_id)
                async with as_engine(connection):
                    await rows.describe(connection, workflow_id, revision, message)
                found = await rows.get(connection, workflow_id, revision)
                if found is None:
                    raise revision_not_found(workflow_id, revision)
                await note(connection, principal, stored, "workflow.describe_version", {"described": revision})
                return found.about

    async def compare(self, principal: Principal, workflow_id: UUID, before: int, after: int) -> Difference:
        """What changes from one revision to another."""
        old = await self.get(principal, workflow_id, before)
        new = await self.get(principal, workflow_id, after)
        return compare(as_far_as_read(old.definition), as_far_as_read(new.definition))

    async def restore(
        self,
        principal: Principal,
        workflow_id: UUID,
        revision: int,
        *,
        expected_revision: int | None,
        message: str | None = None,
    ) -> StoredWorkflow:
        """Save what the workflow was as its next revision; what is published stays as it is.

        Raises:
            PreconditionFailed, InvalidWorkflow, Conflict: as `Workflows.update`.
        """
        found = await self.get(principal, workflow_id, revision)
        fields = WorkflowFields(found.definition, message=message or f"Restored version {revision}.")
        return await self.workflows.update(principal, workflow_id, fields, expected_revision=expected_revision)


def as_far_as_read(definition: JsonObject) -> Workflow:
    """A definition of an earlier release too, whatever of it can be read today."""
    return read_workflow(definition)[0]
