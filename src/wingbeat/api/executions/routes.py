"""The addresses of executions: start, test, list, read, cancel, pause, resume."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.bodies import ExecuteBody, RehearseBody, ResumeBody
from wingbeat.api.executions.execution_shapes import (
    ExecutionHeaderShape,
    ExecutionShape,
    OutcomeShape,
    RehearsalShape,
    StartedShape,
)
from wingbeat.api.executions.given_answers import answer_given
from wingbeat.api.failures import TimedOut
from wingbeat.api.paging import page_meta
from wingbeat.api.people.bodies import Moment
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_idempotency_key, read_object, refuse_body
from wingbeat.api.routing import IDEMPOTENCY_KEY, Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, PageMeta, TriggerKind
from wingbeat.core.access import Permission as Right
from wingbeat.core.errors import InvalidInput
from wingbeat.core.status import ExecutionStatus, StepStatus
from wingbeat.services.executions.executions import STATUSES
from wingbeat.services.executions.start_requests import StartRequest
from wingbeat.storage.control import Answer, Decision, Going, Place
from wingbeat.storage.executions import Wanted
from wingbeat.storage.paging import Paging

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI

    from wingbeat.api.bodies import BreakpointBody
    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import JsonObject
    from wingbeat.services.executions.executions import ExecutionDetails, Executions
    from wingbeat.services.executions.rehearsal import Rehearser
    from wingbeat.services.executions.responses import Given
    from wingbeat.services.executions.start_requests import Started, Summary
    from wingbeat.services.workflows import Workflows
    from wingbeat.storage.executions import ExecutionHeader, StoredStep

TAG = "executions"
WORKFLOW = "/api/v1/workflows/{workflow_id:uuid}"
ONE = "/api/v1/workflows/executions/{execution_id:uuid}"
LONGEST_WAIT_SECONDS = 300.0
WORKFLOW_ID: dict[str, Any] = {
    "name": "workflow_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}
WAIT: dict[str, Any] = {
    "name": "wait",
    "in": "query",
    "required": False,
    "description": "Seconds to wait for the end; it goes on if that is not enough.",
    "schema": {"type": "number", "minimum": 0, "maximum": LONGEST_WAIT_SECONDS, "default": 0},
}
Status = Literal["pending", "running", "waiting", "paused", "completed", "failed", "cancelled"]


class ExecutionListQuery(BaseModel):
    """Which executions to list; `status` may be there several times."""

    model_config = ConfigDict(extra="forbid")

    status: Annotated[list[Status], Field(max_length=7)] = []
    sort: Literal["-start_time", "start_time"] = "-start_time"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before; `page` does not count then.")
    root_execution_id: UUID | None = Field(
        None, description="Only this execution and all that come from it through sub-workflows, however deep."
    )
    workflow_id: UUID | None = None
    trigger_kind: Annotated[list[TriggerKind], Field(max_length=9)] = Field([], description="What started it.")
    started_after: Moment | None = None
    started_before: Moment | None = None
    text: Annotated[str, Field(max_length=200, pattern=r"^[^\u0000]*$")] = Field(
        "", description="The beginning of an id, or in the name of the workflow or the error: its text, code or node."
    )
    least_seconds: Annotated[float, Field(ge=0, le=1e9)] | None = None
    most_seconds: Annotated[float, Field(ge=0, le=1e9)] | None = None
    drafts: bool | None = Field(None, description="Only tries of saved revisions, or none of them.")
    with_total: bool = Field(default=True, description="Count them all, which takes a while where there are many.")


class ExecutionQuery(BaseModel):
    """What to show of an execution besides its state: its journal, with or without logs, and its metrics."""

    model_config = ConfigDict(extra="forbid")

    include_steps: bool = False
    include_logs: bool = False
    include_metrics: bool = False
    after_sequence: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class Starts(Protocol):
    """Starts executions: services.start.Starter."""

    async def start(self, principal: Principal, request: StartRequest) -> Started:
        """Record it; a worker runs it."""
        ...

    async def start_and_wait(self, principal: Principal, request: StartRequest, seconds: float) -> Summary:
        """Start it, and tell how it is when it ends or the time is up."""
        ...


@dataclass(frozen=True)
class ExecutionRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    executions: Executions
    workflows: Workflows
    starter: Starts
    rehearser: Rehearser
    max_body_bytes: int

    def add_starting_to(self, app: FastAPI) -> None:
        """Put the routes that start something into the app: first of all, for they are asked most."""
        ended, started = Envelope[OutcomeShape, NoMeta], Envelope[StartedShape, NoMeta]
        execute = Operation(
            "POST",
            f"{WORKFLOW}/execute",
            Permission.EXECUTE,
            "Execute a workflow",
            {200: ended, 202: started},
            TAG,
            errors=(404, 409, 429),
            body=ExecuteBody,
            body_required=False,
            parameters=(WORKFLOW_ID, WAIT, IDEMPOTENCY_KEY),
            headers=("Location", "Idempotency-Replayed"),
            long=True,
        )
        test = Operation(
            "POST",
            f"{WORKFLOW}/test",
            Permission.EXECUTE,
            "Run a workflow without side effects",
            {200: Envelope[RehearsalShape, NoMeta]},
            TAG,
            errors=(404, 409, 504),
            body=RehearseBody,
            body_required=False,
            long=True,
        )
        add_operation(app, execute, self.execute_workflow)
        add_operation(app, test, self.test_workflow)

    def add_to(self, app: FastAPI) -> None:
        """Put the other routes into the app."""
        many, header = Envelope[list[ExecutionHeaderShape], PageMeta], Envelope[ExecutionHeaderShape, NoMeta]
        view, run = Permission.VIEW, Permission.EXECUTE
        operations = (
            (
                Operation(
                    "GET", f"{WORKFLOW}/executions", view, "List a workflow's executions", {200: many}, TAG, (404,)
                ),
                self.list_workflow_executions,
            ),
            (
                Operation("GET", "/api/v1/executions", view, "List executions", {200: many}, TAG, (404,)),
                self.list_executions,
            ),
            (
                Operation("GET", ONE, view, "Read an execution", {200: Envelope[ExecutionShape, NoMeta]}, TAG, (404,)),
                self.get_execution,
            ),
            (
                Operation("POST", f"{ONE}/cancel", run, "Cancel an execution", {200: header}, TAG, (404, 409)),
                self.cancel_execution,
            ),
            (
                Operation("POST", f"{ONE}/pause", run, "Pause an execution", {200: header}, TAG, (404, 409)),
                self.pause_execution,
            ),
            (
                Operation(
                    "POST",
                    f"{ONE}/resume",
                    run,
                    "Let an execution go on",
                    {200: header},
                    TAG,
                    (404, 409),
                    body=ResumeBody,
                    body_required=False,
                ),
                self.resume_execution,
            ),
        )
        for operation, endpoint in operations:
            add_operation(app, operation, endpoint)

    async def execute_workflow(self, request: Request) -> Response:
        """Answered with 202 once the execution is recorded; with `wait`, with 200 and its result if it ends in time."""
        # What it takes is read by hand: this is the one address where microseconds count.
        wait = read_wait(request)
        key = read_idempotency_key(request)
        body = await read_object(request, self.max_body_bytes)
        asked = check(ExecuteBody, body)
        start = StartRequest(
            request.path_params["workflow_id"],
            body.get("trigger_data"),
            asked.variables,
            asked.trigger_node_id,
            asked.priority,
            key,
            given_breakpoints(asked.breakpoints),
        )
        principal = principal_of(request)
        if not wait:
            return answer_started(await self.starter.start(principal, start))
        summary = await self.starter.start_and_wait(principal, start, wait)
        if summary.response is not None:
            return answer_as_asked(summary, summary.response)
        return answer_outcome(summary) if summary.status.terminal else answer_started(summary)

    async def test_workflow(self, request: Request, workflow_id: UUID) -> Response:
        """The same engine on the definition as it is being edited; nothing outside is changed."""
        asked = check(RehearseBody, await read_object(request, self.max_body_bytes))
        workflow = await self.workflows.get(principal_of(request), workflow_id, Right.EXECUTE)
        try:
            report = await self.rehearser.run(
                workflow.definition, asked.trigger_data, asked.variables, asked.trigger_node_id
            )
        except TimeoutError as error:
            raise TimedOut(
                "The test run took longer than a workflow may.",
                remedy="Look for a loop that does not end, or raise the workflow's timeout_seconds.",
            ) from error
        return success(f"The test run has {report.status}.", report)

    async def list_workflow_executions(
        self, request: Request, workflow_id: UUID, query: Annotated[ExecutionListQuery, Query()]
    ) -> Response:
        """One page."""
        return await self._list(principal_of(request), workflow_id, query)

    async def list_executions(self, request: Request, query: Annotated[ExecutionListQuery, Query()]) -> Response:
        """One page of the executions of all workflows."""
        return await self._list(principal_of(request), None, query)

    async def get_execution(
        self, request: Request, execution_id: UUID, query: Annotated[ExecutionQuery, Query()]
    ) -> Response:
        """Its state, and as much more as is asked for; up to 1,000 steps at once."""
        steps = query.include_steps or query.include_logs
        details = await self.executions.get(
            principal_of(request), execution_id, progress=True, steps=steps, after_sequence=query.after_sequence
        )
        return success("The execution.", show_details(details, query))

    async def cancel_execution(self, request: Request, execution_id: UUID) -> Response:
        """A running one stops within a second; an end is final."""
        await refuse_body(request, self.max_body_bytes)
        return success("The execution is cancelled.", await self.executions.cancel(principal_of(request), execution_id))

    async def pause_execution(self, request: Request, execution_id: UUID) -> Response:
        """A running one stops after the steps that are under way."""
        await refuse_body(request, self.max_body_bytes)
        paused = await self.executions.pause(principal_of(request), execution_id)
        message = "The execution is paused." if paused.status == "paused" else "The execution will pause."
        return success(message, paused)

    async def resume_execution(self, request: Request, execution_id: UUID) -> Response:
        """It goes on where it was, from a breakpoint, or as a person decided about a step of unknown outcome."""
        given = await read_object(request, self.max_body_bytes)
        answer = read_answer(check(ResumeBody, given), given)
        header = await self.executions.resume(principal_of(request), execution_id, answer)
        rests = header.status == ExecutionStatus.PAUSED
        return success("The execution waits for the other answers." if rests else "The execution goes on.", header)

    async def _list(self, principal: Principal, workflow_id: UUID | None, query: ExecutionListQuery) -> Response:
        wanted = Wanted(
            query.status or STATUSES,
            workflow_id or query.workflow_id,
            query.root_execution_id,
            query.trigger_kind,
            query.started_after,
            query.started_before,
            query.text,
            query.least_seconds,
            query.most_seconds,
            query.drafts,
        )
        paging = Paging(query.sort, query.page, query.per_page, query.cursor)
        page = await self.executions.list(principal, wanted, paging)
        counted = query.cursor is None and query.with_total
        total = await self.executions.count(principal, wanted) if counted else None
        last: ExecutionHeader | None = page.items[-1] if page.more else None
        return success("Executions.", page.items, meta=page_meta(paging, total, last.execution_id if last else None))


def read_answer(body: ResumeBody, given: JsonObject) -> Answer | Going | None:
    """What the body answers, if anything.

    Raises:
        InvalidInput: it has a scope without a node, or both a decision and what belongs to a breakpoint.
    """
    if body.scope is not None and body.node is None:
        raise InvalidInput("The body has a scope, and no node.", remedy="Name the step by both.")
    if body.decision is not None and (body.mode is not None or body.edit is not None):
        raise InvalidInput(
            "The body has a decision, and a mode or an edit too.",
            remedy="A decision is for a step whose outcome is not known, mode and edit are for breakpoints.",
        )
    place = None if body.node is None else Place(body.node, body.scope)
    if body.decision is not None:
        return Answer(Decision(body.decision), body.output, body.port, place)
    if body.mode is None and body.edit is None and place is None:
        return None
    edit = given.get("edit")
    kept = {name: value for name, value in edit.items() if name == "input" or value} if isinstance(edit, dict) else {}
    return Going(body.mode == "step", place, kept)


def given_breakpoints(bodies: Sequence[BreakpointBody]) -> list[JsonObject]:
    """Breakpoints as the services take them."""
    return [{"node": one.node, "condition": one.condition} for one in bodies]


def read_wait(request: Request) -> float:
    """The parameter `wait`, in seconds; 0 without it.

    Raises:
        InvalidInput: it is not a number from 0 to 300.
    """
    if not request.scope["query_string"]:
        return 0.0
    given = request.query_params.get("wait", "0")
    try:
        seconds = float(given)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_WAIT_SECONDS or not given.strip("0123456789.eE+-") == "":
        raise InvalidInput(
            f"The parameter wait is {given[:50]!r}.",
            remedy=f"Give seconds from 0 to {LONGEST_WAIT_SECONDS:g}.",
        )
    return seconds


def start_headers(started: Started | Summary) -> dict[str, str]:
    """Where the execution is; and whether it was there before."""
    headers = {"Location": f"/api/v1/workflows/executions/{started.execution_id}"}
    if started.replayed:
        headers["Idempotency-Replayed"] = "true"
    return headers


def answer_started(started: Started | Summary) -> Response:
    """An execution that goes on."""
    data = {"execution_id": started.execution_id, "status": started.status, "start_time": started.start_time}
    return success("The execution has started.", data, status=202, headers=start_headers(started))


def answer_outcome(summary: Summary) -> Response:
    """An execution that has ended."""
    end = summary.end_time or summary.start_time
    data = {
        "execution_id": summary.execution_id,
        "workflow_id": summary.workflow_id,
        "status": summary.status,
        "start_time": summary.start_time,
        "end_time": summary.end_time,
        "execution_time_seconds": round((end - summary.start_time).total_seconds(), 3),
        "nodes_executed": summary.nodes_executed,
        "final_output": summary.output,
        "error": summary.error,
    }
    return success(f"The execution has {ENDINGS[summary.status.value]}.", data, headers=start_headers(summary))


def answer_as_asked(summary: Summary, given: Given) -> Response:
    """What the workflow itself answers, to a caller who waits; the execution goes on."""
    return answer_given(given, start_headers(summary))


ENDINGS = {"completed": "completed", "failed": "failed", "cancelled": "been cancelled"}


def show_details(details: ExecutionDetails, query: ExecutionQuery) -> dict[str, object]:
    """An execution as it is sent."""
    execution = details.execution
    shown: dict[str, object] = {
        **asdict(execution.header),
        "trigger_data": execution.trigger_data,
        "variables": execution.variables,
        "execution_path": execution.execution_path,
        "node_states": execution.node_states,
        "final_variables": execution.final_variables,
        "final_output": execution.final_output,
        "error": execution.error,
        "parent_execution_id": execution.parent_execution_id,
        "root_execution_id": execution.root_execution_id,
        "depth": execution.depth,
        "children": [child._asdict() for child in details.children],
        "forked_from": execution.forked_from,
        "forked_node_id": execution.forked_node_id,
        "forked_scope": execution.forked_scope,
        "breakpoints": execution.breakpoints or [],
        "stepping": execution.stepping,
    }
    if query.include_metrics:
        shown["metrics"] = {
            "execution_time_seconds": execution.header.execution_time_seconds,
            "nodes_executed": execution.header.nodes_executed,
            "takeovers": execution.takeovers,
        }
    if details.steps is not None:
        shown["steps"] = [show_step(step, logs=query.include_logs) for step in details.steps]
        shown["more_steps"] = details.more_steps
    return shown


def show_step(step: StoredStep, *, logs: bool) -> dict[str, object]:
    """A row of the journal as it is sent: ports as a list, times as text."""
    shown: dict[str, object] = {name: getattr(step, name) for name in step.__slots__ if name != "log" or logs}
    # The row of an end keeps the final status where others have their ports.
    shown["ports"] = [] if step.status == StepStatus.ENDED or not step.ports else step.ports.lstrip("*").split(",")
    if step.status == StepStatus.WAITING and isinstance(step.output, dict):
        until = step.output.get("until")
        if isinstance(until, int | float):
            shown["output"] = {**step.output, "until": datetime.fromtimestamp(until, UTC)}
    return shown
