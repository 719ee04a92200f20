"""The addresses at which workflows are copied, and leave and come as files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import Answer, write_json
from wingbeat.api.bodies import INTEGER_MAX, Folder
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_idempotency_key, read_object, refuse_nul
from wingbeat.api.routing import IDEMPOTENCY_KEY, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.api.workflows.bodies import DuplicateBody, FileAboutBody, ImportBody
from wingbeat.api.workflows.routes import ONE, ROOT, TAG, answer_workflow
from wingbeat.api.workflows.shapes import ImportedShape, WorkflowFileShape, WorkflowShape
from wingbeat.core.problems import Severity
from wingbeat.services.portable import FORMAT, FORMAT_VERSION, NeededConnection, WorkflowFile

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.core.json_value import JsonObject
    from wingbeat.services.portable import PortableWorkflows
    from wingbeat.services.workflows import Created

NOT_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9]+")
LONGEST_FILE_NAME = 80
CREATED = ("ETag", "Location", "Idempotency-Replayed")


class ImportQuery(BaseModel):
    """Where the workflow of a file goes."""

    model_config = ConfigDict(extra="forbid")

    folder: Folder = ""
    community_id: Annotated[int, Field(ge=0, le=INTEGER_MAX)] = 0


@dataclass(frozen=True)
class PortableRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    portable: PortableWorkflows
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        edit = Permission.EDIT
        duplicate = Operation(
            "POST",
            f"{ONE}/duplicate",
            edit,
            "Make a copy of a workflow, as a draft",
            {201: Envelope[WorkflowShape, NoMeta]},
            TAG,
            errors=(404, 409),
            body=DuplicateBody,
            body_required=False,
            parameters=(IDEMPOTENCY_KEY,),
            headers=CREATED,
        )
        export = Operation(
            "GET",
            f"{ONE}/export",
            Permission.VIEW,
            "Read a workflow as a file that any installation can import",
            {200: WorkflowFileShape},
            TAG,
            errors=(404,),
            headers=("Content-Disposition",),
        )
        taking = Operation(
            "POST",
            f"{ROOT}/import",
            edit,
            "Make a draft of a file",
            {201: Envelope[ImportedShape, NoMeta]},
            TAG,
            errors=(404, 409),
            body=ImportBody,
            parameters=(IDEMPOTENCY_KEY,),
            headers=CREATED,
        )
        add_operation(app, duplicate, self.duplicate_workflow)
        add_operation(app, export, self.export_workflow)
        add_operation(app, taking, self.import_workflow)

    async def duplicate_workflow(self, request: Request, workflow_id: UUID) -> Response:
        """With its tags, in the same folder. Webhook addresses, secrets, schedules and grants are not copied."""
        key = read_idempotency_key(request)
        body = check(DuplicateBody, await read_object(request, self.max_body_bytes))
        created = await self.portable.duplicate(principal_of(request), workflow_id, name=body.name, idempotency_key=key)
        return answer_workflow("The copy is made.", created.workflow, status=201, headers=headers_of(created))

    async def export_workflow(self, request: Request, workflow_id: UUID) -> Response:
        """As it is being edited. The answer is the file itself, without the envelope of other answers."""
        file = await self.portable.export(principal_of(request), workflow_id)
        data = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "tags": file.tags,
            "connections": [need._asdict() for need in file.connections],
            "definition": file.definition,
        }
        disposition = f'attachment; filename="{file_name(str(file.definition["name"]))}"'
        return Answer(write_json(data), 200, {"Content-Disposition": disposition})

    async def import_workflow(self, request: Request, query: Annotated[ImportQuery, Query()]) -> Response:
        """A file that was exported, or a definition alone. What it lacks here is told, and the draft is made."""
        refuse_nul(folder=query.folder)
        key = read_idempotency_key(request)
        file = read_workflow_file(await read_object(request, self.max_body_bytes, required=True))
        imported = await self.portable.import_(
            principal_of(request), file, folder=query.folder, community_id=query.community_id, idempotency_key=key
        )
        problems = imported.problems
        return answer_workflow(
            "The workflow is imported." if not problems else "The workflow is imported, and has problems.",
            imported.created.workflow,
            status=201,
            headers=headers_of(imported.created),
            valid=all(problem.severity is not Severity.ERROR for problem in problems),
            problems=[problem.to_json() for problem in problems],
        )


def headers_of(created: Created) -> dict[str, str]:
    """Where the new workflow is, and whether it was made before."""
    headers = {"Location": f"{ROOT}/{created.workflow.header.workflow_id}"}
    return {**headers, "Idempotency-Replayed": "true"} if created.replayed else headers


def read_workflow_file(body: JsonObject) -> WorkflowFile:
    """What a request sent as a file.

    Raises:
        InvalidInput: it says that it is one of ours, and is not.
    """
    if "format" not in body and "definition" not in body:
        return WorkflowFile(body)
    about = check(FileAboutBody, body)
    needed = (NeededConnection(one.node, one.parameter, tuple(one.kinds), one.name) for one in about.connections)
    return WorkflowFile(about.definition, tuple(about.tags), tuple(needed))


def file_name(name: str) -> str:
    """A name that any system takes for the file of a workflow."""
    plain = NOT_IN_FILE_NAMES.sub("-", name).strip("-").lower()[:LONGEST_FILE_NAME].strip("-")
    return f"{plain or 'workflow'}.workflow.json"
