"""What can be done with tasks: create, read, list, change, assign, complete, cancel.

A step that waits for a task goes on in the transaction that closes it.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from wingbeat.core.access import (
    BY_ROLE,
    NO_COMMUNITY,
    ON_A_THING,
    SYSTEM,
    Ownership,
    Permission,
    permissions_on,
    with_view,
)
from wingbeat.core.errors import Conflict, InvalidInput, PreconditionFailed
from wingbeat.core.people import names_of
from wingbeat.sdk.form_fields import read_form
from wingbeat.sdk.tasks import WAIT_KIND
from wingbeat.sdk.typed_fields import check_fields
from wingbeat.services.people.names import own_name
from wingbeat.services.permissions import access
from wingbeat.services.workflow_rules import NO_REVISION
from wingbeat.storage import audit, idempotency, waits
from wingbeat.storage import tasks as rows
from wingbeat.storage.access import read_workflow_ownership
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.scoping import as_engine
from wingbeat.storage.tasks import TaskFields, TaskOrigin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.storage.paging import Page, Paging
    from wingbeat.storage.pool import Database
    from wingbeat.storage.tasks import StoredTask, TaskFilter

CREATE = "task.create"
OPEN = frozenset(("open", "in_progress"))
TASK = access.Kind("task", "TASK_NOT_FOUND", "List the tasks to find its id.")
DOING = frozenset({Permission.VIEW, Permission.EXECUTE})
# What whoever does a task may change of it without being allowed to change what it says.
OF_DOERS = frozenset({"status", "assignee"})


class CreatedTask(NamedTuple):
    """A task that a request led to; `replayed` if the same request came before and led to it then."""

    task: StoredTask
    replayed: bool


class Closing(NamedTuple):
    """How a task ends: `done` or `cancelled`; by whom, and by which step, if one does it."""

    status: str
    result: Json = None
    closed_by: str = ""
    step: str = ""


@dataclass(frozen=True)
class Tasks:
    """The use cases of tasks.

    A method that is given `expected_revision` changes nothing unless the task still has that revision
    (PreconditionFailed). All raise NotFound (`TASK_NOT_FOUND`) for an id that there is not or whose task the caller may
    not see, Forbidden for what the caller may not do, and DatabaseUnavailable; those that change something raise
    Conflict (`TASK_CLOSED`) for a task that is done or cancelled.
    """

    database: Database

    async def create(
        self, principal: Principal, fields: TaskFields, origin: TaskOrigin, *, idempotency_key: str | None = None
    ) -> CreatedTask:
        """A new task, whose author is the caller; raises Conflict `IDEMPOTENCY_KEY_REUSED`."""
        task_id, origin = new_id(), replace(origin, author_id=principal.user_id)
        async with self._transaction(principal) as connection:
            access.require_community(principal, origin.community_id)
            if idempotency_key is not None:
                digest = idempotency.hash_request(repr((fields, origin)).encode())
                earlier = await idempotency.remember(
                    connection, CREATE, idempotency_key, digest, task_id, owner=principal.key
                )
                if earlier is not None:
                    return CreatedTask(await find(connection, principal, earlier), replayed=True)
            async with as_engine(connection):
                created = await rows.insert(connection, task_id, fields, origin, [])
            await note(connection, principal, created, "task.create")
            return CreatedTask(created, replayed=False)

    async def put(self, task_id: UUID, fields: TaskFields, origin: TaskOrigin, form: Json) -> StoredTask:
        """The task with this id, which is made if there is none; raises InvalidInput for what cannot be stored."""
        refuse_unstorable(fields)
        async with self._transaction(SYSTEM) as connection:
            return await rows.insert(connection, task_id, fields, origin, form)

    async def admit(self, task_id: UUID, execution_id: UUID) -> None:
        """Make sure that the steps of an execution may do something with a task: it is of their workflow's owner.

        Raises:
            NotFound: there is no such task, or it is somebody else's.
        """
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                reached = await rows.is_reached(connection, task_id, execution_id)
                if reached is False:
                    await audit.write(connection, foreign_use(task_id, execution_id))
        if not reached:
            raise access.missing(TASK, task_id)

    async def get(self, principal: Principal, task_id: UUID) -> StoredTask:
        """The task."""
        async with self._transaction(principal) as connection:
            return await find(connection, principal, task_id)

    async def list(
        self, principal: Principal, wanted: TaskFilter, paging: Paging
    ) -> tuple[Page[StoredTask], int | None]:
        """One page of those that the caller may see, and how many there are if the page is named by its number."""
        async with self._transaction(principal) as connection:
            page = await rows.list_page(connection, principal, wanted, paging)
            total = await rows.count(connection, principal, wanted) if paging.cursor is None else None
        return page, total

    async def change(
        self, principal: Principal, task_id: UUID, changes: Mapping[str, Any], *, expected_revision: int | None = None
    ) -> StoredTask:
        """Replace some of the fields of `TaskFields`; its status to one that is not an end.

        Who is to do a task may begin it and hand it on; the rest is for those who may change it.
        """
        permission = Permission.EXECUTE if changes.keys() <= OF_DOERS else Permission.EDIT
        async with self._transaction(principal) as connection:
            stored = await lock(connection, principal, task_id, permission, expected_revision)
            refuse_closed(stored)
            before = TaskFields(**{name: getattr(stored, name) for name in TaskFields.__slots__})
            fields = replace(before, **changes)
            refuse_unstorable(fields)
            async with as_engine(connection):
                changed = await rows.update(connection, task_id, fields)
            await note(connection, principal, changed, "task.change")
            return changed

    async def close(
        self, principal: Principal, task_id: UUID, closing: Closing, *, expected_revision: int | None = None
    ) -> StoredTask:
        """It is done or cancelled, and whoever waits for it goes on. The same step may say so again.

        Raises:
            Forbidden: it names somebody else than the caller.
            InvalidInput: `TASK_RESULT_INVALID`, where the result does not fit the task's form.
        """
        async with self._transaction(principal) as connection:
            stored = await lock(connection, principal, task_id, Permission.EXECUTE, expected_revision)
            closed_by = own_name(principal, closing.closed_by, TASK.name, task_id)
            if closing.step and stored.closing_step == closing.step:
                return stored
            refuse_closed(stored)
            result = fitting_result(stored, closing.result) if closing.status == "done" else None
            async with as_engine(connection):
                closed = await rows.close(
                    connection,
                    task_id,
                    status=closing.status,
                    result=result,
                    closed_by=closed_by,
                    closing_step=closing.step,
                )
                await waits.resolve_all(connection, WAIT_KIND, str(task_id), show(closed))
            await note(connection, principal, closed, f"task.{closing.status}")
            return closed

    @asynccontextmanager
    async def _transaction(self, principal: Principal) -> AsyncIterator[asyncpg.Connection]:
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                yield connection


def show(task: StoredTask) -> JsonObject:
    """The task as callers and workflows see it: plain JSON."""
    hidden = {"closing_step"}
    return {name: plain(getattr(task, name)) for name in task.__slots__ if name not in hidden}


def plain(value: Any) -> Json:  # noqa: ANN401 - of a row
    """A value of a row as plain JSON."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    found: Json = value
    return found


def refuse_unstorable(fields: TaskFields) -> None:
    """Raise InvalidInput for texts that the database cannot keep."""
    encode_json([fields.title, fields.description, fields.assignee, list(fields.labels)])


def fitting_result(task: StoredTask, result: Json) -> Json:
    """The result with the types of the task's form; any will do where it has none. Raises InvalidInput."""
    encode_json(result)
    form = read_form(task.form)
    if not form:
        return result
    if not isinstance(result, dict):
        raise bad_result("it is no object of the form's fields", {})
    values, faults = check_fields(form, result)
    if faults:
        name, why = next(iter(faults.items()))
        raise bad_result(f"'{name}' {why}", faults)
    return values


def bad_result(why: str, faults: Mapping[str, str]) -> InvalidInput:
    """What to say of a result that the task did not ask for."""
    problems: list[Json] = [{"field": f"result.{name}", "message": said} for name, said in faults.items()]
    return InvalidInput(
        f"The result does not fit the task's form: {why}; nothing was changed.",
        code="TASK_RESULT_INVALID",
        remedy="Read the task's form, and send a value of the right type for each field.",
        details={"problems": problems},
    )


async def find(
    connection: asyncpg.Connection, principal: Principal, task_id: UUID, permission: Permission = Permission.VIEW
) -> StoredTask:
    """The task, for somebody who may do this with it; raises NotFound and Forbidden."""
    stored = await rows.get(connection, task_id)
    access.decide(await allowed_on(connection, principal, stored), permission, TASK, task_id)
    if stored is None:
        raise access.missing(TASK, task_id, permission)
    return stored


async def allowed_on(
    connection: asyncpg.Connection, principal: Principal, task: StoredTask | None
) -> frozenset[Permission]:
    """What the caller may do with a task.

    Whoever it is addressed to sees and does it. Whoever may see the workflow that made it sees it, and so on. In its
    community it is for those who may run things there, whose role then says the rest.
    """
    if task is None:
        return frozenset()
    found = permissions_on(principal, Ownership(task.author_id))
    by_role = BY_ROLE.get(principal.communities.get(task.community_id, ""), frozenset())
    if task.community_id != NO_COMMUNITY and Permission.EXECUTE in by_role:
        found |= by_role
    if task.assignee and task.assignee in names_of(principal):
        found |= DOING
    if task.workflow_id is not None and not principal.unrestricted:
        ownership = await read_workflow_ownership(connection, principal, task.workflow_id)
        found |= permissions_on(principal, ownership) if ownership is not None else frozenset()
    return found & with_view(principal.scopes & ON_A_THING)


async def lock(
    connection: asyncpg.Connection,
    principal: Principal,
    task_id: UUID,
    permission: Permission,
    expected_revision: int | None,
) -> StoredTask:
    """The task, kept from changing, and as the caller knows it; raises NotFound, Forbidden and PreconditionFailed."""
    await find(connection, principal, task_id, permission)
    async with as_engine(connection):
        locked = await rows.get(connection, task_id, lock=True)
    # What counts is how it is now that it is locked: it may have been given to somebody else.
    access.decide(await allowed_on(connection, principal, locked), permission, TASK, task_id)
    if locked is None:
        raise access.missing(TASK, task_id, permission)
    stored = locked
    if expected_revision is None or expected_revision == stored.revision:
        return stored
    raise PreconditionFailed(
        "What was sent as the ETag of the task is none that it can have; nothing was changed."
        if expected_revision == NO_REVISION
        else f"The task is at revision {stored.revision} by now, not {expected_revision}; nothing was changed.",
        code="ETAG_UNKNOWN" if expected_revision == NO_REVISION else "REVISION_STALE",
        remedy="Read it again, apply your change to what it is now, and send that with its ETag.",
        details={"current_revision": stored.revision},
    )


async def note(connection: asyncpg.Connection, principal: Principal, task: StoredTask, action: str) -> None:
    """Record what somebody did with a task."""
    event = AuditEvent(
        Category.AUDIT,
        action,
        TASK.name,
        str(task.task_id),
        actor=principal.name,
        community_id=task.community_id,
        execution_id=task.execution_id,
        detail={"revision": task.revision},
    )
    await audit.write(connection, event)


def foreign_use(task_id: UUID, execution_id: UUID) -> AuditEvent:
    """What is written down when a step would do something with a task that is not its workflow's owner's."""
    return AuditEvent(
        Category.AUTHZ, "task.use", TASK.name, str(task_id), execution_id=execution_id, result="TASK_NOT_FOUND"
    )


def refuse_closed(task: StoredTask) -> None:
    """Raise Conflict for a task that is done or cancelled."""
    if task.status not in OPEN:
        raise Conflict(
            f"The task '{task.title[:80]}' is {task.status}; nothing was changed.",
            code="TASK_CLOSED",
            remedy="Create another task, if there is more to do.",
            details={"status": task.status},
        )
