"""Tasks as steps use them: each step creates one of its own, once however often it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Conflict, InvalidInput, NotFound, StepError
from wingbeat.services.people.tasks import Closing, Tasks, show
from wingbeat.storage.identifiers import named_id
from wingbeat.storage.pool import patiently
from wingbeat.storage.tasks import StoredTask, TaskFields, TaskOrigin

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.sdk.tasks import NewTask


class Step(Protocol):
    """The step that a tool is used by."""

    @property
    def execution_id(self) -> str:
        """A UUID."""
        ...

    @property
    def workflow_id(self) -> str:
        """A UUID."""
        ...

    @property
    def node_id(self) -> str:
        """Its node."""
        ...

    @property
    def scope(self) -> str:
        """Its iteration."""
        ...

    @property
    def idempotency_key(self) -> str:
        """The same whenever this step runs."""
        ...


@dataclass(frozen=True, slots=True)
class StepTasks:
    """The tool `tasks` of one step; implements `wingbeat.sdk.tasks.Tasks`. It waits for a database that is away."""

    tasks: Tasks
    step: Step

    @property
    def own_id(self) -> str:
        """It follows from the step."""
        return str(named_id("task", self.step.idempotency_key))

    async def create(self, new: NewTask) -> JsonObject:
        """Create the step's task, or find it."""
        due = None if new.due is None else datetime.fromtimestamp(new.due, UTC)
        fields = TaskFields(
            new.title, new.description, "open", new.assignee, new.priority, due, tuple(new.labels), new.data
        )
        step = self.step
        origin = TaskOrigin(UUID(step.workflow_id), UUID(step.execution_id), step.node_id, step.scope)
        return await self._do(lambda: self.tasks.put(UUID(self.own_id), fields, origin, list(new.form)))

    async def read(self, task_id: str) -> JsonObject:
        """The task."""
        found = read_id(task_id)
        return await self._do(lambda: self.tasks.get(SYSTEM, found), found)

    async def change(self, task_id: str, changes: JsonObject) -> JsonObject:
        """Change what is given."""
        found = read_id(task_id)
        wanted: dict[str, Any] = dict(changes)
        if isinstance(wanted.get("due_at"), str):
            wanted["due_at"] = datetime.fromisoformat(wanted["due_at"])
        return await self._do(lambda: self.tasks.change(SYSTEM, found, wanted), found)

    async def complete(self, task_id: str, result: Json) -> JsonObject:
        """It is done, by this step."""
        return await self._close(task_id, "done", result)

    async def cancel(self, task_id: str) -> JsonObject:
        """It is cancelled, by this step."""
        return await self._close(task_id, "cancelled", None)

    async def _close(self, task_id: str, status: str, result: Json) -> JsonObject:
        found = read_id(task_id)
        closing = Closing(status, result, f"workflow {self.step.workflow_id}", self.step.idempotency_key)
        return await self._do(lambda: self.tasks.close(SYSTEM, found, closing), found)

    async def _do(self, work: Callable[[], Awaitable[StoredTask]], task_id: UUID | None = None) -> JsonObject:
        execution_id = UUID(self.step.execution_id)
        try:
            if task_id is not None:
                await patiently(lambda: self.tasks.admit(task_id, execution_id))
            return show(await patiently(work))
        except (Conflict, InvalidInput, NotFound) as error:
            raise StepError(error.message, code=error.code, remedy=error.remedy, details=error.details) from error


def read_id(text: str) -> UUID:
    """The id; raises `StepError` for what is none."""
    try:
        return UUID(text)
    except ValueError as error:
        raise StepError(
            f"'{text[:80]}' is no id of a task.",
            code="TASK_NOT_FOUND",
            remedy="Give the `task_id` that the node which created the task gave.",
            details={"parameter": "task_id"},
        ) from error
