"""What can be done with tasks: create, read, list, change, assign, complete, cancel.

A step that waits for a task goes on in the transaction that closes it.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from wingbeat.core.errors import Conflict, InvalidInput, NotFound, PreconditionFailed
from wingbeat.sdk.form_fields import read_form
from wingbeat.sdk.tasks import WAIT_KIND
from wingbeat.sdk.typed_fields import check_fields
from wingbeat.services.workflows import NO_REVISION
from wingbeat.storage import idempotency, waits
from wingbeat.storage import tasks as rows
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.tasks import TaskFields, TaskOrigin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.storage.paging import Page, Paging
    from wingbeat.storage.pool import Database
    from wingbeat.storage.tasks import StoredTask, TaskFilter

CREATE = "task.create"
OPEN = frozenset(("open", "in_progress"))


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
    (PreconditionFailed). All raise NotFound (`TASK_NOT_FOUND`) for an id that there is not, and DatabaseUnavailable;
    those that change something raise Conflict (`TASK_CLOSED`) for a task that is done or cancelled.
    """

    database: Database

    async def create(
        self, fields: TaskFields, origin: TaskOrigin, *, idempotency_key: str | None = None
    ) -> CreatedTask:
        """A new task; raises Conflict `IDEMPOTENCY_KEY_REUSED`."""
        task_id = new_id()
        async with self._transaction() as connection:
            if idempotency_key is not None:
                digest = idempotency.hash_request(repr((fields, origin)).encode())
                earlier = await idempotency.remember(connection, CREATE, idempotency_key, digest, task_id)
                if earlier is not None:
                    return CreatedTask(await find(connection, earlier), replayed=True)
            return CreatedTask(await rows.insert(connection, task_id, fields, origin, []), replayed=False)

    async def put(self, task_id: UUID, fields: TaskFields, origin: TaskOrigin, form: Json) -> StoredTask:
        """The task with this id, which is made if there is none; raises InvalidInput for what cannot be stored."""
        refuse_unstorable(fields)
        async with self._transaction() as connection:
            return await rows.insert(connection, task_id, fields, origin, form)

    async def get(self, task_id: UUID) -> StoredTask:
        """The task."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                return await find(connection, task_id)

    async def list(self, wanted: TaskFilter, paging: Paging) -> tuple[Page[StoredTask], int | None]:
        """One page, and how many there are if the page is named by its number."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                page = await rows.list_page(connection, wanted, paging)
                total = await rows.count(connection, wanted) if paging.cursor is None else None
        return page, total

    async def change(
        self, task_id: UUID, changes: Mapping[str, Any], *, expected_revision: int | None = None
    ) -> StoredTask:
        """Replace some of the fields of `TaskFields`; its status to one that is not an end."""
        async with self._transaction() as connection:
            stored = await lock(connection, task_id, expected_revision)
            refuse_closed(stored)
            before = TaskFields(**{name: getattr(stored, name) for name in TaskFields.__slots__})
            fields = replace(before, **changes)
            refuse_unstorable(fields)
            return await rows.update(connection, task_id, fields)

    async def close(self, task_id: UUID, closing: Closing, *, expected_revision: int | None = None) -> StoredTask:
        """It is done or cancelled, and whoever waits for it goes on. The same step may say so again.

        Raises:
            InvalidInput: `TASK_RESULT_INVALID`, where the result does not fit the task's form.
        """
        async with self._transaction() as connection:
            stored = await lock(connection, task_id, expected_revision)
            if closing.step and stored.closing_step == closing.step:
                return stored
            refuse_closed(stored)
            result = fitting_result(stored, closing.result) if closing.status == "done" else None
            closed = await rows.close(
                connection,
                task_id,
                status=closing.status,
                result=result,
                closed_by=closing.closed_by,
                closing_step=closing.step,
            )
            await waits.resolve_all(connection, WAIT_KIND, str(task_id), show(closed))
            return closed

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[asyncpg.Connection]:
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
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


async def find(connection: asyncpg.Connection, task_id: UUID, *, locked: bool = False) -> StoredTask:
    """The task; raises NotFound."""
    stored = await rows.get(connection, task_id, lock=locked)
    if stored is None:
        raise NotFound(f"There is no task {task_id}.", code="TASK_NOT_FOUND", remedy="List the tasks to find its id.")
    return stored


async def lock(connection: asyncpg.Connection, task_id: UUID, expected_revision: int | None) -> StoredTask:
    """The task, kept from changing, and as the caller knows it; raises NotFound and PreconditionFailed."""
    stored = await find(connection, task_id, locked=True)
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


def refuse_closed(task: StoredTask) -> None:
    """Raise Conflict for a task that is done or cancelled."""
    if task.status not in OPEN:
        raise Conflict(
            f"The task '{task.title[:80]}' is {task.status}; nothing was changed.",
            code="TASK_CLOSED",
            remedy="Create another task, if there is more to do.",
            details={"status": task.status},
        )
