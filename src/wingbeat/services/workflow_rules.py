"""What the use cases of workflows have in common: finding one, refusing what may not be, recording what was done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.core.access import NO_COMMUNITY, Permission
from wingbeat.core.document import parse_workflow, workflow_to_json
from wingbeat.core.errors import Conflict, NotFound, PreconditionFailed
from wingbeat.services.permissions import access
from wingbeat.storage import audit, idempotency, live
from wingbeat.storage import workflows as rows
from wingbeat.storage.access import select_workflows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.workflows import Changes, Saver

if TYPE_CHECKING:
    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.storage.workflows import Reach, StoredWorkflow, WorkflowFields, WorkflowHeader

# An expected revision that no workflow ever has: the first is 1. It stands for an ETag that is none of ours.
NO_REVISION = 0
MOST_TAGS = 20


class Wishes(NamedTuple):
    """What somebody wants of what is about a workflow; None stays as it is. Tags are replaced, or some added."""

    enabled: bool | None = None
    tags: tuple[str, ...] | None = None
    folder: str | None = None
    more_tags: tuple[str, ...] = ()
    fewer_tags: tuple[str, ...] = ()


def settle(wishes: Wishes, header: WorkflowHeader) -> Changes:
    """What that comes to for a workflow.

    Raises:
        Conflict: `TAGS_FULL`.
    """
    tags = header.tags if wishes.tags is None else wishes.tags
    kept = dict.fromkeys(tag for tag in (*tags, *wishes.more_tags) if tag not in wishes.fewer_tags)
    if len(kept) > MOST_TAGS:
        raise Conflict(
            f"The workflow would have {len(kept)} tags; at most {MOST_TAGS} are allowed. Nothing was changed.",
            code="TAGS_FULL",
            remedy="Take some of its tags away first.",
        )
    return Changes(wishes.enabled, tuple(kept), wishes.folder)


def describe(changes: Changes) -> JsonObject:
    """The changes, for the record."""
    told: JsonObject = {"tags": list(changes.tags or ())}
    if changes.enabled is not None:
        told["enabled"] = changes.enabled
    if changes.folder is not None:
        told["folder"] = changes.folder
    return told


async def find(connection: asyncpg.Connection, workflow_id: UUID, *, lock: bool = False) -> StoredWorkflow:
    """The workflow; whether somebody may see it, `services.permissions.access` says.

    Raises:
        NotFound: there is none with this id.
    """
    stored = await rows.get(connection, workflow_id, lock=lock)
    if stored is None:
        raise access.workflow_not_found(workflow_id)
    return stored


async def find_definition(connection: asyncpg.Connection, stored: StoredWorkflow, revision: int) -> JsonObject:
    """What a workflow was under that number.

    Raises:
        NotFound: `REVISION_NOT_FOUND`, it never had one.
    """
    if revision == stored.header.revision:
        return stored.definition
    definition = await rows.get_revision(connection, stored.header.workflow_id, revision)
    if definition is None:
        raise revision_not_found(stored.header.workflow_id, revision)
    return definition


def revision_not_found(workflow_id: UUID, revision: int) -> NotFound:
    """What a missing revision answers."""
    return NotFound(
        f"The workflow {workflow_id} has no revision {revision}.",
        code="REVISION_NOT_FOUND",
        remedy="List its versions to see which there are.",
    )


def saver_of(principal: Principal, reach: Reach) -> Saver:
    """As whom the caller saves a revision."""
    return Saver(principal.user_id, principal.name, reach)


async def note(
    connection: asyncpg.Connection,
    principal: Principal,
    stored: StoredWorkflow,
    action: str,
    detail: JsonObject | None = None,
) -> None:
    """Record that somebody changed a workflow, with the change, and tell whoever has it open."""
    header = stored.header
    event = AuditEvent(
        Category.AUDIT,
        action,
        "workflow",
        str(header.workflow_id),
        actor=principal.name,
        community_id=header.community_id,
        detail={"revision": header.revision, **(detail or {})},
    )
    await audit.write(connection, event)
    # Whoever has it open hears of it once this is committed; where nobody has, nobody listens.
    await live.tell_edited(connection, header, action.removeprefix("workflow."), principal.name)


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
    enabled = fields.enabled is not False
    about: list[Json] = [fields.version or "1.0.0", enabled, fields.entity_id or 0, fields.community_id]
    if fields.tags or fields.folder:
        about += [list(fields.tags or ()), fields.folder]
    return idempotency.hash_request(encode_json(fields.definition), encode_json(about))
