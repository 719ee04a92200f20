"""The addresses of tasks: create, list, read, change, assign, complete, cancel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.paging import page_meta
from wingbeat.api.people.bodies import (
    AssignTaskBody,
    CancelTaskBody,
    ChangeTaskBody,
    CompleteTaskBody,
    Moment,
    NewTaskBody,
)
from wingbeat.api.people.shapes import TaskShape
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import (
    check,
    read_idempotency_key,
    read_object,
    read_revision,
    refuse_nul,
    require_revision,
)
from wingbeat.api.routing import IDEMPOTENCY_KEY, IF_MATCH, IF_MATCH_REQUIRED, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, PageMeta
from wingbeat.services.people.tasks import Closing, show
from wingbeat.storage.paging import Paging
from wingbeat.storage.tasks import TaskFields, TaskFilter, TaskOrigin

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.people.tasks import Tasks
    from wingbeat.storage.tasks import StoredTask

TAG = "tasks"
ROOT = "/api/v1/tasks"
ONE = ROOT + "/{task_id:uuid}"
ONE_ANSWER = Envelope[TaskShape, NoMeta]
ETAG = ("ETag",)
EDIT, VIEW, EXECUTE = Permission.EDIT, Permission.VIEW, Permission.EXECUTE

CREATE = Operation(
    "POST",
    ROOT,
    EDIT,
    "Create a task",
    {201: ONE_ANSWER},
    TAG,
    errors=(409,),
    body=NewTaskBody,
    parameters=(IDEMPOTENCY_KEY,),
    headers=("ETag", "Location", "Idempotency-Replayed"),
)
LIST = Operation("GET", ROOT, VIEW, "List tasks", {200: Envelope[list[TaskShape], PageMeta]}, TAG)
GET = Operation("GET", ONE, VIEW, "Read a task", {200: ONE_ANSWER}, TAG, errors=(404,), headers=ETAG)
CHANGE = Operation(
    "PATCH",
    ONE,
    EDIT,
    "Change a task",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 409, 412, 428),
    body=ChangeTaskBody,
    parameters=(IF_MATCH_REQUIRED,),
    headers=ETAG,
)
ASSIGN = Operation(
    "POST",
    f"{ONE}/assign",
    EXECUTE,
    "Assign a task",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 409, 412),
    body=AssignTaskBody,
    parameters=(IF_MATCH,),
    headers=ETAG,
)
COMPLETE = Operation(
    "POST",
    f"{ONE}/complete",
    EXECUTE,
    "Complete a task; a step that waits for it goes on",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 409, 412),
    body=CompleteTaskBody,
    body_required=False,
    parameters=(IF_MATCH,),
    headers=ETAG,
)
CANCEL = Operation(
    "POST",
    f"{ONE}/cancel",
    EXECUTE,
    "Cancel a task; a step that waits for it goes on",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 409, 412),
    body=CancelTaskBody,
    body_required=False,
    parameters=(IF_MATCH,),
    headers=ETAG,
)


class TaskListQuery(BaseModel):
    """Which tasks to list."""

    model_config = ConfigDict(extra="forbid")

    status: Annotated[list[Literal["open", "in_progress", "done", "cancelled"]], Field(max_length=4)] = []
    assignee: Annotated[str, Field(max_length=320)] | None = None
    execution_id: UUID | None = None
    label: Annotated[str, Field(max_length=100)] | None = None
    due_before: Moment | None = None
    text: Annotated[str, Field(max_length=200, description="Is in the title or the description.")] | None = None
    sort: Literal["-created_at", "created_at", "due_at", "-priority"] = "-created_at"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before; `page` does not count then.")

    def wanted(self) -> TaskFilter:
        """As the database is asked."""
        refuse_nul(assignee=self.assignee, label=self.label, text=self.text)
        return TaskFilter(
            self.status or None, self.assignee, self.execution_id, self.label, self.due_before, self.text or None
        )


@dataclass(frozen=True)
class TaskRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    tasks: Tasks
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        for operation, endpoint in (
            (CREATE, self.create_task),
            (LIST, self.list_tasks),
            (GET, self.get_task),
            (CHANGE, self.change_task),
            (ASSIGN, self.assign_task),
            (COMPLETE, self.complete_task),
            (CANCEL, self.cancel_task),
        ):
            add_operation(app, operation, endpoint)

    async def create_task(self, request: Request) -> Response:
        """One that no workflow made."""
        key = read_idempotency_key(request)
        body = check(NewTaskBody, await read_object(request, self.max_body_bytes, required=True))
        fields = TaskFields(
            body.title, body.description, "open", body.assignee, body.priority, body.due_at, body.labels, body.data
        )
        origin = TaskOrigin(community_id=body.community_id, entity_id=body.entity_id)
        created = await self.tasks.create(principal_of(request), fields, origin, idempotency_key=key)
        headers = {"Location": f"{ROOT}/{created.task.task_id}"}
        if created.replayed:
            headers["Idempotency-Replayed"] = "true"
        return answer("The task is created.", created.task, status=201, headers=headers)

    async def list_tasks(self, request: Request, query: Annotated[TaskListQuery, Query()]) -> Response:
        """One page."""
        paging = Paging(query.sort, query.page, query.per_page, query.cursor)
        page, total = await self.tasks.list(principal_of(request), query.wanted(), paging)
        last = page.items[-1].task_id if page.items else None
        meta = page_meta(paging, total, last if page.more else None)
        return success("Tasks.", [show(task) for task in page.items], meta=meta)

    async def get_task(self, request: Request, task_id: UUID) -> Response:
        """As it is now."""
        return answer("The task.", await self.tasks.get(principal_of(request), task_id))

    async def change_task(self, request: Request, task_id: UUID) -> Response:
        """What the body does not name stays."""
        body = check(ChangeTaskBody, await read_object(request, self.max_body_bytes, required=True))
        changes = {name: getattr(body, name) for name in body.model_fields_set}
        changed = await self.tasks.change(
            principal_of(request), task_id, changes, expected_revision=require_revision(request)
        )
        return answer("The task is changed.", changed)

    async def assign_task(self, request: Request, task_id: UUID) -> Response:
        """To somebody else, or to nobody."""
        body = check(AssignTaskBody, await read_object(request, self.max_body_bytes, required=True))
        changed = await self.tasks.change(
            principal_of(request), task_id, {"assignee": body.assignee}, expected_revision=read_revision(request)
        )
        return answer("The task is assigned.", changed)

    async def complete_task(self, request: Request, task_id: UUID) -> Response:
        """The result is checked by the task's form, where it has one."""
        body = check(CompleteTaskBody, await read_object(request, self.max_body_bytes))
        closing = Closing("done", body.result, body.completed_by)
        closed = await self.tasks.close(
            principal_of(request), task_id, closing, expected_revision=read_revision(request)
        )
        return answer("The task is done.", closed)

    async def cancel_task(self, request: Request, task_id: UUID) -> Response:
        """For good."""
        body = check(CancelTaskBody, await read_object(request, self.max_body_bytes))
        closing = Closing("cancelled", None, body.cancelled_by)
        closed = await self.tasks.close(
            principal_of(request), task_id, closing, expected_revision=read_revision(request)
        )
        return answer("The task is cancelled.", closed)


def answer(message: str, task: StoredTask, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A task with its ETag."""
    return success(message, show(task), status=status, headers={"ETag": f'"{task.revision}"', **(headers or {})})
