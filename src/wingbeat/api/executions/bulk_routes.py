"""The address for doing the same with many executions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.executions.bodies import BulkBody
from wingbeat.api.executions.routes import TAG
from wingbeat.api.executions.shapes import BulkResultShape
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_idempotency_key, read_object
from wingbeat.api.routing import IDEMPOTENCY_KEY, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.executions.bulk import BulkActions


@dataclass(frozen=True)
class BulkRoutes:
    """The endpoint; its name is the operation id of the OpenAPI document."""

    bulk: BulkActions
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the route into the app."""
        operation = Operation(
            "POST",
            "/api/v1/executions/bulk",
            Permission.EXECUTE,
            "Cancel, pause, resume, retry or delete up to 100 executions",
            {200: Envelope[list[BulkResultShape], NoMeta]},
            TAG,
            body=BulkBody,
            parameters=(IDEMPOTENCY_KEY,),
            long=True,
        )
        add_operation(app, operation, self.act_on_executions)

    async def act_on_executions(self, request: Request) -> Response:
        """A result for each: one that cannot be acted on says why, and keeps no other from it."""
        key = read_idempotency_key(request)
        body = check(BulkBody, await read_object(request, self.max_body_bytes, required=True))
        principal = principal_of(request)
        if body.preview:
            would = await self.bulk.preview_deletion(principal, body.execution_ids)
            return success(f"Would be done with {sum(one.done for one in would)} of {len(would)}.", would)
        results = await self.bulk.act(principal, body.action, body.execution_ids, key)
        done = sum(result.done for result in results)
        return success(f"Done with {done} of {len(results)}.", results)
