"""The addresses of a workflow: create, read, save, archive, publish, validate."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.bodies import ABOUT_FIELDS, AboutBody, UncheckedBody, WorkflowBody
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
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.api.workflows.bodies import PublishBody
from wingbeat.api.workflows.shapes import MyWorkflowShape, ValidationShape, WorkflowShape
from wingbeat.storage.workflows import StoredWorkflow, WorkflowFields

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.core.json_value import JsonObject
    from wingbeat.services.workflows import Checked, Workflows

TAG = "workflows"
ROOT = "/api/v1/workflows"
ONE = ROOT + "/{workflow_id:uuid}"


@dataclass(frozen=True)
class WorkflowRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    workflows: Workflows
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        one = Envelope[WorkflowShape, NoMeta]
        mine = Envelope[MyWorkflowShape, NoMeta]
        checked = Envelope[ValidationShape, NoMeta]
        edit, view = Permission.EDIT, Permission.VIEW
        etag = ("ETag",)
        operations = (
            (
                Operation(
                    "POST",
                    ROOT,
                    edit,
                    "Create a workflow as a draft",
                    {201: one},
                    TAG,
                    errors=(404, 409),
                    body=WorkflowBody,
                    parameters=(IDEMPOTENCY_KEY,),
                    headers=("ETag", "Location", "Idempotency-Replayed"),
                ),
                self.create_workflow,
            ),
            (
                Operation(
                    "POST", f"{ROOT}/validate", view, "Check a definition", {200: checked}, TAG, body=UncheckedBody
                ),
                self.validate_definition,
            ),
            (
                Operation("GET", ONE, view, "Read a workflow", {200: mine}, TAG, errors=(404,), headers=etag),
                self.get_workflow,
            ),
            (
                Operation(
                    "PUT",
                    ONE,
                    edit,
                    "Save the next revision of a workflow",
                    {200: one},
                    TAG,
                    errors=(404, 409, 412, 428),
                    body=WorkflowBody,
                    parameters=(IF_MATCH_REQUIRED,),
                    headers=etag,
                ),
                self.update_workflow,
            ),
            (
                Operation(
                    "DELETE",
                    ONE,
                    Permission.DELETE,
                    "Archive a workflow",
                    {200: one},
                    TAG,
                    errors=(404, 412),
                    parameters=(IF_MATCH,),
                    headers=etag,
                ),
                self.archive_workflow,
            ),
            (
                Operation(
                    "POST",
                    f"{ONE}/publish",
                    edit,
                    "Make a revision the one that runs: the present one, or an earlier",
                    {200: one},
                    TAG,
                    errors=(404, 409, 412),
                    body=PublishBody,
                    body_required=False,
                    parameters=(IF_MATCH,),
                    headers=etag,
                ),
                self.publish_workflow,
            ),
            (
                Operation("POST", f"{ONE}/validate", view, "Check a workflow", {200: checked}, TAG, errors=(404,)),
                self.validate_workflow,
            ),
        )
        for operation, endpoint in operations:
            add_operation(app, operation, endpoint)

    async def create_workflow(self, request: Request) -> Response:
        """Save a new draft; it may have problems, as long as it can be read."""
        key = read_idempotency_key(request)
        fields = read_fields(await read_object(request, self.max_body_bytes, required=True))
        created = await self.workflows.create(principal_of(request), fields, idempotency_key=key)
        headers = {"Location": f"{ROOT}/{created.workflow.header.workflow_id}"}
        if created.replayed:
            headers["Idempotency-Replayed"] = "true"
        return answer_workflow("The workflow is created.", created.workflow, status=201, headers=headers)

    async def validate_definition(self, request: Request) -> Response:
        """All that is wrong with a definition that is not saved."""
        document = await read_object(request, self.max_body_bytes, required=True)
        return answer_checked(await self.workflows.validate_document(principal_of(request), document))

    async def get_workflow(self, request: Request, workflow_id: UUID) -> Response:
        """The workflow as it is being edited, and what the caller may do with it."""
        found = await self.workflows.read(principal_of(request), workflow_id)
        return answer_workflow("The workflow.", found.workflow, my_permissions=sorted(found.permissions))

    async def update_workflow(self, request: Request, workflow_id: UUID) -> Response:
        """Save the next revision; what is published runs on as it is."""
        fields = read_fields(await read_object(request, self.max_body_bytes, required=True))
        updated = await self.workflows.update(
            principal_of(request), workflow_id, fields, expected_revision=require_revision(request)
        )
        return answer_workflow("The workflow is saved.", updated)

    async def archive_workflow(self, request: Request, workflow_id: UUID) -> Response:
        """Take it out of use; its executions stay."""
        archived = await self.workflows.archive(
            principal_of(request), workflow_id, expected_revision=read_revision(request)
        )
        return answer_workflow("The workflow is archived.", archived)

    async def publish_workflow(self, request: Request, workflow_id: UUID) -> Response:
        """Refused with all problems if it has errors."""
        body = check(PublishBody, await read_object(request, self.max_body_bytes))
        published = await self.workflows.publish(
            principal_of(request),
            workflow_id,
            expected_revision=read_revision(request),
            revision=body.revision,
            message=body.message,
        )
        return answer_workflow("The workflow is published.", published)

    async def validate_workflow(self, request: Request, workflow_id: UUID) -> Response:
        """All that is wrong with it as it is being edited."""
        await refuse_body(request, self.max_body_bytes)
        return answer_checked(await self.workflows.validate(principal_of(request), workflow_id))


def read_fields(body: JsonObject) -> WorkflowFields:
    """The body of a save: what is about the workflow, and the rest, which is its definition."""
    about = check(AboutBody, {name: value for name, value in body.items() if name in ABOUT_FIELDS})
    definition = {name: value for name, value in body.items() if name not in ABOUT_FIELDS}
    return WorkflowFields(
        definition,
        about.version,
        about.enabled,
        about.entity_id,
        about.community_id,
        None if about.tags is None else tuple(dict.fromkeys(about.tags)),
        about.folder,
        about.message,
    )


def answer_workflow(
    message: str,
    workflow: StoredWorkflow,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **more: object,
) -> Response:
    """A workflow with its ETag, and `more` about it."""
    data = {**asdict(workflow.header), "definition": workflow.definition, **more}
    return success(message, data, status=status, headers={"ETag": f'"{workflow.header.revision}"', **(headers or {})})


def answer_checked(checked: Checked) -> Response:
    """What is wrong, and whether it could be published."""
    message = "The workflow can be published." if checked.valid else "The workflow has errors."
    return success(message, {"valid": checked.valid, "problems": [found.to_json() for found in checked.problems]})
