"""The addresses of templates: what there is to begin with, and beginning with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.bodies import NOT_BLANK, DefinitionBody, Strict
from wingbeat.api.people.bodies import Scope
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_idempotency_key, read_object
from wingbeat.api.routing import IDEMPOTENCY_KEY, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, Shape
from wingbeat.api.workflows.routes import answer_workflow
from wingbeat.api.workflows.shapes import WorkflowShape
from wingbeat.services.templates import Wanted
from wingbeat.templates.template import preview

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.templates import Templates
    from wingbeat.templates.template import Template

TAG = "templates"
ROOT = "/api/v1/templates"
WORKFLOWS = "/api/v1/workflows"


class TemplateVariableShape(Shape):
    """Something to fill in. `people` and `list` are lists of texts; `connection` is the id of one of a `kind`."""

    name: str
    label: str
    type: Literal[
        "text", "person", "integer", "number", "boolean", "people", "list", "choice", "timezone", "connection"
    ]
    description: str
    default: Any
    required: bool
    choices: list[str]
    kind: str


class TemplateHeaderShape(Shape):
    """What a gallery shows of a template."""

    template_id: str
    name: str
    category: str
    description: str
    tags: list[str]
    node_count: int
    variables: list[TemplateVariableShape]


class TemplateShape(TemplateHeaderShape):
    """A template with its workflow, as it is with what is there by default; `sample` is what it may be tried with."""

    sample: Any
    definition: DefinitionBody


class FromTemplateBody(Strict):
    """A workflow to make of a template."""

    template_id: Annotated[str, Field(min_length=1, max_length=100, examples=["project_kickoff"])]
    name: Annotated[str, Field(min_length=1, max_length=255, pattern=NOT_BLANK)]
    variables: dict[str, Any] = Field({}, description="What the template asks for, by name.")
    community_id: Scope | None = Field(None, description="Whose it is to be; nobody's but the caller's, without it.")


TEMPLATE_BODIES: tuple[type[BaseModel], ...] = (FromTemplateBody,)


@dataclass(frozen=True)
class TemplateRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    templates: Templates
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        read = Permission.SIGNED_IN
        many, one = Envelope[list[TemplateHeaderShape], NoMeta], Envelope[TemplateShape, NoMeta]
        operations = (
            (Operation("GET", ROOT, read, "Workflows to begin with", {200: many}, TAG), self.list_templates),
            (
                Operation("GET", f"{ROOT}/{{template_id}}", read, "One template", {200: one}, TAG, errors=(404,)),
                self.get_template,
            ),
            (
                Operation(
                    "POST",
                    f"{WORKFLOWS}/from-template",
                    Permission.EDIT,
                    "Create a workflow from a template",
                    {201: Envelope[WorkflowShape, NoMeta]},
                    TAG,
                    errors=(404, 409),
                    body=FromTemplateBody,
                    parameters=(IDEMPOTENCY_KEY,),
                    headers=("ETag", "Location", "Idempotency-Replayed"),
                ),
                self.create_from_template,
            ),
        )
        for operation, endpoint in operations:
            add_operation(app, operation, endpoint)

    async def list_templates(self) -> Response:
        """By category and name."""
        return success("Templates.", [show_header(one) for one in self.templates.list()])

    async def get_template(self, template_id: str) -> Response:
        """With its workflow."""
        template = self.templates.get(template_id)
        more = {"sample": template.sample, "definition": preview(template)}
        return success("The template.", {**show_header(template), **more})

    async def create_from_template(self, request: Request) -> Response:
        """Save a new draft: the template's workflow with what was filled in."""
        key = read_idempotency_key(request)
        body = check(FromTemplateBody, await read_object(request, self.max_body_bytes, required=True))
        wanted = Wanted(body.template_id, body.name, body.variables, body.community_id)
        created = await self.templates.create(principal_of(request), wanted, idempotency_key=key)
        headers = {"Location": f"{WORKFLOWS}/{created.workflow.header.workflow_id}"}
        if created.replayed:
            headers["Idempotency-Replayed"] = "true"
        return answer_workflow("The workflow is created.", created.workflow, status=201, headers=headers)


def show_header(template: Template) -> dict[str, Any]:
    """What a gallery shows."""
    return {
        "template_id": template.template_id,
        "name": template.name,
        "category": template.category,
        "description": template.description,
        "tags": template.tags,
        "node_count": len(preview(template)["nodes"]),  # type: ignore[arg-type] # a list
        "variables": [asdict(one) for one in template.variables],
    }
