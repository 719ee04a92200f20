"""The address at which somebody tries a workflow that they draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.bodies import RunBody
from wingbeat.api.executions.execution_shapes import StartedShape
from wingbeat.api.executions.routes import TAG, WORKFLOW, answer_started, given_breakpoints
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_idempotency_key, read_object
from wingbeat.api.routing import IDEMPOTENCY_KEY, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.core.part import Part
from wingbeat.services.executions.drafts import DraftRequest

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.executions.drafts import DraftRuns


@dataclass(frozen=True)
class DraftRoutes:
    """The endpoint; its name is the operation id of the OpenAPI document."""

    drafts: DraftRuns
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the route into the app."""
        run = Operation(
            "POST",
            f"{WORKFLOW}/run",
            Permission.EXECUTE,
            "Try a saved revision of a workflow, as a whole or in part",
            {202: Envelope[StartedShape, NoMeta]},
            TAG,
            errors=(404, 409, 429),
            body=RunBody,
            body_required=False,
            parameters=(IDEMPOTENCY_KEY,),
            headers=("Location", "Idempotency-Replayed"),
        )
        add_operation(app, run, self.run_workflow)

    async def run_workflow(self, request: Request, workflow_id: UUID) -> Response:
        """With side effects, unlike `/test`; what is published is not touched. For who may both edit and run it."""
        key = read_idempotency_key(request)
        given = await read_object(request, self.max_body_bytes)
        body = check(RunBody, given)
        asked = DraftRequest(
            workflow_id,
            body.revision,
            Part(body.to_node, body.only_node, body.use_pins),
            given.get("trigger_data"),
            body.variables,
            body.trigger_node_id,
            (given["input"],) if "input" in given else None,
            body.execution_id,
            body.scope,
            given_breakpoints(body.breakpoints),
            key,
        )
        return answer_started(await self.drafts.start(principal_of(request), asked))
