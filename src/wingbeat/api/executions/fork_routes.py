"""The addresses for going on from a part of an execution, and for saying where one is to stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.bodies import BreakpointsBody, ForkBody, RetryExecutionBody
from wingbeat.api.executions.execution_shapes import BreakpointsShape, StartedShape
from wingbeat.api.executions.routes import ONE, TAG, answer_started, given_breakpoints
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_idempotency_key, read_object
from wingbeat.api.routing import IDEMPOTENCY_KEY, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.services.executions.forks import ForkRequest, Given

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.executions.breakpoints import Breakpoints
    from wingbeat.services.executions.forks import Forks


@dataclass(frozen=True)
class ForkRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    forks: Forks
    breakpoints: Breakpoints
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        started = {202: Envelope[StartedShape, NoMeta]}
        headers = ("Location", "Idempotency-Replayed")
        retry = Operation(
            "POST",
            f"{ONE}/retry",
            Permission.EXECUTE,
            "Try an execution again from where it failed",
            started,
            TAG,
            errors=(404, 409),
            body=RetryExecutionBody,
            body_required=False,
            parameters=(IDEMPOTENCY_KEY,),
            headers=headers,
        )
        fork = Operation(
            "POST",
            f"{ONE}/fork",
            Permission.EXECUTE,
            "Begin a new execution from a step of this one",
            started,
            TAG,
            errors=(404, 409),
            body=ForkBody,
            parameters=(IDEMPOTENCY_KEY,),
            headers=headers,
        )
        add_operation(app, retry, self.retry_execution)
        add_operation(app, fork, self.fork_execution)
        breaking = Operation(
            "PUT",
            f"{ONE}/breakpoints",
            Permission.EXECUTE,
            "Say where an execution is to stop",
            {200: Envelope[BreakpointsShape, NoMeta]},
            TAG,
            errors=(404, 409),
            body=BreakpointsBody,
        )
        add_operation(app, breaking, self.set_breakpoints)

    async def retry_execution(self, request: Request, execution_id: UUID) -> Response:
        """A new execution that keeps all that had completed; what failed, and what had not completed, runs again."""
        key = read_idempotency_key(request)
        body = check(RetryExecutionBody, await read_object(request, self.max_body_bytes))
        asked = ForkRequest(
            execution_id, revision=body.revision, idempotency_key=key, breakpoints=given_breakpoints(body.breakpoints)
        )
        return answer_started(await self.forks.fork(principal_of(request), asked))

    async def fork_execution(self, request: Request, execution_id: UUID) -> Response:
        """A new execution that keeps all that does not follow from the step, which runs again or is given an output."""
        key = read_idempotency_key(request)
        given = await read_object(request, self.max_body_bytes, required=True)
        body = check(ForkBody, given)
        asked = ForkRequest(
            execution_id,
            body.node_id,
            body.scope,
            new_input=Given(given["input"]) if "input" in given else None,
            output=Given(given["output"]) if "output" in given else None,
            port=body.port,
            revision=body.revision,
            cancel_original=body.cancel_original,
            idempotency_key=key,
            breakpoints=given_breakpoints(body.breakpoints),
        )
        return answer_started(await self.forks.fork(principal_of(request), asked))

    async def set_breakpoints(self, request: Request, execution_id: UUID) -> Response:
        """All of them: those that it had before count no more. One that runs hears of it at once."""
        given = await read_object(request, self.max_body_bytes, required=True)
        asked = given_breakpoints(check(BreakpointsBody, given).breakpoints)
        execution = await self.breakpoints.set(principal_of(request), execution_id, asked)
        data = {
            "execution_id": execution_id,
            "status": execution.header.status,
            "breakpoints": execution.breakpoints or [],
        }
        return success("The execution stops there.", data)
