"""What can be done with a workflow: save, publish, check, archive, read. Lists are in workflow_lists.py."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.core.access import NO_COMMUNITY, Ownership, Permission
from wingbeat.core.checks import validate, validate_document
from wingbeat.core.document import parse_workflow, read_workflow
from wingbeat.core.errors import Conflict
from wingbeat.core.licence import Feature, licence_features
from wingbeat.core.limits import DEFAULT_CAPS, DEFAULT_LIMITS
from wingbeat.core.problems import InvalidWorkflow, Severity
from wingbeat.services.catalog import bring_up_to_date
from wingbeat.services.licence import Unlimited
from wingbeat.services.permissions import access
from wingbeat.services.reference_checks import check_references, list_references, reach_of, refuse_written_secrets
from wingbeat.services.trigger_rows.in_line import bring_in_line
from wingbeat.services.workflow_rules import (
    describe,
    find,
    find_definition,
    hash_fields,
    normalise,
    note,
    refuse_missing_error_workflow,
    refuse_move,
    refuse_stale,
    saver_of,
    settle,
)
from wingbeat.storage import idempotency
from wingbeat.storage import workflows as rows
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.revisions import describe as describe_revision
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.graph import Workflow
    from wingbeat.core.json_value import Json
    from wingbeat.core.limits import Limits
    from wingbeat.core.node_kind import Catalog
    from wingbeat.core.problems import Problem
    from wingbeat.services.licence import Gate
    from wingbeat.services.workflow_rules import Wishes
    from wingbeat.storage.pool import Database
    from wingbeat.storage.workflows import StoredWorkflow, WorkflowFields, WorkflowHeader

CREATE = "workflow.create"


class Request(NamedTuple):
    """What was asked for, as an idempotency key stands for it."""

    operation: str
    hash: bytes


class Created(NamedTuple):
    """A workflow that a request led to; `replayed` if the same request came before and led to it then."""

    workflow: StoredWorkflow
    replayed: bool


class Read(NamedTuple):
    """A workflow, and what the caller may do with it."""

    workflow: StoredWorkflow
    permissions: frozenset[Permission]


class Checked(NamedTuple):
    """A definition and all that is wrong with it; warnings leave it valid."""

    problems: list[Problem]

    @property
    def valid(self) -> bool:
        """Whether it could be published."""
        return all(problem.severity is not Severity.ERROR for problem in self.problems)


@dataclass(frozen=True)
class Workflows:
    """The use cases of workflows.

    A method that is given `expected_revision` changes nothing unless the workflow still has that revision
    (PreconditionFailed). All raise NotFound for an id that there is not or that the caller may not see, Forbidden for
    what the caller may not do with what it sees, and DatabaseUnavailable.
    """

    database: Database
    catalog: Catalog
    caps: Limits = DEFAULT_CAPS
    limits: Limits = DEFAULT_LIMITS
    gate: Gate = field(default_factory=Unlimited)

    async def create(
        self,
        principal: Principal,
        fields: WorkflowFields,
        *,
        idempotency_key: str | None = None,
        made_by: Request | None = None,
    ) -> Created:
        """Save a new draft, whose author is the caller. It may have problems, as long as it can be read.

        What the key stands for is `made_by` where the fields follow from something else that was asked for.

        Raises:
            Forbidden: the caller may make nothing in the community, or its licence allows no more workflows.
            Unlicensed: the community has no licence for workflows.
            InvalidWorkflow: it cannot be read, or a secret is written into it.
            Conflict: `IDEMPOTENCY_KEY_REUSED`.
        """
        fields = self._normalise(fields)
        asked = made_by or Request(CREATE, hash_fields(fields))
        workflow_id, community_id = new_id(), fields.community_id or NO_COMMUNITY
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                access.require_community(principal, community_id)
                if idempotency_key is not None:
                    earlier = await idempotency.remember(
                        connection, asked.operation, idempotency_key, asked.hash, workflow_id, owner=principal.key
                    )
                    if earlier is not None:
                        await access.require(connection, principal, earlier, Permission.VIEW)
                        return Created(await find(connection, earlier), replayed=True)
                await refuse_missing_error_workflow(connection, principal, workflow_id, fields)
                await self.gate.require(community_id, [Feature.WORKFLOWS])
                await self.gate.require_room(connection, community_id)
                reach = reach_of(principal, principal.user_id, community_id)
                stored = await rows.insert(
                    connection,
                    workflow_id,
                    fields,
                    author_id=principal.user_id,
                    saver=saver_of(principal, reach),
                )
                await note(connection, principal, stored, asked.operation)
                return Created(stored, replayed=False)

    async def get(
        self, principal: Principal, workflow_id: UUID, permission: Permission = Permission.VIEW
    ) -> StoredWorkflow:
        """The workflow as it is being edited, for somebody who may do this with it."""
        return (await self.read(principal, workflow_id, permission)).workflow

    async def read(self, principal: Principal, workflow_id: UUID, permission: Permission = Permission.VIEW) -> Read:
        """The same, with all that the caller may do with it."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                allowed = await access.require(connection, principal, workflow_id, permission)
                return Read(await find(connection, workflow_id), allowed)

    async def update(
        self, principal: Principal, workflow_id: UUID, fields: WorkflowFields, *, expected_revision: int | None
    ) -> StoredWorkflow:
        """Save the next revision. What is published stays as it is until it is published again.

        What is about it and was not said stays as it is, its community too.

        Raises:
            Forbidden: the caller may not take it out of its community, or not put it into the other one.
            InvalidWorkflow: it cannot be read, or a secret is written into it.
            Conflict: `WORKFLOW_ARCHIVED`.
        """
        fields = self._normalise(fields)
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require(connection, principal, workflow_id, Permission.EDIT)
                before = (await self._lock(connection, workflow_id, expected_revision)).header
                if fields.community_id is None:
                    fields = replace(fields, community_id=before.community_id)
                elif fields.community_id != before.community_id:
                    refuse_move(principal, before, fields.community_id)
                    await self.gate.require(fields.community_id, [Feature.WORKFLOWS])
                    await self.gate.require_room(connection, fields.community_id)
                await refuse_missing_error_workflow(connection, principal, workflow_id, fields)
                reach = reach_of(principal, before.author_id, fields.community_id or NO_COMMUNITY)
                stored = await rows.update(connection, workflow_id, fields, saver=saver_of(principal, reach))
                await note(connection, principal, stored, "workflow.update")
                return stored

    async def publish(
        self,
        principal: Principal,
        workflow_id: UUID,
        *,
        expected_revision: int | None = None,
        revision: int | None = None,
        message: str | None = None,
    ) -> StoredWorkflow:
        """Make a revision the one that runs: the present one, or an earlier. Again, it changes nothing but the time.

        A `message` says what has changed with it, in place of what was said before.

        Raises:
            NotFound: `REVISION_NOT_FOUND`.
            InvalidWorkflow: it has errors; all its problems are listed.
            Conflict: `WORKFLOW_ARCHIVED`.
        """
        await bring_up_to_date(self.catalog)
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require(connection, principal, workflow_id, Permission.EDIT)
                stored = await self._lock(connection, workflow_id, expected_revision)
                revision = revision or stored.header.revision
                workflow = parse_workflow(await find_definition(connection, stored, revision))
                async with as_engine(connection):
                    checked = await self._check(connection, principal, workflow, stored.header)
                if not checked.valid:
                    raise InvalidWorkflow(checked.problems)
                await self.gate.require(stored.header.community_id, licence_features(workflow))
                published = await rows.publish(connection, workflow_id, revision, workflow)
                reach = reach_of(principal, published.header.author_id, published.header.community_id)
                async with as_engine(connection):
                    await rows.vouch(connection, published.header, reach)
                    if message is not None:
                        await describe_revision(connection, workflow_id, revision, message)
                    await bring_in_line(connection, workflow_id, workflow)
                await note(connection, principal, published, "workflow.publish")
                return published

    async def unpublish(
        self, principal: Principal, workflow_id: UUID, *, expected_revision: int | None = None
    ) -> StoredWorkflow:
        """Let nothing begin any more; what runs goes on. A draft stays as it is.

        Raises:
            Conflict: `WORKFLOW_ARCHIVED`.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require(connection, principal, workflow_id, Permission.EDIT)
                stored = await self._lock(connection, workflow_id, expected_revision)
                if stored.header.published_revision is None:
                    return stored
                withdrawn = await rows.withdraw(connection, workflow_id)
                async with as_engine(connection):
                    await bring_in_line(connection, workflow_id, None)
                await note(connection, principal, withdrawn, "workflow.unpublish")
                return withdrawn

    async def archive(
        self, principal: Principal, workflow_id: UUID, *, expected_revision: int | None = None
    ) -> StoredWorkflow:
        """Take the workflow out of use. Archiving it again changes nothing; its executions stay."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require(connection, principal, workflow_id, Permission.DELETE)
                stored = await find(connection, workflow_id, lock=True)
                refuse_stale(stored, expected_revision)
                if stored.header.status == "archived":
                    return stored
                archived = await rows.archive(connection, workflow_id)
                async with as_engine(connection):
                    await bring_in_line(connection, workflow_id, None)
                await note(connection, principal, archived, "workflow.archive")
                return archived

    async def restore(
        self, principal: Principal, workflow_id: UUID, *, expected_revision: int | None = None
    ) -> StoredWorkflow:
        """Take the workflow out of the archive, as a draft. One that is not there stays as it is.

        Raises:
            Unlicensed, Forbidden: the licence of its community allows no more workflows.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require(connection, principal, workflow_id, Permission.DELETE)
                stored = await find(connection, workflow_id, lock=True)
                refuse_stale(stored, expected_revision)
                if stored.header.status != "archived":
                    return stored
                community_id = stored.header.community_id
                await self.gate.require(community_id, [Feature.WORKFLOWS])
                await self.gate.require_room(connection, community_id)
                restored = await rows.withdraw(connection, workflow_id)
                await note(connection, principal, restored, "workflow.restore")
                return restored

    async def organise(
        self, principal: Principal, workflow_id: UUID, wishes: Wishes, *, expected_revision: int | None = None
    ) -> StoredWorkflow:
        """Change what is about a workflow and in no revision: whether it is switched on, its tags, its folder.

        Raises:
            Conflict: `WORKFLOW_ARCHIVED`, `TAGS_FULL`.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require(connection, principal, workflow_id, Permission.EDIT)
                stored = await self._lock(connection, workflow_id, expected_revision)
                changes = settle(wishes, stored.header)
                organised = await rows.organise(connection, workflow_id, changes)
                await note(connection, principal, organised, "workflow.organise", describe(changes))
                return organised

    async def validate(self, principal: Principal, workflow_id: UUID) -> Checked:
        """All that is wrong with a workflow as it is being edited."""
        stored = await self.get(principal, workflow_id)
        return await self.validate_document(principal, stored.definition)

    async def validate_document(self, principal: Principal, document: Json) -> Checked:
        """All that is wrong with a definition that is not saved, for somebody who would save it."""
        await bring_up_to_date(self.catalog)
        problems = validate_document(document, self.catalog, self.caps, self.limits)
        references = list_references(read_workflow(document)[0], self.catalog)
        if any(references):
            with translate_errors():
                async with self.database.pool.acquire() as connection:
                    problems.extend(await check_references(connection, principal, references))
        return Checked(problems)

    def _normalise(self, fields: WorkflowFields) -> WorkflowFields:
        """The fields as they are stored; raises InvalidWorkflow."""
        fields = normalise(fields)
        refuse_written_secrets(parse_workflow(fields.definition), self.catalog)
        return fields

    async def _check(
        self, connection: asyncpg.Connection, principal: Principal, workflow: Workflow, header: WorkflowHeader
    ) -> Checked:
        problems = validate(workflow, self.catalog, self.caps, self.limits)
        references = list_references(workflow, self.catalog)
        owner = Ownership(header.author_id, header.community_id)
        return Checked([*problems, *await check_references(connection, principal, references, owner)])

    @staticmethod
    async def _lock(connection: asyncpg.Connection, workflow_id: UUID, expected_revision: int | None) -> StoredWorkflow:
        stored = await find(connection, workflow_id, lock=True)
        refuse_stale(stored, expected_revision)
        if stored.header.status == "archived":
            raise Conflict(
                f"The workflow {workflow_id} is archived; nothing was changed.",
                code="WORKFLOW_ARCHIVED",
                remedy="Restore it from the archive first, or duplicate it.",
            )
        return stored
