"""The addresses for writing expressions: what they can be made of, what is there to refer to, what one comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.bodies import INTEGER_MAX
from wingbeat.api.executions.bodies import PreviewExpressionBody
from wingbeat.api.executions.inspection_routes import NO_NUL
from wingbeat.api.executions.routes import WORKFLOW
from wingbeat.api.executions.shapes import ExpressionReferenceShape, NodeContextShape, PreviewShape
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_object
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.core.expression.reference import reference
from wingbeat.services.executions.previews import PreviewRequest, Where

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.executions.previews import Previews

TAG = "expressions"
ROOT = "/api/v1/expressions"
NodeId = Annotated[str, Path(pattern=r"^[A-Za-z_][A-Za-z0-9_\-]*$", max_length=100)]


class ContextQuery(BaseModel):
    """From which data."""

    model_config = ConfigDict(extra="forbid")

    execution_id: UUID | None = Field(None, description="Of this execution rather than the last.")
    scope: Annotated[str, Field(max_length=10_000, pattern=NO_NUL)] | None = None
    revision: Annotated[int, Field(ge=1, le=INTEGER_MAX)] | None = None


@dataclass(frozen=True)
class ExpressionRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    previews: Previews
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        known = Operation(
            "GET",
            f"{ROOT}/reference",
            Permission.SIGNED_IN,
            "What expressions can be made of",
            {200: Envelope[ExpressionReferenceShape, NoMeta]},
            TAG,
        )
        add_operation(app, known, self.get_expression_reference)
        preview = Operation(
            "POST",
            f"{ROOT}/preview",
            Permission.VIEW,
            "What an expression comes to, with the data of the last run",
            {200: Envelope[PreviewShape, NoMeta]},
            TAG,
            errors=(404, 409),
            body=PreviewExpressionBody,
        )
        add_operation(app, preview, self.preview_expression)
        context = Operation(
            "GET",
            f"{WORKFLOW}/nodes/{{node_id}}/context",
            Permission.VIEW,
            "The names that expressions of a node can refer to",
            {200: Envelope[NodeContextShape, NoMeta]},
            TAG,
            errors=(404, 409),
        )
        add_operation(app, context, self.get_node_context)

    async def get_expression_reference(self) -> Response:
        """From the table that the language itself goes by."""
        return success("The expression language.", reference())

    async def preview_expression(self, request: Request) -> Response:
        """Nothing is run: the data are those that the node found. A fault of the expression is a good answer too."""
        given = await read_object(request, self.max_body_bytes, required=True)
        body = check(PreviewExpressionBody, given)
        where = Where(body.workflow_id, body.node_id, body.execution_id, body.scope, body.revision)
        asked = PreviewRequest(body.expression, given.get("template"), where, body.context)
        found = await self.previews.preview(principal_of(request), asked)
        return success("There is a value." if found.error is None else "There is no value.", found)

    async def get_node_context(
        self, request: Request, workflow_id: UUID, node_id: NodeId, query: Annotated[ContextQuery, Query()]
    ) -> Response:
        """With the values that they had when the node last ran, and what is known of nodes that did not."""
        where = Where(workflow_id, node_id, query.execution_id, query.scope, query.revision)
        return success("The names.", await self.previews.context(principal_of(request), where))
