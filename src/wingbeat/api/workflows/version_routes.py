"""The addresses of a workflow's versions: read, compared, taken up again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.bodies import INTEGER_MAX
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_object, require_revision
from wingbeat.api.routing import IF_MATCH_REQUIRED, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.api.workflows.bodies import DescribeVersionBody, RestoreVersionBody
from wingbeat.api.workflows.routes import ONE, TAG, answer_workflow
from wingbeat.api.workflows.shapes import (
    DifferenceShape,
    VersionDefinitionShape,
    VersionShape,
    VersionsMeta,
    WorkflowShape,
)

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.core.diff import Difference
    from wingbeat.core.graph import Node
    from wingbeat.services.versions import Versions

ALL = f"{ONE}/versions"
Number = Annotated[int, Path(ge=1, le=INTEGER_MAX)]


class VersionsQuery(BaseModel):
    """Which versions to list."""

    model_config = ConfigDict(extra="forbid")

    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[int, Field(ge=1, le=INTEGER_MAX)] | None = Field(
        None, description="`next_cursor` of the page before: versions before this one."
    )


@dataclass(frozen=True)
class VersionRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    versions: Versions
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        view = Permission.VIEW
        many, one = Envelope[list[VersionShape], VersionsMeta], Envelope[VersionDefinitionShape, NoMeta]
        difference = Envelope[DifferenceShape, NoMeta]
        operations = (
            (
                Operation("GET", ALL, view, "List the versions of a workflow", {200: many}, TAG, (404,)),
                self.list_versions,
            ),
            (
                Operation("GET", f"{ALL}/{{revision}}", view, "Read a version of a workflow", {200: one}, TAG, (404,)),
                self.get_version,
            ),
            (
                Operation(
                    "PATCH",
                    f"{ALL}/{{revision}}",
                    Permission.EDIT,
                    "Say what has changed with a version",
                    {200: Envelope[VersionShape, NoMeta]},
                    TAG,
                    (404,),
                    body=DescribeVersionBody,
                ),
                self.describe_version,
            ),
            (
                Operation(
                    "GET",
                    f"{ALL}/{{revision}}/diff/{{other}}",
                    view,
                    "What changes from one version to another",
                    {200: difference},
                    TAG,
                    (404,),
                ),
                self.compare_versions,
            ),
            (self.restoring(f"{ALL}/{{revision}}/restore"), self.restore_version),
            # As others call it.
            (self.restoring(f"{ONE}/rollback/{{revision}}", hidden=True), self.roll_back_workflow),
        )
        for operation, endpoint in operations:
            add_operation(app, operation, endpoint)

    @staticmethod
    def restoring(path: str, *, hidden: bool = False) -> Operation:
        """Taking a version up again."""
        return Operation(
            "POST",
            path,
            Permission.EDIT,
            "Save a version as the next revision",
            {200: Envelope[WorkflowShape, NoMeta]},
            TAG,
            errors=(404, 409, 412, 428),
            body=RestoreVersionBody,
            body_required=False,
            parameters=(IF_MATCH_REQUIRED,),
            headers=("ETag",),
            hidden=hidden,
        )

    async def list_versions(
        self, request: Request, workflow_id: UUID, query: Annotated[VersionsQuery, Query()]
    ) -> Response:
        """The newest first: every save is one."""
        page = await self.versions.list(
            principal_of(request), workflow_id, before=query.cursor, per_page=query.per_page
        )
        after = page.items[-1].revision if page.more else None
        return success("The versions.", page.items, meta={"per_page": query.per_page, "next_cursor": after})

    async def get_version(self, request: Request, workflow_id: UUID, revision: Number) -> Response:
        """With its definition, as it was saved."""
        found = await self.versions.get(principal_of(request), workflow_id, revision)
        return success("The version.", {**asdict(found.about), "definition": found.definition})

    async def describe_version(self, request: Request, workflow_id: UUID, revision: Number) -> Response:
        """In place of what was said of it before; its definition stays as it was saved."""
        body = check(DescribeVersionBody, await read_object(request, self.max_body_bytes, required=True))
        found = await self.versions.describe(principal_of(request), workflow_id, revision, body.message)
        return success("The version is described.", found)

    async def compare_versions(self, request: Request, workflow_id: UUID, revision: Number, other: Number) -> Response:
        """Nodes are the same if their ids are; whether it behaves otherwise is told apart from how it looks."""
        found = await self.versions.compare(principal_of(request), workflow_id, revision, other)
        return success("What changes.", show_difference(found))

    async def restore_version(self, request: Request, workflow_id: UUID, revision: Number) -> Response:
        """What is published stays as it is until it is published again."""
        body = check(RestoreVersionBody, await read_object(request, self.max_body_bytes))
        saved = await self.versions.restore(
            principal_of(request),
            workflow_id,
            revision,
            expected_revision=require_revision(request),
            message=body.message or None,
        )
        return answer_workflow(f"Revision {revision} is the present one again.", saved)

    async def roll_back_workflow(self, request: Request, workflow_id: UUID, revision: Number) -> Response:
        """The same."""
        return await self.restore_version(request, workflow_id, revision)


def show_difference(found: Difference) -> dict[str, object]:
    """A difference as it is sent."""
    changed = [
        {
            "id": node.id,
            "type": node.type,
            "name": node.name,
            "behaves_otherwise": node.behaves_otherwise,
            "changes": node.changes,
        }
        for node in found.changed
    ]
    return {
        "behaves_otherwise": found.behaves_otherwise,
        "nodes": {
            "added": [show_node(node) for node in found.added],
            "removed": [show_node(node) for node in found.removed],
            "changed": changed,
        },
        "connections": {
            "added": [arrow.to_json() for arrow in found.connected],
            "removed": [arrow.to_json() for arrow in found.disconnected],
        },
        "fields": found.fields,
        "annotations": found.annotations,
    }


def show_node(node: Node) -> dict[str, str]:
    """A node, as people know it."""
    return {"id": node.id, "type": node.type, "name": node.name}
