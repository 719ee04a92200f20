"""What can be done with workflows: save, publish, check, archive, read. Running them is in start.py."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.core.access import NO_COMMUNITY, Ownership, Permission
from wingbeat.core.checks import validate, validate_document
from wingbeat.core.document import parse_workflow, read_workflow, workflow_to_json
from wingbeat.core.errors import Conflict, PreconditionFailed
from wingbeat.core.licence import Feature, licence_features
from wingbeat.core.limits import DEFAULT_CAPS, DEFAULT_LIMITS
from wingbeat.core.problems import InvalidWorkflow, Severity
from wingbeat.services.catalog import bring_up_to_date
from wingbeat.services.licence import Unlimited
from wingbeat.services.permissions import access
from wingbeat.services.reference_checks import check_references, list_references, reach_of
from wingbeat.services.trigger_rows.in_line import bring_in_line
from wingbeat.storage import audit, idempotency
from wingbeat.storage import workflows as rows
from wingbeat.storage.access import select_workflows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.scoping import as_engine
from wingbeat.storage.workflows import StoredWorkflow, WorkflowFields, WorkflowHeader

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.graph import Workflow
    from wingbeat.core.json_value import Json
    from wingbeat.core.limits import Limits
    from wingbeat.core.node_kind import Catalog
    from wingbeat.core.problems import Problem
    from wingbeat.services.licence import Gate
    from wingbeat.storage.paging import Page, Paging
    from wingbeat.storage.pool import Database

STATUSES = ("draft", "published", "archived")
CREATE = "workflow.create"
# An expected revision that no workflow ever has: the first is 1. It stands for an ETag that is none of ours.
NO_REVISION = 0


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
        self, principal: Principal, fields: WorkflowFields, *, idempotency_key: str | None = None
    ) -> Created:
        """Save a new draft, whose author is the caller. It may have problems, as long as it can be read.

        Raises:
            Forbidden: the caller may make nothing in the community, or its licence allows no more workflows.
            Unlicensed: the community has no licence for workflows.
            InvalidWorkflow: it cannot be read.
            Conflict: `IDEMPOTENCY_KEY_REUSED`.
        """
        fields = normalise(fields)
        workflow_id, community_id = new_id(), fields.community_id or NO_COMMUNITY
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                access.require_community(principal, community_id)
                if idempotency_key is not None:
                    earlier = await idempotency.remember(
                        connection, CREATE, idempotency_key, hash_fields(fields), workflow_id, owner=principal.key
                    )
                    if earlier is not None:
                        await access.require(connection, principal, earlier, Permission.VIEW)
                        return Created(await find(connection, earlier), replayed=True)
                await refuse_missing_error_workflow(connection, principal, workflow_id, fields)
                await self.gate.require(community_id, [Feature.WORKFLOWS])
                await self.gate.require_room(connection, community_id)
                reach = reach_of(principal, principal.user_id, community_id)
                stored = await rows.insert(connection, workflow_id, fields, author_id=principal.user_id, reach=reach)
                await note(connection, principal, stored, "workflow.create")
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

    async def list(self, principal: Principal, statuses: Sequence[str], paging: Paging) -> Page[WorkflowHeader]:
        """One page of the workflows that the caller may see and that have one of the statuses."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                return await rows.list_page(connection, principal, statuses, paging)

    async def count(self, principal: Principal, statuses: Sequence[str]) -> int:
        """How many of them there are."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                return await rows.count(connection, principal, statuses)

    async def update(
        self, principal: Principal, workflow_id: UUID, fields: WorkflowFields, *, expected_revision: int | None
    ) -> StoredWorkflow:
        """Save the next revision. What is published stays as it is until it is published again.

        Without a `community_id`, it stays in the community that it is in.

        Raises:
            Forbidden: the caller may not take it out of its community, or not put it into the other one.
            InvalidWorkflow: it cannot be read.
            Conflict: `WORKFLOW_ARCHIVED`.
        """
        fields = normalise(fields)
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
                stored = await rows.update(connection, workflow_id, fields, reach=reach)
                await note(connection, principal, stored, "workflow.update")
                return stored

    async def publish(
        self, principal: Principal, workflow_id: UUID, *, expected_revision: int | None = None
    ) -> StoredWorkflow:
        """Make the present revision the one that runs. Publishing it again changes nothing but the time.

        Raises:
            InvalidWorkflow: it has errors; all its problems are listed.
            Conflict: `WORKFLOW_ARCHIVED`.
        """
        await bring_up_to_date(self.catalog)
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require(connection, principal, workflow_id, Permission.EDIT)
                stored = await self._lock(connection, workflow_id, expected_revision)
                workflow = parse_workflow(stored.definition)
                async with as_engine(connection):
                    checked = await self._check(connection, principal, workflow, stored.header)
                if not checked.valid:
                    raise InvalidWorkflow(checked.problems)
                await self.gate.require(stored.header.community_id, licence_features(workflow))
                published = await rows.publish(connection, workflow_id, workflow)
                reach = reach_of(principal, published.header.author_id, published.header.community_id)
                async with as_engine(connection):
                    await rows.vouch(connection, published.header, reach)
                    await bring_in_line(connection, workflow_id, workflow)
                await note(connection, principal, published, "workflow.publish")
                return published

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
                remedy="Create a new workflow from its definition.",
            )
        return stored


async def find(connection: asyncpg.Connection, workflow_id: UUID, *, lock: bool = False) -> StoredWorkflow:
    """The workflow; whether somebody may see it, `services.permissions.access` says.

    Raises:
        NotFound: there is none with this id.
    """
    stored = await rows.get(connection, workflow_id, lock=lock)
    if stored is None:
        raise access.workflow_not_found(workflow_id)
    return stored


async def note(connection: asyncpg.Connection, principal: Principal, stored: StoredWorkflow, action: str) -> None:
    """Record that somebody changed a workflow, with the change."""
    header = stored.header
    event = AuditEvent(
        Category.AUDIT,
        action,
        "workflow",
        str(header.workflow_id),
        actor=principal.name,
        community_id=header.community_id,
        detail={"revision": header.revision},
    )
    await audit.write(connection, event)


def refuse_move(principal: Principal, before: WorkflowHeader, community_id: int) -> None:
    """Raise Forbidden if the caller has no right in the community that a workflow leaves, or in the one it comes to."""
    personal = NO_COMMUNITY in {before.community_id, community_id}
    if personal and not principal.unrestricted and before.author_id != principal.user_id:
        raise access.denied("workflow", Permission.EDIT, before.workflow_id)
    access.require_community(principal, before.community_id)
    access.require_community(principal, community_id)


def normalise(fields: WorkflowFields) -> WorkflowFields:
    """The fields with the definition as it is stored: read, and written back with its defaults."""
    return replace(fields, definition=workflow_to_json(parse_workflow(fields.definition)))


async def refuse_missing_error_workflow(
    connection: asyncpg.Connection, principal: Principal, workflow_id: UUID, fields: WorkflowFields
) -> None:
    """Raise Conflict if the workflow names an error workflow that there is not, or that the caller may not run."""
    wanted = parse_workflow(fields.definition).settings.error_workflow
    if wanted is None or UUID(wanted) == workflow_id:
        return
    if await select_workflows(connection, principal, [UUID(wanted)], Permission.EXECUTE):
        return
    raise Conflict(
        f"There is no workflow {wanted}, which settings.error_workflow names; nothing was changed.",
        code="ERROR_WORKFLOW_NOT_FOUND",
        remedy="Save the error workflow first, and take its id.",
    )


def refuse_stale(stored: StoredWorkflow, expected_revision: int | None) -> None:
    """Raise PreconditionFailed if somebody saved since the caller read, or if what it expects can never be."""
    current = stored.header.revision
    if expected_revision == NO_REVISION:
        raise PreconditionFailed(
            "What was sent as the ETag of the workflow is not one that a workflow can have; nothing was changed.",
            code="ETAG_UNKNOWN",
            remedy='Send the one ETag that came with the workflow, quotes included, as "3"; or * for any.',
            details={"current_revision": current},
        )
    if expected_revision is not None and expected_revision != current:
        raise PreconditionFailed(
            f"The workflow is at revision {current} by now, not {expected_revision}; nothing was changed.",
            code="REVISION_STALE",
            remedy="Read it again, apply your change to what it is now, and send that with its ETag.",
            details={"current_revision": current, "expected_revision": expected_revision},
        )


def hash_fields(fields: WorkflowFields) -> bytes:
    """Tells one request to create from another."""
    about: Json = [fields.version, fields.enabled, fields.entity_id, fields.community_id]
    return idempotency.hash_request(encode_json(fields.definition), encode_json(about))
