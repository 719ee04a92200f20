"""The addresses of forms as their owners have them: list, change, rotate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.bodies import TAKE_WHOLE, Strict
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_object, refuse_body, refuse_nul
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, Shape

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.forms.forms import Forms
    from wingbeat.storage.forms import StoredForm

TAG = "forms"
ROOT = "/api/v1/workflows/{workflow_id:uuid}/forms"
ONE = ROOT + "/{form_id:uuid}"


class FormBody(Strict):
    """What is to be different about a form."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    enabled: bool = True
    rate_limit_max: Annotated[
        int, Field(ge=1, le=1_000_000, description="How often one address may send it within the window."), TAKE_WHOLE
    ] = 10
    rate_limit_window: Annotated[int, Field(ge=1, le=86_400, description="In seconds."), TAKE_WHOLE] = 60
    thanks_title: Annotated[str, Field(max_length=200, description="Of the page that comes after it.")] = ""
    thanks_text: Annotated[str, Field(max_length=5_000)] = ""


class FormShape(Shape):
    """A form; `published` says whether the published revision has it."""

    form_id: UUID
    workflow_id: UUID
    node_id: str
    url: str
    enabled: bool
    published: bool
    rate_limit_max: int
    rate_limit_window: int
    thanks_title: str
    thanks_text: str
    created_at: datetime
    updated_at: datetime
    submission_count: int
    last_submitted_at: datetime | None
    last_execution_id: UUID | None


FORM_BODIES: tuple[type[BaseModel], ...] = (FormBody,)
LIST = Operation(
    "GET", ROOT, Permission.VIEW, "List a workflow's forms", {200: Envelope[list[FormShape], NoMeta]}, TAG, (404,)
)
UPDATE = Operation(
    "PATCH",
    ONE,
    Permission.EDIT,
    "Change how a form is set",
    {200: Envelope[FormShape, NoMeta]},
    TAG,
    (404,),
    body=FormBody,
)
ROTATE = Operation(
    "POST",
    f"{ONE}/rotate",
    Permission.EDIT,
    "Give a form another address",
    {200: Envelope[FormShape, NoMeta]},
    TAG,
    (404,),
)


@dataclass(frozen=True)
class FormRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    forms: Forms
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        add_operation(app, LIST, self.list_forms)
        add_operation(app, UPDATE, self.update_form)
        add_operation(app, ROTATE, self.rotate_form)

    async def list_forms(self, request: Request, workflow_id: UUID) -> Response:
        """One for each trigger.form of the published revision, and those that earlier ones had."""
        found = await self.forms.list(principal_of(request), workflow_id)
        return success("Forms.", [self._show(form) for form in found])

    async def update_form(self, request: Request, workflow_id: UUID, form_id: UUID) -> Response:
        """What is not named stays as it is."""
        body = check(FormBody, await read_object(request, self.max_body_bytes, required=True))
        refuse_nul(thanks_title=body.thanks_title, thanks_text=body.thanks_text)
        changes = body.model_dump(exclude_unset=True)
        form = await self.forms.update(principal_of(request), workflow_id, form_id, changes)
        return success("The form is changed.", self._show(form))

    async def rotate_form(self, request: Request, workflow_id: UUID, form_id: UUID) -> Response:
        """At the address before there is nothing any more."""
        await refuse_body(request, self.max_body_bytes)
        form = await self.forms.rotate(principal_of(request), workflow_id, form_id)
        return success("The form has another address.", self._show(form))

    def _show(self, form: StoredForm) -> dict[str, Any]:
        shown = {name: value for name, value in form._asdict().items() if name not in {"token", "definition"}}
        return {**shown, "url": self.forms.url(form)}
