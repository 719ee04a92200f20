"""The addresses that change what is about workflows, one or many: switched on, tags, folders, in use or not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_object, read_revision, refuse_body, require_revision
from wingbeat.api.routing import IF_MATCH, IF_MATCH_REQUIRED, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.api.workflows.bodies import ChangeManyBody, OrganiseBody
from wingbeat.api.workflows.routes import ONE, ROOT, TAG, answer_workflow
from wingbeat.api.workflows.shapes import ChangeResultShape, WorkflowShape
from wingbeat.services.bulk_changes import Action, Wanted
from wingbeat.services.workflow_rules import Wishes

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.bulk_changes import BulkChanges, Result
    from wingbeat.services.workflows import Workflows


@dataclass(frozen=True)
class OrganisingRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    workflows: Workflows
    bulk: BulkChanges
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        one = Envelope[WorkflowShape, NoMeta]
        results = Envelope[list[ChangeResultShape], NoMeta]
        edit = Permission.EDIT
        organise = Operation(
            "PATCH",
            ONE,
            edit,
            "Change what is about a workflow",
            {200: one},
            TAG,
            errors=(404, 409, 412, 428),
            body=OrganiseBody,
            parameters=(IF_MATCH_REQUIRED,),
            headers=("ETag",),
        )
        unpublish = Operation(
            "POST",
            f"{ONE}/unpublish",
            edit,
            "Let a workflow begin no more",
            {200: one},
            TAG,
            errors=(404, 409, 412),
            parameters=(IF_MATCH,),
            headers=("ETag",),
        )
        restore = Operation(
            "POST",
            f"{ONE}/restore",
            Permission.DELETE,
            "Take a workflow out of the archive",
            {200: one},
            TAG,
            errors=(404, 412),
            parameters=(IF_MATCH,),
            headers=("ETag",),
        )
        bulk = Operation(
            "POST", f"{ROOT}/bulk", edit, "Change many workflows", {200: results}, TAG, body=ChangeManyBody
        )
        add_operation(app, organise, self.organise_workflow)
        add_operation(app, unpublish, self.unpublish_workflow)
        add_operation(app, restore, self.restore_workflow)
        add_operation(app, bulk, self.change_workflows)

    async def organise_workflow(self, request: Request, workflow_id: UUID) -> Response:
        """It makes no revision, and so the ETag stays."""
        body = check(OrganiseBody, await read_object(request, self.max_body_bytes, required=True))
        wishes = Wishes(body.enabled, None if body.tags is None else tuple(body.tags), body.folder)
        organised = await self.workflows.organise(
            principal_of(request), workflow_id, wishes, expected_revision=require_revision(request)
        )
        return answer_workflow("The workflow is changed.", organised)

    async def unpublish_workflow(self, request: Request, workflow_id: UUID) -> Response:
        """Nothing begins any more; executions that go on go on."""
        await refuse_body(request, self.max_body_bytes)
        withdrawn = await self.workflows.unpublish(
            principal_of(request), workflow_id, expected_revision=read_revision(request)
        )
        return answer_workflow("The workflow is a draft again.", withdrawn)

    async def restore_workflow(self, request: Request, workflow_id: UUID) -> Response:
        """It comes back as a draft."""
        await refuse_body(request, self.max_body_bytes)
        restored = await self.workflows.restore(
            principal_of(request), workflow_id, expected_revision=read_revision(request)
        )
        return answer_workflow("The workflow is back, as a draft.", restored)

    async def change_workflows(self, request: Request) -> Response:
        """Each by itself: what one is refused keeps no other from being changed."""
        body = check(ChangeManyBody, await read_object(request, self.max_body_bytes, required=True))
        wanted = Wanted(Action(body.action), tuple(body.add_tags), tuple(body.remove_tags), body.folder)
        results = await self.bulk.apply(principal_of(request), wanted, body.ids)
        done = sum(result.error is None for result in results)
        return success(f"{done} of {len(results)} workflows are changed.", [show_result(result) for result in results])


def show_result(result: Result) -> dict[str, object]:
    """What became of one workflow, as it is sent; an error as it would be alone."""
    error = result.error
    told = {"remedy": error.remedy, **error.details} if error is not None and error.remedy else {}
    return {
        "workflow_id": result.workflow_id,
        "workflow": None if result.workflow is None else asdict(result.workflow),
        "error": None if error is None else {"message": error.message, "error_code": error.code, "details": told},
    }
