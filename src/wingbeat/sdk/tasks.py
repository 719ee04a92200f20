"""The tool for tasks: things that people are to do, with a list and an API of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from wingbeat.core.errors import StepError
from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.json_value import Json, JsonObject

WAIT_KIND = "task"


class NewTask(NamedTuple):
    """A task to be; `due` in seconds since the epoch, `form` as `wingbeat.sdk.form_fields` keeps it."""

    title: str
    description: str = ""
    assignee: str = ""
    priority: int = 0
    due: float | None = None
    labels: Sequence[str] = ()
    data: Json = None
    form: Sequence[Json] = ()


class Tasks(Protocol):
    """The tasks of the installation. A task comes as an object with `task_id`, `status`, `result` and the rest.

    All but `create` raise `StepError`: `TASK_NOT_FOUND`; where something changes, `TASK_CLOSED`.
    """

    @property
    def own_id(self) -> str:
        """The id of the task that this step creates, and the key of a wait for it."""
        ...

    async def create(self, new: NewTask) -> JsonObject:
        """Create the step's task, once however often the step runs; gives it as it is now."""
        ...

    async def read(self, task_id: str) -> JsonObject:
        """The task as it is."""
        ...

    async def change(self, task_id: str, changes: JsonObject) -> JsonObject:
        """Replace some of `title`, `description`, `status`, `assignee`, `priority`, `due_at`, `labels`, `data`."""
        ...

    async def complete(self, task_id: str, result: Json) -> JsonObject:
        """It is done; raises `TASK_RESULT_INVALID` too, where the task has a form that the result does not fit."""
        ...

    async def cancel(self, task_id: str) -> JsonObject:
        """Nobody is to do it any more."""
        ...


class ExampleTasks:
    """Tasks for the examples of node types.

    The world: `{"tasks": {id: fields}, "own": what becomes of the step's own task}`.
    """

    own_id = "00000000-0000-7000-8000-0000000000aa"

    def __init__(self, world: Json) -> None:
        held = world if isinstance(world, dict) else {}
        tasks, own = held.get("tasks"), held.get("own")
        self.tasks: dict[str, JsonObject] = {
            name: {"task_id": name, "status": "open", "result": None, **cast("JsonObject", fields)}
            for name, fields in (tasks if isinstance(tasks, dict) else {}).items()
        }
        self._own = own if isinstance(own, dict) else {}

    async def create(self, new: NewTask) -> JsonObject:
        """Keep it."""
        fields = {name: value for name, value in new._asdict().items() if name not in {"due", "form"} and value}
        self.tasks[self.own_id] = {"task_id": self.own_id, "status": "open", "result": None, **fields}
        return self.tasks[self.own_id]

    async def read(self, task_id: str) -> JsonObject:
        """As the world says; the step's own is what has become of it."""
        return {**self._find(task_id), **(self._own if task_id == self.own_id else {})}

    async def change(self, task_id: str, changes: JsonObject) -> JsonObject:
        """Change one that is open."""
        return self._put(task_id, changes)

    async def complete(self, task_id: str, result: Json) -> JsonObject:
        """Close one that is open."""
        return self._put(task_id, {"status": "done", "result": result})

    async def cancel(self, task_id: str) -> JsonObject:
        """Close one that is open."""
        return self._put(task_id, {"status": "cancelled"})

    def _find(self, task_id: str) -> JsonObject:
        if task_id not in self.tasks:
            raise StepError(f"There is no task {task_id}.", code="TASK_NOT_FOUND", remedy="Check the id.")
        return self.tasks[task_id]

    def _put(self, task_id: str, changes: JsonObject) -> JsonObject:
        found = self._find(task_id)
        if found["status"] not in {"open", "in_progress"}:
            raise StepError("The task is closed.", code="TASK_CLOSED", remedy="Create another one.")
        self.tasks[task_id] = {**found, **changes}
        return self.tasks[task_id]


TASKS: Tool[Tasks] = Tool("tasks", cast("type[Tasks]", ExampleTasks))
