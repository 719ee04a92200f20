"""The addresses of schedules: list, create, read, change, delete, pause, resume, run now, preview."""

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
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import (
    check,
    read_idempotency_key,
    read_object,
    read_revision,
    refuse_body,
    require_revision,
)
from wingbeat.api.routing import IDEMPOTENCY_KEY, IF_MATCH, IF_MATCH_REQUIRED, Operation, add_operation
from wingbeat.api.schedules.bodies import PreviewBody, ScheduleBody
from wingbeat.api.schedules.shapes import ListedScheduleShape, PreviewShape, ScheduleRunShape, ScheduleShape
from wingbeat.api.shapes import Envelope, NoMeta, PageMeta
from wingbeat.sdk.cron import read_zone
from wingbeat.services.schedules.schedules import MOST_PREVIEWED
from wingbeat.storage.paging import Paging

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI

    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.schedule import Next
    from wingbeat.services.schedules.schedules import Schedules
    from wingbeat.storage.schedules import StoredSchedule

TAG = "schedules"
ROOT = "/api/v1/schedules"
OF_WORKFLOW = "/api/v1/workflows/{workflow_id:uuid}/schedules"
ONE = OF_WORKFLOW + "/{schedule_id:uuid}"
ONE_ANSWER = {200: Envelope[ScheduleShape, NoMeta]}
MANY = {200: Envelope[list[ListedScheduleShape], PageMeta]}
TIMES = {200: Envelope[PreviewShape, NoMeta]}
ETAG = ("ETag",)
EDIT, VIEW, EXECUTE = Permission.EDIT, Permission.VIEW, Permission.EXECUTE

LIST_ALL = Operation("GET", ROOT, VIEW, "List the schedules of all workflows", MANY, TAG)
PREVIEW_UNSAVED = Operation(
    "POST", f"{ROOT}/preview", VIEW, "The times that a schedule would have", TIMES, TAG, body=PreviewBody
)
LIST = Operation("GET", OF_WORKFLOW, VIEW, "List the schedules of a workflow", MANY, TAG, errors=(404,))
CREATE = Operation(
    "POST",
    OF_WORKFLOW,
    EDIT,
    "Create a schedule",
    {201: Envelope[ScheduleShape, NoMeta]},
    TAG,
    errors=(404, 409),
    body=ScheduleBody,
    parameters=(IDEMPOTENCY_KEY,),
    headers=("ETag", "Location", "Idempotency-Replayed"),
)
GET = Operation("GET", ONE, VIEW, "Read a schedule", ONE_ANSWER, TAG, errors=(404,), headers=ETAG)
UPDATE = Operation(
    "PUT",
    ONE,
    EDIT,
    "Change a schedule",
    ONE_ANSWER,
    TAG,
    errors=(404, 409, 412, 428),
    body=ScheduleBody,
    parameters=(IF_MATCH_REQUIRED,),
    headers=ETAG,
)
DELETE = Operation(
    "DELETE", ONE, EDIT, "Delete a schedule", ONE_ANSWER, TAG, errors=(404, 409, 412), parameters=(IF_MATCH,)
)
PAUSE = Operation("POST", f"{ONE}/pause", EDIT, "Pause a schedule", ONE_ANSWER, TAG, errors=(404,), headers=ETAG)
RESUME = Operation("POST", f"{ONE}/resume", EDIT, "Let a schedule go on", ONE_ANSWER, TAG, errors=(404,), headers=ETAG)
RUN = Operation(
    "POST",
    f"{ONE}/run",
    EXECUTE,
    "Start what a schedule starts, now",
    {202: Envelope[ScheduleRunShape, NoMeta]},
    TAG,
    errors=(404, 409, 429),
    parameters=(IDEMPOTENCY_KEY,),
    headers=("Idempotency-Replayed",),
)
PREVIEW = Operation("GET", f"{ONE}/preview", VIEW, "The next times of a schedule", TIMES, TAG, errors=(404,))


class ScheduleListQuery(BaseModel):
    """Which schedules to list."""

    model_config = ConfigDict(extra="forbid")

    sort: Literal["-created_at", "created_at", "name", "-name"] = "-created_at"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before; `page` does not count then.")


@dataclass(frozen=True)
class ScheduleRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    schedules: Schedules
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        for operation, endpoint in (
            (LIST_ALL, self.list_schedules),
            (PREVIEW_UNSAVED, self.preview_unsaved_schedule),
            (LIST, self.list_workflow_schedules),
            (CREATE, self.create_schedule),
            (GET, self.get_schedule),
            (UPDATE, self.update_schedule),
            (DELETE, self.delete_schedule),
            (PAUSE, self.pause_schedule),
            (RESUME, self.resume_schedule),
            (RUN, self.run_schedule),
            (PREVIEW, self.preview_schedule),
        ):
            add_operation(app, operation, endpoint)

    async def list_schedules(self, request: Request, query: Annotated[ScheduleListQuery, Query()]) -> Response:
        """One page of those that the caller may see."""
        return await self._list(request, query, None)

    async def list_workflow_schedules(
        self, request: Request, workflow_id: UUID, query: Annotated[ScheduleListQuery, Query()]
    ) -> Response:
        """One page."""
        return await self._list(request, query, workflow_id)

    async def create_schedule(self, request: Request, workflow_id: UUID) -> Response:
        """Its times count from now on."""
        key = read_idempotency_key(request)
        body = check(ScheduleBody, await read_object(request, self.max_body_bytes, required=True))
        created = await self.schedules.create(principal_of(request), workflow_id, body.fields(), idempotency_key=key)
        headers = {"Location": location(workflow_id, created.schedule.schedule_id)}
        if created.replayed:
            headers["Idempotency-Replayed"] = "true"
        return self._answer("The schedule is created.", created.schedule, status=201, headers=headers)

    async def get_schedule(self, request: Request, workflow_id: UUID, schedule_id: UUID) -> Response:
        """With its next time, and what became of its last."""
        return self._answer("The schedule.", await self.schedules.get(principal_of(request), workflow_id, schedule_id))

    async def update_schedule(self, request: Request, workflow_id: UUID, schedule_id: UUID) -> Response:
        """As a whole; its next time changes only if what says when it runs does."""
        body = check(ScheduleBody, await read_object(request, self.max_body_bytes, required=True))
        updated = await self.schedules.update(
            principal_of(request), workflow_id, schedule_id, body.fields(), expected_revision=require_revision(request)
        )
        return self._answer("The schedule is changed.", updated)

    async def delete_schedule(self, request: Request, workflow_id: UUID, schedule_id: UUID) -> Response:
        """Its executions stay."""
        deleted = await self.schedules.delete(
            principal_of(request), workflow_id, schedule_id, expected_revision=read_revision(request)
        )
        return success("The schedule is deleted.", self.schedules.show(deleted))

    async def pause_schedule(self, request: Request, workflow_id: UUID, schedule_id: UUID) -> Response:
        """It fires nothing until it is resumed."""
        return await self._set_paused(request, workflow_id, schedule_id, paused=True)

    async def resume_schedule(self, request: Request, workflow_id: UUID, schedule_id: UUID) -> Response:
        """What it would have fired meanwhile is not made up for."""
        return await self._set_paused(request, workflow_id, schedule_id, paused=False)

    async def run_schedule(self, request: Request, workflow_id: UUID, schedule_id: UUID) -> Response:
        """Also while it is paused."""
        key = read_idempotency_key(request)
        await refuse_body(request, self.max_body_bytes)
        run = await self.schedules.run(principal_of(request), workflow_id, schedule_id, idempotency_key=key)
        headers = {"Idempotency-Replayed": "true"} if run.replayed else {}
        data = {"execution_id": str(run.execution_id), "coalesced": run.coalesced}
        return success("The execution is started.", data, status=202, headers=headers)

    async def preview_schedule(
        self,
        request: Request,
        workflow_id: UUID,
        schedule_id: UUID,
        count: Annotated[int, Query(ge=1, le=MOST_PREVIEWED)] = 10,
    ) -> Response:
        """As if it were not paused."""
        zone, times = await self.schedules.preview(principal_of(request), workflow_id, schedule_id, count)
        return success("The next times.", describe_times(zone, times))

    async def preview_unsaved_schedule(self, request: Request) -> Response:
        """Nothing is made."""
        body = check(PreviewBody, await read_object(request, self.max_body_bytes, required=True))
        zone, times = await self.schedules.preview_unsaved(body.fields(), body.count)
        return success("The next times.", describe_times(zone, times))

    async def _list(self, request: Request, query: ScheduleListQuery, workflow_id: UUID | None) -> Response:
        paging = Paging(query.sort, query.page, query.per_page, query.cursor)
        page, total = await self.schedules.list(principal_of(request), paging, workflow_id=workflow_id)
        last = page.items[-1].schedule.schedule_id if page.items else None
        shown = [
            {
                **self.schedules.show(one.schedule),
                "workflow_name": one.workflow_name,
                "last_execution_status": one.last_execution_status,
            }
            for one in page.items
        ]
        return success("Schedules.", shown, meta=page_meta(paging, total, last if page.more else None))

    async def _set_paused(self, request: Request, workflow_id: UUID, schedule_id: UUID, *, paused: bool) -> Response:
        await refuse_body(request, self.max_body_bytes)
        stored = await self.schedules.set_paused(principal_of(request), workflow_id, schedule_id, paused=paused)
        return self._answer("The schedule is paused." if paused else "The schedule goes on.", stored)

    def _answer(
        self, message: str, stored: StoredSchedule, *, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        etag = {"ETag": f'"{stored.revision}"', **(headers or {})}
        return success(message, self.schedules.show(stored), status=status, headers=etag)


def location(workflow_id: UUID, schedule_id: UUID) -> str:
    """Where a schedule is."""
    return f"/api/v1/workflows/{workflow_id}/schedules/{schedule_id}"


def describe_times(zone: str, times: Sequence[Next]) -> JsonObject:
    """Times that come, as sent to callers."""
    there = read_zone(zone)
    return {
        "timezone": zone,
        "times": [
            {
                "planned_for": one.planned.isoformat(),
                "due_at": one.due.isoformat(),
                "local_time": one.planned.astimezone(there).isoformat(),
            }
            for one in times
        ],
    }
